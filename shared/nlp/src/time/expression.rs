//! The shapes in which periods are written: "last hour", "since 9am", "from X to Y", a day, …

use super::{
    calendar::Period,
    length::{DAY, Length, length_at, unit},
    point::{Point, point_at},
};
use crate::{lexicon::lists, scan::Scan};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    /// So much back from now.
    Back(Length),
    Since(Point),
    Until(Point),
    Between(Point, Point),
    /// A day, a part of one, or a moment.
    At(Point),
    Period(Period),
    /// "the hour before": as long again, up to where the other period begins; its own length when
    /// no unit is named.
    Before(Option<Length>),
    /// "an hour later": the other period, so much later.
    Later(Length),
    /// "the same time yesterday": the other period, so many days earlier.
    Same {
        days: i64,
    },
    /// "week over week": this unit and the one before.
    Over(Length),
    /// Something that has not happened yet.
    Future,
}

const WINDOW_LEADS: &str = "last past previous prior preceding trailing recent latest final prev";
const BEFORE: &[&str] = &["previous", "prior", "preceding", "prev"];
const SPANNING: &[&str] = &["over", "within", "in", "across", "during", "throughout"];
const CONNECTORS: &str = "to until till til through thru - – — and up upto →";
const SAME: &str = "time period hour window day week timeframe point interval moment range slot";

/// The expression at a token, and the token behind it.
pub(super) fn expression_at(scan: &Scan, start: usize) -> Option<(Expression, usize)> {
    // "what about yesterday?" is about all of it.
    let asks =
        scan.free_word(start) == "about" && matches!(scan.word_before(start), "what" | "how");
    if scan.free_word(start).is_empty() || scan.free_word(start) == "," || asks {
        return None;
    }
    future_at(scan, start)
        .or_else(|| same_at(scan, start))
        .or_else(|| over_at(scan, start))
        .or_else(|| before_at(scan, start))
        .or_else(|| window_at(scan, start))
        .or_else(|| since_at(scan, start))
        .or_else(|| between_at(scan, start))
        .or_else(|| until_at(scan, start))
        .or_else(|| ranged_point_at(scan, start))
        .or_else(|| spanning_at(scan, start))
        .or_else(|| compact_at(scan, start))
}

fn skip(scan: &Scan, at: usize, words: &[&str]) -> usize {
    at + usize::from(words.contains(&scan.free_word(at)))
}

fn future_at(scan: &Scan, start: usize) -> Option<(Expression, usize)> {
    let lead = scan.free_word(start);
    if lead == "tomorrow" {
        return Some((Expression::Future, start + 1));
    }
    if !matches!(lead, "next" | "coming" | "upcoming" | "following") {
        return None;
    }
    if let Some((_, end)) = length_at(scan, start + 1) {
        return Some((Expression::Future, end));
    }
    let named =
        unit(scan.free_word(start + 1)).is_some_and(|_| scan.free_word(start + 1).len() > 2);
    let weekday = point_at(scan, start + 1, false).filter(|(point, _)| point.day.is_some());
    match weekday {
        Some((_, end)) => Some((Expression::Future, end)),
        None => named.then_some((Expression::Future, start + 2)),
    }
}

/// "an hour later", "30 minutes after that". What that means only the conversation tells.
pub(super) fn later_at(scan: &Scan, start: usize) -> Option<(Expression, usize)> {
    let (length, end) = length_at(scan, start)?;
    let follows = match scan.free_word(end) {
        "later" => 1,
        "after" if matches!(scan.free_word(end + 1), "that" | "it" | "this") => 2,
        _ => return None,
    };
    Some((Expression::Later(length), end + follows))
}

/// "the same time yesterday", "this time last week", "yesterday at the same time".
fn same_at(scan: &Scan, start: usize) -> Option<(Expression, usize)> {
    if scan.free_word(start) == "yesterday" && scan.free_word(start + 1) == "at" {
        let at = skip(scan, start + 2, &["the"]);
        let is_same =
            matches!(scan.free_word(at), "same" | "this") && scan.free_word(at + 1) == "time";
        return is_same.then_some((Expression::Same { days: 1 }, at + 2));
    }
    if !matches!(scan.free_word(start), "same" | "this") || !lists(SAME, scan.free_word(start + 1))
    {
        return None;
    }
    let mut at = start + 2;
    while matches!(
        scan.free_word(at),
        "of" | "on" | "the" | "as" | "from" | "in" | "," | "a" | "an" | "one"
    ) {
        at += 1;
    }
    let (days, end) = match (scan.free_word(at), scan.free_word(at + 1)) {
        ("yesterday", _) => (1, at + 1),
        ("day", "before" | "prior" | "earlier" | "ago") | ("previous" | "prior", "day") => {
            (1, at + 2)
        }
        ("last" | "previous" | "prior", "week")
        | ("week", "before" | "prior" | "earlier" | "ago") => (7, at + 2),
        ("last" | "previous" | "prior", "month")
        | ("month", "before" | "prior" | "earlier" | "ago") => (30, at + 2),
        _ => {
            let (length, end) = length_at(scan, at)?;
            let days = length.seconds / DAY;
            let ago = matches!(scan.free_word(end), "ago" | "earlier" | "before" | "back");
            (ago && days > 0 && length.seconds % DAY == 0).then_some((days, end + 1))?
        }
    };
    Some((Expression::Same { days }, end))
}

/// "week over week", "wow", "day on day".
fn over_at(scan: &Scan, start: usize) -> Option<(Expression, usize)> {
    let word = scan.free_word(start);
    let (name, end) = match word {
        "wow" if start > 0 => ("week", start + 1),
        "dod" => ("day", start + 1),
        "mom" if start > 0 => ("month", start + 1),
        _ => {
            let mut at = start + 1;
            while scan.free_word(at) == "-" {
                at += 1;
            }
            if !matches!(scan.free_word(at), "over" | "on" | "to" | "/") {
                return None;
            }
            at += 1;
            while scan.free_word(at) == "-" {
                at += 1;
            }
            (scan.free_word(at) == word).then_some((word, at + 1))?
        }
    };
    let seconds = unit(name).filter(|_| name.len() > 2 && !name.ends_with('s'))?;
    Some((Expression::Over(Length::new(seconds, seconds)), end))
}

/// "the hour before", "the previous period", "a week earlier".
fn before_at(scan: &Scan, start: usize) -> Option<(Expression, usize)> {
    let lead = scan.free_word(start);
    if BEFORE.contains(&lead) {
        if matches!(
            scan.free_word(start + 1),
            "period" | "window" | "interval" | "one" | "timeframe"
        ) {
            return Some((Expression::Before(None), start + 2));
        }
        let (length, end) = window_length(scan, start + 1)?;
        return Some((Expression::Before(Some(length)), end));
    }
    if matches!(lead, "period" | "window" | "interval")
        && matches!(scan.free_word(start + 1), "before" | "prior")
    {
        return Some((Expression::Before(None), start + 2));
    }
    let (length, end) = match length_at(scan, start) {
        Some(found) => found,
        None => (named_unit(scan, start)?, start + 1),
    };
    let follows =
        matches!(scan.free_word(end), "before" | "prior" | "preceding" | "earlier" | "previously");
    // "the day before yesterday" is a day of its own.
    let closes = follows && !matches!(scan.free_word(end + 1), "yesterday" | "now" | "last");
    let closing = end + 1 + usize::from(matches!(scan.free_word(end + 1), "that" | "it" | "this"));
    closes.then_some((Expression::Before(Some(length)), closing))
}

fn named_unit(scan: &Scan, at: usize) -> Option<Length> {
    let word = scan.free_word(at);
    let seconds = unit(word).filter(|_| word.len() > 1)?;
    Some(Length::new(seconds, seconds))
}

/// A length, or a unit alone: "last 5 minutes", "last hour".
fn window_length(scan: &Scan, at: usize) -> Option<(Length, usize)> {
    if let Some(found) = length_at(scan, at) {
        return Some(found);
    }
    let length = named_unit(scan, at)?;
    let half =
        ["and", "a", "half"].iter().zip(at + 1..).all(|(word, at)| scan.free_word(at) == *word);
    if half {
        return Some((Length::new(length.seconds + length.seconds / 2, length.seconds), at + 4));
    }
    Some((length, at + 1))
}

/// Behind "weekend", "the weekend", "over the weekend".
fn weekend_end(scan: &Scan, start: usize) -> Option<usize> {
    let over = skip(scan, start, &["over", "during"]);
    let the = skip(scan, over, &["the"]);
    (scan.free_word(the) == "weekend" && (the == start || the > over)).then_some(the + 1)
}

/// "last hour", "past 30 min", "the last couple of days", "this week", "last weekend".
fn window_at(scan: &Scan, start: usize) -> Option<(Expression, usize)> {
    let lead = scan.free_word(start);
    if matches!(lead, "this" | "current") {
        let period = match scan.free_word(start + 1) {
            "week" => Period::Week { ago: 0 },
            "month" => Period::Month { ago: 0 },
            "hour" => Period::Hour { ago: 0 },
            "year" => Period::Year { ago: 0 },
            "weekend" => Period::Weekend,
            _ => return None,
        };
        return Some((Expression::Period(period), start + 2));
    }
    if let Some(end) = weekend_end(scan, start) {
        return Some((Expression::Period(Period::Weekend), end));
    }
    if !lists(WINDOW_LEADS, lead) {
        return None;
    }
    if scan.free_word(start + 1) == "weekend" {
        return Some((Expression::Period(Period::Weekend), start + 2));
    }
    match scan.free_word(start + 1) {
        "quarter" if !matches!(scan.free_word(start + 2), "of" | "hour") => {
            return Some((Expression::Period(Period::Lately { days: 91 }), start + 2));
        }
        "year" => return Some((Expression::Period(Period::Lately { days: 365 }), start + 2)),
        _ => {}
    }
    // "the last few" of something else is no time; nor is "half past".
    let (length, end) = window_length(scan, skip(scan, start + 1, &["full", "whole", "complete"]))?;
    Some((Expression::Back(length), end))
}

/// "since 9am", "starting at noon", "after 14:00", "from 9 on", "from 9am".
fn since_at(scan: &Scan, start: usize) -> Option<(Expression, usize)> {
    let lead = scan.free_word(start);
    let (at, needs_clock) = match lead {
        "since" => (skip(scan, start + 1, &["about", "around"]), false),
        "starting" | "beginning" => (skip(scan, start + 1, &["at", "from", "on", "with"]), false),
        "after" => (start + 1, false),
        "from" => (start + 1, true),
        _ => return None,
    };
    let (point, end) = point_at(scan, at, lead != "after")?;
    let onwards = matches!(scan.free_word(end), "on" | "onwards" | "onward" | "forward");
    let bounded = lists(CONNECTORS, scan.free_word(end)) && point_at(scan, end + 1, true).is_some();
    if bounded || (needs_clock && !onwards && !(point.has_clock() && scan.free_word(end) != "'")) {
        return None;
    }
    Some((Expression::Since(point), end + usize::from(onwards)))
}

/// "between 9 and 10", "from Monday to Wednesday".
fn between_at(scan: &Scan, start: usize) -> Option<(Expression, usize)> {
    if !matches!(scan.free_word(start), "between" | "from" | "since" | "starting" | "btw") {
        return None;
    }
    let (from, end) = point_at(scan, start + 1, true)?;
    let at = connector_end(scan, end)?;
    let (to, end) = point_at(scan, at, true)?;
    Some((Expression::Between(from, to), end))
}

fn connector_end(scan: &Scan, at: usize) -> Option<usize> {
    let at = skip(scan, at, &[","]);
    if !lists(CONNECTORS, scan.free_word(at)) {
        return None;
    }
    Some(if scan.free_word(at) == "up" {
        skip(scan, at + 1, &["to", "until", "till"])
    } else {
        at + 1
    })
}

fn until_at(scan: &Scan, start: usize) -> Option<(Expression, usize)> {
    if !matches!(scan.free_word(start), "until" | "till" | "til" | "before" | "by") {
        return None;
    }
    let (point, end) = point_at(scan, start + 1, false)?;
    if point.is_now {
        return None;
    }
    Some((Expression::Until(point), end))
}

/// A point, a range that begins with one ("yesterday 2-3pm"), or a day before a range ("yesterday
/// between 2 and 3pm").
fn ranged_point_at(scan: &Scan, start: usize) -> Option<(Expression, usize)> {
    let bare = scan.word_before(start) == "at";
    let (from, end) = point_at(scan, start, bare).or_else(|| {
        point_at(scan, start, true).filter(|(_, end)| connector_end(scan, *end).is_some())
    })?;
    if from.day.is_some() && !from.has_clock() {
        let at = skip(scan, end, &[","]);
        if let Some((Expression::Between(first, last), end)) = between_at(scan, at)
            && first.has_clock()
            && first.day.is_none()
        {
            let first = Point { day: from.day, part: first.part.or(from.part), ..first };
            return Some((Expression::Between(first, last), end));
        }
        if let Some((Expression::Since(point), end)) = since_at(scan, at)
            && point.day.is_none()
            && point.clock.is_some()
        {
            return Some((Expression::Since(Point { day: from.day, ..point }), end));
        }
    }
    if let Some(at) = connector_end(scan, end)
        && scan.free_word(at - 1) != "and"
        && let Some((to, range_end)) = point_at(scan, at, true)
    {
        let marked = |point: &Point| {
            point.clock.is_none_or(|clock| clock.marked)
                && (point.has_clock() || point.day.is_some())
        };
        let both_clocks = from.has_clock() && to.has_clock();
        let both_days = !from.has_clock() && !to.has_clock();
        if (marked(&from) || marked(&to)) && (both_clocks || both_days || to.is_now) {
            return Some((Expression::Between(from, to), range_end));
        }
    }
    let stands_alone = from.clock.is_none_or(|clock| clock.marked || bare) && !from.is_now;
    // A moment given as an instant or a clock needs no more; "now" says nothing.
    stands_alone.then_some((Expression::At(from), end))
}

/// "over 24 hours", "in 30m".
fn spanning_at(scan: &Scan, start: usize) -> Option<(Expression, usize)> {
    if !SPANNING.contains(&scan.free_word(start)) {
        return None;
    }
    let (length, end) = length_at(scan, start + 1)?;
    Some((Expression::Back(length), end))
}

/// `24h` alone, or "30 minutes" as all that is said.
fn compact_at(scan: &Scan, start: usize) -> Option<(Expression, usize)> {
    let (length, end) = length_at(scan, start)?;
    let written = scan.free_word(start);
    let compact = end == start + 1 && written.ends_with(['m', 'h', 'd', 'w', 'n', 's', 'k', 'r']);
    let only = (0..start).chain(end..scan.len()).all(|at| {
        let word = scan.word(at);
        crate::lexicon::is_stop_word(word)
            || !word.chars().any(char::is_alphanumeric)
            || word == "window"
    });
    // "500s" are answers of a server.
    let seconds =
        scan.free_word(start).strip_suffix('s').is_some_and(|digits| digits.parse::<u32>().is_ok());
    ((compact && !seconds && !written.ends_with("ms")) || only)
        .then_some((Expression::Back(length), end))
}
