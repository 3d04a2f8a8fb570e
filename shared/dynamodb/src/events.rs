//! The event log of streams.

use async_trait::async_trait;
use conversation::store::{EventLog, LoggedEvent, StoreError};
use jiff::Timestamp;
use model::{StreamId, TenantId};

use crate::{
    DynamoStore, chunks,
    failure::{Failure, Written, written},
    keys,
};

/// At most this many chunks are looked at for one answer.
const MAX_CHUNKS_PER_READ: i32 = 100;

#[async_trait]
impl EventLog for DynamoStore {
    async fn append(
        &self,
        tenant: &TenantId,
        stream: StreamId,
        events: &[LoggedEvent],
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        for chunk in chunks::split(events) {
            let put = self.chunk_write(tenant, stream, chunk, expires_at).await?;
            let result = self
                .client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(put.item))
                .set_condition_expression(put.condition_expression)
                .set_expression_attribute_values(put.expression_attribute_values)
                .send()
                .await;
            if let Written::Refused(_) = written(result)? {
                return Err(StoreError::Contended);
            }
        }
        Ok(())
    }

    async fn read(
        &self,
        tenant: &TenantId,
        stream: StreamId,
        after: u64,
    ) -> Result<Vec<LoggedEvent>, StoreError> {
        let (first, last) = keys::chunks_behind(stream.reply, after);
        let partition = keys::session_partition(tenant, stream.session);
        let page = self
            .range(partition, first, last)
            .limit(MAX_CHUNKS_PER_READ)
            .send()
            .await
            .map_err(Failure::from)?;
        let mut events: Vec<LoggedEvent> = Vec::new();
        for item in page.items.unwrap_or_default() {
            for event in self.read_chunk(item).await? {
                // A chunk may begin before `after`, and chunks of a retried append may overlap.
                if event.id > events.last().map_or(after, |last| last.id) {
                    events.push(event);
                }
            }
        }
        Ok(events)
    }
}
