//! Values of fields that a question names.

use std::ops::Range;

use super::{Reader, Signal};
use crate::{
    records::{Part, Role, Test, Value},
    text,
    vocabulary::{Hit, hits, is_left_out, stem},
    wanted::Use,
};

const DATABASE_WORDS: &[&str] = &[
    "table", "tables", "db", "database", "query", "queries", "sql", "select", "selects", "insert",
    "inserts", "update", "updates", "delete", "deletes", "collection", "collections", "postgres",
    "mysql", "mongo", "mongodb", "redis", "oracle", "statement", "statements", "schema", "rows",
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
            || self.names_another(field, hit)
            || self.signal == Signal::Logs
                && self.schema.fields[field].role == Some(Role::Service)
                && hit.sure < SURE
                && self.conditions.iter().any(|known| known.field == field && !known.negated)
                && self.alternative(field, hit.negated, &hit.words).is_none()
    }

    /// "the matcher" is `v1.Matcher` rather than `Match`: a service that has the word as it is said
    /// goes before another form of it.
    fn names_another(&self, field: usize, hit: &Hit<'_>) -> bool {
        let [at] = *hit.words.clone().collect::<Vec<_>>() else { return false };
        let word = self.word(at);
        let singular = text::singular(word);
        let has = |value: &str| text::words(value).iter().any(|own| own == word || own == singular);
        let led = self.wanted.words.is(at.wrapping_sub(1), &["the", "our"]);
        if self.signal == Signal::Logs || hit.beside || !led || has(hit.value) {
            return false;
        }
        let others = self.schema.with(Role::Service).iter().filter(|other| **other != field);
        let values = others.flat_map(|other| &self.schema.fields[*other].values);
        values.filter(|value| value.words.iter().any(|own| own == word || own == singular)).count()
            == 1
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

    /// Whether a word may name something: it is no grammar, and nothing was made of it.
    pub(super) fn is_open_name(&self, at: usize) -> bool {
        let word = &self.wanted.words.list[at];
        !self.is_spent(at) && matches!(word.used, Use::Free | Use::Form) && word.number.is_none()
    }
}
