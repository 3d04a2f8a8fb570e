//! Canonical metric keys as features: the words, kinds and units by which a metric of any
//! exporter is recognised.

use model::Unit;

use super::rank;
use crate::{
    Catalog,
    catalog::Kind,
    text::{same_word, words},
};

/// How a metric for a key is recognised.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Feature {
    /// Each group needs one of its words in the metric's name or help.
    pub(crate) must: &'static [&'static [&'static str]],
    /// Words in a name that make it measure something else: what is left is not what is used.
    pub(crate) never: &'static [&'static str],
    /// Words in a name that speak for it.
    pub(crate) likes: &'static [&'static str],
    /// Words in a name that speak against it.
    pub(crate) dislikes: &'static [&'static str],
    /// The kinds that can answer, the best first.
    pub(crate) kinds: &'static [Kind],
    /// The recorded units that can answer; `None` admits metrics whose unit is not known.
    pub(crate) units: &'static [Unit],
}

/// Words of metrics about the monitoring itself, or about a side of things nobody means by default.
const OTHER_SIDES: &[&str] = &[
    "client", "httpclient", "outbound", "upstream", "scrape", "prometheus", "promhttp",
    "alertmanager", "grafana", "loki", "apiserver", "kubelet", "etcd", "coredns", "rest", "retry",
    "cache", "db", "jdbc", "sql", "queue", "max",
];

const NOT_REQUESTS: &[&str] = &[
    "error", "failed", "failure", "exception", "timeout", "rejected", "dropped", "size", "body",
    "inflight", "active", "current", "quota", "gc", "memory", "cpu",
];

pub(crate) const REQUESTS: Feature = Feature {
    must: &[&["request", "rpc", "handled", "call"]],
    never: NOT_REQUESTS,
    likes: &["http", "server", "total", "request", "rpc", "service"],
    dislikes: OTHER_SIDES,
    kinds: &[Kind::Counter, Kind::Histogram, Kind::Summary],
    units: &[Unit::Count, Unit::Seconds, Unit::None],
};

pub(crate) const FAILURES: Feature = Feature {
    must: &[&["error", "failed", "failure", "exception"]],
    never: &["memory", "gc"],
    likes: &["http", "server", "total", "request", "rpc", "service"],
    dislikes: &["client", "scrape", "prometheus", "cache", "log", "network", "disk"],
    kinds: &[Kind::Counter],
    units: &[Unit::Count],
};

const LATENCY: Feature = Feature {
    must: &[&["duration", "latency", "request", "response", "rpc", "elapsed", "handling"]],
    never: NOT_REQUESTS,
    likes: &["http", "server", "request", "duration", "latency", "response", "rpc"],
    dislikes: OTHER_SIDES,
    kinds: &[Kind::Histogram, Kind::NativeHistogram, Kind::Summary, Kind::Gauge],
    units: &[Unit::Seconds],
};

const CPU: Feature = Feature {
    must: &[&["cpu"]],
    never: &[
        "throttled", "throttling", "limit", "request", "requested", "quota", "period", "share",
        "capacity", "allocatable", "count", "frequency", "temperature", "pressure", "waiting",
    ],
    likes: &[
        "usage", "utilization", "utilisation", "used", "ratio", "process", "container", "percent",
    ],
    dislikes: &["system", "user", "guest", "cfs", "prometheus", "node"],
    kinds: &[Kind::Gauge, Kind::Counter],
    units: &[Unit::Ratio, Unit::Cores, Unit::Seconds, Unit::None],
};

const NOT_USED_MEMORY: &[&str] = &[
    "limit", "max", "maximum", "request", "requested", "total", "available", "free", "failcnt",
    "failure", "committed", "gc", "pressure", "capacity", "allocatable",
];

const MEMORY: Feature = Feature {
    must: &[&["memory", "mem", "rss"]],
    never: NOT_USED_MEMORY,
    likes: &["resident", "working", "set", "usage", "used", "rss", "process", "container"],
    dislikes: &[
        "virtual", "cached", "cache", "buffer", "swap", "mapped", "kernel", "prometheus", "slab",
        "node", "stack", "mspan", "mcache",
    ],
    kinds: &[Kind::Gauge],
    units: &[Unit::Bytes, Unit::Ratio],
};

const GAUGES: &[Kind] = &[Kind::Gauge];
const COUNTERS: &[Kind] = &[Kind::Counter];
const LIMITS: &[&str] = &["limit", "max", "maximum", "total", "size", "capacity"];
const ANY_COUNT: &[Unit] = &[Unit::Count, Unit::None];

/// A key, how it is called, how it is recognised, and what it is a share of.
pub(crate) struct Key {
    pub(crate) key: &'static str,
    pub(crate) title: &'static str,
    pub(crate) used: Feature,
    /// The limit that a level can be held against.
    pub(crate) limit: Option<Feature>,
    /// What is left of the limit, where a system records that and not what is used.
    pub(crate) left: Option<Feature>,
}

const fn key(key: &'static str, title: &'static str, used: Feature) -> Key {
    Key { key, title, used, limit: None, left: None }
}

const fn level(
    must: &'static [&'static [&'static str]],
    likes: &'static [&'static str],
) -> Feature {
    Feature {
        must,
        never: &["max", "limit", "capacity", "free", "available"],
        likes,
        dislikes: &["client"],
        kinds: GAUGES,
        units: ANY_COUNT,
    }
}

const fn bytes(must: &'static [&'static [&'static str]], kinds: &'static [Kind]) -> Feature {
    Feature {
        must,
        never: &[],
        likes: &[],
        dislikes: &[],
        kinds,
        units: &[Unit::Bytes, Unit::Ratio],
    }
}

/// Every key but those of requests (`request_rate`, `error_rate`, `availability`), whose recipes
/// are their own.
pub(crate) const KEYS: &[Key] = &[
    key("latency", "latency", LATENCY),
    key("cpu_usage", "CPU usage", CPU),
    Key {
        key: "memory_usage",
        title: "memory usage",
        used: MEMORY,
        limit: Some(bytes(&[&["memory", "mem"], LIMITS], GAUGES)),
        left: Some(bytes(&[&["memory", "mem"], &["available"]], GAUGES)),
    },
    Key {
        key: "heap_usage",
        title: "heap usage",
        used: Feature {
            must: &[&["heap"]],
            never: NOT_USED_MEMORY,
            likes: &["used", "inuse", "alloc", "usage"],
            dislikes: &[],
            kinds: GAUGES,
            units: &[Unit::Bytes, Unit::Ratio],
        },
        limit: Some(bytes(&[&["heap"], LIMITS], GAUGES)),
        left: None,
    },
    Key {
        key: "disk_usage",
        title: "disk usage",
        used: bytes(&[&["disk", "filesystem", "volume", "fs"], &["used", "usage"]], GAUGES),
        limit: Some(bytes(&[&["disk", "filesystem", "volume", "fs"], LIMITS], GAUGES)),
        left: Some(bytes(
            &[&["disk", "filesystem", "volume", "fs"], &["avail", "available", "free"]],
            GAUGES,
        )),
    },
    key(
        "cpu_throttling",
        "CPU throttling",
        Feature {
            must: &[&["cpu"], &["throttled", "throttling"]],
            never: &["period"],
            likes: &["seconds"],
            dislikes: &[],
            kinds: &[Kind::Counter, Kind::Gauge],
            units: &[Unit::Seconds, Unit::Ratio, Unit::Count],
        },
    ),
    key(
        "queue_depth",
        "queue depth",
        level(&[&["queue", "queued", "backlog"]], &["depth", "length", "size", "ready"]),
    ),
    key("consumer_lag", "consumer lag", level(&[&["lag"]], &["consumer", "group", "kafka"])),
    key(
        "replication_lag",
        "replication lag",
        Feature {
            must: &[&["replication", "replica", "replay"], &["lag", "delay"]],
            never: &[],
            likes: &["seconds"],
            dislikes: &[],
            kinds: GAUGES,
            units: &[Unit::Seconds, Unit::Bytes, Unit::None],
        },
    ),
    Key {
        key: "connection_pool_usage",
        title: "connection pool usage",
        used: level(&[&["connection", "pool", "conn"]], &["active", "used", "use", "pool"]),
        limit: Some(Feature {
            must: &[&["connection", "pool", "conn"], &["max", "limit"]],
            never: &[],
            likes: &[],
            dislikes: &[],
            kinds: GAUGES,
            units: ANY_COUNT,
        }),
        left: None,
    },
    key(
        "open_file_descriptors",
        "open file descriptors",
        level(&[&["fd", "descriptor", "files"]], &["open", "process"]),
    ),
    key(
        "cache_hit_ratio",
        "cache hit ratio",
        Feature {
            must: &[&["cache"], &["hit"], &["ratio", "rate"]],
            never: &[],
            likes: &[],
            dislikes: &[],
            kinds: GAUGES,
            units: &[Unit::Ratio, Unit::None],
        },
    ),
    key(
        "network_transmit",
        "network transmit rate",
        bytes(&[&["network", "net"], &["transmit", "transmitted", "sent", "tx"]], COUNTERS),
    ),
    key(
        "network_receive",
        "network receive rate",
        bytes(&[&["network", "net"], &["receive", "received", "rx"]], COUNTERS),
    ),
    key(
        "restart_count",
        "restarts",
        Feature {
            must: &[&["restart"]],
            never: &[],
            likes: &["container", "total", "process"],
            dislikes: &[],
            kinds: &[Kind::Counter],
            units: &[Unit::Count],
        },
    ),
];

pub(crate) fn by_key(key: &str) -> Option<&'static Key> {
    KEYS.iter().find(|entry| entry.key == key)
}

/// How a key is called in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Title(pub(crate) String);

impl Title {
    pub(crate) fn of(key: &str) -> Self {
        let title = match key {
            "request_rate" => "request rate".to_owned(),
            "error_rate" => "error rate".to_owned(),
            _ => by_key(key)
                .map_or_else(|| key.replace(['_', '-'], " "), |entry| entry.title.to_owned()),
        };
        Self(title)
    }
}

/// The keys for which the catalog has a metric, as people call them.
pub(crate) fn answerable(catalog: &Catalog) -> Vec<String> {
    let mut titles = Vec::new();
    if rank::rank(&REQUESTS, catalog).next().is_some() {
        titles.extend(["request rate".to_owned(), "error rate".to_owned()]);
    }
    for entry in KEYS {
        if rank::rank(&entry.used, catalog).next().is_some() {
            titles.push(entry.title.to_owned());
        }
    }
    titles
}

/// The words of a phrase that say what is measured, without those that say how.
pub(crate) fn phrase_words(phrase: &str) -> Vec<String> {
    const HOW: [&str; 14] = [
        "the", "of", "a", "per", "second", "rate", "count", "number", "total", "usage", "value",
        "metric", "current", "in",
    ];
    let all = words(phrase);
    let telling: Vec<String> =
        all.iter().filter(|word| !HOW.contains(&word.as_str())).cloned().collect();
    if telling.is_empty() { all } else { telling }
}

/// Whether a list of a feature has a word, apart from number.
pub(crate) fn has_word(list: &[&str], word: &str) -> bool {
    list.iter().any(|listed| same_word(listed, word))
}
