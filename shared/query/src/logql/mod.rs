//! LogQL: what Loki's labels say exists, and the queries built from it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{PlanError, Question, Settings, Translation};

/// What a tenant's Loki records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogCatalog {
    /// The labels of streams with samples of their values.
    #[serde(default)]
    pub labels: BTreeMap<String, Vec<String>>,
    /// `json`, `logfmt`, `unstructured`, or a pattern: `pattern <ip> - <method> <path> <status>`.
    #[serde(default)]
    pub line_format: String,
    /// The fields that parsing a line yields, with samples of their values, or a word for their type.
    #[serde(default)]
    pub fields: BTreeMap<String, Samples>,
}

/// Values of a field, or what kind of values it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Samples {
    Values(Vec<String>),
    Kind(String),
}

pub(crate) fn translate(
    _question: &Question<'_>,
    _catalog: &LogCatalog,
    _settings: &Settings,
    _now: Timestamp,
) -> Result<Translation, PlanError> {
    Err(PlanError::Unsupported("Logs cannot be queried yet.".to_owned()))
}
