//! Blobs in memory.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use conversation::store::{BlobStore, StoreError};

#[derive(Debug, Default)]
pub struct MemoryBlobs(Mutex<BTreeMap<String, Vec<u8>>>);

#[async_trait]
impl BlobStore for MemoryBlobs {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), bytes);
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Vec<u8>, StoreError> {
        let blobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        blobs.get(key).cloned().ok_or(StoreError::NotFound { what: "blob" })
    }

    async fn delete_prefix(&self, prefix: &str) -> Result<(), StoreError> {
        let mut blobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        blobs.retain(|key, _| !key.starts_with(prefix));
        Ok(())
    }
}
