//! What rows are told apart by.

use std::ops::Range;

use super::{Reader, Signal};
use crate::{
    records::{Field, Form, Part, Role, Test},
    vocabulary::Noun,
    wanted::Row,
};

/// How well the noun of "which …" must name a field.
const SURE: f32 = 0.7;
const VERBS: &[&str] =
    &["log", "write", "produce", "produces", "see", "get", "have", "emit", "spam"];
/// "served by host" may be who serves.
const EXACT: f32 = 0.9;

impl Reader<'_> {
    pub(super) fn read_rows(&mut self) {
        let rows = self.wanted.rows.clone();
        let several = self.wanted.rank.is_some();
        let mut said_any = false;
        for row in rows.iter().filter(|row| row.said) {
            let least = if row.doubtful { EXACT } else { 0.0 };
            let no_row = self.is_taken_back(row, &rows) || self.is_no_row(row);
            said_any |= !no_row && self.read_row(row, least);
        }
        for row in rows.iter().filter(|row| !row.said) {
            let start = row.words.start;
            let which = self.wanted.words.is(start.wrapping_sub(1), &["which", "what", "whose"]);
            let counts = self.wanted.cues.counts || self.wanted.cues.rates;
            if several && !said_any || which && counts && !said_any {
                said_any |= self.read_row(row, SURE);
            }
        }
    }

    /// The part of the words that names a field best, from the head back: "production service" is a
    /// service, "consumer group" no group.
    pub(super) fn read_row(&mut self, row: &Row, least: f32) -> bool {
        const PER_WORD: f32 = 0.02;
        if self.read_kind(row) {
            return true;
        }
        let range = row.words.clone();
        let mut best: Option<(usize, f32, Range<usize>)> = None;
        for end in (range.start + 1..=range.end).rev() {
            // "which applications logged": what they did is no part of what they are called.
            let verb = self.word(end - 1).ends_with("ed") || self.wanted.words.is(end - 1, VERBS);
            if verb && end - range.start > 1 {
                continue;
            }
            for start in range.start..end {
                let lower: Vec<&str> = (start..end).map(|at| self.word(at)).collect();
                let found =
                    self.schema.named(&Noun::new(&lower), |field| self.may_tell_apart(field));
                let found = self.named_by_beginnings(&(start..end)).or(found);
                let Some((field, fit)) = found.filter(|(_, fit)| *fit >= least) else { continue };
                let fit = fit + PER_WORD * lower.len() as f32;
                if best.as_ref().is_none_or(|(_, known, _)| fit > *known) {
                    best = Some((field, fit, start..end));
                }
            }
        }
        if best.as_ref().is_none_or(|(_, fit, _)| *fit < EXACT) && self.read_span_name(row) {
            return true;
        }
        let Some((field, _, words)) = best else { return false };
        if !self.by.contains(&field) {
            self.by.push(field);
        }
        self.by_words.extend(words.clone());
        self.spend(words);
        true
    }

    /// Whether "by" is said of who does something, or of what something is judged by.
    fn is_no_row(&self, row: &Row) -> bool {
        const JUDGED: &[&str] = &[
            "going", "judging", "measured", "sorted", "ordered", "ranked", "filter", "filtered",
            "caused", "told",
        ];
        let words = &self.wanted.words;
        let start = row.words.start;
        let by = (start.saturating_sub(3)..start).rev().find(|at| words.is(*at, &["by"]));
        let judged = by.is_some_and(|by| words.is(by.wrapping_sub(1), JUDGED));
        let first = &words.list[start];
        let value = !row.each
            && self.schema.vocabulary.values_like(&first.key).iter().any(|at| {
                let (_, value) = self.schema.vocabulary.value(*at);
                at.whole && value.eq_ignore_ascii_case(&first.raw)
            });
        // "written by the image proxy"
        let actor = !row.each
            && (start + 2..=row.words.end).any(|end| {
                let key = words.run_together(start..end);
                self.schema.vocabulary.values_like(&key).iter().any(|at| at.whole)
            });
        // "per 5-minute step" is a resolution.
        let measured = words.list[start].number.is_some()
            || start > 0 && words.list[start - 1].number.is_some();
        // "every line", "each request" are records.
        let records =
            row.words.clone().any(|at| words.is(at, &["line", "lines", "entry", "entries"]));
        self.is_owner_of_value(row)
            || self.is_every_of_family(row)
            || judged
            || value
            || actor
            || measured
            || records
            || self.is_everything(row)
    }

    /// "by operator op-17": whose value is said is one and no row.
    fn is_owner_of_value(&self, row: &Row) -> bool {
        let words = &self.wanted.words;
        (row.words.start + 1..=row.words.end).any(|at| {
            let Some(word) = words.list.get(at).filter(|_| !words.list[at - 1].ends_clause) else {
                return false;
            };
            let field = self.schema.fields.iter().position(|field| field.holds(&word.raw));
            field.is_some_and(|field| {
                let coded = word.raw.bytes().any(|byte| byte.is_ascii_digit());
                coded && self.schema.stems(field).contains(&words.list[at - 1].key)
            })
        })
    }

    /// "every breaker command": those of a kind, and none told apart.
    fn is_every_of_family(&self, row: &Row) -> bool {
        let words = &self.wanted.words;
        let start = row.words.start;
        let every = words.is(start.wrapping_sub(1), &["every"]);
        let key = &words.list[start].key;
        self.signal == Signal::Traces
            && every
            && row.words.len() > 1
            && self.is_unmeasured()
            && self.schema.fields.iter().any(|field| {
                field.part == Part::Record && field.values.iter().any(|value| value.has_stem(key))
            })
    }

    /// Whether nothing is counted, measured or ranked.
    fn is_unmeasured(&self) -> bool {
        let cues = &self.wanted.cues;
        !(cues.counts || cues.rates || cues.per_s.is_some() || self.wanted.statistic.is_some())
            && self.wanted.rank.is_none()
    }

    /// "across all services" is said of the whole where rows are told apart by something else.
    fn is_everything(&self, row: &Row) -> bool {
        let words = &self.wanted.words;
        let start = row.words.start;
        let all = words.is(start.wrapping_sub(1), &["all"])
            && words.is(start.wrapping_sub(2), &["across", "over"])
            || words.is(start, &["all"]) && words.is(start.wrapping_sub(1), &["across", "over"]);
        let all = all
            || words.is(start, &["all"])
            || words.is(start.wrapping_sub(1), &["all"])
                && words.is(start.wrapping_sub(2), &["for", "of", "from"]);
        let across = words.is(start.wrapping_sub(1), &["across"]);
        let other = self.wanted.rows.iter().any(|other| other.said && other.words != row.words);
        all && other || (all || across) && self.is_for_records()
    }

    /// Whether it is asked to see records.
    fn is_for_records(&self) -> bool {
        self.is_unmeasured()
            && self
                .wanted
                .words
                .has(&["show", "tail", "list", "find", "print", "look", "get", "give"])
    }

    /// "exceptions by class", "errors by type": the noun before says of what.
    fn read_kind(&mut self, row: &Row) -> bool {
        const KINDS: &[&str] = &["class", "type", "kind", "classes", "types", "kinds", "name"];
        let range = row.words.clone();
        let by = range.start.checked_sub(1).filter(|by| self.wanted.words.is(*by, &["by", "per"]));
        let what = by.and_then(|by| by.checked_sub(1));
        let Some(what) = what.filter(|_| self.wanted.words.is(range.start, KINDS)) else {
            return false;
        };
        let nouns = [self.word(what), self.word(range.start)];
        let may = |field: &Field| self.may_tell_apart(field) && field.part == Part::Record;
        let named = |noun: &[&str]| {
            self.schema.named(&Noun::new(noun), may).filter(|(_, fit)| *fit >= EXACT)
        };
        let Some((field, _)) = named(&nouns).or_else(|| named(&nouns[..1])) else { return false };
        if !self.by.contains(&field) {
            self.by.push(field);
        }
        if self.schema.fields[field].role == Some(Role::Error) {
            self.require(field, Test::Present, false, what..what + 1);
        }
        self.by_words.extend(range.clone());
        self.spend(range.start..range.start + 1);
        true
    }

    /// A field that is called by the beginnings of words: `idp` for "identity provider".
    fn named_by_beginnings(&self, range: &Range<usize>) -> Option<(usize, f32)> {
        const SHORTEST: usize = 3;
        let words: Vec<&str> = range.clone().map(|at| self.word(at)).collect();
        let found = self.schema.fields.iter().position(|field| {
            words.len() > 1
                && (SHORTEST..=2 * words.len()).contains(&field.name.len())
                && !words[0].starts_with(field.name.as_str())
                && self.may_tell_apart(field)
                && is_of_beginnings(&field.name, &words)
        });
        found.map(|field| (field, 1.0))
    }

    fn may_tell_apart(&self, field: &Field) -> bool {
        // A number without a unit may still be an id: "by OSD".
        let numeric = field.is_number()
            && (field.role.is_some() || field.form != Form::Number(None))
            && !matches!(field.role, Some(Role::Status | Role::GrpcStatus));
        !numeric && field.role != Some(Role::TraceId) && field.part != Part::Intrinsic
    }

    /// "by span name", "per operation".
    fn read_span_name(&mut self, row: &Row) -> bool {
        if self.signal == Signal::Logs {
            return false;
        }
        let name = row
            .words
            .clone()
            .find(|at| self.wanted.words.is(*at, &["name", "names", "operation", "operations"]));
        let (Some(at), Some(field)) = (name, self.schema.at("name")) else { return false };
        self.by.push(field);
        self.spend(row.words.start..at + 1);
        true
    }
}

/// Whether a name is made of one or two letters from the beginning of each word.
fn is_of_beginnings(name: &str, words: &[&str]) -> bool {
    let Some((first, others)) = words.split_first() else { return name.is_empty() };
    (1..=2).any(|length| {
        let begins = first.get(..length).filter(|beginning| name.starts_with(beginning));
        begins.is_some_and(|_| is_of_beginnings(&name[length..], others))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_made_of_beginnings() {
        for (name, words, expected) in [
            ("idp", &["identity", "provider"][..], true),
            ("asn", &["autonomous", "system", "number"], true),
            ("dn", &["domain", "name"], true),
            ("idp", &["image", "proxy"], false),
            ("host", &["home", "office"], false),
        ] {
            assert_eq!(is_of_beginnings(name, words), expected, "{name}");
        }
    }
}
