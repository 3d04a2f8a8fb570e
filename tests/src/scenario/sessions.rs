//! Sessions and messages: listed, changed, deleted with everything in them, and limited in rate.

use reqwest::Method;
use serde_json::json;

use crate::support::{
    app::App,
    client::{Client, answer},
};

const SESSIONS: &str = "/api/v1/sessions";

async fn open(client: &Client, name: &str) -> String {
    let (status, session) = client.post(SESSIONS, &json!({ "name": name })).await;
    assert_eq!(status, 201);
    session["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn pages_hold_every_session_once_newest_first() {
    let client = App::on_local_cloud(&[]).await.new_tenant().await;
    for number in 0..5 {
        open(&client, &format!("session {number}")).await;
    }
    let mut names = Vec::new();
    let mut path = format!("{SESSIONS}?limit=2");
    loop {
        let (status, page) = client.get(&path).await;
        assert_eq!(status, 200, "{page}");
        names.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["name"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("{SESSIONS}?limit=2&cursor={cursor}");
    }
    assert_eq!(names, ["session 4", "session 3", "session 2", "session 1", "session 0"]);
}

#[tokio::test]
async fn a_session_is_changed_field_by_field() {
    let client = App::on_local_cloud(&[]).await.new_tenant().await;
    let id = open(&client, "first name").await;
    let path = format!("{SESSIONS}/{id}");
    for (change, name, metadata) in [
        (json!({ "metadata": { "team": "core" } }), json!("first name"), json!({ "team": "core" })),
        (json!({ "name": "second" }), json!("second"), json!({ "team": "core" })),
        (json!({ "name": null, "metadata": {} }), json!(null), json!({})),
    ] {
        let (status, session) = answer(client.request(Method::PATCH, &path).json(&change)).await;
        assert_eq!(status, 200, "{session}");
        assert_eq!((&session["name"], &session["metadata"]), (&name, &metadata));
        assert_eq!(client.get(&path).await.1, session);
    }
}

#[tokio::test]
async fn deleting_a_session_deletes_all_of_it() {
    let client = App::on_local_cloud(&[]).await.new_tenant().await;
    let events = client.stream(&json!({ "content": "is payment healthy?" })).await;
    let start = events[0].json();
    let (session, stream) =
        (start["session_id"].as_str().unwrap(), start["stream_id"].as_str().unwrap());
    let (status, _) = client.delete(&format!("{SESSIONS}/{session}")).await;
    assert_eq!(status, 204);
    for path in [
        format!("{SESSIONS}/{session}"),
        format!("/api/v1/messages/{session}"),
        format!("/api/v1/streams/{stream}"),
    ] {
        assert_eq!(client.get(&path).await.0, 404, "{path}");
    }
    let (_, listed) = client.get(SESSIONS).await;
    assert_eq!(listed["items"], json!([]));
    assert_eq!(client.delete(&format!("{SESSIONS}/{session}")).await.0, 404);
}

#[tokio::test]
async fn a_long_message_comes_back_whole() {
    let client = App::on_local_cloud(&[]).await.new_tenant().await;
    // Over DynamoDB's limit for an item.
    let content = format!("hello {}", "wörld ".repeat(100_000));
    let asked = client.ask(None, &content).await;
    let (_, messages) = client.get(&format!("/api/v1/messages/{}", asked.session_id)).await;
    assert_eq!(messages["items"][0]["content"].as_str().unwrap().len(), content.len());
    assert_eq!(client.delete(&format!("{SESSIONS}/{}", asked.session_id)).await.0, 204);
}

#[tokio::test]
async fn the_rate_is_limited_and_told() {
    let app = App::on_local_cloud(&[("RATE_LIMIT_KEY_PER_MINUTE", "3")]).await;
    let client = app.new_tenant().await;
    let mut remaining = Vec::new();
    let mut refused = None;
    for _ in 0..8 {
        let response = client.request(Method::GET, SESSIONS).send().await.unwrap();
        let header =
            |name: &str| response.headers()[name].to_str().unwrap().parse::<i64>().unwrap();
        assert_eq!(header("x-ratelimit-limit"), 3);
        remaining.push(header("x-ratelimit-remaining"));
        if response.status() == 429 {
            let wait = header("retry-after");
            assert!((1..=60).contains(&wait), "{wait}");
            refused = Some(response.json::<serde_json::Value>().await.unwrap());
            break;
        }
    }
    // A window may end between two requests, but never are more than three let through in one.
    let refused = refused.unwrap();
    assert_eq!(refused["error"]["code"], "RATE_LIMITED");
    assert!(remaining.len() >= 4, "{remaining:?}");
}

#[tokio::test]
async fn health_and_readiness_need_no_key() {
    let app = App::on_local_cloud(&[]).await;
    let client = Client::new(&app.url, "none");
    let (status, health) = client.get("/health").await;
    assert_eq!((status.as_u16(), health["status"].as_str()), (200, Some("ok")));
    let (status, ready) = client.get("/ready").await;
    assert_eq!((status.as_u16(), ready["status"].as_str()), (200, Some("ready")), "{ready}");
}
