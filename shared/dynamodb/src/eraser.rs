//! Deletes a session with all that belongs to it.
//!
//! The session is marked first: from then on nobody sees it, and no turn can write to it. Its own
//! item goes last, so that an erasure that breaks off can be taken up again. What a turn that was
//! still running logged after that is found by another erasure, without the session's item.

use std::collections::HashMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};
use conversation::store::{SessionEraser, StoreError};
use model::{SessionId, TenantId};

use crate::{
    DynamoStore, Item,
    failure::{Failure, Written, written},
    fields::{instant, text},
    items::key_item,
    keys::{self, SESSION_SORT},
    paging::sort_of,
    sessions::NO_SESSION,
    transact::pauses,
};

/// DynamoDB's limit for one batch.
const BATCH_ITEMS: usize = 25;

impl DynamoStore {
    /// Whether the session was there.
    async fn mark_deleting(&self, tenant: &TenantId, id: SessionId) -> Result<bool, Failure> {
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_item(keys::session(tenant, id))))
            // Without its index key it is in no listing any more.
            .update_expression("SET deleting_at = :now REMOVE gsi_pk, gsi_sk")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":now", text(instant(self.clock.now())))
            .send()
            .await;
        match written(result)? {
            Written::Done(_) => Ok(true),
            Written::Refused(_) => Ok(false),
        }
    }

    /// Every item of the session but its own; whether there were any.
    async fn delete_parts(&self, tenant: &TenantId, id: SessionId) -> Result<bool, Failure> {
        let mut start = None;
        let mut any = false;
        loop {
            let page = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .key_condition_expression("pk = :partition")
                .expression_attribute_values(
                    ":partition",
                    text(keys::session_partition(tenant, id)),
                )
                .projection_expression("pk, sk")
                .set_exclusive_start_key(start)
                .send()
                .await?;
            let mut parts = page.items.unwrap_or_default();
            parts.retain(|item| sort_of(item).is_ok_and(|sort| sort != SESSION_SORT));
            any |= !parts.is_empty();
            for batch in parts.chunks(BATCH_ITEMS) {
                self.delete_batch(batch).await?;
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(any);
            }
        }
    }

    /// A batch may be done in part: the rest is sent again, after a pause.
    async fn delete_batch(&self, keys: &[Item]) -> Result<(), Failure> {
        let mut requests = Vec::with_capacity(keys.len());
        for key in keys {
            let delete = DeleteRequest::builder().set_key(Some(key.clone())).build()?;
            requests.push(WriteRequest::builder().delete_request(delete).build());
        }
        let mut unprocessed = HashMap::from([(self.table.clone(), requests)]);
        let mut pauses = pauses();
        loop {
            let output =
                self.client.batch_write_item().set_request_items(Some(unprocessed)).send().await?;
            unprocessed = output.unprocessed_items.unwrap_or_default();
            if unprocessed.values().all(Vec::is_empty) {
                return Ok(());
            }
            let pause = pauses.next().ok_or(Failure::Throttled)?;
            tokio::time::sleep(pause).await;
        }
    }
}

#[async_trait]
impl SessionEraser for DynamoStore {
    async fn erase(&self, tenant: &TenantId, id: SessionId) -> Result<(), StoreError> {
        let marked = self.mark_deleting(tenant, id).await?;
        self.blobs.delete_prefix(&keys::session_blobs(tenant, id)).await?;
        let had_parts = self.delete_parts(tenant, id).await?;
        if !marked {
            return if had_parts { Ok(()) } else { Err(NO_SESSION) };
        }
        self.client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key_item(keys::session(tenant, id))))
            .send()
            .await
            .map_err(Failure::from)?;
        Ok(())
    }
}
