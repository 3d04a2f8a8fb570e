//! Values of which the beginning, the end or a part is said.

use super::{Reader, Signal};
use crate::{
    records::{Part, Role, Test, Value},
    vocabulary::{Noun, is_left_out},
};

impl Reader<'_> {
    /// "hosts ending in example.com", "keys that start with cart:".
    pub(super) fn read_patterns(&mut self) {
        const ENDS: &[&str] =
            &["ending in", "ending with", "ends in", "ends with", "end in", "end with"];
        const BEGINS: &[&str] = &[
            "starting with", "starts with", "start with", "beginning with", "begins with",
            "begin with",
        ];
        const HAS: &[&str] = &["containing", "contains", "contain"];
        let below = (0..self.len()).find(|at| {
            self.wanted.words.is(*at, &["under", "below", "beneath"])
                && self.word(at + 1).starts_with('/')
        });
        if let (Some(at), Some(field)) = (below, self.schema.first(Role::Path)) {
            let path = self.wanted.words.list[at + 1].raw.clone();
            self.require(field, Test::Begins(path), false, at..at + 2);
            return;
        }
        let found =
            [(ENDS, Test::Ends as fn(String) -> Test), (BEGINS, Test::Begins), (HAS, Test::Has)]
                .into_iter()
                .find_map(|(phrases, test)| {
                    self.wanted.words.find(phrases).map(|(at, length)| (at, at + length, test))
                });
        let Some((at, value, test)) = found else { return };
        // Of lines, what is quoted is text already.
        let open = self.signal == Signal::Traces || !self.is_spent(value);
        let word = self.wanted.words.list.get(value).filter(|_| open);
        let Some(word) = word else { return };
        let (raw, near) = (word.raw.clone(), at.saturating_sub(3)..at);
        let may = |field: &crate::records::Field| {
            field.part != Part::Intrinsic && !field.is_number() && field.role != Some(Role::Message)
        };
        let named = near.clone().rev().find_map(|at| {
            self.schema.named(&Noun::new(&[self.word(at)]), may).filter(|(_, fit)| *fit >= 0.75)
        });
        // A known value may fulfil it, where none is named.
        let fulfils = |value: &Value| match test(raw.clone()) {
            _ if value.len() <= raw.len() => false,
            Test::Begins(text) => value.starts_with(&text),
            Test::Ends(text) => value.ends_with(&text),
            _ => false,
        };
        let fulfilled = || {
            let fields = self.schema.fields.iter();
            { fields }.position(|field| may(field) && field.values.iter().any(fulfils))
        };
        if let Some(field) = named.map(|(field, _)| field).or_else(fulfilled) {
            let negated = is_left_out(&self.wanted.words, &(value..value + 1));
            self.require(field, test(raw), negated, at..value + 1);
        }
    }
}
