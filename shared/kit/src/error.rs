//! The one error that leaves a handler, and the only place where a class becomes a status.

use std::time::Duration;

use contract::error::{ErrorBody, FieldError};
use http::StatusCode;
use model::{Classified, ErrorClass, RequestId, public_message};

/// What a handler fails with. Any [`Classified`] error turns into one with `?`.
#[derive(Debug)]
pub struct Error {
    pub(crate) class: ErrorClass,
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    /// What the caller is told.
    pub(crate) message: String,
    pub(crate) field_errors: Vec<FieldError>,
    pub(crate) retry_after: Option<Duration>,
    /// What we tell ourselves: the whole chain. Never sent.
    pub(crate) chain: String,
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    pub field: String,
    pub message: String,
    pub constraint: &'static str,
}

impl FieldProblem {
    pub fn new(field: &str, constraint: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: message.into(), constraint }
    }
}

impl<E: Classified> From<E> for Error {
    fn from(error: E) -> Self {
        Self {
            class: error.class(),
            status: status(error.class(), error.code()),
            code: error.code(),
            message: public_message(&error),
            field_errors: Vec::new(),
            retry_after: error.retry_after(),
            chain: chain(&error),
        }
    }
}

impl Error {
    fn plain(class: ErrorClass, status: StatusCode, code: &'static str, message: String) -> Self {
        let chain = message.clone();
        let retry_after = (class == ErrorClass::Unavailable).then_some(Duration::from_secs(1));
        Self { class, status, code, message, field_errors: Vec::new(), retry_after, chain }
    }

    /// Fields that break their rules.
    pub fn fields(problems: Vec<FieldProblem>) -> Self {
        let message = match problems.as_slice() {
            [one] => one.message.clone(),
            many => format!("{} fields are wrong", many.len()),
        };
        let too_large = problems.iter().any(|problem| problem.constraint == "max_bytes");
        let mut error = if too_large {
            Self::plain(
                ErrorClass::Invalid,
                StatusCode::PAYLOAD_TOO_LARGE,
                "PAYLOAD_TOO_LARGE",
                message,
            )
        } else {
            Self::plain(ErrorClass::Invalid, StatusCode::BAD_REQUEST, "INVALID_REQUEST", message)
        };
        error.field_errors = problems
            .into_iter()
            .map(|problem| FieldError {
                field: problem.field,
                message: problem.message,
                constraint: problem.constraint.to_owned(),
            })
            .collect();
        error
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::plain(ErrorClass::NotFound, StatusCode::NOT_FOUND, "NOT_FOUND", message.into())
    }

    pub fn gone(code: &'static str, message: impl Into<String>) -> Self {
        Self::plain(ErrorClass::NotFound, StatusCode::GONE, code, message.into())
    }

    /// Our own fault; `chain` is for the log only.
    pub fn bug(chain: impl Into<String>) -> Self {
        let message =
            "Something went wrong on our side. The request id helps us to find it.".to_owned();
        let mut error =
            Self::plain(ErrorClass::Bug, StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", message);
        error.chain = chain.into();
        error
    }

    /// A turn that ended, with this code, before a word was said. It is stored as such.
    pub fn unanswered(code: &str) -> Self {
        let (status, code) = match code {
            "TIMEOUT" => (StatusCode::GATEWAY_TIMEOUT, "TIMEOUT"),
            "STORE_UNAVAILABLE" => (StatusCode::SERVICE_UNAVAILABLE, "STORE_UNAVAILABLE"),
            "INTERNAL" => return Self::bug("a turn ended in a panic"),
            _ => (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"),
        };
        let message = "the turn ended before it could answer; your message is kept, so ask again";
        Self::plain(ErrorClass::Unavailable, status, code, message.to_owned())
    }

    pub(crate) fn json(message: String, field: Option<FieldProblem>) -> Self {
        let mut error =
            field.map_or_else(|| Self::fields(Vec::new()), |problem| Self::fields(vec![problem]));
        error.code = "INVALID_JSON";
        // The message quotes the body, which is the caller's alone: it stays out of the log.
        error.chain = "the body is not the JSON that the route takes".to_owned();
        error.message = message;
        error
    }

    pub(crate) fn method_not_allowed(method: &http::Method, allowed: &str) -> Self {
        Self::plain(
            ErrorClass::Invalid,
            StatusCode::METHOD_NOT_ALLOWED,
            "METHOD_NOT_ALLOWED",
            format!("{method} is not possible here; {allowed} is"),
        )
    }

    pub(crate) fn unsupported_media_type() -> Self {
        Self::plain(
            ErrorClass::Invalid,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            "the body must come with `Content-Type: application/json`".to_owned(),
        )
    }

    pub(crate) fn too_large(limit_bytes: usize) -> Self {
        Self::plain(
            ErrorClass::Invalid,
            StatusCode::PAYLOAD_TOO_LARGE,
            "PAYLOAD_TOO_LARGE",
            format!("the body is larger than {limit_bytes} bytes"),
        )
    }

    pub(crate) fn permission_denied(permission: model::Permission, role: model::Role) -> Self {
        Self::plain(
            ErrorClass::Denied,
            StatusCode::FORBIDDEN,
            "PERMISSION_DENIED",
            format!(
                "this needs the permission `{permission}`, which the role `{}` does not have here",
                role.name()
            ),
        )
    }

    pub(crate) fn timeout(limit: Duration) -> Self {
        Self::plain(
            ErrorClass::Unavailable,
            StatusCode::GATEWAY_TIMEOUT,
            "TIMEOUT",
            format!("the answer was not ready within {} s", limit.as_secs()),
        )
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub fn code(&self) -> &'static str {
        self.code
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn body(&self, request_id: &RequestId) -> ErrorBody {
        let mut body = ErrorBody::new(self.code, self.message.clone(), request_id.as_str());
        body.error.field_errors.clone_from(&self.field_errors);
        body
    }
}

/// The table from classes to statuses. A few codes are finer than their class.
fn status(class: ErrorClass, code: &str) -> StatusCode {
    match (class, code) {
        (ErrorClass::Denied, "PERMISSION_DENIED") => StatusCode::FORBIDDEN,
        (ErrorClass::Denied, _) => StatusCode::UNAUTHORIZED,
        (ErrorClass::NotFound, "STREAM_EXPIRED") => StatusCode::GONE,
        (ErrorClass::Invalid, "PAYLOAD_TOO_LARGE") => StatusCode::PAYLOAD_TOO_LARGE,
        (ErrorClass::Unavailable, "TIMEOUT") => StatusCode::GATEWAY_TIMEOUT,
        (ErrorClass::Invalid, _) => StatusCode::BAD_REQUEST,
        (ErrorClass::NotFound, _) => StatusCode::NOT_FOUND,
        (ErrorClass::Conflict, _) => StatusCode::CONFLICT,
        (ErrorClass::Throttled, _) => StatusCode::TOO_MANY_REQUESTS,
        (ErrorClass::Unavailable, _) => StatusCode::SERVICE_UNAVAILABLE,
        (ErrorClass::Bug, _) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        chain.push_str(": ");
        chain.push_str(&cause.to_string());
        source = cause.source();
    }
    chain
}
