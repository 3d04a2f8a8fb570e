//! What went wrong with single items, for people to read.

use crate::{
    matching::{Gold, Matching},
    prediction::PredictedEntity,
};

/// An item that is not right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The id; in a dialogue with the turn, from 0.
    pub place: String,
    /// What was said.
    pub text: String,
    pub reasons: Vec<Reason>,
}

/// One thing that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// `intent`, a type of entity, `query`.
    pub about: String,
    pub expected: String,
    pub got: String,
}

const NOTHING: &str = "nothing";

impl Reason {
    pub(crate) fn new(
        about: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) -> Self {
        Self { about: about.into(), expected: expected.into(), got: got.into() }
    }
}

/// What is missed, each with what was found in its place, and what is spurious besides.
pub(crate) fn entity_reasons(
    golds: &[Gold<'_>],
    found: &[PredictedEntity],
    matching: &Matching,
) -> Vec<Reason> {
    let mut spurious = matching.spurious.clone();
    let mut reasons = Vec::new();
    for gold in matching.missed.iter().map(|&index| &golds[index]) {
        // The same type counts as the same place where there are no places.
        let same_kind = |at: &usize| found[*at].kind == gold.kind && gold.touches(&found[*at]);
        let touching = |at: &usize| gold.span.is_some() && gold.touches(&found[*at]);
        let instead = spurious
            .iter()
            .position(same_kind)
            .or_else(|| spurious.iter().position(touching))
            .map(|position| spurious.remove(position));
        let got = match instead.map(|at| &found[at]) {
            None => NOTHING.to_owned(),
            Some(found) if found.kind == gold.kind => described(&found.normalized, &found.text),
            Some(found) => {
                format!("{} {}", found.kind.name(), described(&found.normalized, &found.text))
            }
        };
        reasons.push(Reason::new(gold.kind.name(), described(gold.normalized, gold.text), got));
    }
    for found in spurious.iter().map(|&at| &found[at]) {
        let got = described(&found.normalized, &found.text);
        reasons.push(Reason::new(found.kind.name(), NOTHING, got));
    }
    reasons
}

/// The value, and the words for it where they are others.
fn described(normalized: &serde_json::Value, text: &str) -> String {
    let value = normalized.as_str().map_or_else(|| normalized.to_string(), str::to_owned);
    if text.is_empty() || value == text { value } else { format!("{value} “{text}”") }
}

#[cfg(test)]
mod tests {
    use model::EntityKind;
    use serde_json::json;

    use super::*;
    use crate::data::Label;

    #[test]
    fn what_was_found_in_the_place_of_a_label_stands_beside_it() {
        let label = |kind, text: &str, span, value: &str| Label {
            kind,
            text: text.to_owned(),
            normalized: json!(value),
            optional: false,
            span,
        };
        let found = |kind, text: &str, start, value: &str| PredictedEntity {
            kind,
            text: text.to_owned(),
            start,
            end: start + text.len(),
            normalized: json!(value),
        };
        let labels = [
            label(EntityKind::Service, "auth svc", 0..8, "auth"),
            label(EntityKind::Host, "db-1", 12..16, "db-1"),
            label(EntityKind::Environment, "prod", 20..24, "production"),
        ];
        let found = [
            found(EntityKind::Service, "auth", 0, "auth-x"),
            found(EntityKind::Pod, "db-1", 12, "db-1"),
            found(EntityKind::Metric, "cpu", 30, "cpu_usage"),
        ];
        let golds: Vec<Gold<'_>> = labels.iter().map(Gold::from).collect();
        let reasons = entity_reasons(&golds, &found, &Matching::new(&golds, &found));
        assert_eq!(
            reasons,
            [
                Reason::new("service", "auth “auth svc”", "auth-x “auth”"),
                Reason::new("host", "db-1", "pod db-1"),
                Reason::new("environment", "production “prod”", "nothing"),
                Reason::new("metric", "nothing", "cpu_usage “cpu”"),
            ]
        );
    }
}
