//! TraceQL: what Tempo's tags say exists, and the queries built from it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{PlanError, Question, Settings, Translation};

/// What a tenant's Tempo records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceCatalog {
    /// `duration`, `name`, `status`, `kind`, …
    #[serde(default)]
    pub intrinsics: Vec<String>,
    /// `resource.service.name`, `span.http.status_code`, … with samples of their values.
    #[serde(default)]
    pub attributes: BTreeMap<String, Vec<String>>,
}

pub(crate) fn translate(
    _question: &Question<'_>,
    _catalog: &TraceCatalog,
    _settings: &Settings,
    _now: Timestamp,
) -> Result<Translation, PlanError> {
    Err(PlanError::Unsupported("Traces cannot be queried yet.".to_owned()))
}
