//! Text that lines hold: quotations, names as programs write them, ids, and what is said to be
//! mentioned.

use std::{collections::HashSet, ops::Range, sync::LazyLock};

use super::{Reader, Signal};
use crate::{
    records::{Field, Measure, Part, Role, Test, Text},
    text,
    vocabulary::{Noun, is_left_out, stem},
    wanted::{Use, Word, Words},
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
const GENERIC: &[&str] = &[
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

    /// What lines are known to say, where a question says two words of it or more in a row.
    pub(super) fn read_samples(&mut self) {
        if self.signal == Signal::Traces {
            return;
        }
        let Some((text, places)) = self.best_sample() else { return };
        let (Some(first), Some(last)) = (places.iter().min(), places.iter().max()) else { return };
        let words = *first..*last + 1;
        let negated = self.is_text_left_out(&words);
        self.hold_text(&text, negated, *first..*first + 1);
        for at in places {
            self.spend(at..at + 1);
        }
    }

    /// The sample of which the question says most, with the places of the words.
    fn best_sample(&self) -> Option<(String, Vec<usize>)> {
        let prose = self
            .schema
            .fields
            .iter()
            .filter(|field| matches!(field.role, Some(Role::Message | Role::Error)));
        let samples = prose.flat_map(|field| &field.values).filter(|value| value.contains(' '));
        samples.filter_map(|sample| self.said_part(sample)).max_by_key(|(_, places)| places.len())
    }

    /// Where the question says what a sample of lines does.
    pub(super) fn sampled_places(&self) -> Vec<usize> {
        match self.signal {
            Signal::Logs => self.best_sample().map(|(_, places)| places).unwrap_or_default(),
            Signal::Traces => Vec::new(),
        }
    }

    /// The longest run of a sample's words that the question has, with the places of its words.
    fn said_part(&self, sample: &str) -> Option<(String, Vec<usize>)> {
        /// The words of the run stand this near to one another in the question.
        const WITHIN: usize = 6;
        let words = Words::read(sample);
        let open_places = |at: usize| {
            let key = &words.list[at].key;
            (0..self.len()).filter(move |other| {
                let said = &self.wanted.words.list[*other];
                !self.is_spent(*other) && said.key == *key && said.number.is_none()
            })
        };
        let mut best: Option<(usize, usize, Vec<usize>)> = None;
        let starts =
            (0..words.len()).flat_map(|start| open_places(start).map(move |at| (start, at)));
        for (start, first) in starts {
            // The same word may be said more than once; the one nearby is meant.
            let near = |end: usize| open_places(end).min_by_key(|at| at.abs_diff(first));
            let mut places = Vec::new();
            for end in start..words.len() {
                let grammar = words.list[end].used == Use::Grammar;
                match near(end) {
                    Some(at) if !grammar => places.push(at),
                    _ if grammar && end > start => {}
                    _ => break,
                }
                let (Some(first), Some(last)) = (places.iter().min(), places.iter().max()) else {
                    break;
                };
                let known = best.as_ref().map_or(1, |(_, _, known)| known.len());
                if last - first < WITHIN && places.len() > known && !grammar {
                    best = Some((start, end, places.clone()));
                }
            }
        }
        // Of a sample of several clauses one may be meant.
        let clauses = words.list.iter().rev().skip(1).any(|word| word.ends_clause);
        if let Some(places) =
            all_but_one(&words, open_places).filter(|_| best.is_none() || !clauses)
        {
            return Some((sample.to_owned(), places));
        }
        let (start, mut end, places) = best?;
        // What was read as one name, or as grammar, goes on.
        while words.list.get(end + 1).is_some_and(|next| {
            next.used == Use::Grammar
                && self.wanted.words.list.iter().any(|said| said.lower == next.lower)
        }) {
            end += 1;
        }
        let text = sample.get(words.list[start].span.start..words.list[end].span.end)?;
        Some((text.to_owned(), places))
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

    /// "lines that don't parse", "whose fields cannot be parsed".
    pub(super) fn is_unparsed(&self) -> bool {
        const NOT: &[&str] =
            &["n't", "not", "cannot", "never", "fail", "fails", "failed", "failing", "n’t", "no"];
        const BROKEN: &[&str] = &[
            "broken", "malformed", "invalid", "bad", "corrupt", "corrupted", "truncated",
            "unparseable", "unparsable", "faulty",
        ];
        let words = &self.wanted.words;
        let denied = |at: usize| (at.saturating_sub(3)..at).any(|before| words.is(before, NOT));
        (0..words.len()).any(|at| {
            let parses =
                words.is(at, &["parse", "parsed", "parses", "parseable", "parsable", "parsing"]);
            let near = at.saturating_sub(3)..(at + 4).min(words.len());
            let format = words.is(at, &["json", "logfmt", "format", "syntax"]);
            let wrong = |near: usize| {
                words.is(near, BROKEN) || words.is(near, &["valid", "proper"]) && denied(near)
            };
            parses && denied(at)
                || words.is(at, &["unparseable", "unparsable", "unparsed"])
                || format && near.into_iter().any(wrong)
        })
    }

    /// What says that lines do not parse names nothing.
    pub(super) fn read_unparsed(&mut self) {
        const SAID: &[&str] =
            &["broken", "malformed", "invalid", "bad", "corrupt", "corrupted", "truncated"];
        if self.signal == Signal::Logs && self.is_unparsed() {
            for at in 0..self.len() {
                if self.wanted.words.is(at, SAID) {
                    self.spend(at..at + 1);
                }
            }
        }
    }

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
        for at in 0..self.len() {
            let word = &self.wanted.words.list[at];
            if !self.is_open_name(at) {
                continue;
            }
            if let Some(product) = self.begins_value(at).filter(|_| word.used == Use::Free) {
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
    fn is_text_left_out(&self, words: &Range<usize>) -> bool {
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

    /// `curl` of `curl/8.4.0`, as the sample spells it.
    fn begins_value(&self, at: usize) -> Option<String> {
        let word = &self.wanted.words.list[at].lower;
        let records = self.schema.fields.iter().enumerate();
        let records = records.filter(|(_, field)| field.part == Part::Record);
        let values = records.flat_map(|(at, field)| field.values.iter().map(move |it| (at, it)));
        values.into_iter().find_map(|(at, value)| {
            let (name, version) = value.split_once('/')?;
            let agent = || {
                let said = self.schema.stems(at);
                said.iter().any(|stem| matches!(stem.as_str(), "ua" | "agent" | "useragent"))
            };
            let versioned = version.starts_with(|first: char| first.is_ascii_digit()) || agent();
            (versioned && name.eq_ignore_ascii_case(word)).then(|| name.to_owned())
        })
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

/// The places of all words of a sample but one, where they are said near to one another: "SAML
/// rejections" for "SAML response rejected".
fn all_but_one<I: Iterator<Item = usize>>(
    sample: &Words,
    open_places: impl Fn(usize) -> I,
) -> Option<Vec<usize>> {
    const WITHIN: usize = 4;
    let telling: Vec<usize> =
        (0..sample.len()).filter(|at| sample.list[*at].used != Use::Grammar).collect();
    let mut places: Vec<usize> = telling.iter().filter_map(|at| open_places(*at).next()).collect();
    places.sort_unstable();
    places.dedup();
    let near = places.last()? - places.first()? < WITHIN;
    (near && places.len() >= 2 && places.len() + 1 == telling.len()).then_some(places)
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
