//! Services that the tenant's catalog holds: by name, by a slip of it, or by a word of it.

use std::ops::Range;

use model::EntityKind;

use crate::{
    Problem, Vocabulary,
    entities::metric,
    intent::is_command,
    lexicon::{is_cue, is_frequent, is_generic_noun, is_known, is_stop_word, lists},
    scan::Scan,
    spelling::plausible_slip,
    text::{Kind, singular},
    vocabulary::{SERVICE_WORDS, key_of, name_parts},
};

/// Names looked up by spelling in one utterance; more are left alone, so that time is bounded.
const MAX_SPELLING_LOOKUPS: usize = 64;
const JOINS: &[&str] = &["-", "_", "."];
/// Words behind which an everyday word is a verb or a count rather than a name.
const NOT_A_NAME_AFTER: &str = "please you can could i we lets many much some few our my more most any no number dont \
     not will would should active new";
/// Words that put another service beside one.
const BESIDE: &str = "and or vs versus & than against with , / between plus";
/// What goes "to" a service.
const SENT: &str = "request requests traffic call calls hits load rate throughput volume queries errors connections";
/// Words behind which a word that lengthens a service's name is taken for it.
pub(super) const NAMING: &str = "for of in on from the to at is are by with does did has hows";

/// Words that mean every service there is.
const EVERY: &str = "all services, all the services, all our services, all my services, all of the services, \
     all of our services, every service, every single service, each service, each of the services, \
     each of our services, all service, across services, across the services, across the board, \
     across all, by service, per service, whole fleet, entire fleet, whole system, entire system, \
     whole platform, all of them, every one of them, each of them, everything";

/// Whether the words mean every service, and none is named.
pub(crate) fn is_every(scan: &Scan) -> bool {
    !scan.has(EntityKind::Service) && (0..scan.len()).any(|at| scan.begins(at, EVERY))
}

/// Finds names as the catalog has them, apart from case, separators, plural and "service".
pub(crate) fn recognise_exact(scan: &mut Scan, vocabulary: &Vocabulary) {
    let mut index = 0;
    while index < scan.len() {
        index = exact_at(scan, vocabulary, index).unwrap_or(index + 1);
    }
}

fn exact_at(scan: &mut Scan, vocabulary: &Vocabulary, start: usize) -> Option<usize> {
    let mut best: Option<(Vec<String>, usize)> = None;
    for (key, end) in windows(scan, start, vocabulary.most_parts()) {
        let names = vocabulary.exactly(&key);
        if !names.is_empty() && (end > start + 1 || may_be_a_name(scan, vocabulary, start)) {
            best = Some((names.into_iter().map(str::to_owned).collect(), end));
        }
    }
    let (names, end) = best?;
    Some(take(scan, &names, start..end, 1.0))
}

/// The keys of the runs of words that begin at a token, shortest first, with the token behind.
fn windows(scan: &Scan, start: usize, most: usize) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut key = String::new();
    let mut at = start;
    for _ in 0..most.max(1) {
        if !scan.is_free(at) || scan.tokens[at].kind == Kind::Sign {
            break;
        }
        let written = scan.slice(at..at + 1);
        let written = written.split(['\'', '’']).next().unwrap_or_default();
        key.push_str(&key_of(&name_parts(written)));
        at += 1;
        found.push((key.clone(), at));
        if JOINS.contains(&scan.word(at)) && scan.is_glued(at) && scan.is_glued(at + 1) {
            at += 1;
        }
    }
    found
}

/// An everyday word such as "search" or "orders" names a service only where a name can stand.
fn may_be_a_name(scan: &Scan, vocabulary: &Vocabulary, index: usize) -> bool {
    let word = scan.tokens[index].raw.as_str();
    let (before, after) = (scan.word_before(index), scan.word(index + 1));
    let said_to_be_one = SERVICE_WORDS.contains(&after) && !SERVICE_WORDS.contains(&word);
    if said_to_be_one || !is_known(word) {
        return true;
    }
    let general = is_cue(word) || is_generic_noun(word);
    if is_stop_word(word) || (is_cue(word) && !is_generic_noun(word) && !is_frequent(word)) {
        return false;
    }
    let object_of_command = is_command(before) && !metric::begins_at(scan, index - 1);
    let another_follows = lists(BESIDE, after)
        && windows(scan, index + 2, 1).iter().any(|(key, _)| !vocabulary.exactly(key).is_empty());
    let beside_another =
        (lists(BESIDE, before) && scan.has(EntityKind::Service)) || another_follows;
    let alone = scan.len() == 1;
    if alone || object_of_command || beside_another || metric::begins_at(scan, index + 1) {
        return true;
    }
    if is_possessive(scan, index) {
        return true;
    }
    match before {
        "in" => after != "to",
        "to" => word.ends_with('s') || index >= 2 && lists(SENT, scan.word(index - 2)),
        _ if general => lists(NAMING, before),
        _ => {
            let verb = index == 0 && !word.ends_with('s');
            !verb && !lists(NOT_A_NAME_AFTER, before)
        }
    }
}

fn is_possessive(scan: &Scan, index: usize) -> bool {
    scan.slice(index..index + 1).contains(['\'', '’'])
}

/// Finds names with a slip or two, among words that nothing else knows.
pub(crate) fn recognise_misspelt(scan: &mut Scan, vocabulary: &Vocabulary) {
    let mut lookups = 0;
    let mut index = 0;
    while index < scan.len() && lookups < MAX_SPELLING_LOOKUPS {
        let candidates = windows(scan, index, vocabulary.most_parts());
        let mut next = index + 1;
        for (key, end) in candidates.into_iter().rev() {
            if !could_be_misspelt(scan, index..end) {
                continue;
            }
            lookups += 1;
            let names: Vec<String> = vocabulary
                .nearly(&key)
                .into_iter()
                .filter(|name| plausible_slip(&key, &key_of(&name_parts(name))))
                .map(str::to_owned)
                .collect();
            if !names.is_empty() {
                next = take(scan, &names, index..end, 0.8);
                break;
            }
        }
        index = next;
    }
}

/// At least one word is unknown, and none is a function word.
fn could_be_misspelt(scan: &Scan, tokens: Range<usize>) -> bool {
    let words = || {
        tokens
            .clone()
            .filter(|&at| scan.tokens[at].kind != Kind::Sign)
            .map(|at| scan.tokens[at].raw.as_str())
    };
    let alphabetic = |word: &str| word.chars().any(char::is_alphabetic);
    words().any(|word| !is_known(word))
        && words().all(|word| !is_stop_word(word) && alphabetic(word))
}

/// Finds services by one word of their name ("the gateway") or a longer form of it
/// ("authentication service").
pub(crate) fn recognise_partial(scan: &mut Scan, vocabulary: &Vocabulary) {
    let mut index = 0;
    while index < scan.len() {
        let next = index + 1;
        if scan.is_free(index)
            && scan.tokens[index].kind == Kind::Word
            && can_stand_for(scan, index)
        {
            let word = scan.tokens[index].raw.clone();
            let mut names = vocabulary.with_part(&word);
            if names.is_empty() && lists(NAMING, scan.word_before(index))
                || SERVICE_WORDS.contains(&scan.word(next)) && names.is_empty()
            {
                names = vocabulary.lengthened_by(&word);
            }
            if !names.is_empty() {
                let names: Vec<_> = names.into_iter().map(str::to_owned).collect();
                index = take(scan, &names, index..next, 0.65);
                continue;
            }
        }
        index = next;
    }
}

fn can_stand_for(scan: &Scan, index: usize) -> bool {
    let word = scan.tokens[index].raw.as_str();
    let names_service = SERVICE_WORDS.contains(&scan.word(index + 1));
    if is_stop_word(word) || SERVICE_WORDS.contains(&word) || word.chars().count() < 3 {
        return false;
    }
    let placed =
        lists(NAMING, scan.word_before(index)) && !is_generic_noun(word) && !is_frequent(word);
    names_service || placed || !is_known(word)
}

/// Takes the tokens for the one service meant, or notes that it could be several.
fn take(scan: &mut Scan, names: &[String], tokens: Range<usize>, confidence: f32) -> usize {
    let mut end = tokens.end;
    let named = scan.word(end);
    if SERVICE_WORDS.contains(&named) && scan.is_free(end) {
        end += 1;
    } else if scan.word(end) == "-"
        && SERVICE_WORDS.contains(&scan.word(end + 1))
        && scan.is_glued(end)
    {
        end += 2;
    }
    let whole = tokens.start..end;
    let written = |range: Range<usize>| scan.slice(range).to_lowercase();
    let (short, long) = (written(tokens), written(whole.clone()));
    let meant = match names {
        [only] => Some(only),
        several => several
            .iter()
            .find(|name| name.to_lowercase() == long)
            .or_else(|| several.iter().find(|name| name.to_lowercase() == short)),
    };
    match meant {
        Some(name) => {
            let name = name.clone();
            scan.take_text(EntityKind::Service, name, whole, confidence);
        }
        None => {
            scan.mark(whole.clone());
            let problem = Problem::AmbiguousService {
                text: scan.slice(whole.clone()).to_owned(),
                span: scan.span(whole),
                candidates: names.to_vec(),
            };
            scan.problems.push(problem);
        }
    }
    end
}

/// Kebab case without a trailing "service", for names that no catalog has.
pub(super) fn kebab(written: &str) -> String {
    let parts = name_parts(written);
    parts.join("-")
}

/// Whether a word repeats a service that is found already.
pub(super) fn is_named(scan: &Scan, word: &str) -> bool {
    scan.entities.iter().any(|entity| {
        entity.kind == EntityKind::Service
            && entity.as_text().is_some_and(|name| singular(name) == singular(word))
    })
}
