//! Intents and entities on the wire.

use model::{Entity as DomainEntity, EntityValue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Something that the text names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entity {
    /// `service`, `metric`, `time_range`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// As it was said; for an entity that was taken over, the normalised value.
    pub value: String,
    /// Text, or an object for times, thresholds and quantities.
    pub normalized: Value,
    pub text: String,
    /// Byte offsets into the text.
    pub start: usize,
    pub end: usize,
    pub confidence: f32,
}

impl From<&DomainEntity> for Entity {
    fn from(entity: &DomainEntity) -> Self {
        let normalized = normalized(&entity.value);
        let value = match (&entity.text, &normalized) {
            (text, Value::String(plain)) if text.is_empty() => plain.clone(),
            (text, other) if text.is_empty() => other.to_string(),
            (text, _) => text.clone(),
        };
        Self {
            kind: entity.kind.name().to_owned(),
            value,
            normalized,
            text: entity.text.clone(),
            start: entity.span.start,
            end: entity.span.end,
            confidence: entity.confidence,
        }
    }
}

fn normalized(value: &EntityValue) -> Value {
    match value {
        EntityValue::Text(text) => json!(text),
        EntityValue::Time(range) => {
            let mut object =
                json!({ "start": range.start.to_string(), "end": range.end.to_string() });
            if let Some(relative) = &range.relative {
                object["relative"] = json!(relative);
            }
            object
        }
        EntityValue::Threshold { comparison, value, unit } => {
            json!({ "op": comparison.symbol(), "value": value, "unit": unit_name(*unit) })
        }
        EntityValue::Quantity { value, unit } => json!({ "value": value, "unit": unit }),
        EntityValue::Seconds(seconds) => json!(seconds),
        EntityValue::Said => json!(true),
    }
}

/// The taxonomy writes seconds as `s`.
fn unit_name(unit: model::Unit) -> &'static str {
    match unit {
        model::Unit::Seconds => "s",
        other => other.name(),
    }
}
