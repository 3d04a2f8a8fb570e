//! Durations and sizes, as LogQL reads and writes them.

use std::fmt::Write as _;

const NANOSECOND: i128 = 1;
const MICROSECOND: i128 = 1_000;
const MILLISECOND: i128 = 1_000_000;
const SECOND: i128 = 1_000_000_000;
const MINUTE: i128 = 60 * SECOND;
const HOUR: i128 = 60 * MINUTE;
const DAY: i128 = 24 * HOUR;

/// Units that may come in any order, with fractions.
const FREE_UNITS: [(&str, i128); 7] = [
    ("ns", NANOSECOND),
    ("us", MICROSECOND),
    ("µs", MICROSECOND),
    ("ms", MILLISECOND),
    ("s", SECOND),
    ("m", MINUTE),
    ("h", HOUR),
];
/// Units that come in this order, whole, each once at most; a year has 365 days.
const ORDERED_UNITS: [(&str, i128); 7] = [
    ("y", 365 * DAY),
    ("w", 7 * DAY),
    ("d", DAY),
    ("h", HOUR),
    ("m", MINUTE),
    ("s", SECOND),
    ("ms", MILLISECOND),
];
const BYTE_UNITS: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("TB", 1_000_000_000_000),
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1_000),
    ("B", 1),
];

/// Nanoseconds of a duration in a filter or an offset: `1.5s`, `1h30m`, `2d`.
pub(crate) fn duration(text: &str) -> Option<i64> {
    free(text).or_else(|| ordered(text)).and_then(|nanoseconds| i64::try_from(nanoseconds).ok())
}

/// Milliseconds of a range: `5m`, `1h30m`, `1d`; whole units in falling order.
pub(crate) fn range(text: &str) -> Option<i64> {
    if text == "0" {
        return Some(0);
    }
    let nanoseconds = ordered(text)?;
    i64::try_from(nanoseconds).ok().map(|_| ())?;
    i64::try_from(nanoseconds / MILLISECOND).ok()
}

fn free(text: &str) -> Option<i128> {
    let mut rest = text;
    let mut total = 0_i128;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let (_, length) = FREE_UNITS.iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(scaled(number, *length)?)?;
        rest = after;
    }
    Some(total)
}

/// `1.5` of so many, cut to whole ones.
fn scaled(number: &str, length: i128) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { small(whole)? };
    let mut total = whole.checked_mul(length)?;
    let mut place = length;
    for digit in fraction.bytes() {
        place /= 10;
        total += i128::from(digit - b'0') * place;
    }
    Some(total)
}

fn ordered(text: &str) -> Option<i128> {
    let mut rest = text;
    let mut total = 0_i128;
    let mut least = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).filter(|digits| *digits > 0)?;
        let (number, after) = rest.split_at(digits);
        let unit_end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let place = least + ORDERED_UNITS[least..].iter().position(|(name, _)| *name == unit)?;
        total = total.checked_add(small(number)?.checked_mul(ORDERED_UNITS[place].1)?)?;
        least = place + 1;
        rest = after;
    }
    Some(total)
}

/// Digits, few enough that no product of them overflows.
fn small(digits: &str) -> Option<i128> {
    digits.parse::<i64>().ok().map(i128::from)
}

/// Bytes of a size: `512B`, `10kB`, `1.5MiB`, `2G`.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().ok()?;
    let scale = if unit == "B" {
        1.0
    } else {
        let mut characters = unit.chars();
        let power = match characters.next()? {
            'k' | 'K' => 1,
            'M' => 2,
            'G' => 3,
            'T' => 4,
            _ => return None,
        };
        match characters.as_str() {
            "" | "B" => 1e3_f64.powi(power),
            "i" | "iB" => 1_024_f64.powi(power),
            _ => return None,
        }
    };
    let bytes = number * scale;
    // Beyond this a float no longer tells neighbours apart.
    (bytes.is_finite() && bytes <= 9e18).then_some(bytes as u64)
}

/// A duration that reads back as it was: `1h30m`, `1.5s`, `250ms`, `-5m`.
pub(crate) fn print_duration(nanoseconds: i64) -> String {
    let mut rest = i128::from(nanoseconds);
    let mut text = String::new();
    if rest == 0 {
        return "0s".to_owned();
    }
    if rest < 0 {
        text.push('-');
        rest = -rest;
    }
    for (unit, length) in [("h", HOUR), ("m", MINUTE)] {
        if rest >= length {
            let _ = write!(text, "{}{unit}", rest / length);
            rest %= length;
        }
    }
    let units =
        [("s", SECOND), ("ms", MILLISECOND), ("us", MICROSECOND), ("ns", NANOSECOND)].into_iter();
    if let Some((unit, length)) = units.into_iter().find(|(_, length)| rest >= *length) {
        let _ = write!(text, "{}", rest / length);
        let fraction = (rest % length) * SECOND / length;
        if fraction > 0 {
            let _ = write!(text, ".{}", format!("{fraction:09}").trim_end_matches('0'));
        }
        text.push_str(unit);
    }
    text
}

/// A range as people write it: `5m`, `1d`, `25h`, `100ms`.
pub(crate) fn print_range(milliseconds: i64) -> String {
    let mut rest = i128::from(milliseconds) * MILLISECOND;
    let mut text = String::new();
    if rest <= 0 {
        return "0s".to_owned();
    }
    for (unit, length) in &ORDERED_UNITS[2..] {
        // A whole number of days reads better than hours; 25 h does not read better as 1d1h.
        if rest >= *length && (*unit != "d" || rest % length == 0) {
            let _ = write!(text, "{}{unit}", rest / length);
            rest %= length;
        }
    }
    text
}

/// A size in the largest unit of which it is a whole number.
pub(crate) fn print_bytes(bytes: u64) -> String {
    let fitting = BYTE_UNITS.iter().find(|(_, size)| bytes >= *size && bytes.is_multiple_of(*size));
    let (unit, size) = fitting.unwrap_or(&("B", 1));
    format!("{}{unit}", bytes / size)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_read_as_loki_reads_them() {
        for (text, expected) in [
            ("1.5s", Some(1_500_000_000)),
            ("1h30m", Some(5_400_000_000_000)),
            ("30m1h", Some(5_400_000_000_000)),
            ("2d", Some(172_800_000_000_000)),
            ("1w2d3h4m5s6ms", Some(788_645_006_000_000)),
            ("5us5ms", Some(5_005_000)),
            ("500µs", Some(500_000)),
            (".5s", Some(500_000_000)),
            ("5.s", Some(5_000_000_000)),
            ("1.0000000001s", Some(1_000_000_000)),
            ("1d1.5h", None),
            ("1.5d", None),
            ("5ss", None),
            ("5", None),
            ("", None),
            ("s", None),
            ("1.5.5s", None),
            ("300y", None),
            ("9223372037s", None),
            ("99999999999999999999h", None),
        ] {
            assert_eq!(duration(text), expected, "{text}");
        }
    }

    #[test]
    fn ranges_are_whole_and_ordered() {
        for (text, expected) in [
            ("5m", Some(300_000)),
            ("1h30m", Some(5_400_000)),
            ("1d", Some(86_400_000)),
            ("1y2w3d", Some(33_004_800_000)),
            ("100ms", Some(100)),
            ("0", Some(0)),
            ("30m1h", None),
            ("1.5h", None),
            ("5", None),
            (" 5m", None),
            ("100us", None),
            ("-5m", None),
            ("", None),
            ("300y", None),
        ] {
            assert_eq!(range(text), expected, "{text}");
        }
    }

    #[test]
    fn sizes_read_as_loki_reads_them() {
        for (text, expected) in [
            ("1B", Some(1)),
            ("1kB", Some(1_000)),
            ("1KB", Some(1_000)),
            ("1K", Some(1_000)),
            ("1.5MiB", Some(1_572_864)),
            (".5KB", Some(500)),
            ("1Gi", Some(1_073_741_824)),
            ("1b", None),
            ("1kib", None),
            ("1g", None),
            ("1PB", None),
            ("KB", None),
            ("9100000000GB", None),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
    }

    #[test]
    fn values_print_as_people_write_them() {
        for (nanoseconds, expected) in [
            (0, "0s"),
            (1_500_000_000, "1.5s"),
            (250_000_000, "250ms"),
            (90_000_000_000, "1m30s"),
            (86_400_000_000_000, "24h"),
            (-300_000_000_000, "-5m"),
            (1, "1ns"),
            (1_001, "1.001us"),
        ] {
            assert_eq!(print_duration(nanoseconds), expected);
        }
        for (milliseconds, expected) in
            [(300_000, "5m"), (86_400_000, "1d"), (90_000_000, "25h"), (100, "100ms"), (0, "0s")]
        {
            assert_eq!(print_range(milliseconds), expected);
        }
        for (size, expected) in
            [(0, "0B"), (2_000_000_000, "2GB"), (2_048, "2KiB"), (1_500_000, "1500kB"), (7, "7B")]
        {
            assert_eq!(print_bytes(size), expected);
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(value in any::<i64>().prop_filter("", |it| *it != i64::MIN)) {
            let magnitude = value.abs();
            prop_assert_eq!(duration(&print_duration(magnitude)), Some(magnitude));
            let milliseconds = magnitude / 1_000_000;
            prop_assert_eq!(range(&print_range(milliseconds)), Some(milliseconds));
        }

        #[test]
        fn sizes_that_are_printed_read_back(value in 0_u64..(1 << 53)) {
            prop_assert_eq!(bytes(&print_bytes(value)), Some(value));
        }
    }
}
