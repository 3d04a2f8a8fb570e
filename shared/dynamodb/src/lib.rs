//! What is kept, in one DynamoDB table.
//!
//! [`DynamoStore`] implements the ports of `conversation` and `auth`, one file per port. Items and
//! keys are described in `docs/access-patterns.md`; [`keys`] is the only place that builds a key,
//! and each begins with the tenant. Nothing outside this crate sees an item or an SDK type.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use conversation::store::BlobStore;
use model::Clock;

mod api_keys;
mod body;
mod chunks;
mod claims;
mod client;
mod cursor;
mod details;
mod eraser;
mod events;
mod failure;
mod fields;
mod items;
mod keys;
mod listings;
mod messages;
mod paging;
mod rate;
mod sessions;
mod transact;
mod turns;

type Item = std::collections::HashMap<String, AttributeValue>;

/// The table, with the blob store for what is too large for it.
#[derive(Clone)]
pub struct DynamoStore {
    client: Client,
    table: String,
    blobs: Arc<dyn BlobStore>,
    clock: Arc<dyn Clock>,
}

impl DynamoStore {
    /// Does not connect yet. The time limits and retries of `sdk` are replaced by this crate's.
    pub fn new(
        sdk: &SdkConfig,
        table: impl Into<String>,
        blobs: Arc<dyn BlobStore>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { client: client::client(sdk), table: table.into(), blobs, clock }
    }
}
