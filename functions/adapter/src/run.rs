//! Runs an operation: checks it, finds its module, and asks as often and as long as is allowed.

use std::{future::Future, time::Duration};

use module::{
    IDENTITY_JWKS, METRICS_CATALOG, METRICS_QUERY, METRICS_QUERY_RANGE, ModuleError, OperationCall,
    OperationSpec,
};
use module_http::RequestContext;
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
        METRICS_QUERY => {
            let Query { query, time } = arguments(call)?;
            let prometheus = deps.prometheus()?;
            let client = &prometheus.client;
            ask(prometheus, spec, call, async |context| client.query(&context, &query, &time).await)
                .await
        }
        METRICS_QUERY_RANGE => {
            let QueryRange { query, start, end, step_s } = arguments(call)?;
            let prometheus = deps.prometheus()?;
            let client = &prometheus.client;
            ask(prometheus, spec, call, async |context| {
                client.query_range(&context, &query, &start, &end, step_s as u64).await
            })
            .await
        }
        METRICS_CATALOG => {
            let prometheus = deps.prometheus()?;
            let client = &prometheus.client;
            let now = deps.clock.now();
            ask(prometheus, spec, call, async |context| client.catalog(&context, now).await).await
        }
        IDENTITY_JWKS => {
            let jwks = deps.jwks()?;
            let client = &jwks.client;
            ask(jwks, spec, call, async |context| client.fetch(&context).await).await
        }
        other => Err(ModuleError::unknown_operation(other)),
    }
}

/// The arguments as a type. The schema has admitted them, so that they do not fit is our mistake,
/// told as what it is for the caller.
fn arguments<T: DeserializeOwned>(call: &OperationCall) -> Result<T, ModuleError> {
    T::deserialize(&call.arguments).map_err(|error| {
        ModuleError::invalid_argument(&call.operation, "", "type", error.to_string())
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
