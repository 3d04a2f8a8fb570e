//! What the SDK's many errors mean to us: four things, and conditions that did not hold.

use std::error::Error;

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::{put_item::PutItemError, update_item::UpdateItemError},
};
use conversation::store::StoreError;

use crate::Item;

const HTTP_SERVER_ERRORS: std::ops::RangeInclusive<u16> = 500..=599;

/// Why the table could not be read or written.
#[derive(Debug)]
pub(crate) enum Failure {
    Throttled,
    Unavailable(Box<dyn Error + Send + Sync>),
    Refused(Box<dyn Error + Send + Sync>),
    Corrupt(String),
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Throttled => Self::Throttled,
            Failure::Unavailable(source) => Self::Unavailable(source),
            Failure::Refused(source) => Self::Refused(source),
            Failure::Corrupt(what) => Self::Corrupt(what),
        }
    }
}

impl From<Failure> for auth::StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Throttled => Self::Throttled,
            Failure::Unavailable(source) => Self::Unavailable(source),
            Failure::Refused(source) => Self::Refused(source),
            Failure::Corrupt(what) => Self::Corrupt(what),
        }
    }
}

/// Every operation's error, by its code. Retries are behind it: the SDK has made them.
impl<E> From<SdkError<E>> for Failure
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E>) -> Self {
        let SdkError::ServiceError(context) = &error else {
            // Time-outs, connections that broke, answers that are none. A request that could not
            // even be built is our own mistake.
            return match error {
                SdkError::ConstructionFailure(_) => Self::Refused(Box::new(error)),
                _ => Self::Unavailable(Box::new(error)),
            };
        };
        let status = context.raw().status().as_u16();
        match context.err().code() {
            Some(
                "ProvisionedThroughputExceededException"
                | "RequestLimitExceeded"
                | "ThrottlingException"
                | "Throttling",
            ) => Self::Throttled,
            // A table that is being restored, or not deployed yet: not the caller's fault, and
            // later it may be there.
            Some("ResourceNotFoundException") => Self::Unavailable(Box::new(error)),
            _ if HTTP_SERVER_ERRORS.contains(&status) => Self::Unavailable(Box::new(error)),
            _ => Self::Refused(Box::new(error)),
        }
    }
}

/// How a conditional write ended.
#[derive(Debug)]
pub(crate) enum Written<T> {
    Done(T),
    /// The condition did not hold; the item that stood there, where it was asked for.
    Refused(Option<Item>),
}

/// Errors that may say that a condition did not hold.
pub(crate) trait Conditional: Sized {
    fn refusal(&self) -> Option<Option<Item>>;
}

impl Conditional for PutItemError {
    fn refusal(&self) -> Option<Option<Item>> {
        match self {
            Self::ConditionalCheckFailedException(refusal) => Some(refusal.item.clone()),
            _ => None,
        }
    }
}

impl Conditional for UpdateItemError {
    fn refusal(&self) -> Option<Option<Item>> {
        match self {
            Self::ConditionalCheckFailedException(refusal) => Some(refusal.item.clone()),
            _ => None,
        }
    }
}

pub(crate) fn written<T, E>(result: Result<T, SdkError<E>>) -> Result<Written<T>, Failure>
where
    E: Conditional + ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    match result {
        Ok(output) => Ok(Written::Done(output)),
        Err(error) => match error.as_service_error().and_then(Conditional::refusal) {
            Some(item) => Ok(Written::Refused(item)),
            None => Err(error.into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::{
        config::http::HttpResponse,
        error::{ConnectorError, ErrorMetadata},
        operation::get_item::GetItemError,
    };
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn service_error(code: &str, status: u16) -> SdkError<GetItemError> {
        let meta = ErrorMetadata::builder().code(code).build();
        let status = status.try_into().unwrap();
        SdkError::service_error(
            GetItemError::generic(meta),
            HttpResponse::new(status, SdkBody::empty()),
        )
    }

    #[test]
    fn errors_are_folded_by_their_meaning() {
        let dispatch =
            SdkError::<GetItemError>::dispatch_failure(ConnectorError::io("reset".into()));
        for (error, meaning) in [
            (service_error("ThrottlingException", 400), "throttled"),
            (service_error("ProvisionedThroughputExceededException", 400), "throttled"),
            (service_error("InternalServerError", 500), "unavailable"),
            (service_error("", 503), "unavailable"),
            (service_error("ResourceNotFoundException", 400), "unavailable"),
            (service_error("ValidationException", 400), "refused"),
            (service_error("AccessDeniedException", 400), "refused"),
            (SdkError::timeout_error("slow"), "unavailable"),
            (dispatch, "unavailable"),
            (SdkError::construction_failure("no table"), "refused"),
        ] {
            let text = format!("{error:?}");
            let found = match Failure::from(error) {
                Failure::Throttled => "throttled",
                Failure::Unavailable(_) => "unavailable",
                Failure::Refused(_) => "refused",
                Failure::Corrupt(_) => "corrupt",
            };
            assert_eq!(found, meaning, "{text}");
        }
    }
}
