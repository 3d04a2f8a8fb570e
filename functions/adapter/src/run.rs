//! Runs an operation: checks it, finds its module, and asks as often and as long as is allowed.

use std::{future::Future, time::Duration};

use jiff::Timestamp;
use module::{
    IDENTITY_JWKS, LOGS_CATALOG, LOGS_LINES, LOGS_QUERY, LOGS_QUERY_RANGE, METRICS_CATALOG,
    METRICS_QUERY, METRICS_QUERY_RANGE, ModuleError, OperationCall, OperationSpec, TRACES_CATALOG,
    TRACES_QUERY_RANGE, TRACES_SEARCH,
};
use module_http::{LinesQuery, RequestContext, TracesQuery};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    MAX_TIMEOUT,
    deps::{Deps, Module},
    observe::observe,
};

#[derive(Deserialize)]
struct Query {
    query: String,
    time: String,
}

#[derive(Deserialize)]
struct QueryRange {
    query: String,
    start: String,
    end: String,
    /// Whole, but perhaps written as `15.0`.
    step_s: f64,
}

#[derive(Deserialize)]
struct Lines {
    query: String,
    start: String,
    end: String,
    #[serde(default)]
    limit: Option<f64>,
    #[serde(default)]
    direction: String,
}

#[derive(Deserialize)]
struct Traces {
    query: String,
    start: Timestamp,
    end: Timestamp,
    #[serde(default)]
    limit: Option<f64>,
}

const LINES: usize = 100;
const TRACES: usize = 20;

/// A whole number that may be written as `15.0`.
fn whole(limit: Option<f64>, default: usize) -> usize {
    limit.map_or(default, |limit| limit as usize)
}

pub(crate) async fn run(deps: &Deps, call: &OperationCall) -> Result<Value, ModuleError> {
    let start = Instant::now();
    let result = dispatch(deps, call).await;
    observe(deps, call, start.elapsed(), &result);
    result
}

async fn dispatch(deps: &Deps, call: &OperationCall) -> Result<Value, ModuleError> {
    module::validate(&call.operation, &call.arguments)?;
    let spec = module::find(&call.operation)
        .ok_or_else(|| ModuleError::unknown_operation(&call.operation))?;
    match spec.name {
        METRICS_QUERY | METRICS_QUERY_RANGE | METRICS_CATALOG => metrics(deps, spec, call).await,
        LOGS_QUERY | LOGS_QUERY_RANGE | LOGS_LINES | LOGS_CATALOG => logs(deps, spec, call).await,
        TRACES_SEARCH | TRACES_QUERY_RANGE | TRACES_CATALOG => traces(deps, spec, call).await,
        IDENTITY_JWKS => {
            let jwks = deps.jwks()?;
            let client = &jwks.client;
            ask(jwks, spec, call, async |context| client.fetch(&context).await).await
        }
        other => Err(ModuleError::unknown_operation(other)),
    }
}

async fn metrics(
    deps: &Deps,
    spec: &OperationSpec,
    call: &OperationCall,
) -> Result<Value, ModuleError> {
    let prometheus = deps.prometheus()?;
    let client = &prometheus.client;
    match spec.name {
        METRICS_QUERY => {
            let Query { query, time } = arguments(call)?;
            ask(prometheus, spec, call, async |context| client.query(&context, &query, &time).await)
                .await
        }
        METRICS_QUERY_RANGE => {
            let QueryRange { query, start, end, step_s } = arguments(call)?;
            ask(prometheus, spec, call, async |context| {
                client.query_range(&context, &query, &start, &end, step_s as u64).await
            })
            .await
        }
        _ => {
            let now = deps.clock.now();
            ask(prometheus, spec, call, async |context| client.catalog(&context, now).await).await
        }
    }
}

async fn logs(
    deps: &Deps,
    spec: &OperationSpec,
    call: &OperationCall,
) -> Result<Value, ModuleError> {
    let loki = deps.loki()?;
    let client = &loki.client;
    match spec.name {
        LOGS_QUERY => {
            let Query { query, time } = arguments(call)?;
            ask(loki, spec, call, async |context| client.query(&context, &query, &time).await).await
        }
        LOGS_QUERY_RANGE => {
            let QueryRange { query, start, end, step_s } = arguments(call)?;
            ask(loki, spec, call, async |context| {
                client.query_range(&context, &query, &start, &end, step_s as u64).await
            })
            .await
        }
        LOGS_LINES => {
            let Lines { query, start, end, limit, direction } = arguments(call)?;
            ask(loki, spec, call, async |context| {
                let wanted = LinesQuery {
                    query: &query,
                    start: &start,
                    end: &end,
                    limit: whole(limit, LINES),
                    oldest_first: direction == "forward",
                };
                client.lines(&context, &wanted).await
            })
            .await
        }
        _ => {
            let now = deps.clock.now();
            ask(loki, spec, call, async |context| client.catalog(&context, now).await).await
        }
    }
}

async fn traces(
    deps: &Deps,
    spec: &OperationSpec,
    call: &OperationCall,
) -> Result<Value, ModuleError> {
    let tempo = deps.tempo()?;
    let client = &tempo.client;
    match spec.name {
        TRACES_SEARCH => {
            let Traces { query, start, end, limit } = arguments(call)?;
            ask(tempo, spec, call, async |context| {
                let limit = whole(limit, TRACES);
                let wanted = TracesQuery { query: &query, start, end, limit };
                client.search(&context, &wanted).await
            })
            .await
        }
        TRACES_QUERY_RANGE => {
            let QueryRange { query, start, end, step_s } = arguments(call)?;
            let (start, end) = (instant(call, "start", &start)?, instant(call, "end", &end)?);
            ask(tempo, spec, call, async |context| {
                client.query_range(&context, &query, start, end, step_s as u64).await
            })
            .await
        }
        _ => {
            let now = deps.clock.now();
            ask(tempo, spec, call, async |context| client.catalog(&context, now).await).await
        }
    }
}

/// The arguments as a type. The schema has admitted them, so that they do not fit is our mistake,
/// told as what it is for the caller.
fn arguments<T: DeserializeOwned>(call: &OperationCall) -> Result<T, ModuleError> {
    T::deserialize(&call.arguments).map_err(|error| {
        ModuleError::invalid_argument(&call.operation, "", "type", error.to_string())
    })
}

fn instant(call: &OperationCall, field: &str, text: &str) -> Result<Timestamp, ModuleError> {
    text.parse().map_err(|error: jiff::Error| {
        ModuleError::invalid_argument(&call.operation, field, "format", error.to_string())
    })
}

/// Asks the module within the call's time and by the module's policy.
async fn ask<'c, C, F, A>(
    module: &Module<C>,
    spec: &OperationSpec,
    call: &'c OperationCall,
    attempt: F,
) -> Result<Value, ModuleError>
where
    F: Fn(RequestContext<'c>) -> A,
    A: Future<Output = Result<Value, ModuleError>>,
{
    let within = call.timeout.min(MAX_TIMEOUT);
    let context = |timeout: Duration| RequestContext {
        tenant: &call.tenant,
        request_id: &call.request_id,
        traceparent: call.traceparent.as_deref(),
        timeout,
    };
    module.policy.run(within, spec.read_only, |remaining| attempt(context(remaining))).await
}
