//! Between the function's payloads and the domain's types.

use std::time::Duration;

use contract::operation::{
    OperationError, OperationFieldError, OperationRequest, OperationResponse,
};
use module::{ErrorWire, ModuleError, OperationCall};
use serde_json::Value;

pub(crate) fn call(request: OperationRequest) -> Result<OperationCall, ModuleError> {
    let OperationRequest { tenant, operation, arguments, request_id, traceparent, timeout_ms } =
        request;
    let invalid = |field, constraint, message: &str| {
        Err(ModuleError::invalid_argument(&operation, field, constraint, message))
    };
    let Ok(tenant) = tenant.parse() else {
        return invalid("tenant", "format", "is not a tenant's id");
    };
    if timeout_ms == 0 {
        return invalid("timeout_ms", "minimum", "must be at least 1");
    }
    Ok(OperationCall {
        tenant,
        operation,
        arguments,
        request_id,
        traceparent,
        timeout: Duration::from_millis(timeout_ms),
    })
}

pub(crate) fn response(result: Result<Value, ModuleError>) -> OperationResponse {
    match result {
        Ok(value) => OperationResponse::Ok(value),
        Err(error) => {
            let ErrorWire { kind, module, message, retry_after_ms, details } = (&error).into();
            OperationResponse::Error(OperationError {
                kind: kind.name().to_owned(),
                module,
                message,
                retry_after_ms,
                details: details
                    .into_iter()
                    .map(|detail| OperationFieldError {
                        field: detail.field,
                        message: detail.message,
                        constraint: detail.constraint,
                    })
                    .collect(),
            })
        }
    }
}
