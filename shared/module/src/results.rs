//! What operations on logs and traces give, where it is not series of numbers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The result of [`crate::LOGS_LINES`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLines {
    /// In the order that was asked for, across all streams.
    pub lines: Vec<LogLine>,
    /// What the reader should know: lines left out, parts that did not answer.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// One line of a log. All of it is somebody else's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    pub time: Timestamp,
    /// As it was written, or as the query formats it; cut where it is very long.
    pub line: String,
    /// The labels of its stream.
    pub labels: BTreeMap<String, String>,
    /// What the query's parsers found in the line, and what was recorded beside it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

/// The result of [`crate::TRACES_SEARCH`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TraceList {
    /// Newest first.
    pub traces: Vec<FoundTrace>,
    /// What the reader should know: traces left out, parts that did not answer.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// A trace of which some spans match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoundTrace {
    /// Hexadecimal.
    pub trace_id: String,
    /// The service and the name of the first span; empty while it has not arrived.
    pub root_service: String,
    pub root_name: String,
    pub start: Timestamp,
    pub duration_ms: u64,
    /// How many of its spans match; `spans` may hold fewer.
    pub matched: u64,
    pub spans: Vec<FoundSpan>,
}

/// A span that matches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoundSpan {
    /// Hexadecimal.
    pub span_id: String,
    /// Empty where the query did not select it.
    pub name: String,
    pub start: Timestamp,
    pub duration_ms: f64,
    /// What the query goes by or selects, such as `service.name`.
    pub attributes: BTreeMap<String, String>,
}
