//! What spans say of how they ended: "failed with a timeout message", "whose status description
//! mentions refused".

use super::{Reader, level::FAILED};
use crate::records::Test;

const NOUNS: &[&str] = &["message", "messages", "description", "descriptions", "text"];
/// What stands before the noun and says whose it is.
const OWNERS: &[&str] = &["status", "error", "exception", "failure", "span", "their", "its", "the"];
/// What says that a text is in another.
const HOLDS: &[&str] = &[
    "contains", "contain", "containing", "mentions", "mention", "mentioning", "says", "say",
    "saying", "said", "includes", "include", "including", "reads", "reading", "matches",
    "matching", "like", "with", "has", "having",
];
/// Words between it and the text.
const BETWEEN: &[&str] = &[
    "a", "an", "the", "some", "something", "any", "about", "of", "like", "word", "words", "text",
    "phrase", "somewhere", "kind",
];
const LEADS: &[&str] = &["a", "an", "some", "with", "any", "of", "about"];

impl Reader<'_> {
    /// The text that the status message of a span must have in it.
    pub(super) fn read_status_message(&mut self) {
        let Some(field) = self.schema.at("statusMessage") else { return };
        let failed = self.wanted.words.has(FAILED);
        for noun in 0..self.len() {
            if !self.wanted.words.is(noun, NOUNS) || self.is_spent(noun) {
                continue;
            }
            let of_status = self
                .wanted
                .words
                .is(noun.wrapping_sub(1), &["status", "error", "exception", "failure"]);
            if !failed && !of_status {
                continue;
            }
            let held = of_status.then(|| self.text_behind(noun + 1)).flatten();
            // Queues have messages, too: this one is what something failed with.
            let near = |(from, _): &(usize, usize)| {
                let close = from.saturating_sub(4)..*from;
                of_status || { close }.any(|at| self.wanted.words.is(at, FAILED))
            };
            let found = held.or_else(|| self.text_before(noun)).filter(near);
            if let Some((from, to)) = found {
                let said = self.said_between(from, to);
                let words = from.min(noun)..to.max(noun + 1);
                // "failed with an error message like …" says both.
                let kept: Vec<usize> =
                    words.clone().filter(|at| self.wanted.words.is(*at, FAILED)).collect();
                self.require(field, Test::Has(said), false, words);
                for at in kept.into_iter().filter(|at| *at + 1 != noun) {
                    self.spent[at] = false;
                }
                return;
            }
        }
    }

    /// "status message mentions refused": the words behind what says so.
    fn text_behind(&self, at: usize) -> Option<(usize, usize)> {
        let verb = (at..at + 2).find(|at| self.wanted.words.is(*at, HOLDS))?;
        let from = (verb + 1..self.len()).find(|at| !self.wanted.words.is(*at, BETWEEN))?;
        Some((from, self.end_of_text(from)))
    }

    /// "a timeout message", "refused in the status description".
    fn text_before(&self, noun: usize) -> Option<(usize, usize)> {
        let words = &self.wanted.words;
        let mut end = noun;
        while end > 0 && words.is(end - 1, OWNERS) {
            end -= 1;
        }
        if end == 0 {
            return None;
        }
        if words.is(end - 1, &["in", "within", "inside"]) {
            end -= 1;
            while end > 0 && words.is(end - 1, &["text", "somewhere", "word", "something"]) {
                end -= 1;
            }
            return (end > 0 && !words.is(end - 1, BETWEEN))
                .then(|| (self.start_of_text(end), end));
        }
        let singular = words.is(noun, &["message", "text", "description"]);
        let start = self.start_of_text(end);
        let led = start > 0 && words.is(start - 1, LEADS);
        (singular && led && start < end).then_some((start, end))
    }

    /// Where quoted text ends, or one word of it.
    fn end_of_text(&self, from: usize) -> usize {
        let at = self.wanted.words.list[from].span.start;
        let quoted = self.question.quoted().into_iter().find(|span| span.contains(&at));
        quoted.map_or(from + 1, |span| self.wanted.words.in_span(&span).end)
    }

    /// Text has two words at the most before what it is called: "connection refused".
    fn start_of_text(&self, end: usize) -> usize {
        const LONGEST: usize = 2;
        let words = &self.wanted.words;
        let last = words.list[end - 1].span.start;
        let quoted = self.question.quoted().into_iter().find(|span| span.contains(&last));
        if let Some(span) = quoted {
            return words.in_span(&span).start;
        }
        let part = |at: usize| {
            let word = &words.list[at];
            word.used == crate::wanted::Use::Free
                && !word.ends_clause
                && !words.is(at, LEADS)
                && !words.is(at, FAILED)
        };
        let mut start = end - 1;
        while start > 0 && end - start < LONGEST && part(start - 1) {
            start -= 1;
        }
        start
    }

    fn said_between(&self, from: usize, to: usize) -> String {
        let list = &self.wanted.words.list;
        let (Some(first), Some(last)) = (list.get(from), list.get(to.saturating_sub(1))) else {
            return String::new();
        };
        self.question.text.get(first.span.start..last.span.end).unwrap_or_default().to_owned()
    }
}
