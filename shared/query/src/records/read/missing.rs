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

const LACKING: &[&str] =
    &["without", "lacking", "lack", "lacks", "untagged", "unlabelled", "unlabeled"];
const HAVING: &[&str] = &[
    "have", "has", "had", "having", "with", "carry", "carries", "carrying", "got", "contain",
    "contains",
];
const DENIALS: &[&str] = &["not", "never", "n't", "n’t", "nobody", "no-one", "nothing"];
/// That a field was given a value.
const TAGGED: &[&str] = &[
    "got", "tagged", "labelled", "labeled", "marked", "annotated", "set", "recorded", "assigned",
    "given", "filled", "attached",
];

impl Reader<'_> {
    /// "by exception, leave out lines that have none": rows are of those that have one.
    fn read_those_without(&mut self) {
        let words = &self.wanted.words;
        let Some(field) = self.by.first().copied().filter(|field| !self.has_condition(*field))
        else {
            return;
        };
        let lacking = |at: &usize| {
            words.is(*at, HAVING) && words.is(at + 1, &["none"])
                || words.is(*at, LACKING) && words.is(at + 1, &["one", "any", "it"])
                || words.is(*at, HAVING) && words.are(at + 1, &["no", "value"])
                || words.is(*at, &["n't", "not"]) && words.are(at + 1, &["have", "one"])
                || words.is(*at, &["n't", "not"]) && words.are(at + 1, &["have", "any"])
        };
        let Some(at) = (0..self.len()).find(lacking) else { return };
        let left_out = (at.saturating_sub(6)..at).any(|near| {
            words.is(near, LEFT_OUT)
                || words.is(near, &["leave", "leaving", "left", "filter", "filtering", "no"])
        });
        if left_out {
            self.require_presence(field, true, at..at + 3);
        }
    }

    /// Records that have a field, or those that lack it.
    fn require_presence(&mut self, field: usize, has: bool, words: Range<usize>) {
        // Programs write a dash for what is not there.
        let dash = self.schema.fields[field].values.iter().find(|value| &***value == "-");
        match dash.map(ToString::to_string) {
            Some(dash) => self.require(field, Test::Is(vec![dash]), has, words),
            None => self.require(field, Test::Present, !has, words),
        }
    }

    /// "where the tenant is missing", "that never got a route", "with no campaign".
    pub(crate) fn read_missing(&mut self) {
        const SURE: f32 = 0.75;
        self.read_those_without();
        let found = (0..self.len()).find_map(|at| {
            let words = &self.wanted.words;
            let before = words.is(at, &["missing", "unset", "absent", "empty"])
                || words.are(at, &["not", "set"]);
            let after = words.is(at, LACKING)
                || words.is(at, HAVING) && words.is(at + 1, &["no"])
                || words.is(at, DENIALS) && words.is(at + 1, TAGGED)
                || words.is(at, DENIALS) && words.are(at + 1, &["have", "a"])
                || words.is(at, DENIALS) && words.are(at + 1, &["have", "any"]);
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
        self.require_presence(field, kept, at..at + 1);
    }
}
