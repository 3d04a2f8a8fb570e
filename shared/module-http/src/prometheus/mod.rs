//! Prometheus's HTTP API (<https://prometheus.io/docs/prometheus/latest/querying/api/>), which Mimir,
//! Thanos and VictoriaMetrics speak as well.

mod catalog;
mod labels;
#[cfg(test)]
mod tests;

use module::ModuleError;
use reqwest::Client;
use serde_json::Value;

use crate::{
    RequestContext, ServerSettings, SettingsError,
    connection::{Connection, Long},
    envelope::{explain, open},
    http::{Body, not_json},
    series::{Data, Expected, MAX_SERIES, convert},
};

/// The server is told to give up a little before we do, so that its explanation still arrives.
const SERVER_TIMEOUT_SHARE: f64 = 0.9;

/// A client of one Prometheus.
#[derive(Debug, Clone)]
pub struct PrometheusClient {
    connection: Connection,
}

impl PrometheusClient {
    pub fn new(client: Client, settings: ServerSettings) -> Result<Self, SettingsError> {
        let connection = Connection::new(client, settings, "Prometheus", Long::Form)?;
        Ok(Self { connection })
    }

    /// The module's name in errors.
    pub fn module(&self) -> &str {
        &self.connection.module
    }

    /// Evaluates `query` at the instant `time` (RFC 3339).
    ///
    /// The result is `{"result_type":"vector"|"matrix"|"scalar","series":[{"labels":{…},"points":
    /// [[unix_seconds, value|null], …]}],"warnings":[…]}`; null stands for NaN and the infinities.
    pub async fn query(
        &self,
        context: &RequestContext<'_>,
        query: &str,
        time: &str,
    ) -> Result<Value, ModuleError> {
        let parameters = [("query", query), ("time", time)];
        self.evaluate(context, "/api/v1/query", &parameters, Expected::Instant).await
    }

    /// Evaluates `query` from `start` to `end` (RFC 3339), every `step_s` seconds. The result has the
    /// form that `query` gives, and is always a matrix.
    pub async fn query_range(
        &self,
        context: &RequestContext<'_>,
        query: &str,
        start: &str,
        end: &str,
        step_s: u64,
    ) -> Result<Value, ModuleError> {
        let step = step_s.to_string();
        let parameters = [("query", query), ("start", start), ("end", end), ("step", &step)];
        self.evaluate(context, "/api/v1/query_range", &parameters, Expected::Range).await
    }

    async fn evaluate(
        &self,
        context: &RequestContext<'_>,
        path: &str,
        parameters: &[(&str, &str)],
        expected: Expected,
    ) -> Result<Value, ModuleError> {
        let timeout = format!("{:.3}", context.timeout.as_secs_f64() * SERVER_TIMEOUT_SHARE);
        // Servers that know the limit stop early; one more than is shown tells that there are more.
        let limit = (MAX_SERIES + 1).to_string();
        let mut all = parameters.to_vec();
        all.extend([("timeout", timeout.as_str()), ("limit", limit.as_str())]);
        let limit_bytes = self.connection.max_response_bytes;
        let body = self.get(context, path, &all, limit_bytes).await?;
        let (data, warnings) = open::<Data>(self.module(), &body)?;
        let result = convert(self.module(), expected, data, warnings)?;
        serde_json::to_value(result).map_err(|error| not_json(self.module(), error))
    }

    /// One request below the base URL; what goes wrong is explained in the operations' terms.
    async fn get(
        &self,
        context: &RequestContext<'_>,
        path: &str,
        parameters: &[(&str, &str)],
        limit: usize,
    ) -> Result<Body, ModuleError> {
        self.connection
            .get(context, path, parameters, &[], limit)
            .await
            .map_err(|fault| explain(self.module(), fault))
    }
}
