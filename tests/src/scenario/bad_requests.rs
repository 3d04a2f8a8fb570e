//! Bad requests, each with the right status and the error body, and none with a 5xx.

use std::{collections::BTreeSet, sync::Arc};

use contract::error::{CODES, ErrorBody};
use llm::Limits;
use model::Role;
use reqwest::{
    Method, RequestBuilder,
    header::{CONTENT_TYPE, HeaderValue},
};
use serde_json::{Value, json};
use testkit::FixedOperations;

use crate::support::{
    app::{App, tenant},
    client::Client,
};

const MESSAGES: &str = "/api/v1/messages";
const STREAM: &str = "/api/v1/messages/stream";
const SESSIONS: &str = "/api/v1/sessions";
const UNDERSTAND: &str = "/api/v1/nlp/understand";
const TRANSLATE: &str = "/api/v1/queries/translate";
const METRICS: &str = "/api/v1/queries/metrics";
const LOGS: &str = "/api/v1/queries/logs";
const TRACES: &str = "/api/v1/queries/traces";

/// A request, and what it must be answered with.
struct Case {
    name: String,
    request: RequestBuilder,
    status: u16,
    code: &'static str,
}

/// Collects cases for one client.
struct Cases<'a> {
    client: &'a Client,
    all: Vec<Case>,
}

impl Cases<'_> {
    fn add(&mut self, name: &str, request: RequestBuilder, status: u16, code: &'static str) {
        self.all.push(Case { name: name.to_owned(), request, status, code });
    }

    fn request(&mut self, method: Method, path: &str, status: u16, code: &'static str) {
        let request = self.client.request(method.clone(), path);
        self.add(&format!("{method} {path}"), request, status, code);
    }

    /// A raw body declared as JSON.
    fn body(&mut self, path: &str, body: impl Into<Vec<u8>>, status: u16, code: &'static str) {
        let body = body.into();
        let shown = String::from_utf8_lossy(&body).chars().take(60).collect::<String>();
        let method = if path.contains("/ses_") { Method::PATCH } else { Method::POST };
        let request =
            self.client.request(method, path).header(CONTENT_TYPE, "application/json").body(body);
        self.add(&format!("{path} {shown}"), request, status, code);
    }
}

fn bodies(cases: &mut Cases<'_>, session: &str) {
    for path in [MESSAGES, STREAM] {
        for body in [
            "",
            " ",
            "{",
            "[]",
            "null",
            "42",
            "\"text\"",
            "{\"content\":\"x\"} trailing",
            "{'content':'x'}",
            "{\"content\":1}",
            "{\"content\":null}",
            "{}",
            "{\"content\":\"x\",\"session\":\"y\"}",
            "{\"content\":\"x\",\"metadata\":[]}",
            "{\"content\":\"x\",\"session_id\":7}",
        ] {
            cases.body(path, body, 400, "INVALID_JSON");
        }
        cases.body(path, vec![b'{', 0xff, 0xfe, b'}'], 400, "INVALID_JSON");
        cases.body(path, "[".repeat(200_000), 400, "INVALID_JSON");
        for body in [
            r#"{"content":""}"#,
            r#"{"content":" \n\t "}"#,
            r#"{"content":"x","time_zone":"Middle/Earth"}"#,
            r#"{"content":"x","time_zone":"../../etc/passwd"}"#,
            r#"{"content":"x","model":"openai:gpt-none"}"#,
        ] {
            cases.body(path, body, 400, "INVALID_REQUEST");
        }
        cases.body(
            path,
            json!({ "content": "x".repeat(1024 * 1024 + 1) }).to_string(),
            413,
            "PAYLOAD_TOO_LARGE",
        );
        cases.body(
            path,
            json!({ "content": "x", "metadata": { "a": "x".repeat(20_000) } }).to_string(),
            413,
            "PAYLOAD_TOO_LARGE",
        );
        cases.body(path, vec![b' '; 6 * 1024 * 1024 + 1], 413, "PAYLOAD_TOO_LARGE");
        for id in [
            "",
            "x",
            "ses_",
            "ses_01KAH",
            "ses_01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "../sessions",
            "str_x",
            "ses_\u{e9}",
        ] {
            let body = json!({ "content": "x", "session_id": id }).to_string();
            cases.body(path, body, 404, "NOT_FOUND");
        }
    }
    for path in [SESSIONS, &format!("{SESSIONS}/{session}")] {
        cases.body(path, "{\"name\":7}", 400, "INVALID_JSON");
        cases.body(path, "{\"nom\":\"x\"}", 400, "INVALID_JSON");
        cases.body(path, json!({ "name": "x".repeat(201) }).to_string(), 400, "INVALID_REQUEST");
        cases.body(
            path,
            json!({ "system_prompt": "x".repeat(8_001) }).to_string(),
            400,
            "INVALID_REQUEST",
        );
        cases.body(
            path,
            json!({ "metadata": { "a": "x".repeat(20_000) } }).to_string(),
            413,
            "PAYLOAD_TOO_LARGE",
        );
    }
}

fn inquiries(cases: &mut Cases<'_>) {
    let names = |count: usize, chars: usize| vec!["x".repeat(chars); count];
    for (body, status, code) in [
        (json!({}), 400, "INVALID_JSON"),
        (json!({ "text": 1 }), 400, "INVALID_JSON"),
        (json!({ "content": "x" }), 400, "INVALID_JSON"),
        (json!({ "text": "x", "metadata": {} }), 400, "INVALID_JSON"),
        (json!({ "text": "x", "catalog": [] }), 400, "INVALID_JSON"),
        (json!({ "text": "x", "catalog": { "metrics": [] } }), 400, "INVALID_JSON"),
        (json!({ "text": "x", "catalog": { "services": [1] } }), 400, "INVALID_JSON"),
        (json!({ "text": "" }), 400, "INVALID_REQUEST"),
        (json!({ "text": " \n " }), 400, "INVALID_REQUEST"),
        (json!({ "text": "x", "time_zone": "Middle/Earth" }), 400, "INVALID_REQUEST"),
        (
            json!({ "text": "x", "catalog": { "services": names(2_001, 1) } }),
            400,
            "INVALID_REQUEST",
        ),
        (json!({ "text": "x", "catalog": { "versions": names(1, 101) } }), 400, "INVALID_REQUEST"),
        (json!({ "text": "x".repeat(1024 * 1024 + 1) }), 413, "PAYLOAD_TOO_LARGE"),
        (json!({ "text": "x", "session_id": "x" }), 404, "NOT_FOUND"),
        (json!({ "text": "x", "session_id": "ses_01ARZ3NDEKTSV4RRFFQ69G5FAV" }), 404, "NOT_FOUND"),
    ] {
        cases.body(UNDERSTAND, body.to_string(), status, code);
    }
    for path in [UNDERSTAND, TRANSLATE, METRICS, LOGS, TRACES] {
        cases.request(Method::GET, path, 405, "METHOD_NOT_ALLOWED");
        for (body, code) in [("", "INVALID_JSON"), ("[]", "INVALID_JSON"), ("{", "INVALID_JSON")] {
            cases.body(path, body.to_owned(), 400, code);
        }
    }
}

fn translations(cases: &mut Cases<'_>) {
    let asked = |text: &str, language: &str| json!({ "text": text, "language": language });
    let without =
        |text: &str, language: &str| json!({ "text": text, "language": language, "catalog": {} });
    let error_rate = "error rate of payment";
    let mut with_session = asked(error_rate, "promql");
    with_session["session_id"] = json!("ses_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    let mut with_catalog = asked(error_rate, "promql");
    with_catalog["catalog"] = json!({ "prometheus": { "labels": [] } });
    for (body, status, code) in [
        (json!({ "text": "x" }), 400, "INVALID_JSON"),
        (json!({ "language": "promql" }), 400, "INVALID_JSON"),
        (json!({ "text": "x", "language": 1 }), 400, "INVALID_JSON"),
        (
            json!({ "text": "x", "natural_language": "x", "language": "promql" }),
            400,
            "INVALID_JSON",
        ),
        (asked("", "promql"), 400, "INVALID_REQUEST"),
        (asked(error_rate, "sql"), 400, "INVALID_REQUEST"),
        (asked(error_rate, "PromQL"), 400, "INVALID_REQUEST"),
        // The catalog that comes along has neither.
        (without("count the errors of payment", "logql"), 400, "INVALID_REQUEST"),
        (without("slow traces of payment", "traceql"), 400, "INVALID_REQUEST"),
        (with_catalog, 400, "INVALID_REQUEST"),
        (asked(&"x".repeat(1024 * 1024 + 1), "promql"), 413, "PAYLOAD_TOO_LARGE"),
        (with_session, 404, "NOT_FOUND"),
    ] {
        cases.body(TRANSLATE, body.to_string(), status, code);
    }
}

fn queries(cases: &mut Cases<'_>) {
    let over = |range: Value, step: Value| json!({ "query": "sum(http_requests_total)", "time_range": range, "step": step });
    for (body, status, code) in [
        (json!({}), 400, "INVALID_REQUEST"),
        (json!({ "query": 1 }), 400, "INVALID_JSON"),
        (json!({ "query": "x", "url": "http://x" }), 400, "INVALID_JSON"),
        (json!({ "query": "x", "natural_language": "x" }), 400, "INVALID_REQUEST"),
        (json!({ "query": "" }), 400, "INVALID_REQUEST"),
        (json!({ "natural_language": " " }), 400, "INVALID_REQUEST"),
        // What may not run.
        (json!({ "query": "sum(http_requests_total" }), 400, "INVALID_REQUEST"),
        (json!({ "query": "sum(no_such_metric)" }), 400, "INVALID_REQUEST"),
        (json!({ "query": "sum(http_requests_total{pod=\"a\"})" }), 400, "INVALID_REQUEST"),
        (json!({ "query": "http_requests_total[5m]" }), 400, "INVALID_REQUEST"),
        (json!({ "query": "1 + 1" }), 400, "INVALID_REQUEST"),
        (json!({ "query": "sum(rate(http_requests_total[90d]))" }), 400, "INVALID_REQUEST"),
        (json!({ "query": "sum(http_requests_total @ 0)" }), 400, "INVALID_REQUEST"),
        (json!({ "query": "\u{0}" }), 400, "INVALID_REQUEST"),
        (json!({ "query": "x".repeat(1024 * 1024 + 1) }), 413, "PAYLOAD_TOO_LARGE"),
        // What is no question for metrics.
        (json!({ "natural_language": "how warm is the sea" }), 400, "INVALID_REQUEST"),
        // When it may not run.
        (over(json!("yesterday"), Value::Null), 400, "INVALID_REQUEST"),
        (over(json!(60), Value::Null), 400, "INVALID_JSON"),
        (over(json!({ "start": "9am" }), Value::Null), 400, "INVALID_JSON"),
        (over(json!({ "start": "2999-01-01T00:00:00Z" }), Value::Null), 400, "INVALID_REQUEST"),
        (over(json!({ "start": "2000-01-01T00:00:00Z" }), Value::Null), 400, "INVALID_REQUEST"),
        (over(json!("365d"), Value::Null), 400, "INVALID_REQUEST"),
        (over(json!("1h"), json!(0)), 400, "INVALID_REQUEST"),
        (over(json!("1h"), json!("1s")), 400, "INVALID_REQUEST"),
        (over(json!("30d"), json!("15s")), 400, "INVALID_REQUEST"),
        (over(json!("1h"), json!(-60)), 400, "INVALID_JSON"),
        (over(Value::Null, json!(60)), 400, "INVALID_REQUEST"),
        (json!({ "query": "up", "session_id": "x" }), 404, "NOT_FOUND"),
    ] {
        cases.body(METRICS, body.to_string(), status, code);
    }
    cases.request(Method::POST, "/api/v1/queries", 404, "NOT_FOUND");
}

/// What logs and traces may not be asked.
fn record_queries(cases: &mut Cases<'_>) {
    let lines = r#"{service="payment"}"#;
    let spans = r#"{ resource.service.name = "payment" }"#;
    let over = |query: &str, range: Value, step: Value| json!({ "query": query, "time_range": range, "step": step });
    for (path, body, status, code) in [
        (LOGS, json!({}), 400, "INVALID_REQUEST"),
        (LOGS, json!({ "query": 1 }), 400, "INVALID_JSON"),
        (LOGS, json!({ "query": lines, "url": "http://x" }), 400, "INVALID_JSON"),
        (LOGS, json!({ "query": lines, "text": "x" }), 400, "INVALID_REQUEST"),
        (LOGS, json!({ "query": " " }), 400, "INVALID_REQUEST"),
        (LOGS, json!({ "query": r#"{service="payment""# }), 400, "INVALID_REQUEST"),
        (LOGS, json!({ "query": r#"{pod="a"}"# }), 400, "INVALID_REQUEST"),
        (LOGS, json!({ "query": "sum(rate(up[5m]))" }), 400, "INVALID_REQUEST"),
        (LOGS, json!({ "query": format!("rate({lines}[90d])") }), 400, "INVALID_REQUEST"),
        (LOGS, json!({ "query": "1 + 1" }), 400, "INVALID_REQUEST"),
        (LOGS, json!({ "query": "\u{0}" }), 400, "INVALID_REQUEST"),
        (LOGS, json!({ "query": "x".repeat(1024 * 1024 + 1) }), 413, "PAYLOAD_TOO_LARGE"),
        (LOGS, over(lines, json!("1h"), json!(60)), 400, "INVALID_REQUEST"),
        (LOGS, over(lines, json!("365d"), Value::Null), 400, "INVALID_REQUEST"),
        (LOGS, over(lines, json!("yesterday"), Value::Null), 400, "INVALID_REQUEST"),
        (LOGS, json!({ "query": lines, "session_id": "x" }), 404, "NOT_FOUND"),
        (TRACES, json!({}), 400, "INVALID_REQUEST"),
        (TRACES, json!({ "query": r#"{ span.unheard = 1 }"# }), 400, "INVALID_REQUEST"),
        (TRACES, json!({ "query": "{ status = }" }), 400, "INVALID_REQUEST"),
        (TRACES, json!({ "query": lines }), 400, "INVALID_REQUEST"),
        (TRACES, over(spans, json!("1h"), json!(60)), 400, "INVALID_REQUEST"),
        (TRACES, over(spans, json!("365d"), Value::Null), 400, "INVALID_REQUEST"),
        (
            TRACES,
            over(&format!("{spans} | rate()"), json!("1h"), json!("1s")),
            400,
            "INVALID_REQUEST",
        ),
        (TRACES, json!({ "query": spans, "session_id": "x" }), 404, "NOT_FOUND"),
    ] {
        cases.body(path, body.to_string(), status, code);
    }
}

fn addresses(cases: &mut Cases<'_>, session: &str) {
    let unknown = "ses_01ARZ3NDEKTSV4RRFFQ69G5FAV";
    for path in [
        "/", "/api", "/api/v1", "/api/v2/sessions", "/api/v1/session", "/api/v1/sessions/x/y",
        "/api/v1/sessions%00", "/api/v1/workflows",
    ] {
        cases.request(Method::GET, path, 404, "NOT_FOUND");
    }
    for id in [unknown, "x", "ses_", "%F0%9F%98%80", "str_01ARZ3NDEKTSV4RRFFQ69G5FAV"] {
        cases.request(Method::GET, &format!("{SESSIONS}/{id}"), 404, "NOT_FOUND");
        cases.request(Method::DELETE, &format!("{SESSIONS}/{id}"), 404, "NOT_FOUND");
        cases.request(Method::GET, &format!("{MESSAGES}/{id}"), 404, "NOT_FOUND");
        cases.request(Method::GET, &format!("/api/v1/streams/{id}"), 404, "NOT_FOUND");
    }
    let stream = format!("/api/v1/streams/str_{}{}", &unknown[4..], &unknown[4..]);
    cases.request(Method::GET, &stream, 404, "NOT_FOUND");
    for after in ["x", "-1", "1.5", "99999999999999999999"] {
        cases.request(Method::GET, &format!("{stream}?after={after}"), 400, "INVALID_REQUEST");
    }
    for (method, path) in [
        (Method::PUT, SESSIONS),
        (Method::DELETE, SESSIONS),
        (Method::PATCH, MESSAGES),
        (Method::POST, "/health"),
        (Method::POST, "/api/v1/streams/x"),
    ] {
        cases.request(method, path, 405, "METHOD_NOT_ALLOWED");
    }
    for query in ["limit=0", "limit=201", "limit=-1", "limit=x", "limit=", "order=up"] {
        cases.request(
            Method::GET,
            &format!("{MESSAGES}/{session}?{query}"),
            400,
            "INVALID_REQUEST",
        );
    }
    for cursor in ["x", "eyJhIjoxfQ", "%00", &"A".repeat(4_000)] {
        cases.request(Method::GET, &format!("{SESSIONS}?cursor={cursor}"), 400, "INVALID_CURSOR");
        cases.request(
            Method::GET,
            &format!("{MESSAGES}/{session}?cursor={cursor}"),
            400,
            "INVALID_CURSOR",
        );
    }
}

fn headers(cases: &mut Cases<'_>) {
    let body = r#"{"content":"x"}"#;
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "",
    ] {
        let request = cases
            .client
            .request(Method::POST, MESSAGES)
            .header(CONTENT_TYPE, content_type)
            .body(body);
        cases.add(
            &format!("content type {content_type:?}"),
            request,
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        );
    }
    let request = cases.client.request(Method::POST, MESSAGES).body(body);
    cases.add("no content type", request, 415, "UNSUPPORTED_MEDIA_TYPE");
    for key in [&" ".repeat(3), &"k".repeat(256)] {
        let request = cases
            .client
            .request(Method::POST, MESSAGES)
            .json(&json!({ "content": "x" }))
            .header("Idempotency-Key", key.as_str());
        cases.add(&format!("idempotency key {key:?}"), request, 400, "INVALID_REQUEST");
    }
}

fn credentials(cases: &mut Cases<'_>, url: &str) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = |path: &str| http.get(format!("{url}{path}"));
    cases.add("no credential", get(SESSIONS), 401, "UNAUTHENTICATED");
    let tampered = format!("{}a", cases.client.key);
    let other_secret = cases.client.key.replace(|c: char| c.is_ascii_digit(), "7");
    for credential in [
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer cpk_x",
        "Bearer a.b.c",
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
        &format!("Bearer {tampered}"),
        &format!("Bearer cpk_{}", "x".repeat(4_000)),
        &format!("Bearer {}_x", other_secret.rsplit_once('_').unwrap().0),
    ] {
        let request = get(SESSIONS).header("Authorization", credential);
        cases.add(&format!("authorization {credential:?}"), request, 401, "UNAUTHENTICATED");
    }
    let not_text = HeaderValue::from_bytes(b"Bearer \xff\xfe").unwrap();
    cases.add("not text", get(SESSIONS).header("Authorization", not_text), 401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn every_bad_request_is_told_what_is_wrong() {
    let operations = Arc::new(FixedOperations::default());
    let app = App::in_memory(Vec::new(), Limits::default(), operations).await;
    let client = app.new_tenant().await;
    let (_, session) = client.post(SESSIONS, &json!({})).await;
    let session = session["id"].as_str().unwrap();

    let mut cases = Cases { client: &client, all: Vec::new() };
    bodies(&mut cases, session);
    inquiries(&mut cases);
    translations(&mut cases);
    queries(&mut cases);
    record_queries(&mut cases);
    addresses(&mut cases, session);
    headers(&mut cases);
    credentials(&mut cases, &app.url);
    let viewer = app.client(&tenant(), Role::Viewer).await;
    for (method, path) in
        [(Method::POST, SESSIONS), (Method::POST, MESSAGES), (Method::POST, STREAM)]
    {
        let request = viewer.request(method, path).json(&json!({ "content": "x" }));
        cases.add(&format!("viewer {path}"), request, 403, "PERMISSION_DENIED");
    }
    let request = viewer.request(Method::DELETE, &format!("{SESSIONS}/{session}"));
    cases.add("viewer deletes", request, 403, "PERMISSION_DENIED");

    let cases = cases.all;
    assert!(cases.len() >= 60, "{}", cases.len());
    let mut failures = Vec::new();
    let mut codes = BTreeSet::new();
    for Case { name, request, status, code } in cases {
        codes.insert(code);
        if let Some(failure) = check(request, status, code).await {
            failures.push(format!("{name}: {failure}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(codes.len() >= 9, "{codes:?}");
}

async fn check(request: RequestBuilder, status: u16, code: &str) -> Option<String> {
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) => return Some(format!("{error:?}")),
    };
    let found = response.status().as_u16();
    let id = response.headers().get("x-request-id").cloned();
    let text = response.text().await.unwrap_or_default();
    let Ok(body) = serde_json::from_str::<ErrorBody>(&text) else {
        return Some(format!("{found} without the error body: {text:?}"));
    };
    let known = CODES.iter().any(|(known, _)| *known == body.error.code);
    let same_id = id.is_some_and(|id| id == body.request_id.as_str());
    let right = found == status && body.error.code == code && known && same_id;
    (!right).then(|| format!("expected {status} {code}, got {found} {text}"))
}

/// What is told goes to a person: it names the field, and holds nothing of our insides.
#[tokio::test]
async fn errors_name_fields_and_hide_insides() {
    let operations = Arc::new(FixedOperations::default());
    let client = App::in_memory(Vec::new(), Limits::default(), operations).await.new_tenant().await;
    for (body, field) in [
        (json!({ "content": "" }), "content"),
        (json!({ "content": "x", "time_zone": "Nowhere" }), "time_zone"),
        (json!({ "content": "x", "metadata": [] }), "metadata"),
        (json!({ "content": 1 }), "content"),
    ] {
        let (_, answer) = client.post(MESSAGES, &body).await;
        assert_eq!(answer["error"]["field_errors"][0]["field"], field, "{answer}");
        assert!(!answer.to_string().contains("::"), "{answer}");
    }
}

#[tokio::test]
async fn errors_of_inquiries_name_fields() {
    let operations = Arc::new(FixedOperations::default());
    let client = App::in_memory(Vec::new(), Limits::default(), operations).await.new_tenant().await;
    let services = json!({ "services": ["x".repeat(101)] });
    let labels = json!({ "prometheus": { "labels": { "up": { "job": 1 } } } });
    let sea = "how warm is the sea";
    for (path, body, field) in [
        (UNDERSTAND, json!({ "text": "" }), "text"),
        (UNDERSTAND, json!({ "text": "x", "catalog": services }), "catalog.services"),
        (TRANSLATE, json!({ "text": " ", "language": "promql" }), "text"),
        (TRANSLATE, json!({ "text": "x", "language": "logql", "catalog": {} }), "language"),
        (TRANSLATE, json!({ "text": sea, "language": "promql" }), "text"),
        (
            TRANSLATE,
            json!({ "text": "x", "language": "promql", "catalog": labels }),
            "catalog.prometheus.labels.up.job",
        ),
        (METRICS, json!({ "query": "sum(" }), "query"),
        (METRICS, json!({ "query": "sum(payments_total)" }), "query"),
        (METRICS, json!({ "natural_language": sea }), "natural_language"),
        (METRICS, json!({ "query": "up", "time_range": "90d" }), "time_range"),
        (METRICS, json!({ "query": "up", "time_range": "1h", "step": 1 }), "step"),
        (LOGS, json!({ "query": "{service=" }), "query"),
        (LOGS, json!({ "query": "{pod=\"a\"}" }), "query"),
        (LOGS, json!({ "query": "{service=\"payment\"}", "time_range": "90d" }), "time_range"),
        (LOGS, json!({ "query": "{service=\"payment\"}", "time_range": "1h", "step": 60 }), "step"),
        (TRACES, json!({ "query": "{ span.unheard = 1 }" }), "query"),
        (TRACES, json!({ "query": "{ } | rate()", "time_range": "1h", "step": 1 }), "step"),
    ] {
        let (status, answer) = client.post(path, &body).await;
        assert_eq!(status, 400, "{answer}");
        assert_eq!(answer["error"]["field_errors"][0]["field"], field, "{answer}");
    }
}
