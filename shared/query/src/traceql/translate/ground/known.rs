//! One attribute of the catalog: what its name is about, and what its values are.

use super::forms::name_stems;
use crate::{
    catalog::stem,
    text,
    traceql::{
        ast::{Attribute, Field, Intrinsic, Literal, Reference, Scope},
        translate::synonyms::{is_generic, is_place, related},
    },
};

/// An attribute or intrinsic of the catalog.
#[derive(Debug)]
pub(in crate::traceql::translate) struct Known<'a> {
    pub(in crate::traceql::translate) reference: Reference,
    pub(in crate::traceql::translate) values: &'a [String],
    /// The stems of its name, without the scope.
    pub(super) stems: Vec<String>,
    /// Which of them says what it is: `route` in `http.route`, `service` in `service.name`.
    pub(super) tail: usize,
    pub(in crate::traceql::translate) holds: Holds,
}

/// What the samples say the values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::traceql::translate) enum Holds {
    Text,
    Numbers,
    Booleans,
}

impl<'a> Known<'a> {
    pub(super) fn new(key: &'a str, values: &'a [String]) -> Self {
        let reference = reference(key);
        let name = match &reference {
            Reference::Attribute(attribute) => attribute.name.as_str(),
            Reference::Intrinsic(intrinsic) => intrinsic.word(),
        };
        let stems = name_stems(name);
        let tail = tail_of(name, &stems);
        let all = |holds: fn(&str) -> bool| !values.is_empty() && values.iter().all(|it| holds(it));
        // A version may look like a number, and is none.
        let version = stem("version");
        let versioned =
            stems.get(tail).is_some_and(|tail| *tail == version || related(tail, &version));
        // Intrinsics that take text take nothing else.
        let is_intrinsic = matches!(reference, Reference::Intrinsic(_));
        let holds = if is_intrinsic {
            Holds::Text
        } else if all(|value| number(value).is_some()) && !versioned {
            Holds::Numbers
        } else if all(|value| matches!(value, "true" | "false")) {
            Holds::Booleans
        } else {
            Holds::Text
        };
        Self { reference, values, stems, tail, holds }
    }

    /// Whether a word is in the name.
    pub(in crate::traceql::translate) fn has(&self, word: &str) -> bool {
        self.stems.iter().any(|own| *own == stem(word))
    }

    /// Whether the name is about a thing, whatever it is called.
    pub(in crate::traceql::translate) fn is_about(&self, word: &str) -> bool {
        let word = stem(word);
        self.stems.get(self.tail).is_some_and(|tail| *tail == word || related(tail, &word))
    }

    /// Whether all of two or more telling words of the name are among the stems.
    pub(in crate::traceql::translate) fn is_told_by(&self, stems: &[&str]) -> bool {
        let telling: Vec<&String> = self.stems.iter().filter(|own| !is_generic(own)).collect();
        telling.len() > 1 && telling.iter().all(|own| stems.contains(&own.as_str()))
    }

    /// The part of the trade that it belongs to.
    pub(in crate::traceql::translate) fn domain(&self) -> Option<String> {
        if self.is_about("topic") { Some(stem("messaging")) } else { self.first_stem().cloned() }
    }

    /// Whether its values are everyday nouns, which must be said to be meant.
    pub(in crate::traceql::translate) fn holds_places(&self) -> bool {
        self.stems.get(self.tail).is_some_and(|tail| is_place(tail))
            || self.stems == [stem("db"), stem("name")]
    }

    pub(in crate::traceql::translate) fn first_stem(&self) -> Option<&String> {
        self.stems.first().filter(|_| self.stems.len() > 1)
    }

    pub(super) fn holds_http_codes(&self) -> bool {
        self.holds == Holds::Numbers
            && self
                .values
                .iter()
                .all(|value| number(value).is_some_and(|code| (100.0..600.0).contains(&code)))
            && (self.has("status") || self.has("code") || self.has("rc") || self.is_about("status"))
            && !self.has("grpc")
    }

    /// How well words name it: the share of the words that it has, less what it has besides. A word
    /// in front weighs little, the one that says what it is much.
    pub(super) fn score(&self, asked: &[String]) -> f64 {
        let mut matched = vec![false; self.stems.len()];
        let mut covered = 0.0;
        for word in asked {
            let fit = |own: &String| match own {
                own if own == word => 1.0_f64,
                own if related(own, word) || is_short_for(own, word) => 0.85,
                own if is_skeleton_of(own, word) => 0.82,
                _ => 0.0,
            };
            let best = (0..self.stems.len())
                .map(|at| (at, fit(&self.stems[at])))
                .filter(|(_, score)| *score > 0.0)
                .max_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
            if let Some((at, score)) = best {
                matched[at] = true;
                covered += score;
            }
        }
        let share = covered / asked.len().max(1) as f64;
        let missing: f64 = (0..self.stems.len())
            .filter(|at| !matched[*at])
            .map(|at| if at == self.tail { 0.35 } else { 0.02 })
            .sum();
        (share - missing).max(0.0)
    }

    /// What a value of it is compared with: numbers and truths stand without quotation marks.
    pub(in crate::traceql::translate) fn literal(&self, value: &str) -> Field {
        let number = number(value).filter(|_| self.holds == Holds::Numbers);
        match (self.holds, value) {
            (Holds::Booleans, "true") => Field::Literal(Literal::Boolean(true)),
            (Holds::Booleans, "false") => Field::Literal(Literal::Boolean(false)),
            _ => number.map_or_else(|| Field::Literal(Literal::String(value.to_owned())), numeric),
        }
    }
}

/// Which of a name's words says what it is about.
fn tail_of(name: &str, stems: &[String]) -> usize {
    // `rows_affected` is about rows.
    let last = text::words(name.rsplit('.').next().unwrap_or(name));
    let is_participle = |word: &String| word.len() > 4 && word.ends_with("ed");
    let participle = last.len() > 1 && last.last().is_some_and(is_participle);
    let end = stems.len() - usize::from(participle);
    let telling = stems[..end].iter().rposition(|stem| !is_generic(stem));
    telling.unwrap_or(stems.len().saturating_sub(1))
}

/// The number as it is written in a query.
pub(in crate::traceql::translate) fn numeric(number: f64) -> Field {
    let size = number.abs();
    let literal = if size.fract() == 0.0 && size < 9e15 {
        Literal::Integer(size as i64)
    } else {
        Literal::Float(size)
    };
    if number < 0.0 {
        Field::Minus(Box::new(Field::Literal(literal)))
    } else {
        Field::Literal(literal)
    }
}

fn number(value: &str) -> Option<f64> {
    let plain = value.strip_prefix('-').unwrap_or(value);
    let digits = plain.starts_with(|c: char| c.is_ascii_digit())
        && plain.chars().all(|c| c.is_ascii_digit() || c == '.');
    if digits { value.parse().ok().filter(|number: &f64| number.is_finite()) } else { None }
}

/// What a key of the catalog is in a query.
pub(super) fn reference(key: &str) -> Reference {
    if let Some(intrinsic) = Intrinsic::from_word(key) {
        return Reference::Intrinsic(intrinsic);
    }
    let scoped =
        key.split_once('.').and_then(|(scope, name)| Some((Scope::from_word(scope)?, name)));
    let (scope, name) = match scoped {
        Some((scope, name)) if !name.is_empty() => (Some(scope), name),
        _ => (None, key.strip_prefix('.').unwrap_or(key)),
    };
    Reference::Attribute(Attribute { parent: false, scope, name: name.to_owned() })
}

/// "architecture" for `arch`
fn is_short_for(own: &str, word: &str) -> bool {
    own.len() > 2 && word.len() >= own.len() + 3 && word.starts_with(own)
}

/// "quantity" for `qty`: consonants of the word, in order, from its first letter to near its end.
fn is_skeleton_of(own: &str, word: &str) -> bool {
    let consonants =
        own.len() > 2 && own.chars().all(|c| c.is_ascii_alphabetic() && !"aeiou".contains(c));
    if !consonants || word.len() < own.len() + 2 || own.chars().next() != word.chars().next() {
        return false;
    }
    let mut rest = word.chars();
    own.chars().all(|letter| rest.any(|other| other == letter)) && rest.count() < 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known<'a>(name: &'a str, values: &'a [String]) -> Known<'a> {
        Known::new(name, values)
    }

    #[test]
    fn names_are_scored_by_what_they_are_about() {
        let asked = |words: &str| name_stems(words);
        for (words, better, worse) in [
            ("service", "resource.service.name", "resource.service.version"),
            ("version", "resource.service.version", "resource.process.runtime.version"),
            ("consumer group", "span.messaging.kafka.consumer.group", "span.messaging.system"),
            ("data centre", "resource.acme.dc", "resource.host.name"),
            ("tier", "span.user.tier", "span.user.id"),
            ("user", "span.user.id", "span.user.tier"),
            ("output tokens", "span.gen_ai.usage.output_tokens", "span.gen_ai.usage.input_tokens"),
            ("rows", "span.db.rows_affected", "span.db.sql.table"),
            ("quantity", "span.z.qty", "span.z.sym"),
            ("architecture", "resource.host.arch", "resource.host.name"),
        ] {
            let (better, worse) = (known(better, &[]), known(worse, &[]));
            let (high, low) = (better.score(&asked(words)), worse.score(&asked(words)));
            assert!(high > low && high > 0.75, "{words}: {high} {low}");
        }
    }

    #[test]
    fn samples_say_what_values_are() {
        let samples = |values: &[&str]| values.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        for (name, values, value, expected) in [
            ("span.http.status_code", &["200", "503"][..], "404", "404"),
            ("span.temperature", &["-3", "20.5"], "-4", "-4"),
            ("resource.service.version", &["2024", "2025"], "2024", "\"2024\""),
            ("span.cache.hit", &["true", "false"], "true", "true"),
            ("span.order.id", &["o-1"], "7", "\"7\""),
            ("span.empty", &[], "7", "\"7\""),
            ("name", &["1", "2"], "1", "\"1\""),
        ] {
            let values = samples(values);
            assert_eq!(known(name, &values).literal(value).to_string(), expected, "{name}");
        }
    }
}
