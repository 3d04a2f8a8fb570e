//! Environments, whatever the data calls them.

use super::Reader;
use crate::{
    metric::other_names_of_environment,
    records::{Part, Role, Value},
    vocabulary::is_left_out,
};

impl Reader<'_> {
    /// "production" where the data says `prod`.
    pub(super) fn read_environments(&mut self) {
        let fields = self.schema.with(Role::Environment);
        for at in 0..self.len() {
            if self.is_spent(at) {
                continue;
            }
            let names = other_names_of_environment(self.word(at));
            if names.is_empty() {
                continue;
            }
            let found = fields.iter().find_map(|field| {
                let values = &self.schema.fields[*field].values;
                let value =
                    values.iter().find(|value| names.contains(&value.to_lowercase().as_str()))?;
                Some((*field, value.clone()))
            });
            let found = found.or_else(|| self.part_of_environment(at, names));
            if let Some((field, value)) = found {
                let negated = is_left_out(&self.wanted.words, &(at..at + 1));
                self.hold_value(field, &value, negated, at..at + 1);
            }
        }
    }

    /// `shop-prod`, the only namespace or cluster of production, where no label says the environment.
    fn part_of_environment(&self, at: usize, names: &[&str]) -> Option<(usize, Value)> {
        let word = self.word(at);
        let said = |part: &String| part == word || names.contains(&part.as_str());
        let source = self.schema.fields.iter().enumerate().filter(|(at, field)| {
            let stems = self.schema.stems(*at);
            field.part == Part::Source
                && stems.iter().any(|stem| {
                    matches!(stem.as_str(), "namespac" | "ns" | "cluster" | "project" | "tier")
                })
        });
        if !self.schema.with(Role::Environment).is_empty() {
            return None;
        }
        source.filter(|(at, _)| !self.has_condition(*at)).find_map(|(at, field)| {
            let mut having = field.values.iter().filter(|value| value.words.iter().any(said));
            let only = having.next()?;
            having.next().is_none().then(|| (at, only.clone()))
        })
    }
}
