//! What engineers call the things they measure.

/// The canonical key of request durations; a percentile makes it `latency_p95`.
pub(crate) const LATENCY: &str = "latency";
pub(crate) const ERROR_RATE: &str = "error_rate";
const REQUEST_RATE: &str = "request_rate";

/// Canonical key, and the phrases for it. The longest phrase that fits wins.
pub(crate) const METRICS: &[(&str, &str)] = &[
    (
        LATENCY,
        "latency, latencies, latencie, request latency, response latency, response time, reply \
         time, request duration, response duration, request time, duration, round trip time, rtt, \
         service time, answer time, time to respond, time to answer, processing time, time to \
         first byte, ttfb, response speed, how long do, how long are, how long did, how long \
         does, how slow, how fast, how quick, how quickly, how sluggish, how laggy, how \
         responsive, responsiveness",
    ),
    ("latency_p99", "tail latency, tail latencies, tail latencie, long tail"),
    (
        ERROR_RATE,
        "error rate, error ratio, err rate, errors rate, error percentage, error pct, error %, % \
         error, % of error, error share, share of error, percentage of error, percent of error, \
         rate of error, ratio of error, proportion of error, fraction of error, error fraction, \
         error proportion, fail* rate, fail* ratio, fail* percentage, fail* share, fail* \
         fraction, rate of fail*, ratio of fail*, percentage of fail*, percent of fail*, % of \
         fail*, share of fail*, fraction of fail*, proportion of fail*, fault rate, 5xx rate, 5xx \
         ratio, 5xx percentage, rate of 5xx, percentage of 5xx, share of 5xx, server error rate, \
         percentage of 5xx, % of 5xx, fail* request rate, fail* request ratio, fail* request \
         percentage, http error rate, unsuccessful rate",
    ),
    (
        REQUEST_RATE,
        "request rate, requests rate, request volume, request throughput, request per second, \
         request per minute, request per sec, request per min, request a second, request a \
         minute, request each second, request every second, request / second, request / sec, \
         request / s, request / min, request s, req s, req / s, req sec, req / sec, req min, req \
         / min, req per second, req per sec, req per min, req rate, req a second, call rate, call \
         per second, call per minute, call a second, call volume, hit per second, hit a second, \
         hit rate per second, rate of request, query per second, queries per second, queries a \
         second, transaction per second, rps, qps, tps, rpm, throughput, traffic, traffic level, \
         traffic rate, traffic volume, incoming traffic, inbound traffic, incoming request, \
         inbound request, http traffic, request traffic, request load, call load, how busy, how \
         loaded, how hammered, demand, how much load, how much traffic, workload, arrival rate",
    ),
    (
        "cpu_usage",
        "cpu, cpu usage, cpu use, cpu utilisation, cpu utilization, cpu util, cpu load, cpu \
         consumption, cpu time, cpu percentage, cpu percent, cpu pressure, cpu core, cpus, \
         processor, processor usage, processor load, processor time, processor utilisation, \
         processor utilization, core usage, compute usage, use of cpu, usage of cpu, core in use, \
         core used, how many core",
    ),
    (
        "memory_usage",
        "memory, memory usage, memory use, memory utilisation, memory utilization, memory \
         consumption, memory footprint, memory pressure, memory load, memory util, mem, mem \
         usage, mem use, mem util, mem consumption, mem footprint, ram, ram usage, ram use, ram \
         consumption, ram utilisation, ram utilization, rss, resident memory, resident set, \
         resident set size, working set, use of memory, usage of memory, use of ram, usage of ram",
    ),
    ("heap_usage", "heap, heap usage, heap size, heap use, heap memory, jvm heap"),
    (
        "availability",
        "availability, uptime, up time, success rate, success ratio, success percentage, \
         percentage of successful request, non error rate",
    ),
    (
        "disk_usage",
        "disk, disk usage, disk space, disk use, disk utilisation, disk utilization, disk \
         consumption, disk capacity, free disk, storage usage, storage space, filesystem usage",
    ),
    ("disk_io", "disk io, disk i / o, iops, disk throughput, disk read, disk write"),
    (
        "queue_depth",
        "queue depth, queue length, queue size, queue backlog, backlog, backlog size, queued \
         message, queued job, pending message, message backlog",
    ),
    ("consumer_lag", "consumer lag, kafka lag, topic lag, offset lag, consumer group lag"),
    ("replication_lag", "replication lag, replica lag, replication delay"),
    (
        "connection_pool_usage",
        "connection pool, connection pool usage, connection pool utilisation, connection pool \
         utilization, pool usage, pool utilisation, pool utilization, db pool, connection pool \
         size",
    ),
    (
        "active_connections",
        "active connection, open connection, connection count, number of connection, how many \
         connection, concurrent connection, open socket",
    ),
    (
        "inflight_requests",
        "in flight request, inflight request, in flight, inflight, concurrent request, \
         concurrency",
    ),
    (
        "open_file_descriptors",
        "file descriptor, open file descriptor, open fds, open fd, fds, open file, file handle, \
         open file handle",
    ),
    (
        "cache_hit_ratio",
        "cache hit, cache hit rate, cache hit ratio, cache hit percentage, hit ratio, hit rate, \
         cache rate",
    ),
    ("cache_miss_ratio", "cache miss, cache miss rate, cache miss ratio, miss rate, miss ratio"),
    ("cpu_throttling", "cpu throttling, cpu throttle, throttling, throttled cpu"),
    (
        "network_transmit",
        "network transmit, network out, outbound network, egress, egress traffic, bytes sent, \
         outbound bandwidth, network throughput, network traffic, network usage, bandwidth, \
         network io, bytes out, outbound traffic",
    ),
    ("network_receive", "network receive, network in, ingress bandwidth, bytes received, bytes in"),
    (
        "restart_count",
        "restart count, pod restart, container restart, number of restart, how many restart, how \
         often did * restart",
    ),
    (
        "gc_pause",
        "gc pause, gc pause time, gc time, garbage collection pause, garbage collection, garbage \
         collection time, garbage collector pause, gc",
    ),
    ("goroutines", "goroutine, goroutine count, number of goroutine, how many goroutine"),
    ("thread_count", "thread count, number of thread, how many thread, threads"),
    ("load_average", "load average, system load"),
    ("burn_rate", "burn rate, error budget burn rate, budget burn rate"),
    ("error_budget", "error budget"),
    ("saturation", "saturation"),
    ("apdex", "apdex, apdex score"),
];

/// Adjectives that say which metric is meant without naming it.
pub(crate) const IMPLIED_METRICS: &[(&str, &str)] = &[
    (
        LATENCY,
        "slower, faster, quicker, snappier, slowest, fastest, quickest, laggier, more sluggish, \
         more responsive, most responsive, less responsive, laggiest, most sluggish, slowed down, \
         slowing down, sped up, speeding up, getting slow, gotten slow, got slow",
    ),
    (
        REQUEST_RATE,
        "busier, busiest, quieter, quietest, more load, more loaded, most loaded, heaviest load, \
         most load",
    ),
];

/// The same, as the answer to "is it …?" only: elsewhere they describe a complaint.
pub(crate) const ASKED_METRICS: &[(&str, &str)] =
    &[(LATENCY, "slow, sluggish, laggy, slowly, fast, snappy, quick, lagging")];

/// What a noun phrase that is nobody's metric must end in to be taken for one.
pub(crate) const METRIC_HEADS: &str = "usage utilisation utilization count depth size length rate ratio lag pause delay score \
     pressure saturation hits misses timeouts retries evictions reads writes commits rebalances \
     connections sessions threads sockets handles locks deadlocks bytes packets drops temperature \
     voltage bandwidth jitter iops consumption footprint throughput percentage occupancy entropy \
     swap inodes";

/// Words for a metric unless the same breath speaks of failures ("how many requests failed").
pub(crate) const WEAK_METRICS: &[(&str, &str)] = &[
    (
        REQUEST_RATE,
        "request, req, number of request, number of call, amount of request, volume of request, \
         count of request, total request, how many request, how many req, how many call, how many \
         hit, request count, hits, served request, handled request, load, volume, how many user \
         request, how many http request, how many api call",
    ),
    ("queue_depth", "queue"),
];
