//! Why a model did not answer.

use std::{fmt, time::Duration};

use model::{Classified, ErrorClass};

/// A cause from a lower layer.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a model did not answer.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("the model is receiving too many requests")]
    Throttled { retry_after: Option<Duration> },
    /// It cannot be reached, or has trouble of its own.
    #[error("the model is unavailable")]
    Unavailable {
        retry_after: Option<Duration>,
        #[source]
        source: BoxError,
    },
    #[error("the model {phase} within {} s", limit.as_secs())]
    Timeout { phase: Phase, limit: Duration },
    /// It will not answer this request however often it is sent: a bad key, an unknown model, a
    /// history that is too long. Another provider may.
    #[error("the model rejected the request")]
    Rejected {
        #[source]
        source: BoxError,
    },
    /// The provider sent what its protocol does not allow.
    #[error("the model's answer could not be read")]
    Malformed {
        #[source]
        source: BoxError,
    },
    #[error("the model's answer was cut off")]
    Cut,
    /// It stopped in good order without a word or a call.
    #[error("the model gave an empty answer")]
    Empty,
    /// It still asked for tools when it was told to answer.
    #[error("the model kept calling tools instead of answering")]
    NoAnswer,
}

/// What did not happen in time; reads on from "the model".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    FirstToken,
    NextChunk,
    Turn,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FirstToken => "did not begin to answer",
            Self::NextChunk => "fell silent and did not go on",
            Self::Turn => "did not finish its answer",
        })
    }
}

/// What a provider says of its own failure. Its prose is left out on purpose: it may quote the
/// request or the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("provider answered {}{}", status_text(*.status), code_text(.code.as_deref()))]
pub struct Fault {
    pub status: Option<u16>,
    pub code: Option<String>,
}

fn status_text(status: Option<u16>) -> String {
    status.map_or_else(|| "with an error".to_owned(), |status| format!("status {status}"))
}

fn code_text(code: Option<&str>) -> String {
    code.map(|code| format!(" ({code})")).unwrap_or_default()
}

impl ModelError {
    pub fn unavailable(source: impl Into<BoxError>) -> Self {
        Self::Unavailable { retry_after: None, source: source.into() }
    }

    pub fn rejected(source: impl Into<BoxError>) -> Self {
        Self::Rejected { source: source.into() }
    }

    pub fn malformed(source: impl Into<BoxError>) -> Self {
        Self::Malformed { source: source.into() }
    }

    /// Whether the same provider may answer the same request when asked again. A provider that
    /// took all the time it had is not asked again: somebody is waiting.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Throttled { .. } | Self::Unavailable { .. } | Self::Malformed { .. } | Self::Cut
        )
    }

    /// How long the provider itself asked to be left alone.
    pub(crate) fn requested_wait(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after } | Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether it tells of the provider's health and not of this one request.
    pub(crate) fn is_outage(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::Cut => true,
            Self::Timeout { phase, .. } => *phase != Phase::Turn,
            _ => false,
        }
    }

    /// A short stable name for metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Throttled { .. } => "throttled",
            Self::Unavailable { .. } => "unavailable",
            Self::Timeout { .. } => "timeout",
            Self::Rejected { .. } => "rejected",
            Self::Malformed { .. } => "malformed",
            Self::Cut => "cut",
            Self::Empty => "empty",
            Self::NoAnswer => "no_answer",
        }
    }
}

impl Classified for ModelError {
    /// Never `Throttled` or `Invalid`: those would blame our caller, who did neither.
    fn class(&self) -> ErrorClass {
        ErrorClass::Unavailable
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Timeout { .. } => "MODEL_TIMEOUT",
            _ => "MODEL_UNAVAILABLE",
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after } | Self::Unavailable { retry_after, .. } => {
                retry_after.or(Some(DEFAULT_RETRY_AFTER))
            }
            Self::Rejected { .. } => None,
            _ => Some(DEFAULT_RETRY_AFTER),
        }
    }
}

/// What a client is told to wait when the provider did not say.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_status_and_code_only() {
        for (status, code, text) in [
            (Some(503), None, "provider answered status 503"),
            (Some(401), Some("invalid_api_key"), "provider answered status 401 (invalid_api_key)"),
            (None, Some("server_error"), "provider answered with an error (server_error)"),
        ] {
            assert_eq!(Fault { status, code: code.map(str::to_owned) }.to_string(), text);
        }
    }

    #[test]
    fn what_is_retried_and_what_opens_the_breaker() {
        let timeout =
            ModelError::Timeout { phase: Phase::FirstToken, limit: Duration::from_secs(20) };
        assert_eq!(timeout.to_string(), "the model did not begin to answer within 20 s");
        for (error, transient, outage) in [
            (ModelError::Throttled { retry_after: None }, true, false),
            (ModelError::unavailable("down"), true, true),
            (timeout, false, true),
            (ModelError::rejected("bad key"), false, false),
            (ModelError::malformed("{"), true, false),
            (ModelError::Cut, true, true),
            (ModelError::Empty, false, false),
            (ModelError::NoAnswer, false, false),
        ] {
            assert_eq!(error.is_transient(), transient, "{error}");
            assert_eq!(error.is_outage(), outage, "{error}");
            assert_eq!(error.class(), ErrorClass::Unavailable, "{error}");
        }
    }
}
