//! Puts a function together: ports to adapters, once, before the first event.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use auth::{Authenticator, JwksError, JwksSource, KeyStore, RateCounter, RateLimiter};
use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use bedrock::BedrockModel;
use contract::health::Check;
use conversation::{
    TenantCatalogs,
    follow::Follower,
    store::{EventLog, Listings, MessageStore, SessionEraser, SessionStore, TurnStore},
    turn::Turns,
};
use dynamodb::DynamoStore;
use kit::Settings;
use lambda::LambdaOperations;
use llm::{Chain, ChatModel, Limits, ModelId};
use llm_http::HttpModel;
use model::{Clock, SystemClock};
use module::{IDENTITY_JWKS, Operations};
use s3::S3BlobStore;
use serde_json::json;

use crate::{
    Config, WIRE,
    ready::{Probe, platform_call},
};

/// What connects a function to AWS: made once, shared by every client.
pub struct Cloud {
    sdk: SdkConfig,
    /// Models are AWS's own wherever the table is.
    models: SdkConfig,
}

impl Cloud {
    /// Region, credentials and endpoints as AWS sets them for a function.
    pub async fn from_environment() -> Self {
        let sdk = aws_config::load_from_env().await;
        Self { models: sdk.clone(), sdk }
    }

    /// A local cloud, which takes any credentials.
    pub async fn local(endpoint_url: &str, region: &'static str) -> Self {
        let credentials = Credentials::from_keys("test", "test", None);
        let loader = aws_config::from_env()
            .endpoint_url(endpoint_url)
            .region(Region::new(region))
            .credentials_provider(credentials);
        // The region is named so that nobody asks the network where it is.
        let named = ["AWS_REGION", "AWS_DEFAULT_REGION"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok());
        let models =
            aws_config::from_env().region(Region::new(named.unwrap_or_else(|| region.to_owned())));
        Self { sdk: loader.load().await, models: models.load().await }
    }
}

impl Cloud {
    /// The API keys in a deployment's table, for whoever operates it.
    pub fn keys(&self, table: &str) -> Arc<dyn KeyStore> {
        Arc::new(self.store(table, ""))
    }

    fn store(&self, table: &str, bucket: &str) -> DynamoStore {
        let blobs =
            Arc::new(S3BlobStore::new(&self.sdk, bucket, self.sdk.endpoint_url().is_some()));
        DynamoStore::new(&self.sdk, table, blobs, Arc::new(SystemClock))
    }
}

/// The store, as each port sees it.
#[derive(Clone)]
pub struct Stores {
    pub sessions: Arc<dyn SessionStore>,
    pub listings: Arc<dyn Listings>,
    pub eraser: Arc<dyn SessionEraser>,
    pub turns: Arc<dyn TurnStore>,
    pub messages: Arc<dyn MessageStore>,
    pub log: Arc<dyn EventLog>,
    pub keys: Arc<dyn KeyStore>,
    pub rates: Arc<dyn RateCounter>,
}

impl Stores {
    /// One store behind every port.
    pub fn of<S>(store: Arc<S>) -> Self
    where
        S: SessionStore
            + Listings
            + SessionEraser
            + TurnStore
            + MessageStore
            + EventLog
            + KeyStore
            + RateCounter
            + 'static,
    {
        Self {
            sessions: store.clone(),
            listings: store.clone(),
            eraser: store.clone(),
            turns: store.clone(),
            messages: store.clone(),
            log: store.clone(),
            keys: store.clone(),
            rates: store,
        }
    }

    /// The table and the bucket of the configuration.
    pub fn in_cloud(config: &Config, cloud: &Cloud) -> Self {
        Self::of(Arc::new(cloud.store(&config.table, &config.bucket)))
    }
}

/// What stands behind the ports of a function that runs turns.
#[derive(Clone)]
pub struct Ports {
    pub stores: Stores,
    pub operations: Arc<dyn Operations>,
    pub models: Chain,
    pub clock: Arc<dyn Clock>,
}

impl Ports {
    /// The ones of the configuration. `operations` is the adapter where this process runs it
    /// itself; without it the adapter function is invoked.
    pub fn in_cloud(
        config: &Config,
        cloud: &Cloud,
        operations: Option<Arc<dyn Operations>>,
    ) -> Result<Self, kit::config::ConfigError> {
        let operations = match (operations, &config.adapter_function) {
            (Some(operations), _) => operations,
            (None, Some(function)) => Arc::new(LambdaOperations::new(&cloud.sdk, function)),
            (None, None) => {
                return Err(kit::config::ConfigError::Missing {
                    variable: "ADAPTER_FUNCTION".to_owned(),
                    expected: "the adapter function's name".to_owned(),
                });
            }
        };
        Ok(Self {
            stores: Stores::in_cloud(config, cloud),
            operations,
            models: models(config, cloud),
            clock: Arc::new(SystemClock),
        })
    }
}

fn models(config: &Config, cloud: &Cloud) -> Chain {
    // Made only when a model is reached over it: reading root certificates takes milliseconds.
    let http = std::cell::OnceCell::<reqwest::Client>::new();
    let models = config.models.iter().map(|(id, endpoint)| -> Arc<dyn ChatModel> {
        match endpoint {
            None => Arc::new(BedrockModel::new(&cloud.models, id.clone())),
            Some(endpoint) => {
                let client = http.get_or_init(reqwest::Client::new).clone();
                Arc::new(HttpModel::new(client, endpoint.clone(), id.clone()))
            }
        }
    });
    Chain::new(models.collect(), Limits::default())
}

/// Everything that a handler uses.
pub struct Deps {
    pub turns: Arc<Turns>,
    pub follower: Follower,
    pub sessions: Arc<dyn SessionStore>,
    pub listings: Arc<dyn Listings>,
    pub eraser: Arc<dyn SessionEraser>,
    pub messages: Arc<dyn MessageStore>,
    pub clock: Arc<dyn Clock>,
    authenticator: Arc<Authenticator>,
    rate_limiter: Arc<RateLimiter>,
    probe: Probe,
}

impl Deps {
    /// `turn_timeout` is for everything between a message and the end of its answer.
    pub fn new(
        config: &Config,
        ports: Ports,
        turn_timeout: Duration,
    ) -> Result<Self, auth::ConfigError> {
        let Ports { stores, operations, models, clock } = ports;
        let published = PublishedKeys { operations: Arc::clone(&operations) };
        let tokens = config
            .tokens
            .as_ref()
            .map(|tokens| tokens.verifier(Some(Arc::new(published))))
            .transpose()?;
        let probe =
            Probe::new(Arc::clone(&stores.keys), Arc::clone(&operations), !models.is_empty());
        let follower = Follower {
            log: Arc::clone(&stores.log),
            messages: Arc::clone(&stores.messages),
            clock: Arc::clone(&clock),
            wire: WIRE,
        };
        let turns = Turns {
            turns: stores.turns,
            eraser: Arc::clone(&stores.eraser),
            log: stores.log,
            catalogs: TenantCatalogs::new(&operations, &clock),
            operations,
            clock: Arc::clone(&clock),
            models,
            prices: config.prices.clone(),
            slos: config.slos.clone(),
            wire: WIRE,
            timeout: turn_timeout,
        };
        Ok(Self {
            turns: Arc::new(turns),
            follower,
            sessions: stores.sessions,
            listings: stores.listings,
            eraser: stores.eraser,
            messages: stores.messages,
            clock,
            authenticator: Arc::new(Authenticator::new(stores.keys, tokens)),
            rate_limiter: Arc::new(RateLimiter::new(stores.rates, config.rate_limits)),
            probe,
        })
    }

    /// What the layers around the function need; `timeout` is for a handler to make its response.
    pub fn settings(&self, timeout: Duration) -> Settings {
        Settings {
            authenticator: Arc::clone(&self.authenticator),
            rate_limiter: Arc::clone(&self.rate_limiter),
            clock: Arc::clone(&self.clock),
            timeout,
        }
    }

    /// The models that a request may name.
    pub fn models(&self) -> Vec<ModelId> {
        self.turns.models.models().cloned().collect()
    }

    pub async fn ready(&self) -> Vec<Check> {
        self.probe.checks(self.clock.now()).await
    }
}

/// The issuer's published keys, fetched by the adapter: the only function that reaches out.
struct PublishedKeys {
    operations: Arc<dyn Operations>,
}

#[async_trait]
impl JwksSource for PublishedKeys {
    async fn fetch(&self) -> Result<String, JwksError> {
        let call = platform_call(IDENTITY_JWKS, json!({}));
        let keys = self.operations.run(&call).await;
        keys.map(|keys| keys.to_string()).map_err(|error| JwksError::Fetch(error.into()))
    }
}
