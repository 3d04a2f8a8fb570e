//! The ports to what is kept: sessions, messages and event logs.
//!
//! Each port takes the tenant first. Fakes (`testkit`) and the real adapters pass the same contract
//! suite in the workspace's `tests`.

use async_trait::async_trait;
use jiff::Timestamp;
use model::{Classified, ErrorClass, MessageId, SessionId, StreamId, TenantId};
use serde_json::{Map, Value};

use crate::session::{Message, Session};

/// Why a store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("there is no {what} with this id")]
    NotFound { what: &'static str },
    #[error("the Idempotency-Key was used before with another request body")]
    IdempotencyMismatch,
    #[error("the first request with this Idempotency-Key is still running")]
    IdempotencyInProgress,
    #[error("the cursor is not one that this listing gave out")]
    BadCursor,
    #[error("the session changed while it was being written")]
    Contended,
    #[error("the store is throttled")]
    Throttled,
    #[error("the store does not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("a stored item cannot be read: {0}")]
    Corrupt(String),
    /// The store refused a request that we should not have made.
    #[error("the store refused a request")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Classified for StoreError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::NotFound { .. } => ErrorClass::NotFound,
            Self::IdempotencyMismatch | Self::IdempotencyInProgress | Self::Contended => {
                ErrorClass::Conflict
            }
            Self::BadCursor => ErrorClass::Invalid,
            // A full table is our capacity, not the caller's rate: they are told to come back.
            Self::Throttled | Self::Unavailable(_) => ErrorClass::Unavailable,
            Self::Corrupt(_) | Self::Refused(_) => ErrorClass::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "NOT_FOUND",
            Self::IdempotencyMismatch => "IDEMPOTENCY_MISMATCH",
            Self::IdempotencyInProgress => "IDEMPOTENCY_IN_PROGRESS",
            Self::BadCursor => "INVALID_CURSOR",
            Self::Contended => "CONFLICT",
            Self::Throttled | Self::Unavailable(_) => "STORE_UNAVAILABLE",
            Self::Corrupt(_) | Self::Refused(_) => "INTERNAL",
        }
    }
}

/// A caller's promise that requests with this key are one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The `Idempotency-Key`, with the route and principal it belongs to; at most 512 bytes.
    pub key: String,
    /// Hex SHA-256 of the request's body.
    pub body_hash: String,
}

/// What the first request with a claim led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    pub session: SessionId,
    /// The user's message, when the request was a turn.
    pub message: Option<MessageId>,
    /// Whether the first request has come to its end.
    pub finished: bool,
}

/// The answer to a write that may have been made before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// It is new and was written now.
    Fresh,
    /// The same request was made before; nothing was written.
    Repeated(Reference),
}

/// What the items of a page may hold together, by their `json_bytes`. A response of a Lambda
/// function has at most 6 MB, in which JSON is quoted once more.
pub const MAX_PAGE_BYTES: usize = 4 * 1024 * 1024;

/// A part of a listing to read.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    /// A page may hold fewer items than its limit, never none while there are some.
    pub limit: usize,
    /// As an earlier page gave it out; opaque.
    pub cursor: Option<String>,
    pub newest_first: bool,
}

/// A part of a listing.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the listing goes on, behind the last item; `None` when that was the last of all.
    pub next_cursor: Option<String>,
}

/// What may be changed about a session by hand; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct SessionPatch {
    /// `Some(None)` removes the name.
    pub name: Option<Option<String>>,
    pub metadata: Option<Map<String, Value>>,
    pub system_prompt: Option<Option<String>>,
}

/// Single sessions.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Opens a session. With a claim that was made before by the same request, nothing is written.
    async fn create(
        &self,
        tenant: &TenantId,
        session: &Session,
        claim: Option<&Claim>,
    ) -> Result<Claimed, StoreError>;

    async fn read(&self, tenant: &TenantId, id: SessionId) -> Result<Session, StoreError>;

    async fn update(
        &self,
        tenant: &TenantId,
        id: SessionId,
        patch: &SessionPatch,
    ) -> Result<Session, StoreError>;
}

/// All of a tenant's sessions and all of a session's messages.
#[async_trait]
pub trait Listings: Send + Sync {
    /// By last activity, newest first whatever the request says; up to [`MAX_PAGE_BYTES`] a page,
    /// unless its first session alone has more.
    async fn sessions(
        &self,
        tenant: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<Session>, StoreError>;

    /// In the order they were said, or the reverse, with their details; up to [`MAX_PAGE_BYTES`] a
    /// page, unless its first message alone has more. `NotFound` when the session is not there.
    async fn messages(
        &self,
        tenant: &TenantId,
        session: SessionId,
        page: &PageRequest,
    ) -> Result<Page<Message>, StoreError>;
}

/// Deletes sessions.
#[async_trait]
pub trait SessionEraser: Send + Sync {
    /// Deletes the session with every message and stream of it, in the table and in the blob store.
    /// The session is invisible from the first write on; calling it again after a failure carries
    /// on where that one stopped. `NotFound` when nothing is left.
    async fn erase(&self, tenant: &TenantId, id: SessionId) -> Result<(), StoreError>;
}

/// The session that a turn is part of.
#[derive(Debug, Clone, PartialEq)]
pub enum TurnSession {
    /// Opened by this turn.
    New(Box<Session>),
    Existing(SessionId),
}

impl TurnSession {
    pub fn id(&self) -> SessionId {
        match self {
            Self::New(session) => session.id,
            Self::Existing(id) => *id,
        }
    }
}

/// What is written when a turn begins: the user's message, `Pending`.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnStart {
    pub session: TurnSession,
    pub message: Message,
    pub claim: Option<Claim>,
}

/// What is written, all or nothing, when a turn ends.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnEnd {
    /// The reply; its id is the user's message's `reply()`. The user's message becomes `Complete`.
    pub reply: Message,
    /// The session's new state; `None` leaves it as it was. Its last activity becomes the reply's
    /// time.
    pub state: Option<String>,
    /// The last events of the turn's stream, terminal event included; empty when nobody streams.
    pub last_events: Vec<LoggedEvent>,
    /// When those events may be forgotten.
    pub events_expire_at: Timestamp,
    /// The claim to mark as finished.
    pub claim: Option<Claim>,
}

/// What a chat turn reads and writes.
#[async_trait]
pub trait TurnStore: Send + Sync {
    /// The session and its newest `limit` messages, which may be none, oldest first: one read.
    /// Details are left out (null): a turn reads only what was said, and they are many times as
    /// large.
    async fn load(
        &self,
        tenant: &TenantId,
        session: SessionId,
        limit: usize,
    ) -> Result<(Session, Vec<Message>), StoreError>;

    /// Writes the user's message, and the session when it is new. `NotFound` when an existing
    /// session is not there (any more). A claim whose first request is unfinished and older than
    /// [`crate::session::TURN_LIMIT`] is taken over.
    async fn begin(&self, tenant: &TenantId, start: &TurnStart) -> Result<Claimed, StoreError>;

    /// One transaction. Repeating it after an unclear outcome is harmless. `NotFound` when the
    /// session was deleted in the meantime; nothing is written then.
    async fn finish(&self, tenant: &TenantId, end: &TurnEnd) -> Result<(), StoreError>;
}

/// Single messages.
#[async_trait]
pub trait MessageStore: Send + Sync {
    async fn message(
        &self,
        tenant: &TenantId,
        session: SessionId,
        id: MessageId,
    ) -> Result<Message, StoreError>;
}

/// One event of a stream as it is kept and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedEvent {
    /// 1, 2, 3, … without gaps within a stream.
    pub id: u64,
    /// The SSE event name.
    pub name: String,
    /// JSON text.
    pub data: String,
    /// Whether the stream ends with it.
    pub terminal: bool,
}

/// The events of a turn, kept for a while so that a reader can come back.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Appends events with consecutive ids, visible together, gone after `expires_at`. Writing the
    /// same events again is harmless; `Contended` when other events stand under the last id.
    async fn append(
        &self,
        tenant: &TenantId,
        stream: StreamId,
        events: &[LoggedEvent],
        expires_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// The events with ids above `after`, in order, as many as one read gives. Empty when there are
    /// none (yet): whether the stream exists is the messages' to say.
    async fn read(
        &self,
        tenant: &TenantId,
        stream: StreamId,
        after: u64,
    ) -> Result<Vec<LoggedEvent>, StoreError>;
}

/// Content too large for the table. Keys are made by the table's adapter and begin with
/// `tenants/<tenant>/`.
#[async_trait]
pub trait BlobStore: Send + Sync {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError>;
    async fn get(&self, key: &str) -> Result<Vec<u8>, StoreError>;
    async fn delete_prefix(&self, prefix: &str) -> Result<(), StoreError>;
}
