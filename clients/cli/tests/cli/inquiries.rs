//! `copilot understand` and `copilot translate`.

use std::fs;

use serde_json::{Value, json};

use crate::{
    answers::{self, SESSION},
    run::{Home, copilot},
    server::{Reply, Server},
};

fn entity(kind: &str, normalized: Value, text: &str, confidence: f32) -> Value {
    json!({
        "type": kind, "value": text, "normalized": normalized, "text": text,
        "start": 0, "end": text.len(), "confidence": confidence,
    })
}

fn understood() -> Value {
    let period = json!({
        "start": "2026-01-01T00:00:00Z", "end": "2026-01-01T01:00:00Z", "relative": "1h",
    });
    json!({
        "intent": "clarify", "family": "talk", "confidence": 0.912,
        "alternatives": [
            { "intent": "analyze_errors", "confidence": 0.05 },
            { "intent": "query_metrics", "confidence": 0.02 },
        ],
        "task": "analyze_errors",
        "entities": [
            entity("service", json!("payment"), "pay\u{1b}[31mment", 0.98),
            entity("time_range", period, "", 0.9),
        ],
        "implied": [entity("metric", json!("error_rate"), "", 0.5)],
        "problems": [
            { "kind": "ambiguous_service", "text": "pay", "candidates": ["payment", "payroll"] },
            { "kind": "time", "text": "next week", "reason": "that has not come yet" },
        ],
    })
}

async fn server() -> Server {
    Server::start(|seen, _| match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", "/api/v1/nlp/understand") => match seen.body["session_id"].as_str() {
            Some("ses_gone") => Reply::Json(404, answers::error("NOT_FOUND", "no such session")),
            _ => Reply::Json(200, understood()),
        },
        ("POST", "/api/v1/queries/translate") => match seen.body["language"].as_str() {
            Some("promql") => Reply::Json(
                200,
                json!({
                    "query": "sum(rate(x_total[5m]))", "language": "promql",
                    "explanation": "The rate of `x_total`", "notes": ["“pay” could be two."],
                }),
            ),
            _ => Reply::Json(400, answers::error("INVALID_REQUEST", "logs are not connected yet")),
        },
        _ => Reply::Json(404, answers::error("NOT_FOUND", "no such thing")),
    })
    .await
}

#[tokio::test]
async fn what_a_question_means_is_laid_out() {
    let server = server().await;
    let ran = copilot(&server.url, &["understand", "and", "payment?", "--session", SESSION]).await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout);
    let body = &server.seen()[0].body;
    assert_eq!(body["text"], "and payment?");
    assert_eq!(body["session_id"], SESSION);
    assert_eq!(body["time_zone"], "Europe/Berlin");
    let ran = copilot(&server.url, &["understand", "--json", "and payment?"]).await;
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).unwrap()["task"], "analyze_errors");
}

#[tokio::test]
async fn the_query_alone_goes_to_stdout() {
    let server = server().await;
    let ran = Home::new().run(Some(&server.url), &["translate", "-"], "rate of x\n").await;
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "sum(rate(x_total[5m]))\n"), "{}", ran.stderr);
    assert!(ran.stderr.contains("The rate of") && ran.stderr.contains("two."), "{}", ran.stderr);
    assert_eq!(server.seen()[0].body["text"], "rate of x");
    let arguments = &["translate", "--json", "rate of x", "--session", SESSION];
    let ran = copilot(&server.url, arguments).await;
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).unwrap()["language"], "promql");
    assert_eq!(server.seen()[1].body["session_id"], SESSION);
}

#[tokio::test]
async fn a_catalog_goes_along() {
    let server = server().await;
    let home = Home::new();
    let path = |name: &str| home.0.path().join(name).to_str().unwrap().to_owned();
    let catalog = json!({ "services": ["mailer"], "loki": { "labels": { "app": ["mailer"] } } });
    fs::write(path("good.json"), catalog.to_string()).unwrap();
    fs::write(path("bad.json"), r#"{"metrics":{}}"#).unwrap();
    for command in ["understand", "translate"] {
        let run = async |name: &str| {
            let arguments = [command, "x", "--catalog", &path(name)];
            home.run(Some(&server.url), &arguments, "").await
        };
        let ran = run("good.json").await;
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(server.seen().last().unwrap().body["catalog"], catalog);
        for (name, code, says) in
            [("bad.json", 2, "unknown field `metrics`"), ("none.json", 2, "cannot read")]
        {
            let ran = run(name).await;
            assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{}", ran.stderr);
            assert!(ran.stderr.contains(says), "{}", ran.stderr);
        }
    }
}

#[tokio::test]
async fn exit_codes_tell_what_is_wrong() {
    let server = server().await;
    for (arguments, code) in [
        (&["understand", "x", "--session", "ses_gone"][..], 6),
        (&["understand"], 2),
        (&["translate", "--language", "logql", "x"], 2),
        (&["translate", "--language", "sql", "x"], 2),
        (&["translate", " "], 2),
    ] {
        let ran = copilot(&server.url, arguments).await;
        assert_eq!(ran.code, code, "{arguments:?} {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{arguments:?}");
    }
}
