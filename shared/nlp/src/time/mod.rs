//! Periods of time in an utterance, by the speaker's clock and calendar.
//!
//! Words become an expression ([`expression`]), an expression becomes moments ([`calendar`]), and a
//! period to compare with is placed by the one it is held against ([`baseline`]).

mod baseline;
mod calendar;
mod event;
mod expression;
mod length;
mod point;
mod zone;

use std::ops::Range;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use model::{Entity, EntityKind, EntityValue, TimeRange};

use crate::{Problem, scan::Scan};
pub(crate) use event::since as since_event;
pub(crate) use point::{WEEKDAYS, WEEKDAYS_SHORT};

use calendar::{Calendar, Refusal};
use expression::{Expression, expression_at, later_at};

/// When and where something is said.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    pub now: Timestamp,
    /// The speaker's time zone, in which "9am" and "yesterday" are meant.
    pub zone: &'a TimeZone,
}

/// A period that no words name, and that another one is held against.
pub(crate) const ASSUMED: f32 = 0.5;
/// Periods read in one utterance; nobody asks about more.
const MAX_PERIODS: usize = 8;
/// Further back there is no data, and the words are more likely a slip.
const MAX_BACK_SECONDS: i64 = 5 * 365 * length::DAY;

struct Found {
    tokens: Range<usize>,
    expression: Expression,
    is_baseline: bool,
}

/// Finds the periods. `main` is what a baseline is held against when the words name nothing else.
pub(crate) fn recognise(scan: &mut Scan, moment: &Moment<'_>, main: Option<&TimeRange>) {
    let found = find(scan);
    if let (Some(main), Some(leaning)) = (main, leaning(scan, &found)) {
        return pair(scan, moment, None, &leaning, Some(main));
    }
    let baseline = found.iter().position(|found| found.is_baseline);
    match (baseline, found.len()) {
        (Some(index), 1) => pair(scan, moment, None, &found[index], main),
        (Some(index), 2) => pair(scan, moment, Some(&found[1 - index]), &found[index], main),
        _ => {
            for found in &found {
                single(scan, moment, found);
            }
        }
    }
}

/// Whether the only period of an utterance is told by another: "the hour before that".
pub(crate) fn leans(scan: &Scan) -> bool {
    leaning(scan, &find(scan)).is_some()
}

fn leaning(scan: &Scan, found: &[Found]) -> Option<Found> {
    let later = (0..scan.len()).find_map(|at| {
        let (expression, end) = later_at(scan, at)?;
        Some(Found { tokens: at..end, expression, is_baseline: true })
    });
    let told_by_another = |found: &&Found| {
        matches!(found.expression, Expression::Before(_) | Expression::Same { .. })
    };
    match found {
        [only] => later.or_else(|| {
            let only = Some(only).filter(told_by_another)?;
            Some(Found {
                tokens: only.tokens.clone(),
                expression: only.expression.clone(),
                is_baseline: true,
            })
        }),
        [] => later,
        _ => None,
    }
}

fn find(scan: &Scan) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut at = 0;
    while at < scan.len() && found.len() < MAX_PERIODS {
        let Some((expression, end)) = expression_at(scan, at) else {
            at += 1;
            continue;
        };
        let is_baseline = baseline::is_announced(scan, at);
        found.push(Found { tokens: at..end, expression, is_baseline });
        at = end;
    }
    if let [first, second] = found.as_mut_slice() {
        let compares = (0..scan.len()).any(|at| scan.word(at).starts_with("compar"))
            || (first.tokens.end..second.tokens.start)
                .any(|at| matches!(scan.word(at), "vs" | "versus" | "than" | "or" | "against"));
        let relative = |found: &Found| {
            matches!(found.expression, Expression::Before(_) | Expression::Same { .. })
        };
        if first.is_baseline && second.is_baseline {
            first.is_baseline = false;
        }
        if !first.is_baseline && !second.is_baseline {
            first.is_baseline = relative(first) && !relative(second);
            second.is_baseline = !first.is_baseline && (compares || relative(second));
        }
    }
    found
}

fn single(scan: &mut Scan, moment: &Moment<'_>, found: &Found) {
    if let Expression::Over(length) = &found.expression {
        let main = resolve(moment, &Expression::Back(length.clone()));
        let Ok(main) = main else { return };
        let baseline = TimeRange {
            start: main.start.checked_sub(main.duration()).unwrap_or(main.start),
            end: main.start,
            relative: None,
        };
        take(scan, found, Ok(main));
        scan.note(EntityKind::TimeRange, EntityValue::Time(baseline), found.tokens.clone(), 0.9);
        return;
    }
    let range = resolve(moment, &found.expression);
    take(scan, found, range);
}

/// Adds the period asked about and the one it is compared with, in this order.
fn pair(
    scan: &mut Scan,
    moment: &Moment<'_>,
    main: Option<&Found>,
    baseline: &Found,
    assumed: Option<&TimeRange>,
) {
    let expression = match (main, assumed) {
        (Some(main), _) => main.expression.clone(),
        // The length does not matter: `range` below is what the baseline is placed by.
        (None, Some(_)) => Expression::Back(length::Length::new(0, 1)),
        (None, None) => baseline::assumed_main(&baseline.expression),
    };
    let range = match (main, assumed) {
        (None, Some(range)) => Ok(range.clone()),
        _ => resolve(moment, &expression),
    };
    let range = match (range, main) {
        (Ok(range), _) => range,
        (Err(reason), Some(main)) => return take(scan, main, Err(reason)),
        (Err(_), None) => return,
    };
    match main {
        Some(main) => take(scan, main, Ok(range.clone())),
        None => scan.entities.push(Entity {
            kind: EntityKind::TimeRange,
            value: EntityValue::Time(range.clone()),
            text: String::new(),
            span: 0..0,
            confidence: ASSUMED,
        }),
    }
    let calendar = calendar(moment, &baseline.expression);
    let placed = baseline::resolve(&calendar, (&expression, &range), &baseline.expression, || {
        resolve(moment, &baseline.expression)
    });
    take(scan, baseline, placed);
}

fn take(scan: &mut Scan, found: &Found, range: Result<TimeRange, Refusal>) {
    match range {
        Ok(range) => {
            scan.take(EntityKind::TimeRange, EntityValue::Time(range), found.tokens.clone(), 0.95);
        }
        Err(reason) => {
            scan.mark(found.tokens.clone());
            let text = scan.slice(found.tokens.clone()).to_owned();
            let span = scan.span(found.tokens.clone());
            scan.problems.push(Problem::Time { text, span, reason });
        }
    }
}

fn calendar(moment: &Moment<'_>, expression: &Expression) -> Calendar {
    let zone = match expression {
        Expression::Since(point) | Expression::Until(point) | Expression::At(point) => {
            point.zone.as_ref()
        }
        Expression::Between(from, to) => to.zone.as_ref().or(from.zone.as_ref()),
        _ => None,
    };
    Calendar::new(moment.now, zone.unwrap_or(moment.zone).clone())
}

fn resolve(moment: &Moment<'_>, expression: &Expression) -> Result<TimeRange, Refusal> {
    let calendar = calendar(moment, expression);
    let range = match expression {
        Expression::Back(length) => back(moment, length)?,
        Expression::Since(point) => calendar.since(point)?,
        Expression::Until(point) => calendar.until(point)?,
        Expression::Between(from, to) => calendar.between(from, to)?,
        Expression::At(point) => calendar.whole(point)?,
        Expression::Period(period) => calendar.period(*period)?,
        Expression::Before(Some(length)) | Expression::Over(length) | Expression::Later(length) => {
            back(moment, length)?
        }
        Expression::Before(None) => back(moment, &length::Length::new(3600, 3600))?,
        Expression::Same { days } => {
            let start = calendar.shifted(moment.now - SignedDuration::from_hours(1), *days)?;
            let end = calendar.shifted(moment.now, *days)?;
            TimeRange { start, end, relative: None }
        }
        Expression::Future => {
            return Err("it is in the future, and metrics only know the past".to_owned());
        }
    };
    let limit = SignedDuration::from_secs(MAX_BACK_SECONDS);
    if moment.now.duration_since(range.start) > limit {
        return Err("it is more than five years ago".to_owned());
    }
    Ok(range)
}

fn back(moment: &Moment<'_>, length: &length::Length) -> Result<TimeRange, Refusal> {
    if length.seconds <= 0 {
        return Err("it is no time at all".to_owned());
    }
    if length.seconds > MAX_BACK_SECONDS {
        return Err("it is more than five years ago".to_owned());
    }
    Ok(TimeRange::last(SignedDuration::from_secs(length.seconds), &length.relative, moment.now))
}

/// The same period seen from a later moment: a relative one moves along.
pub(crate) fn reanchored(range: &TimeRange, now: Timestamp) -> TimeRange {
    match &range.relative {
        Some(relative) => TimeRange::last(range.duration(), relative, now),
        None => range.clone(),
    }
}

/// The seconds of a length of time that is written at a token, taken or not.
pub(crate) fn seconds_at(scan: &Scan, at: usize) -> Option<f64> {
    let mut free = Scan::new(scan.source, scan.tokens.clone());
    free.taken.fill(false);
    length::length_at(&free, at).map(|(length, _)| length.seconds as f64)
}

/// The period that a bare length of time means where a period stands: "the errors of 14 days".
pub(crate) fn bare_length(scan: &Scan, bytes: &Range<usize>, now: Timestamp) -> Option<TimeRange> {
    const SMALL: &str = "in over for the past last of within a previous whole to from";
    let inside = |at: &usize| {
        let span = &scan.tokens[*at].span;
        span.start < bytes.end && bytes.start < span.end
    };
    let mut tokens = (0..scan.len()).filter(inside);
    let first = tokens.find(|&at| !crate::lexicon::lists(SMALL, scan.word(at)))?;
    let free = Scan::new(scan.source, scan.tokens.clone());
    let (length, end) = length::length_at(&free, first)?;
    let is_all = scan.tokens.get(end).is_none_or(|token| token.span.start >= bytes.end);
    (is_all && length.seconds > 0)
        .then(|| TimeRange::last(SignedDuration::from_secs(length.seconds), &length.relative, now))
}

/// The last so many seconds.
pub(crate) fn last_seconds(seconds: f64, now: Timestamp) -> TimeRange {
    let seconds = (seconds as i64).clamp(1, MAX_BACK_SECONDS);
    let length = length::Length::new(seconds, seconds);
    TimeRange::last(SignedDuration::from_secs(seconds), &length.relative, now)
}

/// Every word that the recognisers of this module know, for the dictionary.
pub(crate) fn words() -> impl Iterator<Item = &'static str> {
    const OTHERS: &[&str] = &[
        "last", "past", "previous", "since", "between", "until", "till", "yesterday", "today",
        "tomorrow", "tonight", "morning", "afternoon", "evening", "night", "overnight", "ago",
        "noon", "midday", "midnight", "weekend", "from", "over", "during", "before", "after",
        "same", "time", "period", "window", "lunch", "lunchtime", "fifteen", "thirty", "forty",
        "couple", "few", "half", "quarter",
    ];
    let units = length::UNITS.iter().map(|(name, _)| *name).filter(|name| name.len() > 1);
    let weekdays = point::WEEKDAYS.iter().map(|(name, _)| *name);
    OTHERS.iter().copied().chain(units).chain(weekdays).chain(point::MONTHS.iter().copied())
}
