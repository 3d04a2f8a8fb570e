//! Numbers and lengths of time as people write them, and what they are compared with: "over half a
//! second", "500 or above", "no more than ten".

mod amount;
mod period;

use std::ops::Range;

use self::{
    amount::amount,
    period::{LASTING, is_period},
};
pub(super) use self::{
    amount::{Amount, number},
    period::periods,
};
use super::words::{Word, longest};
use crate::traceql::ast::Comparison;

/// A number that something is held against.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measure {
    pub(super) comparison: Comparison,
    pub(super) amount: Amount,
    /// The upper end of "between 1 and 2 seconds".
    pub(super) to: Option<Amount>,
    /// The words of the comparison and the number.
    pub(super) words: Range<usize>,
    /// What is counted, where it stands within those words: "10 items or more".
    pub(super) noun: Option<Range<usize>>,
}

const NOT_ABOVE: &[&str] = &[
    "at most",
    "no|not more|longer|greater|higher|slower than",
    "up to",
    "a? maximum of",
    "not exceeding",
    "<=",
    "≤",
];
const NOT_BELOW: &[&str] = &[
    "at least",
    "at minimum",
    "no|not less|fewer|shorter|lower than",
    "a? minimum of",
    "not under|below",
    ">=",
    "≥",
];
const ABOVE: &[&str] = &[
    "over",
    "above",
    "beyond",
    "past",
    "exceeding",
    "exceed",
    "exceeds",
    "exceeded",
    "more|greater|longer|slower|larger|bigger|higher|heavier|worse|older than",
    "in excess of",
    "upwards of",
    ">",
];
const BELOW: &[&str] =
    &["under", "below", "within", "less|fewer|shorter|faster|smaller|lower|quicker than", "<"];
const EXACTLY: &[&str] = &["exactly", "precisely", "equal|equals to?", "of exactly", "=", "=="];
const OR_MORE: &[&str] = &[
    "or|and more|above|higher|over|longer|greater",
    "or|and slower|beyond|up|larger|upwards|worse",
    "upwards",
    "plus",
    "and? up",
];
const OR_LESS: &[&str] =
    &["or|and less|fewer|below|lower|under|faster|shorter|smaller", "or|and quicker"];

/// What may stand between a comparison and its number: "over the limit of 5 s".
const FILLERS: &[&str] = &["the|a? limit|threshold|mark of", "about|around|roughly|some"];

/// The numbers that the question holds something against, in order.
pub(super) fn measures(words: &[Word<'_>]) -> Vec<Measure> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        match measure(words, at) {
            Some(measure) => {
                at = measure.words.end;
                found.push(measure);
            }
            None => at += 1,
        }
    }
    found
}

fn measure(words: &[Word<'_>], at: usize) -> Option<Measure> {
    between(words, at).or_else(|| led(words, at)).or_else(|| followed(words, at))
}

/// "between 1 and 2 seconds"
fn between(words: &[Word<'_>], at: usize) -> Option<Measure> {
    let taken = longest(words, at, &["between", "from"])?;
    let (low, middle) = amount(words, at + taken)?;
    let taken = longest(words, middle, &["and", "to"])?;
    let (high, end) = amount(words, middle + taken)?;
    let amount = match (low, high) {
        (Amount::Number(low), Amount::Time(_, unit)) => Amount::Time(low, unit),
        (low, _) => low,
    };
    Some(Measure { to: Some(high), ..Measure::new(Comparison::AtLeast, amount, at..end) })
}

/// A comparison before the number: "over half a second".
fn led(words: &[Word<'_>], at: usize) -> Option<Measure> {
    let leads = [
        (Comparison::AtMost, NOT_ABOVE),
        (Comparison::AtLeast, NOT_BELOW),
        (Comparison::Above, ABOVE),
        (Comparison::Below, BELOW),
        (Comparison::Equal, EXACTLY),
    ];
    leads.into_iter().find_map(|(comparison, patterns)| {
        let start = at + longest(words, at, patterns)?;
        let filler = longest(words, start, FILLERS).unwrap_or(0);
        let (amount, end) = amount(words, start + filler)?;
        Some(Measure::new(comparison, amount, at..end))
    })
}

/// A comparison behind the number, or in the verb before it: "500 or above", "10 items or more",
/// "50+", "took 3 seconds".
fn followed(words: &[Word<'_>], at: usize) -> Option<Measure> {
    let (amount, end) = amount(words, at)?;
    let behind = |at: usize, least: usize| {
        let more = longest(words, at, OR_MORE).map(|taken| (Comparison::AtLeast, taken));
        let less = longest(words, at, OR_LESS).map(|taken| (Comparison::AtMost, taken));
        more.or(less).filter(|(_, taken)| *taken >= least)
    };
    if let Some((comparison, taken)) = behind(end, 1) {
        return Some(Measure::new(comparison, amount, at..end + taken));
    }
    for noun in [end..end + 1, end..end + 2] {
        let counted = matches!(amount, Amount::Number(_));
        let named = |noun: &[Word<'_>]| !noun.iter().any(|word| word.breaks || word.quoted);
        if !counted || !words.get(noun.clone()).is_some_and(named) {
            break;
        }
        if let Some((comparison, taken)) = behind(noun.end, 2) {
            let words = at..noun.end + taken;
            return Some(Measure { noun: Some(noun), ..Measure::new(comparison, amount, words) });
        }
    }
    let plus = words[at..end].iter().any(|word| word.lower.ends_with('+'));
    let verb = at.checked_sub(1).is_some_and(|at| LASTING.contains(&words[at].lower.as_str()));
    let lasts = verb && matches!(amount, Amount::Time(..)) && !is_period(words, at, end);
    (plus || lasts).then(|| Measure::new(Comparison::AtLeast, amount, at..end))
}

impl Measure {
    fn new(comparison: Comparison, amount: Amount, words: Range<usize>) -> Self {
        Self { comparison, amount, to: None, words, noun: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traceql::{ast::TimeUnit, translate::words::words};

    #[test]
    fn measures_read_as_people_write_them() {
        let ms = |value| Amount::Time(value, TimeUnit::Milliseconds);
        let seconds = |value| Amount::Time(value, TimeUnit::Seconds);
        for (text, comparison, amount) in [
            ("slower than one second", Comparison::Above, seconds(1.0)),
            ("needing more than half a second", Comparison::Above, ms(500.0)),
            ("over 1,500 ms", Comparison::Above, ms(1_500.0)),
            ("longer than 1.5s", Comparison::Above, seconds(1.5)),
            ("in under 20ms", Comparison::Below, ms(20.0)),
            ("500 or above", Comparison::AtLeast, Amount::Number(500.0)),
            ("50+ selects", Comparison::AtLeast, Amount::Number(50.0)),
            ("at least five hundred spans", Comparison::AtLeast, Amount::Number(500.0)),
            ("no more than ten calls", Comparison::AtMost, Amount::Number(10.0)),
            ("exactly 3", Comparison::Equal, Amount::Number(3.0)),
            (">= 2s", Comparison::AtLeast, seconds(2.0)),
            (">2s", Comparison::Above, seconds(2.0)),
            ("exceeding a minute", Comparison::Above, Amount::Time(1.0, TimeUnit::Minutes)),
            ("two and a half seconds or more", Comparison::AtLeast, seconds(2.5)),
            ("that took 3 seconds", Comparison::AtLeast, seconds(3.0)),
            ("bodies over 2 MB", Comparison::Above, Amount::Bytes(2e6)),
        ] {
            let found = measures(&words(text));
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert_eq!((found[0].comparison, found[0].amount), (comparison, amount), "{text}");
        }
        let between = &measures(&words("between 1 and 2 seconds"))[0];
        assert_eq!((between.amount, between.to), (seconds(1.0), Some(seconds(2.0))));
    }

    #[test]
    fn what_is_no_measure_is_left() {
        for text in [
            "in the last 5 minutes",
            "top 5 routes",
            "the N+1 cases",
            "order 4711",
            "version 2.0",
            "under the same parent",
        ] {
            assert_eq!(measures(&words(text)), [], "{text}");
        }
    }

    #[test]
    fn periods_are_told_from_lengths() {
        for (text, expected) in [
            ("errors in the last 5 minutes", Some(1..6)),
            ("errors over the past day", Some(1..5)),
            ("failures 2 hours ago", Some(1..3)),
            ("spans that last 5 seconds", None),
        ] {
            assert_eq!(periods(&words(text)).first().cloned(), expected, "{text}");
        }
    }
}
