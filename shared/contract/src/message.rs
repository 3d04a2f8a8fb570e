//! Messages and the answers to them on the wire.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::entity::Entity;

/// Of a message's content.
pub const MAX_CONTENT_BYTES: usize = 1024 * 1024;

/// Something said to the copilot.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostMessage {
    /// Without one, a session is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    pub content: String,
    #[serde(default)]
    pub metadata: Map<String, Value>,
    /// One of the configured models, as `provider:name`; `none` answers without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The speaker's time zone, an IANA name; "since 9am" is read in it. UTC without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    pub id: String,
    pub session_id: String,
    /// `user` or `assistant`.
    pub role: String,
    pub content: String,
    /// `pending`, `complete`, `failed` (a reply that broke off) or `interrupted` (a message whose
    /// turn died without a reply).
    pub status: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    pub metadata: Map<String, Value>,
    /// On a reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<ReplyDetails>,
}

/// What a reply is made of, besides its text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReplyDetails {
    pub intent: String,
    pub confidence: f32,
    pub entities: Vec<Entity>,
    pub queries: Vec<Query>,
    pub visualization: Option<Visualization>,
    pub suggestions: Vec<String>,
    pub citations: Vec<Value>,
    pub usage: Usage,
    pub duration_ms: u64,
    /// Why a `failed` reply broke off: an error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A query that was run for the answer, with what came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Query {
    /// `promql`, `logql` or `traceql`.
    pub language: String,
    pub query: String,
    /// What it is for, in one line.
    pub explanation: String,
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// An instant query has `start` = `end` and no step.
    #[schema(value_type = String, format = DateTime)]
    pub end: Timestamp,
    /// Seconds.
    pub step: Option<u64>,
    /// `{result_type, series: [{labels, points: [[unix seconds, value|null]]}], warnings}`; of a
    /// query that finds lines or traces `{result_type, lines|traces, warnings}` as in
    /// `QueryAnswer.data`; null when it failed.
    pub result: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A hint how to draw the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Visualization {
    /// `line`, `bar`, `table` or `stat`.
    pub kind: String,
    pub title: String,
    /// `seconds`, `ratio`, `bytes`, `count`, `per_second`, `cores` or `none`.
    pub unit: String,
    pub series: Vec<Series>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Series {
    pub name: String,
    /// Unix seconds and value; null where there is none.
    #[schema(value_type = Vec<Vec<Option<f64>>>)]
    pub points: Vec<(f64, Option<f64>)>,
}

/// What a turn cost; zeroes where no language model was asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// Null when the model has no price in the configuration.
    pub cost_usd: Option<f64>,
    pub model: Option<String>,
}

/// The answer to a message. What is short of the reply's details stands here as well; what was
/// queried and what to draw is in `reply.details` alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    pub session_id: String,
    pub message: Message,
    pub reply: Message,
    pub intent: String,
    pub entities: Vec<Entity>,
    pub suggestions: Vec<String>,
    pub citations: Vec<Value>,
    pub usage: Usage,
    pub duration_ms: u64,
}
