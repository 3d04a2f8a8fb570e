//! Why a question about traces has no query.

use model::EntityKind;

use super::conditions::Reader;
use crate::{PlanError, Question, text};

/// What stands before "service" and names none.
const NO_NAMES: &[&str] = &[
    "the",
    "a",
    "an",
    "each",
    "every",
    "any",
    "which",
    "what",
    "that",
    "this",
    "one",
    "per",
    "by",
    "of",
    "in",
    "all",
    "same",
    "other",
    "another",
    "single",
    "root",
    "calling",
    "called",
    "downstream",
    "upstream",
    "our",
    "my",
    "their",
    "its",
    "whole",
    "entire",
    "for",
    "and",
    "or",
    "from",
    "to",
    "with",
    "web",
    "external",
    "internal",
    "backend",
    "remote",
    "entry",
    "whose",
    "where",
    "on",
    "different",
    "slow",
    "failing",
    "failed",
    "broken",
    "customer",
    "login",
    "self",
    "micro",
    "new",
    "old",
    "affected",
    "responsible",
    "own",
    "given",
    "individual",
    "first",
    "last",
    "end",
    "many",
    "most",
    "more",
    "two",
    "three",
    "into",
    "via",
];

/// A question that names nothing of the catalog asks for all traces, or for what is not there.
pub(super) fn unknown(reader: &Reader<'_, '_>, question: &Question<'_>) -> Result<(), PlanError> {
    if reader.says(&["trace|traces", "span|spans", "request|requests", "call|calls"])
        && question.understanding.entities.iter().all(|entity| entity.kind == EntityKind::TimeRange)
    {
        return Ok(());
    }
    Err(PlanError::UnknownAttribute {
        asked: "what the question asks about".to_owned(),
        nearest: Vec::new(),
        known_attributes: reader.ground.catalog.attributes.keys().cloned().collect(),
    })
}

/// "the ledgerr service", where there is none.
pub(super) fn unknown_service(reader: &Reader<'_, '_>) -> Result<(), PlanError> {
    let Some(service) = reader.ground.service() else { return Ok(()) };
    for at in 1..reader.words.len() {
        let word = &reader.words[at - 1];
        let named = matches!(reader.lower(at), "service" | "microservice")
            && !reader.taken[at - 1]
            && !reader.taken[at]
            && !reader.words[at].breaks;
        let is_name = !NO_NAMES.contains(&word.lower.as_str())
            && word.lower.chars().count() > 2
            && !word.lower.ends_with("ing");
        if named && is_name {
            return Err(PlanError::UnknownService {
                name: word.text.to_owned(),
                nearest: text::nearest(&word.lower, service.values.iter().map(String::as_str), 3),
                known_services: service.values.to_vec(),
            });
        }
    }
    Ok(())
}
