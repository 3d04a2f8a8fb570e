//! The implementations that the suite runs against.

use std::sync::{
    Arc,
    atomic::{AtomicU32, AtomicUsize, Ordering},
};

use async_trait::async_trait;
use auth::{KeyStore, RateCounter};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::{
    config::Credentials,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, ProjectionType, ScalarAttributeType,
    },
};
use conversation::store::{
    BlobStore, EventLog, Listings, MessageStore, SessionEraser, SessionStore, StoreError, TurnStore,
};
use dynamodb::DynamoStore;
use model::TenantId;
use s3::S3BlobStore;
use testkit::{FrozenClock, MemoryBlobs, MemoryStore};
use tokio::sync::OnceCell;

use super::samples::moment;
use crate::services;

/// One store, port by port, with a tenant that no other test uses.
pub(crate) struct Backend {
    pub(crate) sessions: Arc<dyn SessionStore>,
    pub(crate) listings: Arc<dyn Listings>,
    pub(crate) eraser: Arc<dyn SessionEraser>,
    pub(crate) turns: Arc<dyn TurnStore>,
    pub(crate) messages: Arc<dyn MessageStore>,
    pub(crate) events: Arc<dyn EventLog>,
    pub(crate) keys: Arc<dyn KeyStore>,
    pub(crate) rates: Arc<dyn RateCounter>,
    /// Where the store keeps what is large; the fake needs none.
    pub(crate) blobs: Option<Arc<dyn BlobStore>>,
    pub(crate) clock: FrozenClock,
    pub(crate) tenant: TenantId,
}

impl Backend {
    fn new<S>(store: &Arc<S>, blobs: Option<Arc<dyn BlobStore>>, clock: FrozenClock) -> Self
    where
        S: SessionStore + Listings + SessionEraser + TurnStore + MessageStore + EventLog,
        S: KeyStore + RateCounter + 'static,
    {
        Self {
            sessions: store.clone(),
            listings: store.clone(),
            eraser: store.clone(),
            turns: store.clone(),
            messages: store.clone(),
            events: store.clone(),
            keys: store.clone(),
            rates: store.clone(),
            blobs,
            clock,
            tenant: tenant(),
        }
    }

    pub(crate) async fn memory() -> Self {
        let clock = FrozenClock::new(moment(0));
        let store = Arc::new(MemoryStore::new(Arc::new(clock.clone())));
        Self::new(&store, None, clock)
    }

    /// DynamoDB and S3 of the local cloud.
    pub(crate) async fn local_cloud() -> Self {
        static TABLE: OnceCell<String> = OnceCell::const_new();
        let sdk = sdk(services::local_cloud().await).await;
        let table = TABLE.get_or_init(|| new_table(&sdk)).await;
        let blobs = Arc::new(local_cloud_blobs().await);
        Self::dynamodb(&sdk, table, blobs)
    }

    /// AWS's own DynamoDB Local.
    pub(crate) async fn dynamodb_local() -> Self {
        Self::dynamodb_local_with(Arc::new(MemoryBlobs::default())).await
    }

    pub(crate) async fn dynamodb_local_with(blobs: Arc<dyn BlobStore>) -> Self {
        static TABLE: OnceCell<String> = OnceCell::const_new();
        let sdk = sdk(services::dynamodb_local().await).await;
        let table = TABLE.get_or_init(|| new_table(&sdk)).await;
        Self::dynamodb(&sdk, table, blobs)
    }

    fn dynamodb(sdk: &SdkConfig, table: &str, blobs: Arc<dyn BlobStore>) -> Self {
        let clock = FrozenClock::new(moment(0));
        let store = DynamoStore::new(sdk, table, blobs.clone(), Arc::new(clock.clone()));
        Self::new(&Arc::new(store), Some(blobs), clock)
    }
}

/// Blobs in memory that count how they are read.
#[derive(Default)]
pub(crate) struct CountedReads {
    blobs: MemoryBlobs,
    total: AtomicUsize,
    running: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl CountedReads {
    /// Since the last look.
    pub(crate) fn total(&self) -> usize {
        self.total.swap(0, Ordering::SeqCst)
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl BlobStore for CountedReads {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.blobs.put(key, bytes).await
    }

    async fn get(&self, key: &str) -> Result<Vec<u8>, StoreError> {
        self.total.fetch_add(1, Ordering::SeqCst);
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(running, Ordering::SeqCst);
        // Whoever is to read at the same time gets to it.
        tokio::task::yield_now().await;
        self.running.fetch_sub(1, Ordering::SeqCst);
        self.blobs.get(key).await
    }

    async fn delete_prefix(&self, prefix: &str) -> Result<(), StoreError> {
        self.blobs.delete_prefix(prefix).await
    }
}

/// The bucket of the local cloud, made anew for each run.
pub(crate) async fn local_cloud_blobs() -> S3BlobStore {
    static BUCKET: OnceCell<String> = OnceCell::const_new();
    let sdk = sdk(services::local_cloud().await).await;
    let bucket = BUCKET.get_or_init(|| new_bucket(&sdk)).await;
    S3BlobStore::new(&sdk, bucket, true)
}

/// A tenant of its own for each test. Some hold the separators that keys are parsed by.
pub(crate) fn tenant() -> TenantId {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("acme-{number}").parse().unwrap()
}

/// A name that no earlier run used: services may outlive a run.
fn fresh_name(what: &str) -> String {
    format!("{what}-{:016x}", rand::random::<u64>())
}

async fn sdk(url: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .endpoint_url(url)
        .load()
        .await
}

async fn new_bucket(sdk: &SdkConfig) -> String {
    let name = fresh_name("blobs");
    let config = aws_sdk_s3::config::Builder::from(sdk).force_path_style(true).build();
    aws_sdk_s3::Client::from_conf(config).create_bucket().bucket(&name).send().await.unwrap();
    name
}

fn key(attribute: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder().attribute_name(attribute).key_type(kind).build().unwrap()
}

/// As the deployment's template has it, but for its TTL: expired items stay, so that it is the store
/// that has to hide them.
async fn new_table(sdk: &SdkConfig) -> String {
    let name = fresh_name("copilot");
    let attribute = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .unwrap()
    };
    let by_activity = GlobalSecondaryIndex::builder()
        .index_name("by_activity")
        .key_schema(key("gsi_pk", KeyType::Hash))
        .key_schema(key("gsi_sk", KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()
        .unwrap();
    aws_sdk_dynamodb::Client::new(sdk)
        .create_table()
        .table_name(&name)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .set_attribute_definitions(Some(["pk", "sk", "gsi_pk", "gsi_sk"].map(attribute).to_vec()))
        .global_secondary_indexes(by_activity)
        .send()
        .await
        .unwrap();
    name
}

/// Each case as a test of its own against each implementation.
macro_rules! for_every_store {
    ($($case:ident),* $(,)?) => {
        for_every_store!(@ memory: $($case)*);
        for_every_store!(@ local_cloud: $($case)*);
        for_every_store!(@ dynamodb_local: $($case)*);
    };
    (@ $backend:ident: $($case:ident)*) => {
        mod $backend {
            $(
                #[tokio::test]
                async fn $case() {
                    super::$case(crate::contract::backend::Backend::$backend().await).await;
                }
            )*
        }
    };
}
pub(crate) use for_every_store;
