//! The envelope around every good answer of Prometheus's API
//! (<https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview>), which Loki has as
//! well, and around Prometheus's bad ones.

use module::ModuleError;
use serde::{Deserialize, de::DeserializeOwned};

use crate::http::{Body, Fault, malformed, not_json};

/// What is said beside the data is cut to this.
const MAX_WARNINGS: usize = 10;
const MAX_WARNING_CHARS: usize = 300;

#[derive(Deserialize)]
struct Envelope<T> {
    status: String,
    data: Option<T>,
    #[serde(default, rename = "errorType")]
    error_type: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(default)]
    infos: Vec<String>,
}

/// The data of a good answer and the warnings beside it.
pub(crate) fn open<T: DeserializeOwned>(
    module: &str,
    body: &Body,
) -> Result<(T, Vec<String>), ModuleError> {
    whole(module, body, "ask for fewer series, a shorter range or a larger step")?;
    let envelope: Envelope<T> =
        serde_json::from_slice(&body.bytes).map_err(|error| not_json(module, error))?;
    match (envelope.status.as_str(), envelope.data) {
        ("success", Some(data)) => {
            Ok((data, said(envelope.warnings.into_iter().chain(envelope.infos))))
        }
        ("error", _) => Err(explained(module, &envelope.error_type, &envelope.error)
            .unwrap_or_else(|| {
                malformed(module, "it answered 200 with an error of no known type")
            })),
        _ => Err(malformed(module, "its answer has neither data nor an error")),
    }
}

/// As [`open`], for lists that are left out where they are empty, as Loki does.
pub(crate) fn open_list(module: &str, body: &Body) -> Result<Vec<String>, ModuleError> {
    whole(module, body, "there are too many names")?;
    let envelope: Envelope<Vec<String>> =
        serde_json::from_slice(&body.bytes).map_err(|error| not_json(module, error))?;
    match envelope.status.as_str() {
        "success" => Ok(envelope.data.unwrap_or_default()),
        _ => Err(malformed(module, "its answer has neither data nor an error")),
    }
}

/// An answer that was cut cannot be used; `remedy` says what would make it smaller.
pub(crate) fn whole(module: &str, body: &Body, remedy: &str) -> Result<(), ModuleError> {
    if !body.cut {
        return Ok(());
    }
    let kib = body.bytes.len() / 1024;
    Err(ModuleError::rejected(module, &format!("the answer is larger than {kib} KiB; {remedy}")))
}

/// What a fault of the exchange means. Prometheus's own explanation counts for more than the status:
/// 503 is a query that took too long as well as a server that is starting.
pub(crate) fn explain(module: &str, fault: Fault) -> ModuleError {
    let refusal = match fault {
        Fault::Module(error) => return error,
        Fault::Refused(refusal) => refusal,
    };
    // A refused credential, or a request to slow down, is that whatever else is said.
    if matches!(refusal.status.as_u16(), 401 | 403 | 429) {
        return refusal.into_error(module);
    }
    serde_json::from_slice::<Envelope<serde::de::IgnoredAny>>(&refusal.bytes)
        .ok()
        .filter(|envelope| envelope.status == "error")
        .and_then(|envelope| explained(module, &envelope.error_type, &envelope.error))
        .unwrap_or_else(|| refusal.into_error(module))
}

fn explained(module: &str, error_type: &str, message: &str) -> Option<ModuleError> {
    match error_type {
        "bad_data" | "execution" | "not_found" | "not_acceptable" | "too_large_entry" => {
            Some(ModuleError::rejected(module, message))
        }
        "timeout" | "canceled" => Some(ModuleError::timeout(module)),
        _ => None,
    }
}

/// What a module says beside its data, as a reader can take it.
pub(crate) fn said(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    texts.into_iter().take(MAX_WARNINGS).map(|text| trim(&text)).collect()
}

/// Untrusted text: short, and free of what moves a cursor.
fn trim(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_WARNING_CHARS).collect()
}
