//! The words with which an utterance refers to what was said before.

use crate::{
    Reading,
    intent::{Feature, Features},
    lexicon::{is_stop_word, lists},
    scan::Scan,
    text::Kind,
    vocabulary::SERVICE_WORDS,
};

const THEM: &str = "they them their theirs those these both theyre";
const PERIODS: &str = "period time window range timeframe interval span duration hours days dates \
                       timespan slot hour day week";
/// Beginnings that take something back.
const CORRECTIONS: &str = "no, nope, nah, sorry, oops, whoops, actually, i meant, i mean, meant, \
                           wait, wrong, make that, make it, rather, correction, not, my bad, \
                           scratch that, i said, i wanted, hang on, hm no, er, argh, ah, oh, \
                           change that to, change it to";
const GLOBAL: &str = "all every each overall which everything anything any globally total system \
                      across everywhere whole entire services platform cluster who";
const SAME_METRIC: &str = "same metric, same metrics, same thing, same for, same on, same in, \
                           same but, same question, same query, ditto";
const SEVERAL: &str = "the two, the same services, each other, which one, which of";
const WITHOUT: &str = "without drop leave except excluding exclude remove minus skip no";
const BESIDES: &str = "too also additionally plus add include including";
const ELLIPTIC: &str = "same for, same thing for, as well, do the same, instead";
/// "this …" and "that …" that point at a service or a value, not at a period.
const POINTED_AT: &str = "one app component thing ? , . compare compared compares looking doing \
                          been change changed over in for to vs since yesterday today better \
                          worse up down last higher lower normal bad good";
/// Words of a fragment that are no stop words.
const SMALL: &str = "same meant mean instead rather sorry actually service env environment \
                     instance version period make said wanted wait again about oops thing wrong";
const ASKING: &str = "is are was what which how why who when";
/// More words than this are a sentence of their own.
const MOST_WORDS: usize = 9;

/// The referring words of an utterance.
#[derive(Debug, Clone)]
pub(super) struct Cues {
    /// "it", "that service".
    pub(super) one: bool,
    /// "they", "those two", "both".
    pub(super) several: bool,
    /// "of those": what was counted before, so of the same period.
    pub(super) of_those: bool,
    pub(super) former: bool,
    pub(super) latter: bool,
    pub(super) same_period: bool,
    pub(super) same_metric: bool,
    /// "there", "same environment".
    pub(super) same_place: bool,
    pub(super) correction: bool,
    pub(super) elliptic: bool,
    /// "X too": beside what there was.
    pub(super) besides: bool,
    /// "just X", "only X".
    pub(super) only: bool,
    /// "drop X", "leave X out".
    pub(super) without: bool,
    pub(super) question: bool,
    /// Nothing but entities and small words.
    pub(super) fragment: bool,
    /// Few enough words to lean on what was said before.
    pub(super) short: bool,
    /// "all services", "overall", "which service".
    pub(super) global: bool,
    /// "break it down by route".
    pub(super) breakdown: bool,
    pub(super) trend: bool,
    pub(super) comparison: bool,
    pub(super) errors: bool,
    /// Asks for something that has nothing to do with what was measured.
    pub(super) other_matter: bool,
    /// Byte offsets of "payment" in "not payment".
    pub(super) rejected: Vec<usize>,
}

impl Cues {
    pub(super) fn of(scan: &Scan, reading: &Reading) -> Self {
        let features = Features::of_words(scan);
        let has = |feature| features.has(feature);
        let any = |words: &str| (0..scan.len()).any(|at| lists(words, scan.word(at)));
        let says = |phrases: &str| (0..scan.len()).any(|at| scan.begins(at, phrases));
        let words = scan.tokens.iter().filter(|token| token.kind != Kind::Sign).count();
        let others = [
            Feature::Command,
            Feature::Later,
            Feature::Why,
            Feature::HowTo,
            Feature::Explain,
            Feature::OffTopic,
            Feature::AboutUs,
            Feature::Greeting,
        ];
        Self {
            one: points_at_one(scan),
            several: any(THEM) || says(SEVERAL),
            of_those: says("of those, of them, of these"),
            former: is_chosen(scan, "former first"),
            latter: is_chosen(scan, "latter second"),
            same_period: (0..scan.len()).any(|at| points_at_period(scan, at)),
            same_metric: says(SAME_METRIC),
            same_place: any("there") || says("same env, same environment"),
            correction: scan.begins(0, CORRECTIONS) || says("i meant, instead, not that"),
            elliptic: has(Feature::Elliptic) || says(ELLIPTIC),
            besides: any(BESIDES) || says("as well"),
            only: any("only just solely purely"),
            without: any(WITHOUT),
            question: scan.tokens.iter().any(|token| token.raw == "?"),
            fragment: is_fragment(scan, reading),
            short: words <= MOST_WORDS,
            global: any(GLOBAL),
            breakdown: has(Feature::Breakdown),
            trend: has(Feature::Trend),
            comparison: has(Feature::Comparing) || has(Feature::Versus),
            errors: has(Feature::Errors),
            other_matter: others.into_iter().any(has),
            rejected: rejected(scan),
        }
    }

    /// The names of those that are there.
    pub(super) fn names(&self) -> Vec<&'static str> {
        let named = [
            ("one", self.one),
            ("several", self.several),
            ("of those", self.of_those),
            ("former", self.former),
            ("latter", self.latter),
            ("same period", self.same_period),
            ("same metric", self.same_metric),
            ("same place", self.same_place),
            ("correction", self.correction),
            ("elliptic", self.elliptic),
            ("besides", self.besides),
            ("only", self.only),
            ("without", self.without),
            ("question", self.question),
            ("fragment", self.fragment),
            ("short", self.short),
            ("global", self.global),
            ("breakdown", self.breakdown),
            ("trend", self.trend),
            ("comparison", self.comparison),
            ("errors", self.errors),
            ("other matter", self.other_matter),
        ];
        named.into_iter().filter_map(|(name, there)| there.then_some(name)).collect()
    }
}

/// "the former", "the first one", "of the first"; not "the first error".
fn is_chosen(scan: &Scan, words: &str) -> bool {
    (0..scan.len()).any(|at| {
        let behind = scan.tokens.get(at + 1);
        let stands_alone = behind.is_none_or(|token| token.kind == Kind::Sign)
            || lists(
                "one of and over is for was please in on to at now only so then",
                scan.word(at + 1),
            );
        lists(words, scan.word(at))
            && (stands_alone || lists("former latter", scan.word(at)))
            && (scan.word_before(at) == "the" || lists("one of", scan.word(at + 1)))
    })
}

/// "it", "that one", "this service"; not "this week".
fn points_at_one(scan: &Scan) -> bool {
    (0..scan.len()).any(|at| {
        let after = scan.word(at + 1);
        let is_service = SERVICE_WORDS.contains(&after) && !after.ends_with("es");
        scan.is_free(at)
            && match scan.word(at) {
                "it" | "its" => true,
                "this" | "that" => is_service || after.is_empty() || lists(POINTED_AT, after),
                "same" | "the" => is_service && after != "svcs",
                _ => false,
            }
    })
}

/// "the same period", "during that time", "… then".
fn points_at_period(scan: &Scan, at: usize) -> bool {
    let lead = scan.word(at);
    let next = at + 1 + usize::from(matches!(scan.word(at + 1), "exact" | "time"));
    let names_period = lists(PERIODS, scan.word(at + 1)) || lists(PERIODS, scan.word(next));
    let same = matches!(lead, "same" | "that" | "this") && names_period && scan.is_free(at + 1);
    same || lead == "then" && at > 1 && at + 2 >= scan.len()
}

fn is_fragment(scan: &Scan, reading: &Reading) -> bool {
    let entities = &reading.understanding.entities;
    let covered = |at: usize| {
        let token = &scan.tokens[at].span;
        entities.iter().any(|entity| entity.span.start < token.end && token.start < entity.span.end)
    };
    let small = |word: &str| is_stop_word(word) && !lists(ASKING, word) || lists(SMALL, word);
    !entities.is_empty()
        && (0..scan.len())
            .all(|at| covered(at) || scan.tokens[at].kind == Kind::Sign || small(scan.word(at)))
}

/// Where "not payment" and "instead of payment" put what is not meant.
fn rejected(scan: &Scan) -> Vec<usize> {
    let small = |at: usize| lists("the in on for from a", scan.word(at));
    (0..scan.len())
        .filter(|&at| {
            let word = scan.word(at);
            let before = scan.word_before(at);
            word == "not"
                || (word == "of" && before == "instead")
                || (word == "than" && before == "rather")
                || (word == "said" && (at..scan.len()).any(|at| scan.word(at) == "but"))
        })
        .filter_map(|at| {
            let target = (at + 1..scan.len()).find(|&next| !small(next))?;
            Some(scan.tokens[target].span.start)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokenise;

    #[test]
    fn pointing_words_are_told_from_others() {
        for (text, expected) in [
            ("what is its cpu", true),
            ("is that service ok", true),
            ("is that worse than yesterday", true),
            ("errors this week", false),
            ("show the service map", true),
            ("show the services", false),
            ("show all services", false),
        ] {
            assert_eq!(points_at_one(&Scan::new(text, tokenise(text))), expected, "{text}");
        }
    }
}
