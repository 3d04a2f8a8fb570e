//! Why a program beside us could not be started or used.

use std::{io, path::PathBuf, time::Duration};

use model::{Classified, ErrorClass};

/// Every variant says what the developer can do about it, as far as we know.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{program} is not installed; {remedy}")]
    Missing { program: String, remedy: &'static str },

    #[error("{program} could not be started")]
    Start {
        program: String,
        #[source]
        source: io::Error,
    },

    #[error("port {port} of 127.0.0.1 is in use; name another, or end what uses it")]
    PortInUse { port: u16 },

    #[error("{program} ended ({status}); {log} ends with:\n{tail}")]
    Ended { program: String, status: String, log: PathBuf, tail: String },

    #[error("{program} did not answer at {url} within {} s; {log} ends with:\n{tail}", waited.as_secs())]
    NotReady { program: String, url: String, waited: Duration, log: PathBuf, tail: String },

    #[error("{program} failed ({status}):\n{output}")]
    Failed { program: String, status: String, output: String },

    #[error("{program} gave an answer that makes no sense: {reason}")]
    Answer { program: String, reason: String },

    #[error("{path} cannot be written")]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },

    #[error("{program} cannot be reached at {url}")]
    Unreachable {
        program: String,
        url: String,
        #[source]
        source: reqwest::Error,
    },
}

impl Classified for Error {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Missing { .. } | Self::PortInUse { .. } => ErrorClass::Conflict,
            Self::Answer { .. } => ErrorClass::Bug,
            Self::Start { .. }
            | Self::Ended { .. }
            | Self::NotReady { .. }
            | Self::Failed { .. }
            | Self::File { .. }
            | Self::Unreachable { .. } => ErrorClass::Unavailable,
        }
    }
}
