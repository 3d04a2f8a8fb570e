//! Metrics that nobody told us of: "inode usage of payment". They still become entities, so that
//! the copilot can say that there is no such metric instead of answering another question.

use std::ops::Range;

use model::EntityKind;

use crate::{
    lexicon::{METRIC_HEADS, is_stop_word, lists},
    scan::Scan,
    text::Kind,
};

const MAX_WORDS: usize = 3;
const LINKS: &[&str] = &["of", "for", "in", "on", "at"];
/// Adjectives that do not belong to a metric's name.
const NOT_PART: &str = "current total average max min peak latest me show get give check display plot graph chart \
     fetch list about many much";

pub(crate) fn recognise(scan: &mut Scan) {
    let named = [EntityKind::Metric, EntityKind::Aggregation, EntityKind::HttpStatus];
    if named.iter().any(|&kind| scan.has(kind)) {
        return;
    }
    let found = (0..scan.len()).find_map(|head| phrase_ending_at(scan, head));
    let Some(tokens) = found else { return };
    let words: Vec<&str> = tokens
        .clone()
        .filter(|&at| scan.tokens[at].kind != Kind::Sign)
        .map(|at| scan.word(at))
        .collect();
    let key = words.join("_");
    scan.take_text(EntityKind::Metric, key, tokens, 0.4);
}

/// The words up to a metric's head noun, when a service follows or goes before.
fn phrase_ending_at(scan: &Scan, head: usize) -> Option<Range<usize>> {
    if !scan.is_free(head) || !lists(METRIC_HEADS, scan.word(head)) {
        return None;
    }
    let mut start = head;
    while start > 0 && head - start < MAX_WORDS && belongs(scan, start - 1) {
        start -= 1;
    }
    // "rate of payment" names nothing; a head noun needs something to be the head of.
    if (start..=head).any(|at| is_failure(scan.word(at))) {
        return None;
    }
    let alone = start == head && !scan.word(head).ends_with('s');
    let owner = (head + 2..head + 4).any(|at| is_service(scan, at));
    let linked = LINKS.contains(&scan.word(head + 1)) && (owner || start < head)
        || is_service(scan, start.checked_sub(1)?);
    (linked && !alone).then_some(start..head + 1)
}

/// "error count" asks for the errors.
fn is_failure(word: &str) -> bool {
    ["error", "fail", "exception"].iter().any(|stem| word.starts_with(stem))
}

fn belongs(scan: &Scan, at: usize) -> bool {
    let word = scan.word(at);
    scan.is_free(at)
        && (scan.tokens[at].kind != Kind::Sign || word == "-" || word == "_")
        && !is_stop_word(word)
        && !lists(NOT_PART, word)
}

fn is_service(scan: &Scan, at: usize) -> bool {
    let Some(token) = scan.tokens.get(at) else { return false };
    scan.entities
        .iter()
        .any(|entity| entity.kind == EntityKind::Service && entity.span.contains(&token.span.start))
}
