//! Dialogues: each turn's intent, and the entities in force at it.

use nlp::{Moment, Vocabulary};

use crate::{
    data::Dialogue,
    failure::{Failure, entity_reasons},
    follow::Conversation,
    intents::Judged,
    latency::Stopwatch,
    matching::{Gold, Matching, distinct},
    prediction::Prediction,
    report::{DialogueReport, share},
    utterances::intent_reason,
};

/// What came of the dialogues.
pub(crate) struct Outcome {
    pub(crate) report: DialogueReport,
    pub(crate) predictions: Vec<Prediction>,
    pub(crate) failures: Vec<Failure>,
}

/// Reads each turn after those before it, without a catalog.
pub(crate) fn evaluate(
    dialogues: &[Dialogue],
    moment: &Moment<'_>,
    watch: &mut Stopwatch,
) -> Outcome {
    let vocabulary = Vocabulary::default();
    let mut predictions = Vec::new();
    for dialogue in dialogues {
        let mut conversation = Conversation::default();
        for (turn, said) in dialogue.turns.iter().enumerate() {
            let reading = watch.time(|| conversation.read(&said.text, &vocabulary, moment));
            predictions.push(Prediction {
                id: dialogue.id.clone(),
                turn: Some(turn),
                intent: reading.understanding.intent,
                confidence: reading.understanding.confidence,
                entities: distinct(conversation.follow(&reading)),
                query: None,
                explanation: None,
            });
        }
    }
    score(dialogues, predictions)
}

/// The predictions are in the order of the turns.
fn score(dialogues: &[Dialogue], predictions: Vec<Prediction>) -> Outcome {
    let turns = dialogues.iter().flat_map(|dialogue| {
        dialogue.turns.iter().enumerate().map(move |(turn, said)| (dialogue, turn, said))
    });
    let mut failures = Vec::new();
    for ((dialogue, turn, gold), got) in turns.zip(&predictions) {
        let intent = Judged::new(gold.intent, &gold.also_ok, got.intent, got.confidence);
        let in_force: Vec<Gold<'_>> = gold.resolved_entities.iter().map(Gold::from).collect();
        let matching = Matching::new(&in_force, &got.entities);
        if intent.is_accepted() && matching.is_exact() {
            continue;
        }
        let mut reasons = Vec::new();
        if !intent.is_accepted() {
            reasons.push(intent_reason(&intent));
        }
        reasons.extend(entity_reasons(&in_force, &got.entities, &matching));
        let place = format!("{} turn {turn}", dialogue.id);
        failures.push(Failure { place, text: gold.text.clone(), reasons });
    }
    let turns = predictions.len();
    let turn_accuracy = share(turns - failures.len(), turns);
    let report = DialogueReport { n: dialogues.len(), turns, turn_accuracy };
    Outcome { report, predictions, failures }
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};
    use model::{EntityKind, Intent};
    use serde_json::json;

    use super::*;
    use crate::{data, prediction::PredictedEntity};

    /// Of one turn: right intent and set, with the optional entity or without.
    const DIALOGUE: &str = r#"{"id":"d","turns":[{"text":"and prod?","intent":"clarify","also_ok":["check_health"],"resolved_entities":[{"type":"service","normalized":"auth"},{"type":"environment","normalized":"production"},{"type":"region","normalized":"eu","optional":true}]}]}"#;

    fn failures(intent: Intent, entities: &[(EntityKind, &str)]) -> Vec<Failure> {
        let dialogues = data::dialogues("f", DIALOGUE).unwrap();
        let entity = |(kind, value): &(EntityKind, &str)| PredictedEntity {
            kind: *kind,
            text: String::new(),
            start: 0,
            end: 0,
            normalized: json!(value),
        };
        let outcome = score(
            &dialogues,
            vec![Prediction {
                id: "d".to_owned(),
                turn: Some(0),
                intent,
                confidence: 0.5,
                entities: entities.iter().map(entity).collect(),
                query: None,
                explanation: None,
            }],
        );
        assert_eq!((outcome.report.n, outcome.report.turns), (1, 1));
        let right = if outcome.failures.is_empty() { 1.0 } else { 0.0 };
        assert_eq!(outcome.report.turn_accuracy, Some(right));
        outcome.failures
    }

    #[test]
    fn a_turn_is_right_as_a_whole() {
        use EntityKind::{Environment, Region, Service, Team};
        let auth = (Service, "auth-service");
        let prod = (Environment, "production");
        for (intent, entities, expected) in [
            (Intent::Clarify, &[auth, prod][..], 0),
            (Intent::CheckHealth, &[prod, auth], 0),
            (Intent::Clarify, &[auth, prod, (Region, "eu")], 0),
            (Intent::Explain, &[auth, prod], 1),
            (Intent::Clarify, &[auth], 1),
            (Intent::Clarify, &[auth, prod, (Team, "x")], 1),
            (Intent::Explain, &[auth, (Environment, "staging")], 2),
        ] {
            let failures = failures(intent, entities);
            let reasons = failures.first().map_or(0, |failure| failure.reasons.len());
            assert_eq!(reasons, expected, "{intent:?} {entities:?} {failures:?}");
        }
    }

    #[test]
    fn turns_are_numbered_and_stand_in_their_dialogue() {
        let moment = Moment { now: Timestamp::UNIX_EPOCH, zone: &TimeZone::UTC };
        let text = r#"{"id":"d","turns":[{"text":"cpu usage in the last 2 hours","intent":"query_metrics","resolved_entities":[]},{"text":"and memory usage?","intent":"query_metrics","resolved_entities":[]}]}
{"id":"e","turns":[{"text":"and memory usage?","intent":"query_metrics","resolved_entities":[]}]}"#;
        let dialogues = data::dialogues("f", text).unwrap();
        let outcome = evaluate(&dialogues, &moment, &mut Stopwatch::default());
        let has_period = |prediction: &Prediction| {
            prediction.entities.iter().any(|entity| entity.kind == EntityKind::TimeRange)
        };
        let seen: Vec<_> = outcome
            .predictions
            .iter()
            .map(|one| (one.id.as_str(), one.turn, has_period(one)))
            .collect();
        assert_eq!(seen, [("d", Some(0), true), ("d", Some(1), true), ("e", Some(0), false)]);
    }
}
