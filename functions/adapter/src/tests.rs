//! The function against a Prometheus and an identity provider that do as they are told.

use std::time::Instant;

use kit::config::Environment;
use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, path, query_param_contains},
};

use super::*;

fn deps(pairs: &[(&str, &str)]) -> Deps {
    let environment: Environment = pairs.iter().copied().collect();
    Deps::new(&Config::read(&environment).unwrap()).unwrap()
}

fn sample(text: &str) -> OperationRequest {
    serde_json::from_str(text).unwrap()
}

fn query() -> OperationRequest {
    sample(include_str!("../../../events/adapter/metrics-query.json"))
}

async fn answer(deps: &Deps, request: OperationRequest) -> Value {
    serde_json::to_value(handle(deps, request).await).unwrap()
}

fn empty_vector() -> ResponseTemplate {
    let data = json!({"status": "success", "data": {"resultType": "vector", "result": []}});
    ResponseTemplate::new(200).set_body_json(data)
}

async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

#[tokio::test]
async fn every_operation_reaches_its_module() {
    let server = MockServer::start().await;
    let success = |data: Value| {
        ResponseTemplate::new(200).set_body_json(json!({"status": "success", "data": data}))
    };
    for (at, response) in [
        ("/api/v1/query", empty_vector()),
        ("/api/v1/query_range", success(json!({"resultType": "matrix", "result": []}))),
        ("/api/v1/metadata", success(json!({}))),
        ("/api/v1/series", success(json!([{"__name__": "up", "job": "shop"}]))),
        ("/loki/api/v1/query", empty_vector()),
        ("/tempo/api/search", ResponseTemplate::new(200).set_body_json(json!({}))),
        ("/tempo/api/metrics/query_range", ResponseTemplate::new(200).set_body_json(json!({}))),
        ("/tempo/api/v2/search/tags", ResponseTemplate::new(200).set_body_json(json!({}))),
        ("/loki/api/v1/labels", success(json!([]))),
        ("/keys", ResponseTemplate::new(200).set_body_json(json!({"keys": []}))),
    ] {
        Mock::given(path(at)).respond_with(response).mount(&server).await;
    }
    for (result_type, wanted) in [("streams", "level"), ("matrix", "rate")] {
        Mock::given(path("/loki/api/v1/query_range"))
            .and(query_param_contains("query", wanted))
            .respond_with(success(json!({"resultType": result_type, "result": []})))
            .mount(&server)
            .await;
    }
    let keys = format!("{}/keys", server.uri());
    let tempo = format!("{}/tempo", server.uri());
    let deps = deps(&[
        ("PROMETHEUS_URL", &server.uri()),
        ("LOKI_URL", &server.uri()),
        ("TEMPO_URL", &tempo),
        ("JWKS_URL", &keys),
    ]);
    let vector = json!({"result_type": "vector", "series": [], "warnings": []});
    let matrix = json!({"result_type": "matrix", "series": [], "warnings": []});
    for (event, expected) in [
        (
            include_str!("../../../events/adapter/metrics-query.json"),
            json!({"result_type": "vector", "series": [], "warnings": []}),
        ),
        (
            include_str!("../../../events/adapter/metrics-query-range.json"),
            json!({"result_type": "matrix", "series": [], "warnings": []}),
        ),
        (
            include_str!("../../../events/adapter/metrics-catalog.json"),
            json!({"metadata": {}, "labels": {"up": {"job": ["shop"]}}}),
        ),
        (include_str!("../../../events/adapter/logs-query.json"), vector),
        (include_str!("../../../events/adapter/logs-query-range.json"), matrix.clone()),
        (
            include_str!("../../../events/adapter/logs-lines.json"),
            json!({"lines": [], "warnings": []}),
        ),
        (
            include_str!("../../../events/adapter/logs-catalog.json"),
            json!({"labels": {}, "line_format": "", "fields": {}, "by_service": {}}),
        ),
        (
            include_str!("../../../events/adapter/traces-search.json"),
            json!({"traces": [], "warnings": []}),
        ),
        (include_str!("../../../events/adapter/traces-query-range.json"), matrix),
        (
            include_str!("../../../events/adapter/traces-catalog.json"),
            json!({"intrinsics": [], "attributes": {}}),
        ),
        (include_str!("../../../events/adapter/identity-jwks.json"), json!({"keys": []})),
    ] {
        assert_eq!(answer(&deps, sample(event)).await, json!({ "ok": expected }));
    }
}

#[tokio::test]
async fn what_is_not_set_up_says_what_to_set() {
    let deps = deps(&[]);
    for (event, variable) in [
        (include_str!("../../../events/adapter/metrics-query.json"), "PROMETHEUS_URL"),
        (include_str!("../../../events/adapter/metrics-catalog.json"), "PROMETHEUS_URL"),
        (include_str!("../../../events/adapter/logs-lines.json"), "LOKI_URL"),
        (include_str!("../../../events/adapter/traces-search.json"), "TEMPO_URL"),
        (include_str!("../../../events/adapter/identity-jwks.json"), "JWKS_URL"),
    ] {
        let answer = answer(&deps, sample(event)).await;
        assert_eq!(answer["error"]["kind"], "not_configured");
        assert!(answer["error"]["message"].as_str().unwrap().contains(variable), "{answer}");
    }
}

#[tokio::test]
async fn nothing_wrong_leaves_the_function() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(empty_vector()).mount(&server).await;
    let deps = deps(&[("PROMETHEUS_URL", &server.uri())]);
    let long_name = "x".repeat(10_000);
    for (request, kind, field) in [
        (
            OperationRequest { operation: "metrics.delete".to_owned(), ..query() },
            "unknown_operation",
            "",
        ),
        (
            OperationRequest { operation: "metrics_query".to_owned(), ..query() },
            "unknown_operation",
            "",
        ),
        (OperationRequest { operation: long_name, ..query() }, "unknown_operation", ""),
        (
            OperationRequest { arguments: json!({"query": "up"}), ..query() },
            "invalid_arguments",
            "time",
        ),
        (OperationRequest { arguments: Value::Null, ..query() }, "invalid_arguments", ""),
        (
            OperationRequest { tenant: "Demo/../x".to_owned(), ..query() },
            "invalid_arguments",
            "tenant",
        ),
        (OperationRequest { timeout_ms: 0, ..query() }, "invalid_arguments", "timeout_ms"),
    ] {
        let answer = answer(&deps, request).await;
        assert_eq!(answer["error"]["kind"], kind, "{answer}");
        assert!(answer.to_string().len() < 1_000);
        if !field.is_empty() {
            assert_eq!(answer["error"]["details"][0]["field"], field, "{answer}");
        }
    }
    assert_eq!(requests(&server).await, 0);
}

#[tokio::test]
async fn a_stumble_is_absorbed() {
    for status in [503, 429] {
        let server = MockServer::start().await;
        Mock::given(any())
            .respond_with(ResponseTemplate::new(status))
            .up_to_n_times(2)
            .mount(&server)
            .await;
        Mock::given(any()).respond_with(empty_vector()).mount(&server).await;
        let deps = deps(&[("PROMETHEUS_URL", &server.uri())]);
        let answer = answer(&deps, query()).await;
        assert_eq!(answer["ok"]["result_type"], "vector", "{answer}");
        assert_eq!(requests(&server).await, 3);
    }
}

#[tokio::test]
async fn a_module_that_stays_down_is_left_alone() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(503)).mount(&server).await;
    let deps = deps(&[("PROMETHEUS_URL", &server.uri())]);
    for _ in 0..4 {
        let answer = answer(&deps, query()).await;
        assert_eq!(answer["error"]["kind"], "unreachable");
        assert_eq!(
            answer["error"]["message"],
            format!("Prometheus at {} does not answer", server.uri())
        );
    }
    assert_eq!(requests(&server).await, 5);
    assert_eq!(deps.breaker("metrics"), Some(module::BreakerState::Open));
}

#[tokio::test]
async fn a_hang_ends_before_the_invoker_gives_up() {
    let server = MockServer::start().await;
    let late = empty_vector().set_delay(Duration::from_secs(30));
    Mock::given(any()).respond_with(late).mount(&server).await;
    let deps = deps(&[("PROMETHEUS_URL", &server.uri())]);
    let start = Instant::now();
    let answer = answer(&deps, OperationRequest { timeout_ms: 400, ..query() }).await;
    assert_eq!(answer["error"]["kind"], "timeout");
    assert!(start.elapsed() < Duration::from_millis(1_000), "{:?}", start.elapsed());
}

#[tokio::test]
async fn in_the_process_it_is_the_same_without_the_payloads() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(empty_vector()).mount(&server).await;
    let operations = InProcess::new(deps(&[("PROMETHEUS_URL", &server.uri())]));
    let call = wire::call(query()).unwrap();
    let value = Operations::run(&operations, &call).await.unwrap();
    assert_eq!(value["result_type"], "vector");
    let wrong = OperationCall { arguments: json!({}), ..call };
    let error = Operations::run(&operations, &wrong).await.unwrap_err();
    assert!(matches!(error, ModuleError::InvalidArguments { details, .. } if details.len() == 2));
}
