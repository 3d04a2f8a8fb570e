//! Loki's HTTP API (<https://grafana.com/docs/loki/latest/reference/loki-http-api/>).

mod catalog;
mod lines;
mod sample;
#[cfg(test)]
mod tests;

use module::{LOGS_LINES, LOGS_QUERY, LOGS_QUERY_RANGE, LogLines, ModuleError};
use query::{Bounds, LogCatalog, check_logql};
use reqwest::Client;
use serde_json::Value;

use self::lines::Streams;
use crate::{
    RequestContext, ServerSettings, SettingsError,
    connection::{Connection, Long},
    envelope::open,
    http::{Body, not_json},
    refusal::explain,
    series::{Data, Expected, convert},
};

/// Has Loki say which labels are a stream's, which were recorded beside a line, and which were
/// parsed out of it.
const CATEGORIZE: [(&str, &str); 1] = [("X-Loki-Response-Encoding-Flags", "categorize-labels")];

/// A query for lines.
#[derive(Debug, Clone, Copy)]
pub struct LinesQuery<'a> {
    /// LogQL that selects lines.
    pub query: &'a str,
    /// RFC 3339; the lines at `end` itself are not among the results.
    pub start: &'a str,
    pub end: &'a str,
    pub limit: usize,
    /// Begins with the oldest line.
    pub oldest_first: bool,
}

/// A client of one Loki.
#[derive(Debug, Clone)]
pub struct LokiClient {
    connection: Connection,
}

impl LokiClient {
    pub fn new(client: Client, settings: ServerSettings) -> Result<Self, SettingsError> {
        Ok(Self { connection: Connection::new(client, settings, "Loki", Long::Form)? })
    }

    /// The module's name in errors.
    pub fn module(&self) -> &str {
        &self.connection.module
    }

    /// Evaluates a query that counts or measures at the instant `time` (RFC 3339). The result has
    /// the form that [`crate::PrometheusClient::query`] gives.
    pub async fn query(
        &self,
        context: &RequestContext<'_>,
        query: &str,
        time: &str,
    ) -> Result<Value, ModuleError> {
        check(LOGS_QUERY, query, true)?;
        let parameters = [("query", query), ("time", time)];
        self.evaluate(context, "/loki/api/v1/query", &parameters, Expected::Instant).await
    }

    /// Evaluates a query that counts or measures from `start` to `end` (RFC 3339), every `step_s`
    /// seconds. The result is a matrix, whose points Loki moves to multiples of the step.
    pub async fn query_range(
        &self,
        context: &RequestContext<'_>,
        query: &str,
        start: &str,
        end: &str,
        step_s: u64,
    ) -> Result<Value, ModuleError> {
        check(LOGS_QUERY_RANGE, query, true)?;
        let step = step_s.to_string();
        let parameters = [("query", query), ("start", start), ("end", end), ("step", &step)];
        self.evaluate(context, "/loki/api/v1/query_range", &parameters, Expected::Range).await
    }

    /// Finds the lines that a query selects; the result is a [`LogLines`].
    pub async fn lines(
        &self,
        context: &RequestContext<'_>,
        wanted: &LinesQuery<'_>,
    ) -> Result<Value, ModuleError> {
        check(LOGS_LINES, wanted.query, false)?;
        let lines = self.read_lines(context, wanted, self.connection.max_response_bytes).await?;
        serde_json::to_value(lines).map_err(|error| not_json(self.module(), error))
    }

    async fn read_lines(
        &self,
        context: &RequestContext<'_>,
        wanted: &LinesQuery<'_>,
        limit_bytes: usize,
    ) -> Result<LogLines, ModuleError> {
        let limit = wanted.limit.to_string();
        let direction = if wanted.oldest_first { "forward" } else { "backward" };
        let parameters = [
            ("query", wanted.query),
            ("start", wanted.start),
            ("end", wanted.end),
            ("limit", &limit),
            ("direction", direction),
        ];
        let path = "/loki/api/v1/query_range";
        let body = self
            .connection
            .get(context, path, &parameters, &CATEGORIZE, limit_bytes)
            .await
            .map_err(|fault| explain(self.module(), fault))?;
        let (streams, warnings) = open::<Streams>(self.module(), &body)?;
        lines::convert(self.module(), streams, wanted, warnings)
    }

    async fn evaluate(
        &self,
        context: &RequestContext<'_>,
        path: &str,
        parameters: &[(&str, &str)],
        expected: Expected,
    ) -> Result<Value, ModuleError> {
        let body = self.get(context, path, parameters, self.connection.max_response_bytes).await?;
        let (data, warnings) = open::<Data>(self.module(), &body)?;
        let result = convert(self.module(), expected, data, warnings)?;
        serde_json::to_value(result).map_err(|error| not_json(self.module(), error))
    }

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

/// The last gate before a query runs: it parses, is within the bounds, and gives what the operation
/// is for. Whether its labels exist is checked by those who have the catalog.
fn check(operation: &str, query: &str, numbers: bool) -> Result<(), ModuleError> {
    let invalid =
        |message: String| ModuleError::invalid_argument(operation, "query", "logql", message);
    let checked = check_logql(query, &LogCatalog::default(), &Bounds::default())
        .map_err(|error| invalid(error.to_string()))?;
    match (checked.numbers, numbers) {
        (true, false) => Err(invalid("gives numbers, not lines".to_owned())),
        (false, true) => Err(invalid("gives lines, not numbers; count them".to_owned())),
        _ => Ok(()),
    }
}
