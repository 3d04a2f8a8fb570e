//! What rows are told apart by.

use super::{Reader, Signal};
use crate::{
    records::{Field, Part, Role},
    vocabulary::Noun,
    wanted::Row,
};

/// How well the noun of "which …" must name a field.
const SURE: f32 = 0.7;

impl Reader<'_> {
    pub(super) fn read_rows(&mut self) {
        let rows = self.wanted.rows.clone();
        let several = self.wanted.rank.is_some();
        let mut said_any = false;
        for row in rows.iter().filter(|row| row.said) {
            said_any |= self.read_row(row, 0.0);
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

    /// The longest part of the words that names a field, from the head back.
    fn read_row(&mut self, row: &Row, least: f32) -> bool {
        let range = row.words.clone();
        for end in (range.start + 1..=range.end).rev() {
            for start in range.start..end {
                let lower: Vec<&str> = (start..end).map(|at| self.word(at)).collect();
                let found = self.schema.named(&Noun::new(&lower), |field| self.may_tell_apart(field));
                let Some((field, fit)) = found.filter(|(_, fit)| *fit >= least) else { continue };
                let _ = fit;
                if !self.by.contains(&field) {
                    self.by.push(field);
                }
                self.spend(start..end);
                return true;
            }
        }
        self.read_span_name(row)
    }

    fn may_tell_apart(&self, field: &Field) -> bool {
        let numeric = field.is_number() && !matches!(field.role, Some(Role::Status | Role::GrpcStatus));
        let prose = field.role == Some(Role::Message) || field.role == Some(Role::TraceId);
        !numeric && !prose && field.part != Part::Intrinsic
    }

    /// "by span name", "per operation".
    fn read_span_name(&mut self, row: &Row) -> bool {
        if self.signal == Signal::Logs {
            return false;
        }
        let name = row.words.clone().find(|at| self.wanted.words.is(*at, &["name", "names", "operation", "operations"]));
        let (Some(at), Some(field)) = (name, self.schema.at("name")) else { return false };
        self.by.push(field);
        self.spend(row.words.start..at + 1);
        true
    }
}
