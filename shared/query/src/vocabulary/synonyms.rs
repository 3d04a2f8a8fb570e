//! What else people call what metrics measure. A word of a question reaches the words of names and
//! helps through here; the words themselves always count for more.
//!
//! The groups are the vocabulary of operating software, of the exporters' conventions and of plain
//! English about them. No metric is named.

use std::{collections::HashMap, sync::LazyLock};

use super::stem;

/// Words that stand for each other.
const GROUPS: &[(f32, &[&str])] = &[
    (0.8, &["latency", "duration"]),
    (0.6, &["latency", "duration", "elapsed", "rtt", "delay"]),
    (0.5, &["latency", "duration", "time", "took", "handling"]),
    (0.8, &["memory", "mem", "ram"]),
    (0.6, &["memory", "rss", "resident"]),
    (0.8, &["cpu", "processor", "core", "cores"]),
    (0.8, &["filesystem", "fs"]),
    (0.7, &["disk", "filesystem", "volume", "vol", "partition", "storage", "mount"]),
    (0.6, &["space", "bytes", "size"]),
    (0.8, &["network", "net"]),
    (0.6, &["network", "nic", "interface", "bandwidth"]),
    (0.8, &["receive", "received", "rx", "recv", "inbound", "ingress", "incoming"]),
    (0.5, &["receive", "in", "input"]),
    (0.8, &["transmit", "tx", "outbound", "egress", "outgoing"]),
    (0.6, &["transmit", "sent", "out", "output"]),
    (0.5, &["incoming", "server"]),
    (0.5, &["outgoing", "client", "upstream"]),
    (0.7, &["queue", "backlog"]),
    (0.7, &["lag", "backlog"]),
    (0.6, &["waiting", "pending", "queued", "backlog", "outstanding", "unprocessed"]),
    (0.5, &["waiting", "queue"]),
    (0.7, &["lag", "behind"]),
    (0.6, &["lag", "delay", "late"]),
    (0.9, &["connection", "conn", "conns", "connections", "cx"]),
    (0.5, &["connection", "session", "client"]),
    (0.7, &["limit", "maximum", "max", "cap", "capacity", "quota"]),
    (0.7, &["limit", "allowed", "permitted", "allocatable", "configured"]),
    (0.6, &["capacity", "size", "total"]),
    (0.6, &["capacity", "slots"]),
    (0.8, &["free", "available", "avail", "left", "remaining", "unused"]),
    (0.6, &["free", "idle", "spare"]),
    (0.8, &["used", "usage", "use", "using", "utilization", "util"]),
    (0.7, &["busy", "active", "used"]),
    (0.6, &["used", "consumed", "occupied", "taken", "allocated", "inuse", "claimed"]),
    (0.5, &["open", "active", "current", "live", "connected"]),
    (0.8, &["error", "err", "errs", "errored"]),
    (0.7, &["error", "failure", "failed", "fail", "exception", "unsuccessful"]),
    (0.7, &["restart", "restarted", "crash", "reboot"]),
    (0.8, &["gc", "garbage"]),
    (0.6, &["gc", "collection", "pause", "paused", "collector"]),
    (0.8, &["database", "db"]),
    (0.5, &["database", "sql", "datname"]),
    (0.9, &["postgres", "postgresql", "pg"]),
    (0.9, &["kubernetes", "kube", "k8s"]),
    (0.9, &["elasticsearch", "elastic", "es"]),
    (0.9, &["mongodb", "mongo"]),
    (0.9, &["rabbitmq", "rabbit"]),
    (0.9, &["java", "jvm"]),
    (0.8, &["tomcat", "catalina"]),
    (0.9, &["gpu", "dcgm", "nvidia"]),
    (0.9, &["dns", "coredns"]),
    (0.8, &["thread", "threads", "goroutine", "fiber"]),
    (0.8, &["message", "msg", "msgs"]),
    (0.6, &["message", "event", "record", "letter"]),
    (0.9, &["certificate", "cert", "tls", "ssl", "x509"]),
    (0.8, &["expire", "expiry", "expiration", "expires"]),
    (0.8, &["login", "signin", "logon", "auth", "authentication"]),
    (0.7, &["version", "release", "build", "revision", "rel"]),
    (0.7, &["size", "bytes", "payload", "big", "large"]),
    (0.7, &["host", "machine", "node", "server"]),
    (0.9, &["drop", "dropped", "discard", "discarded"]),
    (0.7, &["drop", "lost", "loss", "thrown"]),
    (0.8, &["evict", "evicted", "eviction", "purged", "expelled"]),
    (0.8, &["retry", "retried", "repeated", "reattempt", "redelivered"]),
    (0.8, &["publish", "published", "produce", "produced", "enqueued"]),
    (0.6, &["published", "sent", "put"]),
    (0.8, &["consume", "consumed", "dequeued", "delivered"]),
    (0.6, &["consumed", "read", "taken", "fetched", "processed", "delivered", "acked"]),
    (0.8, &["reject", "rejected", "refused", "denied", "declined"]),
    (0.7, &["retry", "attempt", "try", "tried", "delivery"]),
    (0.7, &["abort", "aborted", "cancelled", "broken"]),
    (0.8, &["throttle", "throttled", "limited", "ratelimited"]),
    (0.7, &["descriptor", "fd", "fds"]),
    (0.7, &["file", "files", "fd"]),
    (0.8, &["temperature", "temp", "celsius"]),
    (
        0.7,
        &[
            "temperature", "hot", "heat", "thermal", "temp", "celsius", "degrees", "warm", "cold",
            "cool",
        ],
    ),
    (0.8, &["humidity", "moisture"]),
    (0.7, &["battery", "charge"]),
    (0.7, &["power", "watts", "watt", "kilowatt"]),
    (0.7, &["energy", "joules", "kwh", "kilowatt"]),
    (0.7, &["voltage", "volts", "volt"]),
    (0.8, &["cost", "spend", "price", "usd", "dollars", "billing"]),
    (0.7, &["revenue", "value", "amount", "euros", "turnover"]),
    (0.8, &["query", "statement"]),
    (0.6, &["query", "search", "lookup"]),
    (0.8, &["lookup", "get", "gets"]),
    (0.9, &["request", "req", "reqs", "rq"]),
    (0.6, &["request", "call", "hit", "rpc", "invocation"]),
    (0.9, &["grpc", "rpc"]),
    (0.8, &["wrong", "bad", "invalid", "incorrect"]),
    (0.7, &["transaction", "txn", "xact", "tx", "trx"]),
    (0.8, &["rollback", "rolled", "rollbacks"]),
    (0.8, &["commit", "committed"]),
    (0.7, &["replica", "pod", "instance"]),
    (0.7, &["replication", "replica", "standby", "follower", "slave"]),
    (0.6, &["worker", "executor", "slot"]),
    (0.8, &["operation", "op", "ops"]),
    (0.7, &["read", "reads", "fetched"]),
    (0.7, &["write", "writes", "written"]),
    (
        0.7,
        &["inflight", "concurrent", "simultaneous", "ongoing", "flight", "inprogress", "progress"],
    ),
    (0.7, &["inprogress", "active", "running", "current"]),
    (0.5, &["inflight", "active"]),
    (0.6, &["concurrent", "simultaneous", "active", "online", "connected"]),
    (0.8, &["success", "succeeded", "successful", "ok"]),
    (0.5, &["success", "accepted", "completed"]),
    (0.7, &["complete", "finish", "done"]),
    (0.7, &["start", "started", "begin", "boot", "booted"]),
    (0.8, &["create", "creation", "created"]),
    (0.6, &["order", "orders", "purchase", "sale"]),
    (0.7, &["customer", "client", "user", "tenant", "account"]),
    (0.7, &["job", "batch", "task", "cron", "cronjob"]),
    (0.5, &["backup", "snapshot", "dump"]),
    (0.8, &["token", "tokens"]),
    (0.7, &["inference", "prediction", "predict"]),
    (0.7, &["model", "llm"]),
    (0.8, &["document", "doc", "docs"]),
    (0.7, &["row", "rows", "tuple", "tup", "record"]),
    (0.8, &["segment", "shard"]),
    (0.7, &["email", "mail", "e-mails"]),
    (0.7, &["sms", "notification", "push"]),
    (0.7, &["player", "gamer", "user"]),
    (0.7, &["age", "oldest", "stale", "old", "freshness", "staleness", "staler", "older"]),
    (0.6, &["sensor", "device", "probe"]),
    (0.7, &["checkpoint", "snapshot"]),
    (0.7, &["packet", "packets", "frame", "datagram"]),
    (0.8, &["probe", "blackbox", "check"]),
    (0.8, &["handshake", "tls"]),
    (0.7, &["pressure", "stall", "psi"]),
    (0.8, &["load", "load1", "load5", "load15"]),
    (0.8, &["oom", "oomkilled", "killed"]),
    (0.7, &["scrape", "scraped", "target"]),
    (0.6, &["reservation", "booking"]),
    (0.6, &["refund", "chargeback", "repayment"]),
    (0.7, &["stock", "inventory"]),
    (0.6, &["deadlock", "lock"]),
    (0.6, &["wait", "blocked", "stall"]),
    (0.7, &["ingest", "ingested", "received", "accepted"]),
    (0.7, &["export", "sent", "delivered", "shipped"]),
    (0.7, &["desired", "spec", "expected", "wanted", "asked"]),
    (0.6, &["ready", "available", "healthy"]),
    (0.7, &["primary", "leader", "master"]),
    (0.6, &["primary", "controller"]),
    (0.5, &["broker", "server", "node"]),
    (0.8, &["framebuffer", "fb", "vram"]),
    (0.7, &["memory", "framebuffer", "fb", "vram"]),
    (0.7, &["generation", "generated", "completion", "output"]),
    (0.7, &["prompt", "input"]),
    (0.6, &["sell", "revenue", "takings", "turnover"]),
    (0.8, &["pounds", "pence", "gbp"]),
    (0.8, &["euros", "cents", "eur"]),
    (0.8, &["dollars", "cents", "usd"]),
];

/// Words that lead to others, and not back.
const LEADS: &[(f32, &str, &[&str])] = &[
    (0.8, "slow", &["duration", "latency"]),
    (0.5, "slow", &["seconds", "milliseconds", "time"]),
    (0.8, "fast", &["duration", "latency"]),
    (0.6, "long", &["duration", "seconds", "time", "latency"]),
    (0.5, "response", &["duration", "latency", "request"]),
    (0.5, "answer", &["response", "request", "duration"]),
    (0.6, "answer", &["output", "out"]),
    (0.5, "reply", &["response", "request"]),
    (0.9, "traffic", &["requests", "rps"]),
    (
        0.5,
        "traffic",
        &["bytes", "calls", "rpc", "queries", "hits", "connections", "messages", "received"],
    ),
    (0.8, "throughput", &["requests", "messages", "bytes", "operations", "queries"]),
    (0.8, "rps", &["requests"]),
    (0.8, "qps", &["queries", "requests"]),
    (0.8, "tps", &["transactions"]),
    (0.8, "iops", &["reads", "writes", "io", "operations"]),
    (0.5, "load", &["requests", "cpu"]),
    (0.6, "hungry", &["usage", "used", "cpu", "memory"]),
    (0.6, "busy", &["cpu", "idle", "requests"]),
    (0.8, "crash", &["restarts", "waiting", "terminated"]),
    (0.8, "bounce", &["restarts", "bounced"]),
    (0.6, "outage", &["up"]),
    (0.9, "down", &["up"]),
    (0.8, "alive", &["up"]),
    (0.6, "sit", &["waiting", "visible", "ready", "pending"]),
    (0.8, "saturation", &["busy", "active"]),
    (0.8, "saturated", &["busy", "active"]),
    (0.7, "utilization", &["busy", "active"]),
    (0.6, "restart", &["start", "boot"]),
    (0.9, "cordon", &["unschedulable"]),
    (0.5, "slowest", &["max"]),
    (0.5, "longest", &["max"]),
    (0.5, "peak", &["max"]),
    (0.5, "highest", &["max"]),
    (0.7, "stopped", &["running", "up"]),
    (0.7, "halted", &["running", "up"]),
    (0.8, "election", &["changes"]),
    (0.8, "target", &["up"]),
    (0.7, "place", &["schedule"]),
    (0.6, "silent", &["heartbeat", "seen", "up"]),
    (0.5, "quiet", &["heartbeat", "seen"]),
    (0.8, "dead", &["up"]),
    (0.8, "answer", &["up"]),
    (0.9, "uptime", &["start", "boot"]),
    (0.5, "uptime", &["up"]),
    (0.7, "licence", &["licensed", "license"]),
    (0.8, "reachable", &["up", "success"]),
    (0.8, "unreachable", &["up", "success"]),
    (0.6, "healthy", &["up", "success"]),
    (0.7, "unhealthy", &["healthy", "up"]),
    (0.7, "running", &["up", "info"]),
    (0.7, "online", &["up", "connected", "active"]),
    (0.7, "offline", &["up", "connected"]),
    (0.8, "uptime", &["start", "boot", "up"]),
    (0.6, "deploy", &["build", "info", "version"]),
    (0.7, "full", &["used", "usage", "size", "available", "utilization"]),
    (0.6, "headroom", &["available", "free", "limit"]),
    (0.6, "saturation", &["utilization", "usage", "used"]),
    (0.6, "saturated", &["utilization", "usage", "used"]),
    (0.7, "pool", &["pool", "connections"]),
    (0.6, "spot", &["slots", "available"]),
    (0.7, "spend", &["cost", "seconds"]),
    (0.6, "leak", &["memory", "heap"]),
    (0.7, "wait", &["pending", "queue", "waiting"]),
    (0.6, "queue", &["pending", "depth", "waiting", "size", "ready"]),
    (0.7, "missing", &["misses", "unavailable"]),
    (0.8, "stockout", &["stock"]),
    (0.7, "sign", &["login", "signin"]),
    (0.6, "abandon", &["abandoned", "dropped"]),
    (0.7, "checkout", &["orders"]),
    (0.7, "bought", &["orders", "purchases"]),
    (0.6, "shop", &["orders"]),
    (0.5, "memory", &["working", "set"]),
    (0.5, "mem", &["working", "set"]),
    (0.9, "argo", &["argocd", "argo"]),
    (0.7, "bandwidth", &["bytes"]),
    (0.6, "download", &["receive", "bytes"]),
    (0.6, "upload", &["transmit", "bytes"]),
    (0.6, "data", &["bytes"]),
    (0.6, "hardware", &["node"]),
    (0.6, "hand", &["allocatable", "available"]),
    (0.7, "deliver", &["sent", "delivered"]),
    (0.6, "accept", &["accepted", "placed"]),
    (0.6, "place", &["placed"]),
    (0.5, "fail", &["dropped", "rejected", "refused"]),
    (0.6, "undelivered", &["failed", "dropped"]),
    (0.95, "unacknowledged", &["unacked", "unack"]),
    (0.9, "unacked", &["unacknowledged"]),
    (0.4, "up", &["start", "boot", "uptime"]),
    (0.6, "up", &["active", "running", "online", "connected"]),
    (0.5, "free", &["open"]),
    (0.8, "down", &["success", "healthy"]),
    (0.6, "hear", &["seen"]),
    (0.5, "websites", &["probe"]),
    (0.6, "grow", &["size", "bytes"]),
    (0.6, "disconnect", &["disconnected", "closed", "dropped"]),
    (0.6, "join", &["joined", "connected"]),
    (0.6, "desync", &["lag"]),
    (0.6, "jam", &["queue"]),
    (0.6, "inbox", &["mailbox", "queue"]),
    (0.7, "desired", &["spec"]),
    (0.6, "people", &["users", "sessions", "players"]),
    (0.6, "visitor", &["sessions", "users"]),
    (0.5, "burn", &["usage", "cpu", "seconds"]),
    (0.6, "turnaround", &["duration", "latency"]),
    (0.6, "outgoing", &["transmit", "sent"]),
    (0.9, "graphic", &["gpu"]),
    (0.6, "busy", &["reqs"]),
    (0.7, "ping", &["latency", "rtt"]),
    (0.6, "watch", &["sessions", "viewers", "playback"]),
    (0.6, "unread", &["lag", "unread"]),
    (0.5, "backlog", &["messages"]),
    (0.6, "message", &["depth"]),
];

static EXPANSIONS: LazyLock<HashMap<String, Vec<(String, f32)>>> = LazyLock::new(|| {
    let mut all: HashMap<String, HashMap<String, f32>> = HashMap::new();
    let mut add = |from: &str, to: &str, weight: f32| {
        let (from, to) = (stem(from), stem(to));
        if from != to {
            let known = all.entry(from).or_default().entry(to).or_default();
            *known = known.max(weight);
        }
    };
    for (weight, group) in GROUPS {
        for from in *group {
            for to in *group {
                add(from, to, *weight);
            }
        }
    }
    for (weight, from, to) in LEADS {
        for to in *to {
            add(from, to, *weight);
        }
    }
    let sorted = |others: HashMap<String, f32>| {
        let mut others: Vec<(String, f32)> = others.into_iter().collect();
        others.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        others
    };
    all.into_iter().map(|(from, others)| (from, sorted(others))).collect()
});

/// Other stems that may stand for this one, each with how surely, from 0 to 1.
pub(crate) fn expansions(stem: &str) -> &'static [(String, f32)] {
    EXPANSIONS.get(stem).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_reach_what_metrics_are_named_after() {
        for (from, to) in [
            ("slow", "duration"),
            ("memory", "rss"),
            ("incoming", "receive"),
            ("Postgres", "pg"),
            ("traffic", "requests"),
            ("garbage", "gc"),
            ("left", "avail"),
        ] {
            let found = expansions(&stem(&from.to_lowercase()));
            assert!(found.iter().any(|(other, _)| *other == stem(to)), "{from} {to}: {found:?}");
        }
        assert!(expansions("zebra").is_empty());
    }
}
