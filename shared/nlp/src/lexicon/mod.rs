//! Words, as data: what things are called, and which words are known at all.

mod everyday;
mod metrics;

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

pub(crate) use metrics::{
    ASKED_METRICS, ERROR_RATE, IMPLIED_METRICS, LATENCY, METRIC_HEADS, METRICS, WEAK_METRICS,
};

use crate::{
    intent::{cue_words, technical_words},
    spelling::{SpellingIndex, plausible_slip},
    text::{Kind, Token, singular},
    time,
};

/// Misspelt words that are looked up in one utterance; more are left as they are.
const MAX_CORRECTIONS: usize = 64;
/// Shorter slips are too easily another word.
const MIN_CORRECTED_CHARS: usize = 4;

struct Dictionary {
    stop_words: HashSet<&'static str>,
    generic: HashSet<&'static str>,
    frequent: HashSet<&'static str>,
    meaningful: HashSet<&'static str>,
    /// Every word that some table knows.
    known: HashSet<&'static str>,
    /// The words that carry meaning for us: a slip of one of them is put right.
    cues: SpellingIndex<&'static str>,
    /// Abbreviations and slips that are too far from the word for the spelling index.
    shorthand: HashMap<&'static str, &'static str>,
}

static DICTIONARY: LazyLock<Dictionary> = LazyLock::new(|| {
    let phrases = METRICS
        .iter()
        .chain(IMPLIED_METRICS)
        .chain(WEAK_METRICS)
        .flat_map(|(_, phrases)| phrases.split(", "));
    let mut meaningful: Vec<&'static str> = phrases
        .flat_map(|phrase| phrase.split(' '))
        .chain(METRIC_HEADS.split(' '))
        .chain(cue_words())
        .chain(time::words())
        .chain(everyday::GENERIC_NOUNS.split_whitespace())
        .filter(|word| !word.contains('*'))
        .collect();
    meaningful.sort_unstable();
    meaningful.dedup();
    let stop_words: HashSet<_> = everyday::STOP_WORDS.split_whitespace().collect();
    let known = meaningful
        .iter()
        .copied()
        .chain(stop_words.iter().copied())
        .chain(everyday::FREQUENT_WORDS.split_whitespace())
        .chain(technical_words())
        .flat_map(|word| [word, singular(word)])
        .collect();
    let frequent: HashSet<_> = everyday::FREQUENT_WORDS.split_whitespace().collect();
    let correctable = meaningful.iter().filter(|word| {
        word.chars().count() >= MIN_CORRECTED_CHARS
            && (!frequent.contains(*word) || time::words().any(|time| time == **word))
    });
    Dictionary {
        generic: everyday::GENERIC_NOUNS.split_whitespace().collect(),
        cues: SpellingIndex::new(correctable.map(|word| ((*word).to_owned(), *word))),
        shorthand: SHORTHAND.iter().copied().collect(),
        meaningful: meaningful.iter().copied().collect(),
        frequent,
        stop_words,
        known,
    }
});

/// Chat shorthand and frequent slips of short words.
const SHORTHAND: &[(&str, &str)] = &[
    ("teh", "the"),
    ("hte", "the"),
    ("wat", "what"),
    ("wats", "what"),
    ("wut", "what"),
    ("whta", "what"),
    ("ist", "is"),
    ("hwo", "how"),
    ("whcih", "which"),
    ("wich", "which"),
    ("adn", "and"),
    ("fro", "for"),
    ("rte", "rate"),
    ("ystd", "yesterday"),
    ("yest", "yesterday"),
    ("ystday", "yesterday"),
    ("yday", "yesterday"),
    ("tdy", "today"),
    ("2day", "today"),
    ("err", "error"),
    ("errs", "errors"),
    ("reqs", "requests"),
    ("ver", "version"),
    ("deps", "deployments"),
    ("thru", "through"),
    ("lst", "last"),
    ("u", "you"),
    ("ur", "your"),
];

/// Marks the tokens that are slips of words we know. `taken` tells which tokens already have a
/// meaning.
pub(crate) fn correct(tokens: &mut [Token], taken: &[bool]) {
    let mut lookups = 0;
    for (token, taken) in tokens.iter_mut().zip(taken) {
        if *taken || token.kind != Kind::Word {
            continue;
        }
        if let Some(&word) = DICTIONARY.shorthand.get(token.raw.as_str()) {
            token.corrected = Some(word);
            continue;
        }
        if lookups == MAX_CORRECTIONS || !can_be_a_slip(&token.raw) {
            continue;
        }
        lookups += 1;
        token.corrected = DICTIONARY.cues.nearest(&token.raw).and_then(|nearest| {
            nearest.values.into_iter().find(|word| plausible_slip(&token.raw, word))
        });
    }
}

fn can_be_a_slip(word: &str) -> bool {
    word.chars().count() >= MIN_CORRECTED_CHARS
        && word.chars().all(char::is_alphabetic)
        && !is_known(word)
}

/// Whether any table has the word (in singular or plural).
pub(crate) fn is_known(word: &str) -> bool {
    let known = &DICTIONARY.known;
    if lists(everyday::NAME_LIKE, word) {
        return false;
    }
    known.contains(word)
        || known.contains(singular(word))
        || ["ing", "ed", "ly", "er", "d"].iter().any(|end| {
            word.strip_suffix(end).is_some_and(|stem| stem.len() > 3 && known.contains(stem))
        })
}

pub(crate) fn is_stop_word(word: &str) -> bool {
    DICTIONARY.stop_words.contains(word)
}

/// A noun for a kind of thing: `app`, `database`.
pub(crate) fn is_generic_noun(word: &str) -> bool {
    DICTIONARY.generic.contains(word) || DICTIONARY.generic.contains(singular(word))
}

/// A word of a cue, a metric or a time.
pub(crate) fn is_cue(word: &str) -> bool {
    DICTIONARY.meaningful.contains(word)
}

/// A frequent English word.
pub(crate) fn is_frequent(word: &str) -> bool {
    DICTIONARY.frequent.contains(word) || DICTIONARY.frequent.contains(singular(word))
}

/// Whether a list of words parted by blanks has the word.
pub(crate) fn lists(list: &str, word: &str) -> bool {
    !word.is_empty() && list.split_ascii_whitespace().any(|listed| listed == word)
}
