//! Records that lack a field.

use std::ops::Range;

use super::Reader;
use crate::{
    records::{Part, Role, Test},
    vocabulary::Noun,
};

/// What says that those that lack it are not wanted.
const LEFT_OUT: &[&str] =
    &["skip", "skipping", "ignore", "ignoring", "exclude", "excluding", "drop", "hide", "omit"];

impl Reader<'_> {
    /// "where the tenant is missing", "that never got a route", "with no campaign".
    pub(crate) fn read_missing(&mut self) {
        const SURE: f32 = 0.75;
        let found = (0..self.len()).find_map(|at| {
            let words = &self.wanted.words;
            let before = words.is(at, &["missing", "unset", "absent", "empty"])
                || words.are(at, &["not", "set"]);
            let after = words.is(at, &["without", "lacking", "lack", "lacks"])
                || words.are(at, &["never", "got"])
                || words.are(at, &["have", "no"])
                || words.are(at, &["has", "no"])
                || words.are(at, &["with", "no"]);
            let near: Range<usize> = match (before, after) {
                (true, _) => at.saturating_sub(4)..at,
                (_, true) => at + 1..(at + 5).min(self.len()),
                _ => return None,
            };
            near.filter(|at| !self.is_spent(*at)).find_map(|at| {
                let noun = Noun::new(&[self.word(at)]);
                let may = |field: &crate::records::Field| {
                    field.part != Part::Intrinsic
                        && !matches!(field.role, Some(Role::Level | Role::Message | Role::Service))
                };
                let (field, fit) = self.schema.named(&noun, may)?;
                (fit >= SURE && !self.has_condition(field)).then_some((field, at))
            })
        });
        let Some((field, at)) = found else { return };
        // "skip those without any": those that have one.
        let kept = (at.saturating_sub(6)..at).any(|at| self.wanted.words.is(at, LEFT_OUT));
        // Programs write a dash for what is not there.
        let dash = self.schema.fields[field].values.iter().find(|value| &***value == "-");
        match dash.map(ToString::to_string) {
            Some(dash) => self.require(field, Test::Is(vec![dash]), kept, at..at + 1),
            None => self.require(field, Test::Present, !kept, at..at + 1),
        }
    }
}
