//! What of an utterance speaks for an intent: cues in its words, and the kinds of its entities.

use std::{ops::Range, sync::LazyLock};

use model::EntityKind;

use super::cues::{ADJECTIVES, COMMAND_LEADS, COMMANDS, CUES, FORMS, NOT_A_COMMAND_BEFORE};
use crate::{
    lexicon::{ERROR_RATE, is_stop_word},
    phrases::Phrases,
    scan::Scan,
    text::Kind,
};

macro_rules! features {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Feature { $($(#[$doc])* $name),* }

        impl Feature {
            pub(crate) const COUNT: usize = [$(stringify!($name)),*].len();
        }
    };
}

features! {
    // Cues in the words.
    Errors, Health, HowIs, Compare, Versus, Trend, Deployments, VersionAsk, Asks, Why, HowTo, Explain,
    Later, Greeting, AboutUs, OffTopic, Technical,
    /// A verb that wants something done, where a command stands.
    Command,
    /// "is it up", "payment down?".
    UpOrDown,
    /// Begins like "and …", "what about …".
    Elliptic,
    /// Nothing but entities and small words.
    Fragment,
    /// "what is latency": a metric, and nothing that has it.
    Definition,
    /// "A or B" of two things named.
    Alternatives,
    // Entities.
    Service, NamedService, TwoServices, Metric, ErrorMetric, ImpliedMetric, Aggregation, Percentile, Ranking, Time,
    Baseline, ErrorStatus, OtherStatus, Threshold, Version, TwoVersions, Environment, Endpoint,
    /// Words of comparing, and nothing that could be compared.
    Incomparable,
    /// A data intent's words without anything that tells of software.
    NoTechnical,
}

static PHRASES: LazyLock<Phrases<Feature>> = LazyLock::new(|| Phrases::new(CUES));

/// Beginnings that continue something said before.
const ELLIPTIC_LEADS: &[&[&str]] = &[
    &["and"],
    &["what", "about"],
    &["how", "about"],
    &["same", "for"],
    &["same", "thing"],
    &["same", "but"],
    &["also"],
    &["or"],
    &["then"],
    &["plus"],
    &["but"],
    &["ditto"],
    &["for"],
    &["same", "in"],
    &["same", "with"],
    &["same", "on"],
    &["&"],
    &["same"],
    &["now"],
    &["only"],
    &["just"],
];

/// The features of an utterance, each there or not.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Features([bool; Feature::COUNT]);

impl Features {
    pub(crate) fn has(&self, feature: Feature) -> bool {
        self.0[feature as usize]
    }

    fn set(&mut self, feature: Feature, there: bool) {
        self.0[feature as usize] |= there;
    }

    /// The cues of the words alone; entities come with [`Features::of`].
    pub(crate) fn of_words(scan: &Scan) -> Self {
        let mut features = Self([false; Feature::COUNT]);
        for start in 0..scan.len() {
            for (feature, end) in PHRASES.all_at(&scan.tokens, start) {
                // What is part of an entity is no cue, save that a metric may say two things:
                // "slower" is a latency and a comparison.
                let free = (start..end).any(|at| scan.is_free(at));
                let shared = matches!(
                    feature,
                    Feature::Versus
                        | Feature::Technical
                        | Feature::Later
                        | Feature::Trend
                        | Feature::Compare
                );
                features.set(feature, free || shared && is_in_metric(scan, start..end));
            }
        }
        features.set(Feature::Command, commands(scan));
        features.set(Feature::UpOrDown, is_up_or_down(scan));
        features.set(Feature::Elliptic, is_elliptic(scan));
        features
    }

    pub(crate) fn of(scan: &Scan) -> Self {
        let mut features = Self::of_words(scan);
        let texts = |kind| {
            scan.entities
                .iter()
                .filter(move |entity| entity.kind == kind)
                .filter_map(|entity| entity.as_text())
        };
        let count = |kind| scan.entities.iter().filter(|entity| entity.kind == kind).count();
        let services = count(EntityKind::Service);
        let ambiguous = scan
            .problems
            .iter()
            .any(|problem| matches!(problem, crate::Problem::AmbiguousService { .. }));
        features.set(Feature::Service, services > 0 || ambiguous);
        features.set(
            Feature::NamedService,
            ambiguous
                || scan
                    .entities
                    .iter()
                    .any(|entity| entity.kind == EntityKind::Service && entity.confidence > 0.5),
        );
        features.set(Feature::TwoServices, services > 1);
        features.set(
            Feature::ErrorMetric,
            texts(EntityKind::Metric).any(|metric| metric == ERROR_RATE),
        );
        features.set(Feature::Metric, texts(EntityKind::Metric).any(|metric| metric != ERROR_RATE));
        let implied = scan
            .entities
            .iter()
            .any(|entity| entity.kind == EntityKind::Metric && entity.confidence < 0.7);
        features.set(Feature::ImpliedMetric, implied);
        let ranks = |text: &str| text.ends_with(')');
        features.set(Feature::Ranking, texts(EntityKind::Aggregation).any(ranks));
        features.set(
            Feature::Percentile,
            texts(EntityKind::Aggregation).any(|text| text.starts_with('p')),
        );
        features.set(Feature::Aggregation, texts(EntityKind::Aggregation).any(|text| !ranks(text)));
        features.set(
            Feature::Time,
            count(EntityKind::TimeRange) > 0 || !scan.problems.is_empty() && !ambiguous,
        );
        features.set(Feature::Baseline, count(EntityKind::TimeRange) > 1);
        let is_error = |status: &str| status.starts_with(['4', '5']);
        features.set(Feature::ErrorStatus, texts(EntityKind::HttpStatus).any(is_error));
        features.set(
            Feature::OtherStatus,
            texts(EntityKind::HttpStatus).any(|status| !is_error(status)),
        );
        features.set(Feature::Threshold, count(EntityKind::Threshold) > 0);
        features.set(Feature::Version, count(EntityKind::Version) > 0);
        features.set(Feature::TwoVersions, count(EntityKind::Version) > 1);
        features.set(Feature::Environment, count(EntityKind::Environment) > 0);
        features.set(Feature::Endpoint, count(EntityKind::Endpoint) > 0);
        features.set(Feature::Fragment, is_fragment(scan));
        features.set(Feature::Definition, is_definition(scan));
        let has_or = (0..scan.len()).any(|at| scan.word(at) == "or");
        features
            .set(Feature::Alternatives, has_or && (services > 1 || count(EntityKind::Version) > 1));
        let said_before = (0..scan.len()).any(|at| {
            matches!(scan.word(at), "it" | "they" | "them" | "their" | "those" | "these" | "both" | "two" | "that")
        });
        let named = [EntityKind::Service, EntityKind::Version, EntityKind::TimeRange, EntityKind::Metric, EntityKind::Aggregation, EntityKind::Environment, EntityKind::Endpoint];
        features.set(Feature::Incomparable, !ambiguous && !said_before && !named.iter().any(|&kind| scan.has(kind)));
        let concrete = [
            EntityKind::Metric,
            EntityKind::HttpStatus,
            EntityKind::Endpoint,
            EntityKind::Version,
            EntityKind::Environment,
        ];
        let technical = features.has(Feature::Technical)
            || features.has(Feature::Service)
            || features.has(Feature::Percentile)
            || concrete.iter().any(|&kind| scan.has(kind));
        features.set(Feature::NoTechnical, !technical);
        features
    }
}

/// Every word of the cue tables that stands for itself, for the dictionary.
pub(crate) fn cue_words() -> impl Iterator<Item = &'static str> {
    let cues = CUES.iter().filter(|(feature, _)| {
        !matches!(
            feature,
            Feature::OffTopic | Feature::Greeting | Feature::AboutUs | Feature::Technical
        )
    });
    cues.flat_map(|(_, phrases)| *phrases)
        .flat_map(|phrase| phrase.split(' '))
        .map(|word| word.trim_end_matches('*'))
        .chain(COMMANDS.iter().copied())
        .chain(FORMS.iter().copied())
        .filter(|word| !is_small(word))
}

/// Words of the trade that carry no meaning of their own for us.
pub(crate) fn technical_words() -> impl Iterator<Item = &'static str> {
    let cues = CUES.iter().filter(|(feature, _)| *feature == Feature::Technical);
    cues.flat_map(|(_, phrases)| *phrases)
        .flat_map(|phrase| phrase.split(' '))
        .map(|word| word.trim_end_matches('*'))
}

fn is_small(word: &str) -> bool {
    word.len() < 3
}

pub(crate) fn is_adjective_of_services(word: &str) -> bool {
    ADJECTIVES.contains(&word)
        || COMMANDS.contains(&word) && word != "search"
        || PHRASES_OF_STATE.contains(&word)
}

const PHRASES_OF_STATE: &[&str] = &[
    "failing",
    "failed",
    "healthy",
    "unhealthy",
    "broken",
    "slowest",
    "fastest",
    "busiest",
    "affected",
    "degraded",
    "running",
    "deployed",
    "down",
    "up",
    "dead",
    "noisy",
    "erroring",
    "impacted",
    "unknown",
    "restarting",
    "crashing",
];

fn is_in_metric(scan: &Scan, tokens: Range<usize>) -> bool {
    let span = scan.span(tokens);
    scan.entities.iter().any(|entity| {
        matches!(entity.kind, EntityKind::Metric | EntityKind::Aggregation)
            && entity.span.start < span.end
            && span.start < entity.span.end
    })
}

fn commands(scan: &Scan) -> bool {
    let Some(first) = (0..scan.len()).find(|&at| !COMMAND_LEADS.contains(&scan.word(at))) else {
        return false;
    };
    scan.is_free(first)
        && COMMANDS.contains(&scan.word(first))
        && !NOT_A_COMMAND_BEFORE.contains(&scan.word(first + 1))
}

fn is_up_or_down(scan: &Scan) -> bool {
    const MOVING: &[&str] = &[
        "going", "gone", "went", "go", "speeding", "slowing", "creeping", "scale", "spin", "stack",
        "holding", "break", "trending", "slowed", "sped", "picked", "picking", "pull", "look",
        "sum", "drill", "whats", "is", "shot", "scaled", "turn", "check", "set", "ramping", "ramp",
        "trended", "broken", "narrow",
    ];
    (0..scan.len()).any(|at| {
        let before = scan.word_before(at);
        matches!(scan.word(at), "up" | "down")
            && (!MOVING.contains(&before) || before == "is" && at == 1)
            && !matches!(scan.word(at + 1), "to" | "by" | "from" | "the" | "with" | "for")
    })
}

fn is_elliptic(scan: &Scan) -> bool {
    let first = (0..scan.len())
        .find(|&at| {
            !matches!(
                scan.word(at),
                "ok" | "okay"
                    | ","
                    | "great"
                    | "thanks"
                    | "cool"
                    | "so"
                    | "hm"
                    | "hmm"
                    | "right"
                    | "now"
            )
        })
        .unwrap_or(0);
    let first = if scan.word(first).is_empty() { 0 } else { first };
    ELLIPTIC_LEADS.iter().any(|lead| {
        lead.iter().enumerate().all(|(offset, word)| scan.word(first + offset) == *word)
    }) || scan.word(0) == "now" && scan.len() > 1
}

/// Only entities and the small words between them.
fn is_fragment(scan: &Scan) -> bool {
    const SMALL: &[&str] = &[
        "one",
        "ones",
        "please",
        "just",
        "only",
        "meant",
        "mean",
        "same",
        "thing",
        "env",
        "environment",
        "service",
        "version",
        "instead",
        "rather",
        "sorry",
        "actually",
        "instance",
        "window",
        "period",
        "i",
        "latest",
        "again",
        "about",
        "make",
        "try",
        "want",
        "wanted",
    ];
    let any = !scan.entities.is_empty() || !scan.problems.is_empty();
    any && (0..scan.len()).all(|at| {
        let word = scan.word(at);
        let asks = matches!(
            word,
            "is" | "are"
                | "how"
                | "hows"
                | "why"
                | "was"
                | "which"
                | "when"
                | "does"
                | "did"
                | "who"
                | "has"
        );
        !scan.is_free(at)
            || scan.tokens[at].kind == Kind::Sign
            || (!asks && (SMALL.contains(&word) || is_stop_word(word)))
    })
}

fn is_definition(scan: &Scan) -> bool {
    let last = (0..scan.len()).rev().map(|at| scan.word(at)).find(|word| *word != "?");
    let lead = match (scan.word(0), scan.word(1)) {
        ("what", "does" | "do") => {
            return last.is_some_and(|word| {
                matches!(word, "mean" | "means" | "measure" | "measures" | "represent")
            }) && !scan.has(EntityKind::Service);
        }
        ("whats", _) => 1,
        ("what", "is" | "are") => 2,
        _ => return false,
    };
    let lead = lead + usize::from(matches!(scan.word(lead), "a" | "an"));
    let measured = matches!(scan.entities.as_slice(), [only] if matches!(only.kind, EntityKind::Metric | EntityKind::Aggregation | EntityKind::HttpStatus));
    measured
        && !scan.is_free(lead)
        && (lead..scan.len()).all(|at| !scan.is_free(at) || scan.tokens[at].kind == Kind::Sign)
}
