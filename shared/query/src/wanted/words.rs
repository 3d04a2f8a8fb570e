//! The words of a question, each with what it has been understood to be so far.

use std::{cell::RefCell, collections::HashMap, ops::Range, sync::LazyLock};

use crate::{
    text,
    vocabulary::{run_together, stem},
};

/// What a word is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// It may name what is asked about.
    Free,
    /// It is grammar.
    Grammar,
    /// It says what form the answer has; it may also be part of a name.
    Form,
    /// It was read as a number, a period or a unit, and names nothing.
    Taken,
}

/// A word, a number or a sign.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    /// As written, without the punctuation around it.
    pub(crate) raw: String,
    pub(crate) lower: String,
    /// The stem of its lower form as it was written.
    pub(crate) stem: String,
    /// Its parts run together, with the stem of the last: `crash-loops` is `crashloop`.
    pub(crate) key: String,
    /// Its parts run together as they stand.
    pub(crate) plain: String,
    /// The stems of its parts, where it has several.
    pub(crate) parts: Vec<String>,
    /// Byte offsets into the question.
    pub(crate) span: Range<usize>,
    pub(crate) used: Use,
    /// A comma or a full stop follows.
    pub(crate) ends_clause: bool,
    /// It was written as a possessive.
    pub(crate) possessive: bool,
    pub(crate) number: Option<f64>,
}

/// Phrases to look for; each list is a constant, and is known again by where it lies.
pub(crate) type Phrases = &'static [&'static str];

/// The words of a question in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words {
    pub(crate) list: Vec<Word>,
    /// What was looked for before, with the places where it begins: many candidates ask the same
    /// of the same words. A list has its place by where it lies in memory.
    found: RefCell<Vec<Option<(Phrases, Places)>>>,
}

/// How many lists of phrases are remembered.
const KNOWN_LISTS: usize = 512;

/// The first two letters as one of 64 bits, by which most phrases are known not to be there.
fn beginning(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let letter =
        |at: usize| bytes.get(at).filter(|byte| **byte != b' ').copied().unwrap_or_default();
    1 << ((usize::from(letter(0)) * 7 + usize::from(letter(1))) % 64)
}

/// Places of words as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Places(u128);

impl Places {
    pub(crate) fn any(self) -> bool {
        self.0 != 0
    }

    pub(crate) fn has(self, index: usize) -> bool {
        index < MAX_WORDS && self.0 >> index & 1 == 1
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = usize> {
        (0..MAX_WORDS).filter(move |index| self.has(*index))
    }
}

/// Longer questions are cut: nobody writes them, and every word costs time.
const MAX_WORDS: usize = 80;

const GRAMMAR: &[&str] = &[
    "a", "an", "the", "of", "in", "on", "at", "to", "for", "from", "by", "with", "and", "or", "is",
    "are", "was", "were", "be", "been", "being", "am", "do", "does", "did", "done", "has", "have",
    "had", "having", "it", "its", "they", "them", "their", "this", "that", "these", "those",
    "there", "here", "we", "us", "our", "i", "me", "my", "you", "your", "he", "she", "what",
    "which", "who", "whose", "whom", "where", "when", "why", "how", "show", "give", "tell", "list",
    "display", "see", "please", "can", "could", "would", "should", "shall", "may", "might", "must",
    "will", "if", "whether", "as", "so", "than", "then", "too", "also", "just", "only", "some",
    "any", "all", "both", "either", "each", "every", "per", "between", "across", "into", "onto",
    "over", "under", "within", "during", "since", "until", "while", "about", "against", "through",
    "via", "out", "up", "off", "again", "ever", "still", "already", "yet", "now", "currently",
    "moment", "want", "need", "like", "let", "know", "find", "compute", "calculate", "plot",
    "graph", "chart", "query", "make", "take", "get", "got", "gets", "getting", "come", "comes",
    "came", "go", "goes", "going", "went", "end", "ended", "put", "much", "many", "more", "most",
    "less", "least", "few", "very", "quite", "really", "right", "not", "no", "nor", "but",
    "because", "such", "same", "other", "another", "own", "them", "one", "ones", "thing", "things",
    "something", "anything", "anybody", "anyone", "somebody", "whole", "altogether", "overall",
    "together", "along", "hey", "hi", "hello", "thanks", "thank", "cheers", "pls", "plz", "wanna",
    "ok", "look", "looks", "looking", "check", "sees", "seen", "seeing", "having", "kindly",
    "quick", "roughly", "approximately", "exactly", "actually", "metric", "metrics", "ca", "wo",
    "n't", "n’t", "according", "judging", "say", "well", "yes", "maybe", "&", "-", "—", "–", "vs",
    "versus", "compared", "compare", "comparing", "comparison",
];

/// What a question begins with where it tells what to do, and elsewhere may name something.
const IMPERATIVES: &[&str] = &["rank", "sort", "name", "alert", "warn", "fire"];

/// Grammar that is also a name, unless it belongs to the verb before it: "is it up", "fill up".
const ALSO_NAMES: &[&str] = &["up", "query", "check", "ok"];
const VERBS_WITH_UP: &[&str] = &[
    "fill", "fills", "filling", "filled", "queued", "queue", "queues", "piled", "pile", "piling",
    "backed", "back", "add", "adds", "come", "came", "comes", "show", "shows", "hold", "held",
    "used", "use", "uses", "speed", "warm", "start", "set", "sign", "signed", "turn", "turns",
    "follow", "keep", "keeping", "ramp", "split", "break", "broken", "made", "make", "build",
    "built", "going", "go", "went", "bring", "eat", "eats", "eating", "ended", "end", "take",
    "takes", "taking", "took", "them", "it", "pick", "speeding", "clog", "clogged", "and", "by",
    "stack", "stacked", "taken", "trend", "trends", "trending", "creeping", "climbing", "shooting",
    "ramping", "heading",
];

/// Verbs that mean something else with the word behind them, in whichever form they stand: `threw
/// away` is called `dropped` in names.
const VERBS_WITH_PARTICLES: &[(&str, &str, &str)] = &[
    ("time", "out", "timeout"),
    ("roll", "back", "rollback"),
    ("log", "in", "login"),
    ("sign", "in", "login"),
    ("throw", "away", "dropped"),
    ("throw", "out", "evicted"),
    ("kick", "out", "evicted"),
    ("push", "out", "evicted"),
    ("turn", "down", "declined"),
    ("turn", "away", "rejected"),
    ("send", "back", "returned"),
    ("call", "off", "cancelled"),
    ("put", "online", "published"),
    ("stand", "still", "stopped"),
];

/// By the stem of the verb: its particles, each with what both are called.
static PARTICLES: LazyLock<HashMap<String, Vec<(&str, &str)>>> = LazyLock::new(|| {
    let mut particles: HashMap<String, Vec<(&str, &str)>> = HashMap::new();
    for (verb, particle, name) in VERBS_WITH_PARTICLES {
        particles.entry(stem(verb)).or_default().push((particle, name));
    }
    particles
});

/// Words that are one name: how they are said, and how they are written in names and values.
const PHRASES: &[(&[&str], &str)] = &[
    (&["time", "outs"], "timeout"),
    (&["roll", "backs"], "rollback"),
    (&["log", "ins"], "login"),
    (&["sign", "ins"], "login"),
    (&["not", "found"], "notfound"),
    (&["dead", "letter"], "dlq"),
    (&["dead", "letters"], "dlq"),
    (&["in", "flight"], "inflight"),
    (&["in", "progress"], "inprogress"),
    (&["file", "handles"], "fds"),
    (&["file", "descriptors"], "fds"),
    (&["open", "files"], "fds"),
    (&["out", "of", "memory"], "oom"),
    (&["kilowatt", "hours"], "energy"),
    (&["been", "up"], "uptime"),
    (&["up", "for"], "uptime"),
    (&["up", "since"], "uptime"),
    (&["end", "to", "end"], "e2e"),
    (&["look", "ups"], "lookups"),
    (&["check", "outs"], "checkouts"),
    (&["sql", "server"], "mssql"),
    (&["checked", "out"], "in_use"),
    (&["crashlooping"], "CrashLoopBackOff"),
    (&["crash-looping"], "CrashLoopBackOff"),
    (&["crash", "looping"], "CrashLoopBackOff"),
    (&["crashloop"], "CrashLoopBackOff"),
    (&["being", "handled"], "inprogress"),
    (&["being", "processed"], "inprogress"),
    (&["being", "served"], "inprogress"),
    (&["being", "executed"], "inprogress"),
    (&["capacity", "left"], "available"),
    (&["capacity", "remaining"], "available"),
    (&["remaining", "capacity"], "available"),
    (&["free", "capacity"], "available"),
    (&["in", "line"], "queued"),
    (&["still", "to", "be"], "waiting"),
    (&["yet", "to", "be"], "waiting"),
];

impl Words {
    pub(crate) fn read(text: &str) -> Self {
        let mut list = Vec::new();
        let mut at = 0;
        for piece in text.split_whitespace() {
            let start = at + text[at..].find(piece).unwrap_or_default();
            at = start + piece.len();
            for (range, possessive, ends_clause) in split(piece) {
                if list.len() >= MAX_WORDS {
                    return Self { list, found: RefCell::default() };
                }
                let span = start + range.start..start + range.end;
                list.push(Word::new(&piece[range], span, possessive, ends_clause));
            }
        }
        let mut words = Self { list, found: RefCell::default() };
        words.join_phrases();
        if words.is(0, IMPERATIVES) {
            words.mark(0..1, Use::Grammar);
        }
        words
    }

    /// Reads words that are one name as one.
    fn join_phrases(&mut self) {
        for at in 0..self.len() {
            // "50 000"
            let thousands = self.list[at].raw.len() <= 3
                && self.list[at].raw.bytes().all(|byte| byte.is_ascii_digit());
            if thousands && self.list.get(at + 1).is_some_and(|next| next.raw == "000") {
                self.list[at].number = self.list[at].number.map(|number| number * 1e3);
                self.mark(at + 1..at + 2, Use::Taken);
            }
            for (phrase, name) in PHRASES {
                if self.are(at, phrase) {
                    self.list[at].rename(name);
                    self.list[at].span.end = self.list[at + phrase.len() - 1].span.end;
                    self.mark(at + 1..at + phrase.len(), Use::Grammar);
                }
            }
            let particles = PARTICLES.get(&self.list[at].stem).into_iter().flatten();
            let joined = particles.copied().find(|(particle, _)| self.is(at + 1, &[particle]));
            if let Some((_, name)) = joined {
                self.list[at].rename(name);
                self.mark(at + 1..at + 2, Use::Grammar);
            }
            let verb = at.checked_sub(1).is_some_and(|before| self.is(before, VERBS_WITH_UP));
            if verb && self.is(at, &["up"]) {
                self.list[at].used = Use::Grammar;
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// The word in lower case; empty beyond the ends.
    pub(crate) fn at(&self, index: usize) -> &str {
        self.list.get(index).map_or("", |word| word.lower.as_str())
    }

    pub(crate) fn key(&self, index: usize) -> &str {
        self.list.get(index).map_or("", |word| word.key.as_str())
    }

    /// The words of a range run together, as [`run_together`] has it.
    pub(crate) fn run_together(&self, range: Range<usize>) -> String {
        let Some(last) = range.clone().next_back() else { return String::new() };
        let mut key: String =
            self.list[range.start..last].iter().map(|word| word.plain.as_str()).collect();
        key.push_str(&self.list[last].key);
        key
    }

    /// Whether the words from here on are these.
    pub(crate) fn are(&self, index: usize, phrase: &[&str]) -> bool {
        phrase.iter().enumerate().all(|(offset, word)| self.at(index + offset) == *word)
    }

    /// Whether the word is one of these.
    pub(crate) fn is(&self, index: usize, one_of: &[&str]) -> bool {
        one_of.contains(&self.at(index))
    }

    /// The first place of any of these phrases, and how many words it has.
    pub(crate) fn find(&self, phrases: &[&str]) -> Option<(usize, usize)> {
        (0..self.len()).find_map(|index| {
            let here = phrases.iter().find_map(|phrase| self.phrase_at(index, phrase))?;
            Some((index, here.len()))
        })
    }

    /// The words of a phrase, where it begins here.
    pub(crate) fn phrase_at(&self, index: usize, phrase: &str) -> Option<Range<usize>> {
        let mut end = index;
        for word in phrase.split(' ') {
            if self.at(end) != word {
                return None;
            }
            end += 1;
        }
        Some(index..end)
    }

    pub(crate) fn has(&self, phrases: Phrases) -> bool {
        self.places(phrases).any()
    }

    /// Where any of these phrases begins.
    pub(crate) fn places(&self, phrases: Phrases) -> Places {
        let slot = (phrases.as_ptr() as usize >> 3) % KNOWN_LISTS;
        let known = self.found.borrow().get(slot).copied().flatten();
        if let Some((list, places)) = known
            && std::ptr::eq(list, phrases)
        {
            return places;
        }
        let beginnings = self.list.iter().fold(0, |all, word| all | beginning(&word.lower));
        let mut bits = 0_u128;
        for phrase in phrases.iter().filter(|phrase| beginnings & beginning(phrase) != 0) {
            let places = (0..self.len()).filter(|index| self.phrase_at(*index, phrase).is_some());
            bits |= places.fold(0, |all, index| all | 1 << index);
        }
        let mut found = self.found.borrow_mut();
        found.resize(KNOWN_LISTS, None);
        found[slot] = Some((phrases, Places(bits)));
        Places(bits)
    }

    /// Whether any word is a form of one of these. This looks at every word each time.
    pub(crate) fn has_form_of(&self, words: &[&str]) -> bool {
        words
            .iter()
            .map(|word| stem(word))
            .any(|stem| self.list.iter().any(|word| word.key == stem || word.parts.contains(&stem)))
    }

    pub(crate) fn mark(&mut self, range: Range<usize>, used: Use) {
        for index in range {
            if let Some(word) = self.list.get_mut(index) {
                word.used = used;
            }
        }
    }

    pub(crate) fn is_taken(&self, index: usize) -> bool {
        self.list.get(index).is_none_or(|word| word.used == Use::Taken)
    }

    /// The words that lie in a range of bytes.
    pub(crate) fn in_span(&self, span: &Range<usize>) -> Range<usize> {
        let first = self.list.iter().position(|word| word.span.end > span.start);
        let first = first.unwrap_or(self.len());
        let count = self.list[first..].iter().take_while(|word| word.span.start < span.end).count();
        first..first + count
    }
}

impl Word {
    /// What the word is called in names. It keeps its lower form, by which grammar is read.
    fn rename(&mut self, name: &str) {
        self.key = run_together(&text::words(name));
        self.parts.clear();
        self.used = Use::Free;
    }

    fn new(raw: &str, span: Range<usize>, possessive: bool, ends_clause: bool) -> Self {
        let lower = raw.to_lowercase();
        let parts = text::words(raw);
        let number = number(&lower);
        // "AS 3320" is no conjunction.
        let single = raw.trim_end_matches('s');
        let capital = single.len() > 1 && single.chars().all(|letter| letter.is_ascii_uppercase());
        let grammar = GRAMMAR.contains(&lower.as_str())
            && !ALSO_NAMES.contains(&lower.as_str())
            && !(capital
                && matches!(
                    lower[..single.len()].as_ref(),
                    "as" | "get" | "put" | "us" | "it" | "is" | "of" | "in"
                ));
        Self {
            raw: raw.to_owned(),
            stem: stem(&lower),
            key: run_together(&parts),
            plain: parts.concat(),
            parts: parts.iter().filter(|_| parts.len() > 1).map(|part| stem(part)).collect(),
            span,
            used: if grammar { Use::Grammar } else { Use::Free },
            ends_clause,
            possessive,
            number,
            lower,
        }
    }
}

/// The words within what stands between two blanks: brackets and stops come off, `250ms` and
/// `>80%` fall into number, sign and unit, `isn't` into "is" and "not".
fn split(piece: &str) -> Vec<(Range<usize>, bool, bool)> {
    const AROUND: &[char] = &[
        ',', '.', ';', ':', '!', '?', '"', '\'', '(', ')', '[', ']', '{', '}', '“', '”', '‘', '’',
        '`', '«', '»', '*', '…',
    ];
    let trimmed = piece.trim_matches(AROUND);
    if trimmed.is_empty() {
        return Vec::new();
    }
    let start = piece.find(trimmed).unwrap_or_default();
    let after = &piece[start + trimmed.len()..];
    let ends_clause = after.contains([',', '.', ';', ':', ')', '?', '!']);
    let lower = trimmed.to_lowercase();
    let mut found = Vec::new();
    let mut add = |range: Range<usize>, possessive: bool| {
        if !range.is_empty() {
            found.push((start + range.start..start + range.end, possessive, false));
        }
    };
    let signs = trimmed.bytes().take_while(|byte| matches!(byte, b'>' | b'<' | b'=')).count();
    add(0..signs, false);
    let rest = &trimmed[signs..];
    if rest.starts_with(|first: char| first.is_ascii_digit()) {
        let (number, unit) = split_number(rest);
        add(signs..signs + number, false);
        if let Some(unit) = unit {
            add(signs + unit..signs + rest.len(), false);
        }
    } else if let Some(stem) = lower.strip_suffix("n't").or_else(|| lower.strip_suffix("n’t"))
        && stem.len() < trimmed.len()
    {
        add(0..stem.len(), false);
        // "n't" is read as "not" by what it is.
        add(stem.len()..trimmed.len(), false);
    } else if let Some(owner) = ["'s", "’s", "s'", "s’"].iter().find_map(|ending| {
        let own = lower.strip_suffix(ending)?;
        let kept = if ending.starts_with('s') { own.len() + 1 } else { own.len() };
        trimmed.is_char_boundary(kept).then_some(kept)
    }) {
        add(signs..owner, true);
    } else if let Some((number, unit)) = counted_unit(rest) {
        add(signs..signs + number, false);
        add(signs + number + 1..signs + number + 1 + unit, false);
    } else {
        add(signs..trimmed.len(), false);
    }
    if let Some(last) = found.last_mut() {
        last.2 = ends_clause;
    }
    found
}

/// `five-minute`: the lengths of both words.
fn counted_unit(word: &str) -> Option<(usize, usize)> {
    let (number, unit) = word.split_once('-')?;
    let counted = number_word(&number.to_lowercase()).is_some();
    (counted && super::unit::is_time(&unit.to_lowercase())).then_some((number.len(), unit.len()))
}

/// Where the number of a word ends, and where the unit behind it begins.
fn split_number(word: &str) -> (usize, Option<usize>) {
    let digits = word
        .find(|character: char| !character.is_ascii_digit() && !matches!(character, '.' | ','))
        .unwrap_or(word.len());
    let rest = word[digits..].to_lowercase();
    let unit = rest.trim_start_matches('-');
    let skipped = rest.len() - unit.len();
    // "404s" are statuses.
    let status = digits == 3 && word.starts_with(['4', '5']) && rest == "s";
    let whole = status || digits == word.len() || !super::unit::may_follow_number(unit);
    if whole { (word.len(), None) } else { (digits, Some(digits + skipped)) }
}

/// A number in digits (`1,500`, `10k`) or in words.
pub(crate) fn number(lower: &str) -> Option<f64> {
    if let Some(number) = number_word(lower) {
        return Some(number);
    }
    let plain = lower.replace(',', "");
    if !plain.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    for (suffix, factor) in [("k", 1e3), ("m", 1e6), ("x", 1.0)] {
        if let Some(digits) = plain.strip_suffix(suffix) {
            return digits.parse::<f64>().ok().map(|number| number * factor);
        }
    }
    plain.parse().ok()
}

fn number_word(word: &str) -> Option<f64> {
    let number = match word {
        "zero" => 0.0,
        "one" | "once" => 1.0,
        "two" | "twice" | "couple" | "double" => 2.0,
        "three" | "thrice" => 3.0,
        "four" => 4.0,
        "five" => 5.0,
        "six" => 6.0,
        "seven" => 7.0,
        "eight" => 8.0,
        "nine" => 9.0,
        "ten" => 10.0,
        "eleven" => 11.0,
        "twelve" | "dozen" => 12.0,
        "fifteen" => 15.0,
        "twenty" => 20.0,
        "thirty" => 30.0,
        "forty" => 40.0,
        "fifty" => 50.0,
        "sixty" => 60.0,
        "seventy" => 70.0,
        "eighty" => 80.0,
        "ninety" => 90.0,
        "hundred" => 100.0,
        "thousand" => 1e3,
        "million" => 1e6,
        _ => return None,
    };
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_falls_into_words() {
        for (text, expected) in [
            ("What's checkout's p95 (ms)?", "What checkout p95 ms"),
            ("over 80% or >250ms, isn't it", "over 80 % or > 250 ms is n't it"),
            (
                "a 10-minute rate in the five-minute window",
                "a 10 minute rate in the five minute window",
            ),
            ("/api/v1/{id} on 10.2.0.11:8080", "/api/v1/{id on 10.2.0.11:8080"),
            ("v3.14.0 4xx 99th fra1", "v3.14.0 4xx 99th fra1"),
            ("the services' errors", "the services errors"),
            ("größte Last", "größte Last"),
        ] {
            let words: Vec<String> = Words::read(text).list.into_iter().map(|it| it.raw).collect();
            assert_eq!(words.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn verbs_and_their_particles_are_one_name_in_any_form() {
        for (text, expected) in [
            ("requests that timed out", "request timeout"),
            ("what did we throw away", "drop"),
            ("messages thrown away", "mess drop"),
            ("customers turning away", "custom reject"),
            ("check out the errors", "check error"),
        ] {
            let words = Words::read(text).list.into_iter();
            let free = words.filter(|word| word.used == Use::Free);
            let keys: Vec<String> = free.map(|word| word.key).collect();
            assert_eq!(keys.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn numbers_are_digits_or_words() {
        for (text, expected) in [
            ("1,500", Some(1500.0)),
            ("10k", Some(10_000.0)),
            ("three", Some(3.0)),
            ("14.4", Some(14.4)),
            ("3.14.0", None),
            ("fra1", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
