//! Sessions, messages and events to store.

use conversation::{
    session::{Message, MessageStatus, Session, Speaker},
    store::{Claim, LoggedEvent, PageRequest, TurnEnd, TurnSession, TurnStart},
};
use jiff::{SignedDuration, Timestamp};
use model::{MessageId, SessionId, StreamId};
use serde_json::{Map, Value, json};

/// So many milliseconds into the test.
pub(crate) fn moment(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_790_000_000_000 + ms).unwrap()
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("not an object: {other}"),
    }
}

pub(crate) fn session(ms: i64) -> Session {
    Session {
        id: SessionId::new(moment(ms)),
        name: Some("Grüße 🚀".to_owned()),
        metadata: object(json!({"z": 1, "a": {"deep": [1.5, null, ""]}, "big": u64::MAX})),
        system_prompt: Some("be brief".to_owned()),
        created_by: "key:abcdefghijklmnop".to_owned(),
        created_at: moment(ms),
        last_activity: moment(ms),
        message_count: 0,
        state: None,
    }
}

pub(crate) fn question(session: SessionId, ms: i64) -> Message {
    Message {
        id: MessageId::new(moment(ms)),
        session,
        speaker: Speaker::User,
        content: format!("What is the error rate at {ms}?"),
        status: MessageStatus::Pending,
        created_at: moment(ms),
        metadata: object(json!({"client": "cli"})),
        details: Value::Null,
    }
}

pub(crate) fn answer(question: &Message, ms: i64) -> Message {
    Message {
        id: question.id.reply(),
        session: question.session,
        speaker: Speaker::Assistant,
        content: format!("2.5 % — “{}”", question.content),
        status: MessageStatus::Complete,
        created_at: moment(ms),
        metadata: Map::new(),
        details: json!({"intent": "analyze_errors", "queries": [{"query": "rate(x[5m])"}]}),
    }
}

/// The message as a turn loads it.
pub(crate) fn said(message: &Message) -> Message {
    Message { details: Value::Null, ..message.clone() }
}

pub(crate) fn claim(key: &str, body: &str) -> Claim {
    Claim { key: key.to_owned(), body_hash: format!("{body:0>64}") }
}

pub(crate) fn begin_new(session: &Session, message: &Message) -> TurnStart {
    TurnStart {
        session: TurnSession::New(session.clone().into()),
        message: message.clone(),
        claim: None,
    }
}

pub(crate) fn begin(message: &Message) -> TurnStart {
    TurnStart {
        session: TurnSession::Existing(message.session),
        message: message.clone(),
        claim: None,
    }
}

pub(crate) fn end(reply: &Message) -> TurnEnd {
    TurnEnd {
        reply: reply.clone(),
        state: Some("state".to_owned()),
        last_events: vec![],
        events_expire_at: moment(0) + SignedDuration::from_hours(1),
        claim: None,
    }
}

pub(crate) fn stream(reply: &Message) -> StreamId {
    StreamId { session: reply.session, reply: reply.id }
}

/// Events with these ids.
pub(crate) fn events(ids: impl IntoIterator<Item = u64>) -> Vec<LoggedEvent> {
    ids.into_iter().map(|id| event(id, &format!(r#"{{"text":"word {id}"}}"#))).collect()
}

pub(crate) fn event(id: u64, data: &str) -> LoggedEvent {
    LoggedEvent { id, name: "content_delta".to_owned(), data: data.to_owned(), terminal: false }
}

pub(crate) fn page(limit: usize, cursor: Option<String>) -> PageRequest {
    PageRequest { limit, cursor, newest_first: false }
}
