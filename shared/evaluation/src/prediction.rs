//! What was understood, in the form in which it is written out and compared.

use model::{Entity, EntityKind, EntityValue, Intent, Unit};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// What came of one utterance, turn or question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    pub id: String,
    /// From 0, in a dialogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn: Option<usize>,
    #[serde(serialize_with = "intent_name")]
    pub intent: Intent,
    /// 0 to 1.
    pub confidence: f32,
    /// Those that the words name; in a dialogue those in force.
    pub entities: Vec<PredictedEntity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
}

/// An entity with its normalised value as it is on the wire.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PredictedEntity {
    #[serde(rename = "type", serialize_with = "kind_name")]
    pub kind: EntityKind,
    /// Empty, with `start` and `end` 0, when it was taken over from an earlier turn.
    pub text: String,
    /// Byte offsets.
    pub start: usize,
    pub end: usize,
    pub normalized: Value,
}

impl PredictedEntity {
    /// `words` are those that a period was first named with, where it is a period of the calendar.
    pub(crate) fn new(entity: &Entity, words: &str) -> Self {
        Self {
            kind: entity.kind,
            text: entity.text.clone(),
            start: entity.span.start,
            end: entity.span.end,
            normalized: wire(&entity.value, words),
        }
    }
}

/// Whether an entity is a period that no words name: one that a comparison implies.
pub(crate) fn is_implied(entity: &Entity) -> bool {
    entity.kind == EntityKind::TimeRange && entity.text.is_empty()
}

/// The normalised value on the wire. A period of the calendar is the words for it, since what they
/// come to depends on when they are said.
fn wire(value: &EntityValue, words: &str) -> Value {
    match value {
        EntityValue::Text(text) => json!(text),
        EntityValue::Time(range) => match &range.relative {
            Some(relative) => json!({ "relative": relative }),
            None => json!(words),
        },
        EntityValue::Threshold { comparison, value, unit } => {
            json!({ "op": comparison.symbol(), "value": number(*value), "unit": unit_name(*unit) })
        }
        EntityValue::Quantity { value, unit } => json!({ "value": number(*value), "unit": unit }),
        EntityValue::Seconds(seconds) => number(*seconds),
        EntityValue::Said => json!(true),
    }
}

/// The base units of thresholds; what has no unit of its own is counted.
fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "s",
        Unit::Ratio => "ratio",
        Unit::Bytes => "bytes",
        Unit::Count | Unit::PerSecond | Unit::Cores | Unit::None => "count",
    }
}

/// `10`, not `10.0`, as people write it.
fn number(value: f64) -> Value {
    const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < MAX_WHOLE { json!(value as i64) } else { json!(value) }
}

fn intent_name<S: Serializer>(intent: &Intent, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(intent.name())
}

fn kind_name<S: Serializer>(kind: &EntityKind, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(kind.name())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use model::{Comparison, TimeRange};

    use super::*;

    #[test]
    fn values_have_their_wire_form() {
        let time = |relative: Option<&str>| {
            EntityValue::Time(TimeRange {
                start: Timestamp::UNIX_EPOCH,
                end: Timestamp::UNIX_EPOCH,
                relative: relative.map(str::to_owned),
            })
        };
        for (value, expected) in [
            (EntityValue::Text("2.0".to_owned()), r#""2.0""#),
            (time(Some("6h")), r#"{"relative":"6h"}"#),
            (time(None), r#""since 9am""#),
            (
                EntityValue::Threshold {
                    comparison: Comparison::AtLeast,
                    value: 0.5,
                    unit: Unit::Seconds,
                },
                r#"{"op":">=","value":0.5,"unit":"s"}"#,
            ),
            (
                EntityValue::Threshold {
                    comparison: Comparison::Above,
                    value: 2e9,
                    unit: Unit::Bytes,
                },
                r#"{"op":">","value":2000000000,"unit":"bytes"}"#,
            ),
            (
                EntityValue::Quantity { value: 10.0, unit: "replicas".to_owned() },
                r#"{"value":10,"unit":"replicas"}"#,
            ),
            (EntityValue::Seconds(600.0), "600"),
            (EntityValue::Said, "true"),
        ] {
            assert_eq!(wire(&value, "since 9am").to_string(), expected);
        }
    }

    #[test]
    fn a_prediction_is_one_line_with_what_there_is() {
        let prediction = Prediction {
            id: "t-1".to_owned(),
            turn: None,
            intent: Intent::CheckHealth,
            confidence: 0.9,
            entities: vec![PredictedEntity {
                kind: EntityKind::Service,
                text: "auth".to_owned(),
                start: 3,
                end: 7,
                normalized: json!("auth"),
            }],
            query: None,
            explanation: None,
        };
        assert_eq!(
            serde_json::to_string(&prediction).unwrap(),
            r#"{"id":"t-1","intent":"check_health","confidence":0.9,"entities":[{"type":"service","text":"auth","start":3,"end":7,"normalized":"auth"}]}"#
        );
    }
}
