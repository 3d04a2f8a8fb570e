//! Values by other names than their own: by what else they are called, or by a part that is no other's.

use super::{Reader, Signal};
use crate::{
    records::{Part, Role, Test, Value},
    text,
    vocabulary::{Noun, expansions, is_left_out, stem},
    wanted::Use,
};

/// What the names of hosts end in.
pub(super) const TOP_DOMAINS: &[&str] = &[
    "com", "net", "org", "io", "dev", "app", "cloud", "example", "internal", "local", "info",
    "edu", "gov", "de", "ch", "at", "uk", "fr", "nl", "it", "es", "eu", "se", "no", "dk", "pl",
    "us",
];

impl Reader<'_> {
    /// Codes that have a word within one of theirs: "throttled" is `ESME_RTHROTTLED`.
    pub(super) fn read_coded(&mut self) {
        const SHORTEST: usize = 5;
        let schema = self.schema;
        let codes = schema.fields.iter().enumerate().filter(|(_, field)| {
            field.part == Part::Record
                && !field.is_number()
                && !matches!(field.role, Some(Role::Path | Role::Message | Role::TraceId))
        });
        let codes: Vec<(usize, &Value)> = codes
            .flat_map(|(at, field)| field.values.iter().map(move |value| (at, value)))
            .filter(|(_, value)| is_code(value))
            .collect();
        if codes.is_empty() {
            return;
        }
        let mut sampled: Option<Vec<usize>> = None;
        for at in 0..self.len() {
            let word = &self.wanted.words.list[at];
            let open = self.is_open_name(at) && word.used == Use::Free;
            if !open || word.key.len() < SHORTEST {
                continue;
            }
            let within = |value: &Value| {
                value.words.iter().any(|part| {
                    part.find(word.key.as_str()).is_some_and(|before| {
                        before > 0 && !matches!(&part[..before], "un" | "in" | "non" | "dis" | "re")
                    })
                })
            };
            if schema.vocabulary.values_with(&word.key).iter().any(|at| {
                let (label, _) = schema.vocabulary.value(*at);
                schema.at(label).is_some_and(|field| schema.fields[field].part == Part::Record)
            }) {
                // Something has it as a word of its own.
                continue;
            }
            let mut having = codes.iter().filter(|(_, value)| within(value));
            if let (Some((field, value)), None) = (having.next(), having.next()) {
                if sampled.get_or_insert_with(|| self.sampled_places()).contains(&at) {
                    continue;
                }
                let negated = is_left_out(&self.wanted.words, &(at..at + 1));
                self.hold_value(*field, value, negated, at..at + 1);
            }
        }
    }

    /// Systems that go by several names ("postgres" for `postgresql`), and parts of values beside what
    /// they are values of: "the barcode queue".
    pub(super) fn read_other_names(&mut self) {
        const SAME: f32 = 0.85;
        let schema = self.schema;
        for at in 0..self.len() {
            let word = &self.wanted.words.list[at];
            if !self.is_open_name(at) || word.key.len() < 2 {
                continue;
            }
            let others = std::iter::once((word.key.clone(), 1.0))
                .chain(expansions(&word.key).iter().cloned());
            let found = others.filter(|(_, sure)| *sure >= SAME).find_map(|(other, _)| {
                schema.vocabulary.values_like(&other).iter().filter(|found| found.whole).find_map(
                    |found| {
                        let (label, value) = schema.vocabulary.value(*found);
                        let field = schema.at(label)?;
                        let coded = schema.fields[field].is_number()
                            || schema.fields[field].role == Some(Role::Level)
                            || schema.fields[field].role == Some(Role::Message);
                        (!coded && (other != word.key || word.key != word.stem))
                            .then(|| (field, value.to_owned()))
                    },
                )
            });
            let found = found
                .or_else(|| self.part_beside(at))
                .or_else(|| self.kind_of_log(at))
                .or_else(|| self.reason_at(at))
                .or_else(|| self.most_of_one(at));
            let negated = is_left_out(&self.wanted.words, &(at..at + 1));
            if let Some((field, value)) = found {
                self.hold_value(field, &value, negated, at..at + 1);
            } else if let Some((field, beginning)) = self.family_beside(at) {
                self.require(field, Test::Begins(beginning), negated, at..at + 2);
            }
        }
    }

    /// "breaker commands" of `breaker_open` and `breaker_close`: all values that begin with a word,
    /// of the field that the next word names.
    fn family_beside(&self, at: usize) -> Option<(usize, String)> {
        const SURE: f32 = 0.4;
        let word = &self.wanted.words.list[at];
        if self.signal == Signal::Logs || word.ends_clause || word.lower.len() < 3 {
            return None;
        }
        let begins = |value: &Value| {
            let rest = value.strip_prefix(word.lower.as_str());
            rest.is_some_and(|rest| rest.starts_with(['_', '-', '.', ':', '/']))
        };
        let may = |field: &crate::records::Field| {
            field.part == Part::Record
                && field.values.iter().filter(|value| begins(value)).count() > 1
        };
        let (field, fit) = self.schema.named(&Noun::new(&[self.word(at + 1)]), may)?;
        let first = self.schema.fields[field].values.iter().find(|value| begins(value))?;
        (fit >= SURE).then(|| first.get(..=word.lower.len()).map(|own| (field, own.to_owned())))?
    }

    /// The only value with a word in it, of the field that the next word names.
    fn part_beside(&self, at: usize) -> Option<(usize, String)> {
        const SURE: f32 = 0.7;
        let word = &self.wanted.words.list[at];
        if word.ends_clause || word.key.len() < 3 {
            return None;
        }
        let next = [self.word(at + 1)];
        // "the log store table" of `shop_logstore`
        let joined = (at > 0 && self.is_open_name(at - 1))
            .then(|| self.wanted.words.run_together(at - 1..at + 1));
        let has = |value: &Value| {
            value.has_stem(&word.key) || joined.as_ref().is_some_and(|word| value.has_stem(word))
        };
        let may = |field: &crate::records::Field| {
            field.part != Part::Intrinsic && !field.is_number() && field.values.iter().any(has)
        };
        let (field, fit) = self.schema.named(&Noun::new(&next), may)?;
        let having = self.schema.fields[field].values.iter().filter(|value| has(value));
        // "the EU prod cluster": of several, the one of which most is said.
        let before = at.saturating_sub(2)..at + 1;
        let said = |value: &Value| {
            let bare = |part: &String| stem(part.trim_end_matches(|c: char| c.is_ascii_digit()));
            value.words.iter().filter(|part| self.says_stem(&before, &bare(part))).count()
        };
        let mut ranked: Vec<(usize, &Value)> = having.map(|value| (said(value), value)).collect();
        ranked.sort_by_key(|(said, _)| std::cmp::Reverse(*said));
        match ranked.as_slice() {
            [(_, only)] if fit >= SURE => Some((field, only.to_string())),
            [(most, best), (next, _), ..] if fit >= SURE && most > next => {
                Some((field, best.to_string()))
            }
            _ => None,
        }
    }

    /// "the error log", "the audit log": the only streams with the word in a label.
    fn kind_of_log(&self, at: usize) -> Option<(usize, String)> {
        let word = &self.wanted.words.list[at];
        if self.signal == Signal::Traces || !self.wanted.words.is(at + 1, &["log", "logs"]) {
            return None;
        }
        let source = self
            .schema
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.part == Part::Source && field.role != Some(Role::Level));
        source.filter(|(at, _)| !self.has_condition(*at)).find_map(|(at, field)| {
            let mut having = field
                .values
                .iter()
                .filter(|value| value.len() > word.key.len() && value.has_stem(&word.key));
            let only = having.next()?;
            having.next().is_none().then(|| (at, only.to_string()))
        })
    }

    /// "because of sanctions": the only reason with the word in it.
    fn reason_at(&self, at: usize) -> Option<(usize, String)> {
        let words = &self.wanted.words;
        let key = &words.list[at].key;
        let leads = |at: usize| {
            words.are(at, &["because", "of"])
                || words.are(at, &["due", "to"])
                || words.are(at, &["owing", "to"])
                || words.are(at, &["caused", "by"])
        };
        let led = (2..=4).any(|back| at >= back && leads(at - back));
        if !led || key.len() < 3 {
            return None;
        }
        let reasons = self.schema.fields.iter().enumerate().filter(|(at, field)| {
            field.part == Part::Record
                && self.schema.stems(*at).iter().any(|stem| {
                    matches!(stem.as_str(), "reason" | "caus" | "declin" | "error" | "rul")
                })
        });
        reasons.into_iter().find_map(|(at, field)| {
            let mut having = field.values.iter().filter(|value| value.has_stem(key));
            let only = having.next().filter(|value| !value.contains(' '))?;
            having.next().is_none().then(|| (at, only.to_string()))
        })
    }

    /// The only value of records that is little more than this word: `submit_sm` for "submits".
    fn most_of_one(&self, at: usize) -> Option<(usize, String)> {
        const MOST: f32 = 0.7;
        let schema = self.schema;
        let word = &self.wanted.words.list[at];
        if word.key.len() < 5 || word.used != Use::Free {
            return None;
        }
        let mut having = schema.vocabulary.values_with(&word.key).iter().filter_map(|found| {
            let (label, value) = schema.vocabulary.value(*found);
            let field = schema.at(label).filter(|at| schema.fields[*at].part == Part::Record)?;
            Some((field, value))
        });
        let (field, value) = having.next()?;
        let parts = text::words(value);
        let own = parts.iter().find(|part| stem(part) == word.key)?;
        // The end of a domain says nothing: "gmail" is `gmail.com`.
        let top = value.rsplit_once('.').is_some_and(|(_, top)| TOP_DOMAINS.contains(&top));
        let domain = top && parts.len() == 2 && parts.first() == Some(own);
        if self.signal == Signal::Logs && !domain {
            return None;
        }
        let share = own.len() as f32 / parts.iter().map(String::len).sum::<usize>() as f32;
        let role = schema.fields[field].role;
        let telling = !matches!(role, Some(Role::Path | Role::Message | Role::Error));
        (having.next().is_none() && (share >= MOST || domain) && telling)
            .then(|| (field, value.to_owned()))
    }
}

/// `ESME_RTHROTTLED`, `ETIMEDOUT`: written in capitals and in one piece.
fn is_code(value: &str) -> bool {
    value.len() > 6
        && value.bytes().all(|byte| {
            byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-')
        })
        && value.bytes().any(|byte| byte.is_ascii_uppercase())
}
