//! A table that throttles, is slow, or is dead.

use std::time::{Duration, Instant};

use local::services::microburst::{self, Microburst};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    app::{App, tenant},
    shared,
    world::{World, prometheus_url},
};

/// A copilot with a proxy between it and its table.
struct Faulty {
    app: App,
    proxy: Microburst,
    _dir: TempDir,
}

impl Faulty {
    async fn new() -> Self {
        let upstream = World::get().await.cloud.url().to_owned();
        let dir = tempfile::tempdir().unwrap();
        let options = microburst::Options { dir: dir.path().to_owned(), port: None, upstream };
        let proxy = shared(async move { microburst::start(&options).await.unwrap() }).await;
        let prometheus = prometheus_url().await;
        let app = App::at(proxy.url(), &[("PROMETHEUS_URL", prometheus)]).await;
        // The proxy reads AWS's service models at its first request, which takes it seconds.
        let warm = async {
            let id = "aaaaaaaaaaaaaaaa".parse().unwrap();
            while app.ports.stores.keys.get(&tenant(), &id).await.is_err() {}
        };
        tokio::time::timeout(Duration::from_secs(60), warm).await.unwrap();
        Self { app, proxy, _dir: dir }
    }

    async fn inject(&self, rules: Value) {
        self.proxy.set_rules(&rules).await.unwrap();
    }
}

const QUESTION: &str = "error rate of payment in the last hour";

#[tokio::test]
async fn throttling_and_latency_are_absorbed() {
    let faulty = Faulty::new().await;
    let client = faulty.app.new_tenant().await;
    let session = client.ask(None, QUESTION).await.session_id;
    let faults = [
        json!([{ "service": "dynamodb", "error": { "code": "ThrottlingException" }, "times": 2 }]),
        json!([{ "service": "dynamodb", "operation": "TransactWriteItems", "error": { "code": "ProvisionedThroughputExceededException" }, "times": 1 }]),
        json!([{ "service": "dynamodb", "latency": 150 }]),
        json!([{ "service": "dynamodb", "operation": "GetItem", "error": { "code": "InternalServerError" }, "times": 1 }]),
    ];
    for (earlier, rules) in faults.into_iter().enumerate() {
        faulty.inject(rules.clone()).await;
        let answer = client.ask(Some(&session), QUESTION).await;
        faulty.proxy.clear_rules().await.unwrap();
        assert_eq!(answer.intent, "analyze_errors", "{rules}");
        let (_, messages) = client.get(&format!("/api/v1/messages/{session}")).await;
        assert_eq!(messages["items"].as_array().unwrap().len(), 2 * (earlier + 2), "{rules}");
        assert!(!faulty.proxy.fired().await.unwrap().is_empty(), "{rules} did nothing");
        faulty.proxy.clear_fired().await.unwrap();
    }
}

#[tokio::test]
async fn a_dead_table_is_told_in_time() {
    let faulty = Faulty::new().await;
    let client = faulty.app.new_tenant().await;
    let session = client.ask(None, QUESTION).await.session_id;
    faulty
        .inject(json!([{ "service": "dynamodb", "error": { "code": "InternalServerError", "status": 500 } }]))
        .await;
    for path in ["/api/v1/messages", "/api/v1/messages/stream"] {
        let began = Instant::now();
        let request = client
            .request(reqwest::Method::POST, path)
            .json(&json!({ "session_id": session, "content": QUESTION }));
        let response = request.send().await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
        assert_eq!(response.status(), 503, "{path}");
        assert!(response.headers().contains_key("retry-after"), "{path}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["code"], "STORE_UNAVAILABLE");
    }
    faulty.proxy.clear_rules().await.unwrap();
    let (_, messages) = client.get(&format!("/api/v1/messages/{session}")).await;
    assert_eq!(messages["items"].as_array().unwrap().len(), 2, "nothing half-written: {messages}");
}

/// The table dies between the two writes of a turn: the message is there and says that it has no
/// reply yet.
#[tokio::test]
async fn a_message_without_its_reply_is_marked() {
    let faulty = Faulty::new().await;
    let client = faulty.app.client(&tenant(), model::Role::Admin).await;
    let session = client.ask(None, QUESTION).await.session_id;
    // The first transaction of the turn holds no reply and passes.
    faulty
        .inject(json!([{ "service": "dynamodb", "operation": "TransactWriteItems", "body": "contains(to_string(@), 'assistant')", "error": { "code": "InternalServerError", "status": 500 } }]))
        .await;
    let events = client.stream(&json!({ "session_id": session, "content": QUESTION })).await;
    let last = events.last().unwrap();
    assert_eq!((last.name.as_str(), &last.json()["code"]), ("error", &json!("STORE_UNAVAILABLE")));
    faulty.proxy.clear_rules().await.unwrap();
    let (_, messages) = client.get(&format!("/api/v1/messages/{session}")).await;
    let items = messages["items"].as_array().unwrap();
    assert_eq!(items.len(), 3, "{messages}");
    assert_eq!((&items[2]["role"], &items[2]["status"]), (&json!("user"), &json!("pending")));
    // And the conversation goes on.
    let answer = client.ask(Some(&session), QUESTION).await;
    assert_eq!(answer.session_id, session);
}
