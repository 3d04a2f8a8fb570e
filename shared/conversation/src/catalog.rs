//! What a tenant's Prometheus says exists, read through the adapter and kept for a while.

use std::{collections::HashMap, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use model::{Clock, TenantId};
use module::{ModuleError, OperationCall, Operations};
use nlp::Vocabulary;
use query::Catalog;
use serde_json::json;
use tokio::sync::Mutex;

/// A service deployed a minute ago can be asked about.
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(60);
/// While Prometheus does not answer, what it said this long ago still helps to understand.
const USABLE_FOR: SignedDuration = SignedDuration::from_mins(15);
const MAX_TENANTS: usize = 256;
const TIMEOUT: Duration = Duration::from_secs(10);

/// A catalog with the vocabulary that understanding takes from it.
pub struct TenantCatalog {
    pub catalog: Catalog,
    pub vocabulary: Vocabulary,
}

impl TenantCatalog {
    fn new(catalog: Catalog) -> Self {
        let services = catalog.services();
        let versions: Vec<String> =
            services.iter().flat_map(|service| catalog.versions(service)).collect();
        let vocabulary = Vocabulary::new(services, versions, catalog.environments());
        Self { catalog, vocabulary }
    }
}

type Slot = Arc<Mutex<Option<(Timestamp, Arc<TenantCatalog>)>>>;

/// The catalogs of the tenants that asked lately.
pub struct CatalogCache {
    operations: Arc<dyn Operations>,
    clock: Arc<dyn Clock>,
    /// One lock per tenant, held while the catalog is read, so that a burst of questions reads it
    /// once.
    slots: Mutex<HashMap<TenantId, Slot>>,
}

impl CatalogCache {
    pub fn new(operations: Arc<dyn Operations>, clock: Arc<dyn Clock>) -> Self {
        Self { operations, clock, slots: Mutex::default() }
    }

    pub async fn get(
        &self,
        tenant: &TenantId,
        request_id: &str,
        traceparent: Option<&str>,
    ) -> Result<Arc<TenantCatalog>, ModuleError> {
        let slot = self.slot(tenant).await;
        let mut slot = slot.lock().await;
        let now = self.clock.now();
        let known = slot.as_ref().map(|(at, catalog)| (now.duration_since(*at), catalog));
        if let Some((age, catalog)) = &known
            && *age <= FRESH_FOR
        {
            return Ok(Arc::clone(catalog));
        }
        let call = OperationCall {
            tenant: tenant.clone(),
            operation: module::METRICS_CATALOG.to_owned(),
            arguments: json!({}),
            request_id: request_id.to_owned(),
            traceparent: traceparent.map(str::to_owned),
            timeout: TIMEOUT,
        };
        let read = self.operations.run(&call).await.and_then(|value| {
            serde_json::from_value::<Catalog>(value)
                .map_err(|error| ModuleError::bad_response("the metrics catalog", error))
        });
        match (read, known) {
            (Ok(catalog), _) => {
                let catalog = Arc::new(TenantCatalog::new(catalog));
                *slot = Some((now, Arc::clone(&catalog)));
                Ok(catalog)
            }
            (Err(error), Some((age, catalog))) if age <= USABLE_FOR => {
                tracing::warn!(error = %error, age_s = age.as_secs(), "using the catalog of before");
                Ok(Arc::clone(catalog))
            }
            (Err(error), _) => Err(error),
        }
    }

    async fn slot(&self, tenant: &TenantId) -> Slot {
        let mut slots = self.slots.lock().await;
        if slots.len() >= MAX_TENANTS && !slots.contains_key(tenant) {
            // Forgetting all of them costs each tenant one read, and keeps no record of use.
            slots.clear();
        }
        Arc::clone(slots.entry(tenant.clone()).or_default())
    }
}
