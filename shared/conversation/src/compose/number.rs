//! Numbers as people read them: three significant digits, a unit that fits the size.

use model::Unit;

const SIGNIFICANT_DIGITS: i32 = 3;

/// A value in a base unit, in the unit that suits its size. `metric` decides what is counted per
/// second.
pub(super) fn show(value: f64, unit: Unit, per_second: bool, metric: &str) -> String {
    let text = match unit {
        Unit::Ratio => percent(value),
        Unit::Seconds => duration(value),
        Unit::Bytes => bytes(value),
        Unit::Count => count(value),
        Unit::PerSecond if metric == "request_rate" => format!("{} req/s", digits(value)),
        Unit::PerSecond => format!("{}/s", digits(value)),
        Unit::Cores => format!("{} cores", digits(value)),
        Unit::None => digits(value),
    };
    if per_second { format!("{text}/s") } else { text }
}

/// `0.42 %`.
pub(super) fn percent(ratio: f64) -> String {
    /// Below this, a share that is not nothing is told as "less than".
    const LEAST: f64 = 1e-5;
    if ratio > 0.0 && ratio < LEAST {
        return "under 0.001 %".to_owned();
    }
    format!("{} %", digits(ratio * 100.0))
}

/// Events are whole; `increase` extrapolates to fractions of them.
fn count(value: f64) -> String {
    if value > 0.0 && value < 0.5 { "under 1".to_owned() } else { grouped(value.round()) }
}

fn duration(seconds: f64) -> String {
    let size = seconds.abs();
    if size == 0.0 {
        "0 s".to_owned()
    } else if size < 1e-3 {
        format!("{} µs", digits(seconds * 1e6))
    } else if size < 1.0 {
        format!("{} ms", digits(seconds * 1e3))
    } else if size < 120.0 {
        format!("{} s", digits(seconds))
    } else if size < 7_200.0 {
        format!("{} min", digits(seconds / 60.0))
    } else {
        format!("{} h", digits(seconds / 3_600.0))
    }
}

fn bytes(value: f64) -> String {
    const STEP: f64 = 1_024.0;
    let mut value = value;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if value.abs() < STEP {
            return format!("{} {unit}", digits(value));
        }
        value /= STEP;
    }
    format!("{} TiB", digits(value))
}

/// Three significant digits, without trailing zeros, never in scientific notation.
pub(super) fn digits(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return "0".to_owned();
    }
    #[expect(clippy::cast_possible_truncation, reason = "the magnitude of a double fits")]
    let magnitude = value.abs().log10().floor() as i32 + 1;
    let decimals = (SIGNIFICANT_DIGITS - magnitude).clamp(0, 9);
    if decimals == 0 {
        return grouped(value.round());
    }
    let text = format!("{value:.*}", decimals.unsigned_abs() as usize);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A whole number with its thousands apart: `30,012`.
fn grouped(value: f64) -> String {
    let plain = format!("{:.0}", value.abs());
    let mut text = String::with_capacity(plain.len() + plain.len() / 3 + 1);
    if value < 0.0 && plain != "0" {
        text.push('-');
    }
    for (index, digit) in plain.chars().enumerate() {
        if index > 0 && (plain.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What [`change`] says of values that are as good as equal.
pub(super) const UNCHANGED: &str = "unchanged";

/// How a value compares with another: `up 12 %`, `down from 0.3 to 0.2`, `unchanged`.
pub(super) fn change(from: f64, to: f64, unit: Unit) -> String {
    /// Smaller changes are not worth a word.
    const NOTICEABLE: f64 = 0.01;
    /// From here on times are easier to grasp than per cent.
    const TIMES: f64 = 3.0;
    if from == to || (from != 0.0 && ((to - from) / from).abs() < NOTICEABLE) {
        return UNCHANGED.to_owned();
    }
    let direction = if to > from { "up" } else { "down" };
    if unit == Unit::Ratio {
        // Per cent of per cent would be misread.
        let points = digits(((to - from) * 100.0).abs());
        return format!("{direction} {points} percentage points");
    }
    if from == 0.0 {
        return direction.to_owned();
    }
    if to / from >= TIMES {
        return format!("{} times as much", digits(to / from));
    }
    format!("{direction} {}", percent(((to - from) / from).abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_in_fitting_units() {
        for (value, unit, expected) in [
            (0.0042, Unit::Ratio, "0.42 %"),
            (0.0, Unit::Ratio, "0 %"),
            (1.0, Unit::Ratio, "100 %"),
            (0.123_45, Unit::Ratio, "12.3 %"),
            (0.999_6, Unit::Ratio, "100 %"),
            (0.000_001, Unit::Ratio, "under 0.001 %"),
            (0.000_25, Unit::Seconds, "250 µs"),
            (0.1824, Unit::Seconds, "182 ms"),
            (1.5, Unit::Seconds, "1.5 s"),
            (300.0, Unit::Seconds, "5 min"),
            (86_400.0, Unit::Seconds, "24 h"),
            (512.0, Unit::Bytes, "512 B"),
            (134_217_728.0, Unit::Bytes, "128 MiB"),
            (3_000.0 * 1_073_741_824.0, Unit::Bytes, "2.93 TiB"),
            (30_012.4, Unit::Count, "30,012"),
            (0.2, Unit::Count, "under 1"),
            (0.0, Unit::Count, "0"),
            (0.2534, Unit::Cores, "0.253 cores"),
            (1_234_567.0, Unit::None, "1,234,567"),
            (-12.345, Unit::None, "-12.3"),
            (0.000_012_345, Unit::None, "0.0000123"),
        ] {
            assert_eq!(show(value, unit, false, ""), expected, "{value}");
        }
        assert_eq!(show(12.3, Unit::PerSecond, false, "request_rate"), "12.3 req/s");
        assert_eq!(show(12.3, Unit::PerSecond, false, "restarts"), "12.3/s");
        assert_eq!(show(2_048.0, Unit::Bytes, true, ""), "2 KiB/s");
    }

    #[test]
    fn changes_are_told_in_proportion() {
        for (from, to, unit, expected) in [
            (100.0, 112.0, Unit::PerSecond, "up 12 %"),
            (100.0, 50.0, Unit::PerSecond, "down 50 %"),
            (100.0, 100.1, Unit::PerSecond, "unchanged"),
            (1.0, 4.0, Unit::Seconds, "4 times as much"),
            (0.0, 4.0, Unit::Count, "up"),
            (0.01, 0.03, Unit::Ratio, "up 2 percentage points"),
        ] {
            assert_eq!(change(from, to, unit), expected, "{from} {to}");
        }
    }
}
