//! Values that no sample shows, told by the name of their attribute; and names misspelt.

use std::ops::Range;

use super::{Condition, Reader, text};
use crate::{
    text::singular,
    traceql::{
        ast::{Comparison, Field, Literal},
        translate::{
            ground::{Ground, Holds},
            words::Word,
        },
    },
};

/// The most words of an attribute's name that are read as one.
const MOST_WORDS: usize = 3;
/// How well words must name an attribute for the word beside them to be its value.
const NAMED: f64 = 0.85;
/// What stands between a name and its value.
const VALUE_LINKS: &[&str] = &["is|was|equals|=|: the?", "of|named|called|with? id|name?"];
/// Those of them behind which any word is the value.
const SURE_LINKS: &[&str] = &["=", ":", "is", "equals", "named", "called"];
const ABSENT: &[&str] = &[
    "with|has|have|having|carry|carrying? no|without a|an|any|the?",
    "missing|lacking a|an|any|the?",
    "no",
];
const PRESENT: &[&str] = &["with|has|have|having|carrying|that|where? a|an|the|any|some"];
const STATED: &[&str] = &[
    "attribute|tag|label|value|field? is? set|present|recorded|attached|at all?",
    "attribute|tag|label",
];
/// Words too small to be a value.
const LITTLE: &[&str] = &[
    "that", "which", "where", "what", "who", "and", "the", "not", "above", "over", "under",
    "below", "more", "less", "than", "missing", "set", "between",
];
/// What makes a number a measure.
const UNITS: &[&str] =
    &["ms", "s", "m", "h", "us", "ns", "µs", "min", "sec", "k", "kb", "mb", "gb", "xx", "+"];

impl Reader<'_, '_> {
    /// `http.route = /cart`, `tenant=acme`, "status_code >= 500": an attribute by its own name.
    pub(super) fn read_assignments(&mut self) {
        for at in 0..self.words.len().saturating_sub(2) {
            let comparison = match self.lower(at + 1) {
                "=" | "==" => Comparison::Equal,
                "!=" => Comparison::NotEqual,
                ">" => Comparison::Above,
                ">=" | "≥" => Comparison::AtLeast,
                "<" => Comparison::Below,
                "<=" | "≤" => Comparison::AtMost,
                _ => continue,
            };
            let name = &self.words[at..=at];
            let named = || self.ground.named(name, &[], NAMED).map(|(known, _)| known);
            let code = self.http_code(at);
            let known = self.ground.called(&name[0].lower).or(code).or_else(named);
            let Some(known) = known.filter(|_| !self.taken[at]) else { continue };
            let said = &self.words[at + 2..at + 3];
            let hit = self.ground.hits(said).into_iter().find(|hit| hit.known == known);
            let value = self.ground.literal(known, hit.map_or(said[0].text, |hit| hit.value));
            let ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
            let numbers = self.ground.known[known].holds == Holds::Numbers;
            let is_text = matches!(value, Field::Literal(Literal::String(_)));
            if numbers == is_text && (ordered || numbers) {
                continue;
            }
            let subject = self.ground.reference(known);
            self.measures.retain(|it| it.words.end <= at || it.words.start > at + 2);
            self.push(Condition { words: at..at + 3, subject, comparison, value });
        }
    }

    /// "status >= 500" is about HTTP, whatever else has a status.
    fn http_code(&self, at: usize) -> Option<usize> {
        let code = self.lower(at + 2).parse().is_ok_and(|code: u16| (100..600).contains(&code));
        let says = ["status", "code", "status_code"].contains(&self.lower(at));
        self.ground.http_status().filter(|_| code && says)
    }

    /// "order id o-9999", "tenant initech", "the eu-north-1 region", "cached responses".
    pub(super) fn read_named_values(&mut self) {
        for at in 0..self.words.len() {
            let condition = self.names_at(at).find_map(|name| {
                self.missed(&name).or_else(|| {
                    let (known, _) = self.ground.named(&self.words[name.clone()], &[], NAMED)?;
                    self.value_beside(&name, known)
                })
            });
            if let Some(condition) = condition {
                self.push(condition);
            }
        }
    }

    /// The words from `at` on that may be one name, the most first.
    fn names_at(&self, at: usize) -> impl Iterator<Item = Range<usize>> {
        (1..=MOST_WORDS).rev().map(move |count| at..at + count).filter(|name| {
            self.is_free(name.clone())
                && !self.is_measured(name)
                && !self.words[name.start + 1..name.end].iter().any(|word| word.breaks)
        })
    }

    /// "cache misses", where hits are recorded.
    fn missed(&self, name: &Range<usize>) -> Option<Condition> {
        let misses = ["miss", "misses", "missed", "missing"];
        if name.len() < 2 || !misses.contains(&self.lower(name.end - 1)) {
            return None;
        }
        let mut words = self.words[name.clone()].to_vec();
        if let Some(last) = words.last_mut() {
            last.lower = "hit".to_owned();
            last.stem = "hit".to_owned();
        }
        let (known, _) = self.ground.named(&words, &[], NAMED)?;
        let truth = self.ground.known[known].holds == Holds::Booleans;
        let value = Field::Literal(Literal::Boolean(self.is_negated(name.start)));
        truth.then(|| Condition::is(name.clone(), self.ground.reference(known), value))
    }

    /// The value that stands behind or before a name.
    fn value_beside(&self, name: &Range<usize>, known: usize) -> Option<Condition> {
        let subject = self.ground.reference(known);
        if self.ground.known[known].holds == Holds::Booleans {
            let value = Field::Literal(Literal::Boolean(!self.is_negated(name.start)));
            return Some(Condition::is(name.clone(), subject, value));
        }
        let near =
            |words: &Range<usize>| words.start <= name.end + 2 && name.start <= words.end + 2;
        if self.conditions.iter().any(|it| it.subject == subject && near(&it.words)) {
            return None;
        }
        let link = self.fits(name.end, VALUE_LINKS).unwrap_or(0);
        let sure = link > 0 && SURE_LINKS.contains(&self.lower(name.end));
        let behind = name.end + link;
        let value = if self.may_be_value(behind, known, sure) && !self.words[behind].breaks {
            behind
        } else {
            let before = name.start.checked_sub(1).filter(|_| !self.words[name.start].breaks)?;
            self.may_be_value(before, known, false).then_some(before)?
        };
        let words = name.start.min(value)..name.end.max(value + 1);
        let negated = self.is_negated(words.start) || self.before(behind, 1) == "not";
        let literal = self.ground.literal(known, self.words[value].text);
        Some(Condition::is(words, subject, literal).negated_if(negated))
    }

    /// Whether a word may be a value of the attribute: where a link says so any that means
    /// something, elsewhere one that has the form of a value.
    fn may_be_value(&self, at: usize, known: usize, sure: bool) -> bool {
        let numbers = self.ground.known[known].holds == Holds::Numbers;
        self.words.get(at).is_some_and(|word| {
            let says = !Ground::is_everyday(std::slice::from_ref(word)) && !is_little(word);
            let formed =
                word.quoted || has_form_of_value(word, numbers) || sure && says && !numbers;
            formed && !self.taken[at] && !self.is_measured(&(at..at + 1))
        })
    }

    /// "with no tenant", "with a feature flag set": whether there is a value at all.
    pub(super) fn read_presence(&mut self) {
        for at in 0..self.words.len() {
            let absent = self.fits(at, ABSENT);
            let Some(lead) = absent.or_else(|| self.fits(at, PRESENT)) else { continue };
            let condition = self.names_at(at + lead).find_map(|name| {
                let (known, _) = self.ground.named(&self.words[name.clone()], &[], NAMED)?;
                let stated = self.fits(name.end, STATED);
                let comparison = match (absent, stated) {
                    (Some(_), _) => Comparison::Equal,
                    (None, Some(_)) => Comparison::NotEqual,
                    (None, None) => return None,
                };
                let words = name.start..name.end + stated.unwrap_or(0);
                let subject = self.ground.reference(known);
                Some(Condition { words, subject, comparison, value: Field::Literal(Literal::Nil) })
            });
            if let Some(condition) = condition.filter(|_| self.is_free(at..at + lead)) {
                self.push(condition);
            }
        }
    }

    /// A service's name with one slip: "chekout".
    pub(super) fn read_slips(&mut self) {
        const LEAST_CHARS: usize = 6;
        let Some(service) = self.ground.service() else { return };
        for at in 0..self.words.len() {
            let word = &self.words[at];
            if self.taken[at] || word.quoted || word.lower.chars().count() < LEAST_CHARS {
                continue;
            }
            let is_slip = |value: &&String| {
                let value = value.to_lowercase();
                strsim::damerau_levenshtein(&word.lower, &value) == 1
                    && singular(&word.lower) != singular(&value)
            };
            let mut near = service.values.iter().filter(is_slip);
            let (Some(value), None) = (near.next(), near.next()) else { continue };
            let note = format!("I read `{}` as `{value}`.", word.text);
            let condition =
                Condition::is(at..at + 1, service.reference.clone(), text(value.clone()));
            let negated = self.is_negated(at);
            self.push(condition.negated_if(negated));
            self.notes.push(note);
        }
    }
}

/// Whether a word has the form of a value: digits, separators, capitals inside.
fn has_form_of_value(word: &Word<'_>, numbers: bool) -> bool {
    let text = word.text;
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if numbers || is_number {
        return is_number && (numbers || text.len() > 1);
    }
    let digits = text.contains(|c: char| c.is_ascii_digit());
    let capitals =
        text.chars().skip(1).any(char::is_uppercase) && text.contains(char::is_lowercase);
    let separators = text.contains(['_', '/', ':', '@']);
    (digits || capitals || separators) && !is_measure(word)
}

fn is_measure(word: &Word<'_>) -> bool {
    let unit =
        word.lower.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    unit.len() < word.lower.len() && UNITS.contains(&unit)
}

fn is_little(word: &Word<'_>) -> bool {
    word.lower.chars().count() < 3 || LITTLE.contains(&word.lower.as_str())
}
