//! Values of the catalog, found in the words.

use std::ops::Range;

use super::{Condition, Reader};
use crate::{
    catalog::stem,
    text,
    traceql::{
        ast::{Reference, Scope},
        translate::{
            ground::{EXACT, Ground, Hit, Known, OF_PATH, SURE, WHOLE, one},
            synonyms::speaks_of,
            words::{Word, words as split},
        },
    },
};

/// "card declined by issuer" is a value of four words; few have more.
const MOST_WORDS: usize = 4;
/// What stands before what is called, and after it.
const TOWARDS: &[&str] = &["to", "into", "against", "towards", "toward", "at", "on"];
const CALLING: &[&str] = &[
    "calling",
    "calls",
    "called",
    "call",
    "hitting",
    "hits",
    "hit",
    "invoking",
    "invokes",
    "querying",
    "contacting",
    "reaching",
];
const CALLED: &[&str] = &["call", "request", "lookup", "invocation"];
/// The words beside a value name its attribute.
const NAMED_BESIDE: f64 = 0.8;

impl<'c> Reader<'_, 'c> {
    pub(super) fn read_values(&mut self) {
        let mut at = 0;
        while at < self.words.len() {
            let found = (1..=MOST_WORDS).rev().find_map(|count| self.value_at(at..at + count));
            match found {
                Some((words, hit)) => {
                    at = words.end;
                    let negated = self.is_negated(words.start) || self.is_excluded(words.end);
                    let reference = self.ground.reference(hit.known);
                    let value = self.ground.literal(hit.known, hit.value);
                    self.push(Condition::is(words, reference, value).negated_if(negated));
                }
                None => at += 1,
            }
        }
    }

    /// "refund requests" for the path `/refunds`, where no other name or value has the word.
    pub(super) fn read_spoken_paths(&mut self) {
        for at in 0..self.words.len() {
            let word = &self.words[at..=at];
            let common = Ground::is_everyday(word) || Ground::is_deed(&word[0]);
            if self.taken[at] || common || self.ground.is_named_so(&word[0]) {
                continue;
            }
            let hits = self.ground.hits(word);
            let routes_first = |hit: &&Hit<'_>| self.ground.known[hit.known].has("route");
            let paths = hits.iter().filter(|hit| hit.strength == OF_PATH);
            let Some(hit) = paths.max_by_key(routes_first).copied() else { continue };
            let reference = self.ground.reference(hit.known);
            let value = self.ground.literal(hit.known, hit.value);
            self.push(Condition::is(at..at + 1, reference, value));
        }
    }

    /// The value that these words, and nothing less, stand for.
    fn value_at(&self, words: Range<usize>) -> Option<(Range<usize>, Hit<'c>)> {
        if !self.is_free(words.clone()) {
            return None;
        }
        let spoken = &self.words[words.clone()];
        let apart = spoken[1..].iter().any(|word| word.breaks || word.quoted);
        let sign = |word: &Word<'_>| !word.text.contains(char::is_alphanumeric);
        if apart || spoken.iter().any(sign) {
            return None;
        }
        let timed_out = self.fits(words.start, &["timed|times|timing out"]) == Some(words.len());
        let hits =
            if timed_out { self.ground.hits(&split("timeout")) } else { self.ground.hits(spoken) };
        let hits = hits.into_iter().filter(|hit| hit.strength != OF_PATH);
        let mut hits: Vec<(f64, Hit<'c>)> =
            hits.map(|hit| (self.likelihood(&words, hit), hit)).collect();
        hits.sort_by(|a, b| b.0.total_cmp(&a.0));
        let meant = hits.into_iter().find(|(_, hit)| self.is_meant(&words, *hit));
        meant.map(|(_, hit)| (words, hit))
    }

    fn likelihood(&self, words: &Range<usize>, hit: Hit<'_>) -> f64 {
        let known = &self.ground.known[hit.known];
        let service = if self.ground.is_service(hit.known) { 0.5 } else { 0.0 };
        let peer = match (is_peer(known), self.is_callee(words)) {
            (true, true) => 1.0,
            (true, false) => -0.6,
            (false, _) => 0.0,
        };
        let general = match &known.reference {
            Reference::Attribute(attribute) if attribute.scope == Some(Scope::Resource) => 0.05,
            _ if known.has("route") || known.has("method") => 0.05,
            _ => 0.0,
        };
        hit.strength + service + peer + general + self.beside(words, hit.known)
    }

    /// Whether a value is meant, and not a word that happens to be one.
    fn is_meant(&self, words: &Range<usize>, hit: Hit<'_>) -> bool {
        let spoken = &self.words[words.clone()];
        let known = &self.ground.known[hit.known];
        let beside = self.beside(words, hit.known) >= NAMED_BESIDE;
        let next = self.words.get(words.end).filter(|next| !next.breaks);
        // "rates" may be a service, though "rate" is a word.
        let named =
            hit.strength >= EXACT && spoken.iter().any(|word| one(&word.lower) != word.lower);
        if Ground::is_everyday(spoken) && !named {
            let is_method = known.is_about("method") || known.is_about("operation");
            return beside || is_method && next.is_some_and(Ground::is_deed);
        }
        let is_deed = spoken.len() == 1 && Ground::is_deed(&spoken[0]);
        if is_deed && hit.strength < EXACT && !beside {
            return false;
        }
        let plain = hit.value.chars().all(char::is_alphabetic);
        let placed = known.holds_places() && (beside || self.speaks_of(words, hit.known));
        if known.holds_places() && plain && !placed {
            return false;
        }
        if hit.strength < SURE {
            return self.is_part_meant(words, hit.known, beside || placed);
        }
        hit.strength > WHOLE || beside || !self.begins_name(words)
    }

    /// Part of a name is meant where it is no other's and is said of a service, or where the words
    /// around speak of the attribute.
    fn is_part_meant(&self, words: &Range<usize>, known: usize, placed: bool) -> bool {
        let spoken = &self.words[words.clone()];
        let noun = self.words.get(words.end).filter(|next| !next.breaks);
        let said_of = noun.is_some_and(|noun| noun.lower == "service" || Ground::is_deed(noun));
        if !said_of && self.ground.named(spoken, &[], 0.85).is_some() {
            return false;
        }
        let hits = self.ground.hits(spoken);
        let lone = hits.iter().filter(|hit| hit.known == known).count() == 1;
        lone && (placed || self.ground.is_service(known)) && !self.begins_name(words)
    }

    /// Whether other words make plain that such attributes are meant: "mongo updates on
    /// trips".
    fn speaks_of(&self, words: &Range<usize>, known: usize) -> bool {
        let Some(first) = &self.ground.known[known].domain() else { return false };
        (0..self.words.len()).filter(|at| !words.contains(at)).any(|at| {
            let word = &self.words[at..=at];
            speaks_of(&word[0].lower, first)
                || self.ground.hits(word).iter().any(|hit| {
                    hit.strength > SURE
                        && !Ground::is_everyday(word)
                        && self.ground.known[hit.known].first_stem() == Some(first)
                        && !self.ground.known[hit.known].holds_places()
                })
        })
    }

    /// Whether the words begin or end the name of an attribute, as "order" does in "order id".
    fn begins_name(&self, words: &Range<usize>) -> bool {
        let longer = [words.start..words.end + 1, words.start.saturating_sub(1)..words.end];
        longer.into_iter().any(|longer| {
            let Some(spoken) = self.words.get(longer).filter(|it| it.len() > words.len()) else {
                return false;
            };
            let pauses = spoken[1..].iter().any(|word| word.breaks);
            let named = self.ground.named(spoken, &[], 0.9).filter(|_| !pauses);
            named.is_some_and(|(known, _)| !self.ground.is_service(known))
        })
    }

    /// How far the words around name the attribute: "the orders *topic*", "*tier* gold".
    fn beside(&self, words: &Range<usize>, known: usize) -> f64 {
        let known = &self.ground.known[known];
        let weight = |at: usize| {
            let word = &self.words[at];
            if word.quoted || Ground::is_deed(word) {
                0.0
            } else if known.is_about(text::singular(&word.lower)) {
                0.9
            } else if known.has(&word.lower) {
                0.4
            } else {
                0.0
            }
        };
        let after = (words.end..self.words.len().min(words.end + 2))
            .take_while(|at| !self.words[*at].breaks)
            .map(weight);
        let before = (1..=2_usize)
            .take_while(|back| *back <= words.start && !self.words[words.start + 1 - back].breaks)
            .map(|back| weight(words.start - back));
        after.chain(before).fold(0.0, f64::max)
    }

    /// Whether the words are what is called: "calls to X", "calling X", "X calls".
    fn is_callee(&self, words: &Range<usize>) -> bool {
        const REACH: usize = 5;
        let article = usize::from(["the", "a", "an"].contains(&self.before(words.start, 1)));
        let start = words.start - article;
        let calls = |back: usize| Ground::is_deed(&self.words[start - back]);
        // "calls to X", "calls out to X", "calls from A to X"
        let reaches = |back: &usize| {
            let from = (3..=*back).any(|back| self.before(start, back) == "from");
            calls(*back) && (*back == 2 || self.before(start, 2) == "out" || from)
        };
        let to = TOWARDS.contains(&self.before(start, 1))
            && (2..=REACH.min(start)).any(|back| reaches(&back));
        let calling = CALLING.contains(&self.before(start, 1));
        let next = self.words.get(words.end).filter(|next| !next.breaks);
        let called = next.is_some_and(|next| CALLED.contains(&one(&next.lower).as_str()));
        to || calling || called && !self.words[words.end - 1].possessive
    }
}

/// Whether an attribute says whom a span calls.
pub(super) fn is_peer(known: &Known<'_>) -> bool {
    let http = known.first_stem() == Some(&stem("http"));
    let about_peer =
        ["peer", "callee", "remote", "upstream", "target"].iter().any(|word| known.has(word))
            && !http;
    about_peer
        || (known.has("server") && known.has("address"))
        || (known.first_stem() == Some(&stem("rpc")) && known.has("service"))
}
