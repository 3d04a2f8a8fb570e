//! The store in memory: every port of it, with the meaning that the real one has. The contract
//! suite holds the two together.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use auth::KeyRecord;
use conversation::{
    session::{Message, Session},
    store::{LoggedEvent, Reference, StoreError},
};
use jiff::Timestamp;
use model::{Clock, KeyId, MessageId, SessionId, StreamId, SystemClock, TenantId};

mod access;
mod blobs;
mod claims;
mod events;
mod listings;
mod sessions;
mod turns;

pub use blobs::MemoryBlobs;

const NO_SESSION: StoreError = StoreError::NotFound { what: "session" };

/// One fake for all ports of the table. Clones share what they hold.
#[derive(Clone)]
pub struct MemoryStore {
    tenants: Arc<Mutex<HashMap<TenantId, Tenant>>>,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct Tenant {
    sessions: HashMap<SessionId, Conversation>,
    claims: HashMap<String, Claimant>,
    /// Chunks of events by their last id. Not inside the session: a stream may outlive it briefly.
    streams: HashMap<StreamId, BTreeMap<u64, Chunk>>,
    keys: HashMap<KeyId, KeyRecord>,
    /// Permits taken, by scope and window.
    rates: HashMap<(String, Timestamp), u32>,
}

struct Conversation {
    session: Session,
    messages: BTreeMap<MessageId, Message>,
}

/// Who has an idempotency key.
struct Claimant {
    body_hash: String,
    reference: Reference,
    claimed_at: Timestamp,
}

struct Chunk {
    events: Vec<LoggedEvent>,
    expires_at: Timestamp,
}

impl MemoryStore {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { tenants: Arc::default(), clock }
    }

    /// Every operation is one critical section, as every operation of the table is atomic.
    fn tenants(&self) -> MutexGuard<'_, HashMap<TenantId, Tenant>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, tenant: &TenantId, act: impl FnOnce(&mut Tenant) -> T) -> T {
        act(self.tenants().entry(tenant.clone()).or_default())
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new(Arc::new(SystemClock))
    }
}

impl Tenant {
    fn conversation(&self, id: SessionId) -> Result<&Conversation, StoreError> {
        self.sessions.get(&id).ok_or(NO_SESSION)
    }

    fn conversation_mut(&mut self, id: SessionId) -> Result<&mut Conversation, StoreError> {
        self.sessions.get_mut(&id).ok_or(NO_SESSION)
    }
}
