//! What the training command shares with use: the same features, and the form of the models.

use std::ops::Range;

use model::{EntityKind, EntityValue};

use crate::{
    Vocabulary,
    intent::grams,
    learned::features::{FeatureList, bucket},
    scan::Scan,
    tag::{evidence::Evidence, labels},
};

pub use crate::{
    learned::{
        linear::{Linear, encoded},
        sequence::Chain,
    },
    tag::labels as tags,
};

pub use crate::reference::{stand::Stand, with_evidence};

/// What the intent's model sees of an utterance whose tokens have these tags.
pub fn intent_features(text: &str, tags: &[usize]) -> FeatureList {
    with_scan(text, |scan| grams::features(scan, &labels::spans(tags)))
}

/// What the chain sees of each token, as rows of a table of `2^bits`, and where the tokens stand.
pub struct Tokens {
    pub features: Vec<Vec<u32>>,
    /// Byte offsets.
    pub spans: Vec<Range<usize>>,
}

pub fn tag_features(text: &str, bits: u32) -> Tokens {
    with_scan(text, |scan| {
        let evidence = Evidence::new(scan);
        let mut list = FeatureList::default();
        let features = (0..scan.len())
            .map(|at| {
                list.clear();
                evidence.fill(at, &mut list);
                list.numbers().iter().map(|&number| bucket(number, bits)).collect()
            })
            .collect();
        let spans = scan.tokens.iter().map(|token| token.span.clone()).collect();
        Tokens { features, spans }
    })
}

fn with_scan<T>(text: &str, read: impl FnOnce(&Scan) -> T) -> T {
    let vocabulary = Vocabulary::default();
    let zone = jiff::tz::TimeZone::UTC;
    let moment = crate::Moment { now: jiff::Timestamp::UNIX_EPOCH, zone: &zone };
    read(&crate::scan_of(text, &vocabulary, &moment, None))
}

/// An entity's normalised value by the rules for its kind: what the rules found there, else what its
/// words say.
pub fn normalised(text: &str, kind: EntityKind, span: &Range<usize>) -> Option<EntityValue> {
    with_scan(text, |scan| {
        let inside = |bytes: &Range<usize>| bytes.start < span.end && span.start < bytes.end;
        let ruled = scan.entities.iter().find(|entity| entity.kind == kind && inside(&entity.span));
        let at = |index: &usize| inside(&scan.tokens[*index].span);
        let first = (0..scan.len()).find(at)?;
        let last = (0..scan.len()).rev().find(at)?;
        ruled
            .map(|entity| entity.value.clone())
            .or_else(|| crate::normal::value(scan, kind, first..last + 1))
    })
}

/// The tags of labelled spans (byte offsets) over tokens.
pub fn gold_tags(tokens: &[Range<usize>], labelled: &[(EntityKind, Range<usize>)]) -> Vec<usize> {
    let mut tags = vec![labels::OUTSIDE; tokens.len()];
    for (kind, span) in labelled {
        let mut first = true;
        for (tag, token) in tags.iter_mut().zip(tokens) {
            if token.start < span.end && span.start < token.end {
                *tag = if first { labels::begin(*kind) } else { labels::inside(*kind) };
                first = false;
            }
        }
    }
    tags
}
