//! What can go wrong with an operation, in terms that mean the same for every module.

use std::{error::Error, sync::Arc, time::Duration};

use model::{Classified, ErrorClass};
use serde::{Deserialize, Serialize};

/// What lies beneath an error. It is logged where it happened and does not travel.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// How much of a module's own words is kept. They are untrusted text and may be long.
pub const MAX_MESSAGE_CHARS: usize = 300;
const MAX_NAME_CHARS: usize = 64;

/// An argument that does not fit the operation's schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArgumentError {
    /// The argument's name; empty when the arguments as a whole are wrong.
    pub field: String,
    pub message: String,
    /// The rule that was broken, as JSON Schema calls it: `required`, `maxLength`, …
    pub constraint: String,
}

/// Why an operation gave no result. `module` names the module as people know it, for instance
/// `Prometheus at http://127.0.0.1:9090`, and never holds a credential.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ModuleError {
    #[error("there is no operation {operation:?}")]
    UnknownOperation { operation: String },
    #[error("the arguments of {operation} are not valid: {}", summary(details))]
    InvalidArguments { operation: String, details: Vec<ArgumentError> },
    /// No connection, a connection that broke, or a server that says it cannot serve.
    #[error("{module} does not answer")]
    Unreachable {
        module: String,
        #[source]
        source: Option<Cause>,
    },
    #[error("{module} did not answer in time")]
    Timeout { module: String },
    #[error("{module} asks for fewer requests")]
    Throttled { module: String, retry_after: Option<Duration> },
    #[error("{module} does not accept our credentials")]
    Denied { module: String },
    /// It answered, but not in the form that its contract promises.
    #[error("{module} gave an answer that cannot be understood")]
    BadResponse {
        module: String,
        #[source]
        source: Option<Cause>,
    },
    /// It understood the request and refused it; `message` is its own explanation.
    #[error("{module} refused the request: {message}")]
    Rejected { module: String, message: String },
    /// Nobody told us where the module is; `how` says what to set.
    #[error("{module} is not configured: {how}")]
    NotConfigured { module: String, how: String },
}

fn summary(details: &[ArgumentError]) -> String {
    let lines: Vec<String> = details
        .iter()
        .map(|detail| match detail.field.as_str() {
            "" => detail.message.clone(),
            field => format!("{field}: {}", detail.message),
        })
        .collect();
    lines.join("; ")
}

impl ModuleError {
    /// Quotes only the beginning of a name that is none: it may be a model's invention of any
    /// length.
    pub fn unknown_operation(name: &str) -> Self {
        Self::UnknownOperation { operation: name.chars().take(MAX_NAME_CHARS).collect() }
    }

    pub fn unreachable(module: &str, cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Unreachable { module: module.to_owned(), source: Some(Arc::new(cause)) }
    }

    pub fn timeout(module: &str) -> Self {
        Self::Timeout { module: module.to_owned() }
    }

    pub fn bad_response(module: &str, cause: impl Error + Send + Sync + 'static) -> Self {
        Self::BadResponse { module: module.to_owned(), source: Some(Arc::new(cause)) }
    }

    /// Keeps only so much of the module's message as a person reads, and nothing that would move a
    /// cursor or forge a log line.
    pub fn rejected(module: &str, message: &str) -> Self {
        let cleaned: String =
            message.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let cleaned = cleaned.trim();
        let mut trimmed: String = cleaned.chars().take(MAX_MESSAGE_CHARS).collect();
        if trimmed.len() < cleaned.len() {
            trimmed.push('…');
        }
        Self::Rejected { module: module.to_owned(), message: trimmed }
    }

    /// The arguments are wrong in one place.
    pub fn invalid_argument(
        operation: &str,
        field: &str,
        constraint: &str,
        message: impl Into<String>,
    ) -> Self {
        Self::InvalidArguments {
            operation: operation.to_owned(),
            details: vec![ArgumentError {
                field: field.to_owned(),
                message: message.into(),
                constraint: constraint.to_owned(),
            }],
        }
    }

    /// Whether the same request may well succeed a moment later.
    ///
    /// A time-out is not among them: the time that was there for the call is spent.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Throttled { .. })
    }

    /// Whether this tells that the module is in trouble, rather than that the request or our
    /// configuration is.
    pub fn is_module_failure(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Timeout { .. } | Self::BadResponse { .. })
    }
}

impl Classified for ModuleError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::UnknownOperation { .. }
            | Self::InvalidArguments { .. }
            | Self::Rejected { .. } => ErrorClass::Invalid,
            Self::Throttled { .. } => ErrorClass::Throttled,
            // A module that refuses our credentials is an operator's matter: the caller of the
            // copilot was allowed to ask.
            Self::Unreachable { .. }
            | Self::Timeout { .. }
            | Self::Denied { .. }
            | Self::BadResponse { .. }
            | Self::NotConfigured { .. } => ErrorClass::Unavailable,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after, .. } => {
                Some(retry_after.unwrap_or(Duration::from_secs(1)))
            }
            Self::Unreachable { .. } | Self::Timeout { .. } => Some(Duration::from_secs(1)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_s_message_is_cut_and_cleaned() {
        let ModuleError::Rejected { message, .. } = ModuleError::rejected(
            "Prometheus",
            &format!("\u{1b}[2Jparse error\n{}", "é".repeat(400)),
        ) else {
            panic!("not rejected");
        };
        assert!(message.starts_with("[2Jparse error é"), "{message}");
        assert_eq!(message.chars().count(), MAX_MESSAGE_CHARS + 1);
        assert!(message.ends_with('…'));
    }

    #[test]
    fn display_never_includes_the_source() {
        let error = ModuleError::unreachable("Prometheus", std::io::Error::other("secret detail"));
        assert_eq!(error.to_string(), "Prometheus does not answer");
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("secret detail"));
    }

    #[test]
    fn invalid_arguments_name_every_field() {
        let error = ModuleError::InvalidArguments {
            operation: "metrics.query".to_owned(),
            details: vec![
                ArgumentError {
                    field: "query".to_owned(),
                    message: "is required".to_owned(),
                    constraint: "required".to_owned(),
                },
                ArgumentError {
                    field: String::new(),
                    message: "must be an object".to_owned(),
                    constraint: "type".to_owned(),
                },
            ],
        };
        assert_eq!(
            error.to_string(),
            "the arguments of metrics.query are not valid: query: is required; must be an object"
        );
        assert_eq!(error.class(), ErrorClass::Invalid);
    }
}
