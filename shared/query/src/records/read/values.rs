//! Values of fields that a question names.

use std::ops::Range;

use super::{Reader, Signal};
use crate::{
    metric::other_names_of_environment,
    records::{Part, Role, Test, Value},
    text,
    vocabulary::{Hit, Noun, expansions, hits, is_left_out, stem},
    wanted::Use,
};

const DATABASE_WORDS: &[&str] = &[
    "table", "tables", "db", "database", "query", "queries", "sql", "select", "selects", "insert",
    "inserts", "update", "updates", "delete", "deletes", "collection", "collections", "postgres",
    "mysql", "mongo", "mongodb", "redis", "oracle", "statement", "statements", "schema", "rows",
];
/// What the names of hosts end in.
const TOP_DOMAINS: &[&str] = &[
    "com", "net", "org", "io", "dev", "app", "cloud", "example", "internal", "local", "info",
    "edu", "gov", "de", "ch", "at", "uk", "fr", "nl", "it", "es", "eu", "se", "no", "dk", "pl",
    "us",
];
/// Less sure is a coincidence.
const SURE: f32 = 0.55;
/// Another form of one word is likelier to be a coincidence where it would select the source.
const SURE_OF_SOURCE: f32 = 0.8;

impl Reader<'_> {
    pub(super) fn read_values(&mut self) {
        let schema = self.schema;
        let mut found: Vec<(usize, Hit<'_>, f32)> = hits(&self.wanted.words, &schema.vocabulary)
            .into_iter()
            .filter_map(|hit| {
                let field = schema.at(hit.label)?;
                let worth = self.worth(field, &hit)?;
                Some((field, hit, worth))
            })
            .collect();
        found.sort_by(|(_, a, one), (_, b, other)| {
            let places =
                || (a.words.start, a.label, a.value).cmp(&(b.words.start, b.label, b.value));
            // Words between the parts of a value say nothing.
            let said = |hit: &Hit<'_>| hit.words.len().min(text::words(hit.value).len().max(1));
            said(b).cmp(&said(a)).then(other.total_cmp(one)).then_with(places)
        });
        for (field, hit, _) in found {
            if hit.words.clone().any(|at| self.is_spent(at)) && !self.shares_head(field, &hit) {
                continue;
            }
            if self.is_second_guess(field, &hit) {
                continue;
            }
            if let Some((service, name)) = self.service_of_namespace(field, &hit) {
                self.hold_value(service, &name, hit.negated, hit.words);
                continue;
            }
            let prose = match schema.fields[field].role {
                Some(Role::Message) => true,
                Some(Role::Error) => hit.value.contains(' '),
                _ => false,
            };
            let between = self.words_between(&hit);
            if self.signal == Signal::Logs && prose {
                self.hold_text(hit.value, hit.negated, hit.words);
            } else {
                self.hold_value(field, hit.value, hit.negated, hit.words);
            }
            for at in between {
                self.spent[at] = false;
            }
        }
    }

    /// Open words between those of a value: these may still say something.
    fn words_between(&self, hit: &Hit<'_>) -> Vec<usize> {
        let own = text::words(hit.value);
        if hit.words.len() <= own.len() {
            return Vec::new();
        }
        let stems: Vec<String> = own.iter().map(|word| stem(word)).collect();
        let said = |at: &usize| stems.iter().any(|own| *own == self.wanted.words.list[*at].key);
        hit.words.clone().filter(|at| !self.is_spent(*at) && !said(at)).collect()
    }

    /// "the night tariff" names no service that is called after tariffs; and where a service of a
    /// log is named, a word that may be another's by half names none.
    fn is_second_guess(&self, field: usize, hit: &Hit<'_>) -> bool {
        const SURE: f32 = 0.9;
        let noun =
            hit.words.len() == 1 && hit.sure < SURE && self.is_noun_of_value(hit.words.start);
        // "gold members" are gold.
        let doubled = self.conditions.iter().any(|known| {
            known.field == field
                && known.at + 1 == hit.words.start
                && !self.wanted.words.list[known.at].ends_clause
        });
        noun || doubled
            || self.signal == Signal::Logs
                && self.schema.fields[field].role == Some(Role::Service)
                && hit.sure < SURE
                && self.conditions.iter().any(|known| known.field == field && !known.negated)
                && self.alternative(field, hit.negated, &hit.words).is_none()
    }

    /// "Redis or PDO exceptions": two values of one field, the noun of both said once.
    fn shares_head(&self, field: usize, hit: &Hit<'_>) -> bool {
        let start = hit.words.start;
        hit.words.len() > 1
            && !self.is_spent(start)
            && hit.words.clone().any(|at| self.wanted.words.is(at, &["or", "and", "nor"]))
            && hit.words.clone().any(|at| {
                let Some(other) = self.conditions.iter().find(|it| it.at == at) else {
                    return false;
                };
                other.field == field && other.negated == hit.negated
            })
    }

    /// People name services; that one runs in a namespace of nearly the same name says less.
    fn service_of_namespace(&self, field: usize, hit: &Hit<'_>) -> Option<(usize, String)> {
        let known = &self.schema.fields[field];
        let stems = self.schema.stems(field);
        let namespace = stems.iter().any(|stem| matches!(stem.as_str(), "namespac" | "ns"));
        if !namespace || known.part != Part::Source || hit.beside {
            return None;
        }
        let service = self.schema.first(Role::Service)?;
        let own = text::words(hit.value);
        let begins = |value: &&Value| value.words.starts_with(&own);
        let mut having = self.schema.fields[service].values.iter().filter(begins);
        let only = having.next().filter(|_| self.schema.fields[service].part == Part::Source)?;
        having.next().is_none().then(|| (service, only.to_string()))
    }

    /// How likely a value is meant; `None` where it is not.
    fn worth(&self, field: usize, hit: &Hit<'_>) -> Option<f32> {
        let known = &self.schema.fields[field];
        let left_to_others = matches!(
            known.role,
            Some(Role::Status | Role::GrpcStatus | Role::Level | Role::TraceId)
        );
        let numeric = known.is_number() && !hit.beside;
        let exact = self.word(hit.words.start).eq_ignore_ascii_case(hit.value);
        let single = known.part == Part::Source && hit.words.len() == 1;
        let least = if single && !exact { SURE_OF_SOURCE } else { SURE };
        // "hit" and "miss" are verbs unless caches are spoken of.
        let verb = matches!(hit.value, "hit" | "miss" | "get" | "set" | "process" | "receive")
            && !hit.beside
            && !self.schema.stems(field).iter().any(|stem| self.says_stem(&(0..self.len()), stem));
        let failed = self.signal == Signal::Traces
            && hit.words.len() == 1
            && super::level::FAILED.contains(&self.word(hit.words.start))
            && !self.word(hit.words.start).eq_ignore_ascii_case(hit.value);
        let stems = self.schema.stems(field);
        // Tables and databases are often called what the business is about.
        let table = stems.first().is_some_and(|stem| stem == "db")
            && known.role != Some(Role::Database)
            && !hit.beside
            && !self.wanted.words.has(DATABASE_WORDS)
            && hit.words.len() == 1;
        let route = known.role == Some(Role::Path)
            && !hit.beside
            && !self.word(hit.words.start).contains('/');
        if failed || verb || table || route || left_to_others || numeric || hit.sure < least {
            return None;
        }
        let named = known.part == Part::Source && self.schema.first(Role::Service) == Some(field);
        // What lines say in words is no name.
        let prose = known.role == Some(Role::Message)
            || known.role == Some(Role::Error) && hit.value.contains(' ');
        let bonus = match known.part {
            _ if named => 0.3,
            Part::Source => 0.15,
            _ if prose => -0.2,
            _ => 0.0,
        };
        if prose && hit.words.len() == 1 && hit.sure < 0.95 {
            return None;
        }
        Some(hit.sure + bonus + if hit.beside { 0.5 } else { 0.0 })
    }

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
        let sampled = self.sampled_places();
        for at in 0..self.len() {
            let word = &self.wanted.words.list[at];
            let open = self.is_open_name(at) && word.used == Use::Free && !sampled.contains(&at);
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
                let negated = is_left_out(&self.wanted.words, &(at..at + 1));
                self.hold_value(*field, value, negated, at..at + 1);
            }
        }
    }

    /// Holds a field to a value; another value beside it is an alternative.
    pub(super) fn hold_value(
        &mut self,
        field: usize,
        value: &str,
        negated: bool,
        words: Range<usize>,
    ) {
        let other = self.alternative(field, negated, &words);
        if let Some(Test::Is(values)) = other.map(|other| &mut self.conditions[other].test) {
            if !values.iter().any(|known| known == value) {
                values.push(value.to_owned());
            }
            return self.spend(words);
        }
        self.require(field, Test::Is(vec![value.to_owned()]), negated, words);
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
            if let Some((field, value)) = found {
                let negated = is_left_out(&self.wanted.words, &(at..at + 1));
                self.hold_value(field, &value, negated, at..at + 1);
            }
        }
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

    /// "GETs", "a POST".
    pub(super) fn read_methods(&mut self) {
        const METHODS: &[&str] = &["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];
        let Some(field) = self.schema.first(Role::Method) else { return };
        for at in 0..self.len() {
            let raw = self.wanted.words.list[at].raw.trim_end_matches('s');
            let Some(method) = METHODS.iter().find(|method| **method == raw) else { continue };
            if !self.is_spent(at) {
                let negated = is_left_out(&self.wanted.words, &(at..at + 1));
                self.hold_value(field, method, negated, at..at + 1);
            }
        }
    }

    /// The condition on a field that a value stands beside as an alternative: "billing or orders".
    pub(super) fn alternative(
        &self,
        field: usize,
        negated: bool,
        words: &Range<usize>,
    ) -> Option<usize> {
        let linked = |other: usize| {
            let between =
                if other < words.start { other + 1..words.start } else { words.end..other };
            let links: &[&str] = match self.signal {
                Signal::Logs => &["and", "or", "&", "plus", "vs", "versus", "nor"],
                // Two services of one trace are two sets of spans.
                Signal::Traces => &["or", "nor"],
            };
            between.len() <= 5
                && !between.clone().any(|at| self.is_correction(at))
                && between.clone().any(|at| self.wanted.words.is(at, links))
        };
        self.conditions.iter().position(|known| {
            known.field == field
                && known.negated == negated
                && matches!(known.test, Test::Is(_))
                && linked(known.at)
        })
    }

    /// "on WhatsApp … no, on SMS": of two values of a field the one said last holds.
    pub(super) fn read_corrections(&mut self) {
        const NEAR: usize = 6;
        for at in 0..self.len() {
            if !self.is_correction(at) {
                continue;
            }
            self.spend(at..at + 1);
            let after: Vec<usize> = self
                .conditions
                .iter()
                .filter(|it| it.at > at && it.at - at <= NEAR)
                .map(|it| it.field)
                .collect();
            self.conditions.retain(|it| {
                let taken_back = it.at < at && at - it.at <= NEAR && after.contains(&it.field);
                !taken_back || !matches!(it.test, Test::Is(_) | Test::Class(_))
            });
        }
    }

    /// Whether a word takes back what was said before it.
    pub(super) fn is_correction(&self, at: usize) -> bool {
        const SAID: &[&str] =
            &["sorry", "oops", "wait", "rather", "correction", "nope", "actually"];
        let words = &self.wanted.words;
        let begins = at > 0 && words.list[at - 1].ends_clause;
        let ends = words.list.get(at).is_some_and(|word| word.ends_clause);
        begins && words.is(at, SAID)
            || begins && words.is(at, &["no"]) && (ends || words.is(at + 1, SAID))
            || words.is(at, &["sorry"]) && words.is(at.wrapping_sub(1), &["no"])
            || words.are(at, &["i", "mean"])
            || words.are(at, &["i", "meant"])
            || words.are(at, &["scratch", "that"])
            || words.are(at, &["make", "that"])
    }

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

    /// Whether a word may name something: it is no grammar, and nothing was made of it.
    pub(super) fn is_open_name(&self, at: usize) -> bool {
        let word = &self.wanted.words.list[at];
        !self.is_spent(at) && matches!(word.used, Use::Free | Use::Form) && word.number.is_none()
    }

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

/// `ESME_RTHROTTLED`, `ETIMEDOUT`: written in capitals and in one piece.
fn is_code(value: &str) -> bool {
    value.len() > 6
        && value.bytes().all(|byte| {
            byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-')
        })
        && value.bytes().any(|byte| byte.is_ascii_uppercase())
}
