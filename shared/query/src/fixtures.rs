//! The catalogs that tests plan against: three systems whose metrics have nothing in common.

use serde_json::{Value, json};

use crate::Catalog;

fn catalog(value: Value) -> Catalog {
    serde_json::from_value(value).unwrap()
}

/// A shop with one explicit `service` label.
pub(crate) fn shop() -> Catalog {
    let services = ["payment", "checkout", "auth", "api-gateway", "orders", "frontend"];
    let versions = ["1.4.1", "1.4.2", "2.0.0"];
    let identity = |extra: Value| {
        let mut labels = json!({
            "service": services, "version": versions,
            "instance": ["127.0.0.1:9101"], "job": ["shop"],
        });
        for (name, values) in extra.as_object().unwrap() {
            labels[name.as_str()] = values.clone();
        }
        labels
    };
    let request = json!({
        "route": ["/charge", "/refund", "/health"], "method": ["GET", "POST"],
    });
    let mut counted = request.clone();
    counted["status"] = json!(["200", "404", "500", "503"]);
    let mut timed = request.clone();
    timed["le"] = json!(["0.1", "0.5", "1", "+Inf"]);
    catalog(json!({
        "metadata": {
            "http_requests_total":
                [{"type": "counter", "help": "HTTP requests handled.", "unit": ""}],
            "http_request_duration_seconds":
                [{"type": "histogram", "help": "Time to answer a request.", "unit": ""}],
            "process_cpu_usage_ratio":
                [{"type": "gauge", "help": "Share of the CPU limit in use.", "unit": ""}],
            "process_resident_memory_bytes":
                [{"type": "gauge", "help": "Resident memory.", "unit": ""}],
            "process_memory_limit_bytes":
                [{"type": "gauge", "help": "Memory limit.", "unit": ""}],
            "build_info": [{"type": "gauge", "help": "What is running.", "unit": ""}],
            "go_gc_duration_seconds": [{"type": "summary", "help": "GC pauses.", "unit": ""}],
            "only_described": [{"type": "gauge", "help": "Has no series.", "unit": ""}],
        },
        "labels": {
            "http_requests_total": identity(counted),
            "http_request_duration_seconds_bucket": identity(timed),
            "http_request_duration_seconds_sum": identity(request.clone()),
            "http_request_duration_seconds_count": identity(request),
            "process_cpu_usage_ratio": identity(json!({})),
            "process_resident_memory_bytes": identity(json!({})),
            "process_memory_limit_bytes": identity(json!({})),
            "build_info": identity(json!({})),
            "up": {"job": ["shop", "prometheus"], "instance": ["127.0.0.1:9101", "127.0.0.1:9090"]},
            "go_gc_duration_seconds_sum": {"job": ["prometheus"], "instance": ["127.0.0.1:9090"]},
            "go_gc_duration_seconds_count": {"job": ["prometheus"], "instance": ["127.0.0.1:9090"]},
            "prometheus_http_requests_total": {
                "job": ["prometheus"], "instance": ["127.0.0.1:9090"],
                "handler": ["/api/v1/query"], "code": ["200"],
            },
        },
    }))
}

/// Kubernetes with Istio and cAdvisor; durations are in milliseconds.
pub(crate) fn istio() -> Catalog {
    let mesh = json!({
        "destination_service_name": ["payment", "checkout", "payment-worker"],
        "destination_version": ["v1", "v2"],
        "source_workload": ["frontend"], "namespace": ["shop"],
        "reporter": ["source", "destination"],
        "response_code": ["200", "503"], "pod": ["payment-6d5f9c7b8-x2x4v"],
    });
    let mut timed = mesh.clone();
    timed["le"] = json!(["1", "5", "+Inf"]);
    let container = json!({
        "namespace": ["shop"], "pod": ["payment-6d5f9c7b8-x2x4v", "checkout-0"],
        "container": ["payment", "checkout", "istio-proxy"], "node": ["n1"],
    });
    let mut limits = container.clone();
    limits["resource"] = json!(["cpu", "memory"]);
    let node = json!({"instance": ["n1:9100"], "job": ["node-exporter"]});
    let mut cpu = node.clone();
    cpu["mode"] = json!(["idle", "user", "system"]);
    cpu["cpu"] = json!(["0", "1"]);
    catalog(json!({
        "metadata": {
            "istio_requests": [{"type": "counter", "help": "Requests through the mesh."}],
            "istio_request_duration_milliseconds":
                [{"type": "histogram", "help": "Duration of requests."}],
            "container_cpu_usage_seconds":
                [{"type": "counter", "help": "Cumulative cpu time consumed."}],
            "container_cpu_cfs_throttled_seconds":
                [{"type": "counter", "help": "Total time the container was throttled."}],
            "container_memory_working_set_bytes":
                [{"type": "gauge", "help": "Current working set of the container."}],
            "container_spec_memory_limit_bytes":
                [{"type": "gauge", "help": "Memory limit for the container."}],
            "kube_pod_container_resource_requests":
                [{"type": "gauge", "help": "The number of requested resources."}],
            "kube_pod_container_status_restarts_total":
                [{"type": "counter", "help": "The number of container restarts."}],
            "node_cpu_seconds_total":
                [{"type": "counter", "help": "Seconds the CPUs spent in each mode."}],
            "node_memory_MemAvailable_bytes":
                [{"type": "gauge", "help": "Memory information field MemAvailable_bytes."}],
            "node_memory_MemTotal_bytes":
                [{"type": "gauge", "help": "Memory information field MemTotal_bytes."}],
            "apiserver_request_total":
                [{"type": "counter", "help": "Requests to the API server."}],
        },
        "labels": {
            "istio_requests_total": mesh,
            "istio_request_duration_milliseconds_bucket": timed,
            "istio_request_duration_milliseconds_sum": mesh,
            "istio_request_duration_milliseconds_count": mesh,
            "container_cpu_usage_seconds_total": container,
            "container_cpu_cfs_throttled_seconds_total": container,
            "container_memory_working_set_bytes": container,
            "container_spec_memory_limit_bytes": container,
            "kube_pod_container_resource_requests": limits,
            "kube_pod_container_status_restarts_total": container,
            "node_cpu_seconds_total": cpu,
            "node_memory_MemAvailable_bytes": node,
            "node_memory_MemTotal_bytes": node,
            "apiserver_request_total": {"code": ["200"], "verb": ["GET"], "job": ["apiserver"]},
            "up": {"job": ["node-exporter", "apiserver"], "instance": ["n1:9100"]},
        },
    }))
}

/// Spring Boot with Micrometer: summaries without quantiles, heaps in parts, and environments.
pub(crate) fn spring() -> Catalog {
    let identity = |extra: Value| {
        let mut labels = json!({
            "application": ["order-service", "inventory"],
            "env": ["production", "staging"], "instance": ["10.0.0.1:8080", "10.0.0.2:8080"],
        });
        for (name, values) in extra.as_object().unwrap() {
            labels[name.as_str()] = values.clone();
        }
        labels
    };
    let request = identity(json!({
        "uri": ["/orders", "/orders/{id}"], "method": ["GET", "POST"],
        "status": ["200", "500"], "outcome": ["SUCCESS", "SERVER_ERROR"],
        "exception": ["None", "TimeoutException"],
    }));
    let heap = identity(json!({
        "area": ["heap", "nonheap"], "id": ["Eden", "Old", "Metaspace"],
    }));
    catalog(json!({
        "metadata": {
            "http_server_requests_seconds": [{"type": "summary", "help": ""}],
            "http_server_requests_seconds_max": [{"type": "gauge", "help": ""}],
            "http_client_requests_seconds": [{"type": "summary", "help": ""}],
            "process_cpu_usage": [{"type": "gauge",
                "help": "The \"recent cpu usage\" for the Java Virtual Machine process"}],
            "system_cpu_usage": [{"type": "gauge",
                "help": "The \"recent cpu usage\" of the system the application is running in"}],
            "system_cpu_count": [{"type": "gauge",
                "help": "The number of processors available"}],
            "jvm_memory_used_bytes":
                [{"type": "gauge", "help": "The amount of used memory"}],
            "jvm_memory_max_bytes":
                [{"type": "gauge", "help": "The maximum amount of memory in bytes"}],
            "jvm_gc_pause_seconds": [{"type": "summary", "help": "Time spent in GC pause"}],
            "orders_queue_size": [{"type": "gauge", "help": "Orders that wait to be packed"}],
        },
        "labels": {
            "http_server_requests_seconds_count": request,
            "http_server_requests_seconds_sum": request,
            "http_server_requests_seconds_max": request,
            "http_client_requests_seconds_count": request,
            "http_client_requests_seconds_sum": request,
            "process_cpu_usage": identity(json!({})),
            "system_cpu_usage": identity(json!({})),
            "system_cpu_count": identity(json!({})),
            "jvm_memory_used_bytes": heap,
            "jvm_memory_max_bytes": heap,
            "jvm_gc_pause_seconds_count": identity(json!({})),
            "jvm_gc_pause_seconds_sum": identity(json!({})),
            "orders_queue_size": identity(json!({})),
            "up": identity(json!({"job": ["spring"]})),
        },
    }))
}

/// Machines without services, a gRPC server with a native histogram, and metrics without metadata.
pub(crate) fn node() -> Catalog {
    let node = json!({"instance": ["n1:9100", "n2:9100"], "job": ["node"]});
    let mut cpu = node.clone();
    cpu["mode"] = json!(["idle", "user", "system"]);
    cpu["cpu"] = json!(["0", "1"]);
    let mut device = node.clone();
    device["device"] = json!(["eth0", "lo"]);
    let mut disk = node.clone();
    disk["mountpoint"] = json!(["/", "/data"]);
    let grpc = json!({
        "app": ["ledger"], "grpc_method": ["Post", "Get"], "grpc_code": ["OK", "Internal"],
        "pod": ["ledger-0", "ledger-1"],
    });
    let timed = json!({"app": ["ledger"], "grpc_method": ["Post", "Get"], "pod": ["ledger-0"]});
    catalog(json!({
        "metadata": {
            "grpc_server_handled_total":
                [{"type": "counter", "help": "RPCs completed on the server."}],
            "grpc_server_handling_seconds":
                [{"type": "histogram", "help": "Response latency of RPCs."}],
            "cpu_load_percent": [{"type": "unknown", "help": ""}],
        },
        "labels": {
            "node_cpu_seconds_total": cpu,
            "node_memory_MemAvailable_bytes": node,
            "node_memory_MemTotal_bytes": node,
            "node_filesystem_avail_bytes": disk,
            "node_filesystem_size_bytes": disk,
            "node_network_transmit_bytes_total": device,
            "grpc_server_handled_total": grpc,
            "grpc_server_handling_seconds": timed,
            "cpu_load_percent": node,
        },
    }))
}
