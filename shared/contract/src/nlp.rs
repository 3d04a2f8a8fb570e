//! Understanding on the wire: a text, and what it means.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{catalog::Catalog, entity::Entity};

/// A text to understand. Nothing is stored and nothing is run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Understand {
    /// Of a longer one, the first 10 000 characters are read.
    pub text: String,
    /// The session that it would be said in: "and its p95?" is read with what came before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// In the place of what the tenant's own systems record.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::catalog::object"
    )]
    pub catalog: Option<Catalog>,
    /// The speaker's time zone, an IANA name; "since 9am" is read in it. UTC without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// What a text means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Understood {
    /// `query_metrics`, `analyze_errors`, …
    pub intent: String,
    /// The group of the intent: `query`, `analyze`, `incident`, `act`, `test`, `know`, `talk` or
    /// `none`.
    pub family: String,
    /// 0 to 1, calibrated.
    pub confidence: f32,
    /// The other intents that the words may have, the likeliest first.
    pub alternatives: Vec<Alternative>,
    /// The intent that is acted on. It differs from `intent` where the text continues what was said
    /// before: an answer to a question, a confirmation.
    pub task: String,
    /// What the text names, and what the session adds to it.
    pub entities: Vec<Entity>,
    /// What the words imply without naming it: "slower" speaks of the latency.
    pub implied: Vec<Entity>,
    pub problems: Vec<Problem>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Alternative {
    pub intent: String,
    pub confidence: f32,
}

/// Why the text, or words of it, cannot be acted on as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `time` (a period that does not exist or has not come yet), `ambiguous_service`, or
    /// `catalog_unavailable` (the tenant's names could not be read, so none were recognised).
    pub kind: String,
    /// The words that it is about; empty when it is about all of them.
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What an ambiguous name could be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidates: Option<Vec<String>>,
}
