//! TraceQL: what Tempo's tags say exists, the grammar, the check that every query passes before it
//! runs, and the queries built from questions.
//!
//! The parser is our own, since there is none under a licence that we can use; it is held against
//! Grafana's (`tests/grammar/traceql.mjs`).

mod ast;
mod check;
mod lexer;
mod parse;
mod print;
mod translate;
mod types;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Samples;

pub use self::check::{Checked, check};
pub(crate) use self::translate::translate;

/// What a tenant's Tempo records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceCatalog {
    /// `duration`, `name`, `status`, `kind`, …
    #[serde(default)]
    pub intrinsics: Vec<String>,
    /// `resource.service.name`, `span.http.status_code`, … with samples of their values, or a word for
    /// their type.
    #[serde(default)]
    pub attributes: BTreeMap<String, Samples>,
}
