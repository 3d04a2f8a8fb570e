//! Periods to compare with: "than yesterday", "vs the hour before".
//!
//! What such words mean depends on the period that they are held against: "yesterday" against the
//! last hour is the same hour of yesterday, against today it is all of yesterday.

use model::TimeRange;

use jiff::SignedDuration;

use super::{
    calendar::{Calendar, Period, Refusal},
    expression::Expression,
    length::{DAY, Length},
};
use crate::{lexicon::lists, scan::Scan};

const HOUR: i64 = 60 * 60;
/// A moment some time ago is compared with as much of the present.
const MOMENT: i64 = 5 * 60;
/// Words between "than" and the period: "than it was last week".
const FILLERS: &str = "it was were the what they those of did in for during on at we had that is from how been has \
     usual value level levels values back them saw over";
const MAX_FILLERS: usize = 6;

/// Whether the words before a token say that a baseline follows.
pub(super) fn is_announced(scan: &Scan, start: usize) -> bool {
    let mut at = start;
    for _ in 0..MAX_FILLERS {
        let Some(before) = at.checked_sub(1) else { return false };
        let word = scan.word(before);
        let lead = match word {
            "vs" | "versus" | "than" | "against" | "v" => true,
            "to" | "with" => (0..before)
                .any(|at| scan.word(at).starts_with("compar") || scan.word(at) == "relative"),
            "from" => matches!(
                scan.word_before(before),
                "different" | "differ" | "differs" | "differed" | "change" | "changed"
            ),
            _ => false,
        };
        if lead {
            return true;
        }
        if !lists(FILLERS, word) {
            return false;
        }
        at = before;
    }
    false
}

/// What a baseline is held against when the words name nothing.
pub(super) fn assumed_main(baseline: &Expression) -> Expression {
    let back = |seconds| Expression::Back(Length::new(seconds, HOUR));
    match baseline {
        Expression::Same { days } if *days >= 7 => back(DAY),
        Expression::Back(length) | Expression::Before(Some(length)) => match length.seconds {
            week if week >= 7 * DAY => back(DAY),
            seconds => back(seconds.max(60)),
        },
        Expression::At(point) if point.ago.is_some() => back(MOMENT),
        Expression::Period(Period::Week { .. } | Period::Month { .. } | Period::Year { .. }) => {
            back(DAY)
        }
        _ => back(HOUR),
    }
}

/// The baseline's own bounds, given what it is held against.
pub(super) fn resolve(
    calendar: &Calendar,
    main: (&Expression, &TimeRange),
    baseline: &Expression,
    literal: impl FnOnce() -> Result<TimeRange, Refusal>,
) -> Result<TimeRange, Refusal> {
    let (main_words, main) = main;
    let main_seconds = main.duration().as_secs();
    match baseline {
        Expression::Same { days } => shifted(calendar, main, *days),
        Expression::Later(length) => later(calendar, main, length.seconds),
        Expression::Before(length) => {
            preceding(main, length.as_ref().map_or(main_seconds, |length| length.seconds))
        }
        Expression::Back(length) => match main_words {
            Expression::Period(Period::Week { ago }) if length.seconds == 7 * DAY => {
                calendar.period(Period::Week { ago: ago + 1 })
            }
            Expression::Period(Period::Month { ago }) if length.seconds == 30 * DAY => {
                calendar.period(Period::Month { ago: ago + 1 })
            }
            _ if length.seconds > main_seconds && length.seconds % DAY == 0 => {
                shifted(calendar, main, length.seconds / DAY)
            }
            _ if length.seconds > main_seconds => moved(main, length.seconds),
            _ => preceding(main, length.seconds),
        },
        Expression::At(point) if point.ago.is_some() => {
            let Some(length) = &point.ago else { return literal() };
            if length.seconds % DAY == 0 {
                shifted(calendar, main, length.seconds / DAY)
            } else {
                moved(main, length.seconds)
            }
        }
        Expression::At(point)
            if point.day.is_some() && !point.has_clock() && point.part.is_none() =>
        {
            let day = literal()?;
            let relative = matches!(main_words, Expression::Back(_)) && main_seconds < DAY;
            if !relative {
                return Ok(day);
            }
            let middle = day.start.duration_since(main.end).as_secs().unsigned_abs();
            let days = i64::try_from(middle.div_ceil(DAY.unsigned_abs())).unwrap_or(1);
            let candidate = shifted(calendar, main, days)?;
            // Around midnight the shift by whole days may miss the day that was named.
            if candidate.end > day.start {
                Ok(candidate)
            } else {
                shifted(calendar, main, days - 1)
            }
        }
        _ => literal(),
    }
}

fn shifted(calendar: &Calendar, main: &TimeRange, days: i64) -> Result<TimeRange, Refusal> {
    Ok(TimeRange {
        start: calendar.shifted(main.start, days)?,
        end: calendar.shifted(main.end, days)?,
        relative: None,
    })
}

fn moved(main: &TimeRange, seconds: i64) -> Result<TimeRange, Refusal> {
    let by = SignedDuration::from_secs(seconds);
    let back = |moment: jiff::Timestamp| {
        moment.checked_sub(by).map_err(|_| "that is further back than we can handle".to_owned())
    };
    Ok(TimeRange { start: back(main.start)?, end: back(main.end)?, relative: None })
}

fn later(calendar: &Calendar, main: &TimeRange, seconds: i64) -> Result<TimeRange, Refusal> {
    let TimeRange { start, end, .. } = moved(main, -seconds)?;
    calendar.past(start, end)
}

fn preceding(main: &TimeRange, seconds: i64) -> Result<TimeRange, Refusal> {
    let start = main
        .start
        .checked_sub(SignedDuration::from_secs(seconds))
        .map_err(|_| "that is further back than we can handle".to_owned())?;
    Ok(TimeRange { start, end: main.start, relative: None })
}
