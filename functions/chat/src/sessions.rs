//! `/sessions`.

use chat_edge::{Deps, check_metadata, claim, page};
use contract::{
    page::Page,
    session::{CreateSession, MAX_NAME_CHARS, MAX_SYSTEM_PROMPT_CHARS, UpdateSession},
};
use conversation::{
    session::Session,
    store::{Claimed, SessionPatch},
};
use kit::{
    Error, FieldProblem, Request, Respond, Response,
    metrics::{Metric, record},
};
use model::{Caller, SessionId};

pub(crate) async fn create(
    deps: &Deps,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    let body: CreateSession = request.json()?;
    let mut problems = Vec::new();
    check_length("name", body.name.as_deref(), MAX_NAME_CHARS, &mut problems);
    check_prompt(body.system_prompt.as_deref(), &mut problems);
    check_metadata(&body.metadata, &mut problems);
    if !problems.is_empty() {
        return Err(Error::fields(problems));
    }
    let now = request.received_at;
    let session = Session {
        id: SessionId::new(now),
        name: body.name,
        metadata: body.metadata,
        system_prompt: body.system_prompt,
        created_by: caller.principal.to_string(),
        created_at: now,
        last_activity: now,
        message_count: 0,
        state: None,
    };
    let claim = claim(&caller, &request)?;
    let session = match deps.sessions.create(&caller.tenant, &session, claim.as_ref()).await? {
        Claimed::Fresh => {
            record(now, &[("service", "chat")], &[Metric::count("sessions_total", 1.0)]);
            session
        }
        Claimed::Repeated(first) => deps.sessions.read(&caller.tenant, first.session).await?,
    };
    Response::json(request.route.status, &chat_edge::session(session))
}

pub(crate) async fn list(deps: &Deps, caller: Caller, request: Request) -> Result<Response, Error> {
    let listed = deps.listings.sessions(&caller.tenant, &page(&request)?).await?;
    let items: Vec<_> = listed.items.into_iter().map(chat_edge::session).collect();
    Response::json(request.route.status, &Page { items, next_cursor: listed.next_cursor })
}

pub(crate) async fn read(deps: &Deps, caller: Caller, request: Request) -> Result<Response, Error> {
    let session = deps.sessions.read(&caller.tenant, id(&request)?).await?;
    Response::json(request.route.status, &chat_edge::session(session))
}

pub(crate) async fn update(
    deps: &Deps,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    let id = id(&request)?;
    let body: UpdateSession = request.json()?;
    let mut problems = Vec::new();
    check_length(
        "name",
        body.name.as_ref().and_then(Option::as_deref),
        MAX_NAME_CHARS,
        &mut problems,
    );
    check_prompt(body.system_prompt.as_ref().and_then(Option::as_deref), &mut problems);
    if let Some(metadata) = &body.metadata {
        check_metadata(metadata, &mut problems);
    }
    if !problems.is_empty() {
        return Err(Error::fields(problems));
    }
    let patch = SessionPatch {
        name: body.name,
        metadata: body.metadata,
        system_prompt: body.system_prompt,
    };
    let session = deps.sessions.update(&caller.tenant, id, &patch).await?;
    Response::json(request.route.status, &chat_edge::session(session))
}

pub(crate) async fn delete(
    deps: &Deps,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    deps.eraser.erase(&caller.tenant, id(&request)?).await?;
    Ok(Response::empty(request.route.status))
}

fn id(request: &Request) -> Result<SessionId, Error> {
    request.path_id("id", "session")
}

fn check_prompt(prompt: Option<&str>, problems: &mut Vec<FieldProblem>) {
    check_length("system_prompt", prompt, MAX_SYSTEM_PROMPT_CHARS, problems);
}

fn check_length(
    field: &str,
    text: Option<&str>,
    max_chars: usize,
    problems: &mut Vec<FieldProblem>,
) {
    let chars = text.map_or(0, |text| text.chars().count());
    if chars > max_chars {
        let message = format!("{field} is longer than {max_chars} characters");
        problems.push(FieldProblem::new(field, "max_length", message));
    }
}
