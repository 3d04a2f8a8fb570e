//! `copilot ask` when all goes well.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use tokio::{io::AsyncReadExt as _, process::Command, sync::Notify, time::timeout};

use crate::{
    answers::{self, SESSION, TEXT},
    run::{Home, copilot, finish},
    server::{End, Reply, Server},
};

const PATIENCE: Duration = Duration::from_secs(20);

async fn good() -> Server {
    Server::start(|seen, _| match seen.path.as_str() {
        "/api/v1/messages/stream" => Reply::Events(answers::frames(), End::Close),
        "/api/v1/messages" => Reply::Json(201, answers::answer()),
        _ => Reply::Json(404, answers::error("NOT_FOUND", "no such route")),
    })
    .await
}

#[tokio::test]
async fn a_pipe_gets_the_answer_and_nothing_else() {
    let server = good().await;
    let ran = copilot(&server.url, &["ask", "error", "rate", "of", "payment?"]).await;
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, TEXT, ""));
    let seen = &server.seen()[0];
    assert_eq!(seen.body["content"], "error rate of payment?");
    assert_eq!(seen.body["time_zone"], "Europe/Berlin");
    assert!(seen.headers["idempotency-key"].len() >= 20);
    assert!(!seen.headers.contains_key("authorization"));
}

#[tokio::test]
async fn the_pretty_format_has_chart_and_suggestions() {
    let server = good().await;
    let ran = copilot(&server.url, &["ask", "--format", "pretty", "errors?"]).await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout);
    assert!(ran.stderr.contains("bedrock:small · 120 → 30 tokens · $0.0012"), "{}", ran.stderr);
    assert!(ran.stderr.contains(SESSION), "{}", ran.stderr);
}

#[tokio::test]
async fn flags_and_environment_reach_the_server() {
    let server = good().await;
    let environment = [("COPILOT_API_KEY", "cpk_1_secret")];
    let arguments = ["ask", "--session", SESSION, "--model", "none", "why?"];
    let child = Home::new().spawn_with(Some(&server.url), &environment, &arguments);
    assert_eq!(finish(child, "").await.code, 0);
    let seen = &server.seen()[0];
    assert_eq!(seen.headers["authorization"], "Bearer cpk_1_secret");
    assert_eq!(seen.body["session_id"], SESSION);
    assert_eq!(seen.body["model"], "none");
}

#[tokio::test]
async fn the_question_can_come_from_stdin() {
    let server = good().await;
    for arguments in [&["ask", "-"][..], &["ask"]] {
        let ran = Home::new().run(Some(&server.url), arguments, "why is\nit slow?\n").await;
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(server.seen().last().unwrap().body["content"], "why is\nit slow?");
    }
}

#[tokio::test]
async fn json_is_exactly_one_object_with_the_documented_fields() {
    let server = good().await;
    let ran = copilot(&server.url, &["ask", "--json", "errors?"]).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let object: Value = serde_json::from_str(&ran.stdout).unwrap();
    let fields: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        fields,
        [
            "session_id", "message_id", "intent", "entities", "answer", "queries", "visualization",
            "suggestions", "usage", "duration_ms"
        ]
    );
    assert_eq!(object["message_id"], answers::REPLY);
    assert_eq!(object["answer"], TEXT);
    for field in ["language", "query", "start", "end", "step", "result"] {
        assert!(object["queries"][0].get(field).is_some(), "{field}");
    }
    assert_eq!(object["visualization"]["kind"], "bar");
}

#[tokio::test]
async fn json_of_a_reply_that_broke_off_is_printed_and_fails() {
    let server = Server::start(|_, _| {
        let mut answer = answers::answer();
        answer["reply"]["status"] = "failed".into();
        Reply::Json(201, answer)
    })
    .await;
    let ran = copilot(&server.url, &["ask", "--json", "errors?"]).await;
    assert_eq!(ran.code, 1);
    assert!(serde_json::from_str::<Value>(&ran.stdout).is_ok());
    assert!(ran.stderr.contains("error:"), "{}", ran.stderr);
}

#[tokio::test]
async fn words_are_printed_before_the_answer_ends() {
    for format in ["markdown", "pretty"] {
        let released = Arc::new(Notify::new());
        let waiting = Arc::clone(&released);
        let server = Server::start(move |_, _| {
            let (early, late) = {
                let mut frames = answers::frames();
                let late = frames.split_off(6);
                (frames, late)
            };
            Reply::Events(early, End::Wait(Arc::clone(&waiting), late))
        })
        .await;
        let mut child = Home::new().spawn(Some(&server.url), &["ask", "--format", format, "x"]);
        let mut stdout = child.stdout.take().unwrap();
        let mut text = String::new();
        timeout(PATIENCE, async {
            let mut byte = [0];
            while !text.contains("The error rate") {
                stdout.read_exact(&mut byte).await.unwrap();
                text.push(char::from(byte[0]));
            }
        })
        .await
        .expect("words while the stream is open");
        released.notify_one();
        stdout.read_to_string(&mut text).await.unwrap();
        assert!(text.contains("above its SLO."), "{text}");
        assert!(child.wait().await.unwrap().success());
    }
}

#[tokio::test]
async fn an_interrupt_ends_the_program_with_130() {
    let server = Server::start(|_, _| {
        let frames = answers::frames()[..5].to_vec();
        Reply::Events(frames, End::Wait(Arc::new(Notify::new()), Vec::new()))
    })
    .await;
    let mut child = Home::new().spawn(Some(&server.url), &["ask", "x"]);
    let mut first = [0];
    let stdout = child.stdout.as_mut().unwrap();
    timeout(PATIENCE, stdout.read_exact(&mut first)).await.unwrap().unwrap();
    let pid = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().await.unwrap().success());
    let ran = timeout(PATIENCE, finish(child, "")).await.unwrap();
    assert_eq!(ran.code, 130);
    assert!(ran.stdout.ends_with('\n'), "the line is ended: {:?}", ran.stdout);
}
