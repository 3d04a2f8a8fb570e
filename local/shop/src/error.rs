//! What can go wrong in the shop, and whose fault it is.

use std::{io, path::PathBuf};

use model::{Classified, ErrorClass};

use crate::{catalog::SERVICES, deployment::MAX_DEPLOYMENTS};

/// Everything that can go wrong in the shop.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no service {name:?}; the shop has {}", service_names())]
    UnknownService { name: String },
    #[error("Service {service} has no replica {replica:?}; it has 0 to {last}")]
    UnknownReplica { service: &'static str, replica: String, last: u32 },
    #[error(
        "A version is 1 to 64 letters, digits, dots, underscores, plus or minus signs, and begins \
         with a letter or digit"
    )]
    InvalidVersion,
    #[error("The body is not JSON with the strings \"service\" and \"version\": {reason}")]
    InvalidBody { reason: String },
    #[error("The query is not understood: {reason}")]
    InvalidQuery { reason: String },
    #[error("The body is larger than {limit_bytes} bytes")]
    BodyTooLarge { limit_bytes: usize },
    #[error("The body could not be read")]
    UnreadableBody,
    #[error("There is nothing at {path}")]
    NoSuchRoute { path: String },
    #[error("{path} does not take {method}")]
    MethodNotAllowed { method: String, path: String },
    #[error("The log is full: it has {MAX_DEPLOYMENTS} deployments")]
    TooManyDeployments,
    #[error("A task of the shop ended early")]
    TaskFailed(#[source] tokio::task::JoinError),
    #[error("The state file {} cannot be read", path.display())]
    StateRead { path: PathBuf, source: io::Error },
    #[error(
        "The state file {} is damaged ({reason}); delete it to start over, and the Prometheus data \
         with it", path.display()
    )]
    StateCorrupt { path: PathBuf, reason: String },
    #[error("The state file {} cannot be written", path.display())]
    StateWrite { path: PathBuf, source: io::Error },
    #[error("{reason}")]
    InvalidRange { reason: String },
    #[error("{} cannot be read or written", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(
        "A Prometheus is running on {}; stop it before back-filling, or its data would overlap",
        folder.display()
    )]
    PrometheusRunning { folder: PathBuf },
    #[error("{} cannot be run; install Prometheus (Debian: apt-get install prometheus)", program.display())]
    PromtoolMissing { program: PathBuf, source: io::Error },
    #[error("promtool refused the history: {stderr}")]
    PromtoolFailed { stderr: String },
}

impl Error {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}

impl Classified for Error {
    fn class(&self) -> ErrorClass {
        match self {
            Self::UnknownService { .. }
            | Self::UnknownReplica { .. }
            | Self::NoSuchRoute { .. } => ErrorClass::NotFound,
            Self::InvalidVersion
            | Self::InvalidBody { .. }
            | Self::InvalidQuery { .. }
            | Self::BodyTooLarge { .. }
            | Self::UnreadableBody
            | Self::MethodNotAllowed { .. }
            | Self::InvalidRange { .. } => ErrorClass::Invalid,
            Self::TooManyDeployments | Self::PrometheusRunning { .. } => ErrorClass::Conflict,
            Self::StateRead { .. }
            | Self::StateCorrupt { .. }
            | Self::StateWrite { .. }
            | Self::File { .. }
            | Self::PromtoolMissing { .. } => ErrorClass::Unavailable,
            Self::PromtoolFailed { .. } | Self::TaskFailed(_) => ErrorClass::Bug,
        }
    }
}

fn service_names() -> String {
    SERVICES.iter().map(|service| service.name).collect::<Vec<&str>>().join(", ")
}
