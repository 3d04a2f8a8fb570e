//! Modules that speak HTTP: Prometheus, and the identity provider's key set.
//!
//! Each client knows its module's protocol and turns it into the results and errors of the
//! operations; every answer is read up to a limit and no further. Retries, circuit breaking and
//! which operations exist are not decided here.

mod http;
mod jwks;
mod prometheus;
mod settings;

pub use http::{RequestContext, http_client};
pub use jwks::JwksClient;
pub use prometheus::{MAX_SERIES, PrometheusClient};
pub use settings::{Credential, Endpoint, PrometheusSettings, SettingsError};
