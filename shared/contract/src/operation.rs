//! What `adapter` is asked and answers, by whoever invokes it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One operation to run on a module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperationRequest {
    /// Whose modules; from a verified caller.
    pub tenant: String,
    /// A name from the table of operations, `metrics.query` for instance.
    pub operation: String,
    /// Checked against the operation's schema before anything is sent.
    #[serde(default)]
    pub arguments: Value,
    pub request_id: String,
    /// The W3C trace context to pass on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// How long the invoker waits.
    pub timeout_ms: u64,
}

/// `{"ok": …}` or `{"error": …}`. A failed operation is an answer, not a failed function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationResponse {
    Ok(Value),
    Error(OperationError),
}

/// Why an operation gave no result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperationError {
    /// `unknown_operation`, `invalid_arguments`, `unreachable`, `timeout`, `throttled`, `denied`,
    /// `bad_response`, `rejected` or `not_configured`.
    pub kind: String,
    /// The module; for errors about the call itself, the operation.
    pub module: String,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The arguments that are wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<OperationFieldError>,
}

/// An argument that does not fit the operation's schema.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperationFieldError {
    pub field: String,
    pub message: String,
    pub constraint: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parsed, printed and parsed again, a sample event is the same.
    fn check<T: Serialize + for<'a> Deserialize<'a> + PartialEq + std::fmt::Debug>(sample: &str) {
        let value: Value = serde_json::from_str(sample).unwrap();
        let parsed: T = serde_json::from_str(sample).unwrap();
        let printed = serde_json::to_value(&parsed).unwrap();
        assert_eq!(printed, value);
        assert_eq!(serde_json::from_value::<T>(printed).unwrap(), parsed);
    }

    #[test]
    fn samples_are_what_the_types_say() {
        check::<OperationRequest>(include_str!("../../../events/adapter/metrics-query.json"));
        check::<OperationRequest>(include_str!("../../../events/adapter/metrics-query-range.json"));
        check::<OperationRequest>(include_str!("../../../events/adapter/metrics-catalog.json"));
        check::<OperationRequest>(include_str!("../../../events/adapter/identity-jwks.json"));
        check::<OperationResponse>(include_str!("../../../events/adapter/response-ok.json"));
        check::<OperationResponse>(include_str!("../../../events/adapter/response-error.json"));
    }
}
