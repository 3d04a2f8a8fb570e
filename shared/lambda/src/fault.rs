//! What goes wrong between us and the function, in the operations' terms.

use std::{error::Error, time::Duration};

use aws_sdk_lambda::{
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::invoke::InvokeError,
};
use module::ModuleError;
use serde::Deserialize;

/// How much of a failed function's own words is logged.
const MAX_DETAIL_CHARS: usize = 300;

/// The cause of an error, for the log: the SDK's own error holds request and response as well.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Detail(String);

fn detail(text: &str) -> Detail {
    Detail(text.chars().filter(|c| !c.is_control()).take(MAX_DETAIL_CHARS).collect())
}

/// The invocation failed before the function did anything, as far as we know.
pub(crate) fn invoke_error(
    module: &str,
    function_name: &str,
    error: SdkError<InvokeError>,
) -> ModuleError {
    match &error {
        SdkError::TimeoutError(_) => return ModuleError::timeout(module),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            return ModuleError::timeout(module);
        }
        SdkError::ServiceError(context) => {
            if let Some(known) = service_error(module, function_name, context.err()) {
                return known;
            }
        }
        _ => {}
    }
    ModuleError::unreachable(module, detail(&context(&error)))
}

fn context(error: &(impl Error + 'static)) -> String {
    DisplayErrorContext(error).to_string()
}

fn service_error(module: &str, function_name: &str, error: &InvokeError) -> Option<ModuleError> {
    if let InvokeError::TooManyRequestsException(throttle) = error {
        let retry_after = throttle
            .retry_after_seconds()
            .and_then(|text| text.parse().ok())
            .map(Duration::from_secs);
        return Some(ModuleError::Throttled { module: module.to_owned(), retry_after });
    }
    if error.is_ec2_throttled_exception() {
        return Some(ModuleError::Throttled { module: module.to_owned(), retry_after: None });
    }
    if error.is_resource_not_found_exception() {
        let how = format!("deploy the function {function_name}, or correct its name");
        return Some(ModuleError::NotConfigured { module: module.to_owned(), how });
    }
    if error.is_request_too_large_exception()
        || error.is_serialized_request_entity_too_large_exception()
    {
        return Some(ModuleError::rejected(module, "the arguments are too large"));
    }
    let denied = ["AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException"];
    denied.contains(&error.code()?).then(|| ModuleError::Denied { module: module.to_owned() })
}

/// What Lambda answers for a function that did not return.
#[derive(Deserialize)]
struct Report {
    #[serde(default, rename = "errorType")]
    error_type: String,
    #[serde(default, rename = "errorMessage")]
    error_message: String,
}

/// The function itself failed: it panicked, could not start, or ran out of time or memory.
pub(crate) fn function_error(module: &str, payload: &[u8]) -> ModuleError {
    let Ok(Report { error_type, error_message }) = serde_json::from_slice(payload) else {
        return ModuleError::bad_response(module, detail("the function failed without a report"));
    };
    // Older runtimes give no type for it, only the words.
    if error_type == "Sandbox.Timedout" || error_message.contains("Task timed out") {
        return ModuleError::timeout(module);
    }
    let cause = detail(&format!("{error_type}: {error_message}"));
    // It did not start, or was ended from outside: another instance may do better.
    if error_type.starts_with("Runtime.") || error_type.starts_with("Extension.") {
        return ModuleError::unreachable(module, cause);
    }
    ModuleError::bad_response(module, cause)
}
