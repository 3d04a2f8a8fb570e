//! Which responses a question is about: `5xx`, "server errors", "rate limited".

use std::ops::Range;

use crate::{
    metric::StatusFilter,
    wanted::{Phrases, Words},
};

/// What people say for the codes of <https://www.rfc-editor.org/rfc/rfc9110#section-15>.
const REASONS: &[(&str, Phrases)] = &[
    (
        "429",
        &[
            "rate limit", "rate limited", "rate limiting", "rate-limited", "rate-limit",
            "too many requests",
        ],
    ),
    ("401", &["unauthorized", "unauthorised", "unauthenticated"]),
    ("403", &["forbidden"]),
    ("404", &["not found"]),
    ("502", &["bad gateway"]),
    ("504", &["gateway timeout", "gateway timeouts"]),
];

fn by_reason(words: &Words) -> Option<(StatusFilter, Range<usize>)> {
    REASONS.iter().find_map(|(code, phrases)| {
        let (at, length) = words.find(phrases)?;
        Some((StatusFilter::parse(code)?, at..at + length))
    })
}

/// The status that words name, with every word that does.
pub(super) fn status_of(words: &Words) -> Option<(StatusFilter, Vec<usize>)> {
    let code = |at: usize| {
        let word = words.at(at).trim_end_matches('s').trim_end_matches('-');
        StatusFilter::parse(word).filter(|_| !words.is_taken(at))
    };
    let coded = (0..words.len()).find_map(code).map(|status| {
        let same = (0..words.len()).filter(|at| code(*at).as_ref() == Some(&status)).collect();
        (status, same)
    });
    coded.or_else(|| in_words(words).map(|(status, range)| (status, range.collect())))
}

fn in_words(words: &Words) -> Option<(StatusFilter, Range<usize>)> {
    by_reason(words).or_else(|| {
        let (at, length, class) = [
            (&["server error", "server errors", "server-side errors", "internal errors"][..], '5'),
            (&["client error", "client errors", "client-side errors", "bad requests"][..], '4'),
            (&["redirects", "redirect", "redirected", "redirections"][..], '3'),
        ]
        .into_iter()
        .find_map(|(phrases, class)| words.find(phrases).map(|(at, length)| (at, length, class)))?;
        Some((StatusFilter::Class(class), at..at + length))
    })
}
