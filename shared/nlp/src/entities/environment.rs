//! `prod`, `staging`, and what the tenant's catalog calls its environments.

use std::ops::Range;

use model::EntityKind;

use crate::{Vocabulary, lexicon::lists, scan::Scan};

const NAMES: &[(&str, &str)] = &[
    ("prod", "production"),
    ("prd", "production"),
    ("production", "production"),
    ("staging", "staging"),
    ("stage", "staging"),
    ("stg", "staging"),
    ("preprod", "preprod"),
    ("dev", "development"),
    ("development", "development"),
    ("qa", "qa"),
    ("uat", "uat"),
    ("sandbox", "sandbox"),
];

/// "dev team", "QA process", "stage 2": not the environment.
const NOT_BEFORE: &str = "team teams process workflow ops tool tools guide best experience";

pub(crate) fn recognise(scan: &mut Scan, vocabulary: &Vocabulary) {
    for index in 0..scan.len() {
        if !scan.is_free(index) || lists(NOT_BEFORE, scan.word(index + 1)) {
            continue;
        }
        if let Some(tokens) = prefixed(scan, index) {
            let name = scan.slice(tokens.clone()).to_lowercase();
            let name = vocabulary.environment(&name).map_or(name.clone(), str::to_owned);
            scan.take_text(EntityKind::Environment, name, tokens, 0.95);
            continue;
        }
        let word = scan.word(index);
        if let Some(name) = vocabulary.environment(word) {
            let name = name.to_owned();
            scan.take_text(EntityKind::Environment, name, index..index + 1, 1.0);
        } else if let Some((_, name)) = NAMES.iter().find(|(alias, _)| *alias == word) {
            // The catalog's own spelling ("prod") goes before the canonical one.
            let name = vocabulary.environment(name).unwrap_or(name).to_owned();
            let confidence = if word == "stage" { 0.6 } else { 0.95 };
            scan.take_text(EntityKind::Environment, name, index..index + 1, confidence);
        }
    }
}

/// "pre-prod", which is not production.
fn prefixed(scan: &Scan, index: usize) -> Option<Range<usize>> {
    let is_one = matches!(scan.word(index), "pre" | "non")
        && scan.word(index + 1) == "-"
        && matches!(scan.word(index + 2), "prod" | "prd" | "production")
        && scan.is_glued(index + 1)
        && scan.is_glued(index + 2);
    is_one.then_some(index..index + 3)
}

/// The canonical name of an environment, for comparing.
pub(crate) fn canonical(word: &str) -> &str {
    NAMES.iter().find(|(alias, _)| *alias == word).map_or(word, |(_, name)| name)
}
