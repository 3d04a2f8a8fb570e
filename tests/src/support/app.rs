//! A copilot under test: the whole of it on a port of its own, with the ports that a test wants.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use adapter::InProcess;
use auth::KeyStore;
use chat_edge::{Cloud, Config, Ports, Stores};
use jiff::Timestamp;
use kit::config::Environment;
use llm::{Chain, ChatModel, Limits};
use local::{
    keys,
    serve::{Functions, serve},
    services::ministack,
};
use model::{Clock, Role, SystemClock, TenantId};
use module::Operations;
use testkit::MemoryStore;
use tokio::net::TcpListener;

use super::{
    client::Client,
    shared,
    world::{World, loki_url, prometheus_url},
};

/// A running copilot.
pub(crate) struct App {
    pub(crate) url: String,
    pub(crate) ports: Ports,
}

impl App {
    /// As `scripts/dev` runs it: the deployed table and bucket, and the shop's Prometheus and Loki.
    /// `environment` overrides.
    pub(crate) async fn on_local_cloud(environment: &[(&str, &str)]) -> Self {
        let (prometheus, loki) = (prometheus_url().await, loki_url().await);
        let mut pairs =
            vec![("PROMETHEUS_URL", prometheus), ("LOKI_URL", loki), ("SLOS", local::demo::SLOS)];
        pairs.extend(environment);
        Self::at(World::get().await.cloud.url(), &pairs).await
    }

    /// The same with another way to the local cloud.
    pub(crate) async fn at(endpoint_url: &str, environment: &[(&str, &str)]) -> Self {
        let outputs = &World::get().await.outputs;
        let environment = environment_of(
            &[("TABLE_NAME", &outputs.table_name), ("BUCKET_NAME", &outputs.bucket_name)],
            environment,
        );
        let config = Config::read(&environment).unwrap();
        let operations = operations(&environment);
        let cloud = Cloud::local(endpoint_url, ministack::REGION).await;
        let ports = Ports::in_cloud(&config, &cloud, Some(operations)).unwrap();
        Self::start(config, ports).await
    }

    /// Everything in memory: nothing outside this process is needed.
    pub(crate) async fn in_memory(
        models: Vec<Arc<dyn ChatModel>>,
        limits: Limits,
        operations: Arc<dyn Operations>,
    ) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let ports = Ports {
            stores: Stores::of(Arc::new(MemoryStore::new(Arc::clone(&clock)))),
            operations,
            models: Chain::new(models, limits),
            clock,
        };
        Self::start(config(&[]), ports).await
    }

    pub(crate) async fn start(config: Config, ports: Ports) -> Self {
        let functions = Arc::new(Functions::new(&config, &ports).unwrap());
        let url = shared(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            tokio::spawn(serve(listener, functions, std::future::pending()));
            url
        })
        .await;
        Self { url, ports }
    }

    /// A client with a key for the tenant.
    pub(crate) async fn client(&self, tenant: &TenantId, role: Role) -> Client {
        let keys: &dyn KeyStore = self.ports.stores.keys.as_ref();
        let key = keys::create(keys, tenant.clone(), role, "test", Timestamp::now()).await.unwrap();
        Client::new(&self.url, key.reveal())
    }

    /// A client for a tenant that nobody else has.
    pub(crate) async fn new_tenant(&self) -> Client {
        self.client(&tenant(), Role::Admin).await
    }
}

/// A configuration for ports of the test's own.
pub(crate) fn config(environment: &[(&str, &str)]) -> Config {
    let environment =
        environment_of(&[("TABLE_NAME", "none"), ("BUCKET_NAME", "none")], environment);
    Config::read(&environment).unwrap()
}

/// The adapter in this process.
pub(crate) fn operations(environment: &Environment) -> Arc<dyn Operations> {
    let config = adapter::Config::read(environment).unwrap();
    Arc::new(InProcess::new(adapter::Deps::new(&config).unwrap()))
}

/// A tenant that no other test has.
pub(crate) fn tenant() -> TenantId {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("t{}-{count}", Timestamp::now().as_millisecond()).parse().unwrap()
}

fn environment_of(base: &[(&str, &str)], overrides: &[(&str, &str)]) -> Environment {
    let limits =
        [("RATE_LIMIT_TENANT_PER_MINUTE", "100000"), ("RATE_LIMIT_KEY_PER_MINUTE", "100000")];
    limits.iter().chain(base).chain(overrides).copied().collect()
}
