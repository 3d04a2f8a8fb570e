//! What a tenant's Prometheus says exists, read through the adapter and kept for a while.

use std::{collections::HashMap, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use model::{Clock, TenantId};
use module::{ModuleError, OperationCall, Operations};
use nlp::Vocabulary;
use query::{Catalog, Catalogs};
use serde_json::json;
use tokio::sync::Mutex;

/// A service deployed a minute ago can be asked about.
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(60);
/// While Prometheus does not answer, what it said this long ago still helps to understand.
const USABLE_FOR: SignedDuration = SignedDuration::from_mins(15);
/// After a failure the next attempt is made so much later: those who waited for the first are told
/// its outcome instead of waiting for one of their own each.
const FAILURE_KEPT_FOR: SignedDuration = SignedDuration::from_secs(2);
const MAX_TENANTS: usize = 256;
const TIMEOUT: Duration = Duration::from_secs(10);

/// A catalog, and whether it was there already.
pub(crate) struct Found {
    pub(crate) catalog: Arc<TenantCatalog>,
    pub(crate) was_cached: bool,
}

/// Names that a text may mention.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    pub services: Vec<String>,
    pub versions: Vec<String>,
    pub environments: Vec<String>,
}

/// Catalogs with the vocabulary that understanding takes from them.
#[derive(Debug)]
pub struct TenantCatalog {
    pub(crate) catalogs: Catalogs,
    pub(crate) vocabulary: Vocabulary,
}

impl TenantCatalog {
    pub fn new(catalogs: Catalogs) -> Self {
        Self::with_names(catalogs, Names::default())
    }

    /// `names` may be mentioned too, although no metric has them.
    pub fn with_names(catalogs: Catalogs, names: Names) -> Self {
        let metrics = &catalogs.metrics;
        let services = metrics.services();
        let versions = services.iter().flat_map(|service| metrics.versions(service));
        let vocabulary = Vocabulary::new(
            names.services.into_iter().chain(services.iter().cloned()),
            names.versions.into_iter().chain(versions),
            names.environments.into_iter().chain(metrics.environments()),
        );
        Self { catalogs, vocabulary }
    }
}

/// What is known for a tenant.
#[derive(Default)]
struct Known {
    catalog: Option<(Timestamp, Arc<TenantCatalog>)>,
    failure: Option<(Timestamp, ModuleError)>,
}

type Slot = Arc<Mutex<Known>>;

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

    pub(crate) async fn get(
        &self,
        tenant: &TenantId,
        request_id: &str,
        traceparent: Option<&str>,
    ) -> Result<Found, ModuleError> {
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
                    // Logs and traces are not connected.
                    let catalogs = Catalogs { metrics: catalog, ..Catalogs::default() };
                    let catalog = Arc::new(TenantCatalog::new(catalogs));
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
    ) -> Result<Catalog, ModuleError> {
        let call = OperationCall {
            tenant: tenant.clone(),
            operation: module::METRICS_CATALOG.to_owned(),
            arguments: json!({}),
            request_id: request_id.to_owned(),
            traceparent: traceparent.map(str::to_owned),
            timeout: TIMEOUT,
        };
        let catalog = self.operations.run(&call).await?;
        serde_json::from_value(catalog)
            .map_err(|error| ModuleError::bad_response("the metrics catalog", error))
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
