//! From words to moments, by the calendar of a time zone: daylight saving included.

use jiff::{
    SignedDuration, Span, Timestamp, ToSpan, Zoned,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};
use model::TimeRange;

use super::point::{Day, Part, Point};

/// A question about one moment is answered over this long before it.
pub(super) const POINT_WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// Two clock times whose second is earlier mean the next day only if that makes no longer a night.
const LONGEST_NIGHT: SignedDuration = SignedDuration::from_hours(12);

/// A period of the calendar; `ago` counts back from the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Period {
    Hour {
        ago: i64,
    },
    Week {
        ago: i64,
    },
    Month {
        ago: i64,
    },
    Year {
        ago: i64,
    },
    /// The latest that has begun.
    Weekend,
    /// "the last quarter": so long back from now; nobody counts it in days.
    Lately {
        days: i64,
    },
}

/// Why words about time make no sense, for people.
pub(super) type Refusal = String;

/// "Now" in the zone that the words are about.
pub(super) struct Calendar {
    now: Zoned,
}

impl Calendar {
    pub(super) fn new(now: Timestamp, zone: TimeZone) -> Self {
        Self { now: now.to_zoned(zone) }
    }

    fn now(&self) -> Timestamp {
        self.now.timestamp()
    }

    fn at(&self, moment: DateTime) -> Result<Timestamp, Refusal> {
        let zone = self.now.time_zone();
        zone.to_timestamp(moment).map_err(|_| format!("{moment} is not a time we can handle"))
    }

    fn days(&self, date: Date, days: i64) -> Result<Date, Refusal> {
        let span = Span::new().try_days(days);
        let moved = span.and_then(|span| date.checked_add(span));
        moved.map_err(|_| "that is further away than we can handle".to_owned())
    }

    fn date(&self, day: &Day) -> Result<Date, Refusal> {
        let today = self.now.date();
        match day {
            Day::Ago(days) => self.days(today, -days),
            Day::Date(date) => Ok(*date),
            Day::Weekday(weekday) => {
                let back = i64::from(weekday.until(today.weekday()));
                self.days(today, -(if back == 0 { 7 } else { back }))
            }
            Day::Annual { month, day } => {
                let of_year = |year| {
                    Date::new(year, *month, *day).map_err(|_| "there is no such day".to_owned())
                };
                let this_year = of_year(today.year())?;
                if this_year > today { of_year(today.year() - 1) } else { Ok(this_year) }
            }
        }
    }

    /// The moment a point begins; the latest one before now when it names no day.
    fn start(&self, point: &Point) -> Result<Timestamp, Refusal> {
        if let Some(instant) = point.instant {
            return Ok(instant);
        }
        if point.is_now {
            return Ok(self.now());
        }
        if let Some(length) = &point.ago {
            return self.back(length.seconds);
        }
        let date = point.day.as_ref().map_or(Ok(self.now.date()), |day| self.date(day))?;
        let start = self.at(date.to_datetime(self.time_of(point)))?;
        if point.day.is_none() && start >= self.now() {
            return self.at(self.days(date, -1)?.to_datetime(self.time_of(point)));
        }
        Ok(start)
    }

    fn time_of(&self, point: &Point) -> Time {
        match (point.clock, point.part) {
            (Some(clock), part) => {
                let late = matches!(part, Some(Part::Afternoon | Part::Evening | Part::Night));
                if late && !clock.meridiem && clock.time.hour() < 12 {
                    clock.time.wrapping_add(12.hours())
                } else {
                    clock.time
                }
            }
            // Who asks about the morning before it began means the hours so far.
            (None, Some(Part::Morning)) if self.now.hour() < hours(Part::Morning).0 => {
                Time::midnight()
            }
            (None, Some(part)) => Time::constant(hours(part).0, 0, 0, 0),
            (None, None) => Time::midnight(),
        }
    }

    /// The moment a point is over: a day's or a part's end, or the clock time itself.
    fn end(&self, point: &Point) -> Result<Timestamp, Refusal> {
        if point.has_clock() {
            return self.start(point);
        }
        let date = point.day.as_ref().map_or(Ok(self.now.date()), |day| self.date(day))?;
        match point.part {
            None => self.at(self.days(date, 1)?.to_datetime(Time::midnight())),
            Some(part) => {
                let (from, to) = hours(part);
                let date = if to <= from { self.days(date, 1)? } else { date };
                self.at(date.to_datetime(Time::constant(to, 0, 0, 0)))
            }
        }
    }

    pub(super) fn back(&self, seconds: i64) -> Result<Timestamp, Refusal> {
        self.now()
            .checked_sub(SignedDuration::from_secs(seconds))
            .map_err(|_| "that is further back than we can handle".to_owned())
    }

    /// A day, a part of one, or the moments before a clock time.
    pub(super) fn whole(&self, point: &Point) -> Result<TimeRange, Refusal> {
        let end = self.end(point)?;
        let start = if point.has_clock() { before(end) } else { self.start(point)? };
        if point.has_clock() && end > self.now() {
            return Err(self.future(end));
        }
        self.past(start, end)
    }

    pub(super) fn since(&self, point: &Point) -> Result<TimeRange, Refusal> {
        self.past(self.start(point)?, self.now())
    }

    /// From the start of the day to the point.
    pub(super) fn until(&self, point: &Point) -> Result<TimeRange, Refusal> {
        let end = self.start(point)?;
        let date = end.to_zoned(self.now.time_zone().clone()).date();
        self.past(self.at(date.to_datetime(Time::midnight()))?, end)
    }

    pub(super) fn between(&self, from: &Point, to: &Point) -> Result<TimeRange, Refusal> {
        let (from, to) = completed(from.clone(), to.clone());
        let start = self.start(&from)?;
        let same_day = from.clock.is_some() && from.day.is_none() && to.clock.is_some();
        let mut end = if same_day && to.day.is_none() {
            let day = start.to_zoned(self.now.time_zone().clone()).date();
            self.at(day.to_datetime(self.time_of(&to)))?
        } else {
            self.end(&to)?
        };
        if end <= start && matches!(to.day, Some(Day::Weekday(_))) && !to.has_clock() {
            end = self.shifted(end, -7)?;
        } else if end < start && to.clock.is_some() {
            let next_day = self.shifted(end, -1)?;
            if next_day.duration_since(start) > LONGEST_NIGHT {
                return Err(self.backwards(start, end));
            }
            end = next_day;
        }
        if end <= start && start < self.now() {
            return Err(self.backwards(start, end));
        }
        self.past(start, end)
    }

    /// The same clock time some days before.
    pub(super) fn shifted(&self, moment: Timestamp, days: i64) -> Result<Timestamp, Refusal> {
        let local = moment.to_zoned(self.now.time_zone().clone());
        let moved = Span::new().try_days(days).and_then(|span| local.checked_sub(span));
        moved
            .map(|zoned| zoned.timestamp())
            .map_err(|_| "that is further away than we can handle".to_owned())
    }

    pub(super) fn period(&self, period: Period) -> Result<TimeRange, Refusal> {
        let (start, end) = self.period_bounds(period)?;
        self.past(start, end)
    }

    fn period_bounds(&self, period: Period) -> Result<(Timestamp, Timestamp), Refusal> {
        let today = self.now.date();
        let midnight = |date: Date| self.at(date.to_datetime(Time::midnight()));
        let month_start = |date: Date, ago: i64| {
            let moved = Span::new()
                .try_months(ago)
                .and_then(|span| date.first_of_month().checked_sub(span));
            moved.map_err(|_| "that is further back than we can handle".to_owned())
        };
        match period {
            Period::Hour { ago } => {
                let top =
                    self.now.datetime().with().minute(0).second(0).subsec_nanosecond(0).build();
                let top = self.at(top.map_err(|_| "that is not a time".to_owned())?)?;
                let hour = SignedDuration::from_hours(1);
                let start = top - hour * i32::try_from(ago).unwrap_or(0);
                Ok((start, start + hour))
            }
            Period::Week { ago } => {
                let monday = self
                    .days(today, -i64::from(today.weekday().to_monday_zero_offset()) - 7 * ago)?;
                Ok((midnight(monday)?, midnight(self.days(monday, 7)?)?))
            }
            Period::Month { ago } => {
                Ok((midnight(month_start(today, ago)?)?, midnight(month_start(today, ago - 1)?)?))
            }
            Period::Year { ago } => {
                let january = |year: i64| {
                    let year = i16::try_from(year).ok();
                    year.and_then(|year| Date::new(year, 1, 1).ok())
                        .ok_or_else(|| "that is not a year".to_owned())
                };
                let year = i64::from(today.year()) - ago;
                Ok((midnight(january(year)?)?, midnight(january(year + 1)?)?))
            }
            Period::Lately { days } => Ok((midnight(self.days(today, -days)?)?, self.now())),
            Period::Weekend => {
                let since_saturday = (i64::from(today.weekday().to_monday_zero_offset()) + 2) % 7;
                let saturday = self.days(today, -since_saturday)?;
                Ok((midnight(saturday)?, midnight(self.days(saturday, 2)?)?))
            }
        }
    }

    /// The range, cut off at now; refused when it has not begun.
    pub(super) fn past(&self, start: Timestamp, end: Timestamp) -> Result<TimeRange, Refusal> {
        if start >= self.now() {
            return Err(self.future(start));
        }
        Ok(TimeRange { start, end: end.min(self.now()), relative: None })
    }

    fn future(&self, moment: Timestamp) -> Refusal {
        format!("{} is in the future", self.show(moment))
    }

    fn backwards(&self, start: Timestamp, end: Timestamp) -> Refusal {
        if start == end {
            return format!(
                "it begins and ends at {}, so there is nothing between",
                self.show(start)
            );
        }
        format!("it ends at {}, which is before it begins at {}", self.show(end), self.show(start))
    }

    fn show(&self, moment: Timestamp) -> String {
        moment.to_zoned(self.now.time_zone().clone()).strftime("%H:%M on %Y-%m-%d").to_string()
    }
}

fn before(moment: Timestamp) -> Timestamp {
    moment.checked_sub(POINT_WINDOW).unwrap_or(Timestamp::MIN)
}

/// First hour, and the hour it ends; of the next day when that is not later.
fn hours(part: Part) -> (i8, i8) {
    match part {
        Part::Morning => (6, 12),
        Part::Afternoon => (12, 18),
        Part::Evening => (18, 0),
        Part::Night => (20, 6),
    }
}

/// "between 2 and 3pm yesterday": what one point says holds for the other too.
fn completed(mut from: Point, mut to: Point) -> (Point, Point) {
    if from.has_clock()
        && from.instant.is_none()
        && from.ago.is_none()
        && from.day.is_none()
        && to.clock.is_some()
    {
        from.day = to.day.clone();
        from.part = from.part.or(to.part);
    }
    if to.clock.is_some() && to.day.is_none() && from.clock.is_some() && from.day.is_some() {
        to.day = from.day.clone();
        to.part = to.part.or(from.part);
    }
    if let (Some(first), Some(second)) = (&mut from.clock, &mut to.clock) {
        if second.meridiem && !first.meridiem && second.time.hour() >= 12 && first.time.hour() < 12
        {
            let later = first.time.wrapping_add(12.hours());
            first.time = if later <= second.time { later } else { first.time };
        } else if first.meridiem && !second.meridiem && second.time <= first.time {
            let later = second.time.wrapping_add(12.hours());
            second.time = if later > first.time { later } else { second.time };
        }
    }
    (from, to)
}
