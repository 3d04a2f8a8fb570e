//! Lists of words: what questions say, and what names of metrics and labels are made of. Wherever a
//! list is of [`Phrases`], an entry may be of several words.

use crate::wanted::Phrases;

/// Words that ask for what went wrong.
pub(super) const FAILING: Phrases = &[
    "error", "errors", "failed", "fail", "fails", "failing", "failure", "failures", "unsuccessful",
    "errored", "erroring", "broken", "fault", "faults", "faulty", "wrong", "blow", "blows",
    "blowing", "could not", "could n't", "cannot",
];

/// Words that ask for what went well.
pub(super) const SUCCEEDING: Phrases = &[
    "success", "successful", "successfully", "succeed", "succeeds", "succeeded", "availability",
    "available", "fine", "healthy", "good", "well", "pass", "passed",
];

/// Words that ask for what a cache had.
pub(super) const HITTING: Phrases =
    &["hit", "hits", "efficiency", "efficient", "effectiveness", "effective"];

/// Words that ask for what a cache did not have.
pub(super) const MISSING: Phrases = &["miss", "misses", "missed"];

/// Words that ask for what is not used.
pub(super) const LEFT: Phrases = &[
    "free", "left", "remaining", "available", "unused", "spare", "headroom", "idle",
];

/// Labels whose values are parts of one whole.
pub(super) const PARTS: &[&str] = &[
    "status", "outcome", "result", "res", "reason", "state", "code", "class", "cls", "level",
    "type", "kind", "verdict", "decision", "phase", "response_code", "status_code", "http_status",
    "http_response_status_code", "rcode", "grpc_code", "success", "error", "severity", "why",
    "cause", "mode",
];

/// Labels that narrow what a question is about, rather than making a part of it.
pub(super) const SCOPES: &[&str] = &[
    "namespace", "instance", "job", "cluster", "region", "environment", "env", "dc", "datacenter",
    "host", "node", "pod", "zone", "method", "http_request_method", "route", "http_route", "uri",
    "path", "topic", "queue", "datname", "database", "db",
];

/// Words that ask for a size.
pub(super) const OF_SIZE: Phrases = &[
    "memory", "ram", "heap", "rss", "disk", "storage", "space", "size", "bytes", "big", "bigger",
    "biggest", "large", "larger", "largest", "traffic", "bandwidth", "network", "volume", "data",
    "filesystem", "throughput", "sent", "received", "transmitted", "served", "written", "read",
    "swap", "backup", "response", "request", "body", "payload", "log", "logs", "free", "upload",
    "download", "ingested", "grow", "grown", "growing",
];

/// Words that may ask for a time.
pub(super) const OF_TIME: Phrases = &[
    "latency", "latencies", "duration", "durations", "slow", "slower", "slowest", "fast", "faster",
    "fastest", "long", "longer", "longest", "took", "takes", "take", "time", "times", "delay",
    "response", "quick", "lag", "wait", "waiting", "waits", "age", "old", "older", "oldest",
    "behind", "uptime", "since", "ago", "late", "stale", "staler", "ttfb", "spend", "spends",
    "spent", "elapsed", "cpu", "busy", "last", "when", "expire", "expires", "delayed", "percentile",
    "far", "fresh", "freshness", "recent", "recently", "gc",
];

/// Phrases that ask for a time and nothing else.
pub(super) const ASKS_FOR_TIME: Phrases = &[
    "average time", "mean time", "median time", "time to", "time it takes", "how long",
    "time spent", "response time", "time taken", "processing time", "waiting time", "wait time",
    "latency", "time a", "time of a",
];

/// Words that ask how long something took.
pub(super) const TIMED: Phrases = &[
    "latency", "latencies", "duration", "durations", "slow", "slower", "slowest", "fast", "faster",
    "fastest", "long", "longer", "longest", "took", "takes", "take", "taking", "time", "delay",
    "response", "quick", "lag", "wait", "waiting", "ttfb", "seconds", "milliseconds", "spend",
    "spends", "elapsed", "slowness", "times", "ms",
];

/// Words that ask how large something was.
pub(super) const SIZED: Phrases = &[
    "size", "sizes", "big", "bigger", "biggest", "large", "larger", "largest", "heavy", "heaviest",
    "small", "value", "worth", "bytes",
];

/// Words that ask for the part of the time that something takes.
pub(super) const SPENT: Phrases = &[
    "time", "spend", "spends", "spent", "spending", "busy", "seconds", "open", "idle", "paused",
    "pause", "wait", "waiting", "blocked", "gc", "utilization", "utilisation", "minutes", "hours",
];

/// Words that ask how things stand at this moment.
pub(super) const PRESENT: Phrases = &[
    "at the moment", "at this moment", "this very moment", "right now", "currently", "now",
    "at present", "rn", "this second", "this instant",
];

/// Words of names of gauges whose values do not add up.
pub(super) const LEVELS: &[&str] = &[
    "temperature", "celsius", "temp", "percent", "ratio", "load1", "load5", "load15", "age",
    "humidity", "voltage", "volts", "price", "state", "status", "health", "score", "level", "speed",
    "rpm", "pressure", "factor", "utilization", "efficiency", "percentage", "frequency", "hertz",
    "ph", "signal", "rssi", "quality", "rating", "fahrenheit", "kelvin", "position", "heartbeat",
];

/// Words that say of what was measured before that it has become less.
pub(super) const FEWER: &[&str] = &[
    "fewer", "lower", "smaller", "dropped", "drop", "fell", "fallen", "down", "decreased", "shrunk",
    "shrank", "less",
];

/// Words that say of what was measured before that it has become more.
pub(super) const MORE: &[&str] = &[
    "more", "higher", "larger", "bigger", "greater", "grew", "grown", "up", "increased", "rose",
    "risen", "slower", "longer", "worse",
];

/// Words for the end of what is left.
pub(super) const ENDS: Phrases = &[
    "run out", "runs out", "out of", "exhausted", "fill up", "full", "fill", "empty", "used up",
    "run dry", "runs dry", "running out", "deplete", "depleted",
    "no space left", "no room left", "nothing left", "space left", "spent all", "spend all",
    "used all", "use all", "use up", "eaten up", "burned through", "burnt through", "reach zero",
    "reaches zero", "hit zero", "hits zero", "be gone", "all gone",
];

/// Words that ask whether something started anew.
pub(super) const STARTS: Phrases = &[
    "rebooted", "reboot", "reboots", "restarted", "restart", "restarts", "started", "booted",
    "came up", "bounced",
];

/// Words of names that hold a moment, beside "time" or "date".
pub(super) const EVENTS: &[&str] = &[
    "start", "started", "boot", "created", "creation", "success", "successful", "completion",
    "completed", "finished", "expiry", "expiration", "expires", "expire", "after", "before",
    "modified", "updated", "reload", "sync", "scrape", "run", "seen", "last", "end", "changed",
];

/// Words that ask how long something will last.
pub(super) const EXPIRING: Phrases = &[
    "left", "remaining", "expire", "expires", "expiring", "running out", "run out", "runs out",
];

/// Words of names of counters of time.
pub(super) const TIMES: &[&str] = &[
    "duration", "seconds", "time", "latency", "us", "ms", "milliseconds", "microseconds", "sum",
    "nanoseconds", "ns", "wait",
];

/// Labels that tell things apart, the most telling first.
pub(super) const THINGS: &[&str] = &[
    "namespace", "service", "app", "pod", "instance", "host", "node", "container", "queue", "topic",
    "device", "mountpoint", "name", "job",
];

/// Words for events that failed.
pub(super) const FAILED: &[&str] = &[
    "error", "errors", "failed", "failing", "failures", "failure", "fail", "unsuccessful",
    "errored",
];

/// Words of names that say nothing of what is measured.
pub(super) const BOILERPLATE: &[&str] = &[
    "total", "seconds", "milliseconds", "microseconds", "ms", "us", "s", "bytes", "count", "sum",
    "bucket", "info", "current", "number", "status", "stat", "rate", "ratio", "http", "process",
    "num", "value", "metric", "time", "unit", "to", "and", "on", "for", "from", "approximate",
    "generic", "kube", "kb", "mb", "container", "by", "of", "in", "the", "gauge", "counter", "app",
    "per",
];

/// Words of names that make it something else than what the rest of the name says, when they were
/// not asked for.
pub(super) const TELLING: &[&str] = &[
    "client", "failed", "error", "err", "timeout", "dropped", "rejected", "refused", "declined",
    "abandoned", "retry", "max", "limit", "idle", "free", "pending", "waiting", "expired",
    "evicted", "throttled", "blocked", "flight", "inflight", "active", "created", "lost", "abort",
    "cancelled", "rollback", "miss", "invalid", "dead", "oldest", "min", "open", "running",
    "unacked", "redelivered", "httpclient", "scrape", "prometheus", "virtual", "swap", "cache",
    "cap", "capacity", "size", "start", "last", "stop", "killed", "oom", "nonheap", "committed",
    "upstream", "downstream", "outbound", "outgoing", "budget", "next", "previous", "config",
    "unavailable", "disabled", "deleted", "target", "desired", "spec", "not", "unhealthy", "stale",
    "skipped", "istio", "envoy", "mesh", "linkerd", "haproxy", "traefik", "nginx", "ingress", "resource",
];

/// Labels that say what a call went to, and not who made it.
pub(super) const CALLED: &[&str] = &[
    "callee", "target", "destination", "upstream", "backend", "peer", "peer_service",
    "server_address", "client_name", "destination_service", "destination_service_name", "to",
    "peer_dc", "dest",
];

/// Words that say no more than a status that is held to.
pub(super) const FAILURES: Phrases = &[
    "failure", "failures", "failed", "error", "errors", "fail", "failing", "responses", "answers",
    "replies",
];

/// Labels that one thing alone has.
pub(super) const IDENTITIES: &[&str] = &[
    "instance", "pod", "host", "node", "service_instance_id", "uid", "host_name", "device_id",
    "serial", "server", "gateway", "id",
];

/// Labels that many things of different kinds have in common.
pub(super) const SHARED_BY_MANY: &[&str] = &[
    "job", "env", "environment", "region", "cluster", "namespace", "site", "zone", "dc", "team",
    "tier", "account_id", "country", "stage", "deployment_environment", "service_namespace",
    "shard", "status", "method", "state",
];

/// Words that ask for a state not to hold.
pub(super) const DENYING: Phrases = &[
    "down", "not", "n't", "n’t", "unreachable", "unhealthy", "failing", "failed", "broken", "off",
    "offline", "dead", "disabled", "lost", "unavailable", "without", "no", "stopped", "crashed",
    "gone", "standing still", "halted", "stuck", "missing", "unready",
];

/// What else says that something went wrong, where only the part that did is in question.
pub(super) const FAILING_OTHERWISE: Phrases = &[
    "not", "n't",
];

/// What is said of something that is used.
pub(super) const ROLE_USED: Phrases = &[
    "used", "use", "usage", "full", "taken", "occupied", "busy", "claimed", "utilization",
    "utilisation", "utilized", "opened", "open", "saturated", "saturation", "consumed", "filled",
    "using", "uses", "occupy", "occupies", "occupying",
];

/// What is said of what is left of something.
pub(super) const ROLE_FREE: Phrases = &[
    "free", "left", "remaining", "available", "full", "used", "use", "space", "usage",
];

/// What is said of a limit.
pub(super) const ROLE_LIMIT: Phrases = &[
    "limit", "limits", "allowed", "maximum", "max", "capacity", "quota", "full", "most", "cap",
    "possible", "permitted", "configured", "hold", "can", "total", "size",
];

/// What is said of events that failed.
pub(super) const ROLE_FAILED: Phrases = &[
    "failed", "fail", "fails", "errors", "error", "failing", "failure", "deliver", "not", "lost",
    "rejected", "unsuccessful",
];

/// Words that ask what a describing series tells.
pub(super) const OF_DESCRIPTION: Phrases = &[
    "which", "what", "list", "version", "versions", "how many", "info", "information", "build",
    "count",
];

/// Words of what comes in, which does so at a rate.
pub(super) const ARRIVING: Phrases = &[
    "getting", "get", "receiving", "receive", "taking", "seeing", "arriving",
];

/// Words that ask for what one value is more or less than another.
pub(super) const BY_HOW_MUCH: Phrases = &[
    "difference", "how many more", "how much more", "how many fewer", "how much less", "delta",
    "change", "changed", "minus", "by how much",
];

/// Words that ask for what is not up.
pub(super) const DOWN: Phrases =
    &["down", "unreachable", "dead", "failing", "offline", "disconnected", "unavailable"];

/// Words that ask for what is up.
pub(super) const LIVE: Phrases = &[
    "up", "running", "alive", "healthy", "live", "online", "reachable",
];

/// Words that say how things stand, and nothing of which.
pub(super) const STANDING: Phrases = &[
    "up", "down", "running", "alive", "healthy", "live", "online", "reachable", "have",
];
