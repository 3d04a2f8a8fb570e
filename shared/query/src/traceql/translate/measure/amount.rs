//! Numbers and lengths of time as people write them: "half a second", "1,500 ms", "two dozen".

use crate::traceql::{
    ast::TimeUnit,
    translate::words::{Word, longest},
};

const NUMBER_WORDS: &[(&str, f64)] = &[
    ("zero", 0.0),
    ("one", 1.0),
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("fifteen", 15.0),
    ("twenty", 20.0),
    ("thirty", 30.0),
    ("forty", 40.0),
    ("fifty", 50.0),
    ("sixty", 60.0),
    ("hundred", 100.0),
    ("thousand", 1_000.0),
    ("dozen", 12.0),
    ("once", 1.0),
    ("twice", 2.0),
];

const TIME_UNITS: &[(&[&str], TimeUnit)] = &[
    (&["ns", "nanosecond", "nanoseconds"], TimeUnit::Nanoseconds),
    (&["us", "µs", "μs", "microsecond", "microseconds"], TimeUnit::Microseconds),
    (
        &["ms", "msec", "msecs", "milli", "millis", "millisecond", "milliseconds"],
        TimeUnit::Milliseconds,
    ),
    (&["s", "sec", "secs", "second", "seconds"], TimeUnit::Seconds),
    (&["m", "min", "mins", "minute", "minutes"], TimeUnit::Minutes),
    (&["h", "hr", "hrs", "hour", "hours"], TimeUnit::Hours),
];

const BYTE_UNITS: &[(&[&str], f64)] = &[
    (&["b", "byte", "bytes"], 1.0),
    (&["kb", "kilobyte", "kilobytes"], 1e3),
    (&["mb", "megabyte", "megabytes"], 1e6),
    (&["gb", "gigabyte", "gigabytes"], 1e9),
    (&["kib"], 1_024.0),
    (&["mib"], 1_048_576.0),
    (&["gib"], 1_073_741_824.0),
];

#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::traceql::translate) enum Amount {
    Number(f64),
    Time(f64, TimeUnit),
    Bytes(f64),
}

impl Amount {
    /// The number alone.
    pub(in crate::traceql::translate) fn plain(self) -> f64 {
        match self {
            Self::Number(value) | Self::Time(value, _) | Self::Bytes(value) => value,
        }
    }
}

pub(super) fn time_unit(word: &str) -> Option<TimeUnit> {
    TIME_UNITS.iter().find(|(names, _)| names.contains(&word)).map(|(_, unit)| *unit)
}

fn byte_unit(word: &str) -> Option<f64> {
    BYTE_UNITS.iter().find(|(names, _)| names.contains(&word)).map(|(_, factor)| *factor)
}

/// A number, and where it ends.
pub(in crate::traceql::translate) fn number(words: &[Word<'_>], at: usize) -> Option<(f64, usize)> {
    let word = words.get(at).filter(|word| !word.quoted)?;
    if let Some((_, value)) = NUMBER_WORDS.iter().find(|(name, _)| *name == word.lower) {
        // "five hundred", "two thousand", "two dozen"
        let scale = words
            .get(at + 1)
            .and_then(|next| NUMBER_WORDS.iter().find(|(name, _)| *name == next.lower));
        return match scale {
            Some((name, scale))
                if matches!(*name, "hundred" | "thousand" | "dozen") && *value < 100.0 =>
            {
                Some((value * scale, at + 2))
            }
            _ => Some((*value, at + 1)),
        };
    }
    let (digits, rest) = split_digits(&word.lower);
    let value: f64 = digits.replace(',', "").parse().ok()?;
    match rest {
        "" | "+" | "x" => Some((value, at + 1)),
        "k" => Some((value * 1e3, at + 1)),
        _ => None,
    }
}

/// `1,500ms` → `1,500` and `ms`.
fn split_digits(word: &str) -> (&str, &str) {
    let end =
        word.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).unwrap_or(word.len());
    word.split_at(end)
}

/// A number with its unit, and where it ends.
pub(in crate::traceql::translate) fn amount(
    words: &[Word<'_>],
    at: usize,
) -> Option<(Amount, usize)> {
    let word = words.get(at).filter(|word| !word.quoted)?;
    for (pattern, part) in
        [("half a|an", 0.5), ("a|one? quarter of a|an", 0.25), ("half|a-half", 0.5)]
    {
        let taken = longest(words, at, &[pattern]);
        if let Some((end, unit)) = taken.and_then(|taken| unit_at(words, at + taken)) {
            return Some((scaled(part, unit), end));
        }
    }
    if matches!(word.lower.as_str(), "a" | "an") {
        // "a second" is a length, "a span" is none.
        return unit_at(words, at + 1).map(|(end, unit)| (Amount::Time(1.0, unit), end));
    }
    let (digits, rest) = split_digits(&word.lower);
    if !digits.is_empty() && !rest.is_empty() {
        let value: Option<f64> = digits.replace(',', "").parse().ok();
        let rest = rest.trim_end_matches('+').trim_start_matches('-');
        if let (Some(value), Some(unit)) = (value, time_unit(rest)) {
            return Some((Amount::Time(value, unit), at + 1));
        }
        if let (Some(value), Some(factor)) = (value, byte_unit(rest)) {
            return Some((Amount::Bytes(value * factor), at + 1));
        }
    }
    let (mut value, mut end) = number(words, at)?;
    if let Some(taken) = longest(words, end, &["and a half"]) {
        value += 0.5;
        end += taken;
    }
    let unit = words
        .get(end)
        .filter(|word| !word.quoted && !word.breaks)
        .map(|word| word.lower.as_str())
        .unwrap_or_default();
    if let Some(unit) = time_unit(unit) {
        return Some((Amount::Time(value, unit), end + 1));
    }
    match byte_unit(unit).filter(|_| unit != "b") {
        Some(factor) => Some((Amount::Bytes(value * factor), end + 1)),
        None => Some((Amount::Number(value), end)),
    }
}

fn unit_at(words: &[Word<'_>], at: usize) -> Option<(usize, TimeUnit)> {
    let unit = words
        .get(at)
        .filter(|word| word.lower.len() > 1)
        .and_then(|word| time_unit(&word.lower))?;
    Some((at + 1, unit))
}

/// Part of a unit in one that it is a whole number of: half a second is 500 ms.
fn scaled(part: f64, unit: TimeUnit) -> Amount {
    match unit {
        TimeUnit::Seconds => Amount::Time(part * 1e3, TimeUnit::Milliseconds),
        TimeUnit::Minutes => Amount::Time(part * 60.0, TimeUnit::Seconds),
        TimeUnit::Hours => Amount::Time(part * 60.0, TimeUnit::Minutes),
        other => Amount::Time(part, other),
    }
}
