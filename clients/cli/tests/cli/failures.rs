//! What goes wrong ends with the documented exit code and says what to do.

use std::net::TcpListener;

use crate::{
    answers::{self, TEXT},
    run::{Home, copilot},
    server::{End, Reply, Server},
};

fn raw(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Reply {
    Reply::Raw { status, headers: headers.to_vec(), body: body.to_owned() }
}

#[tokio::test]
async fn nobody_listens() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    for arguments in [&["ask", "x"][..], &["ask", "--json", "x"], &["status"], &["sessions"]] {
        let ran = copilot(&url, arguments).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{arguments:?} {}", ran.stderr);
        assert!(ran.stderr.contains("cannot reach the copilot"), "{}", ran.stderr);
        assert!(ran.stderr.contains("refused"), "{}", ran.stderr);
    }
}

#[tokio::test]
async fn errors_of_the_api_end_with_their_code() {
    for (status, code, exit, says) in [
        (400, "INVALID_REQUEST", 2, "it is wrong (400 INVALID_REQUEST)"),
        (401, "UNAUTHENTICATED", 4, "COPILOT_API_KEY"),
        (403, "PERMISSION_DENIED", 4, "role"),
        (404, "NOT_FOUND", 6, "copilot sessions"),
        (413, "PAYLOAD_TOO_LARGE", 2, "413"),
        (500, "INTERNAL", 1, "docs.example/INTERNAL"),
    ] {
        let server =
            Server::start(move |_, _| Reply::Json(status, answers::error(code, "it is wrong.")))
                .await;
        for arguments in [&["ask", "x"][..], &["ask", "--json", "x"]] {
            let ran = copilot(&server.url, arguments).await;
            assert_eq!((ran.code, ran.stdout.as_str()), (exit, ""), "{status}");
            assert!(ran.stderr.contains(says), "{}", ran.stderr);
            assert!(ran.stderr.contains("request id: req_42"), "{}", ran.stderr);
        }
        assert_eq!(server.seen().len(), 2, "{status} is not tried again");
    }
}

#[tokio::test]
async fn a_busy_server_is_tried_again() {
    for status in [429, 503] {
        let server = Server::start(move |seen, before| match before {
            0 | 1 => raw(
                status,
                &[("content-type", "application/json"), ("retry-after", "0")],
                &answers::error("RATE_LIMITED", "slow down").to_string(),
            ),
            _ if seen.path.ends_with("stream") => Reply::Events(answers::frames(), End::Close),
            _ => Reply::Json(201, answers::answer()),
        })
        .await;
        let ran = copilot(&server.url, &["ask", "x"]).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (0, TEXT), "{}", ran.stderr);
        assert!(ran.stderr.contains("attempt 3 of 4"), "{}", ran.stderr);
        let keys: Vec<_> =
            server.seen().iter().map(|seen| seen.headers["idempotency-key"].clone()).collect();
        assert!(keys.len() == 3 && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    }
}

#[tokio::test]
async fn a_server_that_stays_busy_is_left_alone() {
    for (status, code, exit) in [(429, "RATE_LIMITED", 5), (503, "STORE_UNAVAILABLE", 1)] {
        let server = Server::start(move |_, _| {
            raw(
                status,
                &[("content-type", "application/json"), ("retry-after", "0")],
                &answers::error(code, "not now").to_string(),
            )
        })
        .await;
        let ran = copilot(&server.url, &["ask", "x"]).await;
        assert_eq!(ran.code, exit, "{}", ran.stderr);
        assert_eq!(server.seen().len(), 4);
    }
}

#[tokio::test]
async fn a_long_wait_is_told_and_not_waited_for() {
    let server = Server::start(|_, _| {
        raw(
            429,
            &[("content-type", "application/json"), ("retry-after", "55")],
            &answers::error("RATE_LIMITED", "too many").to_string(),
        )
    })
    .await;
    let ran = copilot(&server.url, &["ask", "x"]).await;
    assert_eq!(ran.code, 5);
    assert!(ran.stderr.contains("Try again in 55 s."), "{}", ran.stderr);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_connection_that_is_dropped_is_made_again() {
    for arguments in [&["ask", "x"][..], &["ask", "--json", "x"]] {
        let server = Server::start_dropping(2, |seen, _| match seen.path.as_str() {
            "/api/v1/messages/stream" => Reply::Events(answers::frames(), End::Close),
            _ => Reply::Json(201, answers::answer()),
        })
        .await;
        let ran = copilot(&server.url, arguments).await;
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stdout.contains("5.2 %"), "{}", ran.stdout);
    }
}

#[tokio::test]
async fn something_else_answers() {
    for (status, headers, exit, says) in [
        (
            200,
            &[("content-type", "text/html")][..],
            3,
            "is not the copilot (status 200, text/html)",
        ),
        (404, &[("content-type", "text/html")], 3, "is not the copilot"),
        (302, &[("location", "https://sso.example/")], 3, "redirects to https://sso.example/"),
        (502, &[("content-type", "text/html"), ("retry-after", "0")], 1, "Bad Gateway"),
        (
            500,
            &[("content-type", "application/json"), ("x-amzn-requestid", "req_aws")],
            1,
            "req_aws",
        ),
        (403, &[("content-type", "text/html")], 4, "Forbidden"),
    ] {
        let headers = headers.to_vec();
        let server =
            Server::start(move |_, _| raw(status, &headers, "<html>\x1b[31moops</html>")).await;
        for arguments in [&["ask", "x"][..], &["ask", "--json", "x"], &["status"]] {
            let ran = copilot(&server.url, arguments).await;
            assert_eq!((ran.code, ran.stdout.as_str()), (exit, ""), "{status} {}", ran.stderr);
            assert!(ran.stderr.contains(says), "{}", ran.stderr);
            assert!(!ran.stderr.contains(['<', '\x1b']), "{}", ran.stderr);
        }
    }
}

#[tokio::test]
async fn an_error_event_ends_the_answer() {
    let server = Server::start(|_, _| {
        let mut events = answers::events()[..5].to_vec();
        let error =
            serde_json::json!({ "code": "MODEL_UNAVAILABLE", "message": "the model broke off" });
        events.push(("error", error));
        Reply::Events(answers::frame(&events), End::Close)
    })
    .await;
    let ran = copilot(&server.url, &["ask", "x"]).await;
    assert_eq!(ran.code, 1);
    assert_eq!(ran.stdout, "The error rate of **pay\n");
    assert!(ran.stderr.contains("the model broke off (MODEL_UNAVAILABLE)"), "{}", ran.stderr);
    assert_eq!(server.seen().len(), 1, "an answer that failed is not resumed");
}

#[tokio::test]
async fn streams_that_make_no_sense() {
    for (body, exit, says) in [
        ("no event stream at all\n\n", 3, "the connection was lost"),
        ("event: message_start\ndata: {}\n\n", 1, "without a number as its id"),
        ("id: 1\nevent: message_start\ndata: {}\n\n", 1, "the data of a message_start event"),
        (
            "id: 1\nevent: content_delta\ndata: {\"text\":\n\n",
            1,
            "the data of a content_delta event",
        ),
        ("id: one\nevent: usage\ndata: {}\n\n", 1, "without a number as its id"),
    ] {
        let server =
            Server::start(move |_, _| Reply::Events(vec![body.to_owned()], End::Close)).await;
        let ran = copilot(&server.url, &["ask", "x"]).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (exit, ""), "{body:?} {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{}", ran.stderr);
    }
}

#[tokio::test]
async fn wrong_usage() {
    for (arguments, stdin, says) in [
        (&["ask"][..], "", "ask what?"),
        (&["ask", "-"], " \n", "ask what?"),
        (&["ask", "--nonsense"], "", "--nonsense"),
        (&["ask", "x", "--url", "ftp://h"], "", "only http and https"),
        (&["sessions", "delete", "ses_1"], "", "--yes"),
        (&["frobnicate"], "", "frobnicate"),
    ] {
        let ran = Home::new().run(Some("http://127.0.0.1:1"), arguments, stdin).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.stderr.contains(says), "{}", ran.stderr);
    }
}

#[tokio::test]
async fn a_question_that_is_too_long_is_not_sent() {
    let question = "x".repeat(1024 * 1024 + 1);
    let ran = Home::new().run(Some("http://127.0.0.1:1"), &["ask", "-"], &question).await;
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("longer than"), "{}", ran.stderr);
}
