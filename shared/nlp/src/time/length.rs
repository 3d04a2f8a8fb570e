//! Lengths of time: `30 minutes`, `1.5h`, `an hour and a half`, `couple of days`.

use crate::{numbers, scan::Scan};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// Written unit and its seconds. A week is 7 days, a month 30, a year 365.
pub(super) const UNITS: &[(&str, i64)] = &[
    ("s", 1),
    ("sec", 1),
    ("secs", 1),
    ("second", 1),
    ("seconds", 1),
    ("m", MINUTE),
    ("min", MINUTE),
    ("mins", MINUTE),
    ("minute", MINUTE),
    ("minutes", MINUTE),
    ("h", HOUR),
    ("hr", HOUR),
    ("hrs", HOUR),
    ("hour", HOUR),
    ("hours", HOUR),
    ("d", DAY),
    ("day", DAY),
    ("days", DAY),
    ("w", 7 * DAY),
    ("wk", 7 * DAY),
    ("wks", 7 * DAY),
    ("week", 7 * DAY),
    ("weeks", 7 * DAY),
    ("fortnight", 14 * DAY),
    ("month", 30 * DAY),
    ("months", 30 * DAY),
    ("quarter", 90 * DAY),
    ("quarters", 90 * DAY),
    ("year", 365 * DAY),
    ("years", 365 * DAY),
    ("yr", 365 * DAY),
    ("yrs", 365 * DAY),
];

/// A length of time, with its shortest spelling in one unit: `90m`, `24h`, `7d`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Length {
    pub(super) seconds: i64,
    pub(super) relative: String,
}

impl Length {
    /// Spelt in `unit` (seconds), or a smaller one when it does not divide the length.
    pub(super) fn new(seconds: i64, unit: i64) -> Self {
        let names = [(DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (1, "s")];
        let (size, name) = names
            .into_iter()
            .find(|(size, _)| *size <= unit && seconds % size == 0)
            .unwrap_or((1, "s"));
        Self { seconds, relative: format!("{}{name}", seconds / size) }
    }
}

pub(super) fn unit(word: &str) -> Option<i64> {
    UNITS.iter().find(|(name, _)| *name == word).map(|(_, seconds)| *seconds)
}

/// The length that is written at a token, and the token behind it.
pub(super) fn length_at(scan: &Scan, start: usize) -> Option<(Length, usize)> {
    let (mut seconds, mut smallest, mut at) = one_at(scan, start)?;
    // "1 hour 30 minutes", "2 days and 3 hours", "an hour and a half".
    loop {
        let next = if scan.free_word(at) == "and" { at + 1 } else { at };
        if next > at && scan.free_word(next) == "a" && scan.free_word(next + 1) == "half" {
            seconds += smallest / 2;
            at = next + 2;
            break;
        }
        match one_at(scan, next) {
            Some((more, unit, end)) if unit < smallest && next + 1 < end + 1 && more > 0 => {
                seconds = seconds.checked_add(more)?;
                (smallest, at) = (unit, end);
            }
            _ => break,
        }
    }
    Some((Length::new(seconds, smallest), at))
}

/// "404s" are answers and no seconds, unless a word of time is before them.
fn is_status(word: &str) -> bool {
    word.len() == 4 && (word.starts_with('4') || word.starts_with('5'))
}

fn is_announced(scan: &Scan, at: usize) -> bool {
    matches!(scan.word_before(at), "last" | "past" | "previous" | "for" | "within" | "every")
}

/// One number and its unit: seconds, the unit's size, the token behind.
fn one_at(scan: &Scan, start: usize) -> Option<(i64, i64, usize)> {
    let word = scan.free_word(start);
    if let Some((number, letters)) = numbers::split(word) {
        if letters.is_empty() {
            let at = if scan.free_word(start + 1) == "-" { start + 2 } else { start + 1 };
            // A bare letter is a unit only where it cannot be a word: "24 h".
            let size = unit(scan.free_word(at))?;
            return Some((scaled(number, size)?, size, at + 1));
        }
        if letters == "s" && is_status(word) && !is_announced(scan, start) {
            return None;
        }
        if let Some(size) = unit(letters) {
            return Some((scaled(number, size)?, size, start + 1));
        }
        return clock_like(word).map(|(seconds, size)| (seconds, size, start + 1));
    }
    let mut at = start;
    let count = match word {
        "half" => {
            at += 1;
            if matches!(scan.free_word(at), "a" | "an" | "the") {
                at += 1;
            }
            0.5
        }
        "quarter" if matches!(scan.free_word(start + 1), "of" | "hour") => {
            at += 1;
            while matches!(scan.free_word(at), "of" | "an" | "a") {
                at += 1;
            }
            0.25
        }
        "a" | "an" | "the" | "one" => {
            at += 1;
            match scan.free_word(at) {
                "half" => {
                    at += 1;
                    0.5
                }
                "couple" | "few" => return one_at(scan, at),
                "quarter" => return one_at(scan, at),
                _ => 1.0,
            }
        }
        _ => {
            let mut number = numbers::spelled(word)?;
            at += 1;
            // "forty-five".
            let digit = if scan.free_word(at) == "-" { at + 1 } else { at };
            if let Some(ones) = numbers::spelled(scan.free_word(digit))
                && number >= 20
                && ones < 10
            {
                number += ones;
                at = digit + 1;
            }
            if scan.free_word(at) == "of" {
                at += 1;
            }
            f64::from(number)
        }
    };
    let size = unit(scan.free_word(at))?;
    // A single letter behind a word ("a d") is no unit.
    if scan.free_word(at).len() == 1 {
        return None;
    }
    Some((scaled(count, size)?, size, at + 1))
}

/// `1h30m`, `1h30`.
fn clock_like(word: &str) -> Option<(i64, i64)> {
    let (hours, minutes) = word.split_once('h')?;
    let minutes = minutes.trim_end_matches("in").trim_end_matches('m');
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    Some((hours.checked_mul(HOUR)?.checked_add(minutes.checked_mul(MINUTE)?)?, MINUTE))
}

fn scaled(count: f64, size: i64) -> Option<i64> {
    /// Nothing is kept for this long; a larger number would only overflow.
    const MAX_SECONDS: f64 = 1e11;
    #[expect(clippy::cast_precision_loss, reason = "units are small")]
    let seconds = (count * size as f64).round();
    #[expect(clippy::cast_possible_truncation, reason = "checked against the limit")]
    (seconds.abs() <= MAX_SECONDS).then_some(seconds as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokenise;

    #[test]
    fn lengths_are_read_however_they_are_written() {
        for (text, expected) in [
            ("30 minutes", "30m"),
            ("24h", "24h"),
            ("24 hrs", "24h"),
            ("1.5h", "90m"),
            ("1h30m", "90m"),
            ("an hour", "1h"),
            ("half an hour", "30m"),
            ("a half hour", "30m"),
            ("an hour and a half", "90m"),
            ("1 hour 30 minutes", "90m"),
            ("quarter of an hour", "15m"),
            ("couple of days", "2d"),
            ("a few hours", "3h"),
            ("forty-five minutes", "45m"),
            ("two weeks", "14d"),
            ("one month", "30d"),
            ("90s", "90s"),
            ("24-hour", "24h"),
            ("0 minutes", "0m"),
            ("9999999999999 years", ""),
            ("9am", ""),
            ("5 errors", ""),
        ] {
            let scan = Scan::new(text, tokenise(text));
            let relative = length_at(&scan, 0).map_or(String::new(), |(length, _)| length.relative);
            assert_eq!(relative, expected, "{text}");
        }
    }
}
