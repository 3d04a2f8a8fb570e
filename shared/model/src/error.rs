//! Errors by class: each crate has its own `thiserror` enum, and says of every variant which of
//! seven kinds of trouble it is. Only `kit` turns a class into a status.

use std::{error::Error, time::Duration};

/// What kind of trouble an error is, from the caller's point of view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The request is wrong; sending it again will not help.
    Invalid,
    /// The caller may not do this, or is not known.
    Denied,
    /// What the request names is not there (for this tenant).
    NotFound,
    /// The request does not fit the state of things.
    Conflict,
    /// Too many requests; later it will work.
    Throttled,
    /// Something we depend on does not answer; later it may work.
    Unavailable,
    /// Our own fault.
    Bug,
}

/// An error that knows its class and what may be said about it in public.
pub trait Classified: Error {
    fn class(&self) -> ErrorClass;

    /// The stable public code, in SCREAMING_SNAKE.
    fn code(&self) -> &'static str {
        match self.class() {
            ErrorClass::Invalid => "INVALID_REQUEST",
            ErrorClass::Denied => "PERMISSION_DENIED",
            ErrorClass::NotFound => "NOT_FOUND",
            ErrorClass::Conflict => "CONFLICT",
            ErrorClass::Throttled => "RATE_LIMITED",
            ErrorClass::Unavailable => "UNAVAILABLE",
            ErrorClass::Bug => "INTERNAL",
        }
    }

    /// When the caller should try again.
    fn retry_after(&self) -> Option<Duration> {
        match self.class() {
            ErrorClass::Throttled | ErrorClass::Unavailable => Some(Duration::from_secs(1)),
            _ => None,
        }
    }
}

/// What may be told to a caller: the error's own words where the caller can act on them, a general
/// sentence where they would only tell of our insides.
pub fn public_message(error: &dyn Classified) -> String {
    match error.class() {
        ErrorClass::Bug => {
            "Something went wrong on our side. The request id helps us to find it.".to_owned()
        }
        ErrorClass::Unavailable if error.source().is_some() => {
            format!("{error}. Nothing was lost; try again shortly.")
        }
        _ => error.to_string(),
    }
}
