//! Messages as items, and their bodies in the blob store when they are too large for one. What a
//! reply holds besides its text is in an item of its own: [`crate::details`].
//!
//! The blob is written before the item that points to it, so an item never points to nothing; a
//! blob whose item was refused is taken away again.

use aws_sdk_dynamodb::types::AttributeValue;
use conversation::{
    session::{Message, MessageStatus, Speaker},
    store::StoreError,
};
use futures::future::try_join;
use model::{MessageId, SessionId, TenantId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    DynamoStore, Item,
    failure::Failure,
    fields::{Fields, instant, text},
    items::{json_text, key_item},
    keys,
    paging::sort_of,
};

/// Contents above this are kept outside: a page of history should stay within one read.
const MAX_INLINE_CONTENT_BYTES: usize = 100 * 1024;
/// DynamoDB's limit is 400 KB for an item with its attribute names.
pub(crate) const MAX_INLINE_BODY_BYTES: usize = 350 * 1024;
/// How many messages are read at once where their bodies are in the blob store.
pub(crate) const CONCURRENT_READS: usize = 8;
/// Names the blob that holds what the item does not.
pub(crate) const BLOB: &str = "blob_key";
/// On a message with an item of details beside it.
const HAS_DETAILS: &str = "has_details";

/// What a blob holds of a message.
#[derive(Serialize, Deserialize)]
struct Body {
    content: String,
    metadata: Map<String, Value>,
}

/// All that is written of a message.
#[derive(Clone)]
pub(crate) struct MessageItems {
    pub(crate) message: Item,
    pub(crate) details: Option<Item>,
}

impl DynamoStore {
    /// The message's items, after the blobs that they need were written.
    pub(crate) async fn message_items(
        &self,
        tenant: &TenantId,
        message: &Message,
    ) -> Result<MessageItems, StoreError> {
        let (message, details) =
            try_join(self.message_item(tenant, message), self.details_item(tenant, message))
                .await?;
        Ok(MessageItems { message, details })
    }

    async fn message_item(&self, tenant: &TenantId, message: &Message) -> Result<Item, StoreError> {
        let metadata = json_text(&message.metadata)?;
        let mut item = key_item(keys::message(tenant, message.session, message.id));
        item.extend(
            [
                ("speaker", message.speaker.name().to_owned()),
                ("message_status", message.status.name().to_owned()),
                ("created_at", instant(message.created_at)),
            ]
            .map(|(name, value)| (name.to_owned(), text(value))),
        );
        if !message.details.is_null() {
            item.insert(HAS_DETAILS.to_owned(), AttributeValue::Bool(true));
        }
        let size = message.content.len() + metadata.len();
        if message.content.len() > MAX_INLINE_CONTENT_BYTES || size > MAX_INLINE_BODY_BYTES {
            let key = keys::message_blob(tenant, message.session, message.id);
            let body =
                Body { content: message.content.clone(), metadata: message.metadata.clone() };
            let bytes =
                serde_json::to_vec(&body).map_err(|error| StoreError::Refused(Box::new(error)))?;
            self.blobs.put(&key, bytes).await?;
            item.insert(BLOB.to_owned(), text(key));
        } else {
            item.insert("content".to_owned(), text(&message.content));
            item.insert("metadata".to_owned(), text(metadata));
        }
        Ok(item)
    }

    /// Takes away the blobs of a message whose items were not written. It is best effort: what stays
    /// behind is found by no one, and goes with its session.
    pub(crate) async fn discard_blobs(&self, items: &MessageItems) {
        for item in [Some(&items.message), items.details.as_ref()].into_iter().flatten() {
            if let Some(AttributeValue::S(key)) = item.get(BLOB) {
                let _ = self.blobs.delete_prefix(key).await;
            }
        }
    }

    /// The message without its details.
    pub(crate) async fn read_message(
        &self,
        session: SessionId,
        item: Item,
    ) -> Result<Message, StoreError> {
        let mut fields = Fields::new("message", item);
        let speaker = fields.named("speaker", speaker)?;
        let status = fields.named("message_status", MessageStatus::from_name)?;
        let id = message_id(&fields.text("sk")?)?;
        let created_at = fields.parsed("created_at")?;
        let body = match fields.optional_text(BLOB)? {
            Some(key) => {
                let bytes = self.blob(&key).await?;
                serde_json::from_slice(&bytes)
                    .map_err(|_| StoreError::Corrupt(format!("message blob {key}")))?
            }
            None => {
                Body { content: fields.text("content")?, metadata: fields.json_object("metadata")? }
            }
        };
        Ok(Message {
            id,
            session,
            speaker,
            content: body.content,
            status,
            created_at,
            metadata: body.metadata,
            details: Value::Null,
        })
    }

    /// The message with its details, whose item is read as well where it was not `found` before.
    pub(crate) async fn read_whole_message(
        &self,
        tenant: &TenantId,
        session: SessionId,
        item: Item,
        found: Option<Item>,
    ) -> Result<Message, StoreError> {
        let has_details = item.contains_key(HAS_DETAILS);
        let id = message_id(sort_of(&item)?)?;
        let details = async {
            if has_details {
                self.read_details(keys::details(tenant, session, id), found).await
            } else {
                Ok(Value::Null)
            }
        };
        let (message, details) = try_join(self.read_message(session, item), details).await?;
        Ok(Message { details, ..message })
    }

    /// A blob that an item points to: when it is missing, the item is worth nothing.
    pub(crate) async fn blob(&self, key: &str) -> Result<Vec<u8>, StoreError> {
        self.blobs.get(key).await.map_err(|error| match error {
            StoreError::NotFound { .. } => StoreError::Corrupt(format!("missing blob {key}")),
            other => other,
        })
    }
}

pub(crate) fn message_id(sort: &str) -> Result<MessageId, Failure> {
    sort.strip_prefix(keys::MESSAGE_PREFIX)
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| Failure::Corrupt("message: sk".to_owned()))
}

fn speaker(name: &str) -> Option<Speaker> {
    [Speaker::User, Speaker::Assistant].into_iter().find(|speaker| speaker.name() == name)
}
