//! A query on records with everything that running it takes.

use jiff::{SignedDuration, Timestamp};
use model::{EntityValue, Understanding};
use query::{Bounds, Evaluation, Language, Period, PlanError, Translation};

use super::{Sources, Yields};
use crate::{inquiry::Translated, operation::Run};

/// Looked at when nobody names a period.
pub(crate) const DEFAULT_S: i64 = 3_600;
const LEAST_S: i64 = 60;
/// About how many points a result over time has when nobody says.
const POINTS: i64 = 120;
/// Nothing is told apart in steps that are shorter.
const LEAST_STEP_S: i64 = 15;
/// About how many parts lines are counted in.
const MAX_PARTS: i64 = 60;

/// A question about records as it is run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lookup {
    pub(crate) translation: Translation,
    pub(crate) period: Period,
    pub(crate) yields: Yields,
    pub(crate) run: Run,
    /// How many lines there are besides those that are fetched, in the whole period.
    pub(crate) count: Option<(String, Run)>,
    /// The same part by part of the period.
    pub(crate) parts: Option<(String, Run)>,
}

impl Lookup {
    /// How the query of a question is run at the moment at which it was read.
    pub(crate) fn of(translated: Translated) -> Result<Self, PlanError> {
        let Translated { translation, now, reading, sources, .. } = translated;
        Self::new(translation, &sources, &reading.to_act_on(), now)
    }

    /// How the query of a question is run at `now`.
    pub(crate) fn new(
        translation: Translation,
        sources: &Sources,
        understanding: &Understanding,
        now: Timestamp,
    ) -> Result<Self, PlanError> {
        let bounds = Bounds::default();
        let named = period(understanding, &bounds, now)?;
        let checked = sources
            .check(translation.language, &translation.query, &bounds)
            .map_err(PlanError::Rejected)?;
        let (period, run) = match checked.yields {
            Yields::Records => {
                let Period { start, end, .. } = named;
                (named, Run::Newest { start, end })
            }
            Yields::Numbers { lookback_s: None } => {
                let Period { start, end, .. } = named;
                let step_s = step_s_of(named.length_s());
                (named, Run::Evaluated(Evaluation::Range { start, end, step_s }))
            }
            Yields::Numbers { lookback_s: Some(lookback_s) } => {
                let at = evaluated_at(&named, now);
                (read(named, lookback_s, now), Run::Evaluated(Evaluation::Instant { at }))
            }
        };
        let yields = checked.yields;
        let counts = yields == Yields::Records && translation.language == Language::LogQl;
        let asked = counts.then_some((translation.query.as_str(), &period));
        let count = asked.map(|(query, period)| count(query, period));
        let parts = asked.and_then(|(query, period)| parts(query, period));
        Ok(Self { translation, period, yields, run, count, parts })
    }
}

/// The period that the question names, as far as it has begun; else the last hour.
pub(crate) fn period(
    understanding: &Understanding,
    bounds: &Bounds,
    now: Timestamp,
) -> Result<Period, PlanError> {
    let now = whole_second(now);
    let range = understanding.entities.iter().find_map(|entity| match &entity.value {
        EntityValue::Time(range) => Some(range),
        _ => None,
    });
    let Some(range) = range else {
        let start = back(now, DEFAULT_S);
        return Ok(Period { start, end: now, assumed: true, relative: None });
    };
    let (start, end) = (whole_second(range.start), whole_second(range.end).min(now));
    let range_s = end.as_second() - start.as_second();
    if start >= now {
        return Err(PlanError::FutureRange);
    }
    if range_s < 0 {
        return Err(PlanError::Unsupported("That period ends before it begins.".to_owned()));
    }
    if range_s > bounds.max_range_s {
        return Err(PlanError::RangeTooLong { range_s, max_s: bounds.max_range_s });
    }
    // A moment stands for the minute before it.
    let start = back(end, range_s.max(LEAST_S));
    Ok(Period { start, end, assumed: false, relative: range.relative.clone() })
}

/// Queries reach back from now in whole minutes. At this moment, up to half a minute from now, the
/// period of one ends when the question's does.
fn evaluated_at(period: &Period, now: Timestamp) -> Timestamp {
    let now = whole_second(now);
    let past_s = (now.as_second() - period.end.as_second() + 30) / 60 * 60;
    period.end.checked_add(SignedDuration::from_secs(past_s)).unwrap_or(now)
}

/// What a query itself reads, where that is not the period that was named.
fn read(named: Period, lookback_s: i64, now: Timestamp) -> Period {
    const ROUNDED_S: i64 = 60;
    let now = whole_second(now);
    let named_s = now.as_second() - named.start.as_second();
    if !named.assumed && (named_s - lookback_s).abs() <= ROUNDED_S {
        return named;
    }
    Period { start: back(now, lookback_s), end: now, assumed: named.assumed, relative: None }
}

/// Counts the lines of a query.
fn count(query: &str, period: &Period) -> (String, Run) {
    let run = Run::Evaluated(Evaluation::Instant { at: period.end });
    (format!("sum(count_over_time({query} [{}s]))", period.length_s()), run)
}

/// Counts the lines of a query part by part. Loki moves the ends of a period to multiples of the
/// step, so they are such; what is left over at both ends has no part.
fn parts(query: &str, period: &Period) -> Option<(String, Run)> {
    let step_s = (period.length_s() / MAX_PARTS).max(LEAST_STEP_S);
    let start_s = (period.start.as_second() / step_s + 1) * step_s;
    let end_s = period.end.as_second() / step_s * step_s;
    let start = Timestamp::from_second(start_s).ok()?;
    let end = Timestamp::from_second(end_s).ok()?;
    let run = Run::Evaluated(Evaluation::Range { start, end, step_s });
    (start < end).then(|| (format!("sum(count_over_time({query} [{step_s}s]))"), run))
}

/// A multiple of the usual scrape interval that makes at most [`POINTS`] steps.
pub(crate) fn step_s_of(length_s: i64) -> i64 {
    let least_s = length_s.max(0) / POINTS + 1;
    (least_s + LEAST_STEP_S - 1) / LEAST_STEP_S * LEAST_STEP_S
}

fn back(from: Timestamp, seconds: i64) -> Timestamp {
    from.checked_sub(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MIN)
}

fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use model::{Entity, EntityKind, Intent, TimeRange};

    use super::*;

    const NOW: &str = "2026-03-04T12:00:40.5Z";

    fn at(text: &str) -> Timestamp {
        format!("2026-03-04T{text}Z").parse().unwrap()
    }

    fn understood(range: Option<(&str, &str)>) -> Understanding {
        let entities = range.map(|(start, end)| Entity {
            kind: EntityKind::TimeRange,
            text: "then".to_owned(),
            span: 0..4,
            value: EntityValue::Time(TimeRange { start: at(start), end: at(end), relative: None }),
            confidence: 1.0,
        });
        let entities = entities.into_iter().collect();
        Understanding { intent: Intent::QueryLogs, confidence: 1.0, entities }
    }

    fn named(range: Option<(&str, &str)>) -> Result<Period, PlanError> {
        period(&understood(range), &Bounds::default(), NOW.parse().unwrap())
    }

    #[test]
    fn a_period_is_the_question_s_as_far_as_it_has_begun() {
        for (range, expected) in [
            (None, ("11:00:40", "12:00:40")),
            (Some(("10:00:00", "11:30:00")), ("10:00:00", "11:30:00")),
            (Some(("11:50:00", "13:00:00")), ("11:50:00", "12:00:40")),
            // A moment is a minute.
            (Some(("11:50:00", "11:50:00")), ("11:49:00", "11:50:00")),
        ] {
            let found = named(range).unwrap();
            assert_eq!((found.start, found.end), (at(expected.0), at(expected.1)), "{range:?}");
            assert_eq!(found.assumed, range.is_none());
        }
        assert_eq!(named(Some(("13:00:00", "14:00:00"))), Err(PlanError::FutureRange));
        assert!(matches!(named(Some(("11:00:00", "10:00:00"))), Err(PlanError::Unsupported(_))));
    }

    #[test]
    fn a_period_of_the_past_ends_where_it_was_named_to() {
        let now: Timestamp = NOW.parse().unwrap();
        for (range, expected) in [
            // Back in whole minutes from here is 11:30:00.
            (("10:00:00", "11:30:00"), "12:01:00"),
            (("10:00:00", "11:30:20"), "12:00:20"),
            (("10:00:00", "12:00:40"), "12:00:40"),
        ] {
            let period = named(Some(range)).unwrap();
            assert_eq!(evaluated_at(&period, now), at(expected), "{range:?}");
        }
    }

    #[test]
    fn what_a_query_reads_is_told_where_its_words_were_read_otherwise() {
        let now: Timestamp = NOW.parse().unwrap();
        let asked = named(Some(("11:00:00", "12:00:00"))).unwrap();
        assert_eq!(read(asked.clone(), 3_600, now), asked);
        assert_eq!(read(asked, 300, now).start, at("11:55:40"));
        let assumed = read(named(None).unwrap(), 300, now);
        assert_eq!((assumed.start, assumed.assumed), (at("11:55:40"), true));
    }

    #[test]
    fn parts_lie_within_the_period_and_on_multiples_of_their_length() {
        for (range, step_s, expected) in [
            (("11:00:00", "12:00:00"), 60, Some(("11:01:00", "12:00:00"))),
            (("11:00:20", "12:00:20"), 60, Some(("11:01:00", "12:00:00"))),
            (("11:50:07", "12:00:00"), 15, Some(("11:50:15", "12:00:00"))),
            (("11:59:40", "12:00:40"), 15, Some(("11:59:45", "12:00:30"))),
        ] {
            let period = named(Some(range)).unwrap();
            let found = parts("{a=\"b\"}", &period);
            let expected = expected.map(|(start, end)| {
                let (start, end) = (at(start), at(end));
                let query = format!("sum(count_over_time({{a=\"b\"}} [{step_s}s]))");
                (query, Run::Evaluated(Evaluation::Range { start, end, step_s }))
            });
            assert_eq!(found, expected, "{range:?}");
        }
        let (query, run) = count("{a=\"b\"}", &named(None).unwrap());
        assert_eq!(query, "sum(count_over_time({a=\"b\"} [3600s]))");
        assert_eq!(run.times().0, at("12:00:40"));
    }

    #[test]
    fn steps_fill_a_chart_and_stay_within_bounds() {
        for (length_s, step_s) in
            [(0, 15), (60, 15), (3_600, 45), (86_400, 735), (31 * 86_400, 22_335), (-5, 15)]
        {
            assert_eq!(step_s_of(length_s), step_s, "{length_s}");
            assert!(length_s / step_s <= POINTS);
        }
    }
}
