//! Questions as people ask them, and the queries that they become: forms, limits, periods, rows and
//! values on catalogs that share no names.

use model::{Intent, Understanding};
use serde_json::json;

use super::now;
use crate::{Catalog, PlanError, Question, Settings, fixtures, plan::metric_translation};

pub(super) fn asked(text: &str, catalog: &Catalog) -> Result<String, PlanError> {
    let understanding =
        Understanding { intent: Intent::QueryMetrics, confidence: 1.0, entities: vec![] };
    let question = Question { text, understanding: &understanding };
    metric_translation(&question, catalog, &Settings::default(), now()).map(|it| it.query)
}

fn check(catalog: &Catalog, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let found = asked(text, catalog).unwrap_or_else(|error| error.to_string());
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn a_shop_is_asked() {
    check(
        &fixtures::shop(),
        &[
            (
                "How many requests a second does checkout serve, by route?",
                r#"sum by (route) (rate(http_requests_total{service="checkout"}[5m]))"#,
            ),
            (
                "p95 latency of payment over the last 10 minutes",
                r#"histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{service="payment"}[10m])))"#,
            ),
            (
                "What share of the requests to auth failed in the last hour?",
                r#"sum(rate(http_requests_total{service="auth",status=~"5.."}[1h])) / sum(rate(http_requests_total{service="auth"}[1h]))"#,
            ),
            (
                "how many times did we rate limit people in the last 30 minutes, per service",
                r#"sum by (service) (increase(http_requests_total{status="429"}[30m]))"#,
            ),
            (
                "Which services use more than a quarter of their memory limit?",
                r#"sum by (service) (process_resident_memory_bytes) / sum by (service) (process_memory_limit_bytes) > 0.25"#,
            ),
            (
                "has checkout at least a fifth fewer requests than at the same time yesterday?",
                r#"sum(rate(http_requests_total{service="checkout"}[5m])) <= 0.8 * sum(rate(http_requests_total{service="checkout"}[5m] offset 1d))"#,
            ),
            (
                "how many errors did checkout have in the last hour?",
                r#"sum(increase(http_requests_total{service="checkout"}[1h]))"#,
            ),
            (
                "Is payment slower than a week ago?",
                r#"histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{service="payment"}[5m]))) > histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{service="payment"}[5m] offset 1w)))"#,
            ),
            (
                "does the shop job not have exactly one target up",
                r#"count by (job) (up{job="shop"} == 1) != 1"#,
            ),
            ("no scrape target of the shop job at all any more", r#"absent(up{job="shop"})"#),
            ("requests of the last 90 days", r#"sum(increase(http_requests_total[31d]))"#),
            (
                "auth burning at 14.4x on both 1h and 5m windows, slo is 99.9%",
                r#"sum(rate(http_requests_total{service="auth",status=~"5.."}[1h])) / sum(rate(http_requests_total{service="auth"}[1h])) > 14.4 * 0.001 and sum(rate(http_requests_total{service="auth",status=~"5.."}[5m])) / sum(rate(http_requests_total{service="auth"}[5m])) > 14.4 * 0.001"#,
            ),
        ],
    );
}

#[test]
fn a_cluster_is_asked() {
    check(
        &fixtures::istio(),
        &[
            (
                "memory of the checkout pods",
                r#"sum(container_memory_working_set_bytes{container="checkout"})"#,
            ),
            (
                "restarts per pod in the last 6 hours",
                r#"sum by (pod) (increase(kube_pod_container_status_restarts_total[6h]))"#,
            ),
            (
                "fraction of the node memory that is available",
                r#"sum(node_memory_MemAvailable_bytes) / sum(node_memory_MemTotal_bytes)"#,
            ),
            (
                "5xx of payment per second",
                r#"sum(rate(istio_requests_total{destination_service_name="payment",response_code=~"5..",reporter="destination"}[5m]))"#,
            ),
        ],
    );
}

#[test]
fn spring_and_machines_are_asked() {
    check(
        &fixtures::spring(),
        &[
            (
                "which applications have orders in the queue",
                r#"sum by (application) (orders_queue_size) > 0"#,
            ),
            (
                "share of heap in use in production",
                r#"sum(jvm_memory_used_bytes{area="heap",env="production"}) / sum(jvm_memory_max_bytes{area="heap",env="production"})"#,
            ),
        ],
    );
    check(
        &fixtures::node(),
        &[
            (
                "will the disk of any node be full within 4 hours, going by the last 6 hours",
                r#"sum by (mountpoint) (predict_linear(node_filesystem_avail_bytes[6h], 4 * 3600)) < 0"#,
            ),
            (
                "which filesystems have less than 10% left",
                r#"sum by (mountpoint) (node_filesystem_avail_bytes) / sum by (mountpoint) (node_filesystem_size_bytes) < 0.1"#,
            ),
            (
                "outbound traffic per interface in megabits/s",
                r#"8 * sum by (device) (rate(node_network_transmit_bytes_total[5m])) / 1e6"#,
            ),
            (
                "p99 of Post calls of the ledger",
                r#"histogram_quantile(0.99, sum(rate(grpc_server_handling_seconds{app="ledger",grpc_method="Post"}[5m])))"#,
            ),
        ],
    );
}

/// Meters in the field: states, pairs of counters without words for their roles, money in millionths.
fn utility() -> Catalog {
    let gate = json!({"gate": ["g-1", "g-2", "g-3"], "region": ["north", "south"]});
    let region = json!({"region": ["north", "south"]});
    let delay = json!({"region": ["north"], "le": ["1", "+Inf"]});
    let catalog = json!({
        "metadata": {
            "gate_connected": [{"type": "gauge", "help": "1 when the gate has a session, else 0"}],
            "gate_build_info": [{"type": "gauge", "help": "Firmware of each gate"}],
            "gpus_total": [{"type": "gauge", "help": ""}],
        },
        "labels": {
            "reads_ingested_total": region,
            "reads_rejected_total": region,
            "read_delay_seconds_bucket": delay,
            "read_delay_seconds_sum": region,
            "read_delay_seconds_count": region,
            "gate_connected": gate,
            "gate_reconnects_total": gate,
            "gate_build_info": {"gate": ["g-1"], "version": ["1.0", "1.1"]},
            "commands_pending": {"command": ["firmware_push", "tariff_load"], "region": ["north"]},
            "pool_active_processes": gate,
            "pool_total_processes": gate,
            "sales_revenue_micros_total": region,
            "up": {"job": ["customer-portal", "intake"], "instance": ["a:1"]},
            "gate_last_seen_timestamp_seconds": gate,
            "bids_total": {
                "outcome": ["win", "loss", "timeout"], "exchange": ["a", "b"],
                "namespace": ["ads-prod", "ads-test"],
            },
            "disk_avail_bytes": {"mountpoint": ["/", "/var/lib/postgresql"], "node": ["n1"]},
            "calls_total": {
                "server_address": ["api.iata.example", "pay.adyen.example"], "code": ["200", "429"],
            },
            "service_state": {"name": ["mail", "web"], "state": ["running", "stopped"]},
            "gpus_total": region,
            "gpus_allocated": region,
            "transfer_amount_euros_bucket": delay,
            "transfer_amount_euros_sum": region,
            "transfer_amount_euros_count": region,
            "loans_total": {"status": ["approved", "refused"], "region": ["north"]},
            "export_last_success_timestamp_seconds": region,
            "stock_units": region,
            "stock_reorder_threshold_units": region,
            "tariff_cache_hits_total": region,
            "tariff_cache_misses_total": region,
            "probe_success": {"instance": ["https://a.example", "https://b.example"]},
        },
    });
    serde_json::from_value(catalog).unwrap()
}

#[test]
fn a_utility_is_asked() {
    check(
        &utility(),
        &[
            (
                "what percentage of the reads did we throw away in the last hour",
                "100 * (sum(rate(reads_rejected_total[1h])) / sum(rate(reads_ingested_total[1h])))",
            ),
            (
                "how many gates are offline in each region",
                "count by (region) (gate_connected == 0)",
            ),
            (
                "which 5 gates have been flapping the most since yesterday same time",
                "topk(5, sum by (gate) (increase(gate_reconnects_total[24h])))",
            ),
            (
                "how many firmware updates are waiting",
                r#"sum(commands_pending{command="firmware_push"})"#,
            ),
            (
                "gates where more than 9 of 10 workers are busy",
                "sum by (gate) (pool_active_processes) / sum by (gate) (pool_total_processes) > 0.9",
            ),
            (
                "how much revenue in euros did we make in the past hour",
                "sum(increase(sales_revenue_micros_total[1h])) / 1e6",
            ),
            (
                "by how many percent did the hourly reads ingested change since yesterday, compared with yesterday",
                "100 * ((sum(increase(reads_ingested_total[1h])) - sum(increase(reads_ingested_total[1h] offset 1d))) / sum(increase(reads_ingested_total[1h] offset 1d)))",
            ),
            ("nobody scrapes the portal at all any more", r#"absent(up{job="customer-portal"})"#),
            (
                "share of bids that timed out in production",
                r#"sum(rate(bids_total{namespace="ads-prod",outcome="timeout"}[5m])) / sum(rate(bids_total{namespace="ads-prod"}[5m]))"#,
            ),
            (
                "win rate per exchange",
                r#"sum by (exchange) (rate(bids_total{outcome="win"}[5m])) / sum by (exchange) (rate(bids_total[5m]))"#,
            ),
            (
                "bids won vs lost in the past hour",
                r#"sum by (outcome) (increase(bids_total{outcome=~"win|loss"}[1h]))"#,
            ),
            (
                "cache efficiency of the tariffs",
                "sum(rate(tariff_cache_hits_total[5m])) / (sum(rate(tariff_cache_hits_total[5m])) + sum(rate(tariff_cache_misses_total[5m])))",
            ),
            (
                "free space on the Postgres disk",
                r#"sum(disk_avail_bytes{mountpoint="/var/lib/postgresql"})"#,
            ),
            (
                "calls to IATA that got rate limited, per second",
                r#"sum(rate(calls_total{server_address="api.iata.example",code="429"}[5m]))"#,
            ),
            ("services that are stopped", r#"service_state{state="stopped"} == 1"#),
            (
                "stock below the reorder threshold by region",
                "sum by (region) (stock_reorder_threshold_units) - sum by (region) (stock_units) > 0",
            ),
            ("no reads ingested for 15 minutes", "sum(increase(reads_ingested_total[15m])) == 0"),
            (
                "is any pool of processes exhausted",
                "pool_active_processes / pool_total_processes >= 1",
            ),
            ("GPUs that nobody uses", "sum(gpus_total) - sum(gpus_allocated)"),
            (
                "how much money was transferred in the last 24 hours",
                "sum(increase(transfer_amount_euros_sum[24h]))",
            ),
            (
                "loans approved vs rejected per region today",
                r#"sum by (region, status) (increase(loans_total{status=~"approved|refused"}[12h]))"#,
            ),
            (
                "exports that have not succeeded since 24 hours",
                "time() - export_last_success_timestamp_seconds > 86400",
            ),
            ("targets down by job", "count by (job) (up == 0)"),
            (
                "which gates have not phoned home in the last 2 hours",
                "max by (gate) (time() - gate_last_seen_timestamp_seconds) > 7200",
            ),
            (
                "which probes had less than 99 % availability over the last week",
                "avg_over_time(probe_success[7d]) < 0.99",
            ),
            (
                "rank the regions by the number of reads rejected in the last hour",
                "sum by (region) (increase(reads_rejected_total[1h]))",
            ),
        ],
    );
}

#[test]
fn what_cannot_be_answered_names_what_is_near() {
    let error = asked("orders of pizza", &fixtures::istio()).unwrap_err();
    assert!(matches!(error, PlanError::UnknownMetric { .. }), "{error:?}");
    let error = asked(
        "filesystem pizza oven warmth topping dough cheese basil crust tomato mushrooms",
        &fixtures::node(),
    )
    .unwrap_err();
    assert!(error.to_string().contains("node_filesystem"), "{error}");
}
