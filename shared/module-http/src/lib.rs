//! Modules that speak HTTP: Prometheus, Loki, Tempo, and the identity provider's key set.
//!
//! Each client knows its module's protocol and turns it into the results and errors of the
//! operations; every answer is read up to a limit and no further. Retries, circuit breaking and
//! which operations exist are not decided here.

mod connection;
mod envelope;
mod http;
mod jwks;
mod loki;
mod naming;
mod prometheus;
mod refusal;
mod series;
mod settings;
mod tempo;

pub use http::{RequestContext, http_client};
pub use jwks::JwksClient;
pub use loki::{LinesQuery, LokiClient};
pub use prometheus::PrometheusClient;
pub use series::MAX_SERIES;
pub use settings::{Credential, Endpoint, ServerSettings, SettingsError};
pub use tempo::{TempoClient, TracesQuery};
