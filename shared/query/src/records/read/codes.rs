//! Statuses, by number, by class and by what they are called.

use std::ops::Range;

use model::Comparison;

use super::{Reader, Signal};
use crate::{
    records::{Role, Test},
    vocabulary::is_left_out,
};

const CLASSES: &[(u16, &[&str])] = &[
    (5, &["server error", "server errors", "server-side errors", "server faults"]),
    (4, &["client error", "client errors", "client-side errors"]),
    (3, &["redirect", "redirects", "redirected", "redirections"]),
];

/// What statuses are called.
const NAMED: &[(u16, &[&str])] = &[
    (400, &["bad request", "bad requests"]),
    (401, &["unauthorized", "unauthorised", "unauthenticated"]),
    (403, &["forbidden"]),
    (404, &["not-found", "not found", "page not found"]),
    (409, &["conflict", "conflicts"]),
    (
        429,
        &[
            "rate limited", "rate-limited", "throttled", "too many requests", "rate limit",
            "rate limiting", "throttling",
        ],
    ),
    (
        500,
        &["internal server error", "internal server errors", "internal error", "internal errors"],
    ),
    (502, &["bad gateway", "bad gateways"]),
    (503, &["service unavailable"]),
    (504, &["gateway timeout", "gateway timeouts", "gateway time-out"]),
];

/// The numbers of gRPC's statuses.
const GRPC: &[(u16, &[&str])] = &[
    (1, &["cancelled", "canceled"]),
    (3, &["invalid argument"]),
    (4, &["deadline exceeded", "deadline_exceeded", "deadline", "deadlines"]),
    (5, &["not found", "not_found"]),
    (7, &["permission denied", "permission_denied"]),
    (8, &["resource exhausted", "resource_exhausted"]),
    (10, &["aborted"]),
    (12, &["unimplemented"]),
    (13, &["internal error", "internal errors", "internal"]),
    (14, &["unavailable"]),
    (16, &["unauthenticated"]),
];

impl Reader<'_> {
    pub(super) fn read_codes(&mut self) {
        self.read_grpc_codes();
        let Some(field) = self.schema.first(Role::Status) else { return };
        // "lock conflicts" are what lines say, and no status.
        let mut sampled: Option<Vec<usize>> = None;
        for at in 0..self.len() {
            let Some((test, words)) = self.code_at(at).or_else(|| self.named_code_at(at)) else {
                continue;
            };
            if sampled.get_or_insert_with(|| self.sampled_places()).contains(&at) {
                continue;
            }
            let negated = is_left_out(&self.wanted.words, &words);
            self.require_code(field, test, negated, words);
        }
    }

    /// "failed POSTs" of logs: there is no status but that of the answer.
    pub(super) fn read_failed_requests(&mut self) {
        const REQUESTS: &[&str] = &[
            "request", "requests", "posts", "gets", "puts", "deletes", "responses", "calls", "http",
        ];
        self.read_failed_outcome();
        let Some(field) = self.schema.first(Role::Status) else { return };
        if self.signal == Signal::Traces || self.has_condition(field) {
            return;
        }
        let failed = |at: &usize| {
            self.wanted.words.is(*at, &["failed", "failing", "unsuccessful"])
                && (1..4).any(|ahead| self.wanted.words.is(at + ahead, REQUESTS))
                && !self.is_spent(*at)
        };
        let Some(at) = (0..self.len()).find(failed) else { return };
        // A code that is said later is what failing means.
        let said = self
            .wanted
            .limits
            .iter()
            .any(|limit| limit.value >= 100.0 && limit.value < 600.0 && limit.unit().is_none());
        if !said {
            self.require(field, Test::Compare(Comparison::AtLeast, 400.0), false, at..at + 1);
        }
    }

    /// "failed logins", where lines say how things ended: `event_outcome=failure`.
    fn read_failed_outcome(&mut self) {
        const FAILED: &[&str] = &["failed", "failing", "unsuccessful", "failure", "failures"];
        const ENDED: &[&str] = &["failure", "failed", "fail", "unsuccessful", "ko", "nok"];
        let Some(at) = (0..self.len())
            .find(|at| self.wanted.words.is(*at, FAILED) && !self.is_spent(*at))
            .filter(|_| self.signal == Signal::Logs)
        else {
            return;
        };
        let found = self.schema.fields.iter().enumerate().find_map(|(at, field)| {
            let last = self.schema.stems(at).last()?;
            let ending = matches!(last.as_str(), "outcom" | "result" | "status");
            let value =
                field.values.iter().find(|value| ENDED.contains(&value.to_lowercase().as_str()));
            value.filter(|_| ending && !self.has_condition(at)).map(|value| (at, value.to_string()))
        });
        if let Some((field, value)) = found {
            self.require(field, Test::Is(vec![value]), false, at..at + 1);
        }
    }

    fn read_grpc_codes(&mut self) {
        let Some(field) = self.schema.first(Role::GrpcStatus) else { return };
        if !self.schema.fields[field].is_number() {
            return;
        }
        for (code, names) in GRPC {
            let Some(words) = self.find_open(names) else { continue };
            let negated = is_left_out(&self.wanted.words, &words);
            self.require(field, Test::Is(vec![code.to_string()]), negated, words.clone());
            // "(code 4)" says it again.
            let again = (words.end..self.len()).find(|at| self.word(*at) == code.to_string());
            if let Some(again) = again {
                self.spend(again..again + 1);
            }
            return;
        }
    }

    /// `503`, `503s`, `5xx`, `4xx`.
    fn code_at(&self, at: usize) -> Option<(Test, Range<usize>)> {
        if self.is_spent(at) {
            return None;
        }
        let word = self.word(at).trim_end_matches('s').trim_end_matches("'");
        let bytes = word.as_bytes();
        let [hundreds @ b'1'..=b'5', rest @ ..] = bytes else { return None };
        let class = rest == b"xx";
        let code = rest.len() == 2 && rest.iter().all(u8::is_ascii_digit);
        let hundreds = u16::from(hundreds - b'0');
        let words = &self.wanted.words;
        let up = words.is(at + 1, &["or", "and"])
            && words.is(at + 2, &["worse", "above", "higher", "up", "greater", "more"]);
        if class && up {
            return Some((
                Test::Compare(Comparison::AtLeast, f64::from(hundreds) * 100.0),
                at..at + 3,
            ));
        }
        if class {
            return Some((Test::Class(hundreds), at..at + 1));
        }
        // A number that counts something is no status.
        let counted = self.wanted.limits.iter().any(|limit| limit.at == at)
            || code && self.count_of(at + 1).is_some()
            || (self
                .wanted
                .words
                .is(at + 1, &["requests", "lines", "times", "users", "rows", "items"])
                && self.wanted.words.is(at.wrapping_sub(1), &["last", "first", "top"]));
        (code && !counted).then(|| (Test::Is(vec![word.to_owned()]), at..at + 1))
    }

    fn named_code_at(&self, at: usize) -> Option<(Test, Range<usize>)> {
        if self.is_within_value(at) {
            return None;
        }
        let class = CLASSES
            .iter()
            .find_map(|(class, names)| Some((Test::Class(*class), self.open_at(at, names)?)));
        class.or_else(|| {
            NAMED.iter().find_map(|(code, names)| {
                Some((Test::Is(vec![code.to_string()]), self.open_at(at, names)?))
            })
        })
    }

    /// "stock conflicts" is `STOCK_CONFLICT` where that is known.
    fn is_within_value(&self, at: usize) -> bool {
        let before = at.checked_sub(1).map(|before| before..at + 1);
        let pairs = before.into_iter().chain((at + 1 < self.len()).then_some(at..at + 2));
        pairs.into_iter().any(|pair| {
            let key = self.wanted.words.run_together(pair);
            self.schema.vocabulary.values_like(&key).iter().any(|found| found.whole)
        })
    }

    fn require_code(&mut self, field: usize, test: Test, negated: bool, words: Range<usize>) {
        // "rate limited (429)" says one thing twice, "502 and 503" two.
        let open =
            |known: &crate::records::Condition| known.field == field && known.negated == negated;
        let Some(known) = self.conditions.iter().position(open) else {
            return self.require(field, test, negated, words);
        };
        let near =
            words.start.abs_diff(self.conditions[known].at) <= 4 || self.signal == Signal::Logs;
        let corrected =
            (self.conditions[known].at + 1..words.start).any(|at| self.is_correction(at));
        if corrected {
            return self.require(field, test, negated, words);
        }
        match (&mut self.conditions[known].test, test) {
            (Test::Is(codes), Test::Is(more)) if near => {
                let new: Vec<String> =
                    more.into_iter().filter(|code| !codes.contains(code)).collect();
                codes.extend(new);
                self.spend(words);
            }
            (Test::Class(class), Test::Class(other)) if near && *class != other => {
                // "4xx and 5xx": from the lower on.
                let least = f64::from((*class).min(other)) * 100.0;
                self.conditions[known].test = Test::Compare(Comparison::AtLeast, least);
                self.spend(words);
            }
            (Test::Class(class), Test::Is(codes))
                if codes.iter().all(|code| code.starts_with(&class.to_string())) =>
            {
                self.spend(words);
            }
            (_, test) => self.require(field, test, negated, words),
        }
    }
}
