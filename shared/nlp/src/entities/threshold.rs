//! `above 500ms`, `>80%`, `at least 2 GB`: a comparison with a value in base units.

use model::{Comparison, EntityKind, EntityValue, Unit};

use crate::{lexicon::lists, numbers, phrases::Phrases, scan::Scan};
use std::sync::LazyLock;

static LEADS: LazyLock<Phrases<Comparison>> = LazyLock::new(|| {
    use Comparison::{Above, AtLeast, AtMost, Below};
    Phrases::new(&[
        (
            Above,
            "above, over, exceed*, greater than, more than, higher than, larger than, bigger than, longer than, slower than, beyond, >, past, north of, upwards of, on top of, worse than",
        ),
        (AtLeast, "at least, no less than, not less than, > =, ≥, minimum of"),
        (
            Below,
            "below, under, less than, lower than, fewer than, smaller than, shorter than, faster than, <, beneath, better than",
        ),
        (AtMost, "at most, no more than, not more than, < =, ≤, maximum of"),
    ])
});

/// Written unit, its factor to the base unit, the base unit.
const UNITS: &[(&str, f64, Unit)] = &[
    ("ms", 1e-3, Unit::Seconds),
    ("msec", 1e-3, Unit::Seconds),
    ("millis", 1e-3, Unit::Seconds),
    ("millisecond", 1e-3, Unit::Seconds),
    ("milliseconds", 1e-3, Unit::Seconds),
    ("us", 1e-6, Unit::Seconds),
    ("µs", 1e-6, Unit::Seconds),
    ("microseconds", 1e-6, Unit::Seconds),
    ("s", 1.0, Unit::Seconds),
    ("sec", 1.0, Unit::Seconds),
    ("secs", 1.0, Unit::Seconds),
    ("second", 1.0, Unit::Seconds),
    ("seconds", 1.0, Unit::Seconds),
    ("minute", 60.0, Unit::Seconds),
    ("minutes", 60.0, Unit::Seconds),
    ("%", 0.01, Unit::Ratio),
    ("pct", 0.01, Unit::Ratio),
    ("percent", 0.01, Unit::Ratio),
    ("b", 1.0, Unit::Bytes),
    ("bytes", 1.0, Unit::Bytes),
    ("kb", 1e3, Unit::Bytes),
    ("mb", 1e6, Unit::Bytes),
    ("meg", 1e6, Unit::Bytes),
    ("megs", 1e6, Unit::Bytes),
    ("megabytes", 1e6, Unit::Bytes),
    ("gb", 1e9, Unit::Bytes),
    ("gig", 1e9, Unit::Bytes),
    ("gigs", 1e9, Unit::Bytes),
    ("gigabytes", 1e9, Unit::Bytes),
    ("tb", 1e12, Unit::Bytes),
    ("ki", 1024.0, Unit::Bytes),
    ("kib", 1024.0, Unit::Bytes),
    ("mi", 1_048_576.0, Unit::Bytes),
    ("mib", 1_048_576.0, Unit::Bytes),
    ("gi", 1_073_741_824.0, Unit::Bytes),
    ("gib", 1_073_741_824.0, Unit::Bytes),
    ("rps", 1.0, Unit::PerSecond),
    ("qps", 1.0, Unit::PerSecond),
    ("tps", 1.0, Unit::PerSecond),
    ("rpm", 1.0 / 60.0, Unit::PerSecond),
    ("core", 1.0, Unit::Cores),
    ("cores", 1.0, Unit::Cores),
];

/// "over 30 minutes" is a period of time.
const PERIODS: &str =
    "m min mins minute minutes h hr hrs hour hours d day days week weeks month months";

pub(crate) fn recognise(scan: &mut Scan) {
    let mut index = 0;
    while index < scan.len() {
        index = found_at(scan, index).unwrap_or(index + 1);
    }
}

fn found_at(scan: &mut Scan, index: usize) -> Option<usize> {
    let (comparison, lead_end) = LEADS.longest_at(&scan.tokens, index)?;
    let mut at = lead_end;
    while matches!(scan.word(at), "a" | "the" | "of" | "=") {
        at += 1;
    }
    let (number, suffix) = numbers::split(scan.word(at))?;
    if !scan.all_free(index..at + 1) {
        return None;
    }
    let is_sign = matches!(scan.word(index), ">" | "<" | "≥" | "≤");
    let window_lead = matches!(scan.word(index), "over" | "past" | "under");
    let (unit_word, end) = match suffix {
        "" => (scan.free_word(at + 1), at + 2),
        _ => (suffix, at + 1),
    };
    if window_lead && lists(PERIODS, unit_word) {
        return None;
    }
    let (factor, unit, end) = match UNITS.iter().find(|(name, ..)| *name == unit_word) {
        Some(&(_, factor, unit)) => (factor, unit, end),
        // Letters that are no unit make it some other word: "above 5xx".
        None if !suffix.is_empty() => return None,
        None if scan.word(index) == "past" => return None,
        None => (1.0, if is_sign { Unit::None } else { Unit::Count }, at + 1),
    };
    let value = EntityValue::Threshold { comparison, value: scaled(number, factor), unit };
    let confidence = if unit == Unit::None || unit == Unit::Count { 0.75 } else { 0.95 };
    scan.take(EntityKind::Threshold, value, index..end, confidence);
    Some(end)
}

/// The factor to the base unit, and the base unit.
pub(crate) fn unit(word: &str) -> Option<(f64, Unit)> {
    UNITS.iter().find(|(name, ..)| *name == word).map(|&(_, factor, unit)| (factor, unit))
}

/// The comparison that the words at a token say.
pub(crate) fn comparison_at(scan: &Scan, at: usize) -> Option<Comparison> {
    LEADS.longest_at(&scan.tokens, at).map(|(comparison, _)| comparison)
}

/// Divides where the unit is a part of the base unit, so that 70 % is 0.7 and not a bit more.
pub(crate) fn scaled(number: f64, factor: f64) -> f64 {
    if factor < 1.0 { number / factor.recip().round() } else { number * factor }
}
