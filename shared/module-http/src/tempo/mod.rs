//! Tempo's HTTP API (<https://grafana.com/docs/tempo/latest/api_docs/>).

mod catalog;
mod proto;
mod search;
mod series;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use module::{ModuleError, TRACES_QUERY_RANGE, TRACES_SEARCH};
use query::{Bounds, CheckError, Samples, TraceCatalog, check_traceql};
use reqwest::Client;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    RequestContext, ServerSettings, SettingsError,
    connection::{Connection, Long},
    envelope::whole,
    http::not_json,
    refusal::explain,
};

/// Of each trace so many of the spans that match are shown.
const SPANS_PER_TRACE: &str = "5";

/// A query for traces.
#[derive(Debug, Clone, Copy)]
pub struct TracesQuery<'a> {
    /// TraceQL that selects spans.
    pub query: &'a str,
    pub start: Timestamp,
    pub end: Timestamp,
    pub limit: usize,
}

/// A client of one Tempo.
#[derive(Debug, Clone)]
pub struct TempoClient {
    connection: Connection,
}

impl TempoClient {
    pub fn new(client: Client, settings: ServerSettings) -> Result<Self, SettingsError> {
        Ok(Self { connection: Connection::new(client, settings, "Tempo", Long::Address)? })
    }

    /// The module's name in errors.
    pub fn module(&self) -> &str {
        &self.connection.module
    }

    /// Finds the traces of which spans match; the result is a [`module::TraceList`].
    pub async fn search(
        &self,
        context: &RequestContext<'_>,
        wanted: &TracesQuery<'_>,
    ) -> Result<Value, ModuleError> {
        check(TRACES_SEARCH, wanted.query, false)?;
        let (start, end) = seconds(wanted.start, wanted.end);
        let limit = wanted.limit.to_string();
        let parameters = [
            ("q", wanted.query),
            ("start", &start),
            ("end", &end),
            ("limit", &limit),
            ("spss", SPANS_PER_TRACE),
        ];
        let answer = self.get(context, "/api/search", &parameters).await?;
        self.result(&search::convert(self.module(), answer, wanted.limit)?)
    }

    /// Evaluates a query that counts or measures, every `step_s` seconds. The result has the form
    /// that [`crate::PrometheusClient::query_range`] gives.
    pub async fn query_range(
        &self,
        context: &RequestContext<'_>,
        query: &str,
        start: Timestamp,
        end: Timestamp,
        step_s: u64,
    ) -> Result<Value, ModuleError> {
        check(TRACES_QUERY_RANGE, query, true)?;
        let (start, end) = seconds(start, end);
        let step = format!("{step_s}s");
        let parameters = [("q", query), ("start", &start), ("end", &end), ("step", &step)];
        let answer = self.get(context, "/api/metrics/query_range", &parameters).await?;
        self.result(&series::convert(answer))
    }

    fn result<T: Serialize>(&self, result: &T) -> Result<Value, ModuleError> {
        serde_json::to_value(result).map_err(|error| not_json(self.module(), error))
    }

    async fn get<T: DeserializeOwned>(
        &self,
        context: &RequestContext<'_>,
        path: &str,
        parameters: &[(&str, &str)],
    ) -> Result<T, ModuleError> {
        let limit = self.connection.max_response_bytes;
        let body = self
            .connection
            .get(context, path, parameters, &[], limit)
            .await
            .map_err(|fault| explain(self.module(), fault))?;
        whole(self.module(), &body, "ask for fewer traces, a shorter range or a larger step")?;
        serde_json::from_slice(&body.bytes).map_err(|error| not_json(self.module(), error))
    }
}

/// Tempo takes whole seconds; rounded outwards, so that nothing of the period is missed.
fn seconds(start: Timestamp, end: Timestamp) -> (String, String) {
    let begun = i64::from(end.subsec_nanosecond() > 0);
    (start.as_second().to_string(), (end.as_second() + begun).to_string())
}

/// The last gate before a query runs: it parses, is within the bounds, and gives what the operation
/// is for.
///
/// Which attributes there are is not known here; they are checked by those who have the catalog. So
/// that the check looks at all of the query, what it names is taken to exist.
fn check(operation: &str, query: &str, numbers: bool) -> Result<(), ModuleError> {
    let invalid =
        |message: String| ModuleError::invalid_argument(operation, "query", "traceql", message);
    let bounds = Bounds::default();
    let mut catalog = TraceCatalog::default();
    let checked = loop {
        match check_traceql(query, &catalog, &bounds) {
            Ok(checked) => break checked,
            Err(CheckError::UnknownAttribute { name, .. })
                if !catalog.attributes.contains_key(&named(&name)) =>
            {
                catalog.attributes.insert(named(&name), Samples::default());
            }
            Err(error) => return Err(invalid(error.to_string())),
        }
    };
    match (checked.is_metric, numbers) {
        (true, false) => Err(invalid("gives numbers, not spans".to_owned())),
        (false, true) => Err(invalid("gives spans, not numbers; add `| rate()`".to_owned())),
        _ => Ok(()),
    }
}

/// An attribute as catalogs list it: with its scope, and without the quotation marks and escapes
/// that a query needs.
fn named(name: &str) -> String {
    let plain = name.strip_prefix("parent.").unwrap_or(name);
    let mut characters = plain.chars();
    let mut listed = String::with_capacity(plain.len());
    while let Some(character) = characters.next() {
        match character {
            '"' => {}
            '\\' => listed.extend(characters.next()),
            other => listed.push(other),
        }
    }
    listed
}
