//! Reading a stream: live where the turn runs in this process, from the log everywhere else, and
//! from one to the other without losing or repeating an event.

use std::{sync::Arc, time::Duration};

use futures::{Stream, stream};
use model::{Classified, Clock, ErrorClass, StreamId, TenantId};
use tokio::{sync::broadcast, time::sleep};

use crate::{
    session::MessageStatus,
    store::{EventLog, LoggedEvent, MessageStore, StoreError},
    wire::{TurnEvent, Wire},
};

/// Between two looks at the log: short while events come, longer while the turn is silent.
const POLL_MIN: Duration = Duration::from_millis(100);
const POLL_MAX: Duration = Duration::from_secs(1);
/// So many failed looks in a row end the connection; the reader may resume.
const MAX_FAILURES: u32 = 8;

/// Why a stream cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    #[error("there is no stream with this id")]
    NotFound,
    #[error("the events of this stream are no longer kept; the message is")]
    Expired,
    #[error("the stream cannot be read")]
    Store(#[source] StoreError),
}

impl Classified for FollowError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::NotFound | Self::Expired => ErrorClass::NotFound,
            Self::Store(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "NOT_FOUND",
            Self::Expired => "STREAM_EXPIRED",
            Self::Store(error) => error.code(),
        }
    }
}

impl From<StoreError> for FollowError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { .. } => Self::NotFound,
            other => Self::Store(other),
        }
    }
}

/// Reads streams.
#[derive(Clone)]
pub struct Follower {
    pub log: Arc<dyn EventLog>,
    pub messages: Arc<dyn MessageStore>,
    pub clock: Arc<dyn Clock>,
    pub wire: Wire,
}

/// One reader's place in one stream.
struct Place {
    follower: Follower,
    tenant: TenantId,
    stream: StreamId,
    after: u64,
    /// Read and not yet handed out, newest first.
    ready: Vec<LoggedEvent>,
    live: Option<broadcast::Receiver<Arc<LoggedEvent>>>,
    over: bool,
    pause: Duration,
    failures: u32,
}

/// What a look at the log found.
enum Look {
    Events(Vec<LoggedEvent>),
    /// The turn goes on.
    Nothing,
    /// The reader has everything.
    Complete,
}

impl Follower {
    /// Every event behind `after`, until the terminal one. Fails before the first event when there
    /// is no such stream.
    pub async fn follow(
        &self,
        tenant: &TenantId,
        stream: StreamId,
        after: u64,
    ) -> Result<impl Stream<Item = LoggedEvent> + Send + use<>, FollowError> {
        let mut place = self.place(tenant, stream, after);
        match self.look(tenant, stream, after).await? {
            Look::Events(events) => place.take(events),
            Look::Nothing => {}
            Look::Complete => place.over = true,
        }
        Ok(place.events())
    }

    /// The events of a turn in this process, from the first; goes on from the log when it falls
    /// behind.
    pub fn live(
        &self,
        tenant: &TenantId,
        stream: StreamId,
        receiver: broadcast::Receiver<Arc<LoggedEvent>>,
    ) -> impl Stream<Item = LoggedEvent> + Send + use<> {
        let mut place = self.place(tenant, stream, 0);
        place.live = Some(receiver);
        place.events()
    }

    fn place(&self, tenant: &TenantId, stream: StreamId, after: u64) -> Place {
        Place {
            follower: self.clone(),
            tenant: tenant.clone(),
            stream,
            after,
            ready: Vec::new(),
            live: None,
            over: false,
            pause: POLL_MIN,
            failures: 0,
        }
    }

    async fn look(
        &self,
        tenant: &TenantId,
        stream: StreamId,
        after: u64,
    ) -> Result<Look, FollowError> {
        let events = self.log.read(tenant, stream, after).await?;
        if !events.is_empty() {
            return Ok(Look::Events(events));
        }
        let asked = stream.reply.question();
        let message = self.messages.message(tenant, stream.session, asked).await?;
        match message.status_at(self.clock.now()) {
            MessageStatus::Pending => Ok(Look::Nothing),
            MessageStatus::Interrupted => self.interrupted(tenant, stream, after).await,
            MessageStatus::Complete | MessageStatus::Failed => {
                self.rest(tenant, stream, after).await
            }
        }
    }

    /// The turn is over and the log has nothing behind `after`, at the first look: either it ended
    /// between that look and this, or the reader has seen the end, or it has seen events that died
    /// with the function before they were logged and is owed the end that was written instead.
    async fn rest(
        &self,
        tenant: &TenantId,
        stream: StreamId,
        after: u64,
    ) -> Result<Look, FollowError> {
        let mut last = None;
        let mut position = 0;
        loop {
            let events = self.log.read(tenant, stream, position).await?;
            let Some(newest) = events.last() else { break };
            position = newest.id;
            last = Some(newest.clone());
            let unseen: Vec<_> = events.into_iter().filter(|event| event.id > after).collect();
            if !unseen.is_empty() {
                return Ok(Look::Events(unseen));
            }
        }
        match last {
            None => Err(FollowError::Expired),
            Some(end) if end.id == after => Ok(Look::Complete),
            Some(end) => Ok(Look::Events(vec![behind(end, after)])),
        }
    }

    /// The turn died. The first reader to notice writes the end that it did not reach; of several
    /// at once one wins, and the others read what that one wrote.
    async fn interrupted(
        &self,
        tenant: &TenantId,
        stream: StreamId,
        after: u64,
    ) -> Result<Look, FollowError> {
        let mut last_id = 0;
        loop {
            let events = self.log.read(tenant, stream, last_id).await?;
            let Some(newest) = events.last() else { break };
            last_id = newest.id;
            if newest.terminal {
                return self.rest(tenant, stream, after).await;
            }
        }
        let (name, data) = (self.wire.event)(&TurnEvent::Failed {
            code: "TURN_INTERRUPTED",
            message: "the turn was interrupted before it could answer; ask again".to_owned(),
        });
        let end = LoggedEvent { id: last_id + 1, name, data, terminal: true };
        let expires_at = self.clock.now() + crate::EVENTS_KEPT;
        match self.log.append(tenant, stream, std::slice::from_ref(&end), expires_at).await {
            Ok(()) => Ok(Look::Events(vec![behind(end, after)])),
            Err(StoreError::Contended) => self.rest(tenant, stream, after).await,
            Err(error) => Err(error.into()),
        }
    }
}

/// The end of a stream for a reader who has seen more events than were logged before the function
/// died: it comes behind them all.
fn behind(end: LoggedEvent, after: u64) -> LoggedEvent {
    LoggedEvent { id: end.id.max(after.saturating_add(1)), ..end }
}

impl Place {
    fn events(self) -> impl Stream<Item = LoggedEvent> + Send {
        stream::unfold(self, |mut place| async move {
            let event = place.next().await?;
            Some((event, place))
        })
    }

    fn take(&mut self, mut events: Vec<LoggedEvent>) {
        events.reverse();
        self.ready = events;
        self.pause = POLL_MIN;
    }

    async fn next(&mut self) -> Option<LoggedEvent> {
        loop {
            if self.over {
                return None;
            }
            if let Some(event) = self.ready.pop() {
                return Some(self.hand_out(event));
            }
            if let Some(receiver) = &mut self.live {
                match receiver.recv().await {
                    Ok(event) => return Some(self.hand_out((*event).clone())),
                    // It fell behind, or the turn is gone without an end: the log knows more.
                    Err(_) => self.live = None,
                }
                continue;
            }
            self.look_again().await;
        }
    }

    fn hand_out(&mut self, event: LoggedEvent) -> LoggedEvent {
        self.after = event.id;
        self.over = event.terminal;
        event
    }

    async fn look_again(&mut self) {
        sleep(self.pause).await;
        self.pause = (self.pause * 3 / 2).min(POLL_MAX);
        match self.follower.look(&self.tenant, self.stream, self.after).await {
            Ok(Look::Events(events)) => {
                self.failures = 0;
                self.take(events);
            }
            Ok(Look::Nothing) => self.failures = 0,
            Ok(Look::Complete) => self.over = true,
            // The session was deleted, or the turn's events were never logged: a stream ends with a
            // terminal event all the same.
            Err(error @ (FollowError::NotFound | FollowError::Expired)) => {
                let failed = TurnEvent::Failed { code: error.code(), message: error.to_string() };
                let (name, data) = (self.follower.wire.event)(&failed);
                self.take(vec![LoggedEvent { id: self.after + 1, name, data, terminal: true }]);
            }
            Err(FollowError::Store(error)) => {
                self.failures += 1;
                tracing::warn!(error = %error, failures = self.failures, "a stream cannot be read");
                self.over = self.failures >= MAX_FAILURES;
            }
        }
    }
}
