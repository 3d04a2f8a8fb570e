//! Services by a part of their name: "the gateway" where one only is called so.

use super::{Reader, Signal};
use crate::{
    records::{Condition, Part, Role, Test, Value},
    text,
    vocabulary::{in_full, is_left_out, stem},
    wanted::{Use, Word},
};

/// Words that many names have and that mean none of them.
const TOO_COMMON: &[&str] = &[
    "check", "checks", "services", "servers", "serving", "serv", "payload", "test", "tests",
    "batch", "service", "api", "app", "server", "client", "request", "log", "trace", "span",
    "error", "call", "error", "prod", "data", "user", "error", "host", "pod", "node", "consumer",
    "producer", "message", "query", "database", "db", "cache", "time", "retry", "line", "job",
    "http",
];

impl Reader<'_> {
    pub(super) fn read_services(&mut self) {
        let services = self.schema.with(Role::Service);
        self.read_parts_of(services);
        let source = |at: &usize| {
            self.schema.fields[*at].part == Part::Source && self.schema.fields[*at].role.is_none()
        };
        let single = |at: &usize| {
            // One of many machines is rarely meant by a part of its name.
            let stems = self.schema.stems(*at);
            let many = ["host", "pod", "instanc", "nod", "filenam", "fil", "hostnam", "stream"];
            !stems.iter().any(|stem| many.contains(&stem.as_str()))
        };
        let others: Vec<usize> =
            (0..self.schema.fields.len()).filter(source).filter(single).collect();
        self.read_parts_of(&others);
        let called = |at: &usize| {
            let stems = self.schema.stems(*at);
            let peer = stems.iter().any(|stem| {
                matches!(
                    stem.as_str(),
                    "addres" | "address" | "peer" | "callee" | "upstream" | "target"
                )
            });
            self.schema.fields[*at].part == Part::Record && peer
        };
        let called: Vec<usize> = (0..self.schema.fields.len()).filter(called).collect();
        self.read_parts_of(&called);
    }

    /// Who writes what was asked for, where no source is named: `poll_timeout` is the poller's,
    /// "mail bounced" the mailer's.
    pub(super) fn read_source_of_said(&mut self) {
        let schema = self.schema;
        let named = |it: &Condition| {
            schema.fields[it.field].part == Part::Source
                && schema.fields[it.field].role == Some(Role::Service)
        };
        let service = schema.first(Role::Service);
        let field = service.filter(|at| schema.fields[*at].part == Part::Source);
        let Some(field) = field.filter(|_| !self.conditions.iter().any(named)) else { return };
        let told = |it: &&Condition| {
            let field = &schema.fields[it.field];
            !it.negated && field.part == Part::Record && field.role.is_none()
        };
        let values = self.conditions.iter().filter(told).filter_map(|it| match &it.test {
            Test::Is(values) => values.first().filter(|_| values.len() == 1),
            _ => None,
        });
        let texts = self.texts.iter().filter(|text| !text.negated).flat_map(|text| &text.any);
        let said: Vec<String> = values.chain(texts).flat_map(|said| text::words(said)).collect();
        let writers = said.iter().filter_map(|word| self.named_after(field, word));
        let mut writers: Vec<String> = writers.collect();
        writers.sort_unstable();
        writers.dedup();
        if let [only] = writers.as_slice() {
            self.require(field, Test::Is(vec![only.clone()]), false, 0..0);
        }
    }

    /// The only value of a field with a part that is this word, or one who does it.
    fn named_after(&self, field: usize, word: &str) -> Option<String> {
        const SHORTEST: usize = 4;
        if word.len() < SHORTEST || TOO_COMMON.contains(&word) {
            return None;
        }
        let key = stem(word);
        let does = |part: &String| part.starts_with(word) && part.ends_with("er");
        let mut having = self.schema.fields[field]
            .values
            .iter()
            .filter(|value| value.has_stem(&key) || value.words.iter().any(does));
        let only = having.next()?;
        having.next().is_none().then(|| only.to_string())
    }

    /// Requests are in the access log, where there is one beside others.
    pub(super) fn read_access_log(&mut self) {
        const REQUESTS: &[&str] = &[
            "request", "requests", "traffic", "hit", "hits", "visitor", "visitors", "visits",
            "bots", "crawlers", "answers", "responses", "served",
        ];
        let schema = self.schema;
        if self.signal != Signal::Logs || schema.first(Role::Status).is_none() {
            return;
        }
        let access = schema.fields.iter().enumerate().find_map(|(at, field)| {
            let mut having =
                field.values.iter().filter(|value| value.words.iter().any(|it| it == "access"));
            let only = having.next().filter(|_| field.part == Part::Source)?;
            having.next().is_none().then_some((at, only))
        });
        let Some((field, value)) = access else { return };
        let of_requests = |condition: &Condition| {
            matches!(
                schema.fields[condition.field].role,
                Some(Role::Status | Role::Method | Role::Path | Role::Duration | Role::Size)
            )
        };
        let in_record = |at: &usize| schema.fields[*at].part == Part::Record;
        let record = self.conditions.iter().any(of_requests)
            || self.texts.is_empty() && self.by.iter().any(in_record)
            || self.wanted.words.has(REQUESTS);
        let named = self.conditions.iter().any(|condition| {
            condition.field == field
                || matches!(schema.fields[condition.field].role, Some(Role::Service | Role::Level))
        });
        if record && !named {
            self.require(field, Test::Is(vec![value.to_string()]), false, 0..0);
        }
    }

    /// "order ord_8F31K", "the night tariff": the word names what kind of thing the value beside it
    /// is.
    pub(super) fn is_noun_of_value(&self, at: usize) -> bool {
        let key = &self.wanted.words.list[at].key;
        let beside = self.conditions.iter().find(|condition| {
            matches!(condition.test, Test::Is(_))
                && (condition.at == at + 1 || condition.at == at + 2 || condition.at + 1 == at)
        });
        beside.is_some_and(|condition| {
            self.schema.stems(condition.field).contains(key)
                && self.schema.fields[condition.field].role != Some(Role::Service)
        })
    }

    /// Whether a word may name a second service of a trace: it is called, or both are said.
    fn is_second_set(&self, at: usize) -> bool {
        const LEADS: &[&str] = &[
            "to", "the", "a", "an", "calls", "calling", "called", "where", "by", "through", "and",
            "failing", "failed", "at", "of", "slow",
        ];
        const CUES: &[&str] = &[
            "below", "beneath", "underneath", "under", "further", "child", "directly", "parent",
            "both", "calls", "calling", "called", "down", "downstream", "next to", "eventually",
            "deep", "later", "reach", "reaches", "reaching", "ends up", "started by", "started in",
            "starts in", "start in", "starting in", "begin in", "begins in", "beginning in",
            "originating in", "come in through", "came in through",
        ];
        let words = &self.wanted.words;
        let subject = at < 3
            || words.is(
                at + 1,
                &["request", "requests", "span", "spans", "trace", "traces", "call", "calls"],
            );
        words.has(CUES) && (subject || words.is(at.wrapping_sub(1), LEADS))
    }

    /// Words that one value only of a field has as a part.
    fn read_parts_of(&mut self, fields: &[usize]) {
        for at in 0..self.len() {
            let word = &self.wanted.words.list[at];
            let may_name = self.is_open_name(at) && word.used == Use::Free && word.lower.len() > 2;
            if !may_name || is_too_common(word) {
                continue;
            }
            let key = word.stem.clone();
            let lower = word.lower.clone();
            for field in fields {
                let known = &self.schema.fields[*field];
                if self.is_noun_of_value(at) {
                    continue;
                }
                let named = known.role == Some(Role::Service);
                let begins = named && lower.len() >= 4;
                let means = |value: &&Value| {
                    value.words.iter().zip(&value.stems).any(|(part, stem)| {
                        (*stem == key && part.len().abs_diff(lower.len()) <= 1)
                            || in_full(part) == text::singular(&lower) && in_full(part) != *part
                            || (begins && part.starts_with(lower.as_str()))
                            || (named && (is_related(part, &lower) || is_run_on(part, &lower)))
                            || is_daemon_of(part, &lower)
                    })
                };
                let mut having = known.values.iter().filter(means);
                let (Some(only), None) = (having.next(), having.next()) else { continue };
                let taken = self.conditions.iter().any(|condition| condition.field == *field);
                let two = self.signal == Signal::Traces && self.is_second_set(at);
                let linked = self.alternative(*field, false, &(at..at + 1)).is_some();
                if taken && !two && !linked {
                    continue;
                }
                let negated = is_left_out(&self.wanted.words, &(at..at + 1));
                let only = only.to_string();
                self.hold_value(*field, &only, negated, at..at + 1);
                break;
            }
        }
    }

    /// Places by their codes: "Frankfurt" for `prod-fra`, "London" for `rail-ldn`.
    pub(super) fn read_abbreviations(&mut self) {
        for at in 0..self.len() {
            let word = &self.wanted.words.list[at];
            let may_name = self.is_open_name(at) && word.used == Use::Free && word.lower.len() > 3;
            let plain = word.lower.chars().all(char::is_alphabetic);
            if !may_name || !plain || TOO_COMMON.contains(&word.key.as_str()) {
                continue;
            }
            let Some((field, value)) = self.abbreviated(&word.lower) else { continue };
            let negated = is_left_out(&self.wanted.words, &(at..at + 1));
            self.hold_value(field, &value, negated, at..at + 1);
        }
    }

    /// The one value of a field of the source with a short form of a word in it.
    fn abbreviated(&self, word: &str) -> Option<(usize, String)> {
        let source = self.schema.fields.iter().enumerate().filter(|(_, field)| {
            field.part == Part::Source
                && !matches!(field.role, Some(Role::Service | Role::Environment | Role::Level))
        });
        source
            .filter_map(|(at, field)| {
                let mut found = field.values.iter().filter(|value| {
                    value.words.iter().any(|part| {
                        is_short_for(part.trim_end_matches(|c: char| c.is_ascii_digit()), word)
                    })
                });
                let first = found.next()?;
                let other_words = &first.words;
                // Of several, the one of which more is said: "prod Frankfurt".
                let said = |value: &Value| {
                    let stems = value.stems.iter();
                    stems.filter(|stem| self.says_stem(&(0..self.len()), stem)).count()
                };
                let best = found
                    .fold(first, |best, value| if said(value) > said(best) { value } else { best });
                let several = field.values.iter().filter(|value| {
                    value
                        .words
                        .iter()
                        .any(|part| other_words.contains(part) && is_short_for(part, word))
                        && said(value) == said(best)
                });
                (several.count() <= 1).then(|| (at, best.to_string()))
            })
            .next()
    }
}

pub(super) fn is_too_common(word: &Word) -> bool {
    let lower = word.lower.as_str();
    [word.key.as_str(), lower, text::singular(lower)].iter().any(|form| TOO_COMMON.contains(form))
}

/// Whether two words begin alike for so long that they are of one root: `notify` and "notification".
fn is_related(part: &str, word: &str) -> bool {
    const SHORTEST: usize = 5;
    let alike = part.bytes().zip(word.bytes()).take_while(|(a, b)| a == b).count();
    alike >= SHORTEST && part.len() > SHORTEST && word.len() > SHORTEST && part.len() <= alike + 2
}

/// Whether one word runs on into another: `storefront` and "frontend", `smartgrid` and "grid".
fn is_run_on(part: &str, word: &str) -> bool {
    const SHORTEST: usize = 5;
    let ends_in = |length: usize| word.get(..length).is_some_and(|piece| part.ends_with(piece));
    part.len() > SHORTEST && (SHORTEST..=word.len()).any(ends_in)
}

/// `sshd` serves "ssh".
fn is_daemon_of(part: &str, word: &str) -> bool {
    const SHORTEST: usize = 3;
    word.len() >= SHORTEST && part.strip_suffix('d') == Some(word)
}

/// `fra` for "frankfurt", `ldn` for "london": three letters or more, in order, from the first on.
fn is_short_for(short: &str, word: &str) -> bool {
    const SHORTEST: usize = 3;
    if short.len() < SHORTEST || short.len() >= word.len() || short.len() > 4 {
        return false;
    }
    let consonants =
        |text: &str| text.chars().filter(|letter| !"aeiou".contains(*letter)).collect::<String>();
    let skeleton = consonants(word);
    word.starts_with(short) && word.len() >= short.len() + 3
        || (short == consonants(short)
            && short.chars().next() == word.chars().next()
            && is_spread(short, &skeleton))
}

/// Whether letters come in this order, the first and the last at the ends.
fn is_spread(short: &str, long: &str) -> bool {
    let mut letters = long.chars();
    short.chars().all(|wanted| letters.any(|letter| letter == wanted))
        && short.chars().last() == long.chars().last()
}
