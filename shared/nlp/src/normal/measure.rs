//! Numbers with units: thresholds, durations and quantities.

use std::ops::Range;

use model::{Comparison, EntityValue, Unit};

use crate::{entities::threshold, numbers, scan::Scan, text::Kind, time};

/// A number that may be written in words, with thousands and `k`, and what follows it.
struct Number {
    value: f64,
    /// Letters glued to the number: `ms` in `500ms`.
    suffix: String,
    /// The token behind.
    end: usize,
}

fn number_in(scan: &Scan, tokens: Range<usize>) -> Option<Number> {
    tokens.clone().find_map(|at| number_at(scan, at, tokens.end))
}

fn number_at(scan: &Scan, at: usize, end: usize) -> Option<Number> {
    let token = scan.tokens.get(at)?;
    let raw = token.raw.as_str();
    if token.kind != Kind::Number {
        let value = match raw {
            "half" => 0.5,
            "a" | "an" => 1.0,
            word => f64::from(numbers::spelled(word)?),
        };
        return Some(Number { value, suffix: String::new(), end: at + 1 });
    }
    let (mut value, suffix) = numbers::split(raw)?;
    let mut suffix = suffix.to_owned();
    let mut next = at + 1;
    // "1,900" comes as three tokens.
    while suffix.is_empty()
        && next + 1 < end
        && scan.word(next) == ","
        && scan.is_glued(next)
        && scan.is_glued(next + 1)
        && scan.word(next + 1).len() >= 3
        && scan.word(next + 1)[..3].bytes().all(|byte| byte.is_ascii_digit())
    {
        let (more, letters) = numbers::split(scan.word(next + 1))?;
        value = value * 1000.0 + more;
        suffix = letters.to_owned();
        next += 2;
    }
    // A bare `m` may be metres or minutes.
    for (name, factor) in [("k", 1e3), ("mn", 1e6), ("bn", 1e9)] {
        if suffix == name {
            value *= factor;
            suffix.clear();
        }
    }
    for (name, factor) in [("thousand", 1e3), ("million", 1e6), ("billion", 1e9), ("k", 1e3)] {
        if next < end && scan.word(next) == name {
            value *= factor;
            next += 1;
        }
    }
    Some(Number { value, suffix, end: next })
}

/// `{op, value, unit}` in base units. Without a word for it the comparison is `=`; a target ("99.9%
/// SLO", "hits 90%") is at least.
pub(super) fn threshold(scan: &Scan, tokens: Range<usize>) -> Option<EntityValue> {
    if let Some(nines) = nines(scan, tokens.clone()) {
        return Some(EntityValue::Threshold {
            comparison: Comparison::AtLeast,
            value: nines,
            unit: Unit::Ratio,
        });
    }
    let number = number_in(scan, tokens.clone())?;
    let unit_word = match number.suffix.as_str() {
        "" => scan.word(number.end),
        suffix => suffix,
    };
    let (value, unit) = match threshold::unit(unit_word) {
        Some((factor, unit)) => (threshold::scaled(number.value, factor), unit),
        None => (number.value, Unit::Count),
    };
    let unit = match unit {
        Unit::Seconds | Unit::Ratio | Unit::Bytes => unit,
        _ => Unit::Count,
    };
    let comparison =
        tokens.clone().find_map(|at| threshold::comparison_at(scan, at)).unwrap_or_else(|| {
            let says = |word: &str| tokens.clone().any(|at| scan.word(at) == word);
            if ["hits", "hit", "reaches", "reach", "reached", "least", "from"]
                .iter()
                .any(|word| says(word))
            {
                Comparison::AtLeast
            } else if ["passes", "pass", "crosses", "cross", "tops", "exceeding", "passed"]
                .iter()
                .any(|word| says(word))
            {
                Comparison::Above
            } else if ["drops", "falls", "dips"].iter().any(|word| says(word)) {
                Comparison::Below
            } else if unit == Unit::Ratio && value > 0.9 {
                Comparison::AtLeast
            } else {
                Comparison::Equal
            }
        });
    Some(EntityValue::Threshold { comparison, value, unit })
}

/// "three nines" is 0.999.
fn nines(scan: &Scan, tokens: Range<usize>) -> Option<f64> {
    let at = tokens.clone().find(|&at| scan.word(at) == "nines")?;
    let count = numbers::whole(scan.word_before(at))?.min(9);
    let digits = "9".repeat(count as usize);
    format!("0.{digits}").parse().ok()
}

pub(super) fn duration(scan: &Scan, tokens: Range<usize>) -> Option<EntityValue> {
    let small = || {
        let number = number_in(scan, tokens.clone())?;
        let unit = if number.suffix.is_empty() { scan.word(number.end) } else { &number.suffix };
        match threshold::unit(unit) {
            Some((factor, Unit::Seconds)) => Some(threshold::scaled(number.value, factor)),
            // A bare number of a length of time is minutes.
            _ => Some(number.value * 60.0),
        }
    };
    let length = tokens.clone().find_map(|at| time::seconds_at(scan, at));
    length.or_else(small).map(EntityValue::Seconds)
}

/// `{value, unit}`; a bare number is of replicas.
pub(super) fn quantity(scan: &Scan, tokens: Range<usize>) -> Option<EntityValue> {
    const DROPPED: &str = "more extra additional new other further of fewer less last latest";
    let number = number_in(scan, tokens.clone())?;
    let mut unit: Vec<String> = Vec::new();
    if !number.suffix.is_empty() {
        unit.push(number.suffix.clone());
    }
    let mut at = number.end;
    while at < tokens.end {
        let written = scan.slice(at..at + 1);
        let glued = scan.is_glued(at) && !unit.is_empty();
        if !DROPPED.split(' ').any(|word| word == scan.word(at)) {
            match unit.last_mut() {
                Some(last) if glued => last.push_str(written),
                _ => unit.push(written.to_owned()),
            }
        }
        at += 1;
    }
    let unit = unit.join(" ");
    let unit = match unit.as_str() {
        "" => "replicas",
        "%" | "pct" | "per cent" => "percent",
        "g" | "gb" | "gigs" | "gig" => "GB",
        "mb" | "megs" | "meg" => "MB",
        "gib" | "Gi" | "gi" => "GiB",
        "mib" | "Mi" | "mi" => "MiB",
        other => other,
    };
    Some(EntityValue::Quantity { value: number.value, unit: unit.to_owned() })
}
