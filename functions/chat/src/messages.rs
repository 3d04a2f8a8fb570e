//! `/messages`, buffered.

use std::sync::Arc;

use chat_edge::{Deps, page, turn_request};
use contract::{message::Message, page::Page};
use conversation::{
    store::{Reference, StoreError},
    turn::Opened,
};
use kit::{Error, Request, Respond, Response};
use model::{Caller, SessionId, TenantId};

pub(crate) async fn post(
    deps: &Arc<Deps>,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    let tenant = caller.tenant.clone();
    let turn = turn_request(caller, &request, &deps.models())?;
    let opened = deps.turns.open(turn).await?;
    let answer = match opened {
        Opened::Repeated(reference) => repeated(deps, &tenant, reference).await?,
        Opened::Turn(turn) => {
            let turns = Arc::clone(&deps.turns);
            // A task of its own: a client that hangs up does not leave a turn half done.
            let running = tokio::spawn(async move { turns.run(*turn, None).await });
            let finished = running.await.map_err(|error| Error::bug(error.to_string()))??;
            chat_edge::record("chat", &finished, request.received_at);
            chat_edge::answer(&finished, deps.clock.now())
        }
    };
    Response::json(request.route.status, &answer)
}

/// The answer that the first request with this key got, from what was stored.
async fn repeated(
    deps: &Deps,
    tenant: &TenantId,
    first: Reference,
) -> Result<contract::message::Answer, Error> {
    let Some(asked) = first.message.filter(|_| first.finished) else {
        return Err(StoreError::IdempotencyInProgress.into());
    };
    let message = deps.messages.message(tenant, first.session, asked).await?;
    let reply = deps.messages.message(tenant, first.session, asked.reply()).await?;
    chat_edge::stored_answer(&message, &reply, deps.clock.now())
}

pub(crate) async fn list(deps: &Deps, caller: Caller, request: Request) -> Result<Response, Error> {
    let session: SessionId = request.path_id("session_id", "session")?;
    let page = page(&request)?;
    let listed = deps.listings.messages(&caller.tenant, session, &page).await?;
    let now = deps.clock.now();
    let items: Vec<Message> =
        listed.items.iter().map(|message| chat_edge::message(message, now)).collect();
    Response::json(request.route.status, &Page { items, next_cursor: listed.next_cursor })
}
