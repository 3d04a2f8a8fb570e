//! Which attribute of numbers a measure is about: the one named beside it, told by the clause
//! before, recorded in its unit, or the only one that holds amounts.

use std::ops::Range;

use super::{
    conditions::Reader,
    ground::{Holds, Known},
    measure::{Amount, Measure},
};
use crate::{
    text,
    traceql::ast::{Reference, TimeUnit},
};

/// The most words that name one attribute.
const MOST_WORDS: usize = 3;
/// How well they must.
const NAMED: f64 = 0.75;
/// How far before a measure its clause may begin.
const REACH: usize = 8;
/// What may stand between a name and its measure: "a retry count of over 3".
const BETWEEN: &[&str] = &["of", "is", "was", "are", "were", "a", "an", "the", "value"];
/// What a number stands before that counts nothing.
const PREPOSITIONS: &[&str] =
    &["in", "on", "at", "from", "for", "by", "of", "and", "or", "with", "to", "per"];
const WORTH: &[&str] = &["worth", "costing", "valued", "priced", "amounting"];

impl Reader<'_, '_> {
    /// The attribute that the words beside the measure name, and these words: "more than 4000
    /// output tokens", "retried over 3 times", "a cart item count above 30".
    pub(super) fn number_named(&self, measure: &Measure) -> Option<(usize, Range<usize>)> {
        let (start, end) = (measure.words.start, measure.words.end);
        // "3 times" counts what is said before.
        let times = matches!(self.lower(end), "times" | "time" | "x");
        let room = if times { 0 } else { MOST_WORDS.min(self.words.len() - end) };
        let between = |back: &usize| BETWEEN.contains(&self.before(start, *back));
        let filler = (1..=2).take_while(|back| *back <= start && between(back)).count();
        let last = start - filler;
        let after = (1..=room).map(|count| (end..end + count, end));
        let noun = measure.noun.clone().map(|noun| (noun.clone(), noun.start));
        let before = (1..=MOST_WORDS.min(last)).map(|count| (last - count..last, last - count + 1));
        let mut best: Option<(f64, usize, Range<usize>)> = None;
        for (words, inner) in after.chain(noun).chain(before) {
            if self.words[inner..words.end].iter().any(|word| word.breaks) {
                continue;
            }
            let Some((known, score)) = self.ground.number_named(&self.words[words.clone()], NAMED)
            else {
                continue;
            };
            // Of two names, the longer says more.
            let weight = score + 0.05 * words.len() as f64;
            if best.as_ref().is_none_or(|(other, ..)| weight > *other) {
                best = Some((weight, known, words));
            }
        }
        best.map(|(_, known, words)| (known, words)).or_else(|| self.number_told(measure))
    }

    /// The attribute whose name the clause before tells in its own order: "waited in the queue for
    /// more than 5 s" for `queue.wait_ms`.
    fn number_told(&self, measure: &Measure) -> Option<(usize, Range<usize>)> {
        let end = measure.words.start;
        let clause = (end.saturating_sub(REACH)..end).rev();
        let from = clause.take_while(|at| !self.taken[*at] && !self.words[*at].breaks).last()?;
        let told: Vec<&str> = self.words[from..end].iter().map(|word| word.stem.as_str()).collect();
        let known = self.ground.numbers().find(|at| self.ground.known[*at].is_told_by(&told))?;
        Some((known, from..end))
    }

    /// "over 100 m", "heavier than 2 kg", where one attribute is recorded in that unit.
    pub(super) fn recorded_in(&self, measure: &Measure) -> Option<Reference> {
        let digits = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
        let last = self.words[measure.words.clone()].last()?;
        let unit = match last.lower.trim_start_matches(digits) {
            "" => self.words.get(measure.words.end).filter(|next| !next.breaks)?.lower.as_str(),
            attached => attached,
        };
        let unit = if unit == "percent" { "pct" } else { unit };
        let in_unit = |known: &&Known<'_>| {
            known.holds == Holds::Numbers
                && attribute_name(&known.reference)
                    .and_then(|name| name.rsplit_once('_'))
                    .is_some_and(|(_, last)| last == unit)
        };
        let mut found = self.ground.known.iter().filter(in_unit);
        let only = found.next()?;
        found.next().is_none().then(|| only.reference.clone())
    }

    /// "transfers above 50000": a number of nothing is an amount, where amounts are recorded.
    pub(super) fn amount_meant(&self, measure: &Measure) -> Option<Reference> {
        let worth = WORTH.contains(&self.before(measure.words.start, 1));
        let counts = self.words.get(measure.words.end).is_some_and(|next| {
            !next.breaks
                && !next.lower.ends_with("ed")
                && !PREPOSITIONS.contains(&next.lower.as_str())
        });
        if counts && !worth {
            return None;
        }
        let amounts = ["amount", "price", "cost", "value"];
        let is_amount =
            |at: &usize| amounts.iter().any(|word| self.ground.known[*at].is_about(word));
        let mut found = self.ground.numbers().filter(is_amount);
        let only = found.next()?;
        found.next().is_none().then(|| self.ground.reference(only))
    }

    /// The attribute of a size in bytes.
    pub(super) fn size_meant(&self, measure: &Measure) -> Option<Reference> {
        let sizes = ["size", "bytes", "length"];
        let is_size = |at: &usize| sizes.iter().any(|word| self.ground.known[*at].has(word));
        let known = self.number_named(measure).map(|(known, _)| known);
        known
            .or_else(|| self.ground.numbers().find(is_size))
            .map(|known| self.ground.reference(known))
    }
}

fn attribute_name(reference: &Reference) -> Option<&str> {
    match reference {
        Reference::Attribute(attribute) => Some(&attribute.name),
        Reference::Intrinsic(_) => None,
    }
}

/// The unit that an attribute's name says its numbers have.
pub(super) fn unit_of(reference: &Reference) -> Option<TimeUnit> {
    match text::words(attribute_name(reference)?).pop()?.as_str() {
        "ms" | "millis" | "milliseconds" => Some(TimeUnit::Milliseconds),
        "s" | "sec" | "secs" | "seconds" => Some(TimeUnit::Seconds),
        "us" | "micros" | "microseconds" => Some(TimeUnit::Microseconds),
        "ns" | "nanos" | "nanoseconds" => Some(TimeUnit::Nanoseconds),
        "min" | "mins" | "minutes" => Some(TimeUnit::Minutes),
        "h" | "hours" => Some(TimeUnit::Hours),
        _ => None,
    }
}

fn seconds(unit: TimeUnit) -> f64 {
    match unit {
        TimeUnit::Nanoseconds => 1e-9,
        TimeUnit::Microseconds => 1e-6,
        TimeUnit::Milliseconds => 1e-3,
        TimeUnit::Seconds => 1.0,
        TimeUnit::Minutes => 60.0,
        TimeUnit::Hours => 3_600.0,
    }
}

/// An amount in the unit of what it is compared with.
pub(super) fn in_unit(amount: Amount, unit: TimeUnit) -> f64 {
    match amount {
        Amount::Time(value, said) => (value * seconds(said) / seconds(unit) * 1e6).round() / 1e6,
        amount => amount.plain(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_convert_to_the_unit_of_an_attribute() {
        let half = Amount::Time(0.5, TimeUnit::Seconds);
        assert_eq!(in_unit(half, TimeUnit::Milliseconds), 500.0);
        assert_eq!(in_unit(Amount::Number(3.0), TimeUnit::Milliseconds), 3.0);
    }
}
