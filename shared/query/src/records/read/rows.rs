//! What rows are told apart by.

use std::ops::Range;

use super::{Reader, Signal};
use crate::{
    records::{Field, Form, Part, Role},
    vocabulary::Noun,
    wanted::Row,
};

/// How well the noun of "which …" must name a field.
const SURE: f32 = 0.7;
const VERBS: &[&str] =
    &["log", "write", "produce", "produces", "see", "get", "have", "emit", "spam"];
/// "served by host" may be who serves.
const EXACT: f32 = 0.9;

impl Reader<'_> {
    pub(super) fn read_rows(&mut self) {
        let rows = self.wanted.rows.clone();
        let several = self.wanted.rank.is_some();
        let mut said_any = false;
        for row in rows.iter().filter(|row| row.said) {
            let least = if row.doubtful { EXACT } else { 0.0 };
            said_any |= !self.is_no_row(row) && self.read_row(row, least);
        }
        for row in rows.iter().filter(|row| !row.said) {
            let start = row.words.start;
            let which = self.wanted.words.is(start.wrapping_sub(1), &["which", "what", "whose"]);
            let counts = self.wanted.cues.counts || self.wanted.cues.rates;
            if several && !said_any || which && counts && !said_any {
                said_any |= self.read_row(row, SURE);
            }
        }
    }

    /// The part of the words that names a field best, from the head back: "production service" is a
    /// service, "consumer group" no group.
    pub(super) fn read_row(&mut self, row: &Row, least: f32) -> bool {
        const PER_WORD: f32 = 0.02;
        let range = row.words.clone();
        let mut best: Option<(usize, f32, Range<usize>)> = None;
        for end in (range.start + 1..=range.end).rev() {
            // "which applications logged": what they did is no part of what they are called.
            let verb = self.word(end - 1).ends_with("ed") || self.wanted.words.is(end - 1, VERBS);
            if verb && end - range.start > 1 {
                continue;
            }
            for start in range.start..end {
                let lower: Vec<&str> = (start..end).map(|at| self.word(at)).collect();
                let found =
                    self.schema.named(&Noun::new(&lower), |field| self.may_tell_apart(field));
                let Some((field, fit)) = found.filter(|(_, fit)| *fit >= least) else { continue };
                let fit = fit + PER_WORD * lower.len() as f32;
                if best.as_ref().is_none_or(|(_, known, _)| fit > *known) {
                    best = Some((field, fit, start..end));
                }
            }
        }
        if best.as_ref().is_none_or(|(_, fit, _)| *fit < EXACT) && self.read_span_name(row) {
            return true;
        }
        let Some((field, _, words)) = best else { return false };
        if !self.by.contains(&field) {
            self.by.push(field);
        }
        self.by_words.extend(words.clone());
        self.spend(words);
        true
    }

    /// Whether "by" is said of who does something, or of what something is judged by.
    fn is_no_row(&self, row: &Row) -> bool {
        const JUDGED: &[&str] = &[
            "going", "judging", "measured", "sorted", "ordered", "ranked", "filter", "filtered",
            "caused", "told",
        ];
        let words = &self.wanted.words;
        let start = row.words.start;
        let by = (start.saturating_sub(3)..start).rev().find(|at| words.is(*at, &["by"]));
        let judged = by.is_some_and(|by| words.is(by.wrapping_sub(1), JUDGED));
        let first = &words.list[start];
        let value = !row.each
            && self.schema.vocabulary.values_like(&first.key).iter().any(|at| {
                let (_, value) = self.schema.vocabulary.value(*at);
                at.whole && value.eq_ignore_ascii_case(&first.raw)
            });
        // "every line", "each request" are records.
        let records =
            row.words.clone().any(|at| words.is(at, &["line", "lines", "entry", "entries"]));
        judged || value || records
    }

    fn may_tell_apart(&self, field: &Field) -> bool {
        // A number without a unit may still be an id: "by OSD".
        let numeric = field.is_number()
            && (field.role.is_some() || field.form != Form::Number(None))
            && !matches!(field.role, Some(Role::Status | Role::GrpcStatus));
        !numeric && field.role != Some(Role::TraceId) && field.part != Part::Intrinsic
    }

    /// "by span name", "per operation".
    fn read_span_name(&mut self, row: &Row) -> bool {
        if self.signal == Signal::Logs {
            return false;
        }
        let name = row
            .words
            .clone()
            .find(|at| self.wanted.words.is(*at, &["name", "names", "operation", "operations"]));
        let (Some(at), Some(field)) = (name, self.schema.at("name")) else { return false };
        self.by.push(field);
        self.spend(row.words.start..at + 1);
        true
    }
}
