//! The event log.

use async_trait::async_trait;
use conversation::store::{EventLog, LoggedEvent, StoreError};
use jiff::Timestamp;
use model::{StreamId, TenantId};

use super::{Chunk, MemoryStore, Tenant};

impl Tenant {
    pub(super) fn append(
        &mut self,
        stream: StreamId,
        events: &[LoggedEvent],
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(last) = events.last() else { return Ok(()) };
        let chunks = self.streams.entry(stream).or_default();
        if chunks.get(&last.id).is_some_and(|found| found.events != events) {
            return Err(StoreError::Contended);
        }
        chunks.insert(last.id, Chunk { events: events.to_vec(), expires_at });
        Ok(())
    }
}

#[async_trait]
impl EventLog for MemoryStore {
    async fn append(
        &self,
        tenant: &TenantId,
        stream: StreamId,
        events: &[LoggedEvent],
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.with(tenant, |tenant| tenant.append(stream, events, expires_at))
    }

    async fn read(
        &self,
        tenant: &TenantId,
        stream: StreamId,
        after: u64,
    ) -> Result<Vec<LoggedEvent>, StoreError> {
        let now = self.clock.now();
        self.with(tenant, |tenant| {
            let Some(chunks) = tenant.streams.get(&stream) else { return Ok(vec![]) };
            let alive = chunks
                .range(after.saturating_add(1)..)
                .map(|(_, chunk)| chunk)
                .filter(|chunk| now < chunk.expires_at);
            let mut events: Vec<LoggedEvent> = Vec::new();
            for event in alive.flat_map(|chunk| &chunk.events) {
                // A chunk may begin before `after`, and chunks may overlap.
                if event.id > events.last().map_or(after, |last| last.id) {
                    events.push(event.clone());
                }
            }
            Ok(events)
        })
    }
}
