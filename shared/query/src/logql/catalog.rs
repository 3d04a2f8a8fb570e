//! What a tenant's Loki records, as its labels and a sample of its lines say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Samples;

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
