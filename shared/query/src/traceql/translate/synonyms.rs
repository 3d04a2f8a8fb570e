//! Words that people and instrumentation use for one thing. They are general words of the trade:
//! none is the name of anything in a particular catalog.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use crate::catalog::stem;

/// Each row is one thing.
const ROWS: &[&[&str]] = &[
    &["service", "app", "application", "component", "microservice", "svc", "program"],
    &["environment", "env", "stage", "deployment"],
    &["version", "release", "rel", "build", "ver", "revision", "rev", "deployed"],
    &["datacenter", "dc", "site", "facility", "location"],
    &["region", "geo"],
    &["zone", "az"],
    &["host", "node", "machine", "vm", "instance", "hostname", "box"],
    &["namespace", "ns"],
    &["route", "endpoint", "path", "uri", "url", "target", "page", "resource"],
    &["method", "verb"],
    &["status", "rc", "response", "return", "result"],
    &["code", "rc"],
    &["table", "collection", "relation"],
    &["database", "db", "schema"],
    &["statement", "query", "sql", "text"],
    &["operation", "op", "command", "action", "verb"],
    &["topic", "queue", "destination", "stream", "channel", "subject", "exchange"],
    &["tenant", "customer", "client", "org", "organization", "account", "company", "merchant"],
    &["user", "enduser", "member", "shopper"],
    &["exception", "error", "fault"],
    &["retry", "attempt", "resend", "retries"],
    &["item", "element", "entry", "line"],
    &["size", "length", "byte", "bytes"],
    &["request", "req"],
    &["response", "resp", "reply"],
    &["provider", "vendor", "gateway", "processor"],
    &["tier", "plan", "segment", "class"],
    &["peer", "callee", "remote", "upstream", "target"],
    &["duration", "time", "latency", "elapsed"],
    &["country", "market"],
    &["device", "platform"],
    &["cache", "cached"],
    &["function", "lambda", "faas"],
    &["job", "task"],
    &["outcome", "result"],
    &["input", "prompt"],
    &["output", "completion", "generated"],
    &["model", "llm"],
    &["flag", "toggle"],
    &["message", "msg", "event"],
    &["group", "grp"],
    &["currency", "money"],
    &["partition", "shard"],
    &["session", "login"],
    &["browser", "agent"],
    &["reason", "cause"],
    &["firmware", "fw"],
    &["software", "sw"],
    &["hardware", "hw"],
];

/// Words at the end of a name that say nothing of what it is about: `item_count`, `service.name`.
const GENERIC: &[&str] = &[
    "name",
    "names",
    "no",
    "nr",
    "id",
    "count",
    "total",
    "number",
    "num",
    "text",
    "original",
    "value",
    "key",
    "code",
    "type",
    "kind",
    "full",
    "size",
    "current",
    "ms",
    "millis",
    "milliseconds",
    "us",
    "ns",
    "s",
    "sec",
    "seconds",
    "bytes",
    "kb",
    "mb",
    "sha",
    "hash",
    "ref",
    "uuid",
    "slug",
    "label",
    "kbps",
    "mbps",
    "pct",
    "percent",
    "ratio",
    "m",
    "km",
    "kg",
    "c",
    "w",
    "kwh",
    "v",
    "hz",
];

static ROWS_OF: LazyLock<HashMap<String, Vec<usize>>> = LazyLock::new(|| {
    let mut rows: HashMap<String, Vec<usize>> = HashMap::new();
    for (row, words) in ROWS.iter().enumerate() {
        for word in *words {
            rows.entry(stem(word)).or_default().push(row);
        }
    }
    rows
});

static GENERIC_STEMS: LazyLock<HashSet<String>> =
    LazyLock::new(|| GENERIC.iter().map(|word| stem(word)).collect());

/// Whether two stems may stand for one thing.
pub(super) fn related(left: &str, right: &str) -> bool {
    let (Some(left), Some(right)) = (ROWS_OF.get(left), ROWS_OF.get(right)) else { return false };
    left.iter().any(|row| right.contains(row))
}

pub(super) fn is_generic(stem: &str) -> bool {
    GENERIC_STEMS.contains(stem)
}

/// Words that make plain that messages or a database are meant, by the first word of the names of
/// their attributes.
const DOMAINS: &[(&str, &[&str])] = &[
    (
        "messaging",
        &[
            "message",
            "messages",
            "event",
            "events",
            "publish",
            "published",
            "publishing",
            "consume",
            "consumed",
            "consuming",
            "consumer",
            "consumers",
            "producer",
            "producers",
            "produced",
            "enqueued",
            "topic",
            "queue",
            "kafka",
            "rabbitmq",
            "sqs",
        ],
    ),
    (
        "db",
        &[
            "query",
            "queries",
            "sql",
            "database",
            "databases",
            "table",
            "tables",
            "insert",
            "inserts",
            "select",
            "selects",
            "update",
            "updates",
            "delete",
            "deletes",
            "statement",
            "statements",
            "row",
            "rows",
            "db",
        ],
    ),
    (
        "k8s",
        &[
            "pod",
            "pods",
            "namespace",
            "cluster",
            "kubernetes",
            "node",
            "nodes",
            "container",
            "workload",
        ],
    ),
];

/// Whether a word makes plain that attributes whose names begin so are meant.
pub(super) fn speaks_of(word: &str, first_stem: &str) -> bool {
    DOMAINS.iter().any(|(first, words)| stem(first) == first_stem && words.contains(&word))
}

/// Attributes of which the values are everyday nouns, so that they must be said to be meant.
const PLACES: &[&str] = &[
    "namespace",
    "database",
    "table",
    "collection",
    "destination",
    "topic",
    "queue",
    "cluster",
    "bucket",
    "group",
];

pub(super) fn is_place(stem_of_tail: &str) -> bool {
    PLACES.iter().any(|place| stem(place) == stem_of_tail)
}

/// What a technology, an environment or a place of work is called besides.
const ALIASES: &[&[&str]] = &[
    &["production", "prod", "prd", "live"],
    &["staging", "stage", "stg", "preprod"],
    &["development", "dev"],
    &["testing", "test", "qa"],
    &["postgresql", "postgres", "pg"],
    &["mongodb", "mongo"],
    &["elasticsearch", "elastic"],
    &["rabbitmq", "rabbit"],
    &["mssql", "sqlserver"],
    &["cassandra", "cql"],
    &["dynamodb", "dynamo"],
    &["memcached", "memcache"],
    &["kubernetes", "k8s"],
    &["javascript", "js"],
];

/// Other names of a value, all lower case.
pub(super) fn aliases(value: &str) -> impl Iterator<Item = &'static str> {
    let row = ALIASES.iter().find(|row| row.contains(&value));
    row.into_iter().flat_map(|row| row.iter().copied())
}

/// gRPC status codes by the words that people say, from
/// <https://grpc.io/docs/guides/status-codes/>.
pub(super) const GRPC_CODES: &[(&str, i64)] = &[
    ("deadline exceeded", 4),
    ("invalid argument|arguments", 3),
    ("already exists", 6),
    ("permission denied", 7),
    ("denied permission", 7),
    ("resource exhausted", 8),
    ("failed precondition", 9),
    ("out of range", 11),
    ("data loss", 15),
    ("not found", 5),
    ("unauthenticated", 16),
    ("unimplemented", 12),
    ("unavailable", 14),
    ("aborted", 10),
    ("cancelled|canceled", 1),
    ("internal error|errors?", 13),
];

/// HTTP status codes by the words that people say.
pub(super) const HTTP_CODES: &[(&str, i64, i64)] = &[
    ("server error|errors", 500, 599),
    ("server side error|errors|failure|failures", 500, 599),
    ("client error|errors", 400, 499),
    ("client side error|errors|failure|failures", 400, 499),
    ("internal server error|errors", 500, 500),
    ("bad gateway", 502, 502),
    ("service unavailable", 503, 503),
    ("gateway timeout|timeouts", 504, 504),
    ("too many requests", 429, 429),
    ("throttled|rate-limited", 429, 429),
    ("rate limited", 429, 429),
    ("not found", 404, 404),
    ("forbidden", 403, 403),
    ("unauthorized|unauthorised", 401, 401),
    ("bad request|requests", 400, 400),
    ("conflict|conflicts", 409, 409),
    ("redirect|redirects|redirected|redirection|redirections", 300, 399),
];
