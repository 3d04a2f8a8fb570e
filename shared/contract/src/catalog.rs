//! Catalogs on the wire: what there is to ask about.

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Of each list of names of a [`Catalog`].
pub const MAX_NAMES: usize = 2_000;
pub const MAX_NAME_CHARS: usize = 100;
/// Of the metrics, labels, fields or attributes of each system of a [`Catalog`].
pub const MAX_RECORDED: usize = 20_000;

/// What there is to ask about, in the place of all that the tenant's own systems record. The systems
/// are described as `copilot eval` has them; what is left out records nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// Names that a text may mention, besides those that `prometheus` has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<String>,
    /// For people; it is not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `{metadata: {family: [{type, help, unit}]}, labels: {series: {label: [value, …]}}}`;
    /// histograms stand in `labels` as `_bucket`, `_sum` and `_count`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub prometheus: Option<Value>,
    /// `{labels: {label: [value, …]}, line_format, fields: {field: [value, …]}}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub loki: Option<Value>,
    /// `{intrinsics: [name, …], attributes: {"resource.service.name": [value, …], …}}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub tempo: Option<Value>,
}

/// Takes an object only: left to itself, serde takes a list for the fields in their order.
pub(crate) fn object<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Catalog>, D::Error> {
    let Some(fields) = Option::<Map<String, Value>>::deserialize(from)? else { return Ok(None) };
    serde_json::from_value(Value::Object(fields)).map(Some).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::nlp::Understand;

    #[test]
    fn a_catalog_is_an_object_of_known_fields() {
        for (catalog, is_one) in [
            (json!(null), true),
            (json!({}), true),
            (json!({ "services": ["a"], "description": "x", "loki": { "labels": {} } }), true),
            (json!([]), false),
            (json!([["a"]]), false),
            (json!("shop"), false),
            (json!({ "metrics": [] }), false),
            (json!({ "services": [1] }), false),
        ] {
            let read = serde_json::from_value(json!({ "text": "x", "catalog": catalog }));
            let read: Result<Understand, _> = read;
            assert_eq!(read.is_ok(), is_one, "{catalog}");
        }
    }
}
