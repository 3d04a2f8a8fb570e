//! What the refusals of Loki and Tempo mean: a status and, nearly always, a plain text.

use module::ModuleError;
use serde::Deserialize;

use crate::http::{Fault, Refusal};

/// Gateways in front of them wrap the text.
#[derive(Deserialize)]
struct Wrapped {
    #[serde(alias = "error")]
    message: String,
}

/// What a fault of the exchange means.
pub(crate) fn explain(module: &str, fault: Fault) -> ModuleError {
    match fault {
        Fault::Module(error) => error,
        Fault::Refused(refusal) => explain_refusal(module, refusal),
    }
}

fn explain_refusal(module: &str, refusal: Refusal) -> ModuleError {
    let text = words(&refusal.bytes);
    let gave_up = ["context deadline exceeded", "context canceled", "timed out", "timeout"];
    match refusal.status.as_u16() {
        // Neither wraps a page around what was wrong with a query.
        400 | 413 | 422 if !text.is_empty() && !text.starts_with('<') => {
            ModuleError::rejected(module, &text)
        }
        500..=599 if gave_up.iter().any(|sign| text.contains(sign)) => ModuleError::timeout(module),
        _ => refusal.into_error(module),
    }
}

fn words(bytes: &[u8]) -> String {
    match serde_json::from_slice::<Wrapped>(bytes) {
        Ok(Wrapped { message }) => message,
        Err(_) => String::from_utf8_lossy(bytes).trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;

    use super::*;

    #[test]
    fn status_and_text_say_what_it_is() {
        for (status, text, kind) in [
            (400, "parse error at line 1, col 5: syntax error", "rejected"),
            (422, r#"{"message":"too many series"}"#, "rejected"),
            (413, r#"{"status":"error","error":"too large"}"#, "rejected"),
            (400, "", "bad_response"),
            (400, "<html>nginx</html>", "bad_response"),
            (404, "404 page not found", "bad_response"),
            (401, "no org id", "denied"),
            (403, "", "denied"),
            (429, "too many outstanding requests", "throttled"),
            (500, "context deadline exceeded", "timeout"),
            (503, "request timed out, decrease the duration of the request", "timeout"),
            (504, "", "timeout"),
            (500, "too many unhealthy instances in the ring", "unreachable"),
            (503, "Ingester not ready: waiting for 15s after being ready", "unreachable"),
        ] {
            let refusal = Refusal {
                status: StatusCode::from_u16(status).unwrap(),
                retry_after: None,
                bytes: text.as_bytes().to_vec(),
            };
            let error = explain("Loki", Fault::Refused(refusal));
            let wire = module::ErrorWire::from(&error);
            assert_eq!(wire.kind.name(), kind, "{status} {text}");
        }
    }
}
