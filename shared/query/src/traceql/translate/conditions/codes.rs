//! Status codes of HTTP and gRPC, as numbers, classes ("5xx") and words ("deadline exceeded").

use std::ops::Range;

use super::{Condition, Reader};
use crate::traceql::{
    ast::{Comparison, Field, Reference},
    translate::{
        ground::{Ground, Holds, numeric},
        measure::Amount,
        synonyms::{GRPC_CODES, HTTP_CODES},
        words::{Word, fits},
    },
};

/// Words beside a number that make it a status code.
const BESIDE_CODE: &[&str] = &[
    "status",
    "code",
    "codes",
    "http",
    "returned",
    "returning",
    "returns",
    "return",
    "answered",
    "answering",
    "answer",
    "answers",
    "responded",
    "responding",
    "respond",
    "responds",
    "response",
    "responses",
    "replied",
    "replying",
    "got",
    "getting",
    "gave",
    "giving",
    "give",
    "error",
    "errors",
    "ended",
    "ending",
    "end",
    "failed",
    "failing",
    "rejected",
    "result",
    "resulting",
    "resulted",
    "produced",
    "producing",
    "threw",
    "throwing",
    "throw",
    "saw",
    "back",
    "comes",
    "come",
    "received",
    "receiving",
    "statuses",
    "rc",
    "coming",
    "came",
    "served",
    "serving",
];
const REACH: usize = 3;

impl Reader<'_, '_> {
    pub(super) fn read_codes(&mut self) {
        let http = self.ground.http_status().map(|at| self.ground.known[at].reference.clone());
        let grpc = self.ground.grpc_status();
        for at in 0..self.words.len() {
            if self.taken[at] || self.is_measured(&(at..at + 1)) {
                continue;
            }
            if let Some(grpc) = grpc
                && let Some((taken, code)) = spoken(&self.words, at, GRPC_CODES)
                && (http.is_none() || self.says(&["grpc|rpc"]) || !is_http_phrase(&self.words, at))
                && self.ground.known[grpc].holds == Holds::Numbers
            {
                let condition = Condition::is(
                    at..at + taken,
                    self.ground.known[grpc].reference.clone(),
                    numeric(code as f64),
                );
                let negated = self.is_negated(at);
                self.push(condition.negated_if(negated));
                continue;
            }
            let Some(http) = &http else { continue };
            let http = http.clone();
            if let Some((taken, low, high)) =
                class(&self.words, at).or_else(|| self.http_phrase(at))
            {
                self.push_codes(at..at + taken, &http, low, high);
            } else if let Some(code) = self.lone_code(at) {
                let reference = match grpc {
                    Some(grpc) if code < 17.0 => self.ground.known[grpc].reference.clone(),
                    _ => http,
                };
                let condition = Condition::is(at..at + 1, reference, numeric(code));
                let negated = self.is_negated(at);
                self.push(condition.negated_if(negated));
            }
        }
        if let Some(http) = http {
            self.read_measured_codes(&http);
            self.drop_classes(&http);
        }
    }

    /// "server errors, 503 above all" is about the 503s: a class says nothing beside a code in it.
    fn drop_classes(&mut self, http: &Reference) {
        let is_code = |condition: &Condition| {
            condition.subject == *http && condition.comparison == Comparison::Equal
        };
        if self.conditions.iter().any(is_code) {
            let said: Vec<Range<usize>> = self
                .conditions
                .iter()
                .filter(|condition| is_code(condition))
                .map(|condition| condition.words.clone())
                .collect();
            self.conditions.retain(|condition| {
                condition.subject != *http || is_code(condition) || said.contains(&condition.words)
            });
        }
    }

    fn push_codes(&mut self, words: Range<usize>, http: &Reference, low: i64, high: i64) {
        let negated = self.is_negated(words.start);
        let condition = |comparison, code: i64| Condition {
            words: words.clone(),
            subject: http.clone(),
            comparison,
            value: numeric(code as f64),
        };
        if low == high {
            self.push(condition(Comparison::Equal, low).negated_if(negated));
        } else if negated {
            // What is no success has failed or was redirected.
            self.push(if low == 200 {
                condition(Comparison::AtLeast, 300)
            } else {
                condition(Comparison::Below, low)
            });
        } else {
            self.push(condition(Comparison::AtLeast, low));
            if high < 599 {
                self.push(condition(Comparison::Below, high + 1));
            }
        }
    }

    /// A code said in words. "service unavailable" is none where it is about a service of that
    /// name, which is why values that are sure come first elsewhere.
    fn http_phrase(&self, at: usize) -> Option<(usize, i64, i64)> {
        let found = HTTP_CODES.iter().filter_map(|(pattern, low, high)| {
            Some((fits(&self.words, at, pattern)?, *low, *high))
        });
        found.max_by_key(|(taken, ..)| *taken)
    }

    /// A number that the words around it make a status code.
    fn lone_code(&self, at: usize) -> Option<f64> {
        let word = &self.words[at];
        let digits = word.lower.strip_suffix('s').unwrap_or(&word.lower);
        let code: f64 = digits
            .parse()
            .ok()
            .filter(|_| digits.len() == 3 || digits.len() < 3 && self.says(&["grpc|rpc"]))?;
        let is_code = (100.0..600.0).contains(&code) || (0.0..17.0).contains(&code);
        // "404s" and "with a 404" are codes wherever they stand.
        let plain = digits.len() < word.lower.len()
            || self.before(at, 1) == "with"
            || self.measures.iter().any(|measure| {
                measure.words.end == at
                    && matches!(measure.amount, Amount::Number(count) if count < 100.0)
            })
            || matches!(self.before(at, 1), "a" | "an") && self.before(at, 2) == "with";
        let code_like = |word: &str| {
            word.len() == 3 && word.parse::<u16>().is_ok_and(|code| (100..600).contains(&code))
        };
        let listed = matches!(self.lower(at + 1), "or" | "and" | "/")
            && code_like(self.lower(at + 2))
            || matches!(self.before(at, 1), "or" | "and" | "/") && code_like(self.before(at, 2));
        let answered = code >= 400.0
            && matches!(self.lower(at + 1), "from" | "on" | "by" | "at" | "in")
            || listed;
        let said =
            (plain || answered) && !self.counts_something(at) || self.is_beside_code(&(at..at + 1));
        (is_code && digits.bytes().all(|byte| byte.is_ascii_digit()) && said).then_some(code)
    }

    /// "with 404 spans"
    fn counts_something(&self, at: usize) -> bool {
        self.words.get(at + 1).is_some_and(|next| !next.breaks && Ground::is_deed(next))
    }

    fn is_beside_code(&self, words: &Range<usize>) -> bool {
        let speaks = |word: &Word<'_>| BESIDE_CODE.contains(&word.lower.as_str());
        let before = (1..=REACH)
            .take_while(|back| *back <= words.start)
            .map(|back| &self.words[words.start - back]);
        let after = self.words[words.end..].iter().take(2).take_while(|word| !word.breaks);
        before.chain(after).any(speaks)
    }

    /// "answering 500 or above"
    fn read_measured_codes(&mut self, http: &Reference) {
        let mut kept = Vec::new();
        for measure in std::mem::take(&mut self.measures) {
            let Amount::Number(code) = measure.amount else {
                kept.push(measure);
                continue;
            };
            let counted = self.words.get(measure.words.end).is_some_and(|next| {
                !next.breaks
                    && matches!(
                        next.stem.as_str(),
                        "span"
                            | "call"
                            | "request"
                            | "query"
                            | "time"
                            | "item"
                            | "token"
                            | "trac"
                            | "trace"
                    )
            });
            if !(100.0..600.0).contains(&code) || counted || !self.is_beside_code(&measure.words) {
                kept.push(measure);
                continue;
            }
            let condition = |comparison, code| Condition {
                words: measure.words.clone(),
                subject: http.clone(),
                comparison,
                value: numeric(code),
            };
            self.push(condition(measure.comparison, code));
            if let Some(Amount::Number(to)) = measure.to {
                self.push(condition(Comparison::AtMost, to));
            }
        }
        self.measures = kept;
    }
}

/// "deadline exceeded" and the like.
fn spoken(words: &[Word<'_>], at: usize, table: &[(&str, i64)]) -> Option<(usize, i64)> {
    let found = table.iter().filter_map(|(pattern, code)| Some((fits(words, at, pattern)?, *code)));
    let shouted = words[at].text.contains('_').then(|| words[at].lower.replace('_', " "));
    let found = found.max_by_key(|(taken, _)| *taken);
    found.or_else(|| {
        let shouted = shouted?;
        table.iter().find(|(pattern, _)| *pattern == shouted).map(|(_, code)| (1, *code))
    })
}

fn is_http_phrase(words: &[Word<'_>], at: usize) -> bool {
    HTTP_CODES.iter().any(|(pattern, ..)| fits(words, at, pattern).is_some())
}

/// "5xx", "5XXs", "4xx"
fn class(words: &[Word<'_>], at: usize) -> Option<(usize, i64, i64)> {
    let lower = words[at].lower.trim_end_matches('s');
    let digit = lower.strip_suffix("xx")?;
    let digit: i64 = digit.parse().ok().filter(|digit| (1..=5).contains(digit))?;
    Some((1, digit * 100, digit * 100 + 99))
}

/// Whether a condition is about a code, so that "failed with 503" needs no status besides.
pub(super) fn is_code(condition: &Condition, reader: &Reader<'_, '_>) -> bool {
    let ground = reader.ground;
    let codes = [ground.http_status(), ground.grpc_status()];
    codes.into_iter().flatten().any(|at| ground.known[at].reference == condition.subject)
        && !matches!(condition.value, Field::Reference(_))
}
