//! What the training command shares with use: the same features, and the form of the models.

use std::ops::Range;

use model::{EntityKind, EntityValue};

use crate::{
    Focus, Moment, Reading, Vocabulary,
    intent::grams,
    learned::features::{FeatureList, bucket},
    reference::{
        meant,
        named::{self, TurnEvidence},
    },
    scan::Scan,
    tag::{
        evidence::{Evidence, compounds},
        labels,
    },
    text::Kind,
};

pub use crate::{
    learned::{
        linear::{Linear, encoded},
        sequence::Chain,
    },
    tag::labels as tags,
};

pub use crate::reference::{Trial, stand::Stand, try_models, with_evidence};

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
        tokens(scan, bits, |at, list| evidence.fill(at, list))
    })
}

fn tokens(scan: &Scan, bits: u32, fill: impl Fn(usize, &mut FeatureList)) -> Tokens {
    let mut list = FeatureList::default();
    let features = (0..scan.len())
        .map(|at| {
            list.clear();
            fill(at, &mut list);
            list.numbers().iter().map(|&number| bucket(number, bits)).collect()
        })
        .collect();
    let spans = scan.tokens.iter().map(|token| token.span.clone()).collect();
    Tokens { features, spans }
}

/// What the chain of turns sees of each token: of a turn behind others.
pub fn turn_features(
    reading: &Reading,
    text: &str,
    focus: &Focus,
    moment: &Moment<'_>,
    bits: u32,
) -> Tokens {
    let scan = named::scan(text, moment);
    let evidence = TurnEvidence::new(&scan, reading, focus);
    tokens(&scan, bits, |at, list| evidence.fill(at, list))
}

/// The words of at most so many tokens that mean an entity of the kind, as the rules or
/// [`crate::normal`] read them in their conversation: the value and where it stands.
pub fn readings(
    text: &str,
    kind: EntityKind,
    focus: &Focus,
    moment: &Moment<'_>,
    longest: usize,
) -> Vec<(EntityValue, Range<usize>)> {
    let scan = named::scan(text, moment);
    let compounds = compounds(&scan);
    let ruled = scan.entities.iter().filter(|entity| entity.kind == kind);
    let mut found: Vec<(EntityValue, Range<usize>)> =
        ruled.map(|entity| (entity.value.clone(), entity.span.clone())).collect();
    for length in 1..=longest {
        for start in 0..(scan.len() + 1).saturating_sub(length) {
            let tokens = start..start + length;
            if !is_whole(&scan, &compounds, &tokens) {
                continue;
            }
            let Some(value) = crate::normal::value(&scan, kind, tokens.clone()) else { continue };
            let value = meant::completed(&scan, kind, tokens.clone(), value, focus, moment);
            found.push((value, scan.span(tokens)));
        }
    }
    found
}

/// Whether the tokens cut no name that is written together; the stop behind a sentence is none's.
fn is_whole(scan: &Scan, compounds: &[Range<usize>], tokens: &Range<usize>) -> bool {
    let starts = compounds.get(tokens.start).is_some_and(|compound| compound.start == tokens.start);
    let is_sign = |at: usize| scan.tokens[at].kind == Kind::Sign;
    let ends = compounds.get(tokens.end - 1).is_some_and(|compound| {
        (tokens.end..compound.end).all(is_sign) && !is_sign(tokens.end - 1)
            || tokens.end == compound.end
    });
    starts && ends
}

fn with_scan<T>(text: &str, read: impl FnOnce(&Scan) -> T) -> T {
    let vocabulary = Vocabulary::default();
    let zone = jiff::tz::TimeZone::UTC;
    let moment = Moment { now: jiff::Timestamp::UNIX_EPOCH, zone: &zone };
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
