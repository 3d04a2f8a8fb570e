//! Queries on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A question to turn into a query. Nothing is stored and nothing is run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TranslateQuery {
    /// Of a longer one, the first 10 000 characters are read.
    pub natural_language: String,
    /// `promql`. `logql` and `traceql` are refused as long as no logs and traces are connected.
    pub language: String,
    /// The speaker's time zone, an IANA name; "since 9am" is read in it. UTC without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// The query that answers a question. It has passed the check that every query passes before it is
/// run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TranslatedQuery {
    pub query: String,
    pub language: String,
    /// One line.
    pub explanation: String,
    /// What the speaker should know about how the question was read.
    pub notes: Vec<String>,
}
