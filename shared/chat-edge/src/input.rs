//! From the wire's types to the domain's, with every field checked.

use contract::{
    message::{MAX_CONTENT_BYTES, PostMessage},
    page::{DEFAULT_LIMIT, MAX_LIMIT},
    session::MAX_METADATA_BYTES,
};
use conversation::{
    store::{Claim, PageRequest},
    turn::{ModelChoice, TurnRequest},
};
use jiff::tz::TimeZone;
use kit::{Error, FieldProblem, Request};
use llm::ModelId;
use model::{Caller, SessionId};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

const MAX_IDEMPOTENCY_KEY_BYTES: usize = 255;

/// The turn that a request asks for. `models` are the ones that may be named.
pub fn turn_request(
    caller: Caller,
    request: &Request,
    models: &[ModelId],
) -> Result<TurnRequest, Error> {
    let body: PostMessage = request.json()?;
    let mut problems = Vec::new();
    check_text("content", &body.content, &mut problems);
    check_metadata(&body.metadata, &mut problems);
    let zone = zone(body.time_zone.as_deref(), &mut problems);
    let model =
        parsed(body.model.as_deref(), "model", &mut problems, |name| model_choice(name, models));
    if !problems.is_empty() {
        return Err(Error::fields(problems));
    }
    let session = session_id(body.session_id.as_deref())?;
    let claim = claim(&caller, request)?;
    Ok(TurnRequest {
        caller,
        session,
        content: body.content,
        metadata: body.metadata,
        model: model.unwrap_or_default(),
        zone,
        claim,
        request_id: request.id.as_str().to_owned(),
        traceparent: Some(request.trace.to_string()),
    })
}

/// What a person says, whatever the field is called.
pub(crate) fn check_text(field: &str, text: &str, problems: &mut Vec<FieldProblem>) {
    if text.trim().is_empty() {
        problems.push(FieldProblem::new(field, "required", format!("{field} must not be empty")));
    }
    if text.len() > MAX_CONTENT_BYTES {
        let message = format!("{field} is larger than {MAX_CONTENT_BYTES} bytes");
        problems.push(FieldProblem::new(field, "max_bytes", message));
    }
}

/// An id that cannot be one names nothing, just as in a path.
pub(crate) fn session_id(id: Option<&str>) -> Result<Option<SessionId>, Error> {
    id.map(|id| id.parse().map_err(|_| Error::not_found("there is no session with this id")))
        .transpose()
}

/// UTC where none is named.
pub(crate) fn zone(name: Option<&str>, problems: &mut Vec<FieldProblem>) -> TimeZone {
    parsed(name, "time_zone", problems, time_zone).unwrap_or(TimeZone::UTC)
}

pub(crate) fn parsed<T>(
    text: Option<&str>,
    field: &str,
    problems: &mut Vec<FieldProblem>,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Option<T> {
    match text.map(parse)? {
        Ok(value) => Some(value),
        Err(message) => {
            problems.push(FieldProblem::new(field, "enum", message));
            None
        }
    }
}

fn time_zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name)
        .map_err(|_| "time_zone must be an IANA name such as `Europe/Berlin`".to_owned())
}

fn model_choice(name: &str, models: &[ModelId]) -> Result<ModelChoice, String> {
    if name == "none" {
        return Ok(ModelChoice::Without);
    }
    let known = models.iter().find(|model| model.to_string() == name);
    known.cloned().map(ModelChoice::Prefer).ok_or_else(|| {
        let mut names: Vec<String> = models.iter().map(|model| format!("`{model}`")).collect();
        names.push("`none`".to_owned());
        format!("model must be one of those configured: {}", names.join(", "))
    })
}

/// Metadata is kept with every message, so it has a limit of its own.
pub fn check_metadata(metadata: &Map<String, Value>, problems: &mut Vec<FieldProblem>) {
    let bytes = serde_json::to_vec(metadata).map_or(usize::MAX, |json| json.len());
    if bytes > MAX_METADATA_BYTES {
        let message = format!("metadata is larger than {MAX_METADATA_BYTES} bytes as JSON");
        problems.push(FieldProblem::new("metadata", "max_bytes", message));
    }
}

/// The caller's promise that requests with this key are one: per caller and route, so that nobody
/// meets another's key.
pub fn claim(caller: &Caller, request: &Request) -> Result<Option<Claim>, Error> {
    let Some(key) = request.text_header("idempotency-key")? else { return Ok(None) };
    let printable = key.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if key.trim().is_empty() || key.len() > MAX_IDEMPOTENCY_KEY_BYTES || !printable {
        return Err(Error::fields(vec![FieldProblem::new(
            "Idempotency-Key",
            "format",
            format!(
                "the Idempotency-Key must be 1 to {MAX_IDEMPOTENCY_KEY_BYTES} printable ASCII characters"
            ),
        )]));
    }
    let hash = Sha256::digest(&request.body);
    Ok(Some(Claim {
        key: format!("{}|{}|{key}", caller.principal, request.route.path),
        body_hash: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
    }))
}

/// The part of a listing that a request asks for.
pub fn page(request: &Request) -> Result<PageRequest, Error> {
    let mut problems = Vec::new();
    let limit = match request.query("limit").map(str::parse::<usize>) {
        None => DEFAULT_LIMIT,
        Some(Ok(limit)) if (1..=MAX_LIMIT).contains(&limit) => limit,
        Some(_) => {
            let message = format!("limit must be a number from 1 to {MAX_LIMIT}");
            problems.push(FieldProblem::new("limit", "range", message));
            DEFAULT_LIMIT
        }
    };
    let newest_first = match request.query("order") {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(_) => {
            problems.push(FieldProblem::new("order", "enum", "order must be `asc` or `desc`"));
            false
        }
    };
    if !problems.is_empty() {
        return Err(Error::fields(problems));
    }
    Ok(PageRequest { limit, cursor: request.query("cursor").map(str::to_owned), newest_first })
}
