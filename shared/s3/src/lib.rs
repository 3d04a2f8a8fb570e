//! What is too large for the table, in one S3 bucket.
//!
//! Keys are the table adapter's to make; this crate knows nothing of tenants or messages.

use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_s3::{
    Client,
    config::{Builder, StalledStreamProtectionConfig, retry::RetryConfig, timeout::TimeoutConfig},
    primitives::ByteStream,
    types::{Delete, ObjectIdentifier},
};
use conversation::store::{BlobStore, StoreError};

mod failure;

use failure::{failure, is_missing, partly_refused};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
/// All attempts of one call with the pauses between them.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(8);
/// Reading the body happens behind the call, under a limit of its own.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_ATTEMPTS: u32 = 3;
/// Of a thousand objects each; no session comes near it.
const MAX_DELETE_PAGES: usize = 1000;

/// A bucket.
#[derive(Debug, Clone)]
pub struct S3BlobStore {
    client: Client,
    bucket: String,
}

impl S3BlobStore {
    /// Does not connect yet. The time limits and retries of `sdk` are replaced by this crate's.
    /// `path_style` is for endpoints other than AWS's, which serve no host name per bucket.
    pub fn new(sdk: &SdkConfig, bucket: impl Into<String>, path_style: bool) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        let config = Builder::from(sdk)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .force_path_style(path_style)
            .build();
        Self { client: Client::from_conf(config), bucket: bucket.into() }
    }

    /// One page of keys that begin with `prefix`: as many as one deletion takes.
    async fn page(&self, prefix: &str) -> Result<Vec<ObjectIdentifier>, StoreError> {
        let output = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(prefix)
            .send()
            .await
            .map_err(failure)?;
        let keys = output.contents.unwrap_or_default().into_iter().filter_map(|object| object.key);
        keys.map(|key| {
            ObjectIdentifier::builder()
                .key(key)
                .build()
                .map_err(|error| StoreError::Refused(Box::new(error)))
        })
        .collect()
    }
}

#[async_trait]
impl BlobStore for S3BlobStore {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map_err(failure)?;
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Vec<u8>, StoreError> {
        let request = self.client.get_object().bucket(&self.bucket).key(key).send();
        let output = match request.await {
            Ok(output) => output,
            Err(error) if is_missing(&error) => {
                return Err(StoreError::NotFound { what: "blob" });
            }
            Err(error) => return Err(failure(error)),
        };
        match tokio::time::timeout(BODY_TIMEOUT, output.body.collect()).await {
            Ok(Ok(body)) => Ok(body.to_vec()),
            Ok(Err(error)) => Err(StoreError::Unavailable(Box::new(error))),
            Err(error) => Err(StoreError::Unavailable(Box::new(error))),
        }
    }

    /// Page by page until nothing is left: what was deleted is not listed again, so there is no
    /// place to remember, and nothing to lose when it breaks off.
    async fn delete_prefix(&self, prefix: &str) -> Result<(), StoreError> {
        for _ in 0..MAX_DELETE_PAGES {
            let keys = self.page(prefix).await?;
            if keys.is_empty() {
                return Ok(());
            }
            let delete = Delete::builder()
                .set_objects(Some(keys))
                .quiet(true)
                .build()
                .map_err(|error| StoreError::Refused(Box::new(error)))?;
            let output = self
                .client
                .delete_objects()
                .bucket(&self.bucket)
                .delete(delete)
                .send()
                .await
                .map_err(failure)?;
            if let Some(first) = output.errors().first() {
                return Err(partly_refused(first));
            }
        }
        // Somebody writes under the prefix as fast as we delete.
        Err(StoreError::Contended)
    }
}
