//! What queries are held against while they are fuzzed: the catalogs that the seeds were written
//! for, as one, so that checks get past the names. Of metrics, only those that many have: a name that
//! is not known is compared with every one that is, and nothing else would be done.

#![allow(clippy::expect_used, reason = "without its catalogs a fuzzer has nothing to do")]

use std::{collections::BTreeMap, fs};

use query::{Catalog, Catalogs, Metadata};
use serde::Deserialize;

const DEVELOPMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/query/data/development");

/// So many catalogs have a metric that is kept.
const COMMON: usize = 4;

/// One of a file's catalogs; a file may hold remarks besides.
#[derive(Deserialize)]
struct Stored {
    #[serde(default)]
    prometheus: Prometheus,
    #[serde(default)]
    loki: query::LogCatalog,
    #[serde(default)]
    tempo: query::TraceCatalog,
}

#[derive(Default, Deserialize)]
struct Prometheus {
    #[serde(default)]
    metadata: BTreeMap<String, Vec<Metadata>>,
    #[serde(default)]
    labels: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

/// What the development catalogs know.
pub fn catalogs() -> Catalogs {
    let mut metrics = Prometheus::default();
    let (mut logs, mut traces) = (query::LogCatalog::default(), query::TraceCatalog::default());
    let mut known_by: BTreeMap<String, usize> = BTreeMap::new();
    for file in fs::read_dir(DEVELOPMENT).expect("the checkout has development data") {
        let path = file.expect("a file of the folder").path();
        if !path.to_string_lossy().ends_with(".catalogs.json") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a file of the folder");
        let file: BTreeMap<String, serde_json::Value> =
            serde_json::from_str(&text).expect("catalogs by name");
        for stored in file.into_values().filter(serde_json::Value::is_object) {
            let stored: Stored = serde_json::from_value(stored).expect("a catalog");
            for name in stored.prometheus.labels.keys() {
                *known_by.entry(name.clone()).or_default() += 1;
            }
            metrics.metadata.extend(stored.prometheus.metadata);
            metrics.labels.extend(stored.prometheus.labels);
            logs.labels.extend(stored.loki.labels);
            traces.attributes.extend(stored.tempo.attributes);
        }
    }
    metrics.labels.retain(|name, _| known_by.get(name).is_some_and(|count| *count >= COMMON));
    let metrics = Catalog::new(metrics.metadata, metrics.labels);
    Catalogs { metrics, logs: logs.into(), traces: traces.into() }
}
