//! The envelope around every answer of Prometheus's API, good or bad
//! (<https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview>).

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
pub(super) fn open<T: DeserializeOwned>(
    module: &str,
    body: &Body,
) -> Result<(T, Vec<String>), ModuleError> {
    if body.cut {
        let kib = body.bytes.len() / 1024;
        return Err(ModuleError::rejected(
            module,
            &format!(
                "the answer is larger than {kib} KiB; ask for fewer series, a shorter range or a \
                 larger step"
            ),
        ));
    }
    let envelope: Envelope<T> =
        serde_json::from_slice(&body.bytes).map_err(|error| not_json(module, error))?;
    match (envelope.status.as_str(), envelope.data) {
        ("success", Some(data)) => {
            let said = envelope.warnings.into_iter().chain(envelope.infos);
            Ok((data, said.take(MAX_WARNINGS).map(|text| trim(&text)).collect()))
        }
        ("error", _) => Err(explained(module, &envelope.error_type, &envelope.error)
            .unwrap_or_else(|| {
                malformed(module, "it answered 200 with an error of no known type")
            })),
        _ => Err(malformed(module, "its answer has neither data nor an error")),
    }
}

/// What a fault of the exchange means. Prometheus's own explanation counts for more than the status:
/// 503 is a query that took too long as well as a server that is starting.
pub(super) fn explain(module: &str, fault: Fault) -> ModuleError {
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

/// Untrusted text: short, and free of what moves a cursor.
fn trim(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_WARNING_CHARS).collect()
}
