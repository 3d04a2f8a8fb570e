//! The client against a server that behaves in every way a server can.

use std::time::{Duration, Instant};

use model::TenantId;
use module::{ErrorWire, ModuleError};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{
        any, body_string_contains, header, method, path, query_param, query_param_contains,
    },
};

use super::*;
use crate::{
    Credential, Endpoint,
    connection::{MAX_GET_QUERY_BYTES, ORG_ID},
    http_client,
};

const TIME: &str = "2026-03-01T14:00:00Z";
const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn settings(uri: &str) -> ServerSettings {
    ServerSettings::new(Endpoint::parse(uri).unwrap(), None)
}

fn client(uri: &str) -> PrometheusClient {
    PrometheusClient::new(http_client().unwrap(), settings(uri)).unwrap()
}

fn context(tenant: &TenantId, timeout: Duration) -> RequestContext<'_> {
    RequestContext { tenant, request_id: "req_1", traceparent: Some(TRACEPARENT), timeout }
}

async fn query(client: &PrometheusClient, timeout: Duration) -> Result<Value, ModuleError> {
    let tenant = "demo".parse().unwrap();
    client.query(&context(&tenant, timeout), "up", TIME).await
}

async fn catalog(client: &PrometheusClient) -> Result<Value, ModuleError> {
    let tenant = "demo".parse().unwrap();
    let now = TIME.parse().unwrap();
    client.catalog(&context(&tenant, Duration::from_secs(20)), now).await
}

fn success(data: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"status": "success", "data": data}))
}

fn failure(status: u16, error_type: &str, error: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .set_body_json(json!({"status": "error", "errorType": error_type, "error": error}))
}

/// What the error is, and that it names the server and nothing it should not.
fn check(error: &ModuleError, kind: &str, uri: &str) {
    let wire = ErrorWire::from(error);
    assert_eq!(wire.kind.name(), kind, "{error:?}");
    assert_eq!(wire.module, format!("Prometheus at {uri}"));
    assert!(!format!("{error:?} {error}").contains("t0ken"));
}

#[tokio::test]
async fn a_request_carries_what_it_should() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/prom/api/v1/query"))
        .and(query_param("query", "up"))
        .and(query_param("time", TIME))
        .and(query_param("timeout", "4.500"))
        .and(query_param("limit", "1001"))
        .and(header("X-Scope-OrgID", "demo"))
        .and(header("Authorization", "Bearer t0ken"))
        .and(header("traceparent", TRACEPARENT))
        .and(header("x-request-id", "req_1"))
        .respond_with(success(json!({"resultType": "scalar", "result": [1.5, "2"]})))
        .expect(1)
        .mount(&server)
        .await;
    let mut settings = settings(&format!("{}/prom/", server.uri()));
    settings.credential = Some(Credential::Bearer("t0ken".to_owned()));
    let client = PrometheusClient::new(http_client().unwrap(), settings).unwrap();
    let result = query(&client, Duration::from_secs(5)).await.unwrap();
    assert_eq!(
        result,
        json!({"result_type": "scalar", "series": [{"labels": {}, "points": [[1.5, 2.0]]}], "warnings": []})
    );
}

#[tokio::test]
async fn the_tenant_is_kept_back_when_the_server_has_only_one() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(success(json!({"resultType": "vector", "result": []})))
        .mount(&server)
        .await;
    let settings = ServerSettings { send_org_id: false, ..settings(&server.uri()) };
    let client = PrometheusClient::new(http_client().unwrap(), settings).unwrap();
    query(&client, Duration::from_secs(5)).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    assert!(!requests[0].headers.contains_key(ORG_ID));
    assert!(!requests[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_long_query_is_posted_as_a_form() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/api/v1/query_range"))
        .and(header("content-type", "application/x-www-form-urlencoded"))
        .and(body_string_contains("&step=60&"))
        .and(body_string_contains("query=sum%28%C3%A9"))
        .respond_with(success(json!({"resultType": "matrix", "result": [
            {"metric": {"a": "b"}, "values": [[1, "NaN"], [2, "3"]]}
        ]})))
        .expect(1)
        .mount(&server)
        .await;
    let tenant = "demo".parse().unwrap();
    let long = format!("sum(é{}", "x".repeat(MAX_GET_QUERY_BYTES));
    let result = client(&server.uri())
        .query_range(
            &context(&tenant, Duration::from_secs(5)),
            &long,
            "2026-03-01T13:00:00Z",
            TIME,
            60,
        )
        .await
        .unwrap();
    assert_eq!(result["series"][0]["points"], json!([[1.0, null], [2.0, 3.0]]));
    assert_eq!(server.received_requests().await.unwrap()[0].url.query(), None);
}

#[tokio::test]
async fn warnings_are_kept_and_cut() {
    let server = MockServer::start().await;
    let warning = format!("store 2 \u{1b}[31mdid not answer{}", "!".repeat(400));
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({
            "status": "success",
            "data": {"resultType": "vector", "result": []},
            "warnings": vec![warning; 30],
            "infos": ["metric might not be a counter"],
        })))
        .mount(&server)
        .await;
    let result = query(&client(&server.uri()), Duration::from_secs(5)).await.unwrap();
    let warnings = result["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 10);
    let first = warnings[0].as_str().unwrap();
    assert!(first.starts_with("store 2 [31mdid not answer"), "{first}");
    assert_eq!(first.len(), 300);
}

#[tokio::test]
async fn every_refusal_is_told_for_what_it_is() {
    let plain = ResponseTemplate::new;
    for (response, kind) in [
        (failure(400, "bad_data", "parse error: unexpected end of input"), "rejected"),
        (failure(422, "execution", "many-to-many matching not allowed"), "rejected"),
        (failure(200, "execution", "in a proxy's good answer"), "rejected"),
        (failure(503, "timeout", "query timed out in expression evaluation"), "timeout"),
        (failure(503, "canceled", "query was canceled"), "timeout"),
        (failure(503, "unavailable", "TSDB not ready"), "unreachable"),
        (failure(500, "internal", "disk"), "unreachable"),
        (plain(500), "unreachable"),
        (plain(502).set_body_string("<html>bad gateway</html>"), "unreachable"),
        (plain(503), "unreachable"),
        (plain(504), "timeout"),
        (plain(400).set_body_string("<html>"), "bad_response"),
        (plain(401), "denied"),
        (plain(403).set_body_string("no org id"), "denied"),
        (failure(401, "bad_data", "no org id"), "denied"),
        (plain(404), "bad_response"),
        (plain(302).insert_header("location", "http://127.0.0.1:1/"), "bad_response"),
        (plain(200), "bad_response"),
        (plain(200).set_body_string("<html>"), "bad_response"),
        (plain(200).set_body_string(r#"{"status":"success","data":"#), "bad_response"),
        (plain(200).set_body_json(json!({"status": "success"})), "bad_response"),
        (success(json!({"resultType": "streams", "result": []})), "bad_response"),
        (success(json!({"resultType": "vector", "result": {}})), "bad_response"),
        (
            success(json!({"resultType": "vector", "result": [{"metric": {}, "value": [1]}]})),
            "bad_response",
        ),
        (success(json!([])), "bad_response"),
    ] {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(response).mount(&server).await;
        let mut settings = settings(&server.uri());
        settings.credential = Some(Credential::Bearer("t0ken".to_owned()));
        let client = PrometheusClient::new(http_client().unwrap(), settings).unwrap();
        let error = query(&client, Duration::from_secs(5)).await.unwrap_err();
        check(&error, kind, &server.uri());
        assert_eq!(server.received_requests().await.unwrap().len(), 1, "{kind}: asked twice");
    }
}

#[tokio::test]
async fn prometheus_s_own_words_are_passed_on() {
    let server = MockServer::start().await;
    let words = "invalid parameter \"query\": 1:5: parse error: unexpected <EOF>";
    Mock::given(any()).respond_with(failure(400, "bad_data", words)).mount(&server).await;
    let error = query(&client(&server.uri()), Duration::from_secs(5)).await.unwrap_err();
    assert!(matches!(&error, ModuleError::Rejected { message, .. } if message == words));
}

#[tokio::test]
async fn a_throttle_says_when_to_come_back() {
    for (after, expected) in [(Some("7"), Some(Duration::from_secs(7))), (None, None)] {
        let server = MockServer::start().await;
        let mut response = ResponseTemplate::new(429);
        if let Some(after) = after {
            response = response.insert_header("Retry-After", after);
        }
        Mock::given(any()).respond_with(response).mount(&server).await;
        let error = query(&client(&server.uri()), Duration::from_secs(5)).await.unwrap_err();
        assert!(
            matches!(error, ModuleError::Throttled { retry_after, .. } if retry_after == expected)
        );
    }
}

#[tokio::test]
async fn an_answer_over_the_limit_is_not_read_to_its_end() {
    let server = MockServer::start().await;
    let sample = json!({"metric": {"pod": "x".repeat(1000)}, "value": [1, "1"]});
    Mock::given(any())
        .respond_with(success(json!({"resultType": "vector", "result": vec![sample; 2000]})))
        .mount(&server)
        .await;
    let settings = ServerSettings { max_response_bytes: 64 * 1024, ..settings(&server.uri()) };
    let client = PrometheusClient::new(http_client().unwrap(), settings).unwrap();
    let error = query(&client, Duration::from_secs(5)).await.unwrap_err();
    check(&error, "rejected", &server.uri());
    assert!(error.to_string().contains("larger than 64 KiB"), "{error}");
}

/// A server that writes `answer` to every connection and then closes it, or keeps it open.
async fn raw_server(answer: &'static [u8], close: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = connection.read(&mut request).await;
            let _ = connection.write_all(answer).await;
            if !close {
                kept.push(connection);
            }
        }
    });
    uri
}

#[tokio::test]
async fn a_hang_ends_in_time_wherever_it_happens() {
    let answers: [&[u8]; 3] = [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"status\":",
    ];
    for answer in answers {
        let uri = raw_server(answer, false).await;
        let start = Instant::now();
        let error = query(&client(&uri), Duration::from_millis(200)).await.unwrap_err();
        check(&error, "timeout", &uri);
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_no_answer() {
    let answers: [&[u8]; 4] = [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"status\":",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"sta\r\n",
    ];
    for answer in answers {
        let uri = raw_server(answer, true).await;
        let error = query(&client(&uri), Duration::from_secs(5)).await.unwrap_err();
        check(&error, "unreachable", &uri);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = query(&client(&uri), Duration::from_secs(5)).await.unwrap_err();
    check(&error, "unreachable", &uri);
    assert_eq!(error.to_string(), format!("Prometheus at {uri} does not answer"));
}

#[tokio::test]
async fn the_operations_forms_are_those_that_the_query_crate_reads() {
    let server = MockServer::start().await;
    Mock::given(path("/api/v1/series"))
        .and(query_param("start", "2026-03-01T12:00:00Z"))
        .and(query_param_contains("match[]", r#"le=~"|\\+Inf""#))
        .respond_with(success(json!([
            {"__name__": "http_requests_total", "service": "payment", "status": "500"},
            {"__name__": "http_requests_total", "service": "auth", "status": "200"}
        ])))
        .mount(&server)
        .await;
    Mock::given(path("/api/v1/metadata"))
        .respond_with(success(json!({
            "http_requests_total": [{"type": "counter", "help": "Requests.", "unit": ""}],
            "gone": [{"type": "gauge", "help": "", "unit": ""}]
        })))
        .mount(&server)
        .await;
    let value = catalog(&client(&server.uri())).await.unwrap();
    assert_eq!(
        value,
        json!({
            "metadata": {"http_requests_total": [{"type": "counter", "help": "Requests.", "unit": ""}]},
            "labels": {"http_requests_total": {
                "service": ["auth", "payment"], "status": ["200", "500"]
            }}
        })
    );
    let read: query::Catalog = serde_json::from_value(value).unwrap();
    assert_eq!(read.services(), ["auth", "payment"]);
    for request in server.received_requests().await.unwrap() {
        assert_eq!(request.headers["X-Scope-OrgID"], "demo", "{}", request.url);
    }
}

#[tokio::test]
async fn a_catalog_does_without_metadata_but_not_without_series() {
    for (metadata, series, kind) in [
        (ResponseTemplate::new(404), success(json!([{"__name__": "up"}])), None),
        (ResponseTemplate::new(503), success(json!([])), Some("unreachable")),
        (success(json!({})), ResponseTemplate::new(404), Some("bad_response")),
        (success(json!({})), failure(422, "execution", "too many"), Some("rejected")),
        (success(json!({})), success(json!({"a": 1})), Some("bad_response")),
    ] {
        let server = MockServer::start().await;
        for (at, response) in [("/api/v1/metadata", metadata), ("/api/v1/series", series)] {
            Mock::given(path(at)).respond_with(response).mount(&server).await;
        }
        let result = catalog(&client(&server.uri())).await;
        match kind {
            Some(kind) => check(&result.unwrap_err(), kind, &server.uri()),
            None => assert_eq!(
                result.unwrap(),
                json!({
                    "metadata": {},
                    "labels": {"up": {}},
                    "warnings": ["the types and help texts of the metrics cannot be had"]
                })
            ),
        }
    }
}

#[tokio::test]
async fn metrics_beyond_the_limit_are_looked_up_in_batches() {
    let server = MockServer::start().await;
    // The server stops at the limit, with all series of one metric.
    Mock::given(path("/api/v1/series"))
        .and(query_param_contains("match[]", r#"__name__=~".+""#))
        .respond_with(success(json!(vec![json!({"__name__": "a", "b": "c"}); 100_000])))
        .mount(&server)
        .await;
    let names: Vec<String> = (0..150).map(|i| format!("late_{i}")).collect();
    let mut all = names.clone();
    all.extend(["a".to_owned(), "with.dot".to_owned()]);
    Mock::given(path("/api/v1/label/__name__/values"))
        .respond_with(success(json!(all)))
        .mount(&server)
        .await;
    Mock::given(path("/api/v1/metadata")).respond_with(success(json!({}))).mount(&server).await;
    // Of the batches' metrics only the first has series still.
    Mock::given(path("/api/v1/series"))
        .and(|request: &Request| {
            let text = format!("{}{}", request.url, String::from_utf8_lossy(&request.body));
            text.contains("late_0%7C")
        })
        .respond_with(success(json!([{"__name__": "late_0", "service": "payment"}])))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path("/api/v1/series"))
        .respond_with(success(json!([])))
        .expect(1)
        .mount(&server)
        .await;

    let found = catalog(&client(&server.uri())).await.unwrap();
    assert_eq!(found["labels"]["a"], json!({"b": ["c"]}));
    assert_eq!(found["labels"]["late_0"], json!({"service": ["payment"]}));
    assert_eq!(found["labels"]["late_149"], json!({}));
    assert_eq!(found["labels"].as_object().unwrap().len(), 151);
    let warning = found["warnings"][0].as_str().unwrap();
    assert!(warning.contains("the labels of 149 metrics"), "{warning}");
}
