//! The metrics of a turn.

use std::time::Duration;

use conversation::turn::{Finished, Measured};
use jiff::Timestamp;
use kit::metrics::{Metric, record as emit};

/// Prints what a finished turn measured.
pub fn record(service: &str, finished: &Finished, now: Timestamp) {
    let measured = &finished.measured;
    let status = finished.reply.status.name();
    emit(
        now,
        &[("service", service), ("status", status)],
        &[
            Metric::count("messages_total", 1.0),
            Metric::count("nlp_requests_total", 1.0),
            Metric::seconds("nlp_request_duration_seconds", measured.understanding.as_secs_f64()),
        ],
    );
    // Its average over turns is the ratio.
    let hit = f64::from(u8::from(measured.catalog_was_cached));
    let dimensions = [("service", service), ("cache", "catalog")];
    emit(now, &dimensions, &[Metric::plain("cache_hit_ratio", hit)]);
    if measured.session_opened {
        emit(now, &[("service", service)], &[Metric::count("sessions_total", 1.0)]);
    }
    record_operations(service, measured, now);
    for request in &measured.model_requests {
        let model = request.model.to_string();
        let mut metrics = vec![
            Metric::count("llm_requests_total", 1.0),
            Metric::seconds("llm_request_duration_seconds", request.duration.as_secs_f64()),
        ];
        if let Some(first) = request.time_to_first_token {
            metrics.push(Metric::seconds("llm_time_to_first_token_seconds", first.as_secs_f64()));
        }
        emit(now, &[("service", service), ("model", &model), ("status", request.status)], &metrics);
    }
    record_usage(service, finished, now);
}

/// Prints what understanding a text took that nobody answered.
pub fn record_understanding(service: &str, took: Duration, now: Timestamp) {
    emit(
        now,
        &[("service", service), ("status", "complete")],
        &[
            Metric::count("nlp_requests_total", 1.0),
            Metric::seconds("nlp_request_duration_seconds", took.as_secs_f64()),
        ],
    );
}

/// Prints what it took to run a query by itself.
pub fn record_run(service: &str, measured: &Measured, now: Timestamp) {
    if !measured.understanding.is_zero() {
        record_understanding(service, measured.understanding, now);
    }
    record_operations(service, measured, now);
}

fn record_operations(service: &str, measured: &Measured, now: Timestamp) {
    for (operation, ok, duration) in &measured.operations {
        let status = if *ok { "ok" } else { "error" };
        emit(
            now,
            &[("service", service), ("operation", operation), ("status", status)],
            &[
                Metric::count("module_requests_total", 1.0),
                Metric::seconds("module_request_duration_seconds", duration.as_secs_f64()),
            ],
        );
    }
}

fn record_usage(service: &str, finished: &Finished, now: Timestamp) {
    let usage = &finished.answered.usage;
    #[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
    let tokens = [("input", usage.input_tokens as f64), ("output", usage.output_tokens as f64)];
    for (direction, tokens) in tokens.into_iter().filter(|(_, tokens)| *tokens > 0.0) {
        emit(
            now,
            &[("service", service), ("direction", direction)],
            &[Metric::count("llm_tokens_total", tokens)],
        );
    }
    if let Some(cost_usd) = usage.cost_usd.filter(|cost| *cost > 0.0) {
        emit(now, &[("service", service)], &[Metric::plain("llm_cost_usd", cost_usd)]);
    }
}
