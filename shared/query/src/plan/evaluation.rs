//! Periods, and the times at which queries are evaluated.

use jiff::{SignedDuration, Timestamp};
use model::TimeRange;

use crate::{Bounds, CheckError, PlanError, Settings};

/// A period that an answer is about, in whole seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    pub start: Timestamp,
    pub end: Timestamp,
    /// Nobody named it; the answer says which one was taken.
    pub assumed: bool,
    /// `1h` when the words were "so much back from now".
    pub relative: Option<String>,
}

/// When a query is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evaluation {
    Instant { at: Timestamp },
    Range { start: Timestamp, end: Timestamp, step_s: i64 },
}

/// About how many points a chart has: enough for a screen, cheap enough for the server.
const CHART_POINTS: i64 = 120;
/// Steps that people find on a clock, from the usual scrape interval on.
const STEPS_S: [i64; 12] = [15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600];

impl Period {
    /// The last so many seconds before `now`, which nobody asked for.
    pub(crate) fn assumed(length_s: i64, now: Timestamp) -> Self {
        let end = whole_second(now);
        Self { start: back(end, length_s), end, assumed: true, relative: None }
    }

    /// The part of a period that can have been measured.
    pub(crate) fn asked(
        range: &TimeRange,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Self, PlanError> {
        if range.start >= now {
            return Err(PlanError::FutureRange);
        }
        let end = whole_second(range.end.min(now));
        let start = whole_second(range.start);
        let length_s = end.as_second() - start.as_second();
        if length_s < 0 {
            return Err(PlanError::Unsupported("That period ends before it begins.".to_owned()));
        }
        if length_s > settings.bounds.max_range_s {
            return Err(PlanError::RangeTooLong {
                range_s: length_s,
                max_s: settings.bounds.max_range_s,
            });
        }
        // A rate needs several samples; less than this would yield nothing.
        let start = back(end, length_s.max(settings.min_window_s));
        Ok(Self { start, end, assumed: false, relative: range.relative.clone() })
    }

    pub fn length_s(&self) -> i64 {
        self.end.as_second() - self.start.as_second()
    }

    /// The period of the same length that ends where this one begins.
    pub(crate) fn before(&self) -> Self {
        Self {
            start: back(self.start, self.length_s()),
            end: self.start,
            assumed: true,
            relative: None,
        }
    }

    /// The period of at least so many seconds with the same end.
    pub(crate) fn at_least(&self, length_s: i64) -> Self {
        Self { start: back(self.end, self.length_s().max(length_s)), ..self.clone() }
    }

    pub(crate) fn at_end(&self) -> Evaluation {
        Evaluation::Instant { at: self.end }
    }

    /// Evaluation over the whole period, in steps that make about `points` points.
    pub(crate) fn in_steps(&self, points: i64) -> Evaluation {
        let least_s = self.length_s() / points.max(1);
        let step_s = STEPS_S
            .into_iter()
            .find(|step_s| *step_s >= least_s)
            .unwrap_or_else(|| (least_s / 3_600 + 1) * 3_600);
        Evaluation::Range { start: self.start, end: self.end, step_s }
    }

    pub(crate) fn for_chart(&self) -> Evaluation {
        self.in_steps(CHART_POINTS)
    }
}

impl Evaluation {
    pub fn step_s(&self) -> Option<i64> {
        match self {
            Self::Instant { .. } => None,
            Self::Range { step_s, .. } => Some(*step_s),
        }
    }
}

/// Holds the times of a query to the bounds; the counterpart of [`crate::check`] for its text.
pub fn check_evaluation(evaluation: &Evaluation, bounds: &Bounds) -> Result<(), CheckError> {
    let Evaluation::Range { start, end, step_s } = evaluation else { return Ok(()) };
    let range_s = end.as_second().saturating_sub(start.as_second());
    if range_s < 0 {
        return Err(CheckError::EmptyPeriod);
    }
    if range_s > bounds.max_range_s {
        return Err(CheckError::RangeTooLong { range_s, max_s: bounds.max_range_s });
    }
    if *step_s < bounds.min_step_s {
        return Err(CheckError::StepTooShort { step_s: *step_s, min_s: bounds.min_step_s });
    }
    let points = range_s / step_s + 1;
    if points > bounds.max_points {
        return Err(CheckError::TooManyPoints { points, max: bounds.max_points });
    }
    Ok(())
}

fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

fn back(time: Timestamp, seconds: i64) -> Timestamp {
    time.checked_sub(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_S: i64 = 86_400;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn range(start: i64, end: i64) -> TimeRange {
        TimeRange { start: at(start), end: at(end), relative: None }
    }

    #[test]
    fn periods_stay_in_the_measured_past() {
        let settings = Settings::default();
        let now = at(100 * DAY_S);
        let asked = |start, end| Period::asked(&range(start, end), &settings, now);
        let today = asked(99 * DAY_S, 101 * DAY_S).unwrap();
        assert_eq!((today.start, today.end), (at(99 * DAY_S), now));
        assert_eq!(asked(101 * DAY_S, 102 * DAY_S), Err(PlanError::FutureRange));
        assert!(matches!(asked(10 * DAY_S, 99 * DAY_S), Err(PlanError::RangeTooLong { .. })));
        assert_eq!(asked(99 * DAY_S, 99 * DAY_S).unwrap().length_s(), settings.min_window_s);
        assert!(asked(99 * DAY_S, 98 * DAY_S).is_err());
    }

    #[test]
    fn steps_are_even_and_points_are_few() {
        for (length_s, step_s) in [
            (300, 15),
            (3_600, 30),
            (6 * 3_600, 300),
            (DAY_S, 900),
            (7 * DAY_S, 7_200),
            (31 * DAY_S, 25_200),
        ] {
            let period = Period::assumed(length_s, at(100 * DAY_S));
            let evaluation = period.for_chart();
            assert_eq!(evaluation.step_s(), Some(step_s), "{length_s}");
            assert_eq!(check_evaluation(&evaluation, &Bounds::default()), Ok(()));
        }
    }

    #[test]
    fn evaluations_are_bounded() {
        let check = |start, end, step_s| {
            let evaluation = Evaluation::Range { start: at(start), end: at(end), step_s };
            check_evaluation(&evaluation, &Bounds::default())
        };
        assert_eq!(check(0, 3_600, 5), Ok(()));
        assert!(matches!(check(0, 3_600, 0), Err(CheckError::StepTooShort { .. })));
        assert!(matches!(check(0, 30 * DAY_S, 15), Err(CheckError::TooManyPoints { .. })));
        assert!(matches!(check(0, 32 * DAY_S, 3_600), Err(CheckError::RangeTooLong { .. })));
        assert_eq!(check(10, 0, 15), Err(CheckError::EmptyPeriod));
    }
}
