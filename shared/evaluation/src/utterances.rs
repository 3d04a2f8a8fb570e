//! Single utterances: their intents and what their words name.

use nlp::{Moment, Vocabulary};

use crate::{
    data::Utterance,
    failure::{Failure, Reason, entity_reasons},
    intents::{self, Judged},
    latency::Stopwatch,
    matching::{Gold, Matching},
    prediction::{PredictedEntity, Prediction, is_implied},
    report::{Tallies, UtteranceReport},
};

/// What came of the utterances.
pub(crate) struct Outcome {
    pub(crate) report: UtteranceReport,
    pub(crate) predictions: Vec<Prediction>,
    pub(crate) failures: Vec<Failure>,
}

/// Reads each by itself and without a catalog.
pub(crate) fn evaluate(
    utterances: &[Utterance],
    moment: &Moment<'_>,
    watch: &mut Stopwatch,
) -> Outcome {
    let vocabulary = Vocabulary::default();
    let predictions: Vec<Prediction> = utterances
        .iter()
        .map(|utterance| {
            let reading =
                watch.time(|| nlp::understand(&utterance.text, &vocabulary, moment)).understanding;
            // What no words name has no place in the text.
            let named = reading.entities.iter().filter(|entity| !is_implied(entity));
            Prediction {
                id: utterance.id.clone(),
                turn: None,
                intent: reading.intent,
                confidence: reading.confidence,
                entities: named.map(|entity| PredictedEntity::new(entity, &entity.text)).collect(),
                query: None,
                explanation: None,
            }
        })
        .collect();
    score(utterances, predictions)
}

fn score(utterances: &[Utterance], predictions: Vec<Prediction>) -> Outcome {
    let mut judged = Vec::with_capacity(utterances.len());
    let mut tallies = Tallies::default();
    let mut failures = Vec::new();
    for (gold, got) in utterances.iter().zip(&predictions) {
        let intent = Judged::new(gold.intent, &gold.also_ok, got.intent, got.confidence);
        let labels: Vec<Gold<'_>> = gold.entities.iter().map(Gold::from).collect();
        let matching = Matching::new(&labels, &got.entities);
        count(&mut tallies, &labels, &got.entities, &matching);
        let mut reasons = Vec::new();
        if !intent.is_accepted() {
            reasons.push(intent_reason(&intent));
        }
        reasons.extend(entity_reasons(&labels, &got.entities, &matching));
        if !reasons.is_empty() {
            let (place, text) = (gold.id.clone(), gold.text.clone());
            failures.push(Failure { place, text, reasons });
        }
        judged.push(intent);
    }
    let report = UtteranceReport {
        n: utterances.len(),
        accuracy: intents::accuracy(&judged),
        accuracy_also_ok: intents::accuracy_also_ok(&judged),
        macro_f1: intents::macro_f1(&judged),
        oos_recall: intents::out_of_scope_recall(&judged),
        oos_false_rate: intents::false_out_of_scope(&judged),
        ece: intents::calibration_error(&judged),
        entities: tallies.report(),
    };
    Outcome { report, predictions, failures }
}

fn count(
    tallies: &mut Tallies,
    labels: &[Gold<'_>],
    found: &[PredictedEntity],
    matching: &Matching,
) {
    for &index in &matching.hits {
        tallies.of(labels[index].kind).hits += 1;
    }
    for &index in &matching.missed {
        tallies.of(labels[index].kind).missed += 1;
    }
    for &at in &matching.spurious {
        tallies.of(found[at].kind).spurious += 1;
    }
}

pub(crate) fn intent_reason(judged: &Judged) -> Reason {
    let got = format!("{} ({:.2})", judged.got.name(), judged.confidence);
    Reason::new("intent", judged.gold.name(), got)
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};
    use model::{EntityKind, Intent};
    use serde_json::json;

    use super::*;
    use crate::data;

    fn prediction(id: &str, intent: Intent, entities: &[(EntityKind, usize, &str)]) -> Prediction {
        let entity = |(kind, start, text): &(EntityKind, usize, &str)| PredictedEntity {
            kind: *kind,
            text: (*text).to_owned(),
            start: *start,
            end: start + text.len(),
            normalized: json!(text),
        };
        Prediction {
            id: id.to_owned(),
            turn: None,
            intent,
            confidence: 1.0,
            entities: entities.iter().map(entity).collect(),
            query: None,
            explanation: None,
        }
    }

    #[test]
    fn scores_are_those_counted_by_hand() {
        let text = r#"
{"id":"a","text":"is auth up in eu","intent":"check_health","entities":[{"type":"service","text":"auth","normalized":"auth"},{"type":"region","text":"eu","normalized":"eu","optional":true}]}
{"id":"b","text":"compare auth and cart","intent":"compare","also_ok":["query_metrics"],"entities":[{"type":"service","text":"auth","normalized":"auth"},{"type":"service","text":"cart","normalized":"cart"}]}
{"id":"c","text":"bake a cake","intent":"out_of_scope","entities":[]}
"#;
        let utterances = data::utterances("f", text).unwrap();
        let outcome = score(
            &utterances,
            vec![
                prediction("a", Intent::CheckHealth, &[(EntityKind::Service, 3, "auth")]),
                prediction(
                    "b",
                    Intent::QueryMetrics,
                    &[(EntityKind::Service, 8, "auth"), (EntityKind::Metric, 17, "cart")],
                ),
                prediction("c", Intent::Explain, &[]),
            ],
        );
        let report = outcome.report;
        assert_eq!((report.n, report.accuracy), (3, Some(0.5)));
        assert_eq!(report.accuracy_also_ok, Some(1.0));
        assert_eq!((report.oos_recall, report.oos_false_rate), (Some(0.0), Some(0.0)));
        // Of check_health, compare, query_metrics, out_of_scope and explain one is right.
        assert_eq!(report.macro_f1, Some(0.2));
        assert_eq!(report.ece, Some(2.0 / 3.0));
        // Two hits, one missed service, one spurious metric.
        let all = report.entities.all;
        assert_eq!((all.precision, all.recall), (Some(2.0 / 3.0), Some(2.0 / 3.0)));
        assert_eq!(report.entities.by_type["service"].recall, Some(2.0 / 3.0));
        assert_eq!(report.entities.by_type["metric"].precision, Some(0.0));
        assert!(!report.entities.by_type.contains_key("region"));

        let places: Vec<&str> = outcome.failures.iter().map(|one| one.place.as_str()).collect();
        assert_eq!(places, ["b", "c"]);
        assert_eq!(outcome.failures[0].reasons, [Reason::new("service", "cart", "metric cart")]);
        let wrong = Reason::new("intent", "out_of_scope", "explain (1.00)");
        assert_eq!(outcome.failures[1].reasons, [wrong]);
    }

    #[test]
    fn what_is_predicted_is_what_was_understood() {
        let text = r#"{"id":"a","text":"error rate of auth-api in the last 6 hours","intent":"analyze_errors","entities":[]}"#;
        let utterances = data::utterances("f", text).unwrap();
        let moment = Moment { now: Timestamp::UNIX_EPOCH, zone: &TimeZone::UTC };
        let mut watch = Stopwatch::default();
        let outcome = evaluate(&utterances, &moment, &mut watch);
        let entities = &outcome.predictions[0].entities;
        let time = entities.iter().find(|entity| entity.kind == EntityKind::TimeRange).unwrap();
        assert_eq!(time.normalized, json!({ "relative": "6h" }));
        assert_eq!(&utterances[0].text[time.start..time.end], time.text);
        assert!(watch.report().is_some());
    }
}
