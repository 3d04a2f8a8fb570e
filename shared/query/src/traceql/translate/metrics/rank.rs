//! How many rows are wanted: "top 5", "the three slowest routes", "which service fails most".

use std::ops::Range;

use crate::traceql::translate::{conditions::Reader, measure::number};

/// How many rows are wanted, and from which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::traceql::translate) struct Rank {
    pub(in crate::traceql::translate) top: bool,
    pub(in crate::traceql::translate) count: i64,
}

const TOP: &[&str] = &[
    "top|busiest|worst|slowest|biggest|highest|largest",
    "noisiest|heaviest|longest|loudest|hottest|chattiest|costliest",
];
const BOTTOM: &[&str] =
    &["bottom|quietest|lowest|fastest|smallest|least|fewest|shortest|rarest|best"];
const MOST: &[&str] =
    &["most|busiest|slowest|highest|worst|longest|largest|biggest|noisiest|heaviest"];
const LEAST: &[&str] = &["least|fewest|quietest|lowest|fastest|shortest|smallest|rarest"];
/// Words that end like a plural and are none.
const NO_PLURALS: &[&str] = &["has", "is", "was", "does"];

impl Reader<'_, '_> {
    /// The rows that are asked for.
    pub(in crate::traceql::translate) fn read_rank(&mut self) -> Option<Rank> {
        for at in 0..self.words.len() {
            for top in [true, false] {
                let Some((count, words)) = self.counted_rows(at, top) else { continue };
                let whole = (1.0..=1_000.0).contains(&count) && count.fract() == 0.0;
                if !whole || self.is_measured(&(words.end - 1..words.end)) {
                    continue;
                }
                // An adjective says what is ranked, and is read again.
                if matches!(self.lower(words.start), "top" | "bottom") {
                    self.take(words);
                }
                return Some(Rank { top, count: count as i64 });
            }
        }
        self.superlative()
    }

    /// "top 5", "the three slowest", "five merchants with the most refunds".
    fn counted_rows(&self, at: usize, top: bool) -> Option<(f64, Range<usize>)> {
        const REACH: usize = 7;
        let patterns = if top { TOP } else { BOTTOM };
        if let Some(taken) = self.fits(at, patterns)
            && let Some((count, end)) = number(&self.words, at + taken)
        {
            return Some((count, at..end));
        }
        let (count, end) = number(&self.words, at)?;
        let superlative = if top { MOST } else { LEAST };
        let apart = |at| self.fits(at, superlative).is_some() && self.before(at, 1) != "at";
        let ranks = self.fits(end, patterns).is_some()
            || (end + 1..self.words.len().min(end + REACH)).any(apart);
        ranks.then_some((count, at..end))
    }

    /// "Which service has the most errors" wants one row; in the plural it wants them all.
    fn superlative(&self) -> Option<Rank> {
        const NOUN_WORDS: usize = 3;
        let noun =
            (0..self.words.len()).find_map(|at| Some(at + self.fits(at, &["which|what"])?))?;
        let counted = number(&self.words, noun).map(|(count, _)| count as i64);
        let plural = |word: &str| {
            word.ends_with('s') && !word.ends_with("ss") && !NO_PLURALS.contains(&word)
        };
        let several = (noun..noun + NOUN_WORDS).any(|at| plural(self.lower(at)));
        if several && counted.is_none() {
            return None;
        }
        let says = |patterns: &[&str]| {
            (noun..self.words.len()).any(|at| {
                let other = self.before(at, 1) == "at" || self.lower(at + 1) == "recent";
                self.fits(at, patterns).is_some() && !other
            })
        };
        let top = says(MOST);
        (top || says(LEAST)).then_some(Rank { top, count: counted.unwrap_or(1) })
    }
}
