//! Lengths of time in a question: the window that a rate is over, how far back something else
//! lies, and how far ahead a forecast looks.

use jiff::Timestamp;
use model::EntityValue;

use super::{
    unit,
    words::{Use, Words},
};
use crate::{Question, promql::window};

/// A length of time, and how PromQL writes it in the unit that it was said in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Length {
    pub(crate) seconds: i64,
    pub(crate) text: String,
}

impl Length {
    pub(crate) fn of(seconds: i64) -> Self {
        Self { seconds, text: window(seconds) }
    }

    fn said(count: f64, unit_s: f64) -> Option<Self> {
        let seconds = (count * unit_s).round() as i64;
        if seconds <= 0 {
            return None;
        }
        let whole = |length_s: i64, letter: &str| {
            (seconds % length_s == 0).then(|| format!("{}{letter}", seconds / length_s))
        };
        let text = match unit_s as i64 {
            86_400.. => whole(86_400, "d"),
            3_600 => whole(3_600, "h"),
            60 => whole(60, "m"),
            _ => None,
        };
        Some(Self { seconds, text: text.unwrap_or_else(|| window(seconds)) })
    }

    /// As an offset, where whole weeks are written as such.
    pub(crate) fn offset(&self) -> String {
        const WEEK_S: i64 = 604_800;
        if self.seconds % WEEK_S == 0 {
            format!("{}w", self.seconds / WEEK_S)
        } else {
            self.text.clone()
        }
    }
}

/// Every length of time in a question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Periods {
    /// What the value is over; of several, the first.
    pub(crate) windows: Vec<Length>,
    /// How long before now the period ends.
    pub(crate) ended: Option<Length>,
    /// How far back the value lies that it is compared with.
    pub(crate) compared: Option<Length>,
    /// How far ahead the question looks.
    pub(crate) ahead: Option<Length>,
}

const LAST: &[&str] = &["last", "past", "previous", "trailing", "preceding", "recent", "prior"];
const BEHIND: &[&str] = &["ago", "earlier", "before", "back", "prior"];
const AHEAD: &[&str] = &["ahead", "out", "hence"];
const OVER: &[&str] =
    &["over", "during", "in", "within", "for", "across", "on", "using", "use", "take", "at", "of"];
/// What goes before "over" where a length of time is exceeded.
const EXCEEDING: &[&str] = &[
    "for", "took", "takes", "take", "taking", "lasting", "lasts", "lasted", "last", "is", "are",
    "running", "been", "by", "well", "just", "not", "spent", "needing", "needs", "needed", "going",
    "went", "waiting", "waited",
];
const AVERAGED: &[&str] =
    &["rate", "rates", "window", "windows", "average", "averages", "avg", "moving", "sum", "total"];
/// Words of looking ahead from what was.
const PROJECTING: &[&str] = &[
    "extrapolate", "extrapolating", "extrapolated", "project", "projecting", "projected", "judging",
];
const FUTURE: &[&str] = &[
    "will", "going", "gonna", "predict", "predicted", "projected", "forecast", "extrapolate",
    "extrapolating", "expected", "expect", "would", "run", "until", "likely", "trend", "pace",
];

pub(super) fn read(words: &mut Words, question: &Question<'_>, now: Option<Timestamp>) -> Periods {
    let mut periods = Periods::default();
    let future = words.list.iter().any(|word| FUTURE.contains(&word.lower.as_str()));
    let mut at = 0;
    while at < words.len() {
        at = one(words, at, future, &mut periods).unwrap_or(at + 1);
    }
    calendar(words, question, now, &mut periods);
    today(words, now, &mut periods);
    for index in 0..words.len() {
        if words.are(index, &["right", "now"]) || words.are(index, &["at", "the", "moment"]) {
            words.mark(index..index + 3, Use::Grammar);
        }
    }
    periods
}

/// Reads the period that begins at a word; yields the place behind it.
fn one(words: &mut Words, at: usize, future: bool, periods: &mut Periods) -> Option<usize> {
    if words.is_taken(at) {
        return None;
    }
    if words.is(at, &["tomorrow"]) || words.is(at, &["tonight"]) {
        let hours = if words.is(at, &["tonight"]) { 12.0 } else { 24.0 };
        periods.ahead = Length::said(hours, 3_600.0);
        return taken(words, at, at + 1);
    }
    if words.is(at, LAST) || words.is(at, &["next", "coming", "following", "upcoming"]) {
        let (length, end) =
            length_at(words, at + 1).or_else(|| unit_said_before(words, at + 1, periods))?;
        if !words.is(at, LAST) {
            periods.ahead = Some(length);
        } else if is_held_against(words, at) && length.seconds >= 3_600 {
            periods.compared.get_or_insert(length);
        } else {
            periods.windows.push(length);
        }
        return taken(words, at, end);
    }
    if let Some(length) = adjective_of(words, at) {
        periods.windows.push(length);
        return taken(words, at, at + 1);
    }
    let this = words.is(at, &["this"])
        && (words.is(at + 1, &["week", "month"]) && is_comparing(words)
            || words.is(at + 1, &["hour"]));
    if this {
        let (length, end) = length_at(words, at + 1)?;
        periods.windows.push(length);
        return taken(words, at, end);
    }
    let since = (0..at).rev().take(4).any(|before| words.is(before, &["since"]));
    if words.is(at, &["yesterday"])
        && since
        && (words.is(at - 1, &["time"])
            || words.are(at + 1, &["at", "this"])
            || words.is(at + 1, &["same", "this"]))
    {
        periods.windows.extend(Length::said(24.0, 3_600.0));
        return taken(words, at, at + 1);
    }
    if words.is(at, &["yesterday"]) && is_held_against(words, at) {
        periods.compared = Length::said(1.0, 86_400.0);
        return taken(words, at, at + 1);
    }
    let counted = at > 0 && words.is(at - 1, &["a", "an"]);
    if words.is(at, &["week", "month", "day", "hour"]) && words.is(at + 1, BEHIND) && !counted {
        // "the week before"
        let (length, end) = length_at(words, at)?;
        periods.compared = Some(length);
        return taken(words, at, end + 1);
    }
    let begins = if words.is(at, &["a", "an", "the"]) { at + 1 } else { at };
    if words.list[at].number.is_none() && begins == at && !words.is(at, &["half", "quarter"]) {
        return None;
    }
    let (length, end) = length_at(words, begins)?;
    if is_exceeded(words, at, &length) {
        return None;
    }
    let before = at.checked_sub(1).map_or("", |before| words.at(before));
    if words.is(end, &["ago"]) && (words.is(at.wrapping_sub(1), &["since"])) && !is_comparing(words)
    {
        periods.windows.push(length);
        return taken(words, at, end + 1);
    }
    if words.is(end, BEHIND) {
        // "more than two hours ago" is a limit, "more errors than two hours ago" is none.
        const OF_AGE: &[&str] = &[
            "more", "less", "longer", "older", "later", "earlier", "newer", "fewer", "younger",
            "greater",
        ];
        let compares = at > 1 && words.is(at - 1, &["than"]) && !words.is(at - 2, OF_AGE);
        let limited = (is_limit(words, at) || before == "over") && !compares;
        if !limited {
            match periods.compared {
                None if is_comparing(words) => periods.compared = Some(length),
                None => periods.ended = Some(length),
                Some(_) => {}
            }
            return taken(words, at, end + 1);
        }
        words.mark(end..end + 1, Use::Form);
        return None;
    }
    if words.are(end, &["from", "now"]) {
        periods.ahead = Some(length);
        return taken(words, at, end + 2);
    }
    if words.is(end, AHEAD) && future {
        periods.ahead = Some(length);
        return taken(words, at, end + 1);
    }
    if words.is(end, AVERAGED) && !OVER.contains(&before) {
        periods.windows.push(length);
        return taken(words, at, end);
    }
    let another = end + 1 + usize::from(words.is(end + 1, &["the", "a"]));
    let with_next = words.is(end, &["and", "&", "+", "or"])
        && length_at(words, another).is_some_and(|(_, next)| words.is(next, AVERAGED));
    if with_next && !is_limit(words, at) {
        // "on both 1h and 5m windows"
        periods.windows.push(length);
        return taken(words, at, end);
    }
    let ends = words.list.get(end - 1).is_some_and(|word| word.ends_clause) || end == words.len();
    let listed = at > 0 && words.list[at - 1].ends_clause;
    let short = words.list[at].number.is_some() && (words.at(end - 1).len() == 1 || listed);
    let another =
        matches!(before, "and" | "&" | "/") && !periods.windows.is_empty() && !is_limit(words, at);
    if (short && ends && !is_limit(words, at) && !future) || another {
        // "(24h)", "per route, 10 minutes", "over 1 hour and 5 minutes"
        periods.windows.push(length);
        return taken(words, at, end);
    }
    if future
        && matches!(before, "in" | "within" | "for" | "another" | "next")
        && !is_limit(words, at)
    {
        periods.ahead = Some(length);
        return taken(words, at, end);
    }
    // "not succeeded since 24 hours" is said for "for", where no "ago" follows.
    let spans = (OVER.contains(&before) || before == "since") && !is_limit(words, at);
    // "within 250 ms" is a limit, and so is the time in which a share of things is done.
    let within = before == "within" && (length.seconds < 60 || super::form::asks_for_share(words));
    if spans && !within {
        periods.windows.push(length);
        return taken(words, at, end);
    }
    None
}

/// "the hourly rate", "daily signups": the number of each hour or day. "The hourly job" is a name.
fn adjective_of(words: &Words, at: usize) -> Option<Length> {
    let unit_s = match words.at(at) {
        "hourly" => 3_600,
        "daily" => 86_400,
        "weekly" => 604_800,
        _ => return None,
    };
    let next = words.at(at + 1);
    let plural = next.len() > 3 && next.ends_with('s') && !next.ends_with("ss");
    let measured = words.is(at + 1, &["rate", "average", "total", "number", "count", "volume"]);
    let named = words.is(at + 1, &["jobs", "backups", "reports", "runs", "tasks", "batches"]);
    ((plural && !named) || measured).then(|| Length::of(unit_s))
}

/// "within four hours, going by the last six": the unit was said before.
fn unit_said_before(words: &Words, at: usize, periods: &Periods) -> Option<(Length, usize)> {
    let word = words.list.get(at).filter(|word| word.ends_clause || at + 1 == words.len())?;
    let unit_s = match periods.ahead.as_ref()?.text.chars().last()? {
        'd' => 86_400.0,
        'h' => 3_600.0,
        'm' => 60.0,
        _ => return None,
    };
    Some((Length::said(word.number?, unit_s)?, at + 1))
}

/// "silent for over five minutes", "spans over 2s": nobody looks at so short a window.
fn is_exceeded(words: &Words, at: usize, length: &Length) -> bool {
    const SHORTEST_S: i64 = 60;
    const TIMED: &[&str] =
        &["age", "latency", "duration", "lag", "delay", "wait", "waiting", "oldest", "p99", "p95"];
    let seconds = length.text.ends_with('s') || length.seconds == SHORTEST_S;
    let timed = seconds && words.has(TIMED) && !words.has(&["rate", "rates", "average"]);
    let behind = |back: usize, one_of: &[&str]| at >= back && words.is(at - back, one_of);
    behind(1, &["over", "beyond", "above", "past", "exceeding", "exceeds", "under", "below"])
        && (length.seconds < SHORTEST_S || timed || behind(2, EXCEEDING))
}

fn taken(words: &mut Words, from: usize, to: usize) -> Option<usize> {
    words.mark(from..to, Use::Taken);
    Some(to)
}

/// `30 minutes`, `half an hour`, `hour`, `couple of days`.
pub(super) fn length_at(words: &Words, at: usize) -> Option<(Length, usize)> {
    let mut at = at;
    let mut count = 1.0;
    if words.is(at, &["half"]) {
        count = 0.5;
        at += 1;
        if words.is(at, &["a", "an"]) {
            at += 1;
        }
    } else if words.are(at, &["quarter", "of", "an"]) {
        count = 0.25;
        at += 3;
    } else if words.is(at, &["few", "several"]) {
        count = 3.0;
        at += 1;
    } else if let Some(number) = words.list.get(at).and_then(|word| word.number) {
        count = number;
        at += 1;
        if words.is(at, &["of"]) {
            at += 1;
        }
    }
    if words.is(at, &["quarter"]) && words.is(at + 1, &["of"]) {
        // "a quarter of their memory" is no length of time.
        return None;
    }
    let unit_s = unit::time(words.at(at))?;
    // A lone letter is a unit behind a number only.
    if words.at(at).len() < 3
        && words.list.get(at.wrapping_sub(1)).is_none_or(|it| it.number.is_none())
    {
        return None;
    }
    Some((Length::said(count, unit_s)?, at + 1))
}

/// Whether a comparison stands right before a number: "more than 2 hours ago".
fn is_limit(words: &Words, at: usize) -> bool {
    let before: Vec<&str> =
        (1..=3).filter_map(|back| at.checked_sub(back)).map(|at| words.at(at)).collect();
    before.first().is_some_and(|word| {
        matches!(
            *word,
            "than"
                | "least"
                | "most"
                | "under"
                | "below"
                | "above"
                | "exceeding"
                | "exceeds"
                | ">"
                | "<"
                | ">="
                | "<="
        )
    })
}

/// Whether the period at a word is what something is compared with.
fn is_held_against(words: &Words, at: usize) -> bool {
    let mut before = at.checked_sub(1);
    // "at the same time last week", "than in the previous hour", "vs last week"
    for _ in 0..4 {
        let Some(index) = before else { return false };
        let word = words.at(index);
        if word == "moment" && words.is(index.wrapping_sub(1), &["any", "some", "one", "every"]) {
            return false;
        }
        if matches!(
            word,
            "time" | "same" | "than" | "vs" | "versus" | "against" | "compared" | "moment"
        ) {
            return true;
        }
        if matches!(word, "to" | "with" | "from") {
            return is_comparing(words) && !words.is(index.wrapping_sub(1), PROJECTING);
        }
        if !matches!(
            word,
            "the"
                | "at"
                | "in"
                | "of"
                | "over"
                | "during"
                | "it"
                | "was"
                | "hour"
                | "day"
                | "period"
                | "window"
                | "interval"
                | "timeframe"
                | "span"
        ) {
            return false;
        }
        before = index.checked_sub(1);
    }
    false
}

/// Whether the question holds one thing against another at all.
pub(super) fn is_comparing(words: &Words) -> bool {
    const COMPARING: &[&str] = &[
        "than", "vs", "versus", "against", "compared", "compare", "comparing", "comparison",
        "relative", "multiple", "ratio", "difference", "change", "changed", "changes", "same",
        "grown", "grew", "increased", "decreased", "dropped", "fallen", "risen", "up", "down",
        "more", "less", "growth", "delta", "differ", "factor", "twice", "double", "half",
        "week-over-week", "day-over-day", "minus", "bigger", "smaller", "larger", "higher",
        "lower", "greater",
    ];
    words.list.iter().any(|word| COMPARING.contains(&word.lower.as_str()))
}

/// Whether a number follows the comparison, so that it is a limit and not another thing.
pub(super) fn is_comparing_times(words: &Words) -> bool {
    words.find(&["than"]).is_some_and(|(at, _)| {
        (at + 1..at + 4).any(|next| words.list.get(next).is_some_and(|word| word.number.is_some()))
    })
}

/// Periods by the calendar ("since 9am", "yesterday"), which the understanding has read.
fn calendar(
    words: &mut Words,
    question: &Question<'_>,
    now: Option<Timestamp>,
    periods: &mut Periods,
) {
    for entity in &question.understanding.entities {
        let EntityValue::Time(range) = &entity.value else { continue };
        let range_words = words.in_span(&entity.span);
        if entity.text.is_empty() || range_words.clone().any(|index| words.is_taken(index)) {
            continue;
        }
        let first = range_words.start;
        let within = words.is(first, &["within"])
            || (first > 0 && words.is(first - 1, &["within", "under"]));
        if (within && super::form::asks_for_share(words)) || is_limit(words, first) {
            continue;
        }
        let now = now.unwrap_or(range.end);
        let end = range.end.min(now);
        let length_s = whole_minutes(end.as_second() - range.start.as_second());
        let over = words.is(first, &["over"]) || (first > 0 && words.is(first - 1, &["over"]));
        let exceeded = over
            && (length_s < 60
                || words.is(first.wrapping_sub(2), EXCEEDING)
                || words.is(first.wrapping_sub(1), EXCEEDING));
        if exceeded {
            continue;
        }
        words.mark(range_words, Use::Taken);
        if range.start >= now || !periods.windows.is_empty() {
            continue;
        }
        let ended_s = whole_minutes(now.as_second() - end.as_second());
        if length_s > 0 {
            periods.windows.push(Length::of(length_s));
            periods.ended = (ended_s > 0).then(|| Length::of(ended_s));
        }
    }
}

/// "today", where nobody has read it: since midnight.
fn today(words: &mut Words, now: Option<Timestamp>, periods: &mut Periods) {
    const DAY_S: i64 = 86_400;
    let open = words.places(&["today"]).iter().find(|at| !words.is_taken(*at));
    let (Some(at), Some(now), true) = (open, now, periods.windows.is_empty()) else { return };
    let length_s = whole_minutes(now.as_second().rem_euclid(DAY_S));
    if periods.compared.is_none() && periods.ahead.is_none() && length_s > 0 {
        words.mark(at..at + 1, Use::Taken);
        periods.windows.push(Length::of(length_s));
    }
}

fn whole_minutes(seconds: i64) -> i64 {
    (seconds + 30) / 60 * 60
}

#[cfg(test)]
mod tests {
    use model::{Intent, Understanding};

    use super::*;

    fn periods(text: &str) -> String {
        let understanding =
            Understanding { intent: Intent::QueryMetrics, confidence: 1.0, entities: vec![] };
        let mut words = Words::read(text);
        let periods = read(&mut words, &Question { text, understanding: &understanding }, None);
        let text =
            |length: &Option<Length>| length.as_ref().map(Length::offset).unwrap_or_default();
        let windows: Vec<&str> = periods.windows.iter().map(|it| it.text.as_str()).collect();
        format!(
            "{}|{}|{}|{}",
            windows.join(" "),
            text(&periods.ended),
            text(&periods.compared),
            text(&periods.ahead)
        )
    }

    #[test]
    fn lengths_are_windows_offsets_or_horizons() {
        for (text, expected) in [
            ("error rate over the last 10 minutes", "10m|||"),
            ("requests in the past 24 hours", "24h|||"),
            ("hits for the last half hour", "30m|||"),
            ("5m rate of requests", "5m|||"),
            ("both over the last hour and over the last 5 minutes", "1h 5m|||"),
            ("latency now versus a week ago", "||1w|"),
            ("more errors in the last hour than in the same hour yesterday", "1h||1d|"),
            ("compared with the same time last week", "||1w|"),
            ("will the disk fill up within four hours, going by the last six", "6h|||4h"),
            ("will it be bigger than 500 GB a week from now", "|||1w"),
            ("queue depth 2 hours ago", "|2h||"),
            ("jobs that last ran more than 2 hours ago", "|||"),
            ("is checkout slower than a week ago", "||1w|"),
            ("more errors than an hour ago", "||1h|"),
            ("hosts last synced over a day ago", "|||"),
            ("more than a quarter of their memory", "|||"),
            ("on both 1h and 5m windows", "1h 5m|||"),
            ("answered within 250 ms", "|||"),
            ("slower than the same time a week ago (10 minute rates)", "10m||1w|"),
            ("deadlocks per hour", "|||"),
            ("average over 90 minutes", "90m|||"),
            ("burn over 1 hour and 5 minutes", "1h 5m|||"),
            ("pods that restarted (24h)", "24h|||"),
            ("what fraction of jobs finishes within ten minutes", "|||"),
            ("signups this week minus the week before", "7d||1w|"),
            ("errors last week", "7d|||"),
            ("the hourly rate of requests", "1h|||"),
            ("daily signups per country", "1d|||"),
            ("runs of the hourly job", "|||"),
            ("not succeeded since 24 hours", "24h|||"),
            ("oldest message age over 60 s", "|||"),
            ("error rate over 60 s", "1m|||"),
            ("restarts since yesterday same time", "24h|||"),
        ] {
            assert_eq!(periods(text), expected, "{text}");
        }
    }
}
