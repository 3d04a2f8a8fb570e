//! One turn: a message comes in, is understood, answered and stored.

use std::{panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Duration};

use futures::{
    FutureExt,
    future::{Either, OptionFuture, select},
};
use jiff::{Timestamp, tz::TimeZone};
use llm::{Chain, ModelId, Prices};
use model::{Caller, Clock, MessageId, SessionId, StreamId};
use module::{ModuleError, Operations};
use nlp::{Focus, Moment, Reading, Vocabulary};
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::{
    EVENTS_KEPT,
    answer::{self, Draft},
    catalog::{TenantCatalog, TenantCatalogs},
    compose::Slos,
    inquiry::{self, Inquiry},
    kept::Found,
    publish::{Destination, Publisher},
    session::{Message, MessageStatus, Session, Speaker},
    state,
    store::{
        Claim, Claimed, EventLog, Reference, SessionEraser, StoreError, TurnSession, TurnStart,
        TurnStore,
    },
    wire::{Answered, TurnEvent, Wire},
};

/// How many earlier messages a turn sees.
const HISTORY_MESSAGES: usize = 20;

/// Everything that turns need.
pub struct Turns {
    pub turns: Arc<dyn TurnStore>,
    pub eraser: Arc<dyn SessionEraser>,
    pub log: Arc<dyn EventLog>,
    pub operations: Arc<dyn Operations>,
    pub catalogs: TenantCatalogs,
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
    pub(crate) session: SessionId,
    /// An error when it could not be read: the message is stored by then, so the turn tells of it.
    pub(crate) context: Result<Context, StoreError>,
    pub(crate) catalog: Result<Arc<TenantCatalog>, ModuleError>,
    pub(crate) catalog_was_cached: bool,
    pub(crate) now: Timestamp,
    pub message: Message,
    pub(crate) started: Instant,
}

/// What came of storing the message.
enum Begun {
    Fresh { loaded: Box<Option<Loaded>>, catalog: Result<Found<TenantCatalog>, ModuleError> },
    Repeated(Reference),
}

type Loaded = Result<(Session, Vec<Message>), StoreError>;

/// What a turn knows of the conversation before it.
pub(crate) struct Context {
    pub(crate) session: Session,
    /// Oldest first.
    pub(crate) history: Vec<Message>,
}

impl Turn {
    pub fn stream(&self) -> StreamId {
        StreamId { session: self.session, reply: self.message.id.reply() }
    }

    /// Reads the message in its conversation, and says what that was about. Without a vocabulary no
    /// names are known.
    pub(crate) fn read(
        &self,
        session: &Session,
        vocabulary: Option<&Vocabulary>,
    ) -> (Focus, Reading) {
        let moment = Moment { now: self.now, zone: &self.request.zone };
        let focus = state::decode(session.state.as_deref());
        let reading = inquiry::read(&self.request.content, vocabulary, &focus, &moment);
        (focus, reading)
    }

    /// Who asks, for what is read apart from the turn.
    pub(crate) fn inquiry(&self) -> Inquiry<'_> {
        Inquiry {
            tenant: &self.request.caller.tenant,
            session: self.context.as_ref().ok().map(|context| &context.session),
            catalog: None,
            zone: self.request.zone.clone(),
            request_id: &self.request.request_id,
            traceparent: self.request.traceparent.as_deref(),
        }
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
    pub session_opened: bool,
    pub catalog_was_cached: bool,
    pub understanding: Duration,
    /// Operation, whether it succeeded, and how long it took.
    pub operations: Vec<(String, bool, Duration)>,
    pub model_requests: Vec<llm::RequestRecord>,
}

/// Sends a turn's events out, if anybody may read them.
pub(crate) struct Sink {
    pub(crate) wire: Wire,
    pub(crate) publisher: Option<Publisher>,
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
        let start = start(&request, now);
        let (loaded, catalog) = match self.begin(&request, &start).await? {
            Begun::Fresh { loaded, catalog } => (loaded, catalog),
            Begun::Repeated(reference) => return Ok(Opened::Repeated(reference)),
        };
        let TurnStart { session, message, .. } = start;
        let id = session.id();
        let context = context(session, *loaded, &message);
        let catalog_was_cached = catalog.as_ref().is_ok_and(|found| found.was_cached);
        let catalog = catalog.map(|found| found.catalog);
        let turn = Turn {
            request,
            session: id,
            context,
            catalog,
            catalog_was_cached,
            now,
            message,
            started,
        };
        Ok(Opened::Turn(Box::new(turn)))
    }

    async fn begin(&self, request: &TurnRequest, start: &TurnStart) -> Result<Begun, StoreError> {
        let tenant = &request.caller.tenant;
        // Only a model reads what was said before; what "it" is stands with the session.
        let history = if self.chain(&request.model).is_some() { HISTORY_MESSAGES } else { 0 };
        let load: OptionFuture<_> =
            request.session.map(|id| self.turns.load(tenant, id, history)).into();
        let traceparent = request.traceparent.as_deref();
        let read = pin!(async {
            futures::join!(
                load,
                self.catalogs.metrics.get(tenant, &request.request_id, traceparent)
            )
        });
        // Whether there is a turn at all does not wait for what the turn would read; and the write,
        // once begun, is never given up.
        let (begun, read) = match select(pin!(self.turns.begin(tenant, start)), read).await {
            Either::Left((begun, read)) => (begun, Either::Left(read)),
            Either::Right((read, begin)) => (begin.await, Either::Right(read)),
        };
        if let Claimed::Repeated(reference) = begun? {
            return Ok(Begun::Repeated(reference));
        }
        let (loaded, catalog) = match read {
            Either::Left(read) => read.await,
            Either::Right(read) => read,
        };
        Ok(Begun::Fresh { loaded: Box::new(loaded), catalog })
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
            session: turn.session,
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

    /// The models that may answer; `None` where none may.
    pub(crate) fn chain(&self, choice: &ModelChoice) -> Option<Chain> {
        let chain = match choice {
            ModelChoice::Configured => Some(self.models.clone()),
            ModelChoice::Prefer(model) => self.models.preferring(model),
            ModelChoice::Without => None,
        };
        chain.filter(|chain| !chain.is_empty())
    }

    /// What is left of the turn's time, which began with its message.
    pub(crate) fn remaining(&self, turn: &Turn) -> Duration {
        self.timeout.saturating_sub(turn.started.elapsed())
    }
}

fn context(
    session: TurnSession,
    loaded: Option<Loaded>,
    message: &Message,
) -> Result<Context, StoreError> {
    let (session, mut history) = match (session, loaded) {
        (TurnSession::New(session), _) => (*session, Vec::new()),
        (TurnSession::Existing(_), Some(loaded)) => loaded?,
        (TurnSession::Existing(_), None) => return Err(StoreError::NotFound { what: "session" }),
    };
    // The message may or may not have been there yet when the history was read.
    history.retain(|earlier| earlier.id < message.id);
    Ok(Context { session, history })
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
