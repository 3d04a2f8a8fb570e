//! The port: whoever can run an operation, be it in this process or behind a function's name.

use std::time::Duration;

use async_trait::async_trait;
use model::TenantId;
use serde_json::Value;

use crate::ModuleError;

/// One operation to run, for one tenant.
#[derive(Debug, Clone)]
pub struct OperationCall {
    pub tenant: TenantId,
    /// A name from the table of operations.
    pub operation: String,
    /// What the operation's schema asks for.
    pub arguments: Value,
    pub request_id: String,
    /// The W3C trace context to pass on.
    pub traceparent: Option<String>,
    /// How long the caller waits, retries included.
    pub timeout: Duration,
}

/// Runs operations on modules.
#[async_trait]
pub trait Operations: Send + Sync {
    /// The operation's result as JSON, in the form that the operation documents.
    async fn run(&self, call: &OperationCall) -> Result<Value, ModuleError>;
}
