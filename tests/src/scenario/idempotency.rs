//! Sending a request again does not do it again.

use std::{sync::Arc, time::Duration};

use llm::Limits;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::FixedOperations;

use crate::support::{
    app::App,
    client::{Client, answer, events},
};

async fn post(client: &Client, path: &str, key: &str, body: &Value) -> (StatusCode, Value) {
    answer(client.request(Method::POST, path).json(body).header("Idempotency-Key", key)).await
}

async fn message_count(client: &Client, session: &str) -> usize {
    let (_, messages) = client.get(&format!("/api/v1/messages/{session}")).await;
    messages["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn the_same_key_and_body_returns_the_first_result() {
    let client = App::on_local_cloud(&[]).await.new_tenant().await;
    let body = json!({ "content": "error rate of payment in the last hour" });
    let (status, first) = post(&client, "/api/v1/messages", "one", &body).await;
    assert_eq!(status, 201, "{first}");
    let (status, again) = post(&client, "/api/v1/messages", "one", &body).await;
    assert_eq!(status, 201);
    assert_eq!(again, first);
    let session = first["session_id"].as_str().unwrap();
    let (_, messages) = client.get(&format!("/api/v1/messages/{session}")).await;
    assert_eq!(messages["items"], json!([first["message"], first["reply"]]));

    let other = json!({ "content": "something else" });
    let (status, conflict) = post(&client, "/api/v1/messages", "one", &other).await;
    assert_eq!(status, 409);
    assert_eq!(conflict["error"]["code"], "IDEMPOTENCY_MISMATCH");
}

#[tokio::test]
async fn a_session_is_opened_once() {
    let client = App::on_local_cloud(&[]).await.new_tenant().await;
    let body = json!({ "name": "incident review" });
    let (_, first) = post(&client, "/api/v1/sessions", "one", &body).await;
    let (status, again) = post(&client, "/api/v1/sessions", "one", &body).await;
    assert_eq!((status, &again), (StatusCode::CREATED, &first));
    let (_, listed) = client.get("/api/v1/sessions").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

/// A repeated stream request is connected to the first one's stream, running or ended.
#[tokio::test]
async fn a_repeated_stream_is_the_first_stream() {
    let operations = Arc::new(FixedOperations::slow(Duration::from_millis(80)));
    let app = App::in_memory(Vec::new(), Limits::default(), operations).await;
    let client = app.new_tenant().await;
    let body = json!({ "content": "error rate of payment" });
    let open = || {
        client
            .request(Method::POST, "/api/v1/messages/stream")
            .json(&body)
            .header("Idempotency-Key", "one")
            .send()
    };
    let first = open().await.unwrap();
    let while_running = open().await.unwrap();
    let (first, while_running) =
        tokio::join!(events(first, usize::MAX), events(while_running, usize::MAX));
    let afterwards = events(open().await.unwrap(), usize::MAX).await;
    assert_eq!(first.last().unwrap().name, "message_end");
    assert_eq!(while_running, first);
    assert_eq!(afterwards, first);
    let session = first[0].json()["session_id"].as_str().unwrap().to_owned();
    assert_eq!(message_count(&client, &session).await, 2);
}

/// While the first is being answered, a buffered repetition is told to wait.
#[tokio::test]
async fn a_repetition_of_a_running_request_waits() {
    let operations = Arc::new(FixedOperations::slow(Duration::from_millis(300)));
    let app = App::in_memory(Vec::new(), Limits::default(), operations).await;
    let client = app.new_tenant().await;
    let body = json!({ "content": "error rate of payment" });
    let (one, two) = tokio::join!(
        post(&client, "/api/v1/messages", "one", &body),
        post(&client, "/api/v1/messages", "one", &body),
    );
    let statuses = [one.0.as_u16(), two.0.as_u16()];
    assert!(statuses.contains(&201) && statuses.contains(&409), "{statuses:?}");
    let refused = if one.0 == 409 { one.1 } else { two.1 };
    assert_eq!(refused["error"]["code"], "IDEMPOTENCY_IN_PROGRESS");
}
