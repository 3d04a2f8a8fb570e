//! Whether what a function needs is there. Anyone may ask, so the answer is kept for a moment: a
//! flood of questions is not passed on.

use std::{sync::Arc, time::Duration};

use auth::KeyStore;
use contract::health::Check;
use jiff::{SignedDuration, Timestamp};
use model::{KeyId, TenantId};
use module::{METRICS_QUERY, ModuleError, OperationCall, Operations};
use serde_json::json;
use tokio::sync::Mutex;

const KEPT_FOR: SignedDuration = SignedDuration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(3);

/// A tenant of nobody's, under which the platform itself asks; nothing is stored for it.
const PLATFORM: &str = "platform";
const NO_KEY: &str = "aaaaaaaaaaaaaaaa";

pub(crate) struct Probe {
    keys: Arc<dyn KeyStore>,
    operations: Arc<dyn Operations>,
    has_model: bool,
    latest: Mutex<Option<(Timestamp, Vec<Check>)>>,
}

impl Probe {
    pub(crate) fn new(
        keys: Arc<dyn KeyStore>,
        operations: Arc<dyn Operations>,
        has_model: bool,
    ) -> Self {
        Self { keys, operations, has_model, latest: Mutex::default() }
    }

    pub(crate) async fn checks(&self, now: Timestamp) -> Vec<Check> {
        let mut latest = self.latest.lock().await;
        if let Some((at, checks)) = latest.as_ref()
            && now.duration_since(*at) < KEPT_FOR
        {
            return checks.clone();
        }
        let (store, metrics) = tokio::join!(self.store(), self.metrics(now));
        let model = check("model", false, if self.has_model { "ok" } else { "off" }, None);
        let checks = vec![store, metrics, model];
        *latest = Some((now, checks.clone()));
        checks
    }

    async fn store(&self) -> Check {
        let (Ok(tenant), Ok(key)) = (PLATFORM.parse::<TenantId>(), NO_KEY.parse::<KeyId>()) else {
            return check("store", true, "down", None);
        };
        match tokio::time::timeout(TIMEOUT, self.keys.get(&tenant, &key)).await {
            Ok(Ok(_)) => check("store", true, "ok", None),
            Ok(Err(error)) => check("store", true, "down", Some(error.to_string())),
            Err(_) => check("store", true, "down", Some("the store does not answer".to_owned())),
        }
    }

    async fn metrics(&self, now: Timestamp) -> Check {
        let call =
            platform_call(METRICS_QUERY, json!({ "query": "vector(1)", "time": now.to_string() }));
        match self.operations.run(&call).await {
            Ok(_) => check("metrics", false, "ok", None),
            Err(ModuleError::NotConfigured { .. }) => check("metrics", false, "off", None),
            // Anyone may ask, and addresses are not for anyone: the log has them.
            Err(error) => {
                tracing::warn!(error = %error, "metrics are not reachable");
                check("metrics", false, "down", None)
            }
        }
    }
}

/// An operation that no tenant asked for.
pub(crate) fn platform_call(operation: &str, arguments: serde_json::Value) -> OperationCall {
    let tenant = PLATFORM.parse().unwrap_or_else(|_| unreachable!("a constant that is valid"));
    OperationCall {
        tenant,
        operation: operation.to_owned(),
        arguments,
        request_id: operation.to_owned(),
        traceparent: None,
        timeout: TIMEOUT,
    }
}

fn check(name: &str, required: bool, status: &str, message: Option<String>) -> Check {
    Check { name: name.to_owned(), status: status.to_owned(), required, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platform_s_names_are_valid() {
        assert!(PLATFORM.parse::<TenantId>().is_ok());
        assert!(NO_KEY.parse::<KeyId>().is_ok());
    }
}
