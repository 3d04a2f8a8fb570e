//! What is measured and logged of each operation. Arguments, results and tenants' data are not.

use std::{error::Error, time::Duration};

use kit::metrics::{Metric, record};
use model::{Classified, ErrorClass};
use module::{ErrorWire, ModuleError, OperationCall};
use serde_json::Value;

use crate::deps::Deps;

pub(crate) fn observe(
    deps: &Deps,
    call: &OperationCall,
    duration: Duration,
    result: &Result<Value, ModuleError>,
) {
    // A name that is not in the table may be anything; a metric's dimension may not.
    let operation = module::find(&call.operation).map_or("unknown", |spec| spec.name);
    let module = operation.split('.').next().unwrap_or(operation);
    let status = match result {
        Ok(_) => "ok",
        Err(error) => ErrorWire::from(error).kind.name(),
    };
    let now = deps.clock.now();
    let dimensions =
        [("service", "adapter"), ("module", module), ("operation", operation), ("status", status)];
    record(
        now,
        &dimensions,
        &[
            Metric::count("module_requests_total", 1.0),
            Metric::seconds("module_request_duration_seconds", duration.as_secs_f64()),
        ],
    );
    if let Some(state) = deps.breaker(module) {
        record(
            now,
            &[("service", "adapter"), ("module", module)],
            &[Metric::plain("module_circuit_breaker_state", state.gauge().into())],
        );
    }
    let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let (request_id, tenant_id) = (call.request_id.as_str(), call.tenant.as_str());
    match result {
        Ok(_) => {
            tracing::debug!(
                request_id,
                tenant_id,
                action = operation,
                duration_ms,
                "operation done"
            );
        }
        // A request that was wrong is its sender's matter.
        Err(error) if error.class() == ErrorClass::Invalid => {
            tracing::info!(
                request_id,
                tenant_id,
                action = operation,
                duration_ms,
                status,
                "operation refused"
            );
        }
        Err(error) => {
            let error = chain(error);
            tracing::warn!(
                request_id,
                tenant_id,
                action = operation,
                duration_ms,
                status,
                error,
                "operation failed"
            );
        }
    }
}

fn chain(error: &ModuleError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
