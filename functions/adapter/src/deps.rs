//! What the function has: a client for each module that is set up, and how patient it is with each.

use std::sync::Arc;

use model::{Clock, SystemClock};
use module::{BreakerState, ModuleError, Policy, PolicySettings};
use module_http::{
    JwksClient, LokiClient, PrometheusClient, SettingsError, TempoClient, http_client,
};

use crate::config::{Config, JWKS_HOW, LOKI_HOW, PROMETHEUS_HOW, TEMPO_HOW};

/// Why the function cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the HTTP client cannot be built")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the settings of a module cannot be used")]
    Settings(#[from] SettingsError),
}

/// A module with the policy for calls to it.
pub(crate) struct Module<C> {
    pub(crate) client: C,
    pub(crate) policy: Policy,
}

impl<C> Module<C> {
    fn new(client: C, name: fn(&C) -> &str) -> Self {
        let policy = Policy::new(name(&client), PolicySettings::default());
        Self { client, policy }
    }
}

/// Built once, before the first request.
pub struct Deps {
    prometheus: Option<Module<PrometheusClient>>,
    loki: Option<Module<LokiClient>>,
    tempo: Option<Module<TempoClient>>,
    jwks: Option<Module<JwksClient>>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Deps {
    pub fn new(config: &Config) -> Result<Self, StartError> {
        let client = http_client().map_err(|error| StartError::Client(error.into()))?;
        let prometheus = config
            .prometheus
            .clone()
            .map(|settings| PrometheusClient::new(client.clone(), settings))
            .transpose()?;
        let loki = config
            .loki
            .clone()
            .map(|settings| LokiClient::new(client.clone(), settings))
            .transpose()?;
        let tempo = config
            .tempo
            .clone()
            .map(|settings| TempoClient::new(client.clone(), settings))
            .transpose()?;
        let jwks = config.jwks.clone().map(|endpoint| JwksClient::new(client, endpoint));
        Ok(Self {
            prometheus: prometheus.map(|client| Module::new(client, PrometheusClient::module)),
            loki: loki.map(|client| Module::new(client, LokiClient::module)),
            tempo: tempo.map(|client| Module::new(client, TempoClient::module)),
            jwks: jwks.map(|client| Module::new(client, JwksClient::module)),
            clock: Arc::new(SystemClock),
        })
    }

    pub(crate) fn prometheus(&self) -> Result<&Module<PrometheusClient>, ModuleError> {
        self.prometheus.as_ref().ok_or_else(|| not_configured("Prometheus", PROMETHEUS_HOW))
    }

    pub(crate) fn loki(&self) -> Result<&Module<LokiClient>, ModuleError> {
        self.loki.as_ref().ok_or_else(|| not_configured("Loki", LOKI_HOW))
    }

    pub(crate) fn tempo(&self) -> Result<&Module<TempoClient>, ModuleError> {
        self.tempo.as_ref().ok_or_else(|| not_configured("Tempo", TEMPO_HOW))
    }

    pub(crate) fn jwks(&self) -> Result<&Module<JwksClient>, ModuleError> {
        self.jwks.as_ref().ok_or_else(|| not_configured("The identity provider", JWKS_HOW))
    }

    /// The state of the circuit breaker of the module that an operation belongs to, by the module's
    /// short name.
    pub(crate) fn breaker(&self, module: &str) -> Option<BreakerState> {
        match module {
            "metrics" => self.prometheus.as_ref().map(|module| module.policy.breaker_state()),
            "logs" => self.loki.as_ref().map(|module| module.policy.breaker_state()),
            "traces" => self.tempo.as_ref().map(|module| module.policy.breaker_state()),
            "identity" => self.jwks.as_ref().map(|module| module.policy.breaker_state()),
            _ => None,
        }
    }
}

fn not_configured(module: &str, how: &str) -> ModuleError {
    ModuleError::NotConfigured { module: module.to_owned(), how: how.to_owned() }
}
