//! Queries as operations of the module that runs them.

use std::time::Duration;

use module::{METRICS_QUERY, METRICS_QUERY_RANGE, ModuleError};
use query::{Evaluation, QueryResult};
use serde_json::{Value, json};

/// One query may take this long.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(15);

/// The operation that evaluates a query for metrics, with its arguments.
pub(crate) fn metrics(query: &str, evaluation: &Evaluation) -> (&'static str, Value) {
    match evaluation {
        Evaluation::Instant { at } => {
            (METRICS_QUERY, json!({ "query": query, "time": at.to_string() }))
        }
        Evaluation::Range { start, end, step_s } => (
            METRICS_QUERY_RANGE,
            json!({
                "query": query,
                "start": start.to_string(),
                "end": end.to_string(),
                "step_s": step_s,
            }),
        ),
    }
}

/// What such an operation answers.
pub(crate) fn metrics_result(value: Value) -> Result<QueryResult, ModuleError> {
    serde_json::from_value(value).map_err(|error| ModuleError::bad_response("the metrics", error))
}
