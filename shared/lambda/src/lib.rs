//! Runs operations by invoking the function that has them.
//!
//! What an operation does is not known here: the call goes out, the result or the error that the
//! function met comes back, and what goes wrong on the way is told in the same terms.

mod fault;
mod payload;

use async_trait::async_trait;
use aws_config::{SdkConfig, retry::RetryConfig};
use aws_sdk_lambda::{Client, config::Config, primitives::Blob, types::InvocationType};
use module::{ModuleError, OperationCall, Operations};
use serde_json::Value;
use tokio::time::timeout;

use self::{
    fault::{function_error, invoke_error},
    payload::{Answer, Payload},
};

/// The port `Operations`, behind the name of a function.
#[derive(Debug, Clone)]
pub struct LambdaOperations {
    client: Client,
    function_name: String,
    module: String,
}

impl LambdaOperations {
    pub fn new(config: &SdkConfig, function_name: impl Into<String>) -> Self {
        let function_name = function_name.into();
        let module = format!("The function {function_name}");
        Self { client: Client::new(config), function_name, module }
    }

    async fn invoke(&self, call: &OperationCall) -> Result<Value, ModuleError> {
        let payload = serde_json::to_vec(&Payload::new(call))
            .map_err(|error| ModuleError::bad_response(&self.module, error))?;
        let request = self
            .client
            .invoke()
            .function_name(&self.function_name)
            .invocation_type(InvocationType::RequestResponse)
            .payload(Blob::new(payload));
        let may_repeat = module::find(&call.operation).is_some_and(|spec| spec.read_only);
        let sent = if may_repeat {
            request.send().await
        } else {
            // An answer that got lost does not tell whether the operation ran.
            let once = Config::builder().retry_config(RetryConfig::disabled());
            request.customize().config_override(once).send().await
        };
        let output =
            sent.map_err(|error| invoke_error(&self.module, &self.function_name, error))?;
        let bytes = output.payload().map(Blob::as_ref).unwrap_or_default();
        if output.function_error().is_some() {
            return Err(function_error(&self.module, bytes));
        }
        match serde_json::from_slice(bytes) {
            Ok(Answer::Ok(value)) => Ok(value),
            Ok(Answer::Error(error)) => Err(error.into()),
            Err(error) => Err(ModuleError::bad_response(&self.module, error)),
        }
    }
}

#[async_trait]
impl Operations for LambdaOperations {
    async fn run(&self, call: &OperationCall) -> Result<Value, ModuleError> {
        timeout(call.timeout, self.invoke(call))
            .await
            .unwrap_or_else(|_| Err(ModuleError::timeout(&self.module)))
    }
}

#[cfg(test)]
mod tests;
