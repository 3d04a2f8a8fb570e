//! The function that runs operations on modules: the only one with outbound access and with the
//! modules' credentials.
//!
//! Nothing is run that is not in the table of operations, and no argument passes that its schema
//! does not admit: what asks may be a language model. What a question means is not known here.

mod config;
mod deps;
mod observe;
mod run;
mod wire;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use contract::operation::{OperationRequest, OperationResponse};
use module::{ModuleError, OperationCall, Operations};
use serde_json::Value;

pub use self::config::Config;
pub use self::deps::{Deps, StartError};
use self::run::run;

/// The share of the invoker's time that is ours; the rest is for the way back, so that our
/// explanation arrives before the invoker gives up.
const OUR_SHARE: f64 = 0.9;
/// Longer than any caller of ours waits.
const MAX_TIMEOUT: Duration = Duration::from_secs(25);

/// Runs one operation for whoever invoked the function.
pub async fn handle(deps: &Deps, request: OperationRequest) -> OperationResponse {
    let result = match wire::call(request) {
        Ok(mut call) => {
            call.timeout = call.timeout.mul_f64(OUR_SHARE);
            run(deps, &call).await
        }
        Err(error) => Err(error),
    };
    wire::response(result)
}

/// The operations without a function in between, for a process that holds everything.
#[derive(Clone)]
pub struct InProcess(Arc<Deps>);

impl InProcess {
    pub fn new(deps: Deps) -> Self {
        Self(Arc::new(deps))
    }
}

#[async_trait]
impl Operations for InProcess {
    async fn run(&self, call: &OperationCall) -> Result<Value, ModuleError> {
        run(&self.0, call).await
    }
}

#[cfg(test)]
mod tests;
