//! A conversation as a turn follows it: what is in force, and what the copilot would have asked.
//!
//! It keeps to the rules by which the `conversation` crate moves its focus. That crate goes by what
//! the tenant's catalog has; here there is none, so only what needs no catalog is asked for.

use model::{Entity, EntityKind, EntityValue, Family, Intent, TimeRange, Understanding};
use nlp::{Focus, Moment, Reading, Vocabulary};

use crate::prediction::{PredictedEntity, is_implied};

/// Below this it is asked what is meant, and nothing else.
const UNSURE: f32 = 0.3;

#[derive(Debug, Default)]
pub(crate) struct Conversation {
    focus: Focus,
    /// The words for periods of the calendar: an entity that is taken over has none.
    periods: Vec<(TimeRange, String)>,
}

impl Conversation {
    /// Reads the next turn.
    pub(crate) fn read(&self, text: &str, vocabulary: &Vocabulary, moment: &Moment<'_>) -> Reading {
        let reading = nlp::understand(text, vocabulary, moment);
        nlp::resolve(reading, text, &self.focus, moment)
    }

    /// Remembers a turn, and says what is in force at it.
    pub(crate) fn follow(&mut self, reading: &Reading) -> Vec<PredictedEntity> {
        let entities = &reading.understanding.entities;
        for entity in entities.iter().filter(|entity| !entity.text.is_empty()) {
            if let EntityValue::Time(range) = &entity.value {
                self.periods.push((range.clone(), entity.text.clone()));
            }
        }
        let in_force = entities
            .iter()
            .filter(|entity| !is_implied(entity) || self.is_taken_over(entity))
            .map(|entity| PredictedEntity::new(entity, self.words(entity)))
            .collect();
        // A decision is about what was proposed; it does nothing by itself.
        let task = match reading.understanding.intent {
            decision @ (Intent::Confirm | Intent::Decline) => decision,
            _ => reading.task,
        };
        let wanted = reading.understanding.intent;
        if matches!(task.family(), Family::Talk | Family::None) {
            self.focus = self.focus.after(wanted, None);
            return in_force;
        }
        let acted_on = reading.to_act_on();
        let is_clear = acted_on.confidence >= UNSURE && reading.problems.is_empty();
        let asked = asks_for(task, &acted_on, reading.every_service).filter(|_| is_clear);
        self.focus = self.focus.after(wanted, Some((task, acted_on.entities)));
        self.focus.asked = asked;
        in_force
    }

    fn is_taken_over(&self, entity: &Entity) -> bool {
        let is_same = |before: &Entity| before.kind == entity.kind && before.value == entity.value;
        self.focus.entities.iter().any(is_same)
    }

    /// The words that a period was last called by.
    fn words<'a>(&'a self, entity: &'a Entity) -> &'a str {
        let EntityValue::Time(range) = &entity.value else { return &entity.text };
        let said = self.periods.iter().rev().find(|(other, _)| other == range);
        match said {
            Some((_, words)) if entity.text.is_empty() => words,
            _ => &entity.text,
        }
    }
}

/// What a question about metrics lacks whatever the catalog has: the metric, or else the service.
fn asks_for(task: Intent, acted_on: &Understanding, every_service: bool) -> Option<EntityKind> {
    let has = |kind| acted_on.entities.iter().any(|entity| entity.kind == kind);
    let aggregates = |by: fn(&str) -> bool| acted_on.texts(EntityKind::Aggregation).any(by);
    // A period that only events place is asked about first, and in words.
    if acted_on.texts(EntityKind::TimeRange).next().is_some() {
        return None;
    }
    // A percentile by itself is of the latency.
    let is_percentile = |text: &str| text == "median" || text.starts_with('p');
    let measures = has(EntityKind::Metric) || aggregates(is_percentile);
    match task {
        Intent::QueryMetrics if !measures => return Some(EntityKind::Metric),
        Intent::AnalyzeTrend if !measures && !has(EntityKind::HttpStatus) => {
            return Some(EntityKind::Metric);
        }
        Intent::QueryMetrics | Intent::AnalyzeErrors => {}
        _ => return None,
    }
    // What is ranked or held against a threshold is every service.
    let is_wide = every_service
        || has(EntityKind::Threshold)
        || aggregates(|text| text.starts_with("topk") || text.starts_with("bottomk"));
    (!has(EntityKind::Service) && !is_wide).then_some(EntityKind::Service)
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};
    use serde_json::{Value, json};

    use super::*;

    const MOMENT: Moment<'_> = Moment { now: Timestamp::UNIX_EPOCH, zone: &TimeZone::UTC };

    fn entity(kind: EntityKind, value: EntityValue, text: &str) -> Entity {
        Entity { kind, value, text: text.to_owned(), span: 0..text.len(), confidence: 0.9 }
    }

    fn named(kind: EntityKind, value: &str) -> Entity {
        entity(kind, EntityValue::Text(value.to_owned()), value)
    }

    fn period(from_s: i64, text: &str) -> Entity {
        let at = |second| Timestamp::from_second(second).unwrap();
        let range = TimeRange { start: at(from_s), end: at(from_s + 60), relative: None };
        entity(EntityKind::TimeRange, EntityValue::Time(range), text)
    }

    fn reading(task: Intent, entities: Vec<Entity>) -> Reading {
        Reading {
            understanding: Understanding { intent: task, confidence: 0.9, entities },
            task,
            every_service: false,
            implied: Vec::new(),
            corrections: Vec::new(),
            problems: Vec::new(),
            ..nlp::understand("", &Vocabulary::default(), &MOMENT)
        }
    }

    fn values(entities: &[PredictedEntity]) -> Vec<&Value> {
        entities.iter().map(|entity| &entity.normalized).collect()
    }

    #[test]
    fn a_period_that_is_taken_over_keeps_its_words() {
        let mut conversation = Conversation::default();
        let first = reading(Intent::QueryLogs, vec![period(0, "since 9am")]);
        assert_eq!(values(&conversation.follow(&first)), [&json!("since 9am")]);
        let again = reading(Intent::QueryLogs, vec![period(0, "")]);
        assert_eq!(values(&conversation.follow(&again)), [&json!("since 9am")]);
        // Nobody said this one: a comparison implies it.
        let other = reading(Intent::QueryLogs, vec![period(100, "yesterday"), period(500, "")]);
        assert_eq!(values(&conversation.follow(&other)), [&json!("yesterday")]);
    }

    #[test]
    fn talk_leaves_the_subject_where_it_was() {
        let mut conversation = Conversation::default();
        let auth = vec![named(EntityKind::Service, "auth")];
        conversation.follow(&reading(Intent::CheckHealth, auth.clone()));
        // A confirmation goes on with what it answers.
        let mut confirmation = reading(Intent::DeployService, Vec::new());
        confirmation.understanding.intent = Intent::Confirm;
        let talk = [Intent::SmallTalk, Intent::Confirm, Intent::OutOfScope];
        let talk = talk.map(|intent| reading(intent, Vec::new()));
        for talk in talk.into_iter().chain([confirmation]) {
            conversation.follow(&talk);
            assert_eq!(conversation.focus.intent, Some(Intent::CheckHealth));
            assert_eq!(conversation.focus.entities, auth);
        }
        conversation.follow(&reading(Intent::QueryAlerts, Vec::new()));
        assert_eq!(conversation.focus.entities, []);
    }

    #[test]
    fn what_is_missing_is_asked_for() {
        use EntityKind::{Aggregation, HttpStatus, Metric, Service, TimeRange};
        use Intent::{AnalyzeErrors, AnalyzeTrend, CheckHealth, QueryMetrics};
        let cpu = || named(Metric, "cpu_usage");
        let auth = || named(Service, "auth");
        for (task, entities, expected) in [
            (QueryMetrics, vec![cpu()], Some(Service)),
            (QueryMetrics, vec![cpu(), auth()], None),
            (QueryMetrics, vec![auth()], Some(Metric)),
            (QueryMetrics, vec![named(Aggregation, "p95"), auth()], None),
            (QueryMetrics, vec![named(Aggregation, "max"), auth()], Some(Metric)),
            (QueryMetrics, vec![named(Aggregation, "topk(5)"), cpu()], None),
            (AnalyzeErrors, vec![], Some(Service)),
            (AnalyzeErrors, vec![auth()], None),
            (AnalyzeTrend, vec![named(HttpStatus, "5xx")], None),
            (AnalyzeTrend, vec![auth()], Some(Metric)),
            (CheckHealth, vec![], None),
            (AnalyzeErrors, vec![named(TimeRange, "since the migration")], None),
        ] {
            let acted_on = reading(task, entities.clone()).to_act_on();
            assert_eq!(asks_for(task, &acted_on, false), expected, "{task:?} {entities:?}");
        }
        let nothing = reading(AnalyzeErrors, vec![]).to_act_on();
        assert_eq!(asks_for(AnalyzeErrors, &nothing, true), None);
    }

    #[test]
    fn what_is_not_clear_is_not_asked_for() {
        let missing = reading(Intent::AnalyzeErrors, Vec::new());
        let mut unsure = missing.clone();
        unsure.understanding.confidence = 0.1;
        for (reading, expected) in [(missing, Some(EntityKind::Service)), (unsure, None)] {
            let mut conversation = Conversation::default();
            conversation.follow(&reading);
            assert_eq!(conversation.focus.asked, expected);
        }
    }

    #[test]
    fn turns_are_read_in_the_light_of_those_before() {
        let mut conversation = Conversation::default();
        let vocabulary = Vocabulary::default();
        for text in ["cpu usage in the last 2 hours", "and memory usage?"] {
            let reading = conversation.read(text, &vocabulary, &MOMENT);
            let in_force = conversation.follow(&reading);
            let has = |value: Value| in_force.iter().any(|entity| entity.normalized == value);
            assert!(has(json!({ "relative": "2h" })), "{in_force:?}");
        }
    }
}
