//! Routes and operations by a word of their name.

use super::{Reader, Signal, services::is_too_common};
use crate::{
    records::Role,
    records::Value,
    vocabulary::{is_left_out, stem},
    wanted::Use,
};

impl Reader<'_> {
    /// Routes by their last part: "checkouts" for `/v1/checkout`.
    pub(super) fn read_routes(&mut self) {
        let paths = self.schema.with(Role::Path);
        for at in 0..self.len() {
            let word = &self.wanted.words.list[at];
            let may_name = self.is_open_name(at) && word.used == Use::Free && word.lower.len() > 3;
            if !may_name || is_too_common(word) {
                continue;
            }
            let key = word.key.clone();
            let found = paths.iter().find_map(|field| {
                let last = |value: &&Value| {
                    let last = telling_segment(value);
                    last.len() > 2 && stem(&last.to_lowercase()) == key
                };
                let mut having = self.schema.fields[*field].values.iter().filter(last);
                let only = having.next()?.to_string();
                having.next().is_none().then_some((*field, only))
            });
            if let Some((field, value)) = found.filter(|(field, _)| !self.has_condition(*field)) {
                let negated = is_left_out(&self.wanted.words, &(at..at + 1));
                self.hold_value(field, &value, negated, at..at + 1);
            }
        }
    }

    /// Operations by one word of their name, where no other has it: "handshakes" of
    /// `tls.handshake`.
    pub(super) fn read_operations(&mut self) {
        let schema = self.schema;
        if self.signal == Signal::Logs {
            return;
        }
        let names: Vec<usize> = (0..schema.fields.len())
            .filter(|at| {
                let last = schema.stems(*at).last();
                schema.fields[*at].name == "name"
                    || last.is_some_and(|last| stem("operation") == *last)
            })
            .filter(|at| schema.stems(*at).first().is_none_or(|first| first != "db"))
            .collect();
        for at in 0..self.len() {
            let word = &self.wanted.words.list[at];
            let may_name = self.is_open_name(at) && word.used == Use::Free && word.lower.len() > 4;
            if !may_name || is_too_common(word) {
                continue;
            }
            let key = word.key.clone();
            let found = names.iter().find_map(|field| {
                let dotted = |value: &&Value| value.contains(['.', ':']) && value.has_stem(&key);
                let mut having = schema.fields[*field].values.iter().filter(dotted);
                let only = having.next()?.to_string();
                having.next().is_none().then_some((*field, only))
            });
            if let Some((field, value)) = found.filter(|(field, _)| !self.has_condition(*field)) {
                let negated = is_left_out(&self.wanted.words, &(at..at + 1));
                self.hold_value(field, &value, negated, at..at + 1);
            }
        }
    }
}

/// The last part of a path that says something: "login" of `/login/index.php`.
fn telling_segment(path: &str) -> &str {
    const FILES: &[&str] = &["index", "view", "default", "main", "home"];
    let bare = |segment: &'_ str| segment.find('.').unwrap_or(segment.len());
    let mut segments = path.rsplit('/').map(|segment| &segment[..bare(segment)]);
    let last = segments.next().unwrap_or_default();
    if FILES.contains(&last) { segments.next().unwrap_or_default() } else { last }
}
