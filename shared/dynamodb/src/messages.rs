//! Single messages.

use async_trait::async_trait;
use conversation::{
    session::Message,
    store::{MessageStore, SessionStore, StoreError},
};
use futures::future::try_join;
use model::{MessageId, SessionId, TenantId};

use crate::{DynamoStore, keys};

#[async_trait]
impl MessageStore for DynamoStore {
    async fn message(
        &self,
        tenant: &TenantId,
        session: SessionId,
        id: MessageId,
    ) -> Result<Message, StoreError> {
        let message = async { Ok(self.get(keys::message(tenant, session, id)).await?) };
        // A session that is being deleted takes its messages with it at once.
        let (_, item) = try_join(self.read(tenant, session), message).await?;
        let item = item.ok_or(StoreError::NotFound { what: "message" })?;
        match self.read_whole_message(tenant, session, item, None).await {
            Ok(message) => Ok(message),
            Err(error) => Err(self.explained(tenant, session, error).await),
        }
    }
}
