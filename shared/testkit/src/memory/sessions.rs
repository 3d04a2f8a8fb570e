//! Single sessions, and their end.

use std::collections::BTreeMap;

use async_trait::async_trait;
use conversation::{
    session::Session,
    store::{Claim, Claimed, Reference, SessionEraser, SessionPatch, SessionStore, StoreError},
};
use model::{SessionId, TenantId};

use super::{Conversation, MemoryStore, NO_SESSION, Tenant};

impl Tenant {
    /// Opens a session, or finds that this very session was opened before.
    pub(super) fn open(&mut self, session: &Session) -> Result<(), StoreError> {
        match self.sessions.get(&session.id) {
            Some(found) if found.session.created_at == session.created_at => Ok(()),
            Some(_) => Err(StoreError::Contended),
            None => {
                let conversation =
                    Conversation { session: session.clone(), messages: BTreeMap::new() };
                self.sessions.insert(session.id, conversation);
                Ok(())
            }
        }
    }
}

#[async_trait]
impl SessionStore for MemoryStore {
    async fn create(
        &self,
        tenant: &TenantId,
        session: &Session,
        claim: Option<&Claim>,
    ) -> Result<Claimed, StoreError> {
        let now = self.clock.now();
        let leads_to = Reference { session: session.id, message: None, finished: true };
        self.with(tenant, |tenant| {
            if let Some(claim) = claim {
                match tenant.earlier(claim, now)? {
                    Some(Claimed::Repeated(first)) if first == leads_to => {
                        return Ok(Claimed::Fresh);
                    }
                    Some(repeated) => return Ok(repeated),
                    None => {}
                }
            }
            tenant.open(session)?;
            if let Some(claim) = claim {
                tenant.claim(claim, leads_to, now);
            }
            Ok(Claimed::Fresh)
        })
    }

    async fn read(&self, tenant: &TenantId, id: SessionId) -> Result<Session, StoreError> {
        self.with(tenant, |tenant| Ok(tenant.conversation(id)?.session.clone()))
    }

    async fn update(
        &self,
        tenant: &TenantId,
        id: SessionId,
        patch: &SessionPatch,
    ) -> Result<Session, StoreError> {
        self.with(tenant, |tenant| {
            let session = &mut tenant.conversation_mut(id)?.session;
            if let Some(name) = &patch.name {
                session.name.clone_from(name);
            }
            if let Some(metadata) = &patch.metadata {
                session.metadata.clone_from(metadata);
            }
            if let Some(system_prompt) = &patch.system_prompt {
                session.system_prompt.clone_from(system_prompt);
            }
            Ok(session.clone())
        })
    }
}

#[async_trait]
impl SessionEraser for MemoryStore {
    async fn erase(&self, tenant: &TenantId, id: SessionId) -> Result<(), StoreError> {
        self.with(tenant, |tenant| {
            let streams = tenant.streams.len();
            tenant.streams.retain(|stream, _| stream.session != id);
            let had_streams = tenant.streams.len() < streams;
            let had_session = tenant.sessions.remove(&id).is_some();
            if had_session || had_streams { Ok(()) } else { Err(NO_SESSION) }
        })
    }
}
