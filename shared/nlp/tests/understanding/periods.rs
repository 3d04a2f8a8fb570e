//! Periods of time: the table of `data/`, daylight saving, and what is refused.

use crate::support;
use jiff::{Timestamp, tz::TimeZone};
use model::{EntityKind, EntityValue, TimeRange};
use nlp::{Moment, Problem, Vocabulary, understand};

fn periods(text: &str, now: &str, zone: &TimeZone) -> Vec<TimeRange> {
    let moment = Moment { now: now.parse().expect("a timestamp"), zone };
    let reading = understand(text, &support::vocabulary(), &moment);
    reading
        .to_act_on()
        .entities
        .into_iter()
        .filter_map(|entity| match entity.value {
            EntityValue::Time(range) => Some(range),
            _ => None,
        })
        .collect()
}

#[test]
fn every_period_of_the_table_is_read() {
    let zone = support::zone();
    let mut failures = Vec::new();
    for line in include_str!("../data/periods.tsv").lines().filter(|line| !line.starts_with('#')) {
        let (text, wanted) = line.split_once('\t').unwrap();
        // A question around it makes sure that it is read in context.
        for text in [text.to_owned(), format!("error rate of payment {text}")] {
            let reading = understand(&text, &support::vocabulary(), &support::moment(&zone));
            let found: Vec<String> = reading
                .to_act_on()
                .entities
                .iter()
                .filter(|entity| entity.kind == EntityKind::TimeRange)
                .map(|entity| support::show(entity, &zone).replace("time_range=", ""))
                .collect();
            // Alone these may be something else.
            let optional = text == "version 2.0"
                || text == "from Monday to Tuesday"
                || text.starts_with("errors in");
            if found.join("; ") != wanted && !optional {
                failures.push(format!(
                    "{text}\n  wanted {wanted}\n  found  {} {:?}",
                    found.join("; "),
                    reading.problems
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn days_are_as_long_as_the_zone_makes_them() {
    let berlin = support::zone();
    // The clocks went forward on 29 March 2026 and went back on 25 October 2026.
    for (now, text, hours) in [
        ("2026-03-30T10:00:00Z", "yesterday", 23),
        ("2026-10-26T10:00:00Z", "yesterday", 25),
        ("2026-03-31T10:00:00Z", "yesterday", 24),
    ] {
        let found = periods(text, now, &berlin);
        assert_eq!(found[0].duration().as_hours(), hours, "{text} at {now}");
    }
    // Six in the evening of the day before is 15 hours before nine when an hour was left out of
    // neither, 14 when it was.
    let found = periods("from yesterday 18:00 to today 9:00", "2026-03-29T10:00:00Z", &berlin);
    assert_eq!(found[0].duration().as_hours(), 14);
    // "The same time yesterday" is the same clock time.
    let found = periods("last hour vs the same time yesterday", "2026-03-30T10:00:00Z", &berlin);
    assert_eq!(found[1].end, "2026-03-29T10:00:00Z".parse::<Timestamp>().unwrap());
    let found = periods("last hour vs the same time yesterday", "2026-03-29T10:00:00Z", &berlin);
    assert_eq!(found[1].end, "2026-03-28T11:00:00Z".parse::<Timestamp>().unwrap());
}

#[test]
fn what_makes_no_sense_is_refused_with_a_reason() {
    let zone = support::zone();
    for (text, part) in [
        ("error rate of payment between 15:00 and 14:00", "before it begins"),
        ("error rate of payment between 15:00 and 15:00", "nothing between"),
        ("error rate of payment in the last 0 minutes", "no time at all"),
        ("error rate of payment tomorrow", "future"),
        ("error rate of payment in the next hour", "future"),
        ("error rate of payment this evening", "future"),
        ("error rate of payment on 2026-04-01", "future"),
        ("error rate of payment since 2026-03-12T00:00Z", "future"),
        ("error rate of payment today at 18:00", "future"),
        ("error rate of payment in the last 500 years", "five years"),
        ("error rate of payment on 2001-01-01", "five years"),
        ("error rate of payment from 2026-03-05 to 2026-03-01", "before it begins"),
    ] {
        let reading = understand(text, &support::vocabulary(), &support::moment(&zone));
        let reasons: Vec<&str> = reading
            .problems
            .iter()
            .filter_map(|problem| match problem {
                Problem::Time { reason, .. } => Some(reason.as_str()),
                Problem::AmbiguousService { .. } => None,
            })
            .collect();
        assert!(reasons.len() == 1 && reasons[0].contains(part), "{text}: {reading:?}");
        let has_period = reading
            .understanding
            .entities
            .iter()
            .any(|entity| entity.kind == EntityKind::TimeRange);
        assert!(!has_period, "{text}");
    }
}

#[test]
fn the_time_zone_is_the_speakers() {
    let none: [&str; 0] = [];
    let vocabulary = Vocabulary::new(none, none, none);
    for (zone, start) in [("UTC", "09:00"), ("Asia/Tokyo", "00:00"), ("America/New_York", "13:00")]
    {
        let zone = TimeZone::get(zone).unwrap();
        let reading = understand("cpu since 9am", &vocabulary, &support::moment(&zone));
        let start = format!("2026-03-11T{start}:00Z").parse::<Timestamp>().unwrap();
        let found = reading.understanding.entities.iter().any(
            |entity| matches!(&entity.value, EntityValue::Time(range) if range.start == start),
        );
        assert!(found, "{zone:?} {reading:?}");
    }
}

/// The periods of a turn behind another.
fn followed(first: &str, text: &str) -> Vec<TimeRange> {
    let zone = TimeZone::UTC;
    let (vocabulary, moment) = (support::vocabulary(), support::moment(&zone));
    let reading = nlp::resolve(
        understand(first, &vocabulary, &moment),
        first,
        &nlp::Focus::default(),
        &moment,
    );
    let entities = reading.understanding.entities;
    let focus =
        nlp::Focus::default().after(reading.understanding.intent, Some((reading.task, entities)));
    let reading = nlp::resolve(understand(text, &vocabulary, &moment), text, &focus, &moment);
    let entities = reading.understanding.entities.into_iter();
    entities
        .filter_map(|entity| match entity.value {
            EntityValue::Time(range) => Some(range),
            _ => None,
        })
        .collect()
}

#[test]
fn a_period_may_be_told_by_the_one_before() {
    let first = "error rate of payment between 08:00 and 09:00 today";
    for (text, start, end) in [
        ("and one hour later?", "2026-03-11T09:00:00Z", "2026-03-11T10:00:00Z"),
        ("and the hour before that?", "2026-03-11T07:00:00Z", "2026-03-11T08:00:00Z"),
        ("what about yesterday at the same time?", "2026-03-10T08:00:00Z", "2026-03-10T09:00:00Z"),
        ("same for yesterday at this time", "2026-03-10T08:00:00Z", "2026-03-10T09:00:00Z"),
    ] {
        let (start, end) = (start.parse().unwrap(), end.parse().unwrap());
        let found = followed(first, text);
        assert!(
            matches!(found.as_slice(), [only] if (only.start, only.end) == (start, end)),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn a_city_tells_the_zone() {
    for (text, start) in [
        ("cpu of payment since 8am Berlin time", "2026-03-11T07:00:00Z"),
        ("cpu of payment since 5am New York time", "2026-03-11T09:00:00Z"),
    ] {
        let found = periods(text, "2026-03-11T12:00:00Z", &TimeZone::UTC);
        assert_eq!(found[0].start, start.parse::<Timestamp>().unwrap(), "{text}");
    }
}
