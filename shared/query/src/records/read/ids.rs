//! What programs write and people copy: ids, addresses of networks, pieces of paths, names of clients.

use super::{Reader, Signal, text::GENERIC};
use crate::{
    records::{Field, Part, Role, Test},
    vocabulary::{Noun, is_left_out},
    wanted::{Use, Word},
};

impl<'a> Reader<'a> {
    /// Addresses of a network: `10.8.0.0/16`.
    pub(super) fn read_networks(&mut self) {
        for at in 0..self.len() {
            let raw = self.wanted.words.list[at].raw.clone();
            if self.is_spent(at) || !is_network(&raw) {
                continue;
            }
            let found =
                (at.saturating_sub(4)..at).rev().find_map(|near| self.field_before(near + 1));
            let address = || {
                self.schema
                    .named(&Noun::new(&["ip"]), |field| field.part == Part::Record)
                    .map(|(field, _)| field)
            };
            if let Some(field) = found.or_else(address) {
                let negated = is_left_out(&self.wanted.words, &(at..at + 1));
                self.require(field, Test::Within(raw), negated, at..at + 1);
            }
        }
    }

    /// Ids: `TX-8841207`, `4bf92f3577b34da6a3ce929d0e0e4736`, `u-55213`.
    pub(super) fn read_ids(&mut self) {
        for at in 0..self.len() {
            let word = &self.wanted.words.list[at];
            let coded = word.raw.len() > 3
                && word.raw.bytes().all(|byte| byte.is_ascii_digit())
                && !self.wanted.limits.iter().any(|limit| limit.at == at);
            if self.is_spent(at) || !(is_id(&word.raw) || coded) {
                continue;
            }
            let raw = word.raw.clone();
            let negated = is_left_out(&self.wanted.words, &(at..at + 1));
            let sampled = self
                .schema
                .fields
                .iter()
                .position(|field| field.holds(&raw) && field.part != Part::Intrinsic);
            // What streams are labelled with is known; another value selects none.
            let before = self.field_before(at).filter(|field| {
                let known = &self.schema.fields[*field];
                self.signal == Signal::Traces
                    || known.part != Part::Source
                    || known.values.is_empty()
                    || known.holds(&raw)
            });
            match before.or(sampled) {
                Some(field) if self.schema.fields[field].role != Some(Role::TraceId) => {
                    self.require(field, Test::Is(vec![raw]), negated, at..at + 1);
                }
                _ if self.signal == Signal::Logs => self.hold_text(&raw, negated, at..at + 1),
                _ => {}
            }
        }
    }

    /// Pieces of what records are known to hold, as programs write them: "wp-login" of
    /// `/wp-login.php`, "curl" of `curl/8.4.0`.
    pub(super) fn read_pieces(&mut self) {
        const SHORTEST: usize = 5;
        let products = self.products();
        for at in 0..self.len() {
            let word = &self.wanted.words.list[at];
            if !self.is_open_name(at) {
                continue;
            }
            if let Some(product) = product(&products, word).filter(|_| word.used == Use::Free) {
                let negated = self.is_text_left_out(&(at..at + 1));
                self.hold_text(&product, negated, at..at + 1);
                continue;
            }
            let joined = word.raw.trim_start_matches('/').contains(['-', '_', '.']);
            if !joined || word.raw.len() < SHORTEST {
                continue;
            }
            let lower = word.lower.clone();
            let records = self.schema.fields.iter().filter(|field| field.part == Part::Record);
            let found = records.flat_map(|field| &field.values).find_map(|value| {
                let start = value.to_lowercase().find(&lower)?;
                value.get(start..start + lower.len()).map(str::to_owned)
            });
            if let Some(piece) = found {
                let negated = is_left_out(&self.wanted.words, &(at..at + 1));
                self.hold_text(&piece, negated, at..at + 1);
            }
        }
    }

    /// The names of clients: `curl` of `curl/8.4.0`, as the samples spell it.
    fn products(&self) -> Vec<&'a str> {
        let records = self.schema.fields.iter().enumerate();
        let records = records.filter(|(_, field)| field.part == Part::Record);
        let values = records.flat_map(|(at, field)| field.values.iter().map(move |it| (at, it)));
        let named = values.filter_map(|(at, value)| {
            let (name, version) = value.split_once('/')?;
            let agent = || {
                let said = self.schema.stems(at);
                said.iter().any(|stem| matches!(stem.as_str(), "ua" | "agent" | "useragent"))
            };
            let versioned = version.starts_with(|first: char| first.is_ascii_digit());
            (!name.is_empty() && (versioned || agent())).then_some(name)
        });
        named.collect()
    }

    /// The field that the words before a value name: "customer C10029384".
    fn field_before(&self, at: usize) -> Option<usize> {
        let may =
            |field: &Field| field.part != Part::Intrinsic && field.role != Some(Role::Message);
        let nouns = [(at.checked_sub(2)?, at), (at - 1, at)];
        nouns.into_iter().find_map(|(from, to)| {
            let lower: Vec<&str> = (from..to).map(|at| self.word(at)).collect();
            if lower.iter().any(|word| GENERIC[..30].contains(word)) {
                return None;
            }
            self.schema
                .named(&Noun::new(&lower), may)
                .filter(|(_, fit)| *fit >= 0.6)
                .map(|(field, _)| field)
        })
    }
}

fn product(products: &[&str], word: &Word) -> Option<String> {
    let said = products.iter().find(|name| name.eq_ignore_ascii_case(&word.lower))?;
    Some((*said).to_owned())
}

/// Whether a word is an id: letters with digits, or a long row of hexadecimal digits.
fn is_id(raw: &str) -> bool {
    let digits = raw.chars().filter(char::is_ascii_digit).count();
    let letters = raw.chars().filter(|letter| letter.is_alphabetic()).count();
    let plain = raw.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_'));
    let short_unit = raw.len() <= 4;
    plain && !short_unit && digits >= 3 && letters >= 1 && !is_ordinal(raw)
}

fn is_ordinal(raw: &str) -> bool {
    ["th", "st", "nd", "rd", "ms", "xx"].iter().any(|ending| {
        raw.strip_suffix(ending).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

/// Whether a word is a network in CIDR notation.
fn is_network(raw: &str) -> bool {
    raw.split_once('/').is_some_and(|(address, bits)| {
        address.parse::<std::net::IpAddr>().is_ok()
            && bits.parse::<u8>().is_ok_and(|bits| bits <= 128)
    })
}
