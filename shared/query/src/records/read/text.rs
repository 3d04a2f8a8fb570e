//! Text that lines hold: quotations, names as programs write them, ids, and what is said to be
//! mentioned.

use std::{collections::HashSet, ops::Range, sync::LazyLock};

use super::{Reader, Signal};
use crate::{
    records::{Measure, Part, Role, Text},
    text,
    vocabulary::{Noun, is_left_out, stem},
    wanted::{Use, Word},
};

/// What announces text of lines and nothing else.
const STRONG: &[&str] = &[
    "mentioning", "mentions", "mention", "containing", "contains", "contain", "saying", "says",
    "about", "text", "word", "grep", "phrase", "string", "complaining", "reporting", "matching",
    "regarding", "concern", "concerning",
];
/// What may announce text, where nothing else tells lines apart.
const WEAK: &[&str] = &[
    "say", "said", "words", "including", "like", "reads", "reading", "for", "with", "logged",
    "see", "where",
];
/// Words about logs themselves and about asking.
pub(super) const GENERIC: &[&str] = &[
    "log", "logs", "logged", "logging", "line", "lines", "entry", "entries", "record", "records",
    "message", "messages", "event", "events", "request", "requests", "call", "calls", "answer",
    "answers", "response", "responses", "hit", "hits", "output", "everything", "anything", "raw",
    "noise", "check", "checks", "service", "services", "app", "apps", "number", "times", "top",
    "write", "writes", "wrote", "written", "print", "text", "word", "words", "field", "fields",
    "case", "casing", "letters", "upper", "lower", "ignore", "hide", "skip", "leave", "without",
    "got", "find", "grep", "pull", "search", "look", "looking", "loki", "system", "thing", "part",
    "user", "users", "error", "errors", "warning", "warnings", "box", "host", "server", "site",
    "bytes", "volume", "data", "today", "hour", "minutes", "job", "jobs", "client", "clients",
    "trace", "id", "ids", "ended", "took", "taking", "longer", "namespace", "cluster",
    "environment", "page", "list", "version", "stuff", "ones", "kind", "kinds", "bit", "lot",
    "sth", "slow", "slowly", "bot", "bots", "crawler", "crawlers", "agent", "agents", "scanner",
    "scanners",
];
/// What programs say when something goes wrong, or when it is worth a line: words that mean text
/// even where nothing announces it.
const TELLING: &[&str] = &[
    "timeout", "refuse", "refused", "reset", "panic", "deadlock", "traceback", "exception",
    "crash", "oom", "retry", "rebalance", "deny", "denied", "decline", "declined", "reject",
    "rejected", "expire", "expired", "leak", "stacktrace", "rollback", "abort", "aborted", "kill",
    "killed", "evict", "restart", "throttle", "unreachable", "overflow", "corrupt", "segfault",
    "handshake", "certificate", "disconnect", "disconnected", "failover", "migration", "heartbeat",
    "insufficient", "duplicate", "invalid", "lock",
];
static TELLING_STEMS: LazyLock<HashSet<String>> =
    LazyLock::new(|| TELLING.iter().map(|word| stem(word)).collect());
const CASE: &[&str] = &[
    "case", "casing", "capitalisation", "capitalization", "capitals", "spelling", "uppercase",
    "lowercase",
];
/// That it is of no matter.
const WHATEVER: &[&str] = &[
    "any", "ignore", "ignoring", "ignored", "whatever", "regardless", "insensitive", "n't", "not",
    "no", "either", "both", "irrespective", "independent", "irrelevant", "whichever", "disregard",
    "without",
];
const ANY_CASE: &[&str] =
    &["case-insensitive", "case-insensitively", "upper or lower", "small letters"];

/// What says that lines are not wanted, and is never what they say.
const OUT: &[&str] = &[
    "w/o", "hide", "hiding", "minus", "drop", "ignore", "ignoring", "skip", "skipping", "without",
    "except", "excluding", "exclude", "omit", "suppress", "besides", "mute", "spare", "no",
];

impl Reader<'_> {
    pub(super) fn read_quotations(&mut self) {
        for quoted in self.question.quoted() {
            let words = self.wanted.words.in_span(&quoted);
            let said = &self.question.text[quoted.clone()];
            let value = self.schema.fields.iter().position(|field| {
                field.holds(said) && !matches!(field.role, Some(Role::Message | Role::Error))
            });
            let negated = is_left_out(&self.wanted.words, &words);
            match value {
                Some(field) => self.hold_value(field, said, negated, words),
                None if self.signal == Signal::Logs => {
                    let said = said.to_owned();
                    self.hold_text(&said, negated, words);
                }
                None => self.spend(words),
            }
        }
    }

    /// Lines must hold this; what stands beside it with "or" is an alternative.
    pub(super) fn hold_text(&mut self, text: &str, negated: bool, words: Range<usize>) {
        let or = words.start > 0
            && (words.start.saturating_sub(3)..words.start)
                .any(|at| self.wanted.words.is(at, &["or"]));
        self.spend(words);
        if self
            .texts
            .iter()
            .any(|known| known.any.iter().any(|known| known.eq_ignore_ascii_case(text)))
        {
            return;
        }
        let last = self.texts.last_mut().filter(|last| or && last.negated == negated);
        match last {
            Some(last) => last.any.push(text.to_owned()),
            None => self.texts.push(Text { any: vec![text.to_owned()], negated, any_case: false }),
        }
    }

    pub(super) fn read_texts(&mut self, measure: Measure) {
        self.read_health_checks();
        // The name of a level says nothing of what happened.
        let told = |text: &Text| !text.any.iter().all(|text| super::level::is_level_name(text));
        let had = self.texts.iter().any(|text| !text.negated && told(text));
        let mut at = 0;
        while at < self.len() {
            let Some(phrase) = self.phrase_at(at) else {
                at += 1;
                continue;
            };
            let negated = self.is_text_left_out(&phrase);
            at = phrase.end;
            let wanted = negated || self.is_telling(&phrase, had, measure);
            let or = (phrase.start.saturating_sub(2)..phrase.start)
                .chain(phrase.end..phrase.end + 2)
                .any(|at| self.wanted.words.is(at, &["or"]));
            if wanted && !(had && !negated && !self.is_led(&phrase) && !or) {
                let said = self.said(&phrase);
                let exact = said.split(' ').all(is_written);
                self.hold_text(&said, negated, phrase);
                if let (false, Some(text)) = (exact, self.texts.last_mut()) {
                    text.any_case = true;
                }
            }
        }
        if self.is_of_any_case() {
            // Paths are written as they are.
            let worded = |text: &&mut Text| !text.any.iter().all(|text| text.starts_with('/'));
            self.texts.iter_mut().filter(worded).for_each(|text| text.any_case = true);
        }
    }

    /// "case does not matter", "ignoring capitals".
    fn is_of_any_case(&self) -> bool {
        const NEAR: usize = 4;
        let words = &self.wanted.words;
        let whatever = |at: usize| {
            let near = at.saturating_sub(NEAR)..(at + NEAR).min(words.len());
            { near }.any(|near| words.is(near, WHATEVER))
        };
        words.has(ANY_CASE) || words.places(CASE).iter().any(whatever)
    }

    /// "health checks" are told by their path.
    fn read_health_checks(&mut self) {
        let Some(words) = self.find_open(&[
            "health checks", "health check", "healthchecks", "healthcheck", "health-check",
            "health probes", "liveness",
        ]) else {
            return;
        };
        let values = self
            .schema
            .fields
            .iter()
            .flat_map(|field| &field.values)
            .filter(|value| value.starts_with('/'));
        let path = { values }.find(|value| value.contains("health")).map(ToString::to_string);
        let negated = self.is_text_left_out(&words) || self.wanted.words.is(words.end, &["noise"]);
        // "the health checks on /healthz" says which.
        let said = (0..self.len()).find(|at| {
            let raw = &self.wanted.words.list[*at].raw;
            raw.starts_with('/') && (raw.contains("health") || raw.contains("live"))
        });
        let path = said.map(|at| self.wanted.words.list[at].raw.clone()).or(path);
        if let Some(at) = said {
            self.spend(at..at + 1);
        }
        self.hold_text(path.as_deref().unwrap_or("/health"), negated, words);
    }

    /// Whether lines with these words are not wanted: "without those from the k6 agent". "Can't scale
    /// up" is what lines say.
    pub(super) fn is_text_left_out(&self, words: &Range<usize>) -> bool {
        let list = &self.wanted.words;
        if list.are(words.end, &["left", "out"]) {
            return true;
        }
        let mut at = words.start;
        for _ in 0..5 {
            let Some(before) = at.checked_sub(1) else { break };
            at = before;
            if list.is(at, OUT)
                || list.are(at, &["but", "not"])
                || list.is(at, &["but"])
                    && list.is(
                        at.wrapping_sub(1),
                        &["everything", "anything", "all", "nothing", "any"],
                    )
                || list.are(at, &["apart", "from"])
                || list.are(at, &["other", "than"])
                || list.are(at, &["leave", "out"])
                || list.are(at, &["leaving", "out"])
            {
                return true;
            }
            let passes = list.list[at].used == Use::Grammar
                || GENERIC.contains(&list.at(at))
                || self.is_spent(at);
            if !passes || list.list[at].ends_clause && !list.is(at, OUT) {
                break;
            }
        }
        false
    }

    /// Words side by side that nothing else was made of.
    fn phrase_at(&self, at: usize) -> Option<Range<usize>> {
        let may = |at: usize| {
            self.is_open_name(at)
                && !GENERIC.contains(&self.word(at))
                && !self.wanted.words.is(at, &["except", "excluding", "besides", "minus"])
                && !self.names_field(at)
        };
        if !may(at) || self.wanted.words.list[at].used != Use::Free {
            return None;
        }
        let mut end = at + 1;
        while end < self.len() && may(end) && !self.wanted.words.list[end - 1].ends_clause {
            end += 1;
        }
        Some(at..end)
    }

    fn names_field(&self, at: usize) -> bool {
        let word = self.word(at);
        !is_telling(&self.wanted.words.list[at])
            && self
                .schema
                .named(&Noun::new(&[word]), |field| field.role != Some(Role::Error))
                .is_some_and(|(_, fit)| fit >= 0.9)
    }

    fn is_led(&self, phrase: &Range<usize>) -> bool {
        (phrase.start.saturating_sub(3)..phrase.start).any(|at| self.wanted.words.is(at, STRONG))
    }

    fn is_telling(&self, phrase: &Range<usize>, had: bool, measure: Measure) -> bool {
        if self.is_led(phrase) {
            return true;
        }
        if phrase.clone().any(|at| is_written(&self.wanted.words.list[at].raw)) {
            return true;
        }
        let led = phrase.start > 0 && self.wanted.words.is(phrase.start - 1, WEAK);
        let telling = phrase.clone().any(|at| is_telling(&self.wanted.words.list[at]));
        let sampled = phrase.clone().any(|at| self.is_sampled(at));
        let statistic = matches!(
            measure,
            Measure::Statistic(..) | Measure::Bytes | Measure::ByteRate | Measure::SumRate(_)
        );
        telling || sampled && !statistic || (led && !had && !statistic && self.tells_nothing_else())
    }

    /// Whether a sample of what lines say has the word.
    fn is_sampled(&self, at: usize) -> bool {
        let key = &self.wanted.words.list[at].key;
        let prose = self
            .schema
            .fields
            .iter()
            .filter(|field| matches!(field.role, Some(Role::Message | Role::Error)));
        key.len() > 3 && prose.flat_map(|field| &field.values).any(|value| value.has_stem(key))
    }

    fn tells_nothing_else(&self) -> bool {
        self.conditions
            .iter()
            .all(|condition| self.schema.fields[condition.field].part == Part::Source)
    }

    /// The text as lines may write it.
    fn said(&self, phrase: &Range<usize>) -> String {
        let list = &self.wanted.words.list[phrase.clone()];
        if list.len() > 1
            && !self.is_led(phrase)
            && let Some(telling) = list.iter().find(|word| is_telling(word))
        {
            return text::singular(&telling.raw).to_lowercase();
        }
        let written = list.iter().find(|word| is_written(&word.raw));
        if let (Some(written), true, false) = (written, list.len() > 1, self.is_led(phrase)) {
            return written.raw.clone();
        }
        if list.len() > 1 {
            let whole = list[0].span.start..list[list.len() - 1].span.end;
            return self.question.text.get(whole).unwrap_or_default().to_owned();
        }
        let raw = &list[0].raw;
        if list[0].span.len() > raw.len() {
            // "out of memory" is one name.
            let whole = self.question.text.get(list[0].span.clone());
            return whole.unwrap_or(raw).to_lowercase();
        }
        if is_written(raw) {
            // "NullPointerExceptions" are of one class.
            return raw
                .strip_suffix("Exceptions")
                .map_or_else(|| raw.clone(), |class| format!("{class}Exception"));
        }
        // A sentence begins with a capital; lines need not.
        let raw = raw.to_lowercase();
        if raw.contains('-') { raw } else { text::singular(&raw).to_owned() }
    }
}

fn is_telling(word: &Word) -> bool {
    TELLING_STEMS.contains(&word.key) || TELLING_STEMS.contains(&word.stem)
}

/// Whether a word is written as programs write names: `NullPointerException`, `oom_kill`, `ORA-`.
fn is_written(raw: &str) -> bool {
    let inner_capital =
        raw.chars().skip(1).any(char::is_uppercase) && raw.chars().any(char::is_lowercase);
    let capitals = raw.len() > 2
        && raw.chars().filter(|letter| letter.is_alphabetic()).all(char::is_uppercase)
        && raw.chars().any(char::is_alphabetic);
    inner_capital
        || capitals
        || raw.contains(['_', '/', '|', '=', ':'])
        || (raw.contains('-') && raw.chars().any(|letter| letter.is_ascii_digit()))
}
