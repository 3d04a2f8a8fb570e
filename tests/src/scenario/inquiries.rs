//! Texts that are read and not answered: what they mean, and which query they ask for.

use std::sync::Arc;

use async_trait::async_trait;
use llm::Limits;
use model::Role;
use module::{ModuleError, OperationCall, Operations};
use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::FixedOperations;

use crate::support::{
    app::{App, tenant},
    client::Client,
};

const UNDERSTAND: &str = "/api/v1/nlp/understand";
const TRANSLATE: &str = "/api/v1/queries/translate";

/// A tenant whose metrics know `payment` and `checkout`.
async fn app() -> App {
    App::in_memory(Vec::new(), Limits::default(), Arc::new(FixedOperations::default())).await
}

async fn understood(client: &Client, body: &Value) -> Value {
    let (status, answer) = client.post(UNDERSTAND, body).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

/// The normalised values of a type.
fn named<'a>(answer: &'a Value, kind: &str) -> Vec<&'a Value> {
    let entities = answer["entities"].as_array().unwrap();
    entities
        .iter()
        .filter(|entity| entity["type"] == kind)
        .map(|entity| &entity["normalized"])
        .collect()
}

#[tokio::test]
async fn a_text_is_understood_and_nothing_is_kept() {
    let client = app().await.new_tenant().await;
    let text = "What is the error rate for the payment service in the last hour?";
    let answer = understood(&client, &json!({ "text": text })).await;
    assert_eq!(answer["intent"], "analyze_errors");
    assert_eq!(answer["task"], "analyze_errors");
    assert_eq!(answer["family"], "analyze");
    assert!((0.5..=1.0).contains(&answer["confidence"].as_f64().unwrap()), "{answer}");
    assert_eq!(answer["problems"], json!([]));
    assert_eq!(named(&answer, "service"), [&json!("payment")]);
    assert_eq!(named(&answer, "time_range")[0]["relative"], "1h");
    for entity in answer["entities"].as_array().unwrap() {
        let place = |field: &str| usize::try_from(entity[field].as_u64().unwrap()).unwrap();
        assert_eq!(entity["text"], text[place("start")..place("end")], "{entity}");
    }
    for other in answer["alternatives"].as_array().unwrap() {
        assert_ne!(other["intent"], answer["intent"], "{answer}");
        assert!(other["confidence"].as_f64() <= answer["confidence"].as_f64(), "{answer}");
    }
    let (_, sessions) = client.get("/api/v1/sessions").await;
    assert_eq!(sessions["items"], json!([]));
}

#[tokio::test]
async fn spans_are_bytes_of_the_text_as_it_was_sent() {
    let client = app().await.new_tenant().await;
    for text in [
        "  😀 hey — what’s the error rate of payment in the last hour?",
        "\u{feff}Größe egal: p95 latency of checkout\r\n\tsince 9am, bitte",
        "e\u{301}rror rate of payment\u{200b} und checkout 🚒🚒 over the past 30 minutes",
    ] {
        let answer = understood(&client, &json!({ "text": text })).await;
        let entities = answer["entities"].as_array().unwrap();
        assert!(entities.iter().any(|entity| entity["type"] == "service"), "{answer}");
        for entity in entities {
            let place = |field: &str| usize::try_from(entity[field].as_u64().unwrap()).unwrap();
            assert_eq!(text.get(place("start")..place("end")), entity["text"].as_str(), "{entity}");
        }
    }
}

#[tokio::test]
async fn a_session_says_what_it_is() {
    let client = app().await.new_tenant().await;
    let said = client.ask(None, "error rate of checkout in the last 2 hours").await;
    let with_session = json!({ "text": "and its p95?", "session_id": said.session_id });
    let before = client.get(&format!("/api/v1/sessions/{}", said.session_id)).await;
    let answer = understood(&client, &with_session).await;
    assert_eq!(named(&answer, "service"), [&json!("checkout")], "{answer}");
    let alone = understood(&client, &json!({ "text": "and its p95?" })).await;
    assert_eq!(named(&alone, "service"), Vec::<&Value>::new(), "{alone}");
    // Understanding changes nothing: asked again, it is the same, and so is the session.
    assert_eq!(named(&understood(&client, &with_session).await, "service"), [&json!("checkout")]);
    assert_eq!(client.get(&format!("/api/v1/sessions/{}", said.session_id)).await, before);
}

#[tokio::test]
async fn a_session_of_another_tenant_is_not_there() {
    let app = app().await;
    let (owner, other) = (app.new_tenant().await, app.new_tenant().await);
    let said = owner.ask(None, "error rate of checkout").await;
    let body = json!({ "text": "and its p95?", "session_id": said.session_id });
    let (status, answer) = other.post(UNDERSTAND, &body).await;
    assert_eq!(status, 404, "{answer}");
    assert!(!answer.to_string().contains("checkout"), "{answer}");
    // Reading is enough to ask what a text means.
    let viewer = app.client(&tenant(), Role::Viewer).await;
    assert_eq!(viewer.post(UNDERSTAND, &json!({ "text": "hello" })).await.0, 200);
}

#[tokio::test]
async fn names_may_come_with_the_text() {
    let client = app().await.new_tenant().await;
    let catalog = json!({
        "services": ["ledger-writer", "ledger-reader", "mailer"],
        "environments": ["preprod"],
    });
    let read = async |text: &str| {
        understood(&client, &json!({ "text": text, "catalog": catalog.clone() })).await
    };
    let answer = read("cpu of mailer in preprod").await;
    assert_eq!(named(&answer, "service"), [&json!("mailer")], "{answer}");
    assert_eq!(named(&answer, "environment"), [&json!("preprod")], "{answer}");
    let answer = read("error rate of ledger").await;
    let problem = &answer["problems"][0];
    assert_eq!(problem["kind"], "ambiguous_service", "{answer}");
    assert_eq!(problem["candidates"], json!(["ledger-writer", "ledger-reader"]), "{answer}");
    let answer = read("error rate of mailer from 14:00 to 25:61").await;
    assert!(answer["problems"].as_array().unwrap().iter().all(|it| it["reason"].is_string()));
}

/// Metrics that do not answer.
struct Nothing;

#[async_trait]
impl Operations for Nothing {
    async fn run(&self, _: &OperationCall) -> Result<Value, ModuleError> {
        Err(ModuleError::timeout("Prometheus"))
    }
}

#[tokio::test]
async fn without_metrics_a_text_is_still_understood() {
    let app = App::in_memory(Vec::new(), Limits::default(), Arc::new(Nothing)).await;
    let client = app.new_tenant().await;
    let answer = understood(&client, &json!({ "text": "error rate in the last hour" })).await;
    assert_eq!(answer["intent"], "analyze_errors");
    assert_eq!(answer["problems"][0]["kind"], "catalog_unavailable", "{answer}");
    assert_eq!(answer["problems"][0]["reason"], "Prometheus did not answer in time");
    let catalog = json!({ "services": ["mailer"] });
    let body = json!({ "text": "error rate of mailer", "catalog": catalog });
    assert_eq!(understood(&client, &body).await["problems"], json!([]));
    let question = json!({ "text": "error rate of payment", "language": "promql" });
    let (status, answer) = client.post(TRANSLATE, &question).await;
    assert_eq!(status, 503, "{answer}");
}

#[tokio::test]
async fn only_the_beginning_of_a_long_text_is_read() {
    let client = app().await.new_tenant().await;
    let text = format!("error rate of payment {}and of checkout", " \n".repeat(100_000));
    let answer = understood(&client, &json!({ "text": text })).await;
    assert_eq!(named(&answer, "service"), [&json!("payment")]);
    let question = json!({ "text": text, "language": "promql" });
    let (status, answer) = client.post(TRANSLATE, &question).await;
    assert!(status == StatusCode::OK || status == StatusCode::BAD_REQUEST, "{answer}");
}

async fn translated(client: &Client, body: &Value) -> String {
    let (status, answer) = client.post(TRANSLATE, body).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["language"], body["language"]);
    assert!(!answer["explanation"].as_str().unwrap().is_empty(), "{answer}");
    assert!(answer["notes"].is_array(), "{answer}");
    answer["query"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_question_becomes_one_query_that_prometheus_can_run() {
    let client = App::on_local_cloud(&[]).await.new_tenant().await;
    for (text, parts) in [
        (
            "error rate of payment over the last 15 minutes",
            &["http_requests_total", "service=\"payment\"", "[15m]"][..],
        ),
        ("p99 latency of checkout", &["histogram_quantile(0.99", "service=\"checkout\""]),
    ] {
        let query = translated(&client, &json!({ "text": text, "language": "promql" })).await;
        for part in parts {
            assert!(query.contains(part), "{part} in {query}");
        }
        let prometheus = crate::support::world::prometheus_url().await;
        let url = format!("{prometheus}/api/v1/query");
        let url = reqwest::Url::parse_with_params(&url, &[("query", &query)]).unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let response = http.get(url).send().await.unwrap();
        assert_eq!(response.status(), 200, "{query}");
    }
}

#[tokio::test]
async fn a_question_is_translated_in_its_session() {
    let app = app().await;
    let (client, other) = (app.new_tenant().await, app.new_tenant().await);
    let said = client.ask(None, "error rate of checkout in the last 2 hours").await;
    let body = json!({
        "text": "and its p95 latency?", "language": "promql", "session_id": said.session_id,
    });
    let query = translated(&client, &body).await;
    assert!(query.contains("service=\"checkout\""), "{query}");
    assert!(query.contains("http_request_duration_seconds_bucket"), "{query}");
    let (status, answer) = other.post(TRANSLATE, &body).await;
    assert_eq!(status, 404, "{answer}");
}

/// What a shop that is not the tenant's records.
fn catalog() -> Value {
    json!({
        "description": "A shop.",
        "prometheus": {
            "metadata": { "mails_sent_total": [{ "type": "counter", "help": "Mails sent." }] },
            "labels": { "mails_sent_total": { "service": ["mailer"], "result": ["ok", "bounced"] } },
        },
        "loki": {
            "labels": { "service": ["payment", "mailer"], "level": ["info", "error"] },
            "line_format": "json",
            "fields": { "status": ["200", "500"], "duration_ms": "number", "msg": "string" },
        },
        "tempo": {
            "intrinsics": ["duration", "name", "status", "kind"],
            "attributes": { "resource.service.name": ["payment", "mailer"] },
        },
    })
}

#[tokio::test]
async fn a_catalog_may_come_with_the_question() {
    let client = app().await.new_tenant().await;
    for (text, language, parts) in [
        (
            "how many mails per second does mailer send?",
            "promql",
            &["rate(mails_sent_total", "service=\"mailer\""][..],
        ),
        (
            "traces of payment slower than 2 seconds",
            "traceql",
            &["resource.service.name", "payment", "duration > 2s"],
        ),
    ] {
        let body = json!({ "text": text, "language": language, "catalog": catalog() });
        let query = translated(&client, &body).await;
        for part in parts {
            assert!(query.contains(part), "{part} in {query}");
        }
    }
    // The tenant's own metrics are not among what came along.
    let body = json!({
        "text": "p99 latency of checkout", "language": "promql", "catalog": catalog(),
    });
    let (status, answer) = client.post(TRANSLATE, &body).await;
    assert_eq!(status, 400, "{answer}");
    let body = json!({ "text": "bounced mails of mailer", "catalog": catalog() });
    assert_eq!(named(&understood(&client, &body).await, "service"), [&json!("mailer")]);
}

#[tokio::test]
async fn a_question_about_logs_becomes_logql() {
    let client = app().await.new_tenant().await;
    for text in ["show me the errors of payment in the last hour", "count error logs of payment"] {
        let body = json!({ "text": text, "language": "logql", "catalog": catalog() });
        let query = translated(&client, &body).await;
        assert!(query.contains("service=\"payment\""), "{query}");
    }
}

#[tokio::test]
async fn what_a_question_lacks_is_said() {
    let client = app().await.new_tenant().await;
    for (text, says) in [
        ("error rate of billing-gateway", "billing-gateway"),
        ("error rate of payment next week", "next week"),
    ] {
        let body = json!({ "text": text, "language": "promql" });
        let (status, answer) = client.post(TRANSLATE, &body).await;
        assert_eq!(status, 400, "{text}: {answer}");
        let problem = &answer["error"]["field_errors"][0];
        assert_eq!(problem["field"], "text", "{answer}");
        assert!(problem["message"].as_str().unwrap().contains(says), "{answer}");
    }
}

#[tokio::test]
async fn of_several_services_none_is_picked() {
    let client = app().await.new_tenant().await;
    let labels = json!({ "service": ["ledger-writer", "ledger-reader"], "status": ["200", "500"] });
    let prometheus = json!({
        "metadata": { "http_requests_total": [{ "type": "counter", "help": "Requests served." }] },
        "labels": { "http_requests_total": labels },
    });
    let body = json!({
        "text": "error rate of ledger", "language": "promql",
        "catalog": { "prometheus": prometheus },
    });
    let (status, answer) = client.post(TRANSLATE, &body).await;
    assert_eq!(status, 400, "{answer}");
    let message = answer["error"]["field_errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("ledger-writer") && message.contains("ledger-reader"), "{message}");
}
