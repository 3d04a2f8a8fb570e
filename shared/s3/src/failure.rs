//! What the SDK's many errors mean to us.

use aws_sdk_s3::{
    error::{ProvideErrorMetadata, SdkError},
    operation::get_object::GetObjectError,
    types,
};
use conversation::store::StoreError;

const HTTP_SERVER_ERRORS: std::ops::RangeInclusive<u16> = 500..=599;
/// S3's words for "slower, please".
const THROTTLED: &[&str] = &["SlowDown", "RequestLimitExceeded", "ThrottlingException"];

/// A batch was deleted in part only.
#[derive(Debug, thiserror::Error)]
#[error("an object was not deleted: {code}")]
struct NotDeleted {
    code: String,
}

pub(crate) fn partly_refused(error: &types::Error) -> StoreError {
    let code = error.code().unwrap_or("unknown").to_owned();
    match code.as_str() {
        code if THROTTLED.contains(&code) => StoreError::Throttled,
        "AccessDenied" => StoreError::Refused(Box::new(NotDeleted { code })),
        _ => StoreError::Unavailable(Box::new(NotDeleted { code })),
    }
}

/// Whether the object is not there. S3 says so only to those who may list the bucket and answers
/// `AccessDenied` to everybody else; our roles may list only with a prefix, which this request has
/// not.
pub(crate) fn is_missing(error: &SdkError<GetObjectError>) -> bool {
    match error.as_service_error() {
        Some(GetObjectError::NoSuchKey(_)) => true,
        Some(other) => other.code() == Some("AccessDenied"),
        None => false,
    }
}

/// Every operation's error, by its code. Retries are behind it: the SDK has made them.
pub(crate) fn failure<E>(error: SdkError<E>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let SdkError::ServiceError(context) = &error else {
        return match error {
            SdkError::ConstructionFailure(_) => StoreError::Refused(Box::new(error)),
            _ => StoreError::Unavailable(Box::new(error)),
        };
    };
    let status = context.raw().status().as_u16();
    match context.err().code() {
        Some(code) if THROTTLED.contains(&code) => StoreError::Throttled,
        // A bucket that is not deployed yet: not the caller's fault.
        Some("NoSuchBucket") => StoreError::Unavailable(Box::new(error)),
        _ if HTTP_SERVER_ERRORS.contains(&status) => StoreError::Unavailable(Box::new(error)),
        _ => StoreError::Refused(Box::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::{
        config::http::HttpResponse, error::ErrorMetadata, operation::put_object::PutObjectError,
        types::error::NoSuchKey,
    };
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn service_error(code: &str, status: u16) -> SdkError<PutObjectError> {
        let meta = ErrorMetadata::builder().code(code).build();
        let response = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
        SdkError::service_error(PutObjectError::generic(meta), response)
    }

    #[test]
    fn an_object_is_missing_whether_or_not_we_may_list_the_bucket() {
        let generic =
            |code: &str| GetObjectError::generic(ErrorMetadata::builder().code(code).build());
        let missing = GetObjectError::NoSuchKey(NoSuchKey::builder().build());
        for (error, status, expected) in [
            (missing, 404_u16, true),
            (generic("AccessDenied"), 403, true),
            (generic("SignatureDoesNotMatch"), 403, false),
            (generic("NoSuchBucket"), 404, false),
            (generic("SlowDown"), 503, false),
        ] {
            let response = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
            let error = SdkError::service_error(error, response);
            assert_eq!(is_missing(&error), expected, "{error:?}");
        }
        assert!(!is_missing(&SdkError::timeout_error("slow")));
    }

    fn meaning(error: &StoreError) -> &'static str {
        match error {
            StoreError::Throttled => "throttled",
            StoreError::Unavailable(_) => "unavailable",
            StoreError::Refused(_) => "refused",
            _ => "something else",
        }
    }

    #[test]
    fn errors_are_folded_by_their_meaning() {
        for (error, expected) in [
            (service_error("SlowDown", 503), "throttled"),
            (service_error("InternalError", 500), "unavailable"),
            (service_error("NoSuchBucket", 404), "unavailable"),
            (service_error("AccessDenied", 403), "refused"),
            (SdkError::timeout_error("slow"), "unavailable"),
            (SdkError::construction_failure("no key"), "refused"),
        ] {
            let text = format!("{error:?}");
            assert_eq!(meaning(&failure(error)), expected, "{text}");
        }
        for (code, expected) in [
            ("SlowDown", "throttled"),
            ("AccessDenied", "refused"),
            ("InternalError", "unavailable"),
        ] {
            let error = types::Error::builder().code(code).build();
            assert_eq!(meaning(&partly_refused(&error)), expected, "{code}");
        }
    }
}
