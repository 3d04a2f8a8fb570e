//! The numbers. Scripts read their JSON: names stay what they are.

use std::collections::BTreeMap;

use model::EntityKind;
use serde::Serialize;

/// Everything measured; a part without data is `null`. Shares are 0 to 1, and `null` where there is
/// nothing that they could be of.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    pub utterances: Option<UtteranceReport>,
    pub dialogues: Option<DialogueReport>,
    pub queries: Option<QueryReport>,
    pub latency_ms: Option<LatencyReport>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UtteranceReport {
    pub n: usize,
    /// Of those in scope, the share whose intent is the labelled one.
    pub accuracy: Option<f64>,
    /// The same, with the other intents that a fair judge accepts.
    pub accuracy_also_ok: Option<f64>,
    pub macro_f1: Option<f64>,
    pub oos_recall: Option<f64>,
    /// Of those in scope, the share that is taken for out of scope.
    pub oos_false_rate: Option<f64>,
    /// Expected calibration error of the confidence, over ten bins.
    pub ece: Option<f64>,
    pub entities: EntityReport,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EntityReport {
    #[serde(flatten)]
    pub all: Score,
    /// By the name of the type.
    pub by_type: BTreeMap<&'static str, Score>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Score {
    pub precision: Option<f64>,
    pub recall: Option<f64>,
    pub f1: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DialogueReport {
    pub n: usize,
    pub turns: usize,
    /// The share of turns with the right intent and exactly the right entities in force.
    pub turn_accuracy: Option<f64>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct QueryReport {
    pub promql: Option<LanguageReport>,
    pub logql: Option<LanguageReport>,
    pub traceql: Option<LanguageReport>,
}

/// Shares of all questions in one language; one without a query counts as wrong everywhere.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LanguageReport {
    pub n: usize,
    /// The query parses.
    pub parsed: Option<f64>,
    /// It names only what the catalog has.
    pub grounded: Option<f64>,
    /// It has all that a right one must have, and nothing that gives a wrong one away.
    pub token_match: Option<f64>,
    /// It yields what the expected query yields, of those where either yields anything.
    pub execution_match: Option<f64>,
}

/// Per item, nearest rank.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LatencyReport {
    pub p50: f64,
    pub p99: f64,
}

/// Hits, misses and false alarms of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) hits: usize,
    pub(crate) missed: usize,
    pub(crate) spurious: usize,
}

impl Tally {
    fn score(self) -> Score {
        Score {
            precision: share(self.hits, self.hits + self.spurious),
            recall: share(self.hits, self.hits + self.missed),
            f1: self.f1(),
        }
    }

    pub(crate) fn f1(&self) -> Option<f64> {
        share(2 * self.hits, 2 * self.hits + self.missed + self.spurious)
    }
}

/// Tallies by type of entity.
#[derive(Debug, Default)]
pub(crate) struct Tallies(BTreeMap<EntityKind, Tally>);

impl Tallies {
    pub(crate) fn of(&mut self, kind: EntityKind) -> &mut Tally {
        self.0.entry(kind).or_default()
    }

    pub(crate) fn report(&self) -> EntityReport {
        let mut all = Tally::default();
        for tally in self.0.values() {
            all.hits += tally.hits;
            all.missed += tally.missed;
            all.spurious += tally.spurious;
        }
        let by_type = self.0.iter().map(|(kind, tally)| (kind.name(), tally.score())).collect();
        EntityReport { all: all.score(), by_type }
    }
}

/// `None` of nothing.
pub(crate) fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tallies_add_up() {
        let mut tallies = Tallies::default();
        *tallies.of(EntityKind::Service) = Tally { hits: 3, missed: 1, spurious: 0 };
        *tallies.of(EntityKind::Metric) = Tally { hits: 0, missed: 0, spurious: 2 };
        let report = tallies.report();
        assert_eq!(
            report.all,
            Score { precision: Some(0.6), recall: Some(0.75), f1: Some(6.0 / 9.0) }
        );
        let service = report.by_type["service"];
        assert_eq!((service.precision, service.recall), (Some(1.0), Some(0.75)));
        let metric = report.by_type["metric"];
        assert_eq!((metric.precision, metric.recall, metric.f1), (Some(0.0), None, Some(0.0)));
    }

    #[test]
    fn the_json_has_the_names_that_scripts_read() {
        let empty = serde_json::to_string(&Report::default()).unwrap();
        assert_eq!(
            empty,
            r#"{"utterances":null,"dialogues":null,"queries":null,"latency_ms":null}"#
        );
        let report = Tallies::default().report();
        assert_eq!(
            serde_json::to_string(&report).unwrap(),
            r#"{"precision":null,"recall":null,"f1":null,"by_type":{}}"#
        );
    }
}
