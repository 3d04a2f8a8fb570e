//! Which label of a series a noun means: `route` may be `uri`, "consumer group" `consumergroup`,
//! "data centre" `dc`.

use std::{collections::HashMap, sync::LazyLock};

use super::{Label, Vocabulary, run_together, stem};
use crate::text;

/// Nouns and the label names that exporters use for them. A label is found by its last words, so
/// that `db_client_connection_pool_name` is a `pool_name`.
const NOUNS: &[(&[&str], &[&str])] = &[
    (
        &["service", "app", "application", "microservice", "component", "workload", "api"],
        &[
            "service",
            "service_name",
            "exported_service",
            "destination_service_name",
            "app",
            "application",
            "app_name",
            "application_name",
            "destination_app",
            "destination_workload",
            "microservice",
            "svc",
            "component",
            "workload",
            "deployment",
            "container",
            "job",
        ],
    ),
    (
        &["route", "endpoint", "path", "url", "uri", "page", "handler"],
        &[
            "route", "http_route", "uri", "path", "endpoint", "handler", "request_path", "url",
            "page", "request_operation", "operation", "span_name", "grpc_method", "rpc_method",
            "resource",
        ],
    ),
    (
        &["status", "code", "statuscode", "statuses"],
        &[
            "status",
            "status_code",
            "code",
            "http_status",
            "http_status_code",
            "http_response_status_code",
            "response_code",
            "grpc_code",
            "grpc_status",
            "rpc_grpc_status_code",
            "rcode",
            "cls",
            "class",
            "outcome",
            "result",
            "state",
        ],
    ),
    (&["class"], &["class", "cls", "status_class"]),
    (
        &["outcome", "result", "ending"],
        &["outcome", "result", "res", "status", "verdict", "decision", "code"],
    ),
    (
        &["method", "verb"],
        &[
            "method", "http_method", "http_request_method", "verb", "request_method", "rpc_method",
            "grpc_method",
        ],
    ),
    (
        &["instance", "replica", "target", "process", "jvm"],
        &[
            "instance", "pod", "service_instance_id", "host", "node", "replica", "target",
            "host_name", "server",
        ],
    ),
    (
        &["machine", "host", "box", "hostname"],
        &["host", "host_name", "hostname", "node", "nodename", "instance", "machine", "server"],
    ),
    (
        &["node"],
        &[
            "node", "nodename", "node_name", "kubernetes_node", "instance", "host", "host_name",
            "server", "broker", "name",
        ],
    ),
    (
        &["server"],
        &[
            "server", "server_name", "instance", "host", "node", "broker", "server_address",
            "backend", "listener",
        ],
    ),
    (&["pod", "replica"], &["pod", "pod_name", "kubernetes_pod_name", "exported_pod", "instance"]),
    (&["container"], &["container", "container_name", "name"]),
    (
        &["namespace", "project", "ns"],
        &[
            "namespace",
            "ns",
            "exported_namespace",
            "kubernetes_namespace",
            "service_namespace",
            "project",
            "destination_service_namespace",
        ],
    ),
    (
        &["version", "release", "build"],
        &[
            "version", "app_version", "service_version", "destination_version", "release", "rel",
            "ver", "image_tag", "tag", "build", "revision", "image", "build_version", "firmware",
            "firmware_version", "short_version",
        ],
    ),
    (&["revision", "commit", "sha"], &["revision", "commit", "git_commit", "sha", "git_sha"]),
    (
        &["environment", "env", "stage"],
        &["environment", "env", "deployment_environment", "stage", "exported_environment", "tier"],
    ),
    (
        &["region"],
        &[
            "region", "cloud_region", "aws_region", "location", "zone", "dc", "datacenter", "geo",
            "area",
        ],
    ),
    (
        &["zone", "az"],
        &["zone", "availability_zone", "az", "cloud_availability_zone", "topology_zone"],
    ),
    (
        &["datacenter", "site", "location", "facility"],
        &[
            "dc", "datacenter", "data_center", "site", "location", "region", "facility", "pop",
            "plant",
        ],
    ),
    (&["pop", "edge"], &["pop", "edge", "colo"]),
    (
        &["database", "db", "schema"],
        &[
            "datname", "database", "db", "db_name", "dbname", "schema", "db_system",
            "db_system_name", "db_namespace",
        ],
    ),
    (&["table", "relation"], &["relname", "table", "table_name", "relation", "collection"]),
    (
        &["topic", "destination", "stream"],
        &[
            "topic",
            "messaging_destination_name",
            "destination",
            "topic_name",
            "stream",
            "subject",
            "channel",
        ],
    ),
    (
        &["queue", "mailbox"],
        &["queue", "queue_name", "name", "destination", "mailbox", "messaging_destination_name"],
    ),
    (
        &["group", "consumergroup", "consumer"],
        &[
            "consumergroup",
            "consumer_group",
            "group",
            "group_id",
            "messaging_consumer_group_name",
            "consumer",
            "groupid",
            "client_id",
        ],
    ),
    (
        &["filesystem", "mount", "mountpoint", "volume", "disk", "drive", "partition"],
        &[
            "mountpoint", "volume", "vol", "device", "disk", "persistentvolumeclaim", "mount",
            "fs", "path", "drive",
        ],
    ),
    (&["claim", "pvc"], &["persistentvolumeclaim", "claim", "pvc"]),
    (
        &["interface", "nic", "port"],
        &["interface", "device", "nic", "ifname", "if_name", "ifdescr", "port", "iface"],
    ),
    (&["device", "disk"], &["device", "disk", "drive", "sensor"]),
    (
        &["tenant", "customer", "account", "client", "organisation", "organization"],
        &[
            "tenant", "tenant_id", "customer", "org", "organization", "account", "client",
            "client_name", "client_id", "user",
        ],
    ),
    (&["country", "market"], &["country", "country_code", "market", "geo"]),
    (
        &["reason", "cause", "type", "kind", "error", "exception", "why"],
        &[
            "reason", "why", "cause", "error_type", "type", "kind", "exception", "error", "fault",
            "category",
        ],
    ),
    (&["pool"], &["pool", "pool_name", "name"]),
    (&["cache"], &["cache", "cache_name", "name"]),
    (
        &["job", "batch", "task", "cronjob"],
        &[
            "job_name", "job_kind", "cronjob", "task", "batch", "job", "task_name", "name",
            "exported_job",
        ],
    ),
    (&["model", "llm"], &["model", "model_name", "request_model", "response_model"]),
    (
        &["provider", "vendor", "processor", "gateway"],
        &["provider", "vendor", "processor", "gateway", "psp", "carrier", "idp"],
    ),
    (
        &["callee", "destination", "target", "upstream", "backend", "downstream", "dependency"],
        &[
            "callee",
            "target",
            "destination",
            "destination_service",
            "destination_service_name",
            "upstream",
            "backend",
            "peer",
            "peer_service",
            "server_address",
            "upstream_cluster",
            "envoy_cluster_name",
            "client_name",
            "host",
            "proxy",
        ],
    ),
    (
        &["caller", "source", "client", "origin"],
        &[
            "caller", "source", "source_workload", "source_app", "client", "client_name", "origin",
            "consumer",
        ],
    ),
    (&["level", "severity"], &["level", "severity", "log_level"]),
    (&["step", "stage", "phase"], &["step", "stage", "phase", "operation", "action"]),
    (
        &["operation", "action", "command"],
        &[
            "operation", "op", "action", "command", "cmd", "operation_name", "db_operation_name",
            "verb", "type", "method",
        ],
    ),
    (&["shop", "store", "branch"], &["store", "shop", "branch", "store_id"]),
    (&["broker"], &["broker", "broker_id", "instance", "node_id"]),
    (&["partition"], &["partition", "part"]),
    (
        &["team", "owner", "squad"],
        &["label_team", "team", "owner", "squad", "label_owner", "label_app_kubernetes_io_team"],
    ),
    (&["color", "colour"], &["color", "colour"]),
    (&["direction"], &["direction", "dir", "io"]),
    (&["state", "status"], &["state", "status", "phase", "condition", "reason"]),
    (&["core", "cpu"], &["cpu", "core", "cpu_logical_number"]),
    (
        &["certificate", "cert", "domain", "hostname", "site"],
        &["host", "domain", "cn", "subject", "target", "instance", "name", "secret"],
    ),
    (&["feed"], &["feed", "source"]),
    (&["user"], &["user", "username", "user_id", "usr"]),
    (
        &["owner", "deployment", "workload"],
        &["deployment", "owner_name", "workload", "created_by_name", "controller"],
    ),
    (&["language", "runtime"], &["telemetry_sdk_language", "language", "runtime", "lang"]),
    (&["platform", "os"], &["platform", "os", "os_type"]),
    (
        &["sensor", "device", "thing", "meter"],
        &["sensor", "device", "device_id", "sensor_id", "meter", "serial", "thing"],
    ),
    (&["gpu"], &["gpu", "gpu_id", "device"]),
    (&["message"], &["msg", "message", "log_message", "body"]),
    (
        &["virtualhost", "vhost", "site", "website", "domain", "hostname", "host"],
        &["vhost", "virtual_host", "http_host", "server_name", "domain", "host"],
    ),
    (
        &["ip", "ips", "address", "addresses"],
        &[
            "ip", "client_ip", "cip", "remote_addr", "remote_ip", "source_ip", "src_ip",
            "client_address", "clientip", "addr", "peer",
        ],
    ),
    (&["index", "indice"], &["index", "index_name"]),
    (&["shard"], &["shard", "shard_id"]),
    (&["variant", "experiment", "arm"], &["variant", "experiment", "arm"]),
    (&["plan", "tier"], &["plan", "tier", "subscription"]),
    (&["map", "level", "world"], &["map", "world", "level"]),
    (&["fleet"], &["fleet", "pool"]),
    (&["repository", "repo"], &["repo", "repository", "project"]),
    (
        &["member", "peer", "follower"],
        &["peer", "member", "to", "follower", "id", "instance", "node"],
    ),
];

/// How well a label must hold what a noun names.
pub(crate) const LEAST: f32 = 0.45;

/// How well a label holds what a noun names, from 0 to 1.
pub(crate) fn fit(label: &Label, noun: &Noun) -> f32 {
    if noun.stems.is_empty() {
        return 0.0;
    }
    if label.key == noun.together {
        return 1.0;
    }
    if noun.stems.iter().all(|word| label.stems.contains(word)) {
        // "pool" is better met by `pool` and `pool_name` than by `pool_owner_kind`.
        let last = label.words.iter().zip(&label.stems).rev();
        let mut last = last.filter(|(word, _)| !matches!(word.as_str(), "name" | "id"));
        let is_head = last.next().is_some_and(|(_, stem)| noun.stems.contains(stem));
        let length = label.words.len() as f32;
        return if is_head { 0.95 - 0.01 * length } else { 0.68 - 0.02 * length };
    }
    let within = label.stems.iter().all(|word| noun.stems.contains(word));
    let by_part = match noun.stems.last() {
        Some(head) if within && label.stems.contains(head) => 0.92,
        // "firmware version" is told by `firmware`.
        _ if within => 0.7,
        _ => 0.0,
    };
    let of_values = match (&label.ending, noun.stems.as_slice()) {
        (Some(ending), [.., head]) if ending == head => 0.72,
        (Some(ending), [before, _]) if ending == before => 0.7,
        _ => 0.0,
    };
    let by_name = table_fit(label, noun).max(abbreviation_fit(&label.words, noun));
    by_name.max(by_part).max(of_values)
}

/// A noun of a question, prepared for being held against labels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Noun {
    pub(crate) stems: Vec<String>,
    together: String,
    plain: Vec<String>,
    /// The names of labels for it, run together, the likeliest first.
    known: Vec<&'static [String]>,
}

impl Noun {
    /// From lower-case words: `["consumer", "groups"]`.
    pub(crate) fn new(words: &[&str]) -> Self {
        let plain: Vec<String> = words.iter().flat_map(|word| text::words(word)).collect();
        let stems: Vec<String> = plain.iter().map(|word| stem(word)).collect();
        let together = run_together(&plain);
        // The head of "consumer group" is its last word, and "data center" is one word to the table.
        let keys = [Some(&together), stems.last().filter(|head| **head != together)];
        let known = keys.into_iter().flatten().filter_map(|key| TABLE.get(key)).flatten().copied();
        Self { known: known.collect(), stems, together, plain }
    }
}

/// By noun: the names of labels for it, run together.
static TABLE: LazyLock<HashMap<String, Vec<&'static [String]>>> = LazyLock::new(|| {
    let mut table: HashMap<String, Vec<&'static [String]>> = HashMap::new();
    for (at, (nouns, _)) in NOUNS.iter().enumerate() {
        for noun in *nouns {
            table.entry(stem(noun)).or_default().push(&LABELS[at]);
        }
    }
    table
});

/// By row of [`NOUNS`]: its labels, run together.
static LABELS: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    let together = |name: &&str| run_together(&text::words(name));
    NOUNS.iter().map(|(_, labels)| labels.iter().map(together).collect()).collect()
});

fn table_fit(label: &Label, noun: &Noun) -> f32 {
    let compound = label.words.len() > 1;
    let worn = if noun.stems.len() > 1 { 0.1 } else { 0.0 };
    /// So much worse is a name that only ends so.
    const ENDS: usize = 2;
    let places = noun.known.iter().filter_map(|labels| {
        let exact = labels.iter().position(|known| *known == label.key);
        exact.or_else(|| {
            // `http_response_status_code` ends in `status_code`.
            let ending = labels.iter().position(|known| {
                let ends = known.len() > 3
                    && label.key.len() > known.len()
                    && label.key.ends_with(known.as_str());
                let last = label.stems.last() == Some(known)
                    && !matches!(known.as_str(), "nam" | "id" | "typ");
                compound && (ends || last)
            });
            ending.map(|place| place + ENDS)
        })
    });
    places.min().map_or(0.0, |place| 0.85 - 0.02 * place as f32 - worn)
}

/// `dc` is short for "data center", `rel` for "release", `ns` for "namespace".
fn abbreviation_fit(own: &[String], noun: &Noun) -> f32 {
    // `acme.dc` is a `dc` of acme's.
    let named = |word: &&String| !matches!(word.as_str(), "nm" | "name" | "id");
    let Some(own) = own.iter().rfind(named).or(own.last()) else { return 0.0 };
    if noun.plain.len() > 1 {
        let initials = noun.plain.iter().filter_map(|word| word.chars().next());
        if initials.eq(own.chars()) {
            return 0.8;
        }
        // `idp` is an identity provider.
        let last = noun.plain.last().and_then(|word| word.chars().next());
        let has_last = own.chars().skip(1).any(|letter| Some(letter) == last);
        let short = own.len() >= 2 && own.len() <= 5 && has_last;
        return if short && is_subsequence(own, &noun.plain.concat()) { 0.65 } else { 0.0 };
    }
    let [word] = noun.plain.as_slice() else { return 0.0 };
    if own.len() >= 3 && word.len() > own.len() && word.starts_with(own.as_str()) {
        return 0.75;
    }
    let short = own.len() >= 2 && own.len() <= 4 && word.len() > own.len() + 1;
    if short && is_subsequence(own, word) { 0.5 } else { 0.0 }
}

fn is_subsequence(short: &str, long: &str) -> bool {
    let mut letters = long.chars();
    let starts = short.chars().next() == long.chars().next();
    starts && short.chars().all(|wanted| letters.any(|letter| letter == wanted))
}

/// How well a label holds what a noun names, where `said` are all the stems of the question.
pub(crate) fn fit_among(label: &Label, noun: &Noun, said: &[&str]) -> f32 {
    /// What another word of the label says that the question has.
    const SAID: f32 = 0.04;
    let fit = fit(label, noun);
    if fit < LEAST {
        return fit;
    }
    let others = label
        .stems
        .iter()
        .filter(|stem| !noun.stems.contains(stem) && said.contains(&stem.as_str()));
    fit + SAID * others.count().min(2) as f32
}

/// The label of a series that holds what a noun names, with how well it does; `said` are all the
/// stems of the question.
pub(crate) fn best<'a>(
    vocabulary: &Vocabulary,
    names: impl IntoIterator<Item = &'a str>,
    noun: &Noun,
    said: &[&str],
) -> Option<(&'a str, f32)> {
    let fits = names
        .into_iter()
        .filter_map(|name| Some((name, fit_among(vocabulary.label(name)?, noun, said))));
    fits.filter(|(_, fit)| *fit >= LEAST)
        .max_by(|a, b| a.1.total_cmp(&b.1).then_with(|| b.0.len().cmp(&a.0.len())))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn nouns_find_the_labels_of_any_exporter() {
        for (noun, labels, expected) in [
            ("route", &["uri", "method", "status"][..], Some("uri")),
            ("routes", &["http_route", "http_request_method"], Some("http_route")),
            ("consumer group", &["consumergroup", "topic"], Some("consumergroup")),
            (
                "group",
                &["messaging_consumer_group_name", "topic"],
                Some("messaging_consumer_group_name"),
            ),
            ("data centre", &["dc", "app"], Some("dc")),
            ("datacenter", &["dc", "app"], Some("dc")),
            ("release", &["rel", "ring"], Some("rel")),
            ("database", &["datname", "server"], Some("datname")),
            (
                "pool",
                &["db_client_connection_pool_name", "db_client_connection_state"],
                Some("db_client_connection_pool_name"),
            ),
            (
                "status code",
                &["http_response_status_code", "service_name"],
                Some("http_response_status_code"),
            ),
            ("version", &["service_version", "service_name"], Some("service_version")),
            ("team", &["label_team", "label_app"], Some("label_team")),
            ("machine", &["instance", "mode"], Some("instance")),
            (
                "LLM model",
                &["gen_ai_request_model", "gen_ai_token_type"],
                Some("gen_ai_request_model"),
            ),
            ("namespace", &["ns", "pod"], Some("ns")),
            ("colour", &["shape", "weight"], None),
        ] {
            let mut labels = labels.to_vec();
            labels.sort_unstable();
            let known = labels.iter().map(|name| (*name, *name, BTreeSet::from(["x"])));
            let vocabulary = Vocabulary::new(known);
            let lower = noun.to_lowercase();
            let words: Vec<&str> = lower.split(' ').collect();
            let found = best(&vocabulary, labels.iter().copied(), &Noun::new(&words), &[])
                .map(|(label, _)| label);
            assert_eq!(found, expected, "{noun}");
        }
    }
}
