//! One log line and one set of metrics per request.

use std::time::Duration;

use auth::RateState;
use contract::routes::Route;
use http::{Method, StatusCode};
use jiff::Timestamp;
use model::{Caller, ErrorClass, RequestId};

use crate::{
    metrics::{self, Metric},
    traceparent::TraceContext,
};

/// What became known while a request was answered.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) route: Option<&'static Route>,
    pub(crate) caller: Option<Caller>,
    pub(crate) rate: Option<RateState>,
    /// The methods of a path that was asked for with another one.
    pub(crate) allow: Option<String>,
    pub(crate) error: Option<(ErrorClass, &'static str, String)>,
}

pub(crate) struct Line<'a> {
    pub(crate) service: &'static str,
    pub(crate) now: Timestamp,
    pub(crate) request_id: &'a RequestId,
    pub(crate) trace: &'a TraceContext,
    pub(crate) method: &'a Method,
    pub(crate) status: StatusCode,
    pub(crate) duration: Duration,
    pub(crate) outcome: &'a Outcome,
}

pub(crate) fn write(line: &Line<'_>) {
    let Outcome { route, caller, error, .. } = line.outcome;
    // The pattern, not the path: ids stay out of metrics.
    let action = route.map_or("none", |route| route.path);
    let request_id = line.request_id.as_str();
    let trace_id = line.trace.trace_id_hex();
    let tenant_id = caller.as_ref().map(|caller| caller.tenant.as_str()).unwrap_or_default();
    let user_id = caller.as_ref().map(|caller| caller.principal.to_string()).unwrap_or_default();
    let method = line.method.as_str();
    let status = line.status.as_u16();
    let duration_ms = line.duration.as_secs_f64() * 1000.0;
    match error {
        Some((ErrorClass::Bug | ErrorClass::Unavailable, code, chain)) => tracing::error!(
            request_id,
            trace_id,
            tenant_id,
            user_id,
            action,
            method,
            status,
            duration_ms,
            code,
            error = chain,
            "request failed"
        ),
        Some((_, code, chain)) => tracing::info!(
            request_id,
            trace_id,
            tenant_id,
            user_id,
            action,
            method,
            status,
            duration_ms,
            code,
            error = chain,
            "request refused"
        ),
        None => tracing::info!(
            request_id, trace_id, tenant_id, user_id, action, method, status, duration_ms,
            "request answered"
        ),
    }
    let class = ["1xx", "2xx", "3xx", "4xx", "5xx"][usize::from((status / 100).clamp(1, 5)) - 1];
    metrics::record(
        line.now,
        &[("service", line.service), ("route", action), ("status", class)],
        &[
            Metric::count("http_requests_total", 1.0),
            Metric::seconds("http_request_duration_seconds", line.duration.as_secs_f64()),
        ],
    );
}
