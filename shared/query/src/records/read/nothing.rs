//! That something was looked for and not found: "searches without a single hit", "came up empty".

use std::ops::Range;

use model::Comparison;

use super::Reader;
use crate::{
    records::{Part, Test},
    vocabulary::Noun,
};

/// What numbers of what was found are called, by stem.
const FINDINGS: &[&str] =
    &["result", "hit", "match", "found", "candidat", "row", "record", "finding"];
const FOUND_NOTHING: &[&str] = &[
    "found nothing", "find nothing", "finds nothing", "finding nothing", "returned nothing",
    "return nothing", "returns nothing", "returning nothing", "matched nothing", "matches nothing",
    "matching nothing", "yielded nothing", "came up empty", "came back empty", "come up empty",
    "come back empty", "comes up empty", "comes back empty", "turned up nothing",
    "brought up nothing", "came up with nothing", "came back with nothing", "n't find anything",
    "n't find a thing", "not find anything", "n't return anything", "not return anything",
    "n't match anything", "empty result", "empty results", "empty-handed",
];
/// What says that there is not one of what the next word counts.
const NOT_ONE: &[&str] = &[
    "without a single", "without any", "without one", "not a single", "with not one", "not one",
    "zero", "no",
];

/// What says that nobody answered.
const UNANSWERED: &[&str] = &[
    "without an answer", "without answer", "without any answer", "without a reply",
    "without reply", "without a response", "without response", "with no answer", "with no reply",
    "with no response", "got no answer", "got no reply", "got no response", "unanswered",
    "never answered", "never replied", "never responded", "n't answer", "n't answered",
    "not answered", "n't reply", "n't respond", "not respond", "timed out", "timing out",
];

impl Reader<'_> {
    /// "commands without an answer in time", where one value of records says so: `timeout`.
    pub(super) fn read_unanswered(&mut self) {
        if !self.wanted.words.has(UNANSWERED) {
            return;
        }
        let Some(words) = self.find_open(UNANSWERED) else { return };
        let outcomes = self.schema.fields.iter().enumerate().flat_map(|(at, field)| {
            let record = field.part == Part::Record && field.role.is_none();
            field.values.iter().filter(move |_| record).map(move |value| (at, value))
        });
        let mut late = outcomes.filter(|(_, value)| {
            matches!(&***value, "timeout" | "timed_out" | "timedout" | "TIMEOUT")
        });
        let (Some((field, value)), None) = (late.next(), late.next()) else { return };
        let value = value.to_string();
        self.require(field, Test::Is(vec![value]), false, words);
    }

    pub(super) fn read_nothing_found(&mut self) {
        let Some((field, words)) = self.not_found().or_else(|| self.not_one()) else { return };
        if !self.has_condition(field) {
            self.require(field, Test::Compare(Comparison::Equal, 0.0), false, words);
        }
    }

    /// "came up empty", where records have one number of what was found.
    fn not_found(&self) -> Option<(usize, Range<usize>)> {
        let said = self.wanted.words.has(FOUND_NOTHING);
        let words = said.then(|| self.find_open(FOUND_NOTHING)).flatten()?;
        self.number_of_findings().map(|field| (field, words))
    }

    /// "not a single hit", whichever of its names the number has.
    fn not_one(&self) -> Option<(usize, Range<usize>)> {
        if !self.wanted.words.has(NOT_ONE) {
            return None;
        }
        let (denial, at) = (0..self.len()).find_map(|at| {
            let denial = self.open_at(at, NOT_ONE)?;
            let noun = denial.end;
            let key = &self.wanted.words.list.get(noun)?.key;
            (!self.is_spent(noun) && FINDINGS.contains(&key.as_str())).then_some((denial, noun))
        })?;
        let among = |field: &crate::records::Field| field.part == Part::Record && field.is_number();
        const SURE: f32 = 0.5;
        let named = self.schema.named(&Noun::new(&[self.word(at)]), among);
        let named = named.filter(|(_, fit)| *fit >= SURE).map(|(field, _)| field);
        let field = named.or_else(|| self.count_of(at)).or_else(|| self.number_of_findings())?;
        Some((field, denial.start..at + 1))
    }

    /// The number of records that is called after what was found; "results" goes before the rest.
    fn number_of_findings(&self) -> Option<usize> {
        let called = |name: &str| {
            let mut found = self.schema.fields.iter().enumerate().filter(|(at, field)| {
                field.part == Part::Record
                    && field.is_number()
                    && field.role.is_none()
                    && self.schema.stems(*at).iter().any(|stem| stem == name)
            });
            let (field, _) = found.next()?;
            found.next().is_none().then_some(field)
        };
        FINDINGS.iter().find_map(|name| called(name))
    }
}
