//! What a question writes out: ids, paths and quotations.

use super::{Condition, Reader, text};
use crate::{
    promql::escape_regex,
    traceql::{
        ast::{Comparison, Intrinsic, Reference},
        translate::ground::Holds,
    },
};

const TRACE_ID_DIGITS: usize = 32;
const SPAN_ID_DIGITS: usize = 16;
/// Where "trace" or "span" stands before it, an id may be cut short.
const LEAST_ID_DIGITS: usize = 8;
/// The most words of an attribute's name before a quotation.
const MOST_NAME_WORDS: usize = 3;
const CONTAINING: &[&str] = &[
    "containing|contains|contain|mentions|mentioning|including|includes",
    "like|matching|matches",
];
const BEGINNING: &[&str] = &["starting|starts|start|beginning|begins|begin with"];
/// The words for paths, the plainest first.
const PATH_WORDS: &[&str] = &["route", "uri", "path", "target", "url"];

impl Reader<'_, '_> {
    /// Ids of traces and spans: as many hexadecimal digits as they have.
    pub(super) fn read_identifiers(&mut self) {
        for at in 0..self.words.len() {
            let word = &self.words[at];
            let hex = word.text.bytes().all(|byte| byte.is_ascii_hexdigit());
            let is_id = hex && word.text.bytes().any(|byte| byte.is_ascii_digit());
            let linked = matches!(self.before(at, 1), "id" | "with" | "=" | "is");
            let said =
                |what: &str| self.before(at, 1) == what || linked && self.before(at, 2) == what;
            let digits = word.text.len();
            let trace = digits == TRACE_ID_DIGITS || said("trace") && digits >= LEAST_ID_DIGITS;
            let span = digits == SPAN_ID_DIGITS || said("span") && digits >= LEAST_ID_DIGITS;
            let subject = match (is_id && !self.taken[at], trace, span) {
                (true, true, _) => Intrinsic::TraceId,
                (true, _, true) => Intrinsic::SpanId,
                _ => continue,
            };
            let value = text(word.lower.clone());
            self.push(Condition::is(at..at + 1, Reference::Intrinsic(subject), value));
        }
    }

    /// Paths that no sample shows: "calls under /api/v2".
    pub(super) fn read_paths(&mut self) {
        let Some(known) = self.path_attribute() else { return };
        for at in 0..self.words.len() {
            let word = &self.words[at];
            if self.taken[at] || word.quoted || word.text.len() < 2 || !word.text.starts_with('/') {
                continue;
            }
            let path = word.text.trim_end_matches('*');
            let inside = matches!(self.before(at, 1), "under" | "below" | "beneath");
            let begins = inside || self.is_led_by(at, BEGINNING) || path.len() < word.text.len();
            let (comparison, value) = if begins {
                (Comparison::Matches, escape_regex(path) + ".*")
            } else {
                (Comparison::Equal, path.to_owned())
            };
            let subject = self.ground.reference(known);
            let negated = self.is_negated(at) || self.is_excluded(at + 1);
            let condition =
                Condition { words: at..at + 1, subject, comparison, value: text(value) };
            self.push(condition.negated_if(negated));
        }
    }

    /// Whether one of the patterns ends right before a word.
    fn is_led_by(&self, at: usize, patterns: &[&str]) -> bool {
        (1..=2).any(|back| at >= back && self.fits(at - back, patterns) == Some(back))
    }

    /// The attribute of paths: the one that is called most plainly so, or whose samples are such.
    fn path_attribute(&self) -> Option<usize> {
        let known = &self.ground.known;
        let rank = |at: usize| PATH_WORDS.iter().position(|word| known[at].has(word));
        let sampled = |at: usize| known[at].values.iter().any(|value| value.starts_with('/'));
        let order = |at: &usize| (rank(*at).unwrap_or(PATH_WORDS.len()), !sampled(*at));
        (0..known.len()).filter(|at| sampled(*at) || rank(*at).is_some()).min_by_key(order)
    }

    /// What is in quotation marks and no value: the name of a span, or part of a message.
    pub(super) fn read_quotations(&mut self) {
        for at in 0..self.words.len() {
            if self.taken[at] || !self.words[at].quoted {
                continue;
            }
            let said = self.words[at].text;
            let (comparison, value) = if self.is_led_by(at, BEGINNING) {
                (Comparison::Matches, escape_regex(said) + ".*")
            } else if self.is_led_by(at, CONTAINING)
                || self.is_led_by(at.saturating_sub(1), CONTAINING)
            {
                (Comparison::Matches, format!(".*{}.*", escape_regex(said)))
            } else {
                (Comparison::Equal, said.to_owned())
            };
            let subject = self.quoted_subject(at);
            let negated = self.is_negated(at);
            let condition =
                Condition { words: at..at + 1, subject, comparison, value: text(value) };
            self.push(condition.negated_if(negated));
        }
    }

    /// What a quotation is about: the attribute named before it, a message, else the span's name.
    fn quoted_subject(&self, at: usize) -> Reference {
        const REACH: usize = 5;
        let near = at.saturating_sub(REACH)..at;
        for count in (1..=MOST_NAME_WORDS).rev() {
            for start in near.clone().rev().filter(|start| start + count <= at) {
                let named = self.ground.named(&self.words[start..start + count], &[], 0.9);
                let text =
                    named.filter(|(known, _)| self.ground.known[*known].holds == Holds::Text);
                if let Some((known, _)) = text {
                    return self.ground.reference(known);
                }
            }
        }
        let says = |words: &[&str]| near.clone().any(|at| words.contains(&self.lower(at)));
        if says(&["message", "messages"]) {
            self.ground.intrinsic(&[Intrinsic::StatusMessage, Intrinsic::SpanStatusMessage])
        } else if says(&["root"]) {
            self.ground.intrinsic(&[Intrinsic::RootName, Intrinsic::TraceRootName])
        } else if says(&["event", "events"]) {
            Reference::Intrinsic(Intrinsic::EventName)
        } else {
            self.ground.intrinsic(&[Intrinsic::Name, Intrinsic::SpanName])
        }
    }
}
