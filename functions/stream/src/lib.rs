//! Chat turns and event streams as server-sent events.

mod frames;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use chat_edge::{Deps, turn_request};
use contract::{
    health::Check,
    routes::{self, RouteId},
};
use conversation::turn::{Opened, Turn};
use frames::frames;
use futures::{StreamExt, stream};
use kit::{Error, FieldProblem, Function, Request, Respond, Response};
use model::{Caller, StreamId, TenantId};

/// For a handler to make its response. A Function URL waits as long as the function may run; the response begins at once.
pub const TIMEOUT: Duration = Duration::from_secs(28);

/// For a turn, from the message to the end of its answer.
pub const TURN_TIMEOUT: Duration = Duration::from_secs(120);

/// The function.
pub struct Stream {
    pub deps: Arc<Deps>,
}

#[async_trait]
impl Function for Stream {
    fn name(&self) -> &'static str {
        "stream"
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

impl Stream {
    async fn ask(&self, caller: Caller, request: Request) -> Result<Response, Error> {
        let tenant = caller.tenant.clone();
        let turn = turn_request(caller, &request, &self.deps.models())?;
        match self.deps.turns.open(turn).await? {
            Opened::Turn(turn) => Ok(self.start(&tenant, *turn)),
            Opened::Repeated(first) => {
                let message = first
                    .message
                    .ok_or_else(|| Error::bug("a claim of a turn that names no message"))?;
                let stream = StreamId { session: first.session, reply: message.reply() };
                self.follow(&tenant, stream, 0).await
            }
        }
    }

    /// Runs the turn in a task of its own, so that it goes on, and is stored, when the reader goes
    /// away.
    fn start(&self, tenant: &TenantId, turn: Turn) -> Response {
        let publisher = self.deps.turns.publisher(&turn);
        let events = self.deps.follower.live(tenant, turn.stream(), publisher.subscribe());
        let deps = Arc::clone(&self.deps);
        let turn = tokio::spawn(async move {
            // A turn that could not be stored has told its reader and the log already.
            if let Ok(finished) = deps.turns.run(turn, Some(publisher)).await {
                chat_edge::record("stream", &finished, deps.clock.now());
            }
        });
        // The response ends when the turn is done with everything: Lambda stops the process with it.
        let done = stream::once(turn).filter_map(|_| std::future::ready(None::<Bytes>));
        Response::events(frames(events).chain(done))
    }

    async fn follow(
        &self,
        tenant: &TenantId,
        stream: StreamId,
        after: u64,
    ) -> Result<Response, Error> {
        Ok(Response::events(frames(self.deps.follower.follow(tenant, stream, after).await?)))
    }
}

/// The last event that the reader has seen. The header is what browsers send when they reconnect to
/// the address they were given, so it is the newer of the two.
fn after(request: &Request) -> Result<u64, Error> {
    let header = request.header("last-event-id").map(|text| ("Last-Event-ID", text));
    let query = request.query("after").map(|text| ("after", text));
    let Some((field, text)) = header.or(query).filter(|(_, text)| !text.is_empty()) else {
        return Ok(0);
    };
    text.parse().map_err(|_| {
        let message = format!("{field} must be the id of an event: a number");
        Error::fields(vec![FieldProblem::new(field, "type", message)])
    })
}
