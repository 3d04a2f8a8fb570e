//! Traces: from Tempo's search to a list.

use jiff::Timestamp;
use module::{FoundSpan, FoundTrace, ModuleError, TraceList};
use serde::Deserialize;

use super::proto::{Attribute, Number, by_name};
use crate::http::malformed;

const NANOSECONDS_PER_MS: f64 = 1e6;

#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    traces: Vec<Trace>,
    #[serde(default)]
    metrics: Metrics,
}

/// How much of the search was done.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metrics {
    completed_jobs: Number<u64>,
    total_jobs: Number<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trace {
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(default)]
    root_service_name: String,
    #[serde(default)]
    root_trace_name: String,
    #[serde(default)]
    start_time_unix_nano: Number<i128>,
    #[serde(default)]
    duration_ms: Number<u64>,
    #[serde(default)]
    span_sets: Vec<SpanSet>,
    /// What older servers have in place of the sets.
    span_set: Option<SpanSet>,
}

#[derive(Deserialize)]
struct SpanSet {
    #[serde(default)]
    spans: Vec<Span>,
    #[serde(default)]
    matched: Number<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Span {
    #[serde(rename = "spanID")]
    span_id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    start_time_unix_nano: Number<i128>,
    #[serde(default)]
    duration_nanos: Number<u64>,
    #[serde(default)]
    attributes: Vec<Attribute>,
}

pub(super) fn convert(
    module: &str,
    answer: Answer,
    limit: usize,
) -> Result<TraceList, ModuleError> {
    let Answer { traces, metrics: Metrics { completed_jobs, total_jobs } } = answer;
    let mut warnings = Vec::new();
    let found = traces.len();
    let mut traces =
        traces.into_iter().map(|one| trace(module, one)).collect::<Result<Vec<_>, _>>()?;
    traces.sort_by_key(|trace| std::cmp::Reverse(trace.start));
    traces.truncate(limit);
    if found >= limit {
        // Tempo stops when it has enough: there may be more, and newer ones.
        warnings.push(format!("only {} traces are shown; there may be more", traces.len()));
    } else if completed_jobs.0 < total_jobs.0 {
        warnings.push(format!(
            "only {} of {} parts of the store were searched",
            completed_jobs.0, total_jobs.0
        ));
    }
    Ok(TraceList { traces, warnings })
}

fn trace(module: &str, trace: Trace) -> Result<FoundTrace, ModuleError> {
    let sets =
        if trace.span_sets.is_empty() { Vec::from_iter(trace.span_set) } else { trace.span_sets };
    let matched = sets.iter().map(|set| set.matched.0.max(set.spans.len() as u64)).sum();
    let spans = sets
        .into_iter()
        .flat_map(|set| set.spans)
        .map(|one| span(module, one))
        .collect::<Result<_, _>>()?;
    Ok(FoundTrace {
        trace_id: trace.trace_id,
        root_service: trace.root_service_name,
        root_name: trace.root_trace_name,
        start: moment(module, trace.start_time_unix_nano)?,
        duration_ms: trace.duration_ms.0,
        matched,
        spans,
    })
}

fn span(module: &str, span: Span) -> Result<FoundSpan, ModuleError> {
    Ok(FoundSpan {
        span_id: span.span_id,
        name: span.name,
        start: moment(module, span.start_time_unix_nano)?,
        duration_ms: span.duration_nanos.0 as f64 / NANOSECONDS_PER_MS,
        attributes: by_name(span.attributes),
    })
}

fn moment(module: &str, nanoseconds: Number<i128>) -> Result<Timestamp, ModuleError> {
    Timestamp::from_nanosecond(nanoseconds.0)
        .map_err(|_| malformed(module, "a span's time is none that there can be"))
}
