//! What the function is sent and answers, as `events/adapter` shows it.

use module::{ErrorWire, OperationCall};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Serialize)]
pub(crate) struct Payload<'a> {
    tenant: &'a str,
    operation: &'a str,
    arguments: &'a Value,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<&'a str>,
    timeout_ms: u64,
}

impl<'a> Payload<'a> {
    pub(crate) fn new(call: &'a OperationCall) -> Self {
        Self {
            tenant: call.tenant.as_str(),
            operation: &call.operation,
            arguments: &call.arguments,
            request_id: &call.request_id,
            traceparent: call.traceparent.as_deref(),
            timeout_ms: u64::try_from(call.timeout.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    Ok(Value),
    Error(ErrorWire),
}
