//! What a catalog says that records have, and the ways to it from the words of a question.

use std::collections::BTreeSet;

use super::field::{self, Field, Known, Part, Role};
use crate::vocabulary::{self, Noun, Vocabulary};

#[derive(Debug, Default)]
pub(crate) struct Schema {
    /// Sorted by name.
    pub(crate) fields: Vec<Field>,
    /// What people say of each field.
    said: Vec<String>,
    pub(crate) vocabulary: Vocabulary,
}

impl Schema {
    pub(crate) fn new(mut known: Vec<Known<'_>>) -> Self {
        known.sort_by(|a, b| a.name.cmp(b.name).then(a.part.cmp(&b.part)));
        // A field of the source goes before one of the record that is written alike.
        known.dedup_by(|later, kept| later.name == kept.name);
        let said: Vec<String> = known.iter().map(|field| field::bare(field.said)).collect();
        let texts = known.iter().zip(&said).map(|(field, said)| {
            let values = field.values.iter().map(String::as_str).filter(|value| !value.is_empty());
            (field.name, said.as_str(), values.collect::<BTreeSet<&str>>())
        });
        let vocabulary = Vocabulary::new(texts);
        let fields = known.into_iter().map(Field::new).collect();
        Self { fields, said, vocabulary }
    }

    pub(crate) fn at(&self, name: &str) -> Option<usize> {
        self.fields.binary_search_by(|field| field.name.as_str().cmp(name)).ok()
    }

    /// The fields of a role, the likeliest first.
    pub(crate) fn with(&self, role: Role) -> Vec<usize> {
        let of_role = |at: &usize| self.fields[*at].role == Some(role);
        let mut found: Vec<usize> = (0..self.fields.len()).filter(of_role).collect();
        found.sort_by_key(|at| {
            let field = &self.fields[*at];
            (field.part != Part::Source, field::rank(field, role, &self.said[*at]))
        });
        found
    }

    pub(crate) fn first(&self, role: Role) -> Option<usize> {
        self.with(role).first().copied()
    }

    /// The field that a noun names, and how well; `among` says which may be meant.
    pub(crate) fn named(
        &self,
        noun: &Noun,
        among: impl Fn(&Field) -> bool,
    ) -> Option<(usize, f32)> {
        const OF_SOURCE: f32 = 0.01;
        let fits = self.fields.iter().enumerate().filter(|(_, field)| among(field)).filter_map(
            |(at, field)| {
                let fit = vocabulary::fit(self.vocabulary.label(&field.name)?, noun);
                let source = if field.part == Part::Source { OF_SOURCE } else { 0.0 };
                (fit >= vocabulary::LEAST).then_some((at, fit + source))
            },
        );
        fits.max_by(|a, b| {
            a.1.total_cmp(&b.1).then_with(|| self.said[b.0].len().cmp(&self.said[a.0].len()))
        })
    }

    /// The stems of what people say of a field.
    pub(crate) fn stems(&self, at: usize) -> Vec<String> {
        field::stems(&self.said[at])
    }
}
