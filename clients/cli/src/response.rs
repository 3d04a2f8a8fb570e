//! What comes back: bodies of bounded size, and the errors that answers tell of.

use std::time::Duration;

use bytes::Bytes;
use contract::error::ErrorBody;
use reqwest::{
    Response, StatusCode, Url,
    header::{CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER},
};

use crate::{
    error::{ApiError, Error},
    request::REQUEST_TIMEOUT,
};

/// Above what the API sends; a bound on what a server can make us keep.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;
const MAX_ERROR_BODY_BYTES: usize = 64 * 1024;

/// The error that an answer tells of.
pub(crate) async fn failure(response: Response, with_key: bool) -> Error {
    let status = response.status();
    let headers = response.headers().clone();
    let url = response.url().clone();
    let body = read_bounded(response, MAX_ERROR_BODY_BYTES).await.unwrap_or_default();
    let mut error = ApiError {
        status: status.as_u16(),
        request_id: request_id(&headers),
        retry_after: retry_after(&headers),
        with_key,
        ..ApiError::default()
    };
    if let Ok(told) = serde_json::from_slice::<ErrorBody>(&body) {
        error.code = told.error.code;
        error.message = told.error.message;
        error.field_errors = told.error.field_errors;
        error.documentation_url = Some(told.error.documentation_url);
        error.request_id = Some(told.request_id);
        return Error::Api(Box::new(error));
    }
    // Gateways and proxies answer in their own words. Where the status alone says enough, it
    // counts; otherwise this is not the API.
    let telling = matches!(status.as_u16(), 401 | 403 | 429) || status.is_server_error();
    if !telling {
        return not_the_copilot(&url, status, &headers);
    }
    let reason = status.canonical_reason().unwrap_or("an error");
    error.message = format!("a gateway on the way, or the copilot's own, answers: {reason}");
    Error::Api(Box::new(error))
}

pub(crate) fn transport(error: reqwest::Error, url: &Url, timeout: Duration) -> Error {
    if error.is_timeout() && !error.is_connect() {
        return Error::TimedOut { after: timeout };
    }
    let origin = url.origin().ascii_serialization();
    // The address is in our own message already.
    Error::Unreachable { url: origin, source: error.without_url() }
}

pub(crate) async fn read_bounded(mut response: Response, max_bytes: usize) -> Result<Bytes, Error> {
    let url = response.url().clone();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > max_bytes => {
                let what = format!("an answer of more than {max_bytes} bytes");
                return Err(Error::Protocol { what, source: None });
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body.into()),
            Err(error) => return Err(transport(error, &url, REQUEST_TIMEOUT)),
        }
    }
}

pub(crate) fn check_type(response: &Response, expected: &str) -> Result<(), Error> {
    let matches = header(response.headers(), CONTENT_TYPE.as_str())
        .is_some_and(|found| found.split(';').next().unwrap_or_default().trim() == expected);
    if matches {
        return Ok(());
    }
    Err(not_the_copilot(response.url(), response.status(), response.headers()))
}

fn not_the_copilot(url: &Url, status: StatusCode, headers: &HeaderMap) -> Error {
    Error::NotTheCopilot {
        url: url.origin().ascii_serialization(),
        status: status.as_u16(),
        content_type: header(headers, CONTENT_TYPE.as_str())
            .unwrap_or_else(|| "no content type".to_owned()),
        location: header(headers, LOCATION.as_str()),
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Ours, or what the gateway in front of us calls it.
fn request_id(headers: &HeaderMap) -> Option<String> {
    ["x-request-id", "apigw-requestid", "x-amzn-requestid"]
        .iter()
        .find_map(|name| header(headers, name))
}

/// The form in seconds; the API sends no other.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    header(headers, RETRY_AFTER.as_str())?.trim().parse().ok().map(Duration::from_secs)
}
