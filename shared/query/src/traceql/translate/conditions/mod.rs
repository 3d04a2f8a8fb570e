//! What a question demands of spans: each condition with the words that say it, so that what stands
//! around it can decide where it belongs.

mod codes;
mod literal;
mod names;
mod state;
mod values;

use std::ops::Range;

use super::{
    ground::Ground,
    measure::Measure,
    words::{Word, find, longest},
};
use crate::traceql::ast::{Comparison, Field, Intrinsic, Literal, Operator, Reference};

/// One demand.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    pub(super) words: Range<usize>,
    pub(super) subject: Reference,
    pub(super) comparison: Comparison,
    pub(super) value: Field,
}

impl Condition {
    pub(super) fn is(words: Range<usize>, subject: Reference, value: Field) -> Self {
        Self { words, subject, comparison: Comparison::Equal, value }
    }

    /// The opposite, if the words before say so.
    pub(super) fn negated_if(mut self, negated: bool) -> Self {
        if negated {
            self.comparison = match self.comparison {
                Comparison::Equal => Comparison::NotEqual,
                Comparison::NotEqual => Comparison::Equal,
                Comparison::Matches => Comparison::MatchesNot,
                Comparison::MatchesNot => Comparison::Matches,
                Comparison::Above => Comparison::AtMost,
                Comparison::AtLeast => Comparison::Below,
                Comparison::Below => Comparison::AtLeast,
                Comparison::AtMost => Comparison::Above,
            };
        }
        self
    }

    pub(super) fn field(&self) -> Field {
        Field::Binary(
            Box::new(Field::Reference(self.subject.clone())),
            Operator::Comparison(self.comparison),
            Box::new(self.value.clone()),
        )
    }
}

/// A question being read: its words, which of them are used up, and what they demand.
#[derive(Debug)]
pub(super) struct Reader<'q, 'c> {
    pub(super) words: Vec<Word<'q>>,
    pub(super) taken: Vec<bool>,
    pub(super) ground: &'q Ground<'c>,
    pub(super) measures: Vec<Measure>,
    pub(super) conditions: Vec<Condition>,
    pub(super) notes: Vec<String>,
}

/// What turns a condition round, in the words before it.
const NEGATIONS: &[&str] = &[
    "not",
    "isn't|aren't|wasn't|weren't|doesn't|don't|didn't|never",
    "except for?",
    "excluding",
    "besides",
    "other|apart than|from",
    "outside of?",
    "without",
    "but not",
    "non",
    "ignoring",
    "ignore",
    "anything but",
    "instead of",
];
/// What may stand between a negation and what it turns round.
const BETWEEN: &[&str] = &[
    "in",
    "on",
    "at",
    "from",
    "by",
    "for",
    "of",
    "to",
    "the",
    "a",
    "an",
    "any",
    "be",
    "being",
    "been",
    "come",
    "coming",
    "came",
    "use",
    "using",
    "used",
    "with",
    "go",
    "going",
    "through",
    "via",
    "called",
    "named",
    "is",
    "are",
    "was",
    "were",
    "service",
    "route",
    "endpoint",
    "status",
    "version",
    "method",
    "region",
    "environment",
    "than",
    "end",
    "ended",
    "return",
    "returned",
    "returning",
    "have",
    "had",
    "has",
    "just",
    "only",
    "those",
    "ones",
    "requests",
    "calls",
    "spans",
];
/// How far before its condition a negation may stand.
const NEGATION_REACH: usize = 4;

impl<'q> Reader<'q, '_> {
    pub(super) fn is_free(&self, words: Range<usize>) -> bool {
        words.end <= self.words.len() && !self.taken[words].iter().any(|taken| *taken)
    }

    /// Whether any of the words belongs to a number that something is held against.
    pub(super) fn is_measured(&self, words: &Range<usize>) -> bool {
        self.measures
            .iter()
            .any(|measure| measure.words.start < words.end && words.start < measure.words.end)
    }

    pub(super) fn take(&mut self, words: Range<usize>) {
        for taken in &mut self.taken[words] {
            *taken = true;
        }
    }

    pub(super) fn push(&mut self, condition: Condition) {
        self.take(condition.words.clone());
        self.conditions.push(condition);
    }

    pub(super) fn lower(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.lower.as_str())
    }

    /// The lower-case word so many before; empty where there is none.
    pub(super) fn before(&self, at: usize, back: usize) -> &str {
        at.checked_sub(back).map_or("", |at| self.lower(at))
    }

    pub(super) fn fits(&self, at: usize, patterns: &[&str]) -> Option<usize> {
        longest(&self.words, at, patterns)
    }

    pub(super) fn says(&self, patterns: &[&str]) -> bool {
        find(&self.words, 0, patterns).is_some()
    }

    /// Whether the words up to `at` turn round what begins there.
    pub(super) fn is_negated(&self, at: usize) -> bool {
        const LONGEST: usize = 3;
        let mut end = at;
        for _ in 0..=NEGATION_REACH {
            let negation =
                (1..=LONGEST.min(end)).any(|back| self.fits(end - back, NEGATIONS) == Some(back));
            if negation {
                return true;
            }
            // What is demanded already, a pause or another thing stands between.
            let pauses = self.words.get(end).is_some_and(|word| word.breaks);
            if end == 0 || pauses || self.taken[end - 1] || !BETWEEN.contains(&self.before(end, 1))
            {
                return false;
            }
            end -= 1;
        }
        false
    }

    /// Whether the words from `at` on turn round what ended there: "health probes excluded".
    fn is_excluded(&self, at: usize) -> bool {
        (at..at + 2)
            .take_while(|at| !self.words.get(*at).is_some_and(|word| word.breaks))
            .any(|at| self.fits(at, &["excluded|aside|apart|ignored|excepted"]).is_some())
    }

    /// Finds everything that the question demands of single spans, measures apart.
    pub(super) fn read_conditions(&mut self) {
        self.read_identifiers();
        self.read_assignments();
        self.read_codes();
        self.read_values();
        self.read_paths();
        self.read_named_values();
        self.read_presence();
        self.read_kinds();
        self.read_states();
        self.read_quotations();
        self.read_spoken_paths();
        self.read_slips();
        self.conditions.sort_by_key(|condition| condition.words.start);
    }
}

pub(super) fn text(value: impl Into<String>) -> Field {
    Field::Literal(Literal::String(value.into()))
}

pub(super) fn intrinsic(intrinsic: Intrinsic) -> Reference {
    Reference::Intrinsic(intrinsic)
}
