//! Time zones as people write them behind a clock time: `UTC`, `CEST`, `Europe/Berlin`, `+02:00`.

use jiff::tz::{Offset, TimeZone};

use crate::{lexicon::lists, scan::Scan};

/// Abbreviations that mean one offset, in hours.
const FIXED: &[(&str, i8)] = &[
    ("utc", 0),
    ("gmt", 0),
    ("z", 0),
    ("zulu", 0),
    ("wet", 0),
    ("bst", 1),
    ("cet", 1),
    ("cest", 2),
    ("eet", 2),
    ("eest", 3),
    ("msk", 3),
    ("est", -5),
    ("edt", -4),
    ("cdt", -5),
    ("mst", -7),
    ("mdt", -6),
    ("pst", -8),
    ("pdt", -7),
    ("jst", 9),
    ("kst", 9),
    ("sgt", 8),
    ("hkt", 8),
    ("aest", 10),
    ("aedt", 11),
];
const AREAS: &str = "europe america asia africa australia atlantic pacific indian etc";

/// The zone at a token, and the token behind it.
pub(super) fn zone_at(scan: &Scan, start: usize) -> Option<(TimeZone, usize)> {
    let start = if scan.free_word(start) == "(" { start + 1 } else { start };
    let (zone, end) = named_at(scan, start)
        .or_else(|| city_at(scan, start))
        .or_else(|| abbreviation_at(scan, start))
        .or_else(|| plus_at(scan, start).map(|(offset, end)| (offset.to_time_zone(), end)))?;
    Some((zone, if scan.free_word(end) == ")" { end + 1 } else { end }))
}

fn abbreviation_at(scan: &Scan, start: usize) -> Option<(TimeZone, usize)> {
    let token = scan.tokens.get(start).filter(|_| scan.is_free(start))?;
    let (_, hours) = FIXED.iter().find(|(name, _)| *name == token.raw)?;
    // "UTC+2" is two hours ahead of UTC.
    if let Some((offset, end)) = offset_at(scan, start + 1).filter(|_| *hours == 0) {
        return Some((offset.to_time_zone(), end));
    }
    Some((Offset::constant(*hours).to_time_zone(), start + 1))
}

/// An offset by itself; behind a clock time a minus is the dash of a range, "14:00-15:00".
fn plus_at(scan: &Scan, start: usize) -> Option<(Offset, usize)> {
    if scan.free_word(start) == "+" { offset_at(scan, start) } else { None }
}

/// `+02:00`, `-5`, `+0530`.
fn offset_at(scan: &Scan, start: usize) -> Option<(Offset, usize)> {
    let sign = match scan.free_word(start) {
        "+" => 1,
        "-" | "−" => -1,
        _ => return None,
    };
    if !scan.is_glued(start + 1) {
        return None;
    }
    let digits = scan.free_word(start + 1);
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None if digits.len() <= 2 => (digits, "0"),
        None => return None,
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let seconds = sign * (hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?);
    Some((Offset::from_seconds(seconds).ok()?, start + 2))
}

/// "8am Berlin time", "9:00 New York time".
fn city_at(scan: &Scan, start: usize) -> Option<(TimeZone, usize)> {
    const LONGEST: usize = 3;
    let end = (start + 1..=start + LONGEST).find(|&at| scan.free_word(at) == "time")?;
    let words: Vec<&str> = (start..end).map(|at| scan.free_word(at)).collect();
    let city = words.join("_");
    let is_city = |name: &jiff::tz::TimeZoneName<'_>| {
        name.as_str().rsplit_once('/').is_some_and(|(area, last)| {
            last.eq_ignore_ascii_case(&city) && lists(AREAS, &area.to_lowercase())
        })
    };
    let name = jiff::tz::db().available().find(is_city)?;
    Some((TimeZone::get(name.as_str()).ok()?, end + 1))
}

fn named_at(scan: &Scan, start: usize) -> Option<(TimeZone, usize)> {
    if !lists(AREAS, scan.free_word(start)) || scan.free_word(start + 1) != "/" {
        return None;
    }
    let from = scan.tokens[start].span.start;
    let rest = &scan.source[from..scan.tokens.last()?.span.end];
    let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "/_-+".contains(c)));
    let name = &rest[..length.unwrap_or(rest.len())];
    let zone = TimeZone::get(name).ok()?;
    Some((zone, scan.token_after(from + name.len(), start)))
}
