//! What a provider's failure means: statuses, error bodies, and errors in the middle of a stream.

use std::time::Duration;

use futures::StreamExt;
use jiff::{Timestamp, fmt::rfc2822};
use llm::{Fault, ModelError};
use reqwest::{
    Response, StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use serde_json::Value;

/// As much of an error's body as is read, and for so long.
const MAX_BODY_BYTES: usize = 64 * 1024;
const BODY_TIMEOUT: Duration = Duration::from_secs(2);
/// The longest code that is kept.
const MAX_CODE_BYTES: usize = 64;

/// Codes of 429 that waiting does not cure.
const SPENT: [&str; 2] = ["insufficient_quota", "billing_hard_limit_reached"];

/// The error that a response with a status other than 200 stands for.
pub(crate) async fn of_response(response: Response) -> ModelError {
    let status = response.status();
    let retry_after = retry_after(response.headers(), Timestamp::now());
    let body = tokio::time::timeout(BODY_TIMEOUT, bounded_body(response)).await;
    let code = body
        .ok()
        .and_then(|body| serde_json::from_slice::<Value>(&body).ok())
        .and_then(|body| code_of(body.get("error").unwrap_or(&body)));
    of_status(status, code, retry_after)
}

/// What could be read of a body before it broke off or became too long.
pub(crate) async fn bounded_body(response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(Ok(bytes)) = stream.next().await {
        body.extend_from_slice(&bytes);
        if body.len() >= MAX_BODY_BYTES {
            body.truncate(MAX_BODY_BYTES);
            break;
        }
    }
    body
}

fn of_status(
    status: StatusCode,
    code: Option<String>,
    retry_after: Option<Duration>,
) -> ModelError {
    let is_spent = code.as_deref().is_some_and(|code| SPENT.contains(&code));
    let fault = Fault { status: Some(status.as_u16()), code };
    match status {
        StatusCode::TOO_MANY_REQUESTS if !is_spent => ModelError::Throttled { retry_after },
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY => {
            ModelError::Unavailable { retry_after, source: fault.into() }
        }
        status if status.is_server_error() => {
            ModelError::Unavailable { retry_after, source: fault.into() }
        }
        _ => ModelError::rejected(fault),
    }
}

/// The error that stands for an `error` object inside a stream that began well. Its code is a
/// status, or a word.
pub(crate) fn in_stream(error: &Value) -> ModelError {
    let code = code_of(error);
    let number = error.get("code").and_then(|code| match code {
        Value::Number(number) => number.as_u64().and_then(|number| u16::try_from(number).ok()),
        Value::String(text) => text.parse().ok(),
        _ => None,
    });
    if let Some(status) = number.and_then(|number| StatusCode::from_u16(number).ok()) {
        return of_status(status, code, None);
    }
    let kind = error.get("type").and_then(Value::as_str).and_then(word);
    let words = [code.as_deref(), kind.as_deref()];
    let says = |part: &str| words.iter().flatten().any(|word| word.contains(part));
    let fault = Fault { status: None, code: code.clone() };
    if words.iter().flatten().any(|word| SPENT.contains(word)) {
        ModelError::rejected(fault)
    } else if says("rate_limit") || says("throttl") {
        ModelError::Throttled { retry_after: None }
    } else if ["invalid", "authentication", "permission", "not_found", "context_length"]
        .iter()
        .any(|part| says(part))
    {
        ModelError::rejected(fault)
    } else {
        ModelError::unavailable(fault)
    }
}

/// The error's `code`, or else its `type`, if it is a word and not prose.
fn code_of(error: &Value) -> Option<String> {
    ["code", "type"].iter().find_map(|field| word(error.get(field)?.as_str()?))
}

fn word(text: &str) -> Option<String> {
    let is_word = (1..=MAX_CODE_BYTES).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    is_word.then(|| text.to_ascii_lowercase())
}

/// `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3).
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let at = rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    // A date that has passed means at once.
    Some(Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;
    use serde_json::json;

    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "1994-11-06T08:49:07Z".parse().unwrap();
        let seconds = Duration::from_secs;
        for (value, expected) in [
            ("7", Some(seconds(7))),
            (" 0 ", Some(seconds(0))),
            ("1.5", Some(Duration::from_millis(1500))),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(seconds(30))),
            ("Sun, 06 Nov 1994 08:48:37 GMT", Some(seconds(0))),
            ("-1", None),
            ("NaN", None),
            ("1e300", None),
            ("soon", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_str(value).unwrap());
            assert_eq!(retry_after(&headers, now), expected, "{value:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn errors_inside_a_stream_are_told_apart() {
        for (error, name) in [
            (json!({"code": 429, "message": "slow down"}), "throttled"),
            (json!({"code": "429"}), "throttled"),
            (json!({"code": 502, "message": "upstream"}), "unavailable"),
            (json!({"code": 400}), "rejected"),
            (json!({"type": "rate_limit_error"}), "throttled"),
            (json!({"code": "rate_limit_exceeded", "type": "tokens"}), "throttled"),
            (json!({"code": "insufficient_quota"}), "rejected"),
            (json!({"code": null, "type": "invalid_request_error"}), "rejected"),
            (json!({"type": "BadRequestError", "code": 400}), "rejected"),
            (json!({"code": "context_length_exceeded"}), "rejected"),
            (json!({"type": "server_error"}), "unavailable"),
            (json!("something went wrong"), "unavailable"),
        ] {
            assert_eq!(in_stream(&error).name(), name, "{error}");
        }
    }

    #[test]
    fn a_code_is_a_word_and_never_prose() {
        for (error, code) in [
            (json!({"code": "model_not_found", "type": "x"}), Some("model_not_found")),
            (json!({"code": null, "type": "Api_Error"}), Some("api_error")),
            (json!({"code": "your key sk-1 is wrong"}), None),
            (json!("text"), None),
        ] {
            assert_eq!(code_of(&error).as_deref(), code, "{error}");
        }
    }
}
