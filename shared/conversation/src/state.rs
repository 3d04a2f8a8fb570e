//! What a conversation is about, as text that the store keeps with the session.
//!
//! Text that cannot be read, from a version before or after this one, is no reason to fail: the
//! conversation then only does not know what "it" is.

use jiff::Timestamp;
use model::{Comparison, Entity, EntityKind, EntityValue, Intent, TimeRange, Unit};
use nlp::Focus;
use serde::{Deserialize, Serialize};

/// Of the entities kept; a question that names more than this is not referred back to as a whole.
const MAX_ENTITIES: usize = 32;

#[derive(Serialize, Deserialize)]
struct StoredFocus {
    intent: Option<String>,
    entities: Vec<StoredEntity>,
    asked: Option<String>,
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

pub(crate) fn encode(focus: &Focus) -> Option<String> {
    let stored = StoredFocus {
        intent: focus.intent.map(|intent| intent.name().to_owned()),
        entities: focus.entities.iter().take(MAX_ENTITIES).map(encode_entity).collect(),
        asked: focus.asked.map(|kind| kind.name().to_owned()),
    };
    serde_json::to_string(&stored).ok()
}

pub(crate) fn decode(text: Option<&str>) -> Focus {
    let stored = text.and_then(|text| serde_json::from_str::<StoredFocus>(text).ok());
    let Some(stored) = stored else { return Focus::default() };
    Focus {
        intent: stored.intent.as_deref().and_then(Intent::from_name),
        entities: stored.entities.into_iter().filter_map(decode_entity).collect(),
        asked: stored.asked.as_deref().and_then(EntityKind::from_name),
    }
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
        };
        let read = decode(encode(&focus).as_deref());
        assert_eq!(read.intent, focus.intent);
        assert_eq!(read.entities, focus.entities);
        assert_eq!(read.asked, focus.asked);
    }

    #[test]
    fn what_cannot_be_read_is_no_focus() {
        for text in [None, Some(""), Some("{}"), Some("[1]"), Some("{\"entities\":[{}]}")] {
            assert!(decode(text).entities.is_empty(), "{text:?}");
        }
        let later = r#"{"intent":"of_later","entities":[{"kind":"of_later","confidence":1,"text":"x"}],"asked":null}"#;
        assert!(decode(Some(later)).intent.is_none());
    }
}
