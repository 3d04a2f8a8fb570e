//! Points in time as people write them: a day, a part of a day, a clock time, or several of these.
//!
//! Only what the words say; [`super::calendar`] finds out which moment that is.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time, Weekday},
    tz::TimeZone,
};

use super::{
    length::{Length, length_at},
    zone::zone_at,
};
use crate::{lexicon::lists, numbers, scan::Scan, text::Kind};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Day {
    /// Days before today; negative is to come.
    Ago(i64),
    /// The latest one before today.
    Weekday(Weekday),
    Date(Date),
    /// The latest one that is not in the future.
    Annual {
        month: i8,
        day: i8,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Morning,
    Afternoon,
    Evening,
    /// From the evening of the day to the next morning.
    Night,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) time: Time,
    /// The words say whether it is before or after noon: `9am`, `noon`.
    pub(super) meridiem: bool,
    /// More than a bare number stands there.
    pub(super) marked: bool,
}

/// What the words say of one point; at least one field is set.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Point {
    pub(super) instant: Option<Timestamp>,
    pub(super) ago: Option<Length>,
    pub(super) is_now: bool,
    pub(super) day: Option<Day>,
    pub(super) part: Option<Part>,
    pub(super) clock: Option<Clock>,
    pub(super) zone: Option<TimeZone>,
}

impl Point {
    pub(super) fn has_clock(&self) -> bool {
        self.clock.is_some() || self.instant.is_some() || self.ago.is_some() || self.is_now
    }
}

const FILLERS: &str = "at on around about @ in the ~ , of approximately roughly";
/// A point is written in at most this many pieces.
const MAX_PIECES: usize = 5;

pub(super) const MONTHS: &[&str] = &[
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
];
const MONTHS_SHORT: &[&str] =
    &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
pub(crate) const WEEKDAYS: &[(&str, Weekday)] = &[
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];
/// Shorter names, some of which are other words too.
pub(crate) const WEEKDAYS_SHORT: &[(&str, Weekday)] = &[
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("tues", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("thur", Weekday::Thursday),
    ("thurs", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];
const BEFORE_A_SHORT_WEEKDAY: &str = "on since last from between until till and to this past -";

/// The point at a token, and the token behind it. `bare` allows a clock of a number alone.
pub(super) fn point_at(scan: &Scan, start: usize, bare: bool) -> Option<(Point, usize)> {
    let mut point = Point::default();
    let mut end = start;
    for piece in 0..MAX_PIECES {
        let mut at = end;
        while lists(FILLERS, scan.free_word(at)) {
            at += 1;
        }
        let allow_bare = bare && piece == 0 || matches!(scan.word_before(at), "at" | "@");
        let Some(next) = piece_at(scan, at, &mut point, allow_bare) else { break };
        end = next;
    }
    (point != Point::default() && end > start).then_some((point, end))
}

/// Reads one piece into the point.
fn piece_at(scan: &Scan, at: usize, point: &mut Point, bare: bool) -> Option<usize> {
    if scan.free_word(at).is_empty() {
        return None;
    }
    if point.has_clock()
        && point.zone.is_none()
        && let Some((zone, end)) = zone_at(scan, at)
    {
        point.zone = Some(zone);
        return Some(end);
    }
    if !point.has_clock() && point.day.is_none() && point.part.is_none() {
        if let Some((length, end)) = length_at(scan, at)
            && matches!(scan.free_word(end), "ago" | "earlier" | "back" | "prior")
        {
            point.ago = Some(length);
            return Some(end + 1);
        }
        if matches!(scan.free_word(at), "now" | "present") {
            point.is_now = true;
            return Some(at + 1);
        }
    }
    if point.instant.is_none()
        && point.day.is_none()
        && let Some(end) = iso_at(scan, at, point)
    {
        return Some(end);
    }
    if point.part.is_none()
        && let Some(end) = part_at(scan, at, point)
    {
        return Some(end);
    }
    if point.day.is_none()
        && let Some((day, end)) = day_at(scan, at)
    {
        point.day = Some(day);
        return Some(end);
    }
    if !point.has_clock() {
        let (clock, end) = clock_at(scan, at, bare)?;
        point.clock = Some(clock);
        if scan.word(at).ends_with('z') {
            point.zone = Some(TimeZone::UTC);
        }
        return Some(end);
    }
    None
}

/// `2026-03-05`, `2026-03-05T14:00`, `2026-03-05T14:00:00Z`.
fn iso_at(scan: &Scan, at: usize, point: &mut Point) -> Option<usize> {
    let token = scan.tokens.get(at)?;
    if token.kind != Kind::Number
        || token.raw.len() != 4
        || !matches!(scan.free_word(at + 1), "-" | "/")
    {
        return None;
    }
    let from = token.span.start;
    let rest = &scan.source[from..scan.tokens.last()?.span.end];
    let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let written = rest[..length].trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    let end = scan.token_after(from + written.len(), at);
    let written = written.replace('/', "-");
    if let Ok(instant) = written.parse::<Timestamp>() {
        point.instant = Some(instant);
    } else if let (Ok(moment), true) = (written.parse::<DateTime>(), written.contains(['T', 't'])) {
        point.day = Some(Day::Date(moment.date()));
        point.clock = Some(Clock { time: moment.time(), meridiem: false, marked: true });
    } else {
        point.day = Some(Day::Date(written.parse().ok()?));
    }
    Some(end)
}

/// `this morning`, `last night`, `tonight`, `afternoon`.
fn part_at(scan: &Scan, at: usize, point: &mut Point) -> Option<usize> {
    let lead = scan.free_word(at);
    let (days, at) = match lead {
        "this" | "todays" => (Some(0), at + 1),
        "last" | "yesterdays" => (Some(1), at + 1),
        "tonight" => {
            (point.day, point.part) = (Some(Day::Ago(0)), Some(Part::Evening));
            return Some(at + 1);
        }
        "overnight" => {
            (point.day, point.part) = (Some(Day::Ago(1)), Some(Part::Night));
            return Some(at + 1);
        }
        _ => (None, at),
    };
    let part = match scan.free_word(at) {
        "morning" | "mornin" => Part::Morning,
        "afternoon" | "arvo" => Part::Afternoon,
        "evening" => Part::Evening,
        "night" => Part::Night,
        _ => return None,
    };
    // "good morning" and the like are no times; a part alone needs a day, or "in the".
    let in_the = scan.word_before(at) == "the" && at >= 2 && scan.word(at - 2) == "in";
    if days.is_none() && point.day.is_none() && !(in_the && point.has_clock()) {
        return None;
    }
    point.part = Some(part);
    if let Some(days) = days.filter(|_| point.day.is_none()) {
        point.day = Some(Day::Ago(days));
    }
    Some(at + 1)
}

fn day_at(scan: &Scan, at: usize) -> Option<(Day, usize)> {
    let word = scan.free_word(at);
    match word {
        "today" => return Some((Day::Ago(0), at + 1)),
        "yesterday" => return Some((Day::Ago(1), at + 1)),
        "tomorrow" => return Some((Day::Ago(-1), at + 1)),
        "day" if scan.free_word(at + 1) == "before" && scan.free_word(at + 2) == "yesterday" => {
            return Some((Day::Ago(2), at + 3));
        }
        "last" | "this" | "past" => {
            let (day, end) = day_at(scan, at + 1)?;
            return matches!(day, Day::Weekday(_)).then_some((day, end));
        }
        _ => {}
    }
    if let Some((_, weekday)) =
        WEEKDAYS.iter().find(|(name, _)| *name == word || word.strip_suffix('s') == Some(name))
    {
        return Some((Day::Weekday(*weekday), at + 1));
    }
    if let Some((_, weekday)) = WEEKDAYS_SHORT.iter().find(|(name, _)| *name == word)
        && lists(BEFORE_A_SHORT_WEEKDAY, scan.word_before(at))
    {
        return Some((Day::Weekday(*weekday), at + 1));
    }
    month_day_at(scan, at)
}

/// `March 3`, `3rd of March 2026`.
fn month_day_at(scan: &Scan, at: usize) -> Option<(Day, usize)> {
    let (month, day, end) = if let Some(month) = month(scan.free_word(at)) {
        (month, day_of_month(scan.free_word(at + 1))?, at + 2)
    } else {
        let day = day_of_month(scan.free_word(at))?;
        let next = if scan.free_word(at + 1) == "of" { at + 2 } else { at + 1 };
        (month(scan.free_word(next))?, day, next + 1)
    };
    let comma = usize::from(scan.free_word(end) == ",");
    let year = scan.free_word(end + comma).parse().ok().filter(|year| (2000..2100).contains(year));
    match year {
        Some(year) => Some((Day::Date(Date::new(year, month, day).ok()?), end + comma + 1)),
        None => Some((Day::Annual { month, day }, end)),
    }
}

fn month(word: &str) -> Option<i8> {
    let position = |names: &[&str]| names.iter().position(|name| *name == word);
    let index = position(MONTHS).or_else(|| position(MONTHS_SHORT))?;
    i8::try_from(index + 1).ok()
}

fn day_of_month(word: &str) -> Option<i8> {
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end));
    digits.unwrap_or(word).parse().ok().filter(|day| (1..=31).contains(day))
}

/// `9am`, `14:00`, `9.30 pm`, `noon`, `9 o'clock`; with `bare` also `9`.
fn clock_at(scan: &Scan, at: usize, bare: bool) -> Option<(Clock, usize)> {
    let word = scan.free_word(at);
    let named = |hour| {
        Some((Clock { time: Time::constant(hour, 0, 0, 0), meridiem: true, marked: true }, at + 1))
    };
    match word {
        "noon" | "midday" | "lunchtime" => return named(12),
        "midnight" => return named(0),
        "lunch" => {
            let end = if scan.free_word(at + 1) == "time" { at + 2 } else { at + 1 };
            return named(12).map(|(clock, _)| (clock, end));
        }
        _ => {}
    }
    let letters = word.find(|c: char| c.is_alphabetic()).unwrap_or(word.len());
    let (digits, suffix) = word.split_at(letters);
    let (suffix, mut end) = match suffix {
        "" => meridiem_at(scan, at + 1).unwrap_or(("", at + 1)),
        "am" | "pm" | "a" | "p" | "h" | "z" => (suffix, at + 1),
        _ => return None,
    };
    let separated = digits.contains(':') || (digits.contains('.') && suffix.ends_with('m'));
    let pieces = digits.split([':', '.']).collect::<Vec<_>>();
    if digits.contains('.') && !separated {
        return None;
    }
    let (hour, minute): (i8, i8) = match pieces.as_slice() {
        [hour] => (hour.parse().ok()?, 0),
        [hour, minute] | [hour, minute, _] => (hour.parse().ok()?, minute.parse().ok()?),
        _ => return None,
    };
    let second: i8 = pieces.get(2).map_or(Some(0), |second| second.parse().ok())?;
    let hour = match suffix {
        "am" | "a" if hour == 12 => 0,
        "pm" | "p" if (1..12).contains(&hour) => hour + 12,
        "am" | "a" | "pm" | "p" if !(1..=12).contains(&hour) => return None,
        _ => hour,
    };
    let oclock = suffix.is_empty() && matches!(scan.free_word(end), "oclock");
    end += usize::from(oclock);
    let marked = separated || oclock || !matches!(suffix, "" | "a" | "p" | "h" | "z");
    let followed_by_noun = scan.tokens.get(end).is_some_and(|token| {
        token.kind == Kind::Word
            && numbers::spelled(&token.raw).is_none()
            && !may_follow(token.word())
    });
    if !marked && (!bare || followed_by_noun || suffix == "h") {
        return None;
    }
    let time = if (hour, minute) == (24, 0) {
        Time::midnight()
    } else {
        Time::new(hour, minute, second, 0).ok()?
    };
    let meridiem = matches!(suffix, "am" | "pm" | "a" | "p");
    Some((Clock { time, meridiem, marked }, end))
}

/// `am`, `p.m.` as tokens of their own.
fn meridiem_at<'a>(scan: &'a Scan, at: usize) -> Option<(&'a str, usize)> {
    match scan.free_word(at) {
        word @ ("am" | "pm") => Some((word, at + 1)),
        "a" | "p" if scan.free_word(at + 1) == "." && scan.free_word(at + 2) == "m" => {
            let word = if scan.free_word(at) == "a" { "am" } else { "pm" };
            let dot = usize::from(scan.free_word(at + 3) == ".");
            Some((word, at + 3 + dot))
        }
        _ => None,
    }
}

/// Words that may stand behind a bare hour; behind others the number counts something.
fn may_follow(word: &str) -> bool {
    crate::lexicon::is_stop_word(word)
        || super::words().any(|time| time == word) && super::length::unit(word).is_none()
        || matches!(
            word,
            "utc"
                | "gmt"
                | "cet"
                | "cest"
                | "z"
                | "am"
                | "pm"
                | "vs"
                | "europe"
                | "america"
                | "asia"
                | "est"
                | "edt"
                | "pst"
                | "pdt"
                | "onwards"
                | "onward"
        )
}
