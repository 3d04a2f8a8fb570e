//! Which of the labelled entities were found, and which found ones nobody labelled.

use std::ops::Range;

use model::EntityKind;
use serde_json::Value;

use crate::{
    agree::agree,
    data::{InForce, Label},
    prediction::PredictedEntity,
};

/// A labelled entity, of an utterance or in force at a turn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gold<'a> {
    pub(crate) kind: EntityKind,
    /// Where its words stand; `None` where only what is meant counts.
    pub(crate) span: Option<&'a Range<usize>>,
    /// Empty where only what is meant counts.
    pub(crate) text: &'a str,
    pub(crate) normalized: &'a Value,
    pub(crate) optional: bool,
}

impl<'a> From<&'a Label> for Gold<'a> {
    fn from(label: &'a Label) -> Self {
        Self {
            kind: label.kind,
            span: Some(&label.span),
            text: &label.text,
            normalized: &label.normalized,
            optional: label.optional,
        }
    }
}

impl<'a> From<&'a InForce> for Gold<'a> {
    fn from(entity: &'a InForce) -> Self {
        Self {
            kind: entity.kind,
            span: None,
            text: "",
            normalized: &entity.normalized,
            optional: entity.optional,
        }
    }
}

impl Gold<'_> {
    /// Whether the words of a found entity touch those of this one.
    pub(crate) fn touches(&self, found: &PredictedEntity) -> bool {
        self.span.is_none_or(|span| span.start < found.end && found.start < span.end)
    }

    fn is_met_by(&self, found: &PredictedEntity) -> bool {
        self.kind == found.kind
            && self.touches(found)
            && agree(self.kind, self.normalized, &found.normalized)
    }
}

/// Positions in the two lists. What meets an optional label is in none of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Matching {
    pub(crate) hits: Vec<usize>,
    /// Labelled and not found.
    pub(crate) missed: Vec<usize>,
    /// Found and not labelled.
    pub(crate) spurious: Vec<usize>,
}

impl Matching {
    /// Pairs each label with at most one found entity, the labels that must be found first.
    pub(crate) fn new(golds: &[Gold<'_>], found: &[PredictedEntity]) -> Self {
        let mut matching = Self::default();
        let mut used = vec![false; found.len()];
        let required = golds.iter().enumerate().filter(|(_, gold)| !gold.optional);
        let optional = golds.iter().enumerate().filter(|(_, gold)| gold.optional);
        for (index, gold) in required.chain(optional) {
            let met = (0..found.len()).find(|&at| !used[at] && gold.is_met_by(&found[at]));
            if let Some(at) = met {
                used[at] = true;
            }
            match (gold.optional, met) {
                (true, _) => {}
                (false, Some(_)) => matching.hits.push(index),
                (false, None) => matching.missed.push(index),
            }
        }
        matching.spurious = (0..found.len()).filter(|&at| !used[at]).collect();
        matching
    }

    pub(crate) fn is_exact(&self) -> bool {
        self.missed.is_empty() && self.spurious.is_empty()
    }
}

/// Each meaning once: a set of entities does not count how often one is named.
pub(crate) fn distinct(entities: Vec<PredictedEntity>) -> Vec<PredictedEntity> {
    let mut kept: Vec<PredictedEntity> = Vec::with_capacity(entities.len());
    for entity in entities {
        let is_there = kept.iter().any(|other| {
            other.kind == entity.kind && agree(entity.kind, &other.normalized, &entity.normalized)
        });
        if !is_there {
            kept.push(entity);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(kind: EntityKind, span: Range<usize>, value: &str) -> PredictedEntity {
        PredictedEntity {
            kind,
            text: value.to_owned(),
            start: span.start,
            end: span.end,
            normalized: json!(value),
        }
    }

    fn label(kind: EntityKind, span: Range<usize>, value: &str, optional: bool) -> Label {
        Label { kind, text: value.to_owned(), normalized: json!(value), optional, span }
    }

    #[test]
    fn type_place_and_value_must_agree() {
        use EntityKind::{Host, Service};
        let must = |value| label(Service, 0..4, value, false);
        let may = |value| label(Service, 0..4, value, true);
        // Labels, what is found, and how many are hits, missed and spurious.
        for (labels, found, expected) in [
            (vec![must("auth")], vec![found(Service, 0..4, "auth")], (1, 0, 0)),
            (vec![must("auth")], vec![found(Service, 3..9, "auth")], (1, 0, 0)),
            (vec![must("auth")], vec![found(Service, 4..9, "auth")], (0, 1, 1)),
            (vec![must("auth")], vec![found(Host, 0..4, "auth")], (0, 1, 1)),
            (vec![must("auth")], vec![found(Service, 0..4, "cart")], (0, 1, 1)),
            (vec![must("auth")], vec![], (0, 1, 0)),
            (vec![], vec![found(Service, 0..4, "auth")], (0, 0, 1)),
            // One cannot be two.
            (vec![must("auth"), must("auth")], vec![found(Service, 0..4, "auth")], (1, 1, 0)),
            (
                vec![must("auth")],
                vec![found(Service, 0..2, "auth"), found(Service, 2..4, "auth")],
                (1, 0, 1),
            ),
            // Optional ones are neither missed nor spurious, and take nothing from the others.
            (vec![may("auth")], vec![], (0, 0, 0)),
            (vec![may("auth")], vec![found(Service, 0..4, "auth")], (0, 0, 0)),
            (vec![may("auth")], vec![found(Service, 0..4, "cart")], (0, 0, 1)),
            (vec![may("auth"), must("auth")], vec![found(Service, 0..4, "auth")], (1, 0, 0)),
        ] {
            let golds: Vec<Gold<'_>> = labels.iter().map(Gold::from).collect();
            let matching = Matching::new(&golds, &found);
            let counts = (matching.hits.len(), matching.missed.len(), matching.spurious.len());
            assert_eq!(counts, expected, "{labels:?} {found:?}");
        }
    }

    #[test]
    fn a_set_has_each_meaning_once() {
        use EntityKind::{Host, Service};
        let set = distinct(vec![
            found(Service, 0..4, "auth"),
            found(Service, 9..21, "auth-service"),
            found(Host, 0..4, "auth"),
        ]);
        assert_eq!(set.len(), 2);
    }
}
