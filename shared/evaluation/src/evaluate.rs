//! Everything at once.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use nlp::{Moment, Vocabulary};
use query::Catalogs;

use crate::{
    data::{Dialogue, QueryCase, Utterance},
    dialogues,
    execution::Executor,
    failure::Failure,
    latency::Stopwatch,
    prediction::Prediction,
    queries,
    report::Report,
    utterances,
};

/// What to evaluate with; of what is empty nothing is measured.
#[derive(Debug, Clone, Default)]
pub struct Data {
    pub utterances: Vec<Utterance>,
    pub dialogues: Vec<Dialogue>,
    pub queries: Vec<QueryCase>,
    /// By the name that the queries give.
    pub catalogs: BTreeMap<String, Catalogs>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    pub report: Report,
    /// One of each utterance, turn and question, in order.
    pub predictions: Vec<Prediction>,
    pub failures: Vec<Failure>,
}

/// A server that runs PromQL, and the time at which it is asked.
#[derive(Clone, Copy)]
pub struct Live<'a> {
    pub executor: &'a dyn Executor,
    /// When the questions are asked: a query may look back from it.
    pub at: Timestamp,
}

/// Wednesday, 19 November 2025, 17:00 UTC: what is said of "this morning" and "on Friday" means the
/// same in every run.
const REFERENCE_TIME: Timestamp = Timestamp::constant(1_763_571_600, 0);

/// Evaluates as if everything were said at one and the same time, in UTC; where queries can be run,
/// the questions for them are asked when they are.
pub async fn evaluate(data: &Data, live: Option<Live<'_>>) -> Evaluation {
    let moment = Moment { now: REFERENCE_TIME, zone: &TimeZone::UTC };
    // The first utterance pays for tables that are built once per process.
    nlp::understand("warm up", &Vocabulary::default(), &moment);
    let mut watch = Stopwatch::default();
    let mut report = Report::default();
    let (mut predictions, mut failures) = (Vec::new(), Vec::new());
    if !data.utterances.is_empty() {
        let outcome = utterances::evaluate(&data.utterances, &moment, &mut watch);
        report.utterances = Some(outcome.report);
        predictions.extend(outcome.predictions);
        failures.extend(outcome.failures);
    }
    if !data.dialogues.is_empty() {
        let outcome = dialogues::evaluate(&data.dialogues, &moment, &mut watch);
        report.dialogues = Some(outcome.report);
        predictions.extend(outcome.predictions);
        failures.extend(outcome.failures);
    }
    if !data.queries.is_empty() {
        let moment = live.map_or(moment, |live| Moment { now: live.at, ..moment });
        let executor = live.map(|live| live.executor);
        let outcome =
            queries::evaluate(&data.queries, &data.catalogs, &moment, executor, &mut watch).await;
        report.queries = Some(outcome.report);
        predictions.extend(outcome.predictions);
        failures.extend(outcome.failures);
    }
    report.latency_ms = watch.report();
    Evaluation { report, predictions, failures }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{data, split};

    #[tokio::test]
    async fn nothing_measures_nothing() {
        let evaluation = evaluate(&Data::default(), None).await;
        assert_eq!(evaluation.report, Report::default());
        assert_eq!((evaluation.predictions, evaluation.failures), (Vec::new(), Vec::new()));
    }

    #[tokio::test]
    async fn every_item_has_one_prediction_and_two_runs_agree() {
        let (queries, catalogs) = split::queries().unwrap();
        let take = 20;
        let data = Data {
            utterances: split::utterances().unwrap().into_iter().take(take).collect(),
            dialogues: split::dialogues().unwrap().into_iter().take(take).collect(),
            queries: queries.into_iter().take(take).collect(),
            catalogs,
        };
        let turns: usize = data.dialogues.iter().map(|dialogue| dialogue.turns.len()).sum();
        let first = evaluate(&data, None).await;
        let second = evaluate(&data, None).await;
        assert_eq!(first.predictions.len(), 2 * take + turns);
        assert_eq!(first.predictions, second.predictions);
        let untimed = |report: &Report| Report { latency_ms: None, ..report.clone() };
        assert_eq!(untimed(&first.report), untimed(&second.report));
    }

    #[tokio::test]
    async fn only_what_is_given_is_measured() {
        let text = r#"{"id":"a","text":"hello","intent":"small_talk","entities":[]}"#;
        let utterances = data::utterances("f", text).unwrap();
        let data = Data { utterances, ..Data::default() };
        let report = evaluate(&data, None).await.report;
        assert!(report.utterances.is_some() && report.latency_ms.is_some());
        assert!(report.dialogues.is_none() && report.queries.is_none());
    }
}
