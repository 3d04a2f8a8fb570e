//! The blob store.

use std::sync::Arc;

use conversation::store::{BlobStore, StoreError};
use testkit::MemoryBlobs;

use super::backend::{local_cloud_blobs, tenant};

macro_rules! for_every_blob_store {
    ($($case:ident),* $(,)?) => {
        mod memory {
            $(
                #[tokio::test]
                async fn $case() {
                    super::$case(super::Arc::new(super::MemoryBlobs::default())).await;
                }
            )*
        }
        mod local_cloud {
            $(
                #[tokio::test]
                async fn $case() {
                    super::$case(super::Arc::new(super::local_cloud_blobs().await)).await;
                }
            )*
        }
    };
}

for_every_blob_store!(
    a_blob_comes_back_as_it_was_written,
    a_prefix_is_deleted_and_nothing_beside_it,
    more_than_a_page_is_deleted,
);

fn is_missing(result: &Result<Vec<u8>, StoreError>) -> bool {
    matches!(result, Err(StoreError::NotFound { .. }))
}

async fn a_blob_comes_back_as_it_was_written(blobs: Arc<dyn BlobStore>) {
    let key = format!("tenants/{}/sessions/a/b", tenant());
    assert!(is_missing(&blobs.get(&key).await));
    let large: Vec<u8> = (0..2_000_000_u32).map(|index| index as u8).collect();
    for bytes in [vec![], b"\0\xff".to_vec(), large, b"replaced".to_vec()] {
        blobs.put(&key, bytes.clone()).await.unwrap();
        assert!(blobs.get(&key).await.unwrap() == bytes, "{} bytes", bytes.len());
    }
}

async fn a_prefix_is_deleted_and_nothing_beside_it(blobs: Arc<dyn BlobStore>) {
    let root = format!("tenants/{}/sessions", tenant());
    let keys = ["a/1", "a/2", "a/events/3", "ab/1", "b/1"].map(|key| format!("{root}/{key}"));
    for key in &keys {
        blobs.put(key, b"x".to_vec()).await.unwrap();
    }
    blobs.delete_prefix(&format!("{root}/a/")).await.unwrap();
    let mut left = vec![];
    for key in &keys {
        left.push(!is_missing(&blobs.get(key).await));
    }
    assert_eq!(left, [false, false, false, true, true]);
    // Nothing to delete is no error.
    blobs.delete_prefix(&format!("{root}/a/")).await.unwrap();
}

async fn more_than_a_page_is_deleted(blobs: Arc<dyn BlobStore>) {
    let root = format!("tenants/{}/sessions/a/", tenant());
    let keys: Vec<String> = (0..1005).map(|index| format!("{root}{index:04}")).collect();
    for batch in keys.chunks(50) {
        let puts = batch.iter().map(|key| blobs.put(key, b"x".to_vec()));
        futures::future::try_join_all(puts).await.unwrap();
    }
    blobs.delete_prefix(&root).await.unwrap();
    for key in [&keys[0], &keys[500], &keys[1004]] {
        assert!(is_missing(&blobs.get(key).await), "{key}");
    }
}
