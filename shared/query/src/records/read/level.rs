//! How bad a record is: the level of lines, the status of spans.

use std::ops::Range;

use super::{Reader, Signal};
use crate::{
    records::{Role, Test},
    vocabulary::is_left_out,
};

/// Levels from the mildest on, with what people and programs call them.
const LEVELS: &[&[&str]] = &[
    &["trace"],
    &["debug", "dbg", "d"],
    &["info", "information", "informational", "i", "notice"],
    &["warn", "warning", "warnings", "warns", "w", "wrn"],
    &["error", "errors", "err", "errs", "e", "severe", "errored"],
    &[
        "fatal", "fatals", "ftl", "critical", "criticals", "crit", "crits", "f", "panic",
        "emergency", "alert", "c",
    ],
];
const WARNING: usize = 3;
const ERROR: usize = 4;

/// Nouns behind "error" that make it a thing of its own: "error types", "error code".
const ERROR_OF: &[&str] = &[
    "type", "types", "code", "codes", "kind", "kinds", "class", "classes", "message", "messages",
    "text", "texts", "reason", "reasons", "budget", "name",
];

/// What is said of spans that failed.
pub(super) const FAILED: &[&str] = &[
    "error", "errors", "errored", "erroring", "failed", "failing", "fail", "fails", "failure",
    "failures", "unsuccessful", "broken", "faulty", "broke", "crashed", "err", "erred", "errs",
    "erroneous", "problem", "problems", "trouble", "troubles", "botched",
];

/// Whether a text is what a level is called.
pub(super) fn is_level_name(text: &str) -> bool {
    LEVELS.iter().flat_map(|names| *names).any(|name| name.eq_ignore_ascii_case(text))
}

/// `warn+error`, `error/fatal`: the levels of a word that names several.
fn levels_of(word: &str) -> Option<Vec<usize>> {
    let names = word.split(['+', '/', '|', '&', ',']);
    let level = |name: &str| LEVELS.iter().position(|known| known.contains(&name));
    let levels = names.map(level).collect::<Option<Vec<usize>>>()?;
    (levels.len() > 1).then_some(levels)
}

impl Reader<'_> {
    pub(super) fn read_levels(&mut self) {
        if self.signal == Signal::Traces {
            return;
        }
        let said = self.levels_said();
        let Some(field) = self.schema.first(Role::Level) else {
            for (levels, negated, words) in said {
                let raw = &self.wanted.words.list[words.start].raw;
                let upper = raw.len() > 1 && raw.chars().all(char::is_uppercase);
                let name = if upper { raw.clone() } else { LEVELS[levels[0]][0].to_owned() };
                self.hold_text(&name, negated, words);
                if let (false, Some(text)) = (upper, self.texts.last_mut()) {
                    text.any_case = true;
                }
            }
            return;
        };
        for (levels, negated, words) in said {
            let known = &self.schema.fields[field].values;
            let spelled = |level: usize| {
                known
                    .iter()
                    .find(|value| LEVELS[level].contains(&value.to_lowercase().as_str()))
                    .map(ToString::to_string)
            };
            let mut values: Vec<String> =
                levels.iter().filter_map(|level| spelled(*level)).collect();
            if values.is_empty() {
                // Samples may lack it.
                let upper = known.iter().any(|value| value.chars().all(char::is_uppercase));
                let name = LEVELS[levels[0]][0];
                values.push(if upper { name.to_uppercase() } else { name.to_owned() });
            }
            match self.conditions.iter_mut().find(|it| it.field == field && it.negated == negated) {
                Some(condition) => {
                    if let Test::Is(all) = &mut condition.test {
                        values.retain(|value| !all.contains(value));
                        all.extend(values);
                    }
                    self.spend(words);
                }
                None => self.require(field, Test::Is(values), negated, words),
            }
        }
    }

    /// The levels that words mean, each with the words.
    fn levels_said(&self) -> Vec<(Vec<usize>, bool, Range<usize>)> {
        let mut found = Vec::new();
        for at in 0..self.len() {
            let word = self.word(at);
            if self.is_spent(at) || word.len() < 2 {
                // `E` and the like are levels behind "severity" only.
                let named =
                    self.wanted.words.is(at.wrapping_sub(1), &["severity", "level", "sev", "lvl"]);
                if !(named && word.len() == 1 && !self.is_spent(at)) {
                    continue;
                }
            }
            if let Some(levels) = levels_of(word) {
                let negated = is_left_out(&self.wanted.words, &(at..at + 1));
                found.push((levels, negated, at..at + 1));
                continue;
            }
            let bare = word.trim_end_matches("-level").trim_end_matches("-");
            let Some(level) = LEVELS.iter().position(|names| names.contains(&bare)) else {
                continue;
            };
            let worse_before = at > 0 && LEVELS[ERROR + 1].contains(&self.word(at - 1));
            let denied = is_left_out(&self.wanted.words, &(at..at + 1)) || self.goes_on(at, &found);
            if !(denied || self.is_level(at, level)) || (level == ERROR && worse_before) {
                continue;
            }
            let levels =
                if self.goes_up(at + 1) { (level..LEVELS.len()).collect() } else { vec![level] };
            found.push((levels, denied, at..at + 1));
        }
        found
    }

    /// "no debug and info": what is left out goes on.
    fn goes_on(&self, at: usize, found: &[(Vec<usize>, bool, Range<usize>)]) -> bool {
        found.last().is_some_and(|(_, denied, words)| {
            let links =
                words.end + 1 == at && self.wanted.words.is(words.end, &["and", "or", "nor", "&"]);
            let listed = words.end == at && self.wanted.words.list[at - 1].ends_clause;
            *denied && (links || listed)
        })
    }

    fn is_level(&self, at: usize, level: usize) -> bool {
        let words = &self.wanted.words;
        let beside = words.is(at.wrapping_sub(1), &["level", "severity", "at", "sev", "lvl"])
            || words.is(
                at + 1,
                &[
                    "level", "lines", "line", "logs", "log", "entries", "messages", "severity",
                    "events", "records", "entry", "noise", "output", "chatter",
                ],
            );
        match level {
            ERROR => {
                let of_code = self.conditions.iter().any(|condition| {
                    self.schema.fields[condition.field].role == Some(Role::Status)
                        && at
                            .checked_sub(condition.at)
                            .is_some_and(|apart| (1..=2).contains(&apart))
                });
                !words.is(at + 1, ERROR_OF) && !of_code
            }
            WARNING => true,
            // "tracebacks" and "info" are words of any question.
            _ => {
                beside
                    || words.at(at).ends_with("-level")
                    || words.list[at].raw.chars().all(char::is_uppercase)
                    || matches!(
                        words.at(at),
                        "fatal" | "fatals" | "critical" | "criticals" | "crit" | "crits"
                    )
            }
        }
    }

    /// "and worse", "or above".
    fn goes_up(&self, at: usize) -> bool {
        let words = &self.wanted.words;
        words.is(at, &["and", "or"])
            && words.is(at + 1, &["worse", "above", "higher", "up", "more"])
            || words.is(at + 1, &["and", "or"])
                && words.is(at + 2, &["worse", "above", "higher", "up"])
    }

    /// Whether spans are to have failed, with the places of the words that say so.
    pub(crate) fn failures(&self) -> Vec<usize> {
        let words = &self.wanted.words;
        let failed = |at: &usize| {
            words.is(*at, FAILED) && !self.is_spent(*at)
                || (words.is(*at, &["wrong"])
                    && words.is(at.wrapping_sub(1), &["went", "goes", "gone", "go"]))
        };
        let of_status = |at: &usize| {
            self.conditions.iter().any(|condition| {
                matches!(
                    self.schema.fields[condition.field].role,
                    Some(Role::Status | Role::GrpcStatus)
                ) && at.abs_diff(condition.at) <= 2
                    && words.is(*at, &["error", "errors"])
            })
        };
        (0..self.len())
            .filter(failed)
            .filter(|at| !words.is(at + 1, ERROR_OF))
            .filter(|at| !of_status(at))
            .collect()
    }
}
