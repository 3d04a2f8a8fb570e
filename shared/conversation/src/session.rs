//! What a conversation is made of. Plain data: the wire forms live in `contract`, the items in the
//! store's adapter.

use jiff::{SignedDuration, Timestamp};
use model::{MessageId, SessionId};
use serde::Serialize;
use serde_json::{Map, Value};

/// How long a turn may take before a message without a reply counts as interrupted: longer than any
/// function gives a turn, storing it included.
pub const TURN_LIMIT: SignedDuration = SignedDuration::from_secs(300);

/// A conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    pub id: SessionId,
    pub name: Option<String>,
    pub metadata: Map<String, Value>,
    /// What the tenant's engineer wants a model to be told first.
    pub system_prompt: Option<String>,
    /// The principal that opened it.
    pub created_by: String,
    pub created_at: Timestamp,
    pub last_activity: Timestamp,
    pub message_count: u32,
    /// What the conversation is about, as [`crate::state`] writes it; opaque to the store.
    pub state: Option<String>,
}

impl Session {
    /// How large its name, metadata and prompt are as JSON: what it adds to a response.
    pub fn json_bytes(&self) -> usize {
        json_bytes(&(&self.name, &self.metadata, &self.system_prompt))
    }
}

/// Quotes and escapes included.
fn json_bytes(value: &impl Serialize) -> usize {
    serde_json::to_vec(value).map_or(usize::MAX, |json| json.len())
}

/// Who said a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    User,
    Assistant,
}

impl Speaker {
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageStatus {
    /// A user's message whose reply is not there yet.
    Pending,
    Complete,
    /// A reply that broke off: what was said until then is kept.
    Failed,
    /// A user's message whose turn died without a reply. Never stored: it is what a `Pending`
    /// message becomes when its time is up.
    Interrupted,
}

impl MessageStatus {
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "pending" => Some(Self::Pending),
            "complete" => Some(Self::Complete),
            "failed" => Some(Self::Failed),
            _ => None,
        }
    }
}

/// One utterance or one reply.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub id: MessageId,
    pub session: SessionId,
    pub speaker: Speaker,
    pub content: String,
    pub status: MessageStatus,
    pub created_at: Timestamp,
    /// The client's own, kept as it came.
    pub metadata: Map<String, Value>,
    /// What a reply holds besides its text (intent, entities, queries, usage, …) in wire form; null
    /// on a user's message. Opaque to the store.
    pub details: Value,
}

impl Message {
    /// How large its content, metadata and details are as JSON: what it adds to a response.
    pub fn json_bytes(&self) -> usize {
        json_bytes(&(&self.content, &self.metadata, &self.details))
    }

    /// The status a reader should see at `now`.
    pub fn status_at(&self, now: Timestamp) -> MessageStatus {
        if self.status == MessageStatus::Pending && now.duration_since(self.created_at) > TURN_LIMIT
        {
            MessageStatus::Interrupted
        } else {
            self.status
        }
    }
}
