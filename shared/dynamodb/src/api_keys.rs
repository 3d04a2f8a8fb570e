//! A tenant's API keys.

use async_trait::async_trait;
use auth::{KeyRecord, KeyStore, StoreError};
use jiff::Timestamp;
use model::{KeyId, TenantId};

use crate::{
    DynamoStore,
    failure::{Written, written},
    fields::{instant, text},
    items::{self, api_key_item, key_item},
    keys,
};

#[async_trait]
impl KeyStore for DynamoStore {
    async fn get(&self, tenant: &TenantId, id: &KeyId) -> Result<Option<KeyRecord>, StoreError> {
        let item = DynamoStore::get(self, keys::api_key(tenant, id)).await?;
        Ok(item.map(|item| items::api_key(tenant, id, item)).transpose()?)
    }

    async fn put(&self, record: &KeyRecord) -> Result<(), StoreError> {
        let item = api_key_item(record);
        let hash = item["secret_hash"].clone();
        let result = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            // The same key again is a repeated write; a revoked one must not come back to life.
            .condition_expression(
                "attribute_not_exists(pk) OR (secret_hash = :hash AND attribute_not_exists(revoked_at))",
            )
            .expression_attribute_values(":hash", hash)
            .send()
            .await;
        match written(result)? {
            Written::Done(_) => Ok(()),
            Written::Refused(_) => Err(StoreError::Exists),
        }
    }

    async fn revoke(&self, tenant: &TenantId, id: &KeyId, at: Timestamp) -> Result<(), StoreError> {
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_item(keys::api_key(tenant, id))))
            .update_expression("SET revoked_at = if_not_exists(revoked_at, :at)")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":at", text(instant(at)))
            .send()
            .await;
        match written(result)? {
            Written::Done(_) => Ok(()),
            Written::Refused(_) => Err(StoreError::NotFound),
        }
    }
}
