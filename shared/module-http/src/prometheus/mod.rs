//! Prometheus's HTTP API (<https://prometheus.io/docs/prometheus/latest/querying/api/>), which Mimir,
//! Thanos and VictoriaMetrics speak as well.

mod catalog;
mod envelope;
mod labels;
mod result;
#[cfg(test)]
mod tests;

use module::ModuleError;
use reqwest::{
    Client, RequestBuilder, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use serde_json::Value;

pub use self::result::MAX_SERIES;
use self::{
    envelope::{explain, open},
    result::{Data, Expected, convert},
};
use crate::{
    Endpoint, PrometheusSettings, RequestContext, SettingsError,
    http::{Body, exchange, not_json},
};

/// Above this a query goes into the body of a POST: proxies refuse long request lines, often at
/// 8 KiB, and percent-encoding may treble a query.
const MAX_GET_QUERY_BYTES: usize = 2_000;
/// The server is told to give up a little before we do, so that its explanation still arrives.
const SERVER_TIMEOUT_SHARE: f64 = 0.9;
const ORG_ID: &str = "X-Scope-OrgID";

/// A client of one Prometheus.
#[derive(Debug, Clone)]
pub struct PrometheusClient {
    client: Client,
    endpoint: Endpoint,
    authorization: Option<HeaderValue>,
    send_org_id: bool,
    max_response_bytes: usize,
    module: String,
}

impl PrometheusClient {
    pub fn new(client: Client, settings: PrometheusSettings) -> Result<Self, SettingsError> {
        let authorization = settings.authorization()?;
        let PrometheusSettings { endpoint, credential: _, send_org_id, max_response_bytes } =
            settings;
        let module = format!("Prometheus at {endpoint}");
        Ok(Self { client, endpoint, authorization, send_org_id, max_response_bytes, module })
    }

    /// The module's name in errors.
    pub fn module(&self) -> &str {
        &self.module
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
        let body = self.get(context, path, &all, self.max_response_bytes).await?;
        let (data, warnings) = open::<Data>(&self.module, &body)?;
        let result = convert(&self.module, expected, data, warnings)?;
        serde_json::to_value(result).map_err(|error| not_json(&self.module, error))
    }

    /// One request below the base URL; what goes wrong is explained in the operations' terms.
    async fn get(
        &self,
        context: &RequestContext<'_>,
        path: &str,
        parameters: &[(&str, &str)],
        limit: usize,
    ) -> Result<Body, ModuleError> {
        let mut url = self.endpoint.join(path);
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        let mut request = context.apply(self.request(url));
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        if self.send_org_id {
            request = request.header(ORG_ID, context.tenant.as_str());
        }
        exchange(request, &self.module, limit).await.map_err(|fault| explain(&self.module, fault))
    }

    fn request(&self, mut url: Url) -> RequestBuilder {
        let query = url.query().unwrap_or_default();
        if query.len() <= MAX_GET_QUERY_BYTES {
            return self.client.get(url);
        }
        let form = query.to_owned();
        url.set_query(None);
        self.client.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form)
    }
}
