//! Chunks of a stream's events: as many in an item as fit well, named by the last one's id.

use aws_sdk_dynamodb::types::Put;
use conversation::store::{LoggedEvent, StoreError};
use jiff::Timestamp;
use model::{StreamId, TenantId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    DynamoStore, Item,
    body::BLOB,
    failure::Failure,
    fields::{Fields, text, ttl},
    items::key_item,
    keys,
};

/// A chunk is closed before it grows past this. Well below an item's limit, because text grows when
/// it is quoted.
const MAX_CHUNK_BYTES: usize = 128 * 1024;
/// A single event can be larger than a chunk; above this it is kept outside the table.
const MAX_INLINE_BYTES: usize = 350 * 1024;
/// What an event's fields add to its data.
const EVENT_OVERHEAD_BYTES: usize = 64;

#[derive(Serialize, Deserialize)]
struct WireEvent {
    id: u64,
    name: String,
    data: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    terminal: bool,
}

/// Cuts events into chunks, in order.
pub(crate) fn split(events: &[LoggedEvent]) -> Vec<&[LoggedEvent]> {
    let mut chunks = Vec::new();
    let (mut start, mut size) = (0, 0);
    for (index, event) in events.iter().enumerate() {
        let bytes = event.data.len() + event.name.len() + EVENT_OVERHEAD_BYTES;
        if size + bytes > MAX_CHUNK_BYTES && index > start {
            chunks.push(&events[start..index]);
            (start, size) = (index, 0);
        }
        size += bytes;
    }
    if start < events.len() {
        chunks.push(&events[start..]);
    }
    chunks
}

fn encode(events: &[LoggedEvent]) -> Result<String, Failure> {
    let wire: Vec<WireEvent> = events
        .iter()
        .map(|event| WireEvent {
            id: event.id,
            name: event.name.clone(),
            data: event.data.clone(),
            terminal: event.terminal,
        })
        .collect();
    serde_json::to_string(&wire).map_err(|error| Failure::Refused(Box::new(error)))
}

fn decode(json: &[u8]) -> Result<Vec<LoggedEvent>, Failure> {
    let wire: Vec<WireEvent> =
        serde_json::from_slice(json).map_err(|_| Failure::Corrupt("events".to_owned()))?;
    Ok(wire
        .into_iter()
        .map(|event| LoggedEvent {
            id: event.id,
            name: event.name,
            data: event.data,
            terminal: event.terminal,
        })
        .collect())
}

impl DynamoStore {
    /// The write of one chunk, refused when other events stand under the last id. Writing the same
    /// again passes.
    pub(crate) async fn chunk_write(
        &self,
        tenant: &TenantId,
        stream: StreamId,
        events: &[LoggedEvent],
        expires_at: Timestamp,
    ) -> Result<Put, StoreError> {
        let last_id = events.last().map_or(0, |event| event.id);
        let json = encode(events)?;
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(json.as_bytes()));
        let mut item = key_item(keys::chunk(tenant, stream, last_id));
        item.insert("digest".to_owned(), text(&digest));
        item.insert("expires_at".to_owned(), ttl(expires_at));
        if json.len() > MAX_INLINE_BYTES {
            let key = keys::chunk_blob(tenant, stream, last_id);
            self.blobs.put(&key, json.into_bytes()).await?;
            item.insert(BLOB.to_owned(), text(key));
        } else {
            item.insert("events".to_owned(), text(json));
        }
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR digest = :digest")
            .expression_attribute_values(":digest", text(digest))
            .build()
            .map_err(Failure::from)?;
        Ok(put)
    }

    /// The events of a chunk; none when their time is up.
    pub(crate) async fn read_chunk(&self, item: Item) -> Result<Vec<LoggedEvent>, StoreError> {
        let mut fields = Fields::new("chunk", item);
        if fields.is_expired(self.clock.now())? {
            return Ok(vec![]);
        }
        let events = match fields.optional_text(BLOB)? {
            Some(key) => decode(&self.blob(&key).await?)?,
            None => decode(fields.text("events")?.as_bytes())?,
        };
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: u64, bytes: usize) -> LoggedEvent {
        LoggedEvent {
            id,
            name: "content_delta".to_owned(),
            data: "\"".repeat(bytes),
            terminal: id == 7,
        }
    }

    #[test]
    fn chunks_keep_the_order_and_stay_below_the_limit() {
        let sizes = [1, 60_000, 60_000, 60_000, 500_000, 1, 1];
        let events: Vec<LoggedEvent> =
            sizes.iter().zip(1..).map(|(&bytes, id)| event(id, bytes)).collect();
        let chunks = split(&events);
        let ids: Vec<Vec<u64>> =
            chunks.iter().map(|chunk| chunk.iter().map(|event| event.id).collect()).collect();
        assert_eq!(ids, [vec![1, 2, 3], vec![4], vec![5], vec![6, 7]]);
        assert!(split(&[]).is_empty());
        // Even when every byte is one that JSON escapes.
        assert!(encode(chunks[0]).unwrap().len() < MAX_INLINE_BYTES);
    }

    #[test]
    fn events_come_back_as_they_were() {
        let events = [event(6, 3), event(7, 0)];
        assert_eq!(decode(encode(&events).unwrap().as_bytes()).unwrap(), events);
        assert!(matches!(decode(b"{}"), Err(Failure::Corrupt(_))));
    }
}
