//! API keys and the count of requests.

use async_trait::async_trait;
use auth::{KeyRecord, KeyStore, RateCounter, StoreError, Taken};
use jiff::{SignedDuration, Timestamp};
use model::{KeyId, TenantId};

use super::MemoryStore;

const WINDOWS_KEPT: SignedDuration = SignedDuration::from_mins(10);

#[async_trait]
impl KeyStore for MemoryStore {
    async fn get(&self, tenant: &TenantId, id: &KeyId) -> Result<Option<KeyRecord>, StoreError> {
        self.with(tenant, |tenant| Ok(tenant.keys.get(id).cloned()))
    }

    async fn put(&self, record: &KeyRecord) -> Result<(), StoreError> {
        self.with(&record.tenant, |tenant| match tenant.keys.get(&record.id) {
            Some(found)
                if found.secret_hash != record.secret_hash || found.revoked_at.is_some() =>
            {
                Err(StoreError::Exists)
            }
            _ => {
                tenant.keys.insert(record.id.clone(), record.clone());
                Ok(())
            }
        })
    }

    async fn revoke(&self, tenant: &TenantId, id: &KeyId, at: Timestamp) -> Result<(), StoreError> {
        self.with(tenant, |tenant| {
            let record = tenant.keys.get_mut(id).ok_or(StoreError::NotFound)?;
            record.revoked_at.get_or_insert(at);
            Ok(())
        })
    }
}

#[async_trait]
impl RateCounter for MemoryStore {
    async fn take(
        &self,
        tenant: &TenantId,
        scope: &str,
        window_start: Timestamp,
        amount: u32,
        limit: u32,
    ) -> Result<Taken, StoreError> {
        let oldest_kept = window_start - WINDOWS_KEPT;
        self.with(tenant, |tenant| {
            tenant.rates.retain(|(_, start), _| *start >= oldest_kept);
            let used = tenant.rates.entry((scope.to_owned(), window_start)).or_default();
            let granted = amount.min(limit.saturating_sub(*used));
            *used += granted;
            Ok(Taken { granted, used: *used })
        })
    }
}
