//! What a catalog says that records have, and the ways to it from the words of a question.

use std::collections::{BTreeSet, HashMap};

use super::field::{self, Field, Known, Part, Role};
use crate::vocabulary::{self, Noun, Vocabulary};

#[derive(Debug, Default)]
pub(crate) struct Schema {
    /// Sorted by name; the vocabulary has them in the same order.
    pub(crate) fields: Vec<Field>,
    /// What people say of each field.
    said: Vec<String>,
    /// By role: its fields, the likeliest first.
    roles: HashMap<Role, Vec<usize>>,
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
        let fields: Vec<Field> = known.into_iter().map(Field::new).collect();
        let mut roles: HashMap<Role, Vec<usize>> = HashMap::new();
        for (at, field) in fields.iter().enumerate() {
            if let Some(role) = field.role {
                roles.entry(role).or_default().push(at);
            }
        }
        for (role, of_role) in &mut roles {
            of_role.sort_by_key(|at| {
                let words = &vocabulary.labels()[*at].words;
                (fields[*at].part != Part::Source, field::rank(&fields[*at], *role, words))
            });
        }
        Self { fields, said, roles, vocabulary }
    }

    pub(crate) fn at(&self, name: &str) -> Option<usize> {
        self.vocabulary.label_at(name)
    }

    /// The fields of a role, the likeliest first.
    pub(crate) fn with(&self, role: Role) -> &[usize] {
        self.roles.get(&role).map_or(&[], Vec::as_slice)
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
        let labels = self.vocabulary.labels();
        let fits = self.fields.iter().enumerate().filter_map(|(at, field)| {
            let fit = vocabulary::fit(&labels[at], noun);
            let source = if field.part == Part::Source { OF_SOURCE } else { 0.0 };
            (fit >= vocabulary::LEAST && among(field)).then_some((at, fit + source))
        });
        let length = |at: usize| self.said[at].len();
        fits.max_by(|a, b| a.1.total_cmp(&b.1).then_with(|| length(b.0).cmp(&length(a.0))))
    }

    /// The stems of what people say of a field.
    pub(crate) fn stems(&self, at: usize) -> &[String] {
        &self.vocabulary.labels()[at].stems
    }
}
