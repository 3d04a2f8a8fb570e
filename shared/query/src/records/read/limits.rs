//! Limits: which field they are held against, or that they are held against what is measured.

use std::ops::Range;

use model::{Comparison, Unit};

use super::{Reader, Signal};
use crate::{
    records::{Form, Role, Test},
    vocabulary::{Noun, expansions},
    wanted::{Limit, Use, unit_of},
};

/// How well a field must be named to be compared.
const NAMED: f32 = 0.34;
/// How far from its number a field may be named.
const NEAR: usize = 6;

impl Reader<'_> {
    pub(super) fn read_limits(&mut self) {
        for limit in self.wanted.limits.clone() {
            if limit.unit() == Some(Unit::Ratio)
                || limit.times && self.counted_field(&limit).is_none()
            {
                self.open_limits.push(limit);
                continue;
            }
            if self.is_statistic_limit(&limit) {
                self.open_limits.push(limit);
                continue;
            }
            match self.limited_field(&limit) {
                Some(field) => {
                    let value = self.limit_value(field, &limit);
                    let test = Test::Compare(limit.comparison, value);
                    self.require(field, test, false, limit.at..limit.at);
                    if let Some(condition) = self.conditions.last_mut() {
                        condition.at = limit.at;
                    }
                }
                None => self.open_limits.push(limit),
            }
        }
    }

    /// "zero candidates", "three retries": a number right before what it counts.
    pub(super) fn read_counts(&mut self) {
        for at in 0..self.len() {
            let word = &self.wanted.words.list[at];
            let number = word.number.filter(|_| !self.is_spent(at) && word.used != Use::Taken);
            let none = self.wanted.words.is(at, &["no", "zero"]);
            if self.wanted.words.is(at, &["without"]) {
                let any = usize::from(self.wanted.words.is(at + 1, &["any", "a", "an"]));
                let field = self.count_of(at + 1 + any).filter(|field| !self.has_condition(*field));
                if let Some(field) = field {
                    let test = Test::Compare(Comparison::Equal, 0.0);
                    self.require(field, test, false, at..at + 2 + any);
                }
                continue;
            }
            let Some(value) = number.or(none.then_some(0.0)) else { continue };
            // There is little else of which none may be there.
            let sure = if value == 0.0 { 0.5 } else { 0.8 };
            let noun = [self.word(at + 1)];
            let among = |field: &crate::records::Field| {
                field.part == crate::records::Part::Record
                    && field.is_number()
                    && !matches!(field.role, Some(Role::Status | Role::GrpcStatus | Role::Duration))
            };
            let found = self.schema.named(&Noun::new(&noun), among).filter(|(_, fit)| *fit >= sure);
            let counted = || self.count_of(at + 1).map(|field| (field, 1.0));
            let found = found.or_else(counted).filter(|(field, _)| !self.has_condition(*field));
            if let Some((field, _)) = found.filter(|_| self.wanted.rank.is_none()) {
                self.require(field, Test::Compare(Comparison::Equal, value), false, at..at + 2);
            }
        }
    }

    /// The number that says how many there are of what a word names: `batch.message_count`.
    pub(super) fn count_of(&self, at: usize) -> Option<usize> {
        let key = &self.wanted.words.list.get(at).filter(|word| word.key.len() > 2)?.key;
        self.schema.fields.iter().enumerate().position(|(at, field)| {
            let counts =
                |stem: &String| matches!(stem.as_str(), "count" | "number" | "total" | "num");
            let stems = self.schema.stems(at);
            let counted = stems.iter().rev().find(|stem| !counts(stem));
            field.part == crate::records::Part::Record
                && field.is_number()
                && stems.last().is_some_and(counts)
                && counted == Some(key)
        })
    }

    /// "retried more than three times" of `retries`.
    fn counted_field(&self, limit: &Limit) -> Option<usize> {
        const SURE: f32 = 0.6;
        let near = limit.at.saturating_sub(NEAR)..(limit.at + NEAR).min(self.len());
        self.number_named(None, &near).filter(|(_, score)| *score >= SURE).map(|(field, _)| field)
    }

    /// "the average is over 300 ms": what is held against the limit is the statistic.
    fn is_statistic_limit(&self, limit: &Limit) -> bool {
        use crate::wanted::Statistic;
        let traced =
            self.signal == Signal::Traces && limit.unit().is_some_and(|unit| unit != Unit::Cores);
        let adds_up =
            self.wanted.words.has(&["add up", "adds up", "sum up", "sums up", "in sum", "summed"]);
        let whole = self.wanted.words.has(WHOLE_TRACE);
        let stated = match self.wanted.statistic {
            Some(Statistic::Mean | Statistic::Maximum | Statistic::Minimum) => true,
            Some(Statistic::Total) => !whole,
            _ => false,
        };
        let verb = self.wanted.words.has(&[
            "average above", "average over", "average more", "averages", "averaging", "on average",
        ]);
        traced && (stated || adds_up || verb || self.wanted.words.has(&["worst"]))
    }

    fn limit_value(&self, field: usize, limit: &Limit) -> f64 {
        let known = &self.schema.fields[field];
        // A bare number is in the field's own unit.
        match (limit.unit(), known.form) {
            (None, Form::Number(Some((_, factor)))) => limit.value * factor,
            _ => limit.in_base(),
        }
    }

    fn limited_field(&self, limit: &Limit) -> Option<usize> {
        let near = limit.at.saturating_sub(NEAR)..(limit.at + NEAR).min(self.len());
        if limit.unit().is_none() && self.is_code(limit) {
            return self.schema.first(Role::Status);
        }
        if self.signal == Signal::Traces && limit.unit() == Some(Unit::Seconds) {
            return self.traced_duration(&near);
        }
        let named = self.number_named(limit.unit(), &near).map(|(field, _)| field);
        named.or_else(|| self.amount_of(limit))
    }

    /// "transfers above 50000": of what has an amount, a bare number behind it is that.
    fn amount_of(&self, limit: &Limit) -> Option<usize> {
        const BEYOND: &[&str] =
            &["above", "over", "beyond", "exceeding", "below", "under", "worth", ">", "<"];
        let words = &self.wanted.words;
        let beyond = limit.at.checked_sub(1).filter(|at| words.is(*at, BEYOND))?;
        let noun = words.list.get(beyond.checked_sub(1)?)?;
        let bare = limit.unit().is_none() && !limit.times && !self.is_counted(limit);
        let amounts = |stem: &String| matches!(stem.as_str(), "amount" | "amt" | "price" | "valu");
        let mut fields =
            self.schema.fields.iter().enumerate().filter(|(at, field)| {
                field.is_number() && self.schema.stems(*at).iter().any(amounts)
            });
        let (field, _) = fields.next().filter(|_| fields.next().is_none())?;
        (bare && noun.lower.ends_with('s')).then_some(field)
    }

    /// "500 or above" of a status.
    fn is_code(&self, limit: &Limit) -> bool {
        let code = limit.value >= 100.0 && limit.value < 600.0 && limit.value.fract() == 0.0;
        // Nothing but a status begins at these.
        let border = matches!(limit.value as u32, 399 | 400 | 499 | 500)
            && !matches!(limit.comparison, Comparison::Below | Comparison::AtMost)
            && !self.is_counted(limit);
        let words = &self.wanted.words;
        let says = words.has(&[
            "status",
            "code",
            "answered",
            "answering",
            "returned",
            "rc",
            "http",
            "came back",
            "ended with",
            "statuses",
            "4xx",
            "status code",
            "codes",
            "failed requests",
            "failed gateway requests",
            "responses",
        ]);
        let counted = words.list.get(limit.at + 1).is_some_and(|word| {
            word.lower.ends_with('s')
                && word.number.is_none()
                && !self.wanted.words.is(limit.at + 1, &["or", "and"])
        }) && limit.value.rem_euclid(100.0) != 0.0;
        code && (says || border)
            && !counted
            && self
                .number_named(None, &(limit.at.saturating_sub(2)..(limit.at + 4).min(self.len())))
                .is_none()
    }

    /// Whether what a bare number counts stands behind it: "500 lines", "400 or more a minute".
    fn is_counted(&self, limit: &Limit) -> bool {
        const MORE: &[&str] =
            &["or", "and", "more", "above", "higher", "up", "greater", "worse", "over"];
        let words = &self.wanted.words;
        let behind = (limit.at + 1..self.len()).find(|at| !words.is(*at, MORE));
        behind.is_some_and(|at| {
            words.is(at, &["a", "an", "per", "each", "every", "times"])
                || words.list[at].used == crate::wanted::Use::Free && words.at(at).ends_with('s')
        })
    }

    /// What of a trace a duration is held against.
    fn traced_duration(&self, near: &Range<usize>) -> Option<usize> {
        if let Some((field, score)) = self.number_named(Some(Unit::Seconds), near)
            && score > 0.8
        {
            return Some(field);
        }
        let whole = self.wanted.words.has(WHOLE_TRACE);
        let whole = whole.then(|| self.schema.at("traceDuration")).flatten();
        whole.or_else(|| self.schema.at("duration"))
    }

    /// The number of records that words near a limit or a statistic name, and how well.
    pub(super) fn number_named(
        &self,
        unit: Option<Unit>,
        near: &Range<usize>,
    ) -> Option<(usize, f32)> {
        const OF_UNIT: f32 = 0.3;
        const USUAL: f32 = 0.25;
        const FIRST: f32 = 0.05;
        const OF_REQUESTS: f32 = 0.06;
        let requests = self.is_about_requests();
        let mut best: Option<(usize, f32)> = None;
        for (at, field) in self.schema.fields.iter().enumerate() {
            let coded = matches!(field.role, Some(Role::Status | Role::GrpcStatus));
            let intrinsic = field.part == crate::records::Part::Intrinsic;
            if !field.is_number() || coded || intrinsic {
                continue;
            }
            let sized = unit == Some(Unit::Bytes)
                && field.form == Form::Number(None)
                && self.schema.stems(at).last().is_some_and(|last| last == "siz");
            if unit.is_some() && field.unit() != unit && !sized {
                continue;
            }
            let mut score = self.said_of(at, near);
            if unit == Some(Unit::Seconds)
                && requests
                && self.schema.stems(at).iter().any(|stem| stem == "request")
            {
                score += OF_REQUESTS;
            }
            if sized {
                score += OF_UNIT + FIRST;
            }
            if unit.is_some() && field.unit() == unit {
                score += OF_UNIT;
            }
            let usual = match unit {
                Some(Unit::Seconds) => field.role == Some(Role::Duration),
                Some(Unit::Bytes) => field.role == Some(Role::Size),
                _ => false,
            };
            // "in milliseconds" where a field has them.
            let shown = self.wanted.cues.shown;
            if unit.is_some()
                && shown
                    .is_some_and(|said| field.form == Form::Number(Some((said.unit, said.factor))))
            {
                score += FIRST + FIRST;
            }
            if usual {
                let first = field.role.and_then(|role| self.schema.first(role)) == Some(at);
                score += USUAL + if first { FIRST } else { 0.0 };
            }
            // Nothing else may be so many bytes.
            let only = unit == Some(Unit::Bytes) && self.signal == Signal::Traces;
            if (score >= NAMED || only && score >= OF_UNIT)
                && best.is_none_or(|(_, known)| score > known)
            {
                best = Some((at, score));
            }
        }
        best
    }

    /// Whether it is said which requests are meant.
    fn is_about_requests(&self) -> bool {
        self.conditions.iter().any(|condition| {
            let role = self.schema.fields[condition.field].role;
            matches!(role, Some(Role::Path | Role::Method | Role::Status))
        })
    }

    /// Which part of a field's name is said in a range of words.
    pub(super) fn said_of(&self, field: usize, near: &Range<usize>) -> f32 {
        const OTHERWISE: f32 = 0.7;
        let stems = self.schema.stems(field);
        // "count" and the like tell nothing where there is more to a name.
        let counting = |stem: &&String| {
            matches!(
                stem.as_str(),
                "count"
                    | "number"
                    | "total"
                    | "num"
                    | "siz"
                    | "size"
                    | "length"
                    | "long"
                    | "tim"
                    | "time"
            )
        };
        let more = stems.iter().any(|stem| is_telling(stem) && !counting(&stem));
        let telling: Vec<&String> =
            stems.iter().filter(|stem| is_telling(stem) && !(more && counting(stem))).collect();
        let said = |wanted: &str| {
            let names = |at: &usize| {
                self.wanted.words.list.get(*at).is_some_and(|word| word.used != Use::Grammar)
                    && !self.by_words.contains(at)
            };
            if near.clone().filter(names).any(|at| self.says_stem(&(at..at + 1), wanted)) {
                return 1.0;
            }
            let other = near.clone().any(|at| {
                let Some(word) = self.wanted.words.list.get(at) else { return false };
                // What names something already stands for nothing else.
                if self.is_spent(at) && word.used != Use::Taken && word.used != Use::Form {
                    return false;
                }
                expansions(&word.key).iter().any(|(other, sure)| other == wanted && *sure >= 0.6)
            });
            if other { OTHERWISE } else { 0.0 }
        };
        let sum: f32 = telling.iter().map(|stem| said(stem)).sum();
        let last = telling.last().map_or(0.0, |last| said(last));
        if telling.is_empty() { 0.0 } else { 0.75 * sum / telling.len() as f32 + 0.25 * last }
    }
}

/// A trace from its beginning to its end, not one span.
pub(super) const WHOLE_TRACE: &[&str] = &[
    "whole trace",
    "whole traces",
    "entire trace",
    "entire traces",
    "complete trace",
    "complete traces",
    "full trace",
    "e2e",
    "end to end",
    "end-to-end",
    "trace duration",
    "in total",
    "overall",
    "traces longer than",
    "traces over",
    "traces that take longer",
    "whole request",
    "the trace took",
    "traces that took",
    "traces lasting",
    "whole requests",
    "start to end",
    "start to finish",
    "whole thing",
    "end-to-end duration",
    "from start",
    "all in all",
    "as a whole",
    "in all",
    "altogether",
];

/// Whether a word of a name says what is counted, and not in which unit.
fn is_telling(stem: &str) -> bool {
    let money = matches!(stem, "eur" | "euro" | "usd" | "gbp" | "cent" | "dollar" | "chf");
    unit_of(stem).is_none() && !money
}
