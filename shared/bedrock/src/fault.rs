//! What the service's failures mean.

use std::{error::Error, fmt::Debug, time::Duration};

use aws_sdk_bedrockruntime::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
    types::error::ConverseStreamOutputError,
};
use aws_smithy_types::event_stream::RawMessage;
use llm::{Fault, ModelError};

const TOO_MANY_REQUESTS: u16 = 429;

/// A request that was not answered with a stream.
pub(crate) fn of_request<E>(error: SdkError<E, HttpResponse>) -> ModelError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let SdkError::ServiceError(service) = &error else { return of_transport(error) };
    let answer = service.raw();
    let retry_after = answer.headers().get("retry-after").and_then(|value| value.parse().ok());
    of_code(
        Some(answer.status().as_u16()),
        service.err().code(),
        retry_after.map(Duration::from_secs),
    )
}

/// A failure in the middle of a stream. It has no status, and its metadata no code: the kind of
/// frame is all there is.
pub(crate) fn of_stream(error: SdkError<ConverseStreamOutputError, RawMessage>) -> ModelError {
    use ConverseStreamOutputError as Kind;
    let SdkError::ServiceError(service) = &error else { return of_transport(error) };
    let code = match service.err() {
        Kind::ThrottlingException(_) => Some("ThrottlingException"),
        Kind::ValidationException(_) => Some("ValidationException"),
        Kind::ModelStreamErrorException(_) => Some("ModelStreamErrorException"),
        Kind::InternalServerException(_) => Some("InternalServerException"),
        Kind::ServiceUnavailableException(_) => Some("ServiceUnavailableException"),
        other => other.meta().code(),
    };
    of_code(None, code, None)
}

/// Not sent, not reached, not in time, or not understood: `SdkError` says which, without the body.
fn of_transport<E, R>(error: SdkError<E, R>) -> ModelError
where
    E: Error + Send + Sync + 'static,
    R: Debug + Send + Sync + 'static,
{
    match error {
        SdkError::ConstructionFailure(_) => ModelError::rejected(error),
        _ => ModelError::unavailable(error),
    }
}

/// Whether the model cannot stream what it was asked for, though it could answer in one piece.
pub(crate) fn cannot_stream<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    let SdkError::ServiceError(service) = error else { return false };
    let message = service.err().message().unwrap_or_default().to_ascii_lowercase();
    service.err().code() == Some("ValidationException")
        && message.contains("stream")
        && (message.contains("support") || message.contains("unavailable"))
}

fn of_code(status: Option<u16>, code: Option<&str>, retry_after: Option<Duration>) -> ModelError {
    let fault = Fault { status, code: code.map(str::to_owned) };
    match code {
        Some("ThrottlingException" | "TooManyRequestsException") => {
            ModelError::Throttled { retry_after }
        }
        // The SDK's documentation asks for a retry of this one, although its status is 429.
        Some(
            "ModelNotReadyException"
            | "ModelTimeoutException"
            | "ModelErrorException"
            | "ModelStreamErrorException"
            | "ServiceUnavailableException"
            | "InternalServerException",
        ) => ModelError::Unavailable { retry_after, source: fault.into() },
        _ if status == Some(TOO_MANY_REQUESTS) => ModelError::Throttled { retry_after },
        _ if status.is_some_and(|status| status >= 500) => {
            ModelError::Unavailable { retry_after, source: fault.into() }
        }
        // An error that no one told us of, in the middle of a stream, is the service's.
        None if status.is_none() => ModelError::unavailable(fault),
        _ => ModelError::rejected(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_decide_and_statuses_help() {
        for (status, code, name) in [
            (Some(429), Some("ThrottlingException"), "throttled"),
            (None, Some("ThrottlingException"), "throttled"),
            (Some(429), Some("ModelNotReadyException"), "unavailable"),
            (Some(408), Some("ModelTimeoutException"), "unavailable"),
            (Some(424), Some("ModelErrorException"), "unavailable"),
            (None, Some("ModelStreamErrorException"), "unavailable"),
            (Some(503), Some("ServiceUnavailableException"), "unavailable"),
            (Some(500), Some("InternalServerException"), "unavailable"),
            (Some(400), Some("ValidationException"), "rejected"),
            (None, Some("ValidationException"), "rejected"),
            (Some(403), Some("AccessDeniedException"), "rejected"),
            (Some(403), Some("ExpiredTokenException"), "rejected"),
            (Some(404), Some("ResourceNotFoundException"), "rejected"),
            (Some(400), Some("ServiceQuotaExceededException"), "rejected"),
            (Some(429), None, "throttled"),
            (Some(502), None, "unavailable"),
            (Some(418), None, "rejected"),
            (None, None, "unavailable"),
        ] {
            assert_eq!(of_code(status, code, None).name(), name, "{status:?} {code:?}");
        }
    }
}
