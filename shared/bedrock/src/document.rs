//! Between JSON and the SDK's documents.

use aws_smithy_types::{Document, Number};
use serde_json::Value;

pub(crate) fn to_document(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(value) => Document::Bool(*value),
        Value::Number(number) => Document::Number(to_number(number)),
        Value::String(text) => Document::String(text.clone()),
        Value::Array(items) => Document::Array(items.iter().map(to_document).collect()),
        Value::Object(fields) => Document::Object(
            fields.iter().map(|(name, value)| (name.clone(), to_document(value))).collect(),
        ),
    }
}

fn to_number(number: &serde_json::Number) -> Number {
    if let Some(number) = number.as_u64() {
        Number::PosInt(number)
    } else if let Some(number) = number.as_i64() {
        Number::NegInt(number)
    } else {
        // JSON has no number that is neither an integer nor a float.
        Number::Float(number.as_f64().unwrap_or_default())
    }
}

/// A float that JSON cannot hold becomes null.
pub(crate) fn to_value(document: &Document) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bool(value) => Value::Bool(*value),
        Document::Number(Number::PosInt(number)) => Value::from(*number),
        Document::Number(Number::NegInt(number)) => Value::from(*number),
        Document::Number(Number::Float(number)) => Value::from(*number),
        Document::String(text) => Value::String(text.clone()),
        Document::Array(items) => Value::Array(items.iter().map(to_value).collect()),
        Document::Object(fields) => Value::Object(
            fields.iter().map(|(name, value)| (name.clone(), to_value(value))).collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_value_survives_the_way_there_and_back() {
        for value in [
            json!(null),
            json!(true),
            json!(0),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(0.25),
            json!("Größe"),
            json!([1, [], {}]),
            json!({"type": "object", "properties": {"a": {"enum": ["x", null]}}, "n": -1.5}),
        ] {
            assert_eq!(to_value(&to_document(&value)), value);
        }
        assert_eq!(to_value(&Document::Number(Number::Float(f64::NAN))), Value::Null);
    }
}
