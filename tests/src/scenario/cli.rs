//! The command line client against the real server.

use std::process::{Output, Stdio};

use model::Role;
use serde_json::Value;
use tokio::process::Command;

use crate::support::{
    app::{App, tenant},
    client::Client,
    world::program,
};

const QUESTION: &str = "What is the error rate for the payment service in the last hour?";

async fn copilot(client: &Client, arguments: &[&str]) -> Output {
    let dir = tempfile::tempdir().unwrap();
    Command::new(program("copilot"))
        .args(arguments)
        .env("COPILOT_URL", &client.url)
        .env("COPILOT_API_KEY", &client.key)
        .env("COPILOT_CONFIG", dir.path().join("config.toml"))
        .env("HOME", dir.path())
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn ask_prints_the_answer_and_json_is_one_object() {
    let client = App::on_local_cloud(&[]).await.new_tenant().await;
    let output = copilot(&client, &["ask", QUESTION]).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("```promql"), "{}", text(&output.stdout));

    let output = copilot(&client, &["ask", "--json", QUESTION]).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let answer: Value = serde_json::from_str(text(&output.stdout)).unwrap();
    let keys: Vec<&str> = answer.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "session_id", "message_id", "intent", "entities", "answer", "queries", "visualization",
            "suggestions", "usage", "duration_ms"
        ]
    );
    assert_eq!(answer["intent"], "analyze_errors");
    for key in ["language", "query", "start", "end", "step", "result"] {
        assert!(answer["queries"][0].get(key).is_some(), "{key}");
    }
}

#[tokio::test]
async fn a_session_goes_on_and_is_listed_and_deleted() {
    let client = App::on_local_cloud(&[]).await.new_tenant().await;
    let output = copilot(&client, &["ask", "--json", QUESTION]).await;
    let answer: Value = serde_json::from_str(text(&output.stdout)).unwrap();
    let session = answer["session_id"].as_str().unwrap();
    let output = copilot(&client, &["ask", "--session", session, "and its p95?"]).await;
    assert!(text(&output.stdout).contains("0.95"), "{}", text(&output.stdout));
    let output = copilot(&client, &["sessions", "list"]).await;
    assert!(text(&output.stdout).contains(session), "{}", text(&output.stdout));
    let output = copilot(&client, &["sessions", "delete", "--yes", session]).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let output = copilot(&client, &["ask", "--session", session, QUESTION]).await;
    assert_eq!(output.status.code(), Some(6), "{}", text(&output.stderr));
}

#[tokio::test]
async fn exit_codes_tell_what_went_wrong() {
    let app = App::on_local_cloud(&[]).await;
    let viewer = app.client(&tenant(), Role::Viewer).await;
    let stranger = Client::new(&app.url, "cpk_nobody-aaaaaaaaaaaaaaaa_secret");
    let nowhere = Client::new("http://127.0.0.1:9", &viewer.key);
    for (client, arguments, code) in [
        (&viewer, &["status"][..], 0),
        (&viewer, &["ask", QUESTION], 4),
        (&stranger, &["ask", QUESTION], 4),
        (&nowhere, &["ask", QUESTION], 3),
        (&viewer, &["ask", "--no-such-option"], 2),
    ] {
        let output = copilot(client, arguments).await;
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {}", text(&output.stderr));
        assert!(code == 0 || !output.stderr.is_empty(), "{arguments:?} says nothing");
    }
}
