//! One bounded HTTP exchange, and what its outcome means for an operation.

use std::{error::Error, time::Duration};

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use model::TenantId;
use module::ModuleError;
use reqwest::{
    Client, RequestBuilder, Response, StatusCode,
    header::{HeaderMap, RETRY_AFTER},
    redirect,
};

/// A module in the same region or network accepts within milliseconds, or is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Explanations of errors are short; what is longer is a page for a browser.
const MAX_ERROR_BYTES: usize = 64 * 1024;
/// Nobody means to wait longer than this.
const MAX_RETRY_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// The one client that all modules share. It follows no redirects: a module's address is
/// configuration, and an answer must not choose another.
pub fn http_client() -> Result<Client, reqwest::Error> {
    Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(redirect::Policy::none())
        .user_agent(concat!("copilot-agent/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// For whom a request is made and how long it may take.
#[derive(Debug, Clone, Copy)]
pub struct RequestContext<'a> {
    pub tenant: &'a TenantId,
    pub request_id: &'a str,
    pub traceparent: Option<&'a str>,
    pub timeout: Duration,
}

impl RequestContext<'_> {
    /// Adds what every request carries. A value that no header can hold is left out: it is there to
    /// find a request again, not to make it.
    pub(crate) fn apply(&self, mut request: RequestBuilder) -> RequestBuilder {
        for (name, value) in
            [("traceparent", self.traceparent), ("x-request-id", Some(self.request_id))]
        {
            if let Some(value) =
                value.and_then(|text| text.parse::<reqwest::header::HeaderValue>().ok())
            {
                request = request.header(name, value);
            }
        }
        request.timeout(self.timeout)
    }
}

/// An answer with the status 2xx.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    /// There was more than the limit; `bytes` is the beginning.
    pub(crate) cut: bool,
}

/// An answer with another status.
#[derive(Debug, thiserror::Error)]
#[error("it answered with the status {status}")]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) bytes: Vec<u8>,
}

/// Why there is no good answer.
pub(crate) enum Fault {
    Module(ModuleError),
    Refused(Refusal),
}

impl Fault {
    /// For modules whose refusals say no more than their status does.
    pub(crate) fn by_status(self, module: &str) -> ModuleError {
        match self {
            Self::Module(error) => error,
            Self::Refused(refusal) => refusal.into_error(module),
        }
    }
}

impl Refusal {
    pub(crate) fn into_error(self, module: &str) -> ModuleError {
        match self.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                ModuleError::Denied { module: module.to_owned() }
            }
            StatusCode::TOO_MANY_REQUESTS => {
                ModuleError::Throttled { module: module.to_owned(), retry_after: self.retry_after }
            }
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => {
                ModuleError::timeout(module)
            }
            status if status.is_server_error() => ModuleError::unreachable(module, self),
            _ => ModuleError::bad_response(module, self),
        }
    }
}

/// Sends the request and reads at most `limit` bytes of the answer, after decompression.
pub(crate) async fn exchange(
    request: RequestBuilder,
    module: &str,
    limit: usize,
) -> Result<Body, Fault> {
    let fault = |error: reqwest::Error| {
        Fault::Module(if error.is_timeout() {
            ModuleError::timeout(module)
        } else if error.is_builder() {
            ModuleError::bad_response(module, error.without_url())
        } else {
            ModuleError::unreachable(module, error.without_url())
        })
    };
    let mut response = request.send().await.map_err(fault)?;
    let status = response.status();
    if status.is_success() {
        return read(&mut response, limit).await.map_err(fault);
    }
    let retry_after = retry_after(response.headers(), Timestamp::now());
    // The status alone tells enough when the explanation cannot be read.
    let bytes = match read(&mut response, MAX_ERROR_BYTES).await {
        Ok(body) => body.bytes,
        Err(_) => Vec::new(),
    };
    Err(Fault::Refused(Refusal { status, retry_after, bytes }))
}

async fn read(response: &mut Response, limit: usize) -> Result<Body, reqwest::Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = limit - bytes.len();
        if chunk.len() > room {
            bytes.extend_from_slice(&chunk[..room]);
            return Ok(Body { bytes, cut: true });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Body { bytes, cut: false })
}

/// `Retry-After` in either of its forms: seconds, or a date
/// (<https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>).
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u32>() {
        Ok(seconds) => SignedDuration::from_secs(seconds.into()),
        Err(_) => rfc2822::parse(text).ok()?.timestamp().duration_since(now),
    };
    Some(wait.clamp(SignedDuration::ZERO, MAX_RETRY_AFTER).unsigned_abs())
}

/// Says in a log what a parser found wrong.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub(crate) struct Malformed {
    pub(crate) what: &'static str,
    #[source]
    pub(crate) source: Option<Box<dyn Error + Send + Sync>>,
}

pub(crate) fn malformed(module: &str, what: &'static str) -> ModuleError {
    ModuleError::bad_response(module, Malformed { what, source: None })
}

pub(crate) fn not_json(module: &str, error: serde_json::Error) -> ModuleError {
    let what = "its answer does not have the documented form";
    ModuleError::bad_response(module, Malformed { what, source: Some(error.into()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_forms_and_bounded() {
        let now: Timestamp = "2015-10-21T07:27:00Z".parse().unwrap();
        for (text, expected_s) in [
            ("2", Some(2)),
            (" 0 ", Some(0)),
            ("999999", Some(3600)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(60)),
            ("Wed, 21 Oct 2015 07:00:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            assert_eq!(retry_after(&headers, now), expected_s.map(Duration::from_secs), "{text:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn a_status_says_what_kind_of_trouble_it_is() {
        for (status, kind) in [
            (401, "denied"),
            (403, "denied"),
            (404, "bad_response"),
            (302, "bad_response"),
            (408, "timeout"),
            (504, "timeout"),
            (429, "throttled"),
            (500, "unreachable"),
            (502, "unreachable"),
            (503, "unreachable"),
        ] {
            let refusal = Refusal {
                status: StatusCode::from_u16(status).unwrap(),
                retry_after: None,
                bytes: Vec::new(),
            };
            let wire = module::ErrorWire::from(&refusal.into_error("it"));
            assert_eq!(wire.kind.name(), kind, "{status}");
        }
    }
}
