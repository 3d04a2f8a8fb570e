//! What a tenant's Prometheus says exists: families, their types and help, their labels and
//! samples of the labels' values.
//!
//! The catalog is the only source of names: nothing is queried that is not in it. It knows nothing
//! of questions.

mod family;
mod index;
mod labels;
mod role;
mod unit;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

use serde::{Deserialize, Serialize};

pub(crate) use self::family::{Family, Kind};
pub(crate) use self::index::{Index, Term};
pub(crate) use self::labels::{
    ENVIRONMENT_LABELS, INSTANCE_LABELS, Labels, METHOD_LABELS, OUTCOME_LABELS, ROUTE_LABELS,
    STATUS_LABELS, environment_label, first_label, instance_label, pods_of, service_label,
    value_like, version_label,
};
pub(crate) use self::role::{Role, Roles, of_word as roles_of};
pub(crate) use self::unit::Scale;
use crate::text;

/// How many names are offered in place of an unknown one.
const NEAREST_LIMIT: usize = 3;

/// What `/api/v1/metadata` says of a family.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// `counter`, `gauge`, `histogram`, `summary`, …; empty or `unknown` where nothing is known.
    #[serde(rename = "type", default)]
    pub kind: String,
    #[serde(default)]
    pub help: String,
    #[serde(default)]
    pub unit: String,
}

/// The catalog as it is stored and sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Stored {
    /// By family; targets may disagree, so each has a list.
    #[serde(default)]
    metadata: BTreeMap<String, Vec<Metadata>>,
    /// By series name, then label: sample values.
    #[serde(default)]
    labels: BTreeMap<String, Labels>,
}

/// What exists, indexed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Catalog {
    stored: Stored,
    families: Vec<Family>,
    services: Vec<String>,
    /// How the data spells a service, by the form in which names are compared.
    spellings: BTreeMap<String, String>,
    index: Arc<Index>,
    usual: Arc<OnceLock<Usual>>,
}

/// The places of the families that are meant by common keys, each with how much it is like what is
/// meant, the likest first. What is meant is not for the catalog to know: it only keeps it.
pub(crate) type Usual = Vec<(&'static str, Vec<(usize, f32)>)>;

impl From<Stored> for Catalog {
    fn from(stored: Stored) -> Self {
        let families = family::index(&stored.metadata, &stored.labels);
        let services = labels::services(&stored.labels);
        let spellings = labels::spellings(&stored.labels);
        let index = Arc::new(Index::new(&families, &stored.labels));
        let usual = Arc::default();
        Self { stored, families, services, spellings, index, usual }
    }
}

impl From<Catalog> for Stored {
    fn from(catalog: Catalog) -> Self {
        catalog.stored
    }
}

impl Catalog {
    pub fn new(
        metadata: BTreeMap<String, Vec<Metadata>>,
        labels: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    ) -> Self {
        Stored { metadata, labels }.into()
    }

    /// Whether there is nothing to ask for.
    pub fn is_empty(&self) -> bool {
        self.stored.labels.is_empty()
    }

    /// Every service that the data names, sorted.
    pub fn services(&self) -> &[String] {
        &self.services
    }

    /// The versions on series that a service has, sorted. Samples do not say which value goes with
    /// which, so versions of services that share a metric are among them.
    pub fn versions(&self, service: &str) -> Vec<String> {
        self.values(|labels| {
            service_label(labels, service)?;
            version_label(labels)
        })
    }

    /// The environments that the data names, sorted.
    pub fn environments(&self) -> Vec<String> {
        self.values(environment_label)
    }

    /// The names of all families that have series, sorted.
    pub fn metrics(&self) -> impl Iterator<Item = &str> {
        self.families.iter().map(|family| family.name.as_str())
    }

    /// The known services that come nearest to a name, the nearest first.
    pub fn nearest_services(&self, name: &str) -> Vec<String> {
        text::nearest(name, self.services.iter().map(String::as_str), NEAREST_LIMIT)
    }

    /// The known service that comes nearest to a name.
    pub fn nearest_service(&self, name: &str) -> Option<String> {
        self.nearest_services(name).into_iter().next()
    }

    /// The metrics whose names or help come nearest to a name, the nearest first.
    pub fn nearest_metrics(&self, name: &str) -> Vec<String> {
        text::nearest(name, self.metrics(), NEAREST_LIMIT)
    }

    pub(crate) fn families(&self) -> &[Family] {
        &self.families
    }

    /// The place of the family that a series is of.
    pub(crate) fn place_of(&self, series: &str) -> Option<usize> {
        let named = |name: &str| {
            self.families.binary_search_by(|family| family.name.as_str().cmp(name)).ok()
        };
        named(series).or_else(|| {
            ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|ending| named(series.strip_suffix(ending)?))
        })
    }

    /// What was found out about the catalog's families once, by whoever knows what is meant.
    pub(crate) fn usual(&self, find: impl FnOnce(&Self) -> Usual) -> &Usual {
        self.usual.get_or_init(|| find(self))
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// The labels of a series, `None` when there is no such series.
    pub(crate) fn labels(&self, series: &str) -> Option<&Labels> {
        self.stored.labels.get(series)
    }

    /// The spelling of a service as the data has it, on any label that can name one.
    pub(crate) fn spelling_of_service(&self, name: &str) -> Option<String> {
        if self.services.iter().any(|known| known == name) {
            return Some(name.to_owned());
        }
        self.spellings.get(&text::key(name)).cloned()
    }

    /// The label of a series that names the catalog's services, whatever else it names. A `job`
    /// that only names the scrape configuration is none.
    pub(crate) fn service_label<'a>(&self, labels: &'a Labels) -> Option<&'a str> {
        labels::naming(labels, &self.services)
    }

    fn values<'a>(&'a self, label: impl Fn(&'a Labels) -> Option<&'a str>) -> Vec<String> {
        let values: BTreeSet<&String> = self
            .stored
            .labels
            .values()
            .filter_map(|labels| labels.get(label(labels)?))
            .flatten()
            .filter(|value| !value.is_empty())
            .collect();
        values.into_iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::fixtures;

    #[test]
    fn services_are_found_in_the_data() {
        assert_eq!(
            fixtures::shop().services(),
            ["api-gateway", "auth", "checkout", "frontend", "orders", "payment"]
        );
        assert_eq!(fixtures::istio().services(), ["checkout", "payment", "payment-worker"]);
        assert_eq!(fixtures::spring().services(), ["inventory", "order-service"]);
    }

    #[test]
    fn names_are_found_by_any_spelling() {
        let shop = fixtures::shop();
        assert_eq!(shop.spelling_of_service("Payment-Service").as_deref(), Some("payment"));
        assert_eq!(shop.spelling_of_service("billing"), None);
        assert_eq!(shop.nearest_service("paymnt").as_deref(), Some("payment"));
        assert_eq!(
            fixtures::spring().spelling_of_service("order").as_deref(),
            Some("order-service")
        );
    }

    #[test]
    fn versions_are_those_of_the_data() {
        assert_eq!(fixtures::shop().versions("payment"), ["1.4.1", "1.4.2", "2.0.0"]);
        assert_eq!(fixtures::istio().environments(), Vec::<String>::new());
        assert_eq!(fixtures::spring().environments(), ["production", "staging"]);
    }

    #[test]
    fn a_catalog_survives_storage() {
        let shop = fixtures::shop();
        let json = serde_json::to_string(&shop).unwrap();
        let again: super::Catalog = serde_json::from_str(&json).unwrap();
        assert_eq!(again.services(), shop.services());
        assert_eq!(serde_json::to_string(&again).unwrap(), json);
    }
}
