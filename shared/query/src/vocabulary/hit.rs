//! Values of labels that a question names: "Adyen", "the price sync job", "404s", "mobile app".

use std::{borrow::Cow, collections::HashSet, ops::Range};

use super::{LEAST, Noun, ValueAt, Vocabulary, expansions, fit, stem};
use crate::{
    catalog::{ENVIRONMENT_LABELS, METHOD_LABELS},
    metric::other_names_of_environment,
    text,
    wanted::{Use, Word, Words},
};

/// A value that words of the question may mean.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hit<'a> {
    pub(crate) words: Range<usize>,
    pub(crate) label: &'a str,
    pub(crate) value: &'a str,
    /// How surely the words mean this value, from 0 to 1.
    pub(crate) sure: f32,
    /// A word beside it names the label: "the orders topic".
    pub(crate) beside: bool,
    /// The question leaves it out: "without watches".
    pub(crate) negated: bool,
}

/// The most words of a value.
const MAX_WORDS: usize = 5;
const VERBS: &[&str] = &["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "LIST"];
/// Values that are also words of every question.
const NEVER_ALONE: &[&str] = &[
    "true", "false", "unknown", "none", "other", "all", "default", "yes", "no", "on", "off",
    "time", "total", "up", "in", "out", "value", "name",
];

/// The values that the words of a question mean, wherever the catalog has them.
pub(crate) fn hits<'a>(words: &Words, vocabulary: &'a Vocabulary) -> Vec<Hit<'a>> {
    let nouns = Nouns::new(words);
    let mut hits = Vec::new();
    for start in 0..words.len() {
        for end in start + 1..=(start + MAX_WORDS).min(words.len()) {
            let range = start..end;
            if words.is_taken(end - 1) && words.list[end - 1].number.is_none() {
                break;
            }
            let key = words.run_together(range.clone());
            if key.is_empty() {
                continue;
            }
            // "iOS" is no `i` of an `OS`.
            let as_one = if range.len() == 1 { words.list[range.start].stem.as_str() } else { "" };
            let alone = !as_one.is_empty() && as_one != key;
            let also = if alone { vocabulary.values_like(as_one) } else { &[][..] };
            for at in vocabulary.values_like(&key).iter().chain(also) {
                let (label, value) = vocabulary.value(*at);
                let whole = if at.whole { 1.0 } else { 0.85 };
                let beside = nouns.are_beside(words, &range, label, vocabulary);
                let names_label =
                    range.len() == 1 && vocabulary.has_label_named(&words.list[range.start].plain);
                hits.extend(hit(
                    words,
                    range.clone(),
                    (label, value),
                    whole,
                    (beside, names_label),
                ));
            }
        }
    }
    environments(words, vocabulary, &mut hits);
    parts(words, vocabulary, &nouns, &mut hits);
    outcomes(words, vocabulary, &mut hits);
    root_filesystem(words, vocabulary, &mut hits);
    // A label that stands beside a value decides which label the value is of.
    let beside: Vec<(Range<usize>, &str)> = hits
        .iter()
        .filter(|hit| hit.beside && hit.sure >= 0.8)
        .map(|hit| (hit.words.clone(), hit.value))
        .collect();
    hits.retain(|hit| {
        let mut decided = beside.iter().filter(|(range, _)| *range == hit.words).peekable();
        // "the billing service" may be the `job` of one metric where another has `service`.
        hit.beside
            || decided.peek().is_none()
            || (decided.any(|(_, value)| *value == hit.value)
                && nouns.fit_beside(words, &hit.words, hit.label, vocabulary) >= LEAST)
    });
    hits
}

/// Values of several words of which the question has some: "refused by MFA" is `mfa_denied`.
fn parts<'a>(words: &Words, vocabulary: &'a Vocabulary, nouns: &Nouns, hits: &mut Vec<Hit<'a>>) {
    /// A word that many values have tells none of them.
    const MOST: usize = 24;
    /// Words that stand for the same thing and not only for one like it.
    const SAME: f32 = 0.9;
    /// A shorter word is too likely to be there for something else.
    const UNMISTAKABLE: usize = 5;
    /// How surely half of a value means it, where no other value has the word.
    const HALF: f32 = 0.54;
    let said = said_stems(words);
    for at in 0..words.len() {
        let word = &words.list[at];
        let known = hits.iter().any(|hit| hit.words.contains(&at));
        if word.used != Use::Free || word.key.len() < 3 || word.number.is_some() {
            continue;
        }
        let mut values = Cow::Borrowed(vocabulary.values_with(&word.key));
        if values.is_empty() {
            // "Postgres" is `/var/lib/postgresql`, too.
            let same = expansions(&word.key).iter().filter(|(_, sure)| *sure >= SAME);
            values = same.flat_map(|(other, _)| vocabulary.values_with(other)).copied().collect();
        }
        if values.len() > MOST {
            continue;
        }
        let found: Vec<Part<'_>> =
            values.iter().map(|value| Part::new(words, at, &said, vocabulary, *value)).collect();
        for part in &found {
            // Of several values those are meant of which the question has most, if it has two words.
            // What lies between the pieces may not mean something itself.
            let whole = |range: &Range<usize>| {
                !hits.iter().any(|hit| {
                    let within = range.start < hit.words.start && hit.words.end < range.end;
                    let own = part.stems.iter().any(|stem| stem == words.key(hit.words.start));
                    within && !own && hit.sure >= 0.95
                })
            };
            if let Some(range) = said_in_pieces(words, part.stems).filter(whole) {
                let same = |hit: &Hit<'_>| {
                    hit.words == range && hit.label == part.label && hit.value == part.value
                };
                if !hits.iter().any(same) {
                    hits.push(part.hit(words, range, 0.95, false));
                }
                continue;
            }
            if known {
                continue;
            }
            let others =
                found.iter().filter(|other| other.label == part.label && other.value != part.value);
            let most = others.map(|other| other.count).max();
            let ambiguous =
                most.is_some_and(|most| most > part.count || (most == part.count && most < 2));
            let range = at..at + 1;
            // "the log partition" is the `mountpoint` of `/var/log`.
            // "the exam load balancer" is `app/exam-prod/ab12`, where no other one has the word.
            let single = part.share > 0.2
                && found.iter().all(|other| other.label != part.label || other.value == part.value);
            let beside = (part.share >= 0.5 || single)
                && nouns.fit_beside(words, &range, part.label, vocabulary) >= 0.8;
            // "our portal" is the `customer-portal`, where nothing else is called so.
            let only = part.share >= 0.5
                && word.key.len() >= UNMISTAKABLE
                && !part.value.starts_with('/')
                && found.iter().all(|other| other.value == part.value);
            if ambiguous || (part.share <= 0.5 && part.count < 3 && !beside && !only) {
                continue;
            }
            let sure = match part.share > 0.5 || part.count >= 3 {
                _ if beside => 0.9,
                true => 0.45 + 0.4 * part.share,
                false => HALF,
            };
            hits.push(part.hit(words, range, sure, beside));
        }
    }
    opposites(words, vocabulary, hits);
}

/// A value of several words, by one of them.
struct Part<'a> {
    label: &'a str,
    value: &'a str,
    stems: &'a [String],
    /// How many of its words are said, and one more where two stand side by side.
    count: usize,
    share: f32,
}

impl<'a> Part<'a> {
    fn new(
        words: &Words,
        at: usize,
        said: &HashSet<&str>,
        vocabulary: &'a Vocabulary,
        found: ValueAt,
    ) -> Self {
        let (label, value) = vocabulary.value(found);
        let stems = vocabulary.value_stems(found);
        let count =
            stems.iter().filter(|stem| said.contains(stem.as_str()) || is_cut(words, stem)).count();
        let adjacent = stems.windows(2).any(|pair| is_adjacent(words, at, pair));
        let share = count as f32 / vocabulary.telling_words(found).max(count).max(1) as f32;
        Self { label, value, stems, count: count + usize::from(adjacent), share }
    }

    fn hit(&self, words: &Words, range: Range<usize>, sure: f32, beside: bool) -> Hit<'a> {
        let negated = is_left_out(words, &range);
        Hit { words: range, label: self.label, value: self.value, sure, beside, negated }
    }
}

/// Every stem that the question has, and those that stand for one.
fn said_stems(words: &Words) -> HashSet<&str> {
    const SURE: f32 = 0.7;
    let others = words.list.iter().flat_map(|word| expansions(&word.key));
    let sure = others.filter(|(_, sure)| *sure >= SURE).map(|(other, _)| other.as_str());
    words.list.iter().map(|word| word.key.as_str()).chain(sure).collect()
}

/// "instant" is cut to `inst`.
fn is_cut(words: &Words, stem: &str) -> bool {
    const SHORTEST: usize = 4;
    let cut = |word: &Word| word.used == Use::Free && word.key.starts_with(stem);
    stem.len() >= SHORTEST && words.list.iter().any(cut)
}

/// "turned away" is `denied`: of labels that say how things ended, what stands for a word will do.
fn outcomes<'a>(words: &Words, vocabulary: &'a Vocabulary, hits: &mut Vec<Hit<'a>>) {
    const SURE: f32 = 0.7;
    for at in 0..words.len() {
        let word = &words.list[at];
        if word.used != Use::Free {
            continue;
        }
        let known: Vec<&str> =
            hits.iter().filter(|hit| hit.words.contains(&at)).map(|hit| hit.label).collect();
        // What means something else by itself is no ending.
        if known.iter().any(|label| !ENDINGS.contains(label)) {
            continue;
        }
        let others = expansions(&word.key).iter().filter(|(_, sure)| *sure >= SURE);
        for found in others.flat_map(|(other, _)| vocabulary.values_like(other)) {
            let (label, value) = vocabulary.value(*found);
            if ENDINGS.contains(&label) && !known.contains(&label) {
                hits.push(of_word(words, at, (label, value), 0.8));
            }
        }
    }
}

/// Labels that say how something ended or how it was decided, and those of currencies.
const ENDINGS: &[&str] =
    &["result", "outcome", "res", "decision", "verdict", "disposition", "currency", "status"];

/// "cannot be scheduled" is `unschedulable`.
fn opposites<'a>(words: &Words, vocabulary: &'a Vocabulary, hits: &mut Vec<Hit<'a>>) {
    for at in 0..words.len() {
        let word = &words.list[at];
        let denied = (at.saturating_sub(3)..at)
            .any(|before| words.is(before, &["cannot", "not", "n't", "unable", "ca"]));
        if !denied || word.used != Use::Free || hits.iter().any(|hit| hit.words.contains(&at)) {
            continue;
        }
        let others = expansions(&word.key).iter().filter(|(_, sure)| *sure >= 0.7);
        let stems = [word.key.as_str()].into_iter().chain(others.map(|(other, _)| other.as_str()));
        for found in stems.flat_map(|stem| vocabulary.values_like(&format!("un{stem}"))) {
            let (label, value) = vocabulary.value(*found);
            hits.push(Hit {
                words: at..at + 1,
                label,
                value,
                sure: 0.85,
                beside: false,
                negated: false,
            });
        }
    }
}

/// Where every word of a value of several is said, though not in one piece: "idle connections in
/// transaction".
fn said_in_pieces(words: &Words, own: &[String]) -> Option<Range<usize>> {
    const WIDEST: usize = 6;
    if own.len() < 2 || own.iter().any(|part| part.len() < 2) {
        return None;
    }
    // "articles … in" is no `in_article`.
    let telling = own.iter().filter(|part| {
        words.list.iter().any(|word| word.key == **part && word.used != Use::Grammar)
    });
    if telling.count() < 2 {
        return None;
    }
    let place = |part: &String| (0..words.len()).find(|at| words.key(*at) == part);
    let places = own.iter().map(place).collect::<Option<Vec<usize>>>()?;
    let (first, last) = (*places.iter().min()?, *places.iter().max()?);
    (last - first < WIDEST).then_some(first..last + 1)
}

/// Whether two words of a value stand side by side in the question, one of them here.
fn is_adjacent(words: &Words, at: usize, pair: &[String]) -> bool {
    let key = |index: Option<usize>| index.map_or("", |index| words.key(index));
    (key(Some(at)) == pair[0] && key(Some(at + 1)) == pair[1])
        || (key(at.checked_sub(1)) == pair[0] && key(Some(at)) == pair[1])
}

/// Labels of places, whose values have the environment in their names now and then.
const PLACES: &[&str] = &["namespace", "exported_namespace", "k8s_namespace_name", "cluster"];

/// What a single word means, with nothing beside it.
fn of_word<'a>(words: &Words, at: usize, (label, value): (&'a str, &'a str), sure: f32) -> Hit<'a> {
    let words_of = at..at + 1;
    let negated = is_left_out(words, &words_of);
    Hit { words: words_of, label, value, sure, beside: false, negated }
}

/// "production" where the data says `prod`.
fn environments<'a>(words: &Words, vocabulary: &'a Vocabulary, hits: &mut Vec<Hit<'a>>) {
    for at in 0..words.len() {
        let known = |hit: &Hit<'_>| hit.words.contains(&at) && hit.sure > 0.9;
        if hits.iter().any(known) || words.is_taken(at) {
            continue;
        }
        for other in other_names_of_environment(words.at(at)) {
            for found in vocabulary.values_like(other) {
                let (label, value) = vocabulary.value(*found);
                if ENVIRONMENT_LABELS.contains(&label) {
                    hits.push(of_word(words, at, (label, value), 0.95));
                }
            }
            // "in production" is the namespace `shop-prod`, where no label is of environments.
            for found in vocabulary.values_with(&stem(other)) {
                let (label, value) = vocabulary.value(*found);
                if PLACES.contains(&label) {
                    hits.push(of_word(words, at, (label, value), 0.8));
                }
            }
        }
    }
}

fn hit<'a>(
    words: &Words,
    range: Range<usize>,
    (label, value): (&'a str, &'a str),
    whole: f32,
    (beside, names_label): (bool, bool),
) -> Option<Hit<'a>> {
    let single = range.len() == 1;
    let first = &words.list[range.start];
    let exact = single && first.raw == value;
    let exact_name = exact && value.chars().any(|letter| !letter.is_ascii_lowercase());
    if range.clone().any(|index| words.is_taken(index)) && !(exact && beside) {
        return None;
    }
    let is_segment = value.starts_with('/') && !first.raw.starts_with('/') && !beside;
    if is_segment && (first.used != Use::Free || !is_last_segment(words, &range, value)) {
        return None;
    }
    if VERBS.contains(&value.to_uppercase().as_str()) && single {
        let next = words.at(range.end);
        let method =
            matches!(next, "request" | "requests" | "call" | "calls" | "method" | "verb" | "reqs");
        let written = first.raw.len() > 1
            && first.raw.trim_end_matches('s').chars().all(|letter| letter.is_ascii_uppercase());
        if !(written || beside || method || (exact && !METHOD_LABELS.contains(&label))) {
            return None;
        }
    }
    let numeric = value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    if numeric && !beside && !is_status(&first.lower) {
        return None;
    }
    if value.chars().count() < 2 && !beside {
        return None;
    }
    if single && !exact && !beside {
        let grammar = first.used == Use::Grammar;
        if grammar || NEVER_ALONE.contains(&first.lower.as_str()) {
            return None;
        }
    }
    if single && NEVER_ALONE.contains(&first.lower.as_str()) && !beside {
        return None;
    }
    if single && !exact && !beside && names_label && value != first.lower {
        // "pods" are pods, even where a container is called `POD`.
        return None;
    }
    let generic = range.start > 0
        && words.is(
            range.start - 1,
            &["a", "an", "any", "each", "every", "no", "which", "what", "many", "per", "all"],
        );
    let whole = if generic && !beside && !exact_name { 0.6 * whole } else { whole };
    let form = if single && first.used == Use::Form { 0.9 } else { 1.0 };
    // "production" and `products` share a stem and no more.
    let alike = match single {
        true if first.lower == value.to_lowercase() => 1.0,
        true if is_alike(&first.plain, value) => 0.98,
        true => 0.75,
        false => 1.0,
    };
    let alike = if exact { 1.0 } else { 0.99 * alike };
    // A word that is no path may still be the last part of one.
    let alike = match value.starts_with('/') && !first.raw.starts_with('/') {
        true if is_segment => 0.9 * alike,
        true => 0.75 * alike,
        false => alike,
    };
    Some(Hit {
        negated: is_left_out(words, &range),
        words: range,
        label,
        value,
        sure: whole * form * alike,
        beside,
    })
}

/// Whether words are the end of a path to the letter: "checkout" of `/v1/checkout`.
fn is_last_segment(words: &Words, range: &Range<usize>, value: &str) -> bool {
    let Some((_, last)) = value.rsplit_once('/') else { return false };
    let said: Vec<&str> = range.clone().map(|at| words.at(at)).collect();
    !last.is_empty() && text::words(last).iter().map(String::as_str).eq(said)
}

/// `404`, `503s`: a number that can only be a status where the label has it.
fn is_status(lower: &str) -> bool {
    let digits = lower.trim_end_matches('s');
    digits.len() == 3
        && digits.starts_with(['1', '2', '3', '4', '5'])
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a word and a value are the same but for number, case and what stands around it.
fn is_alike(plain: &str, value: &str) -> bool {
    let bare = |text: &str| {
        let endings = ["ing", "ed", "es", "s", "e"];
        let ending =
            endings.iter().find(|ending| text.len() > ending.len() + 2 && text.ends_with(**ending));
        ending.map_or(text, |ending| &text[..text.len() - ending.len()]).to_owned()
    };
    let parts = text::words(value);
    bare(&parts.concat()) == bare(plain) || parts.iter().any(|part| bare(part) == bare(plain))
}

/// The words of a question as nouns, each by itself and with the one behind it.
struct Nouns {
    alone: Vec<Option<Noun>>,
    pairs: Vec<Option<Noun>>,
}

impl Nouns {
    fn new(words: &Words) -> Self {
        let may_name = |at: usize| {
            let word = words.list.get(at)?;
            let names = word.used != Use::Taken && word.number.is_none() && !word.plain.is_empty();
            (names && (word.used != Use::Grammar)).then_some(word.lower.as_str())
        };
        let alone = |at: usize| may_name(at).map(|word| Noun::new(&[word]));
        let pair = |at: usize| Some(Noun::new(&[may_name(at)?, may_name(at + 1)?]));
        Self {
            alone: (0..words.len()).map(alone).collect(),
            pairs: (0..words.len()).map(pair).collect(),
        }
    }

    /// Whether a word beside the value names its label.
    fn are_beside(
        &self,
        words: &Words,
        range: &Range<usize>,
        label: &str,
        vocabulary: &Vocabulary,
    ) -> bool {
        const SURE: f32 = 0.7;
        self.fit_beside(words, range, label, vocabulary) >= SURE
    }

    /// How well a word beside the value names its label.
    fn fit_beside(
        &self,
        words: &Words,
        range: &Range<usize>,
        label: &str,
        vocabulary: &Vocabulary,
    ) -> f32 {
        const BETWEEN: &[&str] =
            &["the", "named", "called", "=", "==", "of", "to", "is", "a", "on", "in", "with"];
        let Some(label) = vocabulary.label(label) else { return 0.0 };
        let names = |noun: Option<&Option<Noun>>| {
            noun.and_then(Option::as_ref).map_or(0.0, |noun| fit(label, noun))
        };
        let mut after = range.end;
        if words.is(after, &["named", "called"]) {
            after += 1;
        }
        let mut before = range.start.checked_sub(1);
        for _ in 0..2 {
            before = match before {
                Some(index) if BETWEEN.contains(&words.at(index)) => index.checked_sub(1),
                other => other,
            };
        }
        let ended = words.list[range.end - 1].ends_clause;
        let behind = if ended {
            0.0
        } else {
            names(self.alone.get(after)).max(names(self.pairs.get(after)))
        };
        before.map_or(0.0, |before| names(self.alone.get(before))).max(behind)
    }
}

pub(crate) fn is_left_out(words: &Words, range: &Range<usize>) -> bool {
    const OUT: &[&str] = &[
        "not", "n't", "n’t", "without", "excluding", "except", "besides", "ignoring", "ignore",
        "exclude", "minus", "non", "excepting", "skipping", "skip", "never", "un", "no",
        "omitting", "disregarding", "bar", "hide", "hiding", "w/o", "omit", "drop", "suppress",
        "mute", "excl",
    ];
    for back in 1..=4 {
        let Some(index) = range.start.checked_sub(back) else { break };
        let word = &words.list[index];
        if word.ends_clause {
            break;
        }
        if OUT.contains(&word.lower.as_str()) {
            // "not ready nodes in prod" leaves out what stands next to it.
            return back <= 3;
        }
        // "anything but 2001"
        let but = words.is(index, &["but"])
            && words
                .is(index.wrapping_sub(1), &["anything", "everything", "all", "any", "nothing"]);
        if but && back <= 2 {
            return true;
        }
        if words.is(index, &["spare"]) && back <= 3 {
            return true;
        }
        let out = words.is(
            index,
            &["leaving", "leave", "filter", "filtering", "taking", "ruling", "left", "take"],
        ) && words.is(index + 1, &["out", "aside"]);
        if out && back <= 3 {
            return true;
        }
        if (words.are(index, &["other", "than"])
            || words.are(index, &["apart", "from"])
            || words.are(index, &["but", "for"]))
            && back <= 3
        {
            return true;
        }
        if word.used == Use::Free && !words.is(index, &["end", "counting", "include", "including"])
        {
            break;
        }
    }
    let leaving = (range.start.saturating_sub(3)..range.start).any(|index| {
        words.is(
            index,
            &["leaving", "leave", "filter", "filtering", "rule", "ruling", "taking", "take"],
        )
    });
    (leaving && words.is(range.end, &["out", "aside"]))
        || words.are(range.end, &["left", "out"])
        || words.is(range.end, &["excluded", "aside"])
}

/// "the root filesystem" is mounted at `/`, which has no letters to be found by.
fn root_filesystem<'a>(words: &Words, vocabulary: &'a Vocabulary, hits: &mut Vec<Hit<'a>>) {
    const KINDS: &[&str] = &[
        "filesystem", "disk", "partition", "volume", "mount", "fs", "filesystems", "disks", "drive",
    ];
    let found = (0..words.len()).find(|at| {
        let named = words.is(*at, &["root"]) && words.is(at + 1, KINDS);
        let slash = words.list[*at].raw == "/";
        named || slash
    });
    let Some(at) = found else { return };
    for (label, value) in vocabulary.labelled_root() {
        hits.push(Hit { words: at..at + 1, label, value, sure: 1.0, beside: true, negated: false });
    }
}
