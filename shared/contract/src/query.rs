//! Queries on the wire: translated, and run.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{catalog::Catalog, message::Visualization};

/// A question to turn into a query. Nothing is stored and nothing is run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TranslateQuery {
    /// Of a longer one, the first 10 000 characters are read. `natural_language` is another name
    /// for it.
    #[serde(alias = "natural_language")]
    pub text: String,
    /// `promql`, `logql` or `traceql`.
    pub language: String,
    /// The session that it would be asked in: "and its p95?" is read with what came before.
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

/// A query to run, or a question to turn into one and run: exactly one of the two.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunQuery {
    /// As a person wrote it. It may read what the tenant's systems record, and is bounded like
    /// every other query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// `text` is another name for it.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "text")]
    pub natural_language: Option<String>,
    /// Evaluates the query in steps over this period, or finds the lines or traces in it. Without
    /// one, numbers are evaluated once, now, those of traces over the last hour; and lines and
    /// traces are those of the period that the question names, or of the last hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_range: Option<TimeRange>,
    /// Seconds, or a length such as `30s` or `5m`, between two points of a `time_range`. Without
    /// one it is chosen so that a chart is filled. Lines and traces have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// The session that the question would be asked in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The speaker's time zone, an IANA name; "since 9am" is read in it. UTC without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// A period: a length back from now such as `6h`, alone or as `relative`; or from `start` to `end`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, expecting = "a period is `6h`, `{relative}`, or `{start, end}` as RFC 3339")]
pub enum TimeRange {
    Length(String),
    Relative(RelativePeriod),
    Absolute(AbsolutePeriod),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RelativePeriod {
    /// `m`, `h`, `d` or `w` behind a whole number.
    pub relative: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbsolutePeriod {
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// Now, without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub end: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, expecting = "a step is a number of seconds, or a length such as `30s`")]
pub enum Step {
    Seconds(u32),
    Length(String),
}

/// What a query yielded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QueryAnswer {
    /// The query that was run.
    pub query: String,
    /// `promql`, `logql` or `traceql`.
    pub language: String,
    /// `vector`, `matrix` or `scalar` for numbers; `lines` or `traces`.
    pub result_type: String,
    /// Numbers: `[{labels, points: [[unix seconds, value|null]]}]`. Lines, the newest 100:
    /// `[{time, line, labels, fields?}]`. Traces, the newest 50: `[{trace_id, root_service,
    /// root_name, start, duration_ms, matched, spans: [{span_id, name, start, duration_ms,
    /// attributes}]}]`.
    pub data: Value,
    /// One line.
    pub explanation: String,
    /// How to draw it; null where there is nothing to draw.
    pub visualization: Option<Visualization>,
    /// What the speaker should know about how the question was read.
    pub notes: Vec<String>,
    /// What the system that ran it warns of.
    pub warnings: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// A query that was evaluated once has `start` = `end` and no step.
    #[schema(value_type = String, format = DateTime)]
    pub end: Timestamp,
    /// Seconds.
    pub step: Option<u64>,
}
