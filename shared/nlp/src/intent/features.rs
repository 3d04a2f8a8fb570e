//! The features of one utterance: cues in its words, its shape, and the kinds of its entities.

use std::{ops::Range, sync::LazyLock};

use model::{Entity, EntityKind};

use super::{cues::CUES, feature::Feature, shape};
use crate::{
    Problem,
    lexicon::{ERROR_RATE, lists},
    phrases::Phrases,
    scan::Scan,
};

static PHRASES: LazyLock<Phrases<Feature>> = LazyLock::new(|| Phrases::new(CUES));

/// Words for things that were named before.
const PRONOUNS: &str = "it they them their those these both two that one";
/// A metric that is less sure was only implied.
const IMPLIED_BELOW: f32 = 0.7;
/// A service that is less sure was only guessed from where its name stands.
const GUESSED_UP_TO: f32 = 0.5;

/// The features of an utterance, each there or not.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Features([bool; Feature::COUNT]);

impl Features {
    pub(crate) fn has(&self, feature: Feature) -> bool {
        self.0[feature as usize]
    }

    /// The names of those that are there.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        Feature::NAMES.iter().zip(self.0).filter_map(|(name, there)| there.then_some(*name))
    }

    fn set(&mut self, feature: Feature, there: bool) {
        self.0[feature as usize] |= there;
    }

    /// The cues of the words alone; entities come with [`Features::of`].
    pub(crate) fn of_words(scan: &Scan) -> Self {
        let mut features = Self([false; Feature::COUNT]);
        for start in 0..scan.len() {
            for (feature, end) in PHRASES.all_at(&scan.tokens, start) {
                let free = (start..end).any(|at| scan.is_free(at));
                let there = free || (is_shared(feature) && is_in_metric(scan, start..end));
                features.set(feature, there);
            }
        }
        features.set(Feature::Command, shape::is_command(scan));
        features.set(Feature::UpOrDown, shape::is_up_or_down(scan));
        features.set(Feature::Elliptic, shape::is_elliptic(scan));
        features
    }

    pub(crate) fn of(scan: &Scan) -> Self {
        let mut features = Self::of_words(scan);
        features.add_services(scan);
        features.add_measures(scan);
        features.add_circumstances(scan);
        features.add_shape(scan);
        features
    }

    fn add_services(&mut self, scan: &Scan) {
        let count = count(scan, EntityKind::Service);
        let sure = |entity: &Entity| {
            entity.kind == EntityKind::Service && entity.confidence > GUESSED_UP_TO
        };
        self.set(Feature::Service, count > 0 || is_ambiguous(scan));
        self.set(Feature::NamedService, is_ambiguous(scan) || scan.entities.iter().any(sure));
        self.set(Feature::TwoServices, count > 1);
    }

    fn add_measures(&mut self, scan: &Scan) {
        let any = |kind, test: fn(&str) -> bool| texts(scan, kind).any(test);
        let implied = |entity: &Entity| {
            entity.kind == EntityKind::Metric && entity.confidence < IMPLIED_BELOW
        };
        self.set(Feature::ErrorMetric, any(EntityKind::Metric, |metric| metric == ERROR_RATE));
        self.set(Feature::Metric, any(EntityKind::Metric, |metric| metric != ERROR_RATE));
        self.set(Feature::ImpliedMetric, scan.entities.iter().any(implied));
        self.set(Feature::Ranking, any(EntityKind::Aggregation, |text| text.ends_with(')')));
        self.set(Feature::Percentile, any(EntityKind::Aggregation, |text| text.starts_with('p')));
        self.set(Feature::Aggregation, any(EntityKind::Aggregation, |text| !text.ends_with(')')));
        let is_error = |status: &str| status.starts_with(['4', '5']);
        self.set(Feature::ErrorStatus, any(EntityKind::HttpStatus, is_error));
        self.set(
            Feature::OtherStatus,
            any(EntityKind::HttpStatus, |status| !status.starts_with(['4', '5'])),
        );
        self.set(Feature::Threshold, scan.has(EntityKind::Threshold));
    }

    fn add_circumstances(&mut self, scan: &Scan) {
        let refused = |problem: &Problem| matches!(problem, Problem::Time { .. });
        let periods = count(scan, EntityKind::TimeRange);
        self.set(Feature::Time, periods > 0 || scan.problems.iter().any(refused));
        self.set(Feature::Baseline, periods > 1);
        self.set(Feature::Version, scan.has(EntityKind::Version));
        self.set(Feature::TwoVersions, count(scan, EntityKind::Version) > 1);
        self.set(Feature::Environment, scan.has(EntityKind::Environment));
        self.set(Feature::Endpoint, scan.has(EntityKind::Endpoint));
    }

    fn add_shape(&mut self, scan: &Scan) {
        use EntityKind::{
            Aggregation, Endpoint, Environment, HttpStatus, Metric, Service, TimeRange, Version,
        };
        let says = |words: &str| (0..scan.len()).any(|at| lists(words, scan.word(at)));
        let names = |kinds: &[EntityKind]| kinds.iter().any(|&kind| scan.has(kind));
        self.set(Feature::Fragment, shape::is_fragment(scan));
        self.set(Feature::Definition, shape::is_definition(scan));
        let two = self.has(Feature::TwoServices) || self.has(Feature::TwoVersions);
        self.set(Feature::Alternatives, two && says("or"));
        let comparable = [Service, Version, TimeRange, Metric, Aggregation, Environment, Endpoint];
        let something = is_ambiguous(scan) || says(PRONOUNS) || names(&comparable);
        self.set(Feature::Incomparable, !something);
        let technical = self.has(Feature::Technical)
            || self.has(Feature::Service)
            || self.has(Feature::Percentile)
            || names(&[Metric, HttpStatus, Endpoint, Version, Environment]);
        self.set(Feature::NoTechnical, !technical);
    }
}

fn texts<'a>(scan: &'a Scan<'_>, kind: EntityKind) -> impl Iterator<Item = &'a str> {
    let entities = scan.entities.iter().filter(move |entity| entity.kind == kind);
    entities.filter_map(Entity::as_text)
}

fn count(scan: &Scan, kind: EntityKind) -> usize {
    scan.entities.iter().filter(|entity| entity.kind == kind).count()
}

fn is_ambiguous(scan: &Scan) -> bool {
    scan.problems.iter().any(|problem| matches!(problem, Problem::AmbiguousService { .. }))
}

/// What is part of an entity is no cue, save that a metric may say two things: "slower" is a
/// latency and a comparison.
fn is_shared(feature: Feature) -> bool {
    use Feature::{Comparing, Later, Technical, Trend, Versus};
    matches!(feature, Versus | Technical | Later | Trend | Comparing)
}

fn is_in_metric(scan: &Scan, tokens: Range<usize>) -> bool {
    let span = scan.span(tokens);
    scan.entities.iter().any(|entity| {
        matches!(entity.kind, EntityKind::Metric | EntityKind::Aggregation)
            && entity.span.start < span.end
            && span.start < entity.span.end
    })
}
