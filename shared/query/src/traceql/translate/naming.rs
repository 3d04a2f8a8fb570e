//! Names of attributes and intrinsics in lists: "route and method", "the user's tier, status and
//! duration".

use super::{
    conditions::Reader,
    words::{Word, longest},
};
use crate::traceql::ast::{Intrinsic, Reference};

/// The most words that name one thing.
const MOST_WORDS: usize = 4;
/// Words before a name that say nothing of it.
const ARTICLES: &[&str] = &[
    "the|a|an|its|their|each|every|all|any|which of?",
    "what|calling|corresponding|respective|individual of?",
    "given|our|same|actual|exact of?",
    "the? number|count of",
];
/// What a named thing may be followed by without being something else.
const TRAILERS: &[&str] = &[
    "too",
    "also",
    "as well",
    "please",
    "values?",
    "attribute|attributes",
    "they|it ran|run|runs|were|was|used|hit|went|came on|to|from|by|through?",
    "used",
    "involved",
    "of each",
    "name|names",
];
/// Words that end a name.
const LINKS: &[&str] = &[
    "and", "or", "of", "in", "on", "for", "with", "where", "that", "which", "who", "is", "are",
    "was", "were", "has", "have", "had", "does", "do", "did", "over", "to", "from", "since",
    "during", "by", "per", "too", "also", "they", "it", "the", "a", "an", "&", "when", "whose",
    "than", "as", "not",
];

/// What every span and trace has of itself, how it is called, and how well it fits beside an
/// attribute that may be called so too.
const INTRINSICS: &[(&[&str], &[Intrinsic], f64)] = &[
    (
        &["span name|names", "name|names of? the? span?", "operation name|names"],
        &[Intrinsic::Name, Intrinsic::SpanName],
        0.96,
    ),
    (&["name|names", "operation|operations"], &[Intrinsic::Name, Intrinsic::SpanName], 0.6),
    (&["status", "span status"], &[Intrinsic::Status, Intrinsic::SpanStatus], 0.9),
    (&["status message|messages"], &[Intrinsic::StatusMessage, Intrinsic::SpanStatusMessage], 1.0),
    (&["kind|kinds", "span kind|kinds"], &[Intrinsic::Kind, Intrinsic::SpanKind], 1.0),
    (
        &["duration|durations", "span duration", "latency"],
        &[Intrinsic::Duration, Intrinsic::SpanDuration],
        0.8,
    ),
    (
        &["root service|services name?", "entry service"],
        &[Intrinsic::RootServiceName, Intrinsic::TraceRootService],
        1.1,
    ),
    (
        &["root name|operation|span|endpoint name?"],
        &[Intrinsic::RootName, Intrinsic::TraceRootName],
        1.1,
    ),
    (&["trace duration|length"], &[Intrinsic::TraceDuration, Intrinsic::TraceWholeDuration], 1.1),
];

impl Reader<'_, '_> {
    /// Names with commas and "and" between, and where they end.
    pub(super) fn names_from(
        &self,
        from: usize,
        leaning: &[String],
        least: f64,
    ) -> (Vec<Reference>, usize) {
        let mut names = Vec::new();
        let mut at = from;
        let mut end = from;
        while let Some((name, after)) = self.name_at(at, leaning, least) {
            names.push(name);
            end = after;
            let pauses = |at: usize| self.words.get(at).is_some_and(|next| next.breaks);
            let trailer = if pauses(end) { 0 } else { self.fits(end, TRAILERS).unwrap_or(0) };
            at = end + trailer;
            match self.fits(at, &["and|& also|by|per|then?"]) {
                Some(taken) => at += taken,
                None if pauses(at) => {}
                None => break,
            }
        }
        (names, end)
    }

    /// What the words from `at` name, and where the name ends. Words that only describe may stand
    /// before it: "deployed version", "the user's tier".
    pub(super) fn name_at(
        &self,
        at: usize,
        leaning: &[String],
        least: f64,
    ) -> Option<(Reference, usize)> {
        let articles = self.fits(at, ARTICLES).unwrap_or(0);
        let start = at + articles;
        let mut best: Option<(f64, Reference, usize)> = None;
        for end in start + 1..=self.words.len().min(start + MOST_WORDS) {
            let words = &self.words[start..end];
            let pauses = words[1..].iter().any(|word| word.breaks);
            if pauses || !self.is_free(start..end) || words.iter().any(is_link) {
                break;
            }
            let intrinsic = self.intrinsic_named(words);
            for (score, name) in
                intrinsic.into_iter().chain(self.attribute_named(words, leaning, least))
            {
                // Of two that fit as well, the one that says more.
                let score = score + 0.06 * words.len() as f64;
                if best.as_ref().is_none_or(|(other, ..)| score > *other) {
                    best = Some((score, name, end));
                }
            }
        }
        let goes_on = |at: usize| {
            self.words.get(at).is_some_and(|next| !next.breaks && !next.quoted && !is_link(next))
        };
        if let Some((_, name, end)) = best {
            // Of two nouns the second is what is meant: "per ward site".
            let head = if goes_on(end) { self.head_at(end, leaning, 0.95) } else { None };
            return head.or(Some((name, end)));
        }
        let describes = self
            .words
            .get(start)
            .is_some_and(|word| word.lower.len() > 2 && !word.quoted && !is_link(word));
        let next = describes && articles == 0 && goes_on(start + 1);
        if next { self.head_at(start + 1, leaning, least.max(0.8)) } else { None }
    }

    fn head_at(&self, at: usize, leaning: &[String], least: f64) -> Option<(Reference, usize)> {
        let word = self.words.get(at..at + 1).filter(|_| self.is_free(at..at + 1))?;
        let (_, name) = self.attribute_named(word, leaning, least)?;
        Some((name, at + 1))
    }

    fn attribute_named(
        &self,
        words: &[Word<'_>],
        leaning: &[String],
        least: f64,
    ) -> Option<(f64, Reference)> {
        let exact = if let [only] = words { self.ground.called(&only.lower) } else { None };
        let named = exact.map(|known| (known, 1.0));
        let (known, score) = named.or_else(|| self.ground.named(words, leaning, least))?;
        Some((score, self.ground.reference(known)))
    }

    fn intrinsic_named(&self, words: &[Word<'_>]) -> Option<(f64, Reference)> {
        let whole = |patterns: &[&str]| longest(words, 0, patterns) == Some(words.len());
        let (_, forms, score) = INTRINSICS.iter().find(|(patterns, ..)| whole(patterns))?;
        Some((*score, self.ground.intrinsic(forms)))
    }
}

/// Whether a word ends a name.
pub(super) fn is_link(word: &Word<'_>) -> bool {
    LINKS.contains(&word.lower.as_str())
}
