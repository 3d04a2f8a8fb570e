//! Services by a part of their name: "the gateway" where one only is called so.

use super::{Reader, Signal};
use crate::{
    records::{Part, Role},
    text,
    vocabulary::{is_left_out, stem},
    wanted::Use,
};

/// Words that many names have and that mean none of them.
const TOO_COMMON: &[&str] = &[
    "service", "api", "app", "server", "client", "request", "log", "trace", "span", "error", "call", "error", "prod", "data", "user", "error",
    "host", "pod", "node", "consumer", "producer", "message", "query", "database", "db", "cache", "time", "retry", "line", "job", "http",
];

impl Reader<'_> {
    pub(super) fn read_services(&mut self) {
        let services = self.schema.with(Role::Service);
        for at in 0..self.len() {
            let word = &self.wanted.words.list[at];
            let may_name = self.is_open_name(at) && word.used == Use::Free && word.lower.len() > 2;
            if !may_name || TOO_COMMON.contains(&word.key.as_str()) {
                continue;
            }
            let key = stem(&word.lower);
            for field in &services {
                let known = &self.schema.fields[*field];
                if known.part != Part::Source {
                    continue;
                }
                let means = |value: &&String| {
                    let parts = text::words(value);
                    parts.iter().any(|part| stem(part) == key || (key.len() >= 4 && part.starts_with(key.as_str())))
                };
                let mut having = known.values.iter().filter(means);
                let (Some(only), None) = (having.next(), having.next()) else { continue };
                let taken = self.conditions.iter().any(|condition| condition.field == *field);
                if taken && self.signal == Signal::Logs {
                    continue;
                }
                let negated = is_left_out(&self.wanted.words, &(at..at + 1));
                let only = only.clone();
                self.hold_value(*field, &only, negated, at..at + 1);
                break;
            }
        }
    }
}
