//! Which attempt it was: "on the third attempt", "a second or later try", "any retry after the first".

use model::Comparison;

use super::Reader;
use crate::{
    records::{Part, Role, Test},
    vocabulary::Noun,
};

const ORDINALS: &[&[&str]] = &[
    &["first", "1st"],
    &["second", "2nd"],
    &["third", "3rd"],
    &["fourth", "4th"],
    &["fifth", "5th"],
    &["sixth", "6th"],
    &["seventh", "7th"],
    &["eighth", "8th"],
    &["ninth", "9th"],
    &["tenth", "10th"],
];
/// How far behind an ordinal, or before it, the noun stands that it counts.
const NEAR: usize = 4;

impl Reader<'_> {
    pub(super) fn read_ordinals(&mut self) {
        for at in 0..self.len() {
            let Some(count) =
                ORDINALS.iter().position(|names| self.wanted.words.is(at, names)).map(|at| at + 1)
            else {
                continue;
            };
            let Some((noun, field)) = self.counted_by(at) else { continue };
            let test = Test::Compare(self.ordinal_comparison(at, noun), count as f64);
            // "a second attempt" is no second.
            self.wanted.limits.retain(|limit| limit.at != at);
            if self.wanted.words.is(at, &["second"]) {
                self.wanted.cues.per_s = None;
            }
            self.require(field, test, false, at..at + 1);
            self.spend(noun..noun + 1);
        }
    }

    /// The number that an ordinal counts, with the place of its noun.
    fn counted_by(&self, at: usize) -> Option<(usize, usize)> {
        const SURE: f32 = 0.6;
        const BETWEEN: &[&str] =
            &["or", "and", "a", "the", "later", "higher", "more", "further", "after", "is", "was"];
        let may = |field: &crate::records::Field| {
            field.part == Part::Record
                && field.is_number()
                && !matches!(
                    field.role,
                    Some(Role::Status | Role::GrpcStatus | Role::Duration | Role::Size)
                )
        };
        let passes = |at: &usize| self.wanted.words.is(*at, BETWEEN);
        let behind = (at + 1..(at + 1 + NEAR).min(self.len())).find(|at| !passes(at));
        let before = (at.saturating_sub(NEAR)..at).rev().find(|at| !passes(at));
        behind.into_iter().chain(before).find_map(|at| {
            let named = self.schema.named(&Noun::new(&[self.word(at)]), may);
            // "attempt" of `retries`
            let meant = || self.number_named(None, &(at..at + 1));
            let (field, _) = named.filter(|(_, fit)| *fit >= SURE).or_else(meant)?;
            let counts = may(&self.schema.fields[field]) && !self.has_condition(field);
            counts.then_some((at, field))
        })
    }

    /// "a third attempt" was needed by those too that took a fourth; "the third" is that one.
    fn ordinal_comparison(&self, at: usize, noun: usize) -> Comparison {
        const UP: &[&str] =
            &["later", "more", "higher", "above", "up", "beyond", "further", "worse", "after"];
        const NEEDED: &[&str] =
            &["needed", "need", "needs", "took", "required", "requires", "least", "until"];
        let words = &self.wanted.words;
        let (first, last) = (at.min(noun), at.max(noun));
        if words.is(at.wrapping_sub(1), &["after", "beyond", "past"])
            || words.is(at.wrapping_sub(1), &["the"])
                && words.is(at.wrapping_sub(2), &["after", "beyond", "past"])
        {
            return Comparison::Above;
        }
        let up = (first..(last + 5).min(self.len())).any(|at| words.is(at, UP));
        let needed = (first.saturating_sub(3)..first).any(|at| words.is(at, NEEDED));
        if up || needed { Comparison::AtLeast } else { Comparison::Equal }
    }
}
