//! `copilot sessions` and `copilot status`.

use serde_json::{Value, json};

use crate::{
    answers::{self, SESSION},
    run::{Home, copilot, finish},
    server::{Reply, Seen, Server},
};

fn page(seen: &Seen) -> Reply {
    let second = seen.query.contains("cursor=next%2F1");
    let items: Vec<Value> = if second {
        vec![answers::session("ses_c", Some("third"))]
    } else {
        vec![
            answers::session(SESSION, Some("Errors of\u{1b}[31m payment")),
            answers::session("ses_b", None),
        ]
    };
    let mut page = json!({ "items": items });
    if !second {
        page["next_cursor"] = "next/1".into();
    }
    Reply::Json(200, page)
}

async fn server() -> Server {
    Server::start(|seen, _| match (seen.method.as_str(), seen.path.as_str()) {
        ("GET", "/api/v1/sessions") => page(seen),
        ("GET", path) if path == format!("/api/v1/sessions/{SESSION}") => {
            Reply::Json(200, answers::session(SESSION, Some("Errors")))
        }
        ("PATCH", _) => {
            let name = seen.body["name"].as_str();
            Reply::Json(200, answers::session(SESSION, name))
        }
        ("DELETE", path) if path.ends_with("ses_gone") => {
            Reply::Json(404, answers::error("NOT_FOUND", "no such session"))
        }
        ("DELETE", _) => Reply::Raw { status: 204, headers: vec![], body: String::new() },
        ("GET", path) if path == format!("/api/v1/messages/{SESSION}") => {
            assert!(seen.query.contains("order=desc"), "{}", seen.query);
            let answer = answers::answer();
            Reply::Json(200, json!({ "items": [answer["reply"], answer["message"]] }))
        }
        _ => Reply::Json(404, answers::error("NOT_FOUND", "no such thing")),
    })
    .await
}

#[tokio::test]
async fn they_are_listed_over_pages() {
    let server = server().await;
    let ran = copilot(&server.url, &["sessions"]).await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with(SESSION) && lines[0].contains("Errors of"), "{}", lines[0]);
    assert!(!ran.stdout.contains('\x1b'), "{}", ran.stdout);
    let ran = copilot(&server.url, &["sessions", "--limit", "2", "--json"]).await;
    let items: Vec<Value> = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(server.seen().last().unwrap().query, "limit=2");
}

#[tokio::test]
async fn one_is_shown_oldest_first() {
    let server = server().await;
    let ran = copilot(&server.url, &["sessions", "show", SESSION]).await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout);
    let ran = copilot(&server.url, &["sessions", "show", SESSION, "--json"]).await;
    let object: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(object["messages"][0]["role"], "user");
    let ran = copilot(&server.url, &["sessions", "show", "ses_x/../../y"]).await;
    assert_eq!(ran.code, 6);
}

#[tokio::test]
async fn they_are_renamed_and_deleted() {
    let server = server().await;
    let ran = copilot(&server.url, &["sessions", "rename", SESSION, "Slow", "checkout"]).await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(server.seen()[0].body, json!({ "name": "Slow checkout" }));
    let ran = copilot(&server.url, &["sessions", "delete", "--yes", "ses_a", "ses_b"]).await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let paths: Vec<String> = server.seen()[1..].iter().map(|seen| seen.path.clone()).collect();
    assert_eq!(paths, ["/api/v1/sessions/ses_a", "/api/v1/sessions/ses_b"]);
    assert_eq!(copilot(&server.url, &["sessions", "delete", "-y", "ses_gone"]).await.code, 6);
}

async fn with_checks(store: &'static str, key: &'static str) -> Server {
    Server::start(move |seen, _| match seen.path.as_str() {
        "/health" => {
            assert!(!seen.headers.contains_key("authorization"), "anyone may ask");
            Reply::Json(200, json!({ "status": "ok", "version": "0.1.0", "uptime_s": 7300 }))
        }
        "/ready" => {
            let ready = store == "ok";
            let checks = json!([
                { "name": "store", "status": store, "required": true },
                { "name": "model", "status": "off", "required": false, "message": "none is configured" },
            ]);
            let status = if ready { 200 } else { 503 };
            Reply::Json(status, json!({ "status": if ready { "ready" } else { "unavailable" }, "checks": checks }))
        }
        _ if seen.headers.get("authorization").is_some_and(|found| found == key) => {
            Reply::Json(200, json!({ "items": [] }))
        }
        _ => Reply::Json(401, answers::error("UNAUTHENTICATED", "the key is not valid")),
    })
    .await
}

#[tokio::test]
async fn status_tells_what_is_wrong() {
    let key = [("COPILOT_API_KEY", "cpk_1_good")];
    for (store, environment, exit, ready, authenticated) in [
        ("ok", &key[..], 0, true, true),
        ("down", &key, 1, false, true),
        ("ok", &[("COPILOT_API_KEY", "cpk_1_bad")], 4, true, false),
        ("ok", &[], 4, true, false),
    ] {
        let server = with_checks(store, "Bearer cpk_1_good").await;
        let child = Home::new().spawn_with(Some(&server.url), environment, &["status", "--json"]);
        let ran = finish(child, "").await;
        assert_eq!(ran.code, exit, "{}", ran.stderr);
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(
            (&report["ready"], &report["authenticated"]),
            (&json!(ready), &json!(authenticated))
        );
    }
    let server = with_checks("ok", "Bearer cpk_1_good").await;
    let child = Home::new().spawn_with(Some(&server.url), &key, &["status"]);
    let ran = finish(child, "").await;
    let text = ran.stdout.replace(&server.url, "http://copilot");
    insta::assert_snapshot!(text);
}
