//! What can go wrong, the exit code it ends with, and what to do about it.

use std::{io, path::PathBuf, time::Duration};

use contract::error::FieldError;

/// Where `./scripts/dev` serves.
pub(crate) const DEFAULT_URL: &str = "http://127.0.0.1:8080";

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{0}")]
    Usage(String),
    #[error("the configuration file {} {problem}", path.display())]
    Config { path: PathBuf, problem: String },
    #[error("cannot reach the copilot at {url}")]
    Unreachable {
        url: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("no answer within {} s", after.as_secs())]
    TimedOut { after: Duration },
    #[error("the connection was lost {}", if *.attempts > 1 { format!("and {attempts} attempts to get it back failed") } else { "in mid-answer".to_owned() })]
    Lost {
        attempts: u32,
        #[source]
        source: Option<Box<Error>>,
    },
    #[error("what answers at {url} is not the copilot (status {status}, {content_type})")]
    NotTheCopilot { url: String, status: u16, content_type: String, location: Option<String> },
    #[error("{}", .0.describe())]
    Api(Box<ApiError>),
    #[error("the answer broke off: {message} ({code})")]
    Answer { code: String, message: String },
    #[error("the server sent something that this version cannot read: {what}")]
    Protocol {
        what: String,
        #[source]
        source: Option<serde_json::Error>,
    },
    #[error("the copilot is not ready")]
    NotReady,
    #[error("interrupted")]
    Interrupted,
    #[error("cannot read the input")]
    Input(#[source] io::Error),
    #[error("cannot write the output")]
    Output(#[source] io::Error),
    #[error("cannot read {}", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("cannot write {}", path.display())]
    Unwritable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(transparent)]
    TestData(#[from] evaluation::data::DataError),
    #[error("Prometheus at {url} does not answer: {problem}")]
    Prometheus { url: String, problem: String },
    #[error("cannot start")]
    Start(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// An answer of the API that is an error.
#[derive(Debug, Default)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) field_errors: Vec<FieldError>,
    pub(crate) documentation_url: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    /// Whether a key was sent.
    pub(crate) with_key: bool,
}

impl ApiError {
    fn describe(&self) -> String {
        let code = if self.code.is_empty() { String::new() } else { format!(" {}", self.code) };
        let mut text = format!("{} ({}{code})", self.message.trim_end_matches('.'), self.status);
        for field in &self.field_errors {
            text.push_str(&format!("\n  {}: {}", field.field, field.message));
        }
        text
    }

    fn exit_code(&self) -> u8 {
        match self.status {
            401 | 403 => 4,
            404 | 410 => 6,
            429 => 5,
            400..=499 => 2,
            _ => 1,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self.status {
            401 if !self.with_key => "Set a key: export COPILOT_API_KEY=cpk_…, or `copilot config set api_key`. `./scripts/dev` prints one for the local copilot.".to_owned(),
            401 => "The key that was sent is wrong, expired or revoked, or belongs to another copilot; `copilot config` shows where it comes from.".to_owned(),
            403 => "Your key's role does not allow this; ask an admin for a key with another role.".to_owned(),
            410 => "`copilot sessions show ID` prints what was answered; `copilot sessions` lists the ids.".to_owned(),
            404 => "`copilot sessions` lists the sessions that there are.".to_owned(),
            429 => match self.retry_after {
                Some(wait) => format!("Try again in {} s.", wait.as_secs().max(1)),
                None => "Try again in a minute.".to_owned(),
            },
            503 => "`copilot status` says what is down; try again in a moment.".to_owned(),
            _ => return self.documentation_url.as_ref().map(|url| format!("More about it: {url}")),
        })
    }
}

impl Error {
    pub(crate) fn protocol(what: impl Into<String>, source: serde_json::Error) -> Self {
        Self::Protocol { what: what.into(), source: Some(source) }
    }

    /// As `--help` lists them.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            // The reader has what it wanted and closed the pipe, as `head` does.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
            Self::Answer { .. } | Self::Protocol { .. } | Self::NotReady | Self::Start(_) => 1,
            Self::Input(_) | Self::Output(_) | Self::Unwritable { .. } => 1,
            Self::Usage(_) | Self::Config { .. } => 2,
            Self::Unreadable { .. } | Self::TestData(_) => 2,
            Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::Lost { .. }
            | Self::NotTheCopilot { .. }
            | Self::Prometheus { .. } => 3,
            Self::Api(error) => error.exit_code(),
            Self::Interrupted => 130,
        }
    }

    /// What to do next.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Unreachable { url, .. } if url.starts_with(DEFAULT_URL) => Some(
                "Is it running? `./scripts/dev` starts it here; for another copilot set COPILOT_URL or `copilot config set url`.".to_owned(),
            ),
            Self::Unreachable { .. } => {
                Some("Is the address right? `copilot config` shows where it comes from.".to_owned())
            }
            Self::NotTheCopilot { location: Some(location), .. } => {
                Some(format!("It redirects to {location}; set the URL to where the copilot is."))
            }
            Self::NotTheCopilot { .. } => {
                Some("Check the URL, and any proxy on the way; `copilot config` shows what is set.".to_owned())
            }
            Self::TimedOut { .. } | Self::Lost { .. } => Some(
                "What was answered is kept in the session: `copilot sessions` finds it.".to_owned(),
            ),
            Self::Answer { .. } => {
                Some("What was said so far is kept in the session; ask again to try once more.".to_owned())
            }
            Self::NotReady => Some("The checks above say what is down.".to_owned()),
            Self::Protocol { .. } => {
                Some("A newer `copilot` may help; `copilot status` shows the server's version.".to_owned())
            }
            Self::Api(error) => error.hint(),
            _ => None,
        }
    }

    /// For the people who run the server.
    pub(crate) fn request_id(&self) -> Option<&str> {
        match self {
            Self::Api(error) => error.request_id.as_deref(),
            Self::Lost { source: Some(source), .. } => source.request_id(),
            _ => None,
        }
    }

    /// Whether there is no use in saying it: nobody reads any more.
    pub(crate) fn is_silent(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_map_to_documented_exit_codes() {
        for (status, code) in [
            (400, 2),
            (401, 4),
            (403, 4),
            (404, 6),
            (409, 2),
            (413, 2),
            (429, 5),
            (500, 1),
            (503, 1),
        ] {
            let error = Error::Api(Box::new(ApiError { status, ..ApiError::default() }));
            assert_eq!(error.exit_code(), code, "{status}");
        }
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        let error = Error::Output(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((error.exit_code(), error.is_silent()), (0, true));
        let error = Error::Output(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!((error.exit_code(), error.is_silent()), (1, false));
    }
}
