//! What a question takes back.

use super::Reader;
use crate::{records::Test, wanted::Row};

impl Reader<'_> {
    /// "on WhatsApp … no, on SMS": of two values of a field the one said last holds.
    pub(super) fn read_corrections(&mut self) {
        const NEAR: usize = 6;
        for at in 0..self.len() {
            if !self.is_correction(at) {
                continue;
            }
            self.spend(at..at + 1);
            let second = ["per second", "a second", "every second", "each second"];
            let corrected = self.wanted.words.is(at + 1, &["per", "a", "every", "each"])
                || self.wanted.words.is(at + 1, &["make"]);
            if corrected
                && (at + 1..at + 4).any(|at| {
                    second.iter().any(|said| self.wanted.words.phrase_at(at, said).is_some())
                })
            {
                self.wanted.cues.per_s = Some(1);
            }
            let after: Vec<usize> = self
                .conditions
                .iter()
                .filter(|it| it.at > at && it.at - at <= NEAR)
                .map(|it| it.field)
                .collect();
            self.conditions.retain(|it| {
                let taken_back = it.at < at && at - it.at <= NEAR && after.contains(&it.field);
                !taken_back || !matches!(it.test, Test::Is(_) | Test::Class(_))
            });
        }
    }

    /// "per payment … no, per tier": rows that others stand for behind a correction.
    pub(super) fn is_taken_back(&self, row: &Row, rows: &[Row]) -> bool {
        const NEAR: usize = 4;
        let end = row.words.end;
        let corrected = (end..(end + NEAR).min(self.len())).find(|at| self.is_correction(*at));
        corrected.is_some_and(|at| {
            let next = at + 1..at + 1 + NEAR;
            rows.iter().any(|other| other.said && next.contains(&other.words.start))
        })
    }

    /// Whether a word takes back what was said before it.
    pub(super) fn is_correction(&self, at: usize) -> bool {
        const SAID: &[&str] =
            &["sorry", "oops", "wait", "rather", "correction", "nope", "actually"];
        let words = &self.wanted.words;
        let begins = at > 0 && words.list[at - 1].ends_clause;
        let ends = words.list.get(at).is_some_and(|word| word.ends_clause);
        begins && words.is(at, SAID)
            || begins && words.is(at, &["no"]) && (ends || words.is(at + 1, SAID))
            || words.is(at, &["sorry"]) && words.is(at.wrapping_sub(1), &["no"])
            || words.are(at, &["i", "mean"])
            || words.are(at, &["i", "meant"])
            || words.are(at, &["scratch", "that"])
            || words.are(at, &["make", "that"])
    }
}
