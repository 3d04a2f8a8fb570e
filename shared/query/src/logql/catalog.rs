//! What a tenant's Loki records, as its labels and a sample of its lines say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a tenant's Loki records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogCatalog {
    /// The labels of streams with samples of their values.
    #[serde(default, deserialize_with = "crate::samples::by_name")]
    pub labels: BTreeMap<String, Vec<String>>,
    /// `json`, `logfmt`, [`LogCatalog::JSON_AND_LOGFMT`], `unstructured`, or a pattern: `pattern <ip> - <method> <path> <status>`.
    #[serde(default)]
    pub line_format: String,
    /// The fields that parsing a line yields, with samples of their values, or a word for their type.
    #[serde(default)]
    pub fields: BTreeMap<String, Samples>,
}

impl LogCatalog {
    /// The line format where some lines are JSON and the others logfmt.
    pub const JSON_AND_LOGFMT: &str = "json, logfmt";
}

/// Values of a field, or what kind of values it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Samples {
    Values(#[serde(deserialize_with = "crate::samples::list")] Vec<String>),
    Kind(String),
}

impl Samples {
    /// The sampled values; none where only their kind is known.
    pub(crate) fn values(&self) -> &[String] {
        match self {
            Self::Values(values) => values,
            Self::Kind(_) => &[],
        }
    }

    /// The word for the type of the values, where that is all there is.
    pub(crate) fn kind(&self) -> Option<&str> {
        match self {
            Self::Values(_) => None,
            Self::Kind(kind) => Some(kind),
        }
    }
}
