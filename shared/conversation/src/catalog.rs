//! What the tenants' systems say exists, each read when it is needed and kept for a while.

use std::sync::Arc;

use model::Clock;
use module::{LOGS_CATALOG, METRICS_CATALOG, Operations, TRACES_CATALOG};
use nlp::Vocabulary;
use query::{Catalog, Catalogs, Indexed, TraceCatalog};
use serde::Deserialize;

use crate::{kept::KeptCatalogs, log_sources::LogSources};

/// The catalogs of the tenants that asked lately.
pub struct TenantCatalogs {
    pub(crate) metrics: KeptCatalogs<TenantCatalog>,
    pub(crate) logs: KeptCatalogs<LogSources>,
    pub(crate) traces: KeptCatalogs<Indexed<TraceCatalog>>,
}

impl TenantCatalogs {
    pub fn new(operations: &Arc<dyn Operations>, clock: &Arc<dyn Clock>) -> Self {
        let ports = || (Arc::clone(operations), Arc::clone(clock));
        let ((a, b), (c, d), (e, f)) = (ports(), ports(), ports());
        Self {
            metrics: KeptCatalogs::new(METRICS_CATALOG, a, b),
            logs: KeptCatalogs::new(LOGS_CATALOG, c, d),
            traces: KeptCatalogs::new(TRACES_CATALOG, e, f),
        }
    }
}

/// Names that a text may mention.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    pub services: Vec<String>,
    pub versions: Vec<String>,
    pub environments: Vec<String>,
}

/// Catalogs with the vocabulary that understanding takes from them. A tenant's own is that of its
/// metrics; what else it records is read apart.
#[derive(Debug, Deserialize)]
#[serde(from = "Catalog")]
pub struct TenantCatalog {
    pub(crate) catalogs: Catalogs,
    pub(crate) vocabulary: Vocabulary,
}

impl From<Catalog> for TenantCatalog {
    fn from(metrics: Catalog) -> Self {
        Self::with_names(Catalogs { metrics, ..Catalogs::default() }, Names::default())
    }
}

impl TenantCatalog {
    /// `names` may be mentioned too, although no metric has them.
    pub fn with_names(catalogs: Catalogs, names: Names) -> Self {
        let vocabulary = vocabulary(&catalogs.metrics, names);
        Self { catalogs, vocabulary }
    }

    /// A vocabulary with these services besides, where one of them is new.
    pub(crate) fn widened(&self, services: &[String]) -> Option<Vocabulary> {
        let metrics = &self.catalogs.metrics;
        let known = metrics.services();
        let is_new = services.iter().any(|service| !known.contains(service));
        let names = || Names { services: services.to_vec(), ..Names::default() };
        is_new.then(|| vocabulary(metrics, names()))
    }
}

fn vocabulary(metrics: &Catalog, names: Names) -> Vocabulary {
    let services = metrics.services();
    let versions = services.iter().flat_map(|service| metrics.versions(service));
    Vocabulary::new(
        names.services.into_iter().chain(services.iter().cloned()),
        names.versions.into_iter().chain(versions),
        names.environments.into_iter().chain(metrics.environments()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vocabulary_is_made_again_for_new_services_only() {
        let metrics = serde_json::json!({
            "metadata": { "up": [{ "type": "gauge", "help": "", "unit": "" }] },
            "labels": { "up": { "service": ["payment", "cart"] } },
        });
        let catalog: TenantCatalog = serde_json::from_value(metrics).unwrap();
        assert_eq!(catalog.catalogs.metrics.services().len(), 2);
        for (services, expected) in
            [(&[][..], false), (&["cart"], false), (&["cart", "mailer"], true)]
        {
            let services: Vec<String> = services.iter().map(|&name| name.to_owned()).collect();
            assert_eq!(catalog.widened(&services).is_some(), expected, "{services:?}");
        }
    }
}
