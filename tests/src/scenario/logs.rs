//! Logs, asked for in words and in LogQL: whole answers over HTTP, what is fetched for them, and what
//! is said where there are none.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use contract::message::{Answer, Query};
use llm::Limits;
use model::Role;
use module::{LOGS_CATALOG, METRICS_CATALOG, ModuleError, OperationCall, Operations};
use serde_json::{Value, json};
use testkit::FixedOperations;

use crate::support::{
    app::{App, tenant},
    client::Client,
};

const LOGS: &str = "/api/v1/queries/logs";

fn queries(answer: &Answer) -> &[Query] {
    &answer.reply.details.as_ref().unwrap().queries
}

/// Keeps what was asked for.
#[derive(Default)]
struct Watched {
    inner: FixedOperations,
    calls: Mutex<Vec<OperationCall>>,
}

impl Watched {
    fn names(&self) -> Vec<String> {
        self.calls.lock().unwrap().drain(..).map(|call| call.operation).collect()
    }
}

#[async_trait]
impl Operations for Watched {
    async fn run(&self, call: &OperationCall) -> Result<Value, ModuleError> {
        self.calls.lock().unwrap().push(call.clone());
        self.inner.run(call).await
    }
}

#[tokio::test]
async fn the_shop_s_logs_are_answered_from_loki() {
    let app = App::on_local_cloud(&[]).await;
    let client = app.client(&"demo".parse().unwrap(), Role::Admin).await;

    let answer = client.ask(None, "Show the error logs of payment in the last hour").await;
    assert_eq!(answer.intent, "query_logs", "{answer:?}");
    let text = &answer.reply.content;
    let [found, count, parts] = queries(&answer) else { panic!("{text}") };
    assert!([found, count, parts].iter().all(|query| query.language == "logql"));
    assert!(text.contains(&format!("```logql\n{}\n```", found.query)), "{text}");
    assert!(text.contains("```text\n") && text.contains("The newest 10"), "{text}");
    assert!(!answer.suggestions.is_empty());
    let lines = found.result["lines"].as_array().unwrap();
    assert!(lines.len() > 10, "{text}");
    for line in lines {
        assert_eq!(line["labels"]["service"], "payment");
        assert_eq!(line["fields"]["level"], "error");
    }
    let details = answer.reply.details.as_ref().unwrap();
    let chart = details.visualization.as_ref().unwrap();
    assert_eq!(chart.kind, "line");
    assert!((59..=60).contains(&chart.series[0].points.len()), "{chart:?}");
    assert_eq!(found.end.duration_since(found.start).as_secs(), 3_600);

    // What is left out is what was said before.
    let session = Some(answer.session_id.as_str());
    let next = client.ask(session, "and for checkout?").await;
    let first = &queries(&next)[0];
    assert_eq!(first.language, "logql", "{}", next.reply.content);
    assert!(first.query.contains("checkout") && first.query.contains("error"), "{}", first.query);

    // Services that write in different ways are read as each does.
    let question = "How many error log lines are there per service in the last hour?";
    let answer = client.ask(None, question).await;
    let rows = queries(&answer)[0].result["series"].as_array().unwrap();
    let services: Vec<&str> =
        rows.iter().filter_map(|row| row["labels"]["service"].as_str()).collect();
    assert!(services.contains(&"payment") && services.contains(&"frontend"), "{services:?}");
    assert!(answer.reply.content.contains("| payment |"), "{}", answer.reply.content);
}

#[tokio::test]
async fn nothing_found_is_said_with_what_was_looked_for() {
    let app = App::on_local_cloud(&[]).await;
    let client = app.client(&"demo".parse().unwrap(), Role::Admin).await;
    let question =
        "show payment logs containing \"unicorns in the basement\" in the last 10 minutes";
    let answer = client.ask(None, question).await;
    let text = &answer.reply.content;
    assert!(text.contains("no log lines") && text.contains("unicorns in the basement"), "{text}");
    assert!(answer.suggestions.iter().any(|it| it.contains("payment")), "{:?}", answer.suggestions);
}

#[tokio::test]
async fn catalogs_are_read_for_the_questions_that_need_them_and_kept() {
    let operations = Arc::new(Watched::default());
    let app = App::in_memory(Vec::new(), Limits::default(), operations.clone()).await;
    let client = app.new_tenant().await;
    client.ask(None, "error rate of payment").await;
    let names = operations.names();
    assert!(names.iter().all(|name| name.starts_with("metrics.")), "{names:?}");
    client.ask(None, "show the error logs of payment").await;
    let mut names = operations.names();
    // The lines and their count are asked for side by side.
    names[1..].sort();
    assert_eq!(names, [LOGS_CATALOG, "logs.lines", "logs.query", "logs.query_range"]);
    client.ask(None, "show the error logs of checkout").await;
    assert!(!operations.names().iter().any(|name| name.ends_with(".catalog")));
    client.ask(None, "show the slow traces of payment").await;
    assert_eq!(operations.names(), ["traces.catalog", "traces.search"]);
}

/// Metrics, and neither logs nor traces.
struct Without;

#[async_trait]
impl Operations for Without {
    async fn run(&self, call: &OperationCall) -> Result<Value, ModuleError> {
        let not_there = |module: &str, how: &str| ModuleError::NotConfigured {
            module: module.to_owned(),
            how: how.to_owned(),
        };
        match call.operation.split('.').next() {
            Some("logs") => Err(not_there("Loki", "set LOKI_URL; or `scripts/dev --logs`")),
            Some("traces") => Err(ModuleError::timeout("Tempo at http://tempo")),
            _ => FixedOperations::default().run(call).await,
        }
    }
}

#[tokio::test]
async fn a_module_that_is_not_there_is_named_with_how_to_have_it() {
    let app = App::in_memory(Vec::new(), Limits::default(), Arc::new(Without)).await;
    let client = app.new_tenant().await;
    for (question, parts) in [
        ("show the error logs of payment", &["Loki is not configured", "scripts/dev --logs"][..]),
        ("show the failed traces of payment", &["Tempo at http://tempo", "TEMPO_URL"]),
    ] {
        let answer = client.ask(None, question).await;
        let text = &answer.reply.content;
        assert!(parts.iter().all(|part| text.contains(part)), "{text}");
        assert_eq!(answer.reply.status, "complete");
    }
    for (path, status) in [(LOGS, 503), ("/api/v1/queries/traces", 504)] {
        let body = json!({ "natural_language": "errors of payment" });
        let (found, answer) = client.post(path, &body).await;
        assert!([status, 503].contains(&found.as_u16()), "{answer}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains("LOKI_URL") || message.contains("Tempo"), "{answer}");
    }
}

async fn ran(client: &Client, body: &Value) -> Value {
    let (status, answer) = client.post(LOGS, body).await;
    assert_eq!(status, 200, "{body}: {answer}");
    answer
}

#[tokio::test]
async fn logql_is_run_as_it_is_written_and_for_its_tenant() {
    let operations = Arc::new(Watched::default());
    let app = App::in_memory(Vec::new(), Limits::default(), operations.clone()).await;
    let tenant = tenant();
    let client = app.client(&tenant, Role::Developer).await;
    let lines = r#"{service="payment"} | json | level="error""#;
    let answer = ran(&client, &json!({ "query": lines, "time_range": "30m" })).await;
    assert_eq!((&answer["query"], &answer["language"]), (&json!(lines), &json!("logql")));
    assert_eq!(answer["result_type"], "lines");
    assert_eq!(answer["data"][0]["fields"]["level"], "error");
    assert!(answer["explanation"].as_str().unwrap().contains("`service`"), "{answer}");
    assert_eq!(answer["step"], Value::Null);

    let count = format!("sum(count_over_time({lines} [5m]))");
    let answer = ran(&client, &json!({ "query": count })).await;
    assert_eq!((&answer["result_type"], &answer["end"]), (&json!("vector"), &answer["start"]));
    let answer = ran(&client, &json!({ "query": count, "time_range": "1h", "step": "1m" })).await;
    assert_eq!((&answer["result_type"], &answer["step"]), (&json!("matrix"), &json!(60)));
    assert_eq!(answer["visualization"]["kind"], "line");
    let answer = ran(&client, &json!({ "natural_language": "error logs of payment" })).await;
    assert_eq!(answer["result_type"], "lines", "{answer}");

    let calls = operations.calls.lock().unwrap();
    assert!(calls.iter().all(|call| call.tenant == tenant));
    let names: Vec<&str> = calls.iter().map(|call| call.operation.as_str()).collect();
    let expected = [
        LOGS_CATALOG, "logs.lines", "logs.query", "logs.query_range", METRICS_CATALOG, "logs.lines",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn what_may_not_run_never_reaches_loki() {
    let operations = Arc::new(Watched::default());
    let app = App::in_memory(Vec::new(), Limits::default(), operations.clone()).await;
    let client = app.new_tenant().await;
    for query in [
        r#"{pod="payment"}"#,
        r#"{service="payment""#,
        r#"rate({service="payment"}[60d])"#,
        "vector(1)",
        "up",
    ] {
        let (status, answer) = client.post(LOGS, &json!({ "query": query })).await;
        assert_eq!(status, 400, "{query}: {answer}");
        assert_eq!(answer["error"]["field_errors"][0]["field"], "query", "{answer}");
    }
    assert!(operations.names().iter().all(|name| name == LOGS_CATALOG));
    let viewer = app.client(&tenant(), Role::Viewer).await;
    let (status, _) = viewer.post(LOGS, &json!({ "query": r#"{service="payment"}"# })).await;
    assert_eq!(status, 403);
}
