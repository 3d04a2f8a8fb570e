//! What a chat turn reads and writes.

use async_trait::async_trait;
use conversation::{
    session::{Message, MessageStatus, Session},
    store::{
        Claimed, MessageStore, Reference, StoreError, TurnEnd, TurnSession, TurnStart, TurnStore,
    },
};
use model::{MessageId, SessionId, StreamId, TenantId};
use serde_json::Value;

use super::{MemoryStore, Tenant};

const NO_MESSAGE: StoreError = StoreError::NotFound { what: "message" };

impl Tenant {
    /// Finds or opens the session that a turn goes into; whether the turn's message is in it
    /// already.
    fn enter(&mut self, start: &TurnStart) -> Result<bool, StoreError> {
        let message = start.message.id;
        match &start.session {
            TurnSession::Existing(id) => {
                Ok(self.conversation(*id)?.messages.contains_key(&message))
            }
            TurnSession::New(session) => match self.sessions.get(&session.id) {
                Some(found) if found.messages.contains_key(&message) => Ok(true),
                Some(_) => Err(StoreError::Contended),
                None => self.open(session).map(|()| false),
            },
        }
    }

    fn write_start(&mut self, start: &TurnStart) -> Result<(), StoreError> {
        let Message { id, session, created_at, .. } = start.message;
        let conversation = self.conversation_mut(session)?;
        conversation.messages.insert(id, start.message.clone());
        conversation.session.message_count += 1;
        conversation.session.last_activity = created_at;
        Ok(())
    }

    fn write_end(&mut self, end: &TurnEnd) -> Result<(), StoreError> {
        let Message { id, session, created_at, .. } = end.reply;
        let conversation = self.conversation_mut(session)?;
        if conversation.messages.contains_key(&id) {
            return Ok(());
        }
        if !conversation.messages.contains_key(&id.question()) {
            return Err(NO_MESSAGE);
        }
        if !end.last_events.is_empty() {
            let stream = StreamId { session, reply: id };
            self.append(stream, &end.last_events, end.events_expire_at)?;
        }
        let conversation = self.conversation_mut(session)?;
        if let Some(question) = conversation.messages.get_mut(&id.question()) {
            question.status = MessageStatus::Complete;
        }
        conversation.messages.insert(id, end.reply.clone());
        conversation.session.message_count += 1;
        conversation.session.last_activity = created_at;
        if end.state.is_some() {
            conversation.session.state.clone_from(&end.state);
        }
        if let Some(claim) = &end.claim {
            self.finish_claim(claim, id.question());
        }
        Ok(())
    }
}

#[async_trait]
impl TurnStore for MemoryStore {
    async fn load(
        &self,
        tenant: &TenantId,
        session: SessionId,
        limit: usize,
    ) -> Result<(Session, Vec<Message>), StoreError> {
        self.with(tenant, |tenant| {
            let conversation = tenant.conversation(session)?;
            let messages = conversation.messages.values().rev().take(limit);
            let said = messages.map(|found| Message { details: Value::Null, ..found.clone() });
            let mut newest: Vec<Message> = said.collect();
            newest.reverse();
            Ok((conversation.session.clone(), newest))
        })
    }

    async fn begin(&self, tenant: &TenantId, start: &TurnStart) -> Result<Claimed, StoreError> {
        let now = self.clock.now();
        let Message { id, session, .. } = start.message;
        self.with(tenant, |tenant| {
            if let Some(claim) = &start.claim {
                match tenant.earlier(claim, now)? {
                    Some(Claimed::Repeated(first)) if first.message == Some(id) => {
                        return Ok(Claimed::Fresh);
                    }
                    Some(repeated) => return Ok(repeated),
                    None => {}
                }
            }
            if tenant.enter(start)? {
                return Ok(Claimed::Fresh);
            }
            tenant.write_start(start)?;
            if let Some(claim) = &start.claim {
                let leads_to = Reference { session, message: Some(id), finished: false };
                tenant.claim(claim, leads_to, now);
            }
            Ok(Claimed::Fresh)
        })
    }

    async fn finish(&self, tenant: &TenantId, end: &TurnEnd) -> Result<(), StoreError> {
        self.with(tenant, |tenant| tenant.write_end(end))
    }
}

#[async_trait]
impl MessageStore for MemoryStore {
    async fn message(
        &self,
        tenant: &TenantId,
        session: SessionId,
        id: MessageId,
    ) -> Result<Message, StoreError> {
        self.with(tenant, |tenant| {
            tenant.conversation(session)?.messages.get(&id).cloned().ok_or(NO_MESSAGE)
        })
    }
}
