//! A catalog per tenant, read through the adapter by one operation and kept for a while.

use std::{collections::HashMap, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use model::{Clock, TenantId};
use module::{ModuleError, OperationCall, Operations};
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::sync::Mutex;

/// What began to be recorded a minute ago can be asked about.
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(60);
/// While the module does not answer, what it said this long ago still helps.
const USABLE_FOR: SignedDuration = SignedDuration::from_mins(15);
/// After a failure the next attempt is made so much later: those who waited for the first are told
/// its outcome instead of waiting for one of their own each.
const FAILURE_KEPT_FOR: SignedDuration = SignedDuration::from_secs(2);
const MAX_TENANTS: usize = 256;
const TIMEOUT: Duration = Duration::from_secs(10);

/// A catalog, and whether it was there already.
pub(crate) struct Found<T> {
    pub(crate) catalog: Arc<T>,
    pub(crate) was_cached: bool,
}

/// What is known for a tenant.
struct Known<T> {
    catalog: Option<(Timestamp, Arc<T>)>,
    failure: Option<(Timestamp, ModuleError)>,
}

type Slot<T> = Arc<Mutex<Known<T>>>;

/// The catalogs that one operation gives, of the tenants that asked lately.
pub(crate) struct KeptCatalogs<T> {
    operation: &'static str,
    operations: Arc<dyn Operations>,
    clock: Arc<dyn Clock>,
    /// One lock per tenant, held while the catalog is read, so that a burst of questions reads it
    /// once.
    slots: Mutex<HashMap<TenantId, Slot<T>>>,
}

impl<T: DeserializeOwned> KeptCatalogs<T> {
    /// `operation` takes no arguments, and its result has the form of `T`.
    pub(crate) fn new(
        operation: &'static str,
        operations: Arc<dyn Operations>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { operation, operations, clock, slots: Mutex::default() }
    }

    /// The tenant's catalog. An error is why there is none; that of a module that nobody configured
    /// says what to set.
    pub(crate) async fn get(
        &self,
        tenant: &TenantId,
        request_id: &str,
        traceparent: Option<&str>,
    ) -> Result<Found<T>, ModuleError> {
        let slot = self.slot(tenant).await;
        let mut known = slot.lock().await;
        let age = |at: Timestamp| self.clock.now().duration_since(at);
        if let Some((at, catalog)) = &known.catalog
            && age(*at) <= FRESH_FOR
        {
            return Ok(Found { catalog: Arc::clone(catalog), was_cached: true });
        }
        let failure = match &known.failure {
            Some((at, error)) if age(*at) <= FAILURE_KEPT_FOR => error.clone(),
            _ => match self.read(tenant, request_id, traceparent).await {
                Ok(catalog) => {
                    let catalog = Arc::new(catalog);
                    let at = self.clock.now();
                    *known = Known { catalog: Some((at, Arc::clone(&catalog))), failure: None };
                    return Ok(Found { catalog, was_cached: false });
                }
                Err(error) => {
                    known.failure = Some((self.clock.now(), error.clone()));
                    error
                }
            },
        };
        match &known.catalog {
            Some((at, catalog)) if age(*at) <= USABLE_FOR => {
                tracing::warn!(error = %failure, "using the catalog of before");
                Ok(Found { catalog: Arc::clone(catalog), was_cached: true })
            }
            _ => Err(failure),
        }
    }

    async fn read(
        &self,
        tenant: &TenantId,
        request_id: &str,
        traceparent: Option<&str>,
    ) -> Result<T, ModuleError> {
        let call = OperationCall {
            tenant: tenant.clone(),
            operation: self.operation.to_owned(),
            arguments: json!({}),
            request_id: request_id.to_owned(),
            traceparent: traceparent.map(str::to_owned),
            timeout: TIMEOUT,
        };
        let catalog = self.operations.run(&call).await?;
        serde_json::from_value(catalog)
            .map_err(|error| ModuleError::bad_response(self.operation, error))
    }

    async fn slot(&self, tenant: &TenantId) -> Slot<T> {
        let mut slots = self.slots.lock().await;
        if slots.len() >= MAX_TENANTS && !slots.contains_key(tenant) {
            // Forgetting all of them costs each tenant one read, and keeps no record of use.
            slots.clear();
        }
        let empty = || Arc::new(Mutex::new(Known { catalog: None, failure: None }));
        Arc::clone(slots.entry(tenant.clone()).or_insert_with(empty))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

    use async_trait::async_trait;
    use serde_json::Value;

    use super::*;

    /// Answers with how often it was asked, or fails from a number of calls on.
    struct Counting {
        calls: AtomicU32,
        fails_from: u32,
    }

    #[async_trait]
    impl Operations for Counting {
        async fn run(&self, call: &OperationCall) -> Result<Value, ModuleError> {
            assert_eq!((call.operation.as_str(), &call.arguments), ("logs.catalog", &json!({})));
            let calls = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
            if calls >= self.fails_from {
                return Err(ModuleError::timeout("Loki"));
            }
            Ok(json!(calls))
        }
    }

    #[derive(Default)]
    struct Hands(AtomicI64);

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(1_772_625_600 + self.0.load(Ordering::Relaxed)).unwrap()
        }
    }

    struct Setting {
        operations: Arc<Counting>,
        clock: Arc<Hands>,
        kept: KeptCatalogs<u32>,
    }

    fn setting(fails_from: u32) -> Setting {
        let operations = Arc::new(Counting { calls: AtomicU32::new(0), fails_from });
        let clock = Arc::new(Hands::default());
        let kept = KeptCatalogs::new("logs.catalog", operations.clone(), clock.clone());
        Setting { operations, clock, kept }
    }

    impl Setting {
        async fn at(&self, second: i64, tenant: &str) -> Result<u32, String> {
            self.clock.0.store(second, Ordering::Relaxed);
            let tenant = tenant.parse().unwrap();
            let found = self.kept.get(&tenant, "req", None).await;
            found.map(|found| *found.catalog).map_err(|error| error.to_string())
        }
    }

    #[tokio::test]
    async fn a_catalog_is_read_once_a_minute_for_each_tenant() {
        let setting = setting(u32::MAX);
        for (second, tenant, expected) in
            [(0, "a", 1), (60, "a", 1), (60, "b", 2), (61, "a", 3), (120, "b", 2), (121, "b", 4)]
        {
            assert_eq!(setting.at(second, tenant).await, Ok(expected), "{second} {tenant}");
        }
    }

    #[tokio::test]
    async fn an_old_catalog_is_better_than_none_for_a_while() {
        let setting = setting(2);
        assert_eq!(setting.at(0, "a").await, Ok(1));
        assert_eq!(setting.at(100, "a").await, Ok(1));
        assert_eq!(setting.at(102, "a").await, Ok(1));
        assert_eq!(setting.operations.calls.load(Ordering::Relaxed), 2, "no attempt of its own");
        assert_eq!(setting.at(900, "a").await, Ok(1));
        assert_eq!(setting.at(903, "a").await, Err("Loki did not answer in time".to_owned()));
    }
}
