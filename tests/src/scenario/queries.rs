//! Queries that are run by themselves: what they yield, whose they are, and what goes wrong.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use llm::Limits;
use model::Role;
use module::{METRICS_CATALOG, ModuleError, OperationCall, Operations};
use serde_json::{Value, json};
use testkit::FixedOperations;

use crate::support::{
    app::{App, tenant},
    client::Client,
};

const METRICS: &str = "/api/v1/queries/metrics";

async fn ran(client: &Client, body: &Value) -> Value {
    let (status, answer) = client.post(METRICS, body).await;
    assert_eq!(status, 200, "{body}: {answer}");
    answer
}

/// Keeps what was asked, and refuses what a Prometheus would.
#[derive(Default)]
struct Watched {
    inner: FixedOperations,
    calls: Mutex<Vec<OperationCall>>,
}

#[async_trait]
impl Operations for Watched {
    async fn run(&self, call: &OperationCall) -> Result<Value, ModuleError> {
        if call.operation != METRICS_CATALOG {
            self.calls.lock().unwrap().push(call.clone());
        }
        let query = call.arguments["query"].as_str().unwrap_or_default();
        if query.contains("group_left") {
            return Err(ModuleError::rejected("Prometheus", "many-to-many matching not allowed"));
        }
        self.inner.run(call).await
    }
}

#[tokio::test]
async fn a_query_is_run_as_it_is_written_and_for_its_tenant() {
    let operations = Arc::new(Watched::default());
    let app = App::in_memory(Vec::new(), Limits::default(), operations.clone()).await;
    let tenant = tenant();
    let client = app.client(&tenant, Role::Developer).await;
    let query = "sum by (service) (rate(http_requests_total[5m]))";
    let answer = ran(&client, &json!({ "query": query })).await;
    assert_eq!((&answer["query"], &answer["language"]), (&json!(query), &json!("promql")));
    assert_eq!(answer["result_type"], "vector");
    assert_eq!(answer["data"], json!([{ "labels": {}, "points": [[1_700_000_000.0, 0.02]] }]));
    assert!(answer["explanation"].as_str().unwrap().contains("http_requests_total"), "{answer}");
    assert_eq!(answer["visualization"]["kind"], "stat");
    assert_eq!((&answer["start"], &answer["step"]), (&answer["end"], &Value::Null));

    let body = json!({
        "query": query, "step": "2m",
        "time_range": { "start": "2026-01-01T00:00:00Z", "end": "2026-01-01T01:00:00Z" },
    });
    let answer = ran(&client, &body).await;
    assert_eq!(answer["result_type"], "matrix");
    assert_eq!(answer["visualization"]["kind"], "line");
    assert_eq!(answer["step"], 120);
    let answer = ran(&client, &json!({ "query": query, "time_range": "6h" })).await;
    assert_eq!(answer["step"], 195);

    let calls = operations.calls.lock().unwrap();
    assert!(calls.iter().all(|call| call.tenant == tenant));
    let names: Vec<&str> = calls.iter().map(|call| call.operation.as_str()).collect();
    assert_eq!(names, ["metrics.query", "metrics.query_range", "metrics.query_range"]);
    assert_eq!(
        calls[1].arguments,
        json!({
            "query": query, "start": "2026-01-01T00:00:00Z", "end": "2026-01-01T01:00:00Z",
            "step_s": 120,
        })
    );
}

#[tokio::test]
async fn a_question_is_translated_and_run() {
    let operations = Arc::new(Watched::default());
    let app = App::in_memory(Vec::new(), Limits::default(), operations.clone()).await;
    let client = app.new_tenant().await;
    let said = client.ask(None, "error rate of checkout").await;
    let body = json!({
        "natural_language": "and its p95 latency?", "session_id": said.session_id,
        "time_zone": "Europe/Berlin",
    });
    let before = operations.calls.lock().unwrap().len();
    let answer = ran(&client, &body).await;
    let query = answer["query"].as_str().unwrap();
    assert!(query.contains("service=\"checkout\"") && query.contains("_bucket"), "{query}");
    let calls = operations.calls.lock().unwrap();
    assert_eq!(calls.len(), before + 1);
    assert_eq!(calls[before].arguments["query"], query);
}

#[tokio::test]
async fn reading_is_not_enough_to_run_a_query() {
    let operations = Arc::new(FixedOperations::default());
    let app = App::in_memory(Vec::new(), Limits::default(), operations).await;
    let viewer = app.client(&tenant(), Role::Viewer).await;
    let (status, answer) = viewer.post(METRICS, &json!({ "query": "up" })).await;
    assert_eq!((status.as_u16(), &answer["error"]["code"]), (403, &json!("PERMISSION_DENIED")));
}

#[tokio::test]
async fn what_may_not_run_never_reaches_prometheus() {
    let operations = Arc::new(Watched::default());
    let app = App::in_memory(Vec::new(), Limits::default(), operations.clone()).await;
    let client = app.new_tenant().await;
    for query in [
        "sum(rate(other_tenants_metric[5m]))",
        "sum(rate(http_requests_total[99d]))",
        "sum(http_requests_total @ 0)",
        "{__name__=~\".+\"}",
    ] {
        let (status, answer) = client.post(METRICS, &json!({ "query": query })).await;
        assert_eq!(status, 400, "{query}: {answer}");
    }
    assert!(operations.calls.lock().unwrap().is_empty());
    // What Prometheus itself refuses is said in its words.
    let query = "http_requests_total * on (service) group_left http_requests_total";
    let body = json!({ "query": format!("sum({query})") });
    let (status, answer) = client.post(METRICS, &body).await;
    assert_eq!(status, 400, "{answer}");
    let problem = &answer["error"]["field_errors"][0];
    assert_eq!(problem["field"], "query");
    assert!(problem["message"].as_str().unwrap().contains("many-to-many"), "{answer}");
}

/// A catalog, and nothing behind it.
struct Unconfigured;

#[async_trait]
impl Operations for Unconfigured {
    async fn run(&self, call: &OperationCall) -> Result<Value, ModuleError> {
        match call.operation.as_str() {
            METRICS_CATALOG => FixedOperations::default().run(call).await,
            _ => Err(ModuleError::NotConfigured {
                module: "Prometheus".to_owned(),
                how: "set PROMETHEUS_URL".to_owned(),
            }),
        }
    }
}

#[tokio::test]
async fn a_prometheus_that_is_not_there_is_told() {
    let app = App::in_memory(Vec::new(), Limits::default(), Arc::new(Unconfigured)).await;
    let client = app.new_tenant().await;
    for body in [
        json!({ "query": "sum(http_requests_total)" }),
        json!({ "natural_language": "error rate of payment" }),
    ] {
        let (status, answer) = client.post(METRICS, &body).await;
        assert_eq!(status, 503, "{answer}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains("PROMETHEUS_URL"), "{answer}");
    }
}

#[tokio::test]
async fn a_real_prometheus_answers() {
    let client = App::on_local_cloud(&[]).await.new_tenant().await;
    let query = "sum by (service) (rate(http_requests_total[5m]))";
    let answer = ran(&client, &json!({ "query": query })).await;
    let services = answer["data"].as_array().unwrap();
    assert!(services.len() >= 3, "{answer}");
    assert!(services.iter().all(|series| series["labels"]["service"].is_string()));
    assert_eq!(answer["visualization"]["kind"], "bar");
    let names = answer["visualization"]["series"].as_array().unwrap();
    assert!(names.iter().any(|series| series["name"] == "payment"), "{answer}");

    let answer = ran(&client, &json!({ "query": query, "time_range": "1h", "step": 60 })).await;
    let points = answer["data"][0]["points"].as_array().unwrap();
    assert!((55..=61).contains(&points.len()), "{}", points.len());

    let question = "what is the p95 latency of checkout over the last hour?";
    let answer = ran(&client, &json!({ "natural_language": question })).await;
    let value = answer["data"][0]["points"][0][1].as_f64().unwrap();
    assert!((0.001..60.0).contains(&value), "{answer}");
}
