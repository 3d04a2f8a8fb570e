//! When, as opposed to how long: "in the last 5 minutes", "2 hours ago". A period is no part of a
//! query: it goes with the request.

use std::ops::Range;

use super::amount::{Amount, amount, number, time_unit};
use crate::traceql::translate::words::{Word, longest};

/// What a length of time without a comparison belongs to: "that took 3 seconds".
pub(super) const LASTING: &[&str] = &[
    "take", "takes", "took", "taking", "last", "lasts", "lasted", "lasting", "needs", "needed",
    "needing",
];

/// What makes a length of time a period: "the last 5 minutes".
const PERIOD_LEADS: &[&str] =
    &["last", "past", "previous", "preceding", "recent", "latest", "next", "every", "each"];

const PERIOD_ENDS: &[&str] =
    &["ago", "earlier", "old", "window", "windows", "interval", "intervals"];

/// Whether a length of time says when, not how long: "the last 5 minutes", "2 hours ago".
pub(super) fn is_period(words: &[Word<'_>], start: usize, end: usize) -> bool {
    let lead = start.checked_sub(1).map(|before| words[before].lower.as_str()).unwrap_or_default();
    if lead == "past" && is_going_on(words, start - 1) {
        return false;
    }
    let led = PERIOD_LEADS.contains(&lead)
        && (!matches!(lead, "last" | "past")
            || start < 2
            || matches!(words[start - 2].lower.as_str(), "the" | "in" | "over" | "during" | "for"));
    led || words.get(end).is_some_and(|next| PERIOD_ENDS.contains(&next.lower.as_str()))
}

/// Where the question says when: "in the last 5 minutes", "since yesterday", "over the past day".
pub(in crate::traceql::translate) fn periods(words: &[Word<'_>]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for at in 0..words.len() {
        let lead = longest(words, at, &["in|over|during|for|within|from? the? last|past|previous"]);
        let verb = lead == Some(1)
            && (is_going_on(words, at) || words[at].lower == "last" && is_relative(words, at));
        if let Some(taken) = lead.filter(|_| !verb) {
            if let Some((Amount::Time(..), end)) = amount(words, at + taken) {
                found.push(at..end);
            } else if words
                .get(at + taken)
                .is_some_and(|word| is_calendar(&word.lower) || time_unit(&word.lower).is_some())
            {
                found.push(at..at + taken + 1);
            } else if let Some((_, end)) = number(words, at + taken)
                .filter(|(_, end)| words.get(*end).is_some_and(|word| is_calendar(&word.lower)))
            {
                found.push(at..end + 1);
            }
        } else if let Some((Amount::Time(..), end)) = amount(words, at)
            && is_period(words, at, end)
        {
            found.push(at..end);
        }
    }
    found
}

/// "running past 2 seconds" is no period.
fn is_going_on(words: &[Word<'_>], at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| {
        let before = words[before].lower.as_str();
        before.ends_with("ing")
            || LASTING.contains(&before)
            || matches!(before, "run" | "runs" | "ran" | "go" | "goes" | "went")
    })
}

/// "that last 5 seconds"
fn is_relative(words: &[Word<'_>], at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| {
        matches!(
            words[before].lower.as_str(),
            "that" | "which" | "who" | "and" | "to" | "spans" | "traces" | "calls" | "requests"
        )
    })
}

fn is_calendar(word: &str) -> bool {
    matches!(
        word,
        "day"
            | "days"
            | "week"
            | "weeks"
            | "month"
            | "months"
            | "night"
            | "weekend"
            | "today"
            | "yesterday"
    )
}
