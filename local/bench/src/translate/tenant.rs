//! Catalogs of a large tenant. The metrics are made up altogether; what logs and traces record is a
//! catalog of the test split, filled up to what the adapter reads at most of one.

use std::collections::BTreeMap;

use query::{Catalog, LogCatalog, Metadata, Samples, TraceCatalog};

const METRICS: usize = 3_000;
const LOG_LABELS: usize = 20;
const LOG_FIELDS: usize = 100;
const ATTRIBUTES: usize = 500;
/// Of those that are filled in, so many have values, as the adapter asks for few.
const VALUED_ATTRIBUTES: usize = 40;
const VALUES: usize = 20;

const SYSTEMS: &[&str] = &[
    "http_server", "http_client", "grpc", "kafka", "rabbitmq", "postgres", "redis", "jvm", "node",
    "container", "kube_pod", "istio", "envoy", "payment", "checkout", "inventory", "billing",
    "shipping", "search", "cache", "auth", "email", "scheduler", "storage", "billing_export",
];
const THINGS: &[&str] = &[
    "requests", "request_duration", "errors", "connections", "queue", "memory", "cpu", "messages",
    "retries", "jobs", "sessions", "lookups", "evictions", "disk", "network", "transactions",
    "locks", "threads", "tasks", "uploads", "logins", "orders", "refunds", "snapshots",
];
/// The end of a name, its type, and how it is described.
const KINDS: &[(&str, &str, &str)] = &[
    ("total", "counter", "Total number of"),
    ("failed_total", "counter", "Failures of"),
    ("active", "gauge", "Currently active"),
    ("max", "gauge", "The limit of"),
    ("seconds", "histogram", "Time spent on"),
    ("bytes", "gauge", "Size in bytes of"),
];

/// Metrics of a large tenant: so many families, of counters, gauges and histograms with labels.
pub(super) fn metrics() -> Catalog {
    let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let (mut metadata, mut labels) = (BTreeMap::new(), BTreeMap::new());
    let all = (0..).flat_map(|round: usize| {
        SYSTEMS.iter().flat_map(move |system| {
            THINGS
                .iter()
                .flat_map(move |thing| KINDS.iter().map(move |kind| (round, system, thing, kind)))
        })
    });
    for (at, (round, system, thing, (end, kind, help))) in all.take(METRICS).enumerate() {
        let number = if round == 0 { String::new() } else { format!("_{round}") };
        let name = format!("{system}{number}_{thing}_{end}");
        let help = format!("{help} {} of {}.", thing.replace('_', " "), system.replace('_', " "));
        let of_kind = Metadata { kind: (*kind).to_owned(), help, unit: String::new() };
        metadata.insert(name.clone(), vec![of_kind]);
        let mut own = BTreeMap::from([
            ("service".to_owned(), [list(SYSTEMS), names("service", 40)].concat()),
            ("instance".to_owned(), names("10.0.0.1:90", 20)),
            ("env".to_owned(), list(&["production", "staging", "canary"])),
            ("region".to_owned(), list(&["eu-west-1", "us-east-1", "ap-south-1"])),
        ]);
        let further: &[(&str, &[&str])] = match at % 4 {
            0 => &[
                ("route", &["/orders", "/orders/{id}", "/health"]),
                ("method", &["GET", "POST"]),
                ("status", &["200", "404", "503"]),
            ],
            1 => &[("topic", &["orders", "payments", "refunds"]), ("result", &["ok", "failed"])],
            2 => &[
                ("pod", &["checkout-6d5f9c7b8-x2x4v", "billing-0"]),
                ("namespace", &["shop", "data"]),
            ],
            _ => &[("database", &["orders", "users"]), ("state", &["active", "idle"])],
        };
        own.extend(further.iter().map(|(name, values)| ((*name).to_owned(), list(values))));
        if *kind == "histogram" {
            for ending in ["_sum", "_count"] {
                labels.insert(format!("{name}{ending}"), own.clone());
            }
            own.insert("le".to_owned(), list(&["0.1", "0.5", "1", "+Inf"]));
            labels.insert(format!("{name}_bucket"), own);
        } else {
            labels.insert(name, own);
        }
    }
    Catalog::new(metadata, labels)
}

/// The logs' labels and fields, with more beside them.
pub(super) fn filled_logs(logs: &LogCatalog) -> LogCatalog {
    let mut logs = logs.clone();
    let values = |name: &str| names(name, VALUES);
    for name in further(LOG_LABELS.saturating_sub(logs.labels.len())) {
        logs.labels.insert(name.replace('.', "_"), values(&name));
    }
    // A catalog without fields is of lines that have none.
    if !logs.fields.is_empty() {
        for name in further(LOG_FIELDS.saturating_sub(logs.fields.len())) {
            logs.fields.insert(
                format!("field_{}", name.replace('.', "_")),
                Samples::Values(values(&name)),
            );
        }
    }
    logs
}

/// The spans' attributes, with more beside them.
pub(super) fn filled_traces(traces: &TraceCatalog) -> TraceCatalog {
    let mut traces = traces.clone();
    let more = ATTRIBUTES.saturating_sub(traces.attributes.len());
    for (at, name) in further(more).enumerate() {
        let values = if at < VALUED_ATTRIBUTES { names(&name, VALUES) } else { Vec::new() };
        traces.attributes.insert(format!("span.{name}"), Samples::Values(values));
    }
    traces
}

/// Names of what a tenant records besides.
fn further(count: usize) -> impl Iterator<Item = String> {
    let all = SYSTEMS
        .iter()
        .flat_map(|system| THINGS.iter().map(move |thing| format!("{system}.{thing}")));
    all.take(count)
}

fn names(kind: &str, count: usize) -> Vec<String> {
    (0..count).map(|at| format!("{kind}-{at}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catalogs_are_as_large_as_they_are_said_to_be() {
        let (mut logs, mut traces) = (LogCatalog::default(), TraceCatalog::default());
        logs.fields.insert("level".to_owned(), Samples::Values(vec!["error".to_owned()]));
        traces.attributes.insert("span.http.route".to_owned(), Samples::default());
        let (logs, traces) = (filled_logs(&logs), filled_traces(&traces));
        assert_eq!((logs.labels.len(), logs.fields.len()), (LOG_LABELS, LOG_FIELDS));
        assert_eq!(traces.attributes.len(), ATTRIBUTES);
        assert!(metrics().services().len() > 60);

        let without_fields = filled_logs(&LogCatalog::default());
        assert!(without_fields.fields.is_empty());
    }
}
