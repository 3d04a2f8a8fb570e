//! Times and periods in the zone of the person who asked.

use jiff::{Timestamp, Zoned, tz::TimeZone};
use query::Period;

/// `2025-11-20 11:00 UTC`; seconds only where they are not zero.
pub(super) fn time(at: Timestamp, zone: &TimeZone) -> String {
    let zoned = at.to_zoned(zone.clone());
    format!("{} {} {}", zoned.strftime("%Y-%m-%d"), clock(&zoned), zoned.strftime("%Z"))
}

/// What the zone is called at a time.
pub(super) fn zone(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Z").to_string()
}

/// The time of a point of a result.
pub(super) fn at_second(second: f64, zone: &TimeZone) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "seconds of our time fit")]
    let at = Timestamp::from_second(second as i64).unwrap_or(Timestamp::UNIX_EPOCH);
    time(at, zone)
}

/// `2025-11-20 11:00 to 12:00 UTC`.
pub(super) fn period(period: &Period, zone: &TimeZone) -> String {
    let start = period.start.to_zoned(zone.clone());
    let end = period.end.to_zoned(zone.clone());
    let day = end.strftime("%Y-%m-%d ").to_string();
    let day = if start.date() == end.date() { "" } else { day.as_str() };
    // Across a change of the clocks each end needs its own zone.
    let own = if start.offset() == end.offset() {
        String::new()
    } else {
        format!(" {}", start.strftime("%Z"))
    };
    format!(
        "{} {}{own} to {day}{} {}",
        start.strftime("%Y-%m-%d"),
        clock(&start),
        clock(&end),
        end.strftime("%Z")
    )
}

/// The period as the question had it, or that nobody named one.
pub(super) fn origin(period: &Period) -> String {
    let length = length(period.length_s());
    match (&period.relative, period.assumed) {
        (Some(_), _) => format!(" (the last {length})"),
        (None, true) => format!(" (the last {length}; no period was named)"),
        (None, false) => String::new(),
    }
}

/// `5 minutes`, `hour`, `24 hours`, `7 days`, `12 hours and 38 minutes`.
pub(super) fn length(seconds: i64) -> String {
    let (hours, minutes) = (seconds / 3_600, seconds % 3_600 / 60);
    if hours >= 2 && minutes > 0 {
        let plural = if minutes == 1 { "" } else { "s" };
        return format!("{hours} hours and {minutes} minute{plural}");
    }
    let seconds = if hours >= 2 { hours * 3_600 } else { seconds };
    for (unit, size) in [("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)] {
        if seconds >= size && seconds % size == 0 {
            let number = seconds / size;
            return match (number, unit) {
                (1, "day") => "24 hours".to_owned(),
                (1, unit) => unit.to_owned(),
                (number, unit) => format!("{number} {unit}s"),
            };
        }
    }
    "moment".to_owned()
}

fn clock(zoned: &Zoned) -> String {
    let format = if zoned.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
    zoned.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(start: &str, end: &str) -> Period {
        Period {
            start: start.parse().unwrap(),
            end: end.parse().unwrap(),
            assumed: false,
            relative: None,
        }
    }

    #[test]
    fn periods_are_absolute_with_their_zone() {
        let berlin = TimeZone::fixed(jiff::tz::offset(1));
        for (start, end, zone, expected) in [
            (
                "2025-11-20T11:00:00Z",
                "2025-11-20T12:00:00Z",
                &TimeZone::UTC,
                "2025-11-20 11:00 to 12:00 UTC",
            ),
            (
                "2025-11-19T12:00:05Z",
                "2025-11-20T12:00:05Z",
                &TimeZone::UTC,
                "2025-11-19 12:00:05 to 2025-11-20 12:00:05 UTC",
            ),
            (
                "2025-11-20T22:30:00Z",
                "2025-11-20T22:45:00Z",
                &berlin,
                "2025-11-20 23:30 to 23:45 +01",
            ),
        ] {
            assert_eq!(period(&between(start, end), zone), expected);
        }
    }

    #[test]
    fn lengths_are_whole() {
        for (seconds, expected) in [
            (300, "5 minutes"),
            (3_600, "hour"),
            (5_400, "90 minutes"),
            (604_800, "7 days"),
            (45_520, "12 hours and 38 minutes"),
            (10_830, "3 hours"),
            (93_660, "26 hours and 1 minute"),
        ] {
            assert_eq!(length(seconds), expected);
        }
    }
}
