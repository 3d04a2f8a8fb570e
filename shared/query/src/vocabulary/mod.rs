//! What a catalog calls things, and what questions call them: labels and their values, found by the
//! words that people use, whichever signal they belong to.
//!
//! [`Vocabulary`] is built once per catalog; [`hits`] and [`fit`] read a question with it.

mod hit;
mod noun;
mod stem;
mod synonyms;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::LazyLock,
};

pub(crate) use self::{
    hit::{Hit, hits, is_left_out},
    noun::{LEAST, Noun, best, fit, fit_among},
    stem::{run_together, stem},
    synonyms::expansions,
};
use crate::text;

/// Stems of words that addresses and directories are made of.
static COMMON: LazyLock<HashSet<String>> = LazyLock::new(|| {
    const WORDS: &[&str] = &[
        "http", "https", "www", "com", "net", "org", "io", "example", "local", "internal", "svc",
        "api", "var", "lib", "mnt", "opt", "srv", "dev",
    ];
    WORDS.iter().map(|word| stem(word)).collect()
});

/// A label name, its words, and everything that is known of its values in any series.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    pub(crate) name: String,
    pub(crate) words: Vec<String>,
    pub(crate) stems: Vec<String>,
    /// The words run together.
    pub(crate) key: String,
    /// The stem that most values end in: `RefundJob` and `ExpireHoldJob` are jobs.
    ending: Option<String>,
    values: Vec<Value>,
}

#[derive(Debug, Clone)]
struct Value {
    text: String,
    /// The stems of its words.
    stems: Vec<String>,
}

/// A value of a label: places in [`Vocabulary::labels`] and its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ValueAt {
    label: u32,
    value: u32,
    /// Whether the key is the whole value, and not what is left of it without "service".
    pub(crate) whole: bool,
}

impl Value {
    fn new(text: &str) -> Self {
        let stems = text::words(text).iter().map(|word| stem(word)).collect();
        Self { text: text.to_owned(), stems }
    }
}

/// The labels of a catalog and their values, by the words that mean them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vocabulary {
    /// Sorted by name.
    labels: Vec<Label>,
    /// The names of labels of one word.
    label_words: HashSet<String>,
    values: HashMap<String, Vec<ValueAt>>,
    /// By stem: the values of several words that have it.
    value_words: HashMap<String, Vec<ValueAt>>,
}

impl Vocabulary {
    /// From labels in the order of their names: the name, the part of it that people say, and the
    /// values that are known.
    pub(crate) fn new<'a>(
        labels: impl IntoIterator<Item = (&'a str, &'a str, BTreeSet<&'a str>)>,
    ) -> Self {
        let mut vocabulary = Self::default();
        for (name, said, values) in labels {
            vocabulary.add(name, said, values);
        }
        vocabulary
    }

    fn add(&mut self, name: &str, said: &str, values: BTreeSet<&str>) {
        let label = u32::try_from(self.labels.len()).unwrap_or(u32::MAX);
        for (value, text) in values.iter().enumerate() {
            let value = u32::try_from(value).unwrap_or(u32::MAX);
            self.index_value(text, ValueAt { label, value, whole: true });
        }
        let words = text::words(said);
        if let [only] = words.as_slice() {
            self.label_words.insert(text::singular(only).to_owned());
        }
        let values: Vec<Value> = values.into_iter().map(Value::new).collect();
        self.labels.push(Label {
            name: name.to_owned(),
            ending: common_ending(&values),
            stems: words.iter().map(|word| stem(word)).collect(),
            key: run_together(&words),
            words,
            values,
        });
    }

    fn index_value(&mut self, text: &str, at: ValueAt) {
        let words = text::words(text);
        if words.is_empty() {
            // `/` has no letters to be found by.
            return;
        }
        self.values.entry(run_together(&words)).or_default().push(at);
        if (2..=6).contains(&words.len()) {
            for word in &words {
                let list = self.value_words.entry(stem(word)).or_default();
                if list.last() != Some(&at) {
                    list.push(at);
                }
            }
        }
        let full: Vec<String> = words.iter().map(|word| in_full(word).to_owned()).collect();
        if full != words {
            let list = self.values.entry(run_together(&full)).or_default();
            list.push(ValueAt { whole: false, ..at });
        }
        for bare in [without_service_word(&words), without_address(text, &words), &last_part(text)]
        {
            if !bare.is_empty() && bare.len() < words.len() {
                let list = self.values.entry(run_together(bare)).or_default();
                list.push(ValueAt { whole: false, ..at });
            }
        }
    }

    /// A label by its name; `None` for the inner labels of histograms and summaries.
    pub(crate) fn label(&self, name: &str) -> Option<&Label> {
        self.label_at(name).map(|at| &self.labels[at])
    }

    /// Whether some label is called this and nothing else, apart from number.
    pub(crate) fn has_label_named(&self, word: &str) -> bool {
        self.label_words.contains(text::singular(word))
    }

    pub(crate) fn label_at(&self, name: &str) -> Option<usize> {
        self.labels.binary_search_by(|label| label.name.as_str().cmp(name)).ok()
    }

    pub(crate) fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// The values whose words run together are this key.
    pub(crate) fn values_like(&self, key: &str) -> &[ValueAt] {
        self.values.get(key).map_or(&[], Vec::as_slice)
    }

    /// The values of several words that have this one.
    pub(crate) fn values_with(&self, stem: &str) -> &[ValueAt] {
        self.value_words.get(stem).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn value(&self, at: ValueAt) -> (&str, &str) {
        let label = &self.labels[at.label as usize];
        (&label.name, &label.values[at.value as usize].text)
    }

    /// The stems of the words of a value.
    pub(crate) fn value_stems(&self, at: ValueAt) -> &[String] {
        &self.labels[at.label as usize].values[at.value as usize].stems
    }

    /// How many words of a value tell it from others: those of addresses and directories do not, nor
    /// does what most values of its label have.
    pub(crate) fn telling_words(&self, at: ValueAt) -> usize {
        let label = &self.labels[at.label as usize];
        let value = &label.values[at.value as usize];
        let addressed = value.text.contains(['/', '.']);
        let shared = |stem: &String| {
            let same = self.values_with(stem).iter().filter(|other| other.label == at.label);
            label.values.len() > 2 && 2 * same.count() > label.values.len()
        };
        let empty = |stem: &&String| (addressed && COMMON.contains(stem.as_str())) || shared(stem);
        value.stems.len() - value.stems.iter().filter(empty).count()
    }

    /// The labels that have the root directory among their values, with it as they write it.
    pub(crate) fn labelled_root(&self) -> impl Iterator<Item = (&str, &str)> {
        self.labels.iter().filter_map(|label| {
            let root = label.values.iter().find(|value| value.text == "/")?;
            Some((label.name.as_str(), root.text.as_str()))
        })
    }
}

/// The last stem of more than half of several values that have more words than one.
fn common_ending(values: &[Value]) -> Option<String> {
    let last = |value: &Value| match value.stems.as_slice() {
        [_, .., last] => Some(last.clone()),
        _ => None,
    };
    let first = values.iter().find_map(last)?;
    let alike = |ending: &String| {
        values.iter().filter(|value| last(value).as_ref() == Some(ending)).count()
    };
    let most = values.iter().filter_map(last).take(3).max_by_key(alike).unwrap_or(first);
    (values.len() > 2 && 2 * alike(&most) > values.len()).then_some(most)
}

/// `ingest/heartbeat` is also called `heartbeat`; the parts of a path or an address are not.
fn last_part(text: &str) -> Vec<String> {
    match text.rsplit_once('/') {
        Some((before, last)) if !before.is_empty() && !before.contains(['/', ':']) => {
            text::words(last)
        }
        // `/api/checkout` is also called `checkout`, if nothing else is.
        Some((before, last)) if before.starts_with('/') && !last.starts_with(['{', ':', '<']) => {
            text::words(last)
        }
        _ => Vec::new(),
    }
}

/// What a word of a name is short for: `payment-gw` is the payment gateway.
pub(crate) fn in_full(word: &str) -> &str {
    match word {
        "gw" => "gateway",
        "svc" | "srv" => "service",
        "db" => "database",
        "mgr" => "manager",
        "msg" => "message",
        "cfg" | "conf" => "config",
        "acct" => "account",
        "txn" | "tx" => "transaction",
        "mgmt" => "management",
        "lb" => "loadbalancer",
        "proc" => "processor",
        "sched" => "scheduler",
        "repl" => "replication",
        "img" => "image",
        "notif" => "notification",
        other => other,
    }
}

/// `payment-service` is also called `payment`.
fn without_service_word(words: &[String]) -> &[String] {
    const SERVICE_WORDS: [&str; 6] = ["service", "svc", "server", "app", "api", "srv"];
    match words {
        [name @ .., last] if !name.is_empty() && SERVICE_WORDS.contains(&last.as_str()) => name,
        all => all,
    }
}

/// `db-1:9104` is also called `db-1`, and `https://api.test` by its name alone.
fn without_address<'a>(text: &str, words: &'a [String]) -> &'a [String] {
    let port = text.rsplit_once(':').is_some_and(|(_, port)| {
        !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
    });
    let words = if port && words.len() > 1 { &words[..words.len() - 1] } else { words };
    match words {
        [scheme, rest @ ..]
            if matches!(scheme.as_str(), "http" | "https") && text.contains("://") =>
        {
            rest
        }
        all => all,
    }
}
