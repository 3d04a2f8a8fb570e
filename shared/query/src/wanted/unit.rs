//! Units as people say them.

use model::Unit;

/// A unit in which a number was said or is wanted: so much of the base unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Said {
    pub(crate) unit: Unit,
    pub(crate) factor: f64,
    /// It was said in bits.
    pub(crate) bits: bool,
}

const TIMES: &[(&[&str], f64)] = &[
    (&["s", "sec", "secs", "second", "seconds"], 1.0),
    (&["m", "min", "mins", "minute", "minutes"], 60.0),
    (&["h", "hr", "hrs", "hour", "hours"], 3_600.0),
    (&["d", "day", "days"], 86_400.0),
    (&["w", "wk", "week", "weeks"], 604_800.0),
    (&["fortnight"], 1_209_600.0),
    (&["month", "months"], 2_592_000.0),
    (&["quarter"], 7_776_000.0),
    (&["year", "years"], 31_536_000.0),
];

const SHORT_TIMES: &[(&[&str], f64)] = &[
    (&["ms", "msec", "msecs", "millis", "millisecond", "milliseconds"], 1e-3),
    (&["us", "µs", "usec", "micros", "microsecond", "microseconds"], 1e-6),
    (&["ns", "nanosecond", "nanoseconds"], 1e-9),
];

const BYTES: &[(&[&str], f64)] = &[
    (&["b", "byte", "bytes"], 1.0),
    (&["kb", "kilobyte", "kilobytes"], 1e3),
    (&["mb", "megabyte", "megabytes", "megs"], 1e6),
    (&["gb", "gigabyte", "gigabytes", "gigs"], 1e9),
    (&["tb", "terabyte", "terabytes"], 1e12),
    (&["kib", "kibibyte", "kibibytes"], 1_024.0),
    (&["mib", "mebibyte", "mebibytes"], 1_048_576.0),
    (&["gib", "gibibyte", "gibibytes"], 1_073_741_824.0),
    (&["tib", "tebibyte", "tebibytes"], 1_099_511_627_776.0),
];

/// Bits are an eighth of a byte; what is shown in bits is multiplied by eight first.
const BITS: &[(&[&str], f64)] = &[
    (&["bits", "bit", "bps"], 1.0),
    (&["kilobits", "kilobit", "kbit", "kbps", "kbit/s"], 1e3),
    (&["megabits", "megabit", "mbit", "mbps", "mbit/s"], 1e6),
    (&["gigabits", "gigabit", "gbit", "gbps", "gbit/s"], 1e9),
];

/// Units of time that a period is counted in, from seconds on.
pub(crate) fn time(word: &str) -> Option<f64> {
    named(TIMES, word)
}

pub(crate) fn is_time(word: &str) -> bool {
    time(word).is_some()
}

/// Whether a unit may be written right behind a number: `250ms`, `80%`.
pub(crate) fn may_follow_number(unit: &str) -> bool {
    matches!(unit, "%" | "/s" | "rps" | "qps" | "°c" | "°f" | "°") || said(unit).is_some()
}

/// The unit that a word is.
pub(crate) fn said(word: &str) -> Option<Said> {
    let of = |unit: Unit| move |factor: f64| Said { unit, factor, bits: false };
    // "MB/s", "megabits/s": that it is per second is read elsewhere.
    let amount = word.strip_suffix("/s").or_else(|| word.strip_suffix("/sec")).unwrap_or(word);
    named(SHORT_TIMES, word)
        .or_else(|| time(word))
        .map(of(Unit::Seconds))
        .or_else(|| named(BYTES, amount).map(of(Unit::Bytes)))
        .or_else(|| {
            named(BITS, amount).map(|factor| Said { bits: true, ..of(Unit::Bytes)(factor / 8.0) })
        })
        .or_else(|| {
            matches!(word, "%" | "percent" | "percentage" | "pct" | "percents").then_some(of(
                Unit::Ratio,
            )(
                0.01
            ))
        })
        .or_else(|| matches!(word, "core" | "cores").then_some(of(Unit::Cores)(1.0)))
        .or_else(|| matches!(word, "millicore" | "millicores").then_some(of(Unit::Cores)(1e-3)))
}

fn named(table: &[(&[&str], f64)], word: &str) -> Option<f64> {
    table.iter().find(|(names, _)| names.contains(&word)).map(|(_, factor)| *factor)
}
