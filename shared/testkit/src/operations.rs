//! Modules that know one service and give every query the same answer.

use std::time::Duration;

use async_trait::async_trait;
use module::{
    LOGS_CATALOG, LOGS_LINES, LOGS_QUERY, LOGS_QUERY_RANGE, METRICS_CATALOG, METRICS_QUERY,
    METRICS_QUERY_RANGE, ModuleError, OperationCall, Operations, TRACES_CATALOG,
    TRACES_QUERY_RANGE, TRACES_SEARCH,
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
        module::validate(&call.operation, &call.arguments)?;
        match call.operation.as_str() {
            METRICS_CATALOG => Ok(catalog()),
            LOGS_CATALOG => Ok(log_catalog()),
            LOGS_LINES => Ok(lines()),
            TRACES_CATALOG => Ok(trace_catalog()),
            TRACES_SEARCH => Ok(traces()),
            METRICS_QUERY | LOGS_QUERY => Ok(json!({
                "result_type": "vector",
                "series": [{ "labels": {}, "points": [[1_700_000_000, 0.02]] }],
            })),
            METRICS_QUERY_RANGE | LOGS_QUERY_RANGE | TRACES_QUERY_RANGE => Ok(json!({
                "result_type": "matrix",
                "series": [{ "labels": {}, "points": [[1_700_000_000, 0.02], [1_700_000_060, 0.03]] }],
            })),
            other => Err(ModuleError::unknown_operation(other)),
        }
    }
}

fn log_catalog() -> Value {
    let fields = json!({ "level": ["info", "error"], "status": ["200", "500"] });
    json!({
        "labels": { "service": ["payment", "checkout"] },
        "line_format": "json",
        "fields": fields,
        "service_label": "service",
        "by_service": { "payment": { "labels": {}, "line_format": "json", "fields": fields } },
    })
}

fn lines() -> Value {
    json!({
        "lines": [{
            "time": "2023-11-14T22:13:20Z",
            "line": r#"{"level":"error","status":500}"#,
            "labels": { "service": "payment" },
            "fields": { "level": "error" },
        }],
        "warnings": [],
    })
}

fn trace_catalog() -> Value {
    json!({
        "intrinsics": ["duration", "name", "status"],
        "attributes": { "resource.service.name": ["payment", "checkout"] },
    })
}

fn traces() -> Value {
    let start = "2023-11-14T22:13:20Z";
    json!({
        "traces": [{
            "trace_id": "2f3e0cee77ae5dc9c17ade3689eb2e54",
            "root_service": "payment",
            "root_name": "POST /pay",
            "start": start,
            "duration_ms": 120,
            "matched": 1,
            "spans": [{
                "span_id": "563d623c76514f8e", "name": "charge", "start": start,
                "duration_ms": 80.5, "attributes": { "status": "error" },
            }],
        }],
        "warnings": [],
    })
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
