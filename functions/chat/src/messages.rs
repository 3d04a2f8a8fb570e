//! `/messages`, buffered.

use std::sync::Arc;

use chat_edge::{Deps, page, turn_request};
use contract::{
    message::{Answer, Message},
    page::Page,
};
use conversation::{
    store::{Reference, StoreError},
    turn::{Finished, Opened},
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
    let turns = Arc::clone(&deps.turns);
    // A task of its own: a client that hangs up does not leave a turn half done.
    let running = tokio::spawn(async move {
        Ok::<_, StoreError>(match turns.open(turn).await? {
            Opened::Turn(turn) => Outcome::Answered(Box::new(turns.run(*turn, None).await?)),
            Opened::Repeated(first) => Outcome::Repeated(first),
        })
    });
    let answer = match running.await.map_err(|error| Error::bug(error.to_string()))?? {
        Outcome::Answered(finished) => {
            chat_edge::record("chat", &finished, request.received_at);
            chat_edge::answer(&finished, deps.clock.now())
        }
        Outcome::Repeated(first) => repeated(deps, &tenant, first).await?,
    };
    if let Some(code) = broken_off(&answer) {
        return Err(Error::unanswered(code));
    }
    Response::json(request.route.status, &answer)
}

enum Outcome {
    Answered(Box<Finished>),
    Repeated(Reference),
}

/// Why a turn ended before a word was said; one that broke off later is an answer that says so.
fn broken_off(answer: &Answer) -> Option<&str> {
    let details = answer.reply.details.as_ref()?;
    details.error.as_deref().filter(|_| answer.reply.content.is_empty())
}

/// The answer that the first request with this key got, from what was stored.
async fn repeated(deps: &Deps, tenant: &TenantId, first: Reference) -> Result<Answer, Error> {
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
