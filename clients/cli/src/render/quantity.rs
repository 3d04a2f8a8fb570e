//! Values with their units, as short as they are still told apart: three significant digits.

/// `unit` is one of the contract's: `seconds`, `ratio`, `bytes`, `count`, `per_second`, `cores` or
/// `none`.
pub(crate) fn quantity(value: f64, unit: &str) -> String {
    match unit {
        "seconds" => seconds(value),
        "ratio" => format!("{} %", significant(value * 100.0)),
        "bytes" => scaled(value, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB", "PiB"]),
        "per_second" => format!("{}/s", significant(value)),
        "cores" => format!("{} cores", significant(value)),
        _ => significant(value),
    }
}

fn seconds(value: f64) -> String {
    match value.abs() {
        0.0 => "0 s".to_owned(),
        size if size < 0.001 => format!("{} µs", significant(value * 1e6)),
        size if size < 1.0 => format!("{} ms", significant(value * 1e3)),
        size if size < 120.0 => format!("{} s", significant(value)),
        size if size < 7200.0 => format!("{} min", significant(value / 60.0)),
        size if size < 172_800.0 => format!("{} h", significant(value / 3600.0)),
        _ => format!("{} d", significant(value / 86_400.0)),
    }
}

fn scaled(value: f64, base: f64, units: &[&str]) -> String {
    let mut scaled = value;
    let mut at = 0;
    while scaled.abs() >= base && at + 1 < units.len() {
        scaled /= base;
        at += 1;
    }
    format!("{} {}", significant(scaled), units[at])
}

/// Three digits, or all of them before the decimal point, in groups.
fn significant(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor();
    if !(-4.0..15.0).contains(&magnitude) {
        return format!("{value:.2e}");
    }
    // Within the range above, so that this is between 0 and 6.
    let decimals = (2.0 - magnitude).max(0.0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    grouped(&text)
}

fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let mut out = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_well() {
        for (value, unit, expected) in [
            (0.0521, "ratio", "5.21 %"),
            (0.0, "ratio", "0 %"),
            (1.0, "ratio", "100 %"),
            (0.000_012, "ratio", "0.0012 %"),
            (0.2304, "seconds", "230 ms"),
            (0.000_25, "seconds", "250 µs"),
            (0.0, "seconds", "0 s"),
            (1.5, "seconds", "1.5 s"),
            (300.0, "seconds", "5 min"),
            (90_000.0, "seconds", "25 h"),
            (864_000.0, "seconds", "10 d"),
            (536_870_912.0, "bytes", "512 MiB"),
            (12.0, "bytes", "12 B"),
            (1_234_567.0, "count", "1,234,567"),
            (-1234.0, "none", "-1,234"),
            (12.345, "per_second", "12.3/s"),
            (0.42, "cores", "0.42 cores"),
            (1e-9, "none", "1.00e-9"),
            (3e20, "none", "3.00e20"),
        ] {
            assert_eq!(quantity(value, unit), expected, "{value} {unit}");
        }
    }
}
