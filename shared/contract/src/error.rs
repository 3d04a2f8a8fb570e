//! The error body, the same everywhere.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where every function serves the pages about the codes.
pub const DOCUMENTATION_PATH: &str = "/docs/errors/";

/// The body of every answer that is an error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    pub error: ErrorDetail,
    pub request_id: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ErrorDetail {
    /// Stable, SCREAMING_SNAKE; there is a page for each in `docs/errors/`.
    pub code: String,
    /// For people; may change.
    pub message: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub field_errors: Vec<FieldError>,
    /// Relative to the address that gave the answer: the copilot brings its own pages.
    pub documentation_url: String,
}

/// What is wrong with one field of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// A path such as `content` or `metadata.team`.
    pub field: String,
    pub message: String,
    /// The rule that was broken: `required`, `type`, `max_length`, …
    pub constraint: String,
}

impl ErrorBody {
    pub fn new(code: &str, message: impl Into<String>, request_id: impl Into<String>) -> Self {
        Self {
            error: ErrorDetail {
                code: code.to_owned(),
                message: message.into(),
                field_errors: Vec::new(),
                documentation_url: format!("{DOCUMENTATION_PATH}{code}"),
            },
            request_id: request_id.into(),
        }
    }
}

macro_rules! codes {
    ($($name:ident: $meaning:literal),* $(,)?) => {
        /// Every code that an answer may hold, with what it means; a test holds `docs/errors/` and
        /// the code to this list.
        pub const CODES: &[(&str, &str)] = &[$((stringify!($name), $meaning)),*];

        /// The page about a code, as Markdown.
        pub fn page(code: &str) -> Option<&'static str> {
            match code {
                $(stringify!($name) => Some(include_str!(concat!(
                    "../../../docs/errors/", stringify!($name), ".md"
                ))),)*
                _ => None,
            }
        }
    };
}

codes! {
    INVALID_REQUEST: "The request breaks a rule; field_errors says which.",
    INVALID_JSON: "The body is not JSON, or not of the right types.",
    INVALID_CURSOR: "The cursor is not one that this listing gave out.",
    UNSUPPORTED_MEDIA_TYPE: "The body must be application/json.",
    PAYLOAD_TOO_LARGE: "The body, or a field of it, is over its limit.",
    UNAUTHENTICATED: "No credential came with the request, or it is not valid.",
    TOKEN_EXPIRED: "The credential was valid once.",
    PERMISSION_DENIED: "The caller's role does not allow this.",
    NOT_FOUND: "There is nothing under this address for this tenant.",
    METHOD_NOT_ALLOWED: "The address exists, with other methods.",
    CONFLICT: "The request does not fit the state of things.",
    IDEMPOTENCY_MISMATCH: "The Idempotency-Key was used before with another body.",
    IDEMPOTENCY_IN_PROGRESS: "The first request with this Idempotency-Key is still running.",
    STREAM_EXPIRED: "The events of this stream are no longer kept; the message is.",
    RATE_LIMITED: "Too many requests in this minute.",
    STORE_UNAVAILABLE: "The store does not answer; nothing was lost.",
    MODEL_UNAVAILABLE: "The language model broke off in mid-answer.",
    MODEL_TIMEOUT: "The language model fell silent in mid-answer.",
    TURN_INTERRUPTED: "The turn died before it could answer.",
    UNAVAILABLE: "Something that the answer needs does not answer.",
    TIMEOUT: "The answer was not ready within the time limit.",
    INTERNAL: "Our own fault; the request id finds it.",
}
