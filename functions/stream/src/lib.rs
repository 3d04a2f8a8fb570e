//! Chat turns and event streams as server-sent events.

mod frames;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chat_edge::{Deps, turn_request};
use contract::{
    health::Check,
    routes::{self, RouteId},
};
use conversation::{store::LoggedEvent, turn::Opened};
use frames::frames;
use futures::{Stream, StreamExt, stream};
use kit::{Error, FieldProblem, Function, Request, Respond, Response};
use model::{Caller, StreamId, TenantId};
use tokio::sync::oneshot;

/// For a handler to make its response. A Function URL waits as long as the function may run; the response begins at once.
pub const TIMEOUT: Duration = Duration::from_secs(28);

/// For a turn, from the message to the end of its answer.
pub const TURN_TIMEOUT: Duration = Duration::from_secs(120);

const NAME: &str = "stream";

/// Far above what a turn can have, and what the log's keys have room for.
const MAX_EVENT_ID: u64 = 999_999_999_999;

/// The function.
pub struct EventStreams {
    pub deps: Arc<Deps>,
}

#[async_trait]
impl Function for EventStreams {
    fn name(&self) -> &'static str {
        NAME
    }

    fn routes(&self) -> routes::Function {
        routes::Function::Stream
    }

    async fn ready(&self) -> Vec<Check> {
        self.deps.ready().await
    }

    async fn handle(&self, caller: Caller, request: Request) -> Result<Response, Error> {
        match request.route.id {
            RouteId::StreamMessage => self.ask(caller, request).await,
            RouteId::FollowStream => {
                let stream = request.path_id("id", "stream")?;
                self.follow(&caller.tenant, stream, after(&request)?).await
            }
            _ => Err(Error::bug("a route of another function reached stream")),
        }
    }
}

impl EventStreams {
    /// Runs the turn in a task of its own, from before anything is stored: it goes on, and is stored,
    /// when the reader goes away.
    async fn ask(&self, caller: Caller, request: Request) -> Result<Response, Error> {
        let tenant = caller.tenant.clone();
        let turn = turn_request(caller, &request, &self.deps.models())?;
        let (opened, opening) = oneshot::channel();
        let deps = Arc::clone(&self.deps);
        let running = tokio::spawn(async move {
            let turn = match deps.turns.open(turn).await {
                Ok(Opened::Turn(turn)) => turn,
                other => {
                    // Nobody waiting means that the reader is gone already.
                    let _ = opened.send(Err(other));
                    return;
                }
            };
            let publisher = deps.turns.publisher(&turn);
            let _ = opened.send(Ok((turn.stream(), publisher.subscribe())));
            // A turn that could not be stored has told its reader and the log already.
            if let Ok(finished) = deps.turns.run(*turn, Some(publisher)).await {
                chat_edge::record(NAME, &finished, deps.clock.now());
            }
        });
        match opening.await.map_err(|_| Error::bug("a turn ended before it was opened"))? {
            Ok((stream, events)) => {
                let events = self.deps.follower.live(&tenant, stream, events);
                // The response ends when the turn is done with everything: Lambda stops the process
                // with it.
                let done = stream::once(running).filter_map(|_| std::future::ready(None));
                Ok(self.respond(events.chain(done)))
            }
            Err(Ok(Opened::Repeated(first))) => {
                let message = first
                    .message
                    .ok_or_else(|| Error::bug("a claim of a turn that names no message"))?;
                let stream = StreamId { session: first.session, reply: message.reply() };
                self.follow(&tenant, stream, 0).await
            }
            Err(Ok(Opened::Turn(_))) => Err(Error::bug("an opened turn was handed back")),
            Err(Err(error)) => Err(error.into()),
        }
    }

    async fn follow(
        &self,
        tenant: &TenantId,
        stream: StreamId,
        after: u64,
    ) -> Result<Response, Error> {
        Ok(self.respond(self.deps.follower.follow(tenant, stream, after).await?))
    }

    fn respond(&self, events: impl Stream<Item = LoggedEvent> + Send + 'static) -> Response {
        Response::events(frames(events, Arc::clone(&self.deps.clock)))
    }
}

/// The last event that the reader has seen. The header is what browsers send when they reconnect to
/// the address they were given, so it is the newer of the two.
fn after(request: &Request) -> Result<u64, Error> {
    let header = request.text_header("last-event-id")?.map(|text| ("Last-Event-ID", text));
    let query = request.query("after").map(|text| ("after", text));
    let Some((field, text)) = header.or(query).filter(|(_, text)| !text.is_empty()) else {
        return Ok(0);
    };
    text.parse().ok().filter(|id| *id <= MAX_EVENT_ID).ok_or_else(|| {
        let message = format!("{field} must be the id of an event: a number up to {MAX_EVENT_ID}");
        Error::fields(vec![FieldProblem::new(field, "type", message)])
    })
}
