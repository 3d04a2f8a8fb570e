//! How an utterance refers to what was said before.

use std::ops::Range;

use model::{EntityKind, Intent};

use super::Focus;
use crate::{
    Reading,
    intent::{Feature, Features},
    lexicon::is_stop_word,
    scan::Scan,
    text::Kind,
    vocabulary::{SERVICE_WORDS, name_parts},
};

/// How much of the conversation an utterance stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// It answers the question that was asked.
    Answer,
    /// It replaces something that was said.
    Correction,
    /// It leaves out everything that stays the same.
    Ellipsis,
    /// It points at single things.
    Pointing,
    /// It is about the same service without saying so.
    SameSubject,
    /// It stands alone.
    Fresh,
}

/// The referring words of an utterance.
#[derive(Debug, Clone)]
pub(super) struct Cues {
    /// "it", "that service".
    pub(super) one: bool,
    /// "they", "those two", "both".
    pub(super) several: bool,
    /// "the former".
    pub(super) former: bool,
    pub(super) latter: bool,
    pub(super) same_period: bool,
    pub(super) same_metric: bool,
    /// "there", "same environment".
    pub(super) same_place: bool,
    pub(super) correction: bool,
    pub(super) elliptic: bool,
    pub(super) fragment: bool,
    /// "all services", "overall", "which service".
    pub(super) global: bool,
    /// Byte offsets of "payment" in "not payment".
    pub(super) rejected: Vec<usize>,
}

const THEM: &[&str] = &["they", "them", "their", "theirs", "those", "these", "both", "theyre"];
const PERIODS: &[&str] = &[
    "period",
    "time",
    "window",
    "range",
    "timeframe",
    "interval",
    "span",
    "duration",
    "hours",
    "days",
    "dates",
    "timespan",
    "slot",
    "hour",
    "day",
    "week",
];
const CORRECTIONS: &[&[&str]] = &[
    &["no"],
    &["nope"],
    &["nah"],
    &["sorry"],
    &["oops"],
    &["whoops"],
    &["actually"],
    &["i", "meant"],
    &["i", "mean"],
    &["meant"],
    &["wait"],
    &["wrong"],
    &["make", "that"],
    &["make", "it"],
    &["rather"],
    &["correction"],
    &["not"],
    &["my", "bad"],
    &["scratch", "that"],
    &["i", "said"],
    &["i", "wanted"],
    &["hang", "on"],
    &["hm", "no"],
    &["er"],
    &["argh"],
    &["ah"],
    &["oh"],
    &["change", "that", "to"],
    &["change", "it", "to"],
];
const GLOBAL: &[&[&str]] = &[
    &["all"],
    &["every"],
    &["each"],
    &["overall"],
    &["which"],
    &["everything"],
    &["anything"],
    &["any"],
    &["globally"],
    &["total"],
    &["system"],
    &["across"],
    &["everywhere"],
    &["whole"],
    &["entire"],
    &["services"],
    &["platform"],
    &["cluster"],
    &["who"],
];

impl Cues {
    pub(super) fn of(scan: &Scan, reading: &Reading, focus: &Focus) -> Self {
        let features = Features::of_words(scan);
        let any = |words: &[&str]| (0..scan.len()).any(|at| words.contains(&scan.word(at)));
        let says = |phrases: &[&[&str]]| {
            (0..scan.len()).any(|at| phrases.iter().any(|phrase| stands_at(scan, at, phrase)))
        };
        let correction = CORRECTIONS.iter().any(|phrase| stands_at(scan, 0, phrase))
            || says(&[&["i", "meant"], &["instead"], &["not", "that"]]);
        Self {
            one: points_at_one(scan),
            several: any(THEM)
                || says(&[&["the", "two"], &["the", "same", "services"], &["each", "other"]]),
            former: any(&["former"]),
            latter: any(&["latter"]),
            same_period: (0..scan.len()).any(|at| points_at_period(scan, at)),
            same_metric: says(&[
                &["same", "metric"],
                &["same", "metrics"],
                &["same", "thing"],
                &["same", "for"],
                &["same", "on"],
                &["same", "in"],
                &["same", "but"],
                &["same", "question"],
                &["same", "query"],
                &["ditto"],
            ]),
            same_place: any(&["there"]) || says(&[&["same", "env"], &["same", "environment"]]),
            correction: correction && focus.intent.is_some(),
            elliptic: features.has(Feature::Elliptic)
                || says(&[
                    &["same", "for"],
                    &["same", "thing", "for"],
                    &["as", "well"],
                    &["do", "the", "same"],
                ]),
            fragment: is_fragment(scan, reading),
            global: says(GLOBAL),
            rejected: rejected(scan),
        }
    }

    pub(super) fn mode(&self, scan: &Scan, reading: &Reading, focus: &Focus) -> Mode {
        let intent = reading.understanding.intent;
        let entities = &reading.understanding.entities;
        let talk = matches!(intent, Intent::SmallTalk | Intent::OutOfScope);
        if let Some(asked) = focus.asked {
            let named = entities.iter().any(|entity| entity.kind == asked);
            let open =
                matches!(intent, Intent::Clarify | Intent::GeneralQuestion | Intent::OutOfScope);
            let bare = self.fragment || open && (intent == Intent::Clarify || is_name_alone(scan));
            let plain = asked == EntityKind::Service
                && open
                && plain_name(scan).is_some()
                && !features_speak(scan);
            if bare && named || plain && !named && entities.is_empty() {
                return Mode::Answer;
            }
        }
        let has = |kind| entities.iter().any(|entity| entity.kind == kind);
        let found = !entities.is_empty() || !reading.problems.is_empty();
        if self.correction
            && found
            && !talk
            && (self.fragment || intent == Intent::Clarify || self.is_short(scan))
        {
            return Mode::Correction;
        }
        let later = intent == Intent::GeneralQuestion;
        let refers = self.one
            || self.several
            || self.former
            || self.latter
            || self.same_period
            || self.same_place;
        if intent == Intent::Clarify || self.fragment && found {
            return Mode::Ellipsis;
        }
        let measures = matches!(
            intent,
            Intent::QueryMetrics | Intent::AnalyzeErrors | Intent::AnalyzeTrend | Intent::Compare
        );
        if self.elliptic && (found || measures) && !talk && !later {
            return Mode::Ellipsis;
        }
        if later && self.elliptic && self.is_short(scan) && found && !features_speak(scan) {
            return Mode::Ellipsis;
        }
        // "How was it yesterday?" asks what was asked before.
        if refers && found && (later || talk) && self.is_short(scan) && !features_speak(scan) {
            return Mode::Ellipsis;
        }
        // "Compared to yesterday?" says nothing of what is compared.
        let unnamed =
            !has(EntityKind::Service) && !has(EntityKind::Metric) && !has(EntityKind::Aggregation);
        if intent == Intent::Compare && unnamed && !self.several && !self.global {
            return Mode::Ellipsis;
        }
        if refers && !talk {
            return Mode::Pointing;
        }
        if measures && !has(EntityKind::Service) && !self.global && reading.problems.is_empty() {
            return Mode::SameSubject;
        }
        Mode::Fresh
    }

    /// Few enough words to lean on what was said before.
    fn is_short(&self, scan: &Scan) -> bool {
        const MOST_WORDS: usize = 9;
        scan.tokens.iter().filter(|token| token.kind != Kind::Sign).count() <= MOST_WORDS
    }
}

fn stands_at(scan: &Scan, at: usize, phrase: &[&str]) -> bool {
    phrase.iter().enumerate().all(|(offset, word)| scan.word(at + offset) == *word)
}

/// "it", "that one", "this service"; not "this week" or "is it possible".
fn points_at_one(scan: &Scan) -> bool {
    (0..scan.len()).any(|at| {
        let word = scan.word(at);
        let after = scan.word(at + 1);
        if !scan.is_free(at) {
            return false;
        }
        match word {
            "it" | "its" => true,
            "this" | "that" => {
                SERVICE_WORDS.contains(&after)
                    || matches!(
                        after,
                        "one"
                            | "app"
                            | "component"
                            | "thing"
                            | ""
                            | "?"
                            | ","
                            | "."
                            | "compare"
                            | "compared"
                            | "looking"
                            | "doing"
                            | "been"
                            | "change"
                            | "changed"
                            | "over"
                            | "in"
                            | "for"
                            | "to"
                            | "vs"
                            | "since"
                            | "yesterday"
                            | "today"
                            | "better"
                            | "worse"
                            | "up"
                            | "down"
                            | "last"
                    )
            }
            "same" => SERVICE_WORDS.contains(&after),
            "the" => SERVICE_WORDS[..3].contains(&after) && after != "services",
            _ => false,
        }
    })
}

/// "the same period", "during that time", "then".
fn points_at_period(scan: &Scan, at: usize) -> bool {
    let lead = scan.word(at);
    let next = at + 1 + usize::from(matches!(scan.word(at + 1), "exact" | "time"));
    matches!(lead, "same" | "that" | "this")
        && (PERIODS.contains(&scan.word(at + 1)) || PERIODS.contains(&scan.word(next)))
        && scan.is_free(at + 1)
        || lead == "then" && at > 1 && at + 2 >= scan.len()
}

fn is_fragment(scan: &Scan, reading: &Reading) -> bool {
    let covered = |at: usize| {
        let token = &scan.tokens[at].span;
        let entities = reading.understanding.entities.iter().map(|entity| &entity.span);
        entities.into_iter().any(|span| span.start < token.end && token.start < span.end)
    };
    !reading.understanding.entities.is_empty()
        && (0..scan.len()).all(|at| {
            let word = scan.word(at);
            covered(at)
                || scan.tokens[at].kind == Kind::Sign
                || is_stop_word(word)
                    && !matches!(
                        word,
                        "is" | "are" | "was" | "what" | "which" | "how" | "why" | "who" | "when"
                    )
                || matches!(
                    word,
                    "same"
                        | "meant"
                        | "mean"
                        | "instead"
                        | "rather"
                        | "sorry"
                        | "actually"
                        | "service"
                        | "env"
                        | "environment"
                        | "instance"
                        | "version"
                        | "period"
                        | "make"
                        | "said"
                        | "wanted"
                        | "wait"
                        | "again"
                        | "about"
                        | "oops"
                        | "thing"
                        | "wrong"
                )
        })
}

/// Whether the words ask for something of their own.
fn features_speak(scan: &Scan) -> bool {
    let features = Features::of_words(scan);
    let own = [
        Feature::Command,
        Feature::Later,
        Feature::Why,
        Feature::HowTo,
        Feature::Explain,
        Feature::OffTopic,
        Feature::AboutUs,
        Feature::Greeting,
    ];
    own.iter().any(|&feature| features.has(feature))
}

fn is_name_alone(scan: &Scan) -> bool {
    plain_name(scan).is_some_and(|(span, _)| span.len() + 24 > scan.source.trim().len())
}

/// The one name that a short answer consists of: "billing", "the billing service, please".
pub(super) fn plain_name(scan: &Scan) -> Option<(Range<usize>, String)> {
    const MOST_TOKENS: usize = 12;
    if scan.len() > MOST_TOKENS {
        return None;
    }
    let is_part = |at: &usize| {
        let token = &scan.tokens[*at];
        token.kind != Kind::Sign
            && !is_stop_word(&token.raw)
            && !SERVICE_WORDS.contains(&token.raw.as_str())
            && !matches!(
                token.raw.as_str(),
                "think" | "mean" | "meant" | "guess" | "sorry" | "should"
            )
    };
    let parts: Vec<usize> = (0..scan.len()).filter(is_part).collect();
    let (&first, &last) = (parts.first()?, parts.last()?);
    let together =
        (first..=last).all(|at| is_part(&at) || matches!(scan.word(at), "-" | "_" | "."));
    if !together || parts.len() > 3 {
        return None;
    }
    let span = scan.span(first..last + 1);
    let name = name_parts(&scan.source[span.clone()]).join("-");
    Some((span, name))
}

/// Where "not payment" and "payment, not checkout" put what is not meant.
fn rejected(scan: &Scan) -> Vec<usize> {
    let small = |at: usize| matches!(scan.word(at), "the" | "in" | "on" | "for" | "from" | "a");
    (0..scan.len())
        .filter(|&at| {
            scan.word(at) == "not" || (scan.word(at) == "of" && scan.word_before(at) == "instead")
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
    fn a_plain_name_is_all_that_is_said() {
        for (text, expected) in [
            ("billing", Some("billing")),
            ("the billing service please", Some("billing")),
            ("Billing-API", Some("billing-api")),
            ("user profile", Some("user-profile")),
            ("billing or the other one we had", None),
            ("", None),
        ] {
            let name = plain_name(&Scan::new(text, tokenise(text))).map(|(_, name)| name);
            assert_eq!(name.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn pointing_words_are_told_from_others() {
        for (text, expected) in [
            ("what is its cpu", true),
            ("is that service ok", true),
            ("errors this week", false),
            ("show the service map", true),
            ("show all services", false),
        ] {
            assert_eq!(points_at_one(&Scan::new(text, tokenise(text))), expected, "{text}");
        }
    }
}
