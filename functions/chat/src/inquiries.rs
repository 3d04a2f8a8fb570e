//! Texts that are no messages: `/nlp/understand` and `/queries/…`.

use chat_edge::{Deps, ReadInquiry, ReadQuery, ReadTranslation, record_understanding};
use conversation::{inquiry::Inquiry, session::Session, turn::Measured};
use jiff::tz::TimeZone;
use kit::{Error, Request, Respond, Response};
use model::{Caller, SessionId};
use query::Language;

const SERVICE: &str = "chat";

pub(crate) async fn understand(
    deps: &Deps,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    let asked = ReadInquiry::of(&request)?;
    let session = session(deps, &caller, asked.session).await?;
    let trace = request.trace.to_string();
    let inquiry = Inquiry {
        session: session.as_ref(),
        catalog: asked.catalog,
        ..inquiry(&caller, &request, &trace, asked.zone)
    };
    let understood = deps.turns.understand(&inquiry, &asked.text).await;
    record_understanding(SERVICE, understood.took, request.received_at);
    Response::json(request.route.status, &chat_edge::understood(&understood))
}

pub(crate) async fn translate(
    deps: &Deps,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    let asked = ReadTranslation::of(&request)?;
    let session = session(deps, &caller, asked.session).await?;
    let trace = request.trace.to_string();
    let inquiry = Inquiry {
        session: session.as_ref(),
        catalog: asked.catalog,
        ..inquiry(&caller, &request, &trace, asked.zone)
    };
    let translated = deps.turns.translate(&inquiry, &asked.text, asked.language).await;
    if let Ok(translated) = &translated {
        record_understanding(SERVICE, translated.took, request.received_at);
    }
    Response::json(request.route.status, &chat_edge::translated(translated)?)
}

pub(crate) async fn query(
    deps: &Deps,
    caller: Caller,
    request: Request,
    language: Language,
) -> Result<Response, Error> {
    let asked = ReadQuery::of(&request, deps.clock.now())?;
    let session = session(deps, &caller, asked.session).await?;
    let trace = request.trace.to_string();
    let inquiry = Inquiry {
        session: session.as_ref(),
        ..inquiry(&caller, &request, &trace, asked.zone.clone())
    };
    let mut measured = Measured::default();
    let (question, times) = (asked.asked(), asked.times);
    let ran = deps.turns.query(&inquiry, question, language, times, &mut measured).await;
    chat_edge::record_run(SERVICE, &measured, request.received_at);
    Response::json(request.route.status, &chat_edge::ran(ran)?)
}

fn inquiry<'a>(
    caller: &'a Caller,
    request: &'a Request,
    trace: &'a str,
    zone: TimeZone,
) -> Inquiry<'a> {
    Inquiry {
        tenant: &caller.tenant,
        session: None,
        catalog: None,
        zone,
        request_id: request.id.as_str(),
        traceparent: Some(trace),
    }
}

/// The caller's own session of that id, where one is named.
async fn session(
    deps: &Deps,
    caller: &Caller,
    id: Option<SessionId>,
) -> Result<Option<Session>, Error> {
    match id {
        Some(id) => Ok(Some(deps.sessions.read(&caller.tenant, id).await?)),
        None => Ok(None),
    }
}
