//! Hosts that are called, by whose they are: "the Adyen host", "the provider's host".

use super::{Reader, names::TOP_DOMAINS};
use crate::{
    records::{Part, Test, Value},
    vocabulary::{is_left_out, stem},
};

const HOSTS: &[&str] =
    &["host", "hosts", "hostname", "address", "addresses", "domain", "endpoint", "endpoints"];
/// Whose hosts are outside.
const OUTSIDERS: &[&str] = &[
    "provider", "provider's", "vendor", "vendor's", "partner", "partner's", "supplier",
    "supplier's", "external", "third-party", "outside", "foreign", "psp", "remote",
];

impl Reader<'_> {
    /// What a host is called after says more of the host than of anything else of that name.
    pub(super) fn read_peers(&mut self) {
        for at in 1..self.len() {
            let owner = at - 1;
            let open = !self.is_spent(at) && !self.is_spent(owner);
            if !open
                || !self.wanted.words.is(at, HOSTS)
                || self.wanted.words.list[owner].ends_clause
            {
                continue;
            }
            let owned = stem(self.word(owner));
            let called = |value: &Value| value.has_stem(&owned);
            let external =
                self.wanted.words.is(owner, OUTSIDERS).then_some(is_outside as fn(&Value) -> bool);
            let found = self
                .only_peer(called)
                .or_else(|| external.and_then(|external| self.only_peer(external)));
            if let Some((field, host)) = found {
                let negated = is_left_out(&self.wanted.words, &(owner..at));
                self.require(field, Test::Is(vec![host]), negated, owner..at + 1);
            }
        }
    }

    /// The one value of the fields of what is called of which something holds.
    fn only_peer(&self, holds: impl Fn(&Value) -> bool) -> Option<(usize, String)> {
        let peers = self.schema.fields.iter().enumerate().filter(|(at, field)| {
            let named = |stem: &String| matches!(stem.as_str(), "address" | "addres" | "peer");
            field.part == Part::Record
                && self.schema.stems(*at).iter().any(named)
                && field.values.iter().any(is_outside)
        });
        peers.into_iter().find_map(|(at, field)| {
            let mut having = field.values.iter().filter(|value| holds(value));
            let only = having.next()?;
            having.next().is_none().then(|| (at, only.to_string()))
        })
    }
}

/// Whether a value is the full name of a host.
fn is_outside(value: &Value) -> bool {
    value.rsplit_once('.').is_some_and(|(_, top)| TOP_DOMAINS.contains(&top))
}
