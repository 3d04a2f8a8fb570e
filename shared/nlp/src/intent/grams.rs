//! What the intent's model sees of an utterance: its words, neighbours, pieces of words, groups of
//! like words, cues, and the kinds of its entities.

use std::ops::Range;

use model::EntityKind;

use super::features::Features;
use crate::{
    learned::{clusters, features::FeatureList},
    scan::Scan,
    text::{Kind, Token},
};

/// The beginning says most; tokens behind this add nothing but time.
const MAX_TOKENS: usize = 120;
/// Signs that carry meaning.
const SIGNS: &str = "?!%><@/#&+=:";
const START: &str = "^";
const END: &str = "$";
const UNKNOWN: &str = "?";

/// `named` says which tokens name what.
pub(crate) fn features(scan: &Scan, named: &[(EntityKind, Range<usize>)]) -> FeatureList {
    let mut list = FeatureList::default();
    let words: Vec<&str> = scan.tokens.iter().take(MAX_TOKENS).filter_map(shown).collect();
    let framed: Vec<&str> = [START].into_iter().chain(words.iter().copied()).chain([END]).collect();
    add_words(&mut list, &framed);
    for word in &words {
        add_pieces(&mut list, word);
    }
    add_groups(&mut list, &words);
    add_shape(&mut list, scan, &words);
    add_kinds(&mut list, scan, named);
    list
}

/// A token as the model reads it: numbers by their shape, signs if they mean something.
fn shown(token: &Token) -> Option<&str> {
    match token.kind {
        Kind::Word => Some(token.word()),
        Kind::Number => Some(number_shape(&token.raw)),
        Kind::Sign => SIGNS.contains(&token.raw).then_some(&token.raw),
    }
}

fn number_shape(raw: &str) -> &str {
    let digits = raw.bytes().take_while(|byte| byte.is_ascii_digit()).count();
    match (digits, &raw[digits..]) {
        (1..=2, "") => "#",
        (3, "") => "###",
        (_, "") => "#####",
        (_, "m" | "h" | "d" | "min" | "mins" | "hr" | "hrs" | "w") => "#time",
        (_, "ms" | "s") => "#ms",
        (_, rest) if rest.starts_with('.') => "#.#",
        (_, rest) if rest.starts_with(':') => "#:#",
        (_, "am" | "pm") => "#am",
        (_, "xx") => "#xx",
        _ => "#x",
    }
}

fn add_words(list: &mut FeatureList, words: &[&str]) {
    for (at, word) in words.iter().enumerate() {
        list.add(&["w", word]);
        if let Some(next) = words.get(at + 1) {
            list.add(&["ww", word, next]);
        }
        if let Some(after) = words.get(at + 2) {
            list.add(&["www", word, words[at + 1], after]);
            list.add(&["w_w", word, after]);
        }
    }
    for (at, word) in words.iter().skip(1).take(3).enumerate() {
        list.add(&["at", ["0", "1", "2"][at], word]);
    }
}

/// Three to five neighbouring characters of a word, its ends marked.
fn add_pieces(list: &mut FeatureList, word: &str) {
    const LONGEST_WORD: usize = 24;
    let mut buffer = String::with_capacity(word.len() + 2);
    buffer.push('<');
    buffer.push_str(word);
    buffer.push('>');
    let ends: Vec<usize> =
        buffer.char_indices().map(|(at, _)| at).chain([buffer.len()]).take(LONGEST_WORD).collect();
    for length in 3..=5 {
        for window in ends.windows(length + 1) {
            list.add(&["c", &buffer[window[0]..window[length]]]);
        }
    }
}

fn add_groups(list: &mut FeatureList, words: &[&str]) {
    const LEVELS: [&str; 3] = ["g0", "g1", "g2"];
    let groups: Vec<Option<[&'static str; 3]>> =
        words.iter().map(|word| clusters::of(word)).collect();
    for (level, name) in LEVELS.iter().enumerate() {
        let shown = |at: usize| groups[at].map_or(UNKNOWN, |numbers| numbers[level]);
        let mut before = START;
        for at in 0..groups.len() {
            list.add(&[name, shown(at)]);
            list.add(&[name, before, shown(at)]);
            before = shown(at);
        }
        list.add(&[name, before, END]);
    }
}

fn add_shape(list: &mut FeatureList, scan: &Scan, words: &[&str]) {
    let length = match words.len() {
        0..=1 => "1",
        2..=3 => "3",
        4..=6 => "6",
        7..=12 => "12",
        _ => "more",
    };
    list.add(&["length", length]);
    for feature in Features::of_words(scan).names() {
        list.add(&["cue", feature]);
    }
}

/// The kinds of what is named, and the words with each name replaced by its kind.
fn add_kinds(list: &mut FeatureList, scan: &Scan, named: &[(EntityKind, Range<usize>)]) {
    let mut kinds: Vec<&str> = named.iter().map(|(kind, _)| kind.name()).collect();
    kinds.sort_unstable();
    let mut before = "";
    for kind in &kinds {
        list.add(&[if *kind == before { "has two" } else { "has" }, kind]);
        before = kind;
    }
    let mut words: Vec<&str> = vec![START];
    let mut at = 0;
    while at < scan.len().min(MAX_TOKENS) {
        if let Some((kind, tokens)) = named.iter().find(|(_, tokens)| tokens.contains(&at)) {
            words.push(kind.name());
            at = tokens.end;
            continue;
        }
        words.extend(shown(&scan.tokens[at]));
        at += 1;
    }
    words.push(END);
    for pair in words.windows(2) {
        list.add(&["kk", pair[0], pair[1]]);
    }
    for three in words.windows(3) {
        list.add(&["kkk", three[0], three[1], three[2]]);
        list.add(&["k_k", three[0], three[2]]);
    }
}
