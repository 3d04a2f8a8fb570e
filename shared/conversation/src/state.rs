//! What a conversation is about, as text that the store keeps with the session.
//!
//! Text that cannot be read, from a version before or after this one, is no reason to fail: the
//! conversation then only does not know what "it" is.

use jiff::Timestamp;
use model::{Comparison, Entity, EntityKind, EntityValue, Family, Intent, TimeRange, Unit};
use nlp::{Focus, Memory, Reading};
use serde::{Deserialize, Serialize};

/// Of the entities in force, and of those left behind; a question that names more than this is not referred back to as a whole.
const MAX_ENTITIES: usize = 32;

#[derive(Serialize, Deserialize)]
struct StoredFocus {
    intent: Option<String>,
    entities: Vec<StoredEntity>,
    asked: Option<String>,
    /// What was left behind, and what was last wanted.
    #[serde(default)]
    left: Vec<StoredEntity>,
    #[serde(default)]
    last: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredEntity {
    kind: String,
    confidence: f32,
    #[serde(flatten)]
    value: StoredValue,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredValue {
    Text(String),
    Time { start: Timestamp, end: Timestamp, relative: Option<String> },
    Threshold { comparison: String, value: f64, unit: String },
    Quantity { value: f64, unit: String },
    Seconds(f64),
    Said(bool),
}

/// What is to be done at a turn. An answer to a question continues what the question was about; a
/// decision is about what was proposed and does nothing by itself.
pub(crate) fn task(reading: &Reading) -> Intent {
    match reading.understanding.intent {
        decision @ (Intent::Confirm | Intent::Decline) => decision,
        _ => reading.task,
    }
}

/// What the conversation is about behind a turn.
pub(crate) fn after(focus: &Focus, reading: &Reading) -> Focus {
    let task = task(reading);
    let is_talk = matches!(task.family(), Family::Talk | Family::None);
    let about = (!is_talk).then(|| (task, reading.to_act_on().entities));
    focus.after(reading.understanding.intent, about)
}

pub(crate) fn encode(focus: &Focus) -> Option<String> {
    let stored = StoredFocus {
        intent: focus.intent.map(|intent| intent.name().to_owned()),
        entities: encode_entities(&focus.entities),
        asked: focus.asked.map(|kind| kind.name().to_owned()),
        left: encode_entities(&focus.memory.entities),
        last: focus.memory.last.map(|intent| intent.name().to_owned()),
    };
    serde_json::to_string(&stored).ok()
}

pub(crate) fn decode(text: Option<&str>) -> Focus {
    let stored = text.and_then(|text| serde_json::from_str::<StoredFocus>(text).ok());
    let Some(stored) = stored else { return Focus::default() };
    Focus {
        intent: stored.intent.as_deref().and_then(Intent::from_name),
        entities: decode_entities(stored.entities),
        asked: stored.asked.as_deref().and_then(EntityKind::from_name),
        memory: Memory {
            entities: decode_entities(stored.left),
            last: stored.last.as_deref().and_then(Intent::from_name),
        },
    }
}

fn encode_entities(entities: &[Entity]) -> Vec<StoredEntity> {
    entities.iter().take(MAX_ENTITIES).map(encode_entity).collect()
}

fn decode_entities(stored: Vec<StoredEntity>) -> Vec<Entity> {
    stored.into_iter().take(MAX_ENTITIES).filter_map(decode_entity).collect()
}

fn encode_entity(entity: &Entity) -> StoredEntity {
    let value = match &entity.value {
        EntityValue::Text(text) => StoredValue::Text(text.clone()),
        EntityValue::Time(range) => StoredValue::Time {
            start: range.start,
            end: range.end,
            relative: range.relative.clone(),
        },
        EntityValue::Threshold { comparison, value, unit } => StoredValue::Threshold {
            comparison: comparison.symbol().to_owned(),
            value: *value,
            unit: unit.name().to_owned(),
        },
        EntityValue::Quantity { value, unit } => {
            StoredValue::Quantity { value: *value, unit: unit.clone() }
        }
        EntityValue::Seconds(seconds) => StoredValue::Seconds(*seconds),
        EntityValue::Said => StoredValue::Said(true),
    };
    StoredEntity { kind: entity.kind.name().to_owned(), confidence: entity.confidence, value }
}

fn decode_entity(stored: StoredEntity) -> Option<Entity> {
    let value = match stored.value {
        StoredValue::Text(text) => EntityValue::Text(text),
        StoredValue::Time { start, end, relative } => {
            EntityValue::Time(TimeRange { start, end, relative })
        }
        StoredValue::Threshold { comparison, value, unit } => EntityValue::Threshold {
            comparison: Comparison::from_symbol(&comparison)?,
            value,
            unit: Unit::from_name(&unit)?,
        },
        StoredValue::Quantity { value, unit } => EntityValue::Quantity { value, unit },
        StoredValue::Seconds(seconds) => EntityValue::Seconds(seconds),
        StoredValue::Said(_) => EntityValue::Said,
    };
    Some(Entity {
        kind: EntityKind::from_name(&stored.kind)?,
        value,
        text: String::new(),
        span: 0..0,
        confidence: stored.confidence,
    })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use nlp::{Moment, Vocabulary};

    use super::*;

    fn entity(kind: EntityKind, value: EntityValue) -> Entity {
        Entity { kind, value, text: String::new(), span: 0..0, confidence: 0.9 }
    }

    #[test]
    fn a_focus_reads_back_as_it_was() {
        let focus = Focus {
            intent: Some(Intent::AnalyzeErrors),
            entities: vec![
                entity(EntityKind::Service, EntityValue::Text("payment".to_owned())),
                entity(
                    EntityKind::TimeRange,
                    EntityValue::Time(TimeRange {
                        start: Timestamp::UNIX_EPOCH,
                        end: Timestamp::UNIX_EPOCH,
                        relative: Some("1h".to_owned()),
                    }),
                ),
                entity(
                    EntityKind::Threshold,
                    EntityValue::Threshold {
                        comparison: Comparison::Above,
                        value: 0.8,
                        unit: Unit::Ratio,
                    },
                ),
            ],
            asked: Some(EntityKind::Service),
            memory: Memory {
                entities: vec![entity(
                    EntityKind::Service,
                    EntityValue::Text("checkout".to_owned()),
                )],
                last: Some(Intent::Clarify),
            },
        };
        assert_eq!(decode(encode(&focus).as_deref()), focus);
    }

    #[test]
    fn what_cannot_be_read_is_no_focus() {
        for text in [None, Some(""), Some("{}"), Some("[1]"), Some("{\"entities\":[{}]}")] {
            assert_eq!(decode(text), Focus::default(), "{text:?}");
        }
        let later = r#"{"intent":"of_later","entities":[{"kind":"of_later","confidence":1,"text":"x"}],"asked":null}"#;
        assert!(decode(Some(later)).intent.is_none());
    }
    /// The services at each turn, where the state is stored between them as in use.
    fn services_of(texts: &[&str]) -> Vec<Vec<String>> {
        let vocabulary = Vocabulary::new(["payment", "checkout", "auth"], ["2.0"], ["staging"]);
        let moment = Moment { now: Timestamp::UNIX_EPOCH, zone: &TimeZone::UTC };
        let mut stored = None;
        let turn = |text: &&str| {
            let focus = decode(stored.as_deref());
            let reading = crate::inquiry::read(text, Some(&vocabulary), &focus, &moment);
            stored = encode(&after(&focus, &reading));
            let mut services: Vec<String> =
                reading.understanding.texts(EntityKind::Service).map(str::to_owned).collect();
            services.sort_unstable();
            services
        };
        texts.iter().map(turn).collect()
    }

    #[test]
    fn what_was_left_behind_is_spoken_of_again() {
        let turns = services_of(&[
            "errors of payment", "and checkout", "compare the two", "thanks!",
            "back to the first one",
        ]);
        assert_eq!(turns[1], ["checkout"]);
        assert_eq!(turns[2], ["checkout", "payment"]);
        assert_eq!(turns[4], ["payment"]);
    }

    #[test]
    fn a_state_from_before_there_was_memory_reads() {
        let text = r#"{"intent":"analyze_errors","entities":[],"asked":null}"#;
        let focus = decode(Some(text));
        assert_eq!(focus.intent, Some(Intent::AnalyzeErrors));
        assert_eq!(focus.memory, Memory::default());
    }
}
