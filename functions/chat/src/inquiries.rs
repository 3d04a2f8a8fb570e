//! Texts that are read and not answered: `/nlp/understand` and `/queries/translate`.

use chat_edge::{Deps, ReadInquiry, ReadTranslation};
use conversation::inquiry::Inquiry;
use kit::{Error, Request, Respond, Response};
use model::Caller;

pub(crate) async fn understand(
    deps: &Deps,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    let asked = ReadInquiry::of(&request)?;
    let session = match asked.session {
        Some(id) => Some(deps.sessions.read(&caller.tenant, id).await?),
        None => None,
    };
    let trace = request.trace.to_string();
    let inquiry = Inquiry {
        tenant: &caller.tenant,
        text: &asked.text,
        session: session.as_ref(),
        zone: asked.zone,
        request_id: request.id.as_str(),
        traceparent: Some(&trace),
    };
    let understood = deps.turns.understand(&inquiry, asked.vocabulary.as_ref()).await;
    chat_edge::record_understanding("chat", understood.took, request.received_at);
    Response::json(request.route.status, &chat_edge::understood(&understood))
}

pub(crate) async fn translate(
    deps: &Deps,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    let asked = ReadTranslation::of(&request)?;
    let trace = request.trace.to_string();
    let inquiry = Inquiry {
        tenant: &caller.tenant,
        text: &asked.text,
        session: None,
        zone: asked.zone,
        request_id: request.id.as_str(),
        traceparent: Some(&trace),
    };
    let translation = deps.turns.translate(&inquiry, asked.language).await;
    Response::json(request.route.status, &chat_edge::translated(translation)?)
}
