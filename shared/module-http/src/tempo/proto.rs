//! How protocol buffers are written as JSON
//! (<https://protobuf.dev/programming-guides/json/>): large numbers as text, zeros left out, values
//! of attributes wrapped in their type.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

/// A number that may be written as a text.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Number<T>(pub(super) T);

impl<'de, T: FromStr> Deserialize<'de> for Number<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(std::marker::PhantomData<T>);

        impl<T: FromStr> de::Visitor<'_> for Visitor<T> {
            type Value = Number<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, perhaps as a text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Number<T>, E> {
                let wrong = |_| E::invalid_value(de::Unexpected::Str(text), &self);
                text.parse().map(Number).map_err(wrong)
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Number<T>, E> {
                self.visit_str(&value.to_string())
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Number<T>, E> {
                self.visit_str(&value.to_string())
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Number<T>, E> {
                self.visit_str(&value.to_string())
            }
        }

        deserializer.deserialize_any(Visitor(std::marker::PhantomData))
    }
}

/// `{"key": …, "value": {"stringValue": …}}`
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Attribute {
    key: String,
    #[serde(default)]
    value: BTreeMap<String, Value>,
}

/// Attributes by name, their values as text; what is no single value is left out.
pub(super) fn by_name(attributes: Vec<Attribute>) -> BTreeMap<String, String> {
    attributes
        .into_iter()
        .filter_map(|Attribute { key, value }| {
            let value = match value.into_values().next()? {
                Value::String(text) => text,
                number @ (Value::Number(_) | Value::Bool(_)) => number.to_string(),
                _ => return None,
            };
            Some((key, value))
        })
        .collect()
}

/// Whether an answer is complete: by name in newer servers, by number in others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Status {
    #[default]
    Missing,
    Name(String),
    Code(i64),
}

impl Status {
    pub(super) fn is_partial(&self) -> bool {
        match self {
            Self::Missing => false,
            Self::Name(name) => name.eq_ignore_ascii_case("partial"),
            Self::Code(code) => *code == 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_read_in_both_forms() {
        for (value, expected) in [
            (json!(7), Some(7.0)),
            (json!("7"), Some(7.0)),
            (json!(0.5), Some(0.5)),
            (json!("x"), None),
        ] {
            let number = serde_json::from_value::<Number<f64>>(value.clone()).ok();
            assert_eq!(number.map(|number| number.0), expected, "{value}");
        }
        assert!(serde_json::from_value::<Number<f64>>(json!("NaN")).unwrap().0.is_nan());
        assert_eq!(serde_json::from_value::<Number<i128>>(json!("-1")).unwrap().0, -1);
        assert!(serde_json::from_value::<Number<u64>>(json!(-1)).is_err());
    }

    #[test]
    fn attributes_lose_their_wrapping() {
        let attributes: Vec<Attribute> = serde_json::from_value(json!([
            {"key": "a", "value": {"stringValue": "x"}},
            {"key": "b", "value": {"intValue": "200"}},
            {"key": "c", "value": {"boolValue": true}},
            {"key": "d", "value": {"arrayValue": {"values": []}}},
            {"key": "e"}
        ]))
        .unwrap();
        let named = by_name(attributes);
        assert_eq!(json!(named), json!({"a": "x", "b": "200", "c": "true"}));
    }

    #[test]
    fn a_part_is_told_from_the_whole() {
        for (status, partial) in [
            (json!("PARTIAL"), true),
            (json!(1), true),
            (json!("COMPLETE"), false),
            (json!(0), false),
        ] {
            let read: Status = serde_json::from_value(status.clone()).unwrap();
            assert_eq!(read.is_partial(), partial, "{status}");
        }
    }
}
