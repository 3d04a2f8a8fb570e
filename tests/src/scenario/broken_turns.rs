//! Turns that die, run out of time or panic: each stream ends, each message says what became of it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chat_edge::{Deps, Ports, Stores};
use conversation::{
    follow::{FollowError, Follower},
    session::{Message, MessageStatus, Session, Speaker, TURN_LIMIT},
    store::{EventLog, LoggedEvent, TurnSession, TurnStart, TurnStore},
    turn::{ModelChoice, Opened, TurnRequest},
};
use futures::{StreamExt, future::join_all};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use llm::{Chain, Limits};
use model::{
    Caller, Clock, MessageId, Principal, Role, SessionId, StreamId, SystemClock, TenantId,
};
use module::{ModuleError, OperationCall, Operations};
use serde_json::{Map, Value};
use testkit::{FixedOperations, FrozenClock, MemoryStore};

use crate::support::app::{config, tenant};

/// A turn that has logged three events and never comes back.
struct DeadTurn {
    follower: Follower,
    store: Arc<MemoryStore>,
    clock: Arc<FrozenClock>,
    tenant: TenantId,
    stream: StreamId,
}

impl DeadTurn {
    async fn new() -> Self {
        let now = Timestamp::now();
        let clock = Arc::new(FrozenClock::new(now));
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let tenant = tenant();
        let (start, stream) = turn(now);
        store.begin(&tenant, &start).await.unwrap();
        let events: Vec<LoggedEvent> = (1..=3).map(event).collect();
        let expires_at = now + conversation::EVENTS_KEPT;
        store.append(&tenant, stream, &events, expires_at).await.unwrap();
        let follower = Follower {
            log: store.clone(),
            messages: store.clone(),
            clock: clock.clone(),
            wire: chat_edge::WIRE,
        };
        Self { follower, store, clock, tenant, stream }
    }

    fn time_is_up(&self) {
        self.clock.set(self.clock.now() + TURN_LIMIT + SignedDuration::from_secs(1));
    }

    async fn read(&self, after: u64) -> Result<Vec<LoggedEvent>, FollowError> {
        let events = self.follower.follow(&self.tenant, self.stream, after).await?;
        Ok(events.collect().await)
    }
}

fn event(id: u64) -> LoggedEvent {
    let data = format!("{{\"text\":\"{id}\"}}");
    LoggedEvent { id, name: "content_delta".to_owned(), data, terminal: false }
}

/// A turn in a session of its own, and its stream.
pub(super) fn turn(now: Timestamp) -> (TurnStart, StreamId) {
    let session = Session {
        id: SessionId::new(now),
        name: None,
        metadata: Map::new(),
        system_prompt: None,
        created_by: "key:test".to_owned(),
        created_at: now,
        last_activity: now,
        message_count: 0,
        state: None,
    };
    let message = Message {
        id: MessageId::new(now),
        session: session.id,
        speaker: Speaker::User,
        content: "error rate of payment".to_owned(),
        status: MessageStatus::Pending,
        created_at: now,
        metadata: Map::new(),
        details: Value::Null,
    };
    let stream = StreamId { session: session.id, reply: message.id.reply() };
    (TurnStart { session: TurnSession::New(session.into()), message, claim: None }, stream)
}

#[tokio::test]
async fn the_stream_of_a_dead_turn_ends_for_everybody_alike() {
    let dead = DeadTurn::new().await;
    dead.time_is_up();
    let readers = join_all((0..3).map(|_| dead.read(1))).await;
    for read in readers {
        let read = read.unwrap();
        let ids: Vec<u64> = read.iter().map(|event| event.id).collect();
        assert_eq!(ids, [2, 3, 4]);
        let end = read.last().unwrap();
        assert!(end.terminal && end.name == "error" && end.data.contains("TURN_INTERRUPTED"));
    }
    // Whoever has seen the end gets nothing more.
    assert_eq!(dead.read(4).await.unwrap(), []);
}

/// A reader may have seen events that died with the function before they were logged. What it is
/// told of the end comes behind them, and changes nothing for others.
#[tokio::test]
async fn a_reader_who_has_seen_more_is_told_the_end_too() {
    let dead = DeadTurn::new().await;
    dead.time_is_up();
    for after in [10, 999_999_999_999, u64::MAX] {
        let read = dead.read(after).await.unwrap();
        assert_eq!(read.len(), 1, "{read:?}");
        assert!(read[0].terminal && read[0].id >= after);
    }
    let ids: Vec<u64> = dead.read(0).await.unwrap().iter().map(|event| event.id).collect();
    assert_eq!(ids, [1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_reader_of_a_turn_that_dies_is_told_when_its_time_is_up() {
    let dead = DeadTurn::new().await;
    let events = dead.follower.follow(&dead.tenant, dead.stream, 3).await.unwrap();
    let reading = tokio::spawn(events.collect::<Vec<_>>());
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert!(!reading.is_finished());
    dead.time_is_up();
    let read = reading.await.unwrap();
    assert_eq!(read.len(), 1);
    assert!(read[0].terminal && read[0].data.contains("TURN_INTERRUPTED"));
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_when_its_session_is_deleted() {
    use conversation::store::SessionEraser;
    let turn = DeadTurn::new().await;
    let events = turn.follower.follow(&turn.tenant, turn.stream, 3).await.unwrap();
    let reading = tokio::spawn(events.collect::<Vec<_>>());
    turn.store.erase(&turn.tenant, turn.stream.session).await.unwrap();
    let read = reading.await.unwrap();
    assert!(read[0].terminal && read[0].data.contains("NOT_FOUND"), "{read:?}");
    assert!(matches!(turn.read(0).await, Err(FollowError::NotFound)));
}

/// Panics where a query is run.
struct Broken;

#[async_trait]
impl Operations for Broken {
    async fn run(&self, call: &OperationCall) -> Result<Value, ModuleError> {
        assert_eq!(call.operation, module::METRICS_CATALOG, "an operation of this module panics");
        FixedOperations::default().run(call).await
    }
}

async fn end_of(operations: Arc<dyn Operations>, limit: Duration) -> (MessageStatus, &'static str) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Arc::new(MemoryStore::new(Arc::clone(&clock)));
    let ports = Ports {
        stores: Stores::of(store),
        operations,
        models: Chain::new(Vec::new(), Limits::default()),
        clock,
    };
    let deps = Deps::new(&config(&[]), ports, limit).unwrap();
    let request = TurnRequest {
        caller: Caller {
            tenant: tenant(),
            principal: Principal::User("ada".to_owned()),
            role: Role::Developer,
            scopes: Vec::new(),
        },
        session: None,
        content: "error rate of payment in the last hour".to_owned(),
        metadata: Map::new(),
        model: ModelChoice::Configured,
        zone: TimeZone::UTC,
        claim: None,
        request_id: "req_1".to_owned(),
        traceparent: None,
    };
    let Opened::Turn(turn) = deps.turns.open(request).await.unwrap() else { panic!("repeated") };
    let finished = deps.turns.run(*turn, None).await.unwrap();
    (finished.reply.status, finished.answered.error.unwrap_or("none"))
}

#[tokio::test]
async fn a_turn_that_panics_ends_as_failed() {
    let end = end_of(Arc::new(Broken), Duration::from_secs(5)).await;
    assert_eq!(end, (MessageStatus::Failed, "INTERNAL"));
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_takes_too_long_ends_as_failed() {
    let slow = Arc::new(FixedOperations::slow(Duration::from_secs(60)));
    let end = end_of(slow, Duration::from_secs(5)).await;
    assert_eq!(end, (MessageStatus::Failed, "TIMEOUT"));
}
