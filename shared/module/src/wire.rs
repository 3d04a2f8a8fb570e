//! A `ModuleError` as it crosses a process boundary, so that the caller sees the same variant as
//! the function that met it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{ArgumentError, ModuleError};

/// Which variant it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    UnknownOperation,
    InvalidArguments,
    Unreachable,
    Timeout,
    Throttled,
    Denied,
    BadResponse,
    Rejected,
    NotConfigured,
}

impl ErrorKind {
    /// The wire form.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownOperation => "unknown_operation",
            Self::InvalidArguments => "invalid_arguments",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Throttled => "throttled",
            Self::Denied => "denied",
            Self::BadResponse => "bad_response",
            Self::Rejected => "rejected",
            Self::NotConfigured => "not_configured",
        }
    }
}

/// An error in plain values. Causes stay behind: they are logged where they happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorWire {
    pub kind: ErrorKind,
    /// The module; for errors about the call itself, the operation.
    pub module: String,
    /// The module's words (`rejected`), what to set (`not_configured`), else the error's text.
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The arguments that are wrong (`invalid_arguments`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<ArgumentError>,
}

impl From<&ModuleError> for ErrorWire {
    fn from(error: &ModuleError) -> Self {
        let plain = |kind, module: &str| Self {
            kind,
            module: module.to_owned(),
            message: error.to_string(),
            retry_after_ms: None,
            details: Vec::new(),
        };
        match error {
            ModuleError::UnknownOperation { operation } => {
                plain(ErrorKind::UnknownOperation, operation)
            }
            ModuleError::InvalidArguments { operation, details } => {
                Self { details: details.clone(), ..plain(ErrorKind::InvalidArguments, operation) }
            }
            ModuleError::Unreachable { module, .. } => plain(ErrorKind::Unreachable, module),
            ModuleError::Timeout { module } => plain(ErrorKind::Timeout, module),
            ModuleError::Throttled { module, retry_after } => Self {
                retry_after_ms: retry_after
                    .map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
                ..plain(ErrorKind::Throttled, module)
            },
            ModuleError::Denied { module } => plain(ErrorKind::Denied, module),
            ModuleError::BadResponse { module, .. } => plain(ErrorKind::BadResponse, module),
            ModuleError::Rejected { module, message } => {
                Self { message: message.clone(), ..plain(ErrorKind::Rejected, module) }
            }
            ModuleError::NotConfigured { module, how } => {
                Self { message: how.clone(), ..plain(ErrorKind::NotConfigured, module) }
            }
        }
    }
}

impl From<ErrorWire> for ModuleError {
    fn from(wire: ErrorWire) -> Self {
        let ErrorWire { kind, module, message, retry_after_ms, details } = wire;
        match kind {
            ErrorKind::UnknownOperation => Self::UnknownOperation { operation: module },
            ErrorKind::InvalidArguments => Self::InvalidArguments { operation: module, details },
            ErrorKind::Unreachable => Self::Unreachable { module, source: None },
            ErrorKind::Timeout => Self::Timeout { module },
            ErrorKind::Throttled => {
                Self::Throttled { module, retry_after: retry_after_ms.map(Duration::from_millis) }
            }
            ErrorKind::Denied => Self::Denied { module },
            ErrorKind::BadResponse => Self::BadResponse { module, source: None },
            ErrorKind::Rejected => Self::Rejected { module, message },
            ErrorKind::NotConfigured => Self::NotConfigured { module, how: message },
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Classified;
    use serde_json::json;

    use super::*;

    fn every_error() -> Vec<ModuleError> {
        let module = "Prometheus at http://127.0.0.1:9090";
        vec![
            ModuleError::UnknownOperation { operation: "metrics.delete".to_owned() },
            ModuleError::invalid_argument("metrics.query", "time", "format", "must be RFC 3339"),
            ModuleError::unreachable(module, std::io::Error::other("refused")),
            ModuleError::timeout(module),
            ModuleError::Throttled {
                module: module.to_owned(),
                retry_after: Some(Duration::from_millis(1500)),
            },
            ModuleError::Throttled { module: module.to_owned(), retry_after: None },
            ModuleError::Denied { module: module.to_owned() },
            ModuleError::bad_response(module, std::io::Error::other("not JSON")),
            ModuleError::rejected(module, "parse error at char 3"),
            ModuleError::NotConfigured {
                module: "Prometheus".to_owned(),
                how: "set PROMETHEUS_URL".to_owned(),
            },
        ]
    }

    #[test]
    fn every_error_comes_back_as_the_same_variant() {
        for error in every_error() {
            let sent = ErrorWire::from(&error);
            let text = serde_json::to_string(&sent).unwrap();
            let received: ErrorWire = serde_json::from_str(&text).unwrap();
            let back = ModuleError::from(received);
            assert_eq!(std::mem::discriminant(&back), std::mem::discriminant(&error), "{text}");
            assert_eq!(back.to_string(), error.to_string());
            assert_eq!(back.retry_after(), error.retry_after());
            assert_eq!(back.class(), error.class());
            assert_eq!(ErrorWire::from(&back), sent);
            assert_eq!(json!(sent.kind), sent.kind.name());
        }
    }
}
