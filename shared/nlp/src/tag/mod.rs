//! Which words name what: a linear chain over the tokens, learned from labelled data, that sees what
//! the rules found.
//!
//! The chain decides where entities stand and of what kind they are; the rules and
//! [`crate::normal`] say what their words mean.

pub(crate) mod evidence;
pub mod labels;

use std::{ops::Range, sync::LazyLock};

use model::EntityKind;

use crate::{
    learned::{features::FeatureList, linear::Linear, sequence::Chain},
    scan::Scan,
};
use evidence::Evidence;

/// Longer texts are read in pieces of this many tokens, so that time and memory stay bounded.
const MAX_PIECE: usize = 256;

static MODEL: LazyLock<Option<Tagger>> =
    LazyLock::new(|| Tagger::new(include_bytes!("../../data/tags.bin")));

/// The entities that the words name, in order. `locked` says of which tokens the kind is known.
pub(crate) fn spans(scan: &Scan, locked: &[Option<usize>]) -> Vec<(EntityKind, Range<usize>)> {
    let Some(tagger) = MODEL.as_ref() else { return Vec::new() };
    let evidence = Evidence::new(scan);
    tagger.spans(scan.len(), locked, |at, list| evidence.fill(at, list))
}

/// A chain with its weights.
#[derive(Debug, Clone)]
pub(crate) struct Tagger {
    places: Linear,
    steps: Vec<f32>,
    starts: Vec<f32>,
}

impl Tagger {
    pub(crate) fn new(bytes: &'static [u8]) -> Option<Self> {
        let places = Linear::new(bytes).filter(|places| places.classes == labels::COUNT)?;
        let row = |from: Option<usize>| {
            let mut row = places.scores_of_set(&[labels::step_feature(from)]);
            for (to, score) in row.iter_mut().enumerate() {
                if !labels::may_follow(from, to) {
                    *score = f32::NEG_INFINITY;
                }
            }
            row
        };
        let steps = (0..labels::COUNT).flat_map(|from| row(Some(from))).collect();
        Some(Self { places, steps, starts: row(None) })
    }

    /// The entities among so many tokens, whose features `fill` tells.
    pub(crate) fn spans(
        &self,
        count: usize,
        locked: &[Option<usize>],
        fill: impl Fn(usize, &mut FeatureList),
    ) -> Vec<(EntityKind, Range<usize>)> {
        let mut list = FeatureList::default();
        let mut tags = Vec::with_capacity(count);
        for start in (0..count).step_by(MAX_PIECE) {
            let piece = start..(start + MAX_PIECE).min(count);
            let mut places = Vec::with_capacity(piece.len() * labels::COUNT);
            for at in piece {
                list.clear();
                fill(at, &mut list);
                let mut scores = self.places.scores_of_set(list.numbers());
                if let Some(Some(label)) = locked.get(at) {
                    for (other, score) in scores.iter_mut().enumerate() {
                        if other != *label {
                            *score = f32::NEG_INFINITY;
                        }
                    }
                }
                places.append(&mut scores);
            }
            let chain = Chain {
                labels: labels::COUNT,
                places: &places,
                steps: &self.steps,
                starts: &self.starts,
            };
            tags.extend(chain.best());
        }
        labels::spans(&tags)
    }
}
