//! Times for people, in the zone of this machine.

use jiff::{Timestamp, Zoned, tz::TimeZone};

const DAY_S: i64 = 86_400;

/// Unix seconds as a time; `None` outside of what a calendar knows.
pub(crate) fn zoned(unix_s: f64, zone: &TimeZone) -> Option<Zoned> {
    // Casting saturates, and what is out of range is refused.
    Timestamp::from_millisecond((unix_s * 1000.0) as i64)
        .ok()
        .map(|time| time.to_zoned(zone.clone()))
}

/// `14:05`, or with the day where a span is longer than one.
pub(crate) fn label(unix_s: f64, span_s: f64, zone: &TimeZone) -> String {
    let format = if span_s > DAY_S as f64 { "%b %-d %H:%M" } else { "%H:%M" };
    zoned(unix_s, zone).map(|time| time.strftime(format).to_string()).unwrap_or_default()
}

/// `Mar 5 14:05`.
pub(crate) fn moment(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned(zone.clone()).strftime("%b %-d %H:%M").to_string()
}

/// How long ago `then` was: `just now`, `5 min ago`, `3 h ago`, `2 d ago`, or the date.
pub(crate) fn ago(then: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    match now.as_second() - then.as_second() {
        seconds if seconds < 60 => "just now".to_owned(),
        seconds if seconds < 3600 => format!("{} min ago", seconds / 60),
        seconds if seconds < DAY_S => format!("{} h ago", seconds / 3600),
        seconds if seconds < 14 * DAY_S => format!("{} d ago", seconds / DAY_S),
        _ => then.to_zoned(zone.clone()).strftime("%Y-%m-%d").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_zone() {
        let berlin = TimeZone::fixed(jiff::tz::offset(2));
        let noon = 1_750_000_000.0; // 2025-06-15T15:06:40Z
        assert_eq!(label(noon, 3600.0, &TimeZone::UTC), "15:06");
        assert_eq!(label(noon, 3600.0, &berlin), "17:06");
        assert_eq!(label(noon, 90_000.0, &berlin), "Jun 15 17:06");
        assert_eq!(label(f64::MAX, 1.0, &berlin), "");
    }

    #[test]
    fn the_past_is_rounded() {
        let now = Timestamp::from_second(1_750_000_000).unwrap();
        for (seconds, expected) in [
            (-5, "just now"),
            (59, "just now"),
            (60, "1 min ago"),
            (7200, "2 h ago"),
            (2 * 86_400, "2 d ago"),
            (30 * 86_400, "2025-05-16"),
        ] {
            let then = Timestamp::from_second(1_750_000_000 - seconds).unwrap();
            assert_eq!(ago(then, now, &TimeZone::UTC), expected);
        }
    }
}
