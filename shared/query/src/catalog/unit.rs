//! The unit that a metric is recorded in, and the factor to its base unit.
//!
//! Base units are those of <https://prometheus.io/docs/practices/naming/#base-units>.

use model::Unit;

use crate::text;

/// What a recorded value is multiplied by to be in a base unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    pub(crate) unit: Unit,
    pub(crate) factor: f64,
}

impl Scale {
    pub(crate) const fn base(unit: Unit) -> Self {
        Self { unit, factor: 1.0 }
    }
}

/// The words that name a unit, in metric names, `# UNIT` lines and help texts.
const UNITS: [(&[&str], Unit, f64); 17] = [
    (&["seconds", "second", "secs"], Unit::Seconds, 1.0),
    (&["milliseconds", "millisecond", "millis", "ms", "msec"], Unit::Seconds, 1e-3),
    (&["microseconds", "microsecond", "micros", "us", "usec"], Unit::Seconds, 1e-6),
    (&["nanoseconds", "nanosecond", "nanos", "ns"], Unit::Seconds, 1e-9),
    (&["minutes"], Unit::Seconds, 60.0),
    (&["hours"], Unit::Seconds, 3600.0),
    (&["bytes", "byte", "octets"], Unit::Bytes, 1.0),
    (&["kilobytes", "kb"], Unit::Bytes, 1e3),
    (&["megabytes", "mb"], Unit::Bytes, 1e6),
    (&["gigabytes", "gb"], Unit::Bytes, 1e9),
    (&["kibibytes", "kib"], Unit::Bytes, 1024.0),
    (&["mebibytes", "mib"], Unit::Bytes, 1_048_576.0),
    (&["gibibytes", "gib"], Unit::Bytes, 1_073_741_824.0),
    (&["ratio", "fraction"], Unit::Ratio, 1.0),
    (&["percent", "percentage", "pct"], Unit::Ratio, 0.01),
    (&["cores"], Unit::Cores, 1.0),
    (&["millicores", "millicpu"], Unit::Cores, 1e-3),
];

/// Words of names of what is counted in money, which is recorded in millionths now and then.
const MONEY: [&str; 16] = [
    "revenue", "cost", "costs", "price", "spend", "spent", "budget", "amount", "value", "fee",
    "fees", "earnings", "payout", "payouts", "billing", "turnover",
];

/// Endings of a name that stand behind its unit.
const ENDINGS: [&str; 6] = ["total", "sum", "count", "bucket", "max", "created"];

/// Phrases of help texts that say that a value is a share.
const SHARE_PHRASES: [&str; 5] =
    ["0 to 1", "0-1", "between 0 and 1", "0.0 to 1.0", "1 means 100 percent"];

/// The unit of a family: from its metadata, else its name, else its help.
pub(super) fn of(name: &str, unit: &str, help: &str) -> Option<Scale> {
    from_words(&text::words(unit)).or_else(|| from_name(name)).or_else(|| from_help(help))
}

fn from_name(name: &str) -> Option<Scale> {
    let words = text::words(name);
    let end = words.iter().rposition(|word| !ENDINGS.contains(&word.as_str()))?;
    // CloudWatch says all of these in percent, and not in the name.
    if words[0] == "aws" && words.iter().any(|word| word.ends_with("utilization")) {
        return Some(Scale { unit: Unit::Ratio, factor: 0.01 });
    }
    let of_money = words.iter().any(|word| MONEY.contains(&word.as_str()));
    let millionths = matches!(words[end].as_str(), "micros" | "millis");
    if of_money && millionths { None } else { from_words(&words[end..=end]) }
}

fn from_help(help: &str) -> Option<Scale> {
    let lower = help.to_lowercase();
    if SHARE_PHRASES.iter().any(|phrase| lower.contains(phrase)) {
        return Some(Scale::base(Unit::Ratio));
    }
    if ["in %", "(%)", "in percent", "in per cent", ", percent", "(percent)"]
        .iter()
        .any(|phrase| lower.contains(phrase))
    {
        return Some(Scale { unit: Unit::Ratio, factor: 0.01 });
    }
    // Only what follows "in": "requests per second" in a help text says nothing of the unit.
    let words = text::words(&lower);
    let after_in = words.iter().zip(words.iter().skip(1)).filter(|(word, _)| *word == "in");
    // In prose "us" is no unit: "in US dollars".
    after_in
        .map(|(_, next)| next)
        .filter(|next| *next != "us")
        .find_map(|next| from_words(std::slice::from_ref(next)))
}

fn from_words(words: &[String]) -> Option<Scale> {
    words.iter().find_map(|word| {
        UNITS
            .iter()
            .find(|(names, ..)| names.contains(&word.as_str()))
            .map(|&(_, unit, factor)| Scale { unit, factor })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_from_metadata_name_and_help() {
        for (name, unit, help, expected) in [
            ("http_request_duration_seconds", "", "", Some((Unit::Seconds, 1.0))),
            ("istio_request_duration_milliseconds", "", "", Some((Unit::Seconds, 1e-3))),
            ("latency", "ms", "", Some((Unit::Seconds, 1e-3))),
            ("latency", "", "Response time in milliseconds.", Some((Unit::Seconds, 1e-3))),
            ("node_memory_MemAvailable_bytes", "", "", Some((Unit::Bytes, 1.0))),
            ("container_cpu_usage_seconds_total", "", "", Some((Unit::Seconds, 1.0))),
            ("cpu_percent", "", "", Some((Unit::Ratio, 0.01))),
            ("load", "", "A share, between 0 and 1.", Some((Unit::Ratio, 1.0))),
            ("http_requests_total", "", "Requests, not per second.", None),
            ("ad_revenue_micros_total", "", "", None),
            ("aws_rds_cpuutilization_average", "", "", Some((Unit::Ratio, 0.01))),
            ("flush_micros_total", "", "", Some((Unit::Seconds, 1e-6))),
            ("revenue_total", "", "Revenue in US dollars.", None),
            ("seconds_waiting_jobs", "", "", None),
        ] {
            let found = of(name, unit, help).map(|scale| (scale.unit, scale.factor));
            assert_eq!(found, expected, "{name}");
        }
    }
}
