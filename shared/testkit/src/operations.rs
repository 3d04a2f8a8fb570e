//! A module that knows one service and gives every query the same value.

use std::time::Duration;

use async_trait::async_trait;
use module::{
    METRICS_CATALOG, METRICS_QUERY, METRICS_QUERY_RANGE, ModuleError, OperationCall, Operations,
};
use serde_json::{Value, json};

/// See the module.
#[derive(Debug, Default)]
pub struct FixedOperations {
    delay: Duration,
}

impl FixedOperations {
    /// Each operation takes this long.
    pub fn slow(delay: Duration) -> Self {
        Self { delay }
    }
}

#[async_trait]
impl Operations for FixedOperations {
    async fn run(&self, call: &OperationCall) -> Result<Value, ModuleError> {
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        match call.operation.as_str() {
            METRICS_CATALOG => Ok(catalog()),
            METRICS_QUERY => Ok(json!({
                "result_type": "vector",
                "series": [{ "labels": {}, "points": [[1_700_000_000, 0.02]] }],
            })),
            METRICS_QUERY_RANGE => Ok(json!({
                "result_type": "matrix",
                "series": [{ "labels": {}, "points": [[1_700_000_000, 0.02], [1_700_000_060, 0.03]] }],
            })),
            other => Err(ModuleError::unknown_operation(other)),
        }
    }
}

fn catalog() -> Value {
    let labels = json!({
        "service": ["payment", "checkout"], "route": ["/pay"], "method": ["POST"],
        "status": ["200", "500"], "version": ["1.0.0"],
    });
    let buckets = json!({ "service": ["payment", "checkout"], "le": ["0.1", "1", "+Inf"] });
    json!({
        "metadata": {
            "http_requests_total": [{ "type": "counter", "help": "Requests served.", "unit": "" }],
            "http_request_duration_seconds": [{ "type": "histogram", "help": "Time to serve a request.", "unit": "" }],
        },
        "labels": {
            "http_requests_total": labels,
            "http_request_duration_seconds_bucket": buckets,
            "http_request_duration_seconds_sum": { "service": ["payment", "checkout"] },
            "http_request_duration_seconds_count": { "service": ["payment", "checkout"] },
        },
    })
}
