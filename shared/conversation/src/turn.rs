//! One turn: a message comes in, is understood, answered and stored.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::{FutureExt, future::OptionFuture};
use jiff::{Timestamp, tz::TimeZone};
use llm::{Chain, ModelId, Prices};
use model::{Caller, Clock, Intent, MessageId, SessionId, StreamId, Understanding};
use module::{ModuleError, Operations};
use serde_json::{Map, Value};

use crate::{
    EVENTS_KEPT,
    answer::{self, Draft},
    catalog::{CatalogCache, TenantCatalog},
    compose::Slos,
    publish::{Destination, Publisher},
    session::{Message, MessageStatus, Session, Speaker},
    state,
    store::{
        Claim, Claimed, EventLog, Reference, SessionEraser, StoreError, TurnEnd, TurnSession,
        TurnStart, TurnStore,
    },
    wire::{Answered, TurnEvent, TurnUsage, Wire},
};

/// How many earlier messages a turn sees.
const HISTORY_MESSAGES: usize = 20;

/// Everything that turns need.
pub struct Turns {
    pub turns: Arc<dyn TurnStore>,
    pub eraser: Arc<dyn SessionEraser>,
    pub log: Arc<dyn EventLog>,
    pub operations: Arc<dyn Operations>,
    pub catalogs: CatalogCache,
    pub clock: Arc<dyn Clock>,
    /// Empty where no language model is configured.
    pub models: Chain,
    pub prices: Prices,
    pub slos: Slos,
    pub wire: Wire,
    /// For everything between the message and the end of the answer.
    pub timeout: Duration,
}

/// Which model may answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ModelChoice {
    /// The configured ones, in their order.
    #[default]
    Configured,
    /// One of the configured ones first.
    Prefer(ModelId),
    /// None: the composer answers.
    Without,
}

/// A message to answer.
#[derive(Debug, Clone)]
pub struct TurnRequest {
    pub caller: Caller,
    /// `None` opens a session.
    pub session: Option<SessionId>,
    pub content: String,
    pub metadata: Map<String, Value>,
    pub model: ModelChoice,
    /// The speaker's.
    pub zone: TimeZone,
    pub claim: Option<Claim>,
    pub request_id: String,
    pub traceparent: Option<String>,
}

/// What came of opening a turn.
pub enum Opened {
    Turn(Box<Turn>),
    /// The same request was made before.
    Repeated(Reference),
}

/// A turn whose message is stored and whose answer is not.
pub struct Turn {
    pub(crate) request: TurnRequest,
    pub(crate) session: Session,
    pub(crate) history: Vec<Message>,
    pub(crate) catalog: Result<Arc<TenantCatalog>, ModuleError>,
    pub(crate) now: Timestamp,
    pub message: Message,
    started: Instant,
}

impl Turn {
    pub fn stream(&self) -> StreamId {
        StreamId { session: self.session.id, reply: self.message.id.reply() }
    }
}

/// A turn that is over and stored.
#[derive(Debug)]
pub struct Finished {
    pub message: Message,
    pub reply: Message,
    pub answered: Answered,
    pub measured: Measured,
}

/// What a turn took, for metrics.
#[derive(Debug, Default)]
pub struct Measured {
    pub understanding: Duration,
    /// Operation, whether it succeeded, and how long it took.
    pub operations: Vec<(String, bool, Duration)>,
    pub model_requests: Vec<llm::RequestRecord>,
}

/// Sends a turn's events out, if anybody may read them.
pub(crate) struct Sink {
    wire: Wire,
    publisher: Option<Publisher>,
}

impl Sink {
    pub(crate) fn emit(&mut self, event: &TurnEvent) {
        if let Some(publisher) = &mut self.publisher {
            let (name, data) = (self.wire.event)(event);
            publisher.publish(name, data);
        }
    }
}

impl Turns {
    /// Stores the message, and reads what the turn needs at the same time.
    pub async fn open(&self, request: TurnRequest) -> Result<Opened, StoreError> {
        let started = Instant::now();
        let now = self.clock.now();
        let tenant = &request.caller.tenant;
        let start = start(&request, now);
        let load: OptionFuture<_> =
            request.session.map(|id| self.turns.load(tenant, id, HISTORY_MESSAGES)).into();
        let traceparent = request.traceparent.as_deref();
        let (begun, loaded, catalog) = futures::join!(
            self.turns.begin(tenant, &start),
            load,
            self.catalogs.get(tenant, &request.request_id, traceparent),
        );
        if let Claimed::Repeated(reference) = begun? {
            return Ok(Opened::Repeated(reference));
        }
        let (session, mut history) = match (start.session, loaded) {
            (TurnSession::New(session), _) => (*session, Vec::new()),
            (TurnSession::Existing(_), Some(loaded)) => loaded?,
            (TurnSession::Existing(_), None) => {
                return Err(StoreError::NotFound { what: "session" });
            }
        };
        // The message may or may not have been there yet when the history was read.
        history.retain(|earlier| earlier.id < start.message.id);
        let message = start.message;
        Ok(Opened::Turn(Box::new(Turn {
            request,
            session,
            history,
            catalog,
            now,
            message,
            started,
        })))
    }

    /// A publisher for the turn's events.
    pub fn publisher(&self, turn: &Turn) -> Publisher {
        Publisher::new(Destination {
            log: Arc::clone(&self.log),
            tenant: turn.request.caller.tenant.clone(),
            stream: turn.stream(),
            expires_at: turn.now + EVENTS_KEPT,
        })
    }

    /// Answers and stores. With a publisher, everything is told as it happens; its terminal event
    /// is announced when the answer is stored.
    ///
    /// Whatever goes wrong, the turn ends: with an answer, or with one error and what was said
    /// until then.
    pub async fn run(
        &self,
        turn: Turn,
        publisher: Option<Publisher>,
    ) -> Result<Finished, StoreError> {
        let mut sink = Sink { wire: self.wire, publisher };
        let mut draft = Draft::default();
        sink.emit(&TurnEvent::Started {
            session: turn.session.id,
            message: turn.message.id,
            stream: turn.stream(),
        });
        let answering = AssertUnwindSafe(answer::answer(self, &turn, &mut draft, &mut sink));
        let remaining = self.remaining(&turn);
        let failure = match tokio::time::timeout(remaining, answering.catch_unwind()).await {
            Ok(Ok(failure)) => failure,
            Ok(Err(_)) => Some(("INTERNAL", "something went wrong on our side".to_owned())),
            Err(_) => Some((
                "TIMEOUT",
                format!("the answer was not ready within {} s", self.timeout.as_secs()),
            )),
        };
        self.finish(turn, draft, failure, sink).await
    }

    /// What is left of the turn's time, which began with its message.
    pub(crate) fn remaining(&self, turn: &Turn) -> Duration {
        self.timeout.saturating_sub(turn.started.elapsed())
    }

    async fn finish(
        &self,
        turn: Turn,
        draft: Draft,
        failure: Option<(&'static str, String)>,
        mut sink: Sink,
    ) -> Result<Finished, StoreError> {
        let Draft {
            understanding,
            focus,
            text,
            queries,
            visualization,
            suggestions,
            usage,
            measured,
        } = draft;
        let answered = Answered {
            understanding: understanding.unwrap_or_else(not_understood),
            text,
            queries,
            visualization,
            suggestions,
            usage,
            duration: turn.started.elapsed(),
            error: failure.as_ref().map(|(code, _)| *code),
        };
        let reply = self.reply(&turn, &answered);
        if answered.usage != TurnUsage::default() {
            sink.emit(&TurnEvent::Usage(answered.usage.clone()));
        }
        let terminal = match failure {
            Some((code, message)) => TurnEvent::Failed { code, message },
            None => TurnEvent::Ended {
                session: turn.session.id,
                message: turn.message.id,
                reply: reply.id,
                duration: answered.duration,
            },
        };
        let ending = match sink.publisher {
            Some(publisher) => {
                let (name, data) = (self.wire.event)(&terminal);
                Some(publisher.end(name, data).await)
            }
            None => None,
        };
        let end = TurnEnd {
            reply,
            state: focus.map_or_else(|| turn.session.state.clone(), |focus| state::encode(&focus)),
            last_events: ending.as_ref().map(|ending| ending.unwritten.clone()).unwrap_or_default(),
            events_expire_at: turn.now + EVENTS_KEPT,
            claim: turn.request.claim.clone(),
        };
        let tenant = &turn.request.caller.tenant;
        let stored = self.turns.finish(tenant, &end).await;
        if let Err(error) = &stored {
            tracing::error!(request_id = turn.request.request_id, error = %error, "a turn could not be stored");
        }
        if matches!(stored, Err(StoreError::NotFound { .. })) {
            // The session was deleted while the turn ran; what the turn logged since goes too.
            let erased = self.eraser.erase(tenant, turn.session.id).await;
            tracing::info!(
                request_id = turn.request.request_id,
                clean = erased.is_ok(),
                "the session was deleted during a turn"
            );
        }
        if let Some(mut ending) = ending {
            if let Err(error) = &stored {
                let (code, message) = not_stored(error);
                let (name, data) = (self.wire.event)(&TurnEvent::Failed { code, message });
                ending.replace(name, data);
            }
            ending.announce();
        }
        stored?;
        let message = Message { status: MessageStatus::Complete, ..turn.message };
        Ok(Finished { message, reply: end.reply, answered, measured })
    }

    fn reply(&self, turn: &Turn, answered: &Answered) -> Message {
        let status =
            if answered.error.is_some() { MessageStatus::Failed } else { MessageStatus::Complete };
        Message {
            id: turn.message.id.reply(),
            session: turn.session.id,
            speaker: Speaker::Assistant,
            content: answered.text.clone(),
            status,
            created_at: self.clock.now(),
            metadata: Map::new(),
            details: (self.wire.details)(answered),
        }
    }
}

/// What to store first.
fn start(request: &TurnRequest, now: Timestamp) -> TurnStart {
    let session = request
        .session
        .map_or_else(|| TurnSession::New(new_session(request, now).into()), TurnSession::Existing);
    let message = Message {
        id: MessageId::new(now),
        session: session.id(),
        speaker: Speaker::User,
        content: request.content.clone(),
        status: MessageStatus::Pending,
        created_at: now,
        metadata: request.metadata.clone(),
        details: Value::Null,
    };
    TurnStart { session, message, claim: request.claim.clone() }
}

fn new_session(request: &TurnRequest, now: Timestamp) -> Session {
    Session {
        id: SessionId::new(now),
        name: None,
        metadata: Map::new(),
        system_prompt: None,
        created_by: request.caller.principal.to_string(),
        created_at: now,
        last_activity: now,
        message_count: 0,
        state: None,
    }
}

fn not_understood() -> Understanding {
    Understanding { intent: Intent::GeneralQuestion, confidence: 0.0, entities: Vec::new() }
}

fn not_stored(error: &StoreError) -> (&'static str, String) {
    match error {
        StoreError::NotFound { .. } => {
            ("NOT_FOUND", "the session was deleted while it was answered".to_owned())
        }
        _ => (
            "STORE_UNAVAILABLE",
            "the answer could not be stored; your message is, and you can ask again".to_owned(),
        ),
    }
}
