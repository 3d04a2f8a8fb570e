//! The client against a server that says what Loki says, and what it should not. The real Loki is in
//! `tests/src/contract`.

use std::time::Duration;

use model::TenantId;
use module::ErrorWire;
use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, header, method, path, query_param, query_param_contains},
};

use super::*;
use crate::{Credential, Endpoint, connection::ORG_ID, http_client};

const START: &str = "2026-03-01T13:00:00Z";
const END: &str = "2026-03-01T14:00:00Z";

fn client(uri: &str) -> LokiClient {
    let settings = ServerSettings::new(Endpoint::parse(uri).unwrap(), None);
    LokiClient::new(http_client().unwrap(), settings).unwrap()
}

fn context(tenant: &TenantId) -> RequestContext<'_> {
    let timeout = Duration::from_secs(5);
    RequestContext { tenant, request_id: "req_1", traceparent: None, timeout }
}

fn lines_of<'a>(query: &'a str, limit: usize) -> LinesQuery<'a> {
    LinesQuery { query, start: START, end: END, limit, oldest_first: false }
}

async fn lines(client: &LokiClient, query: &str) -> Result<Value, ModuleError> {
    let tenant = "demo".parse().unwrap();
    client.lines(&context(&tenant), &lines_of(query, 2)).await
}

fn success(data: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"status": "success", "data": data}))
}

fn kind(error: &ModuleError) -> &'static str {
    ErrorWire::from(error).kind.name()
}

#[tokio::test]
async fn a_request_for_lines_carries_what_it_should() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/logs/loki/api/v1/query_range"))
        .and(query_param("query", r#"{service="a"} |= "x""#))
        .and(query_param("start", START))
        .and(query_param("end", END))
        .and(query_param("limit", "2"))
        .and(query_param("direction", "backward"))
        .and(header(ORG_ID, "demo"))
        .and(header("authorization", "Basic dTpwOnE="))
        .and(header("x-loki-response-encoding-flags", "categorize-labels"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({
            "status": "success",
            "warnings": ["a store did not answer"],
            "data": {"resultType": "streams", "encodingFlags": ["categorize-labels"], "result": [
                {"stream": {"service": "a"}, "values": [["1772373600000000001", "x y", {}]]}
            ], "stats": {}}
        })))
        .expect(1)
        .mount(&server)
        .await;
    let endpoint = Endpoint::parse(&format!("{}/logs", server.uri())).unwrap();
    let credential = Credential::Basic { user: "u".to_owned(), password: "p:q".to_owned() };
    let settings = ServerSettings::new(endpoint, Some(credential));
    let client = LokiClient::new(http_client().unwrap(), settings).unwrap();
    assert_eq!(
        lines(&client, r#"{service="a"} |= "x""#).await.unwrap(),
        json!({
            "lines": [{
                "time": "2026-03-01T14:00:00.000000001Z", "line": "x y", "labels": {"service": "a"}
            }],
            "warnings": ["a store did not answer"]
        })
    );
}

#[tokio::test]
async fn numbers_have_the_form_of_metrics() {
    let server = MockServer::start().await;
    Mock::given(path("/loki/api/v1/query"))
        .and(query_param("time", END))
        .respond_with(success(json!({"resultType": "vector", "stats": {}, "result": [
            {"metric": {"level": "error"}, "value": [1_772_373_600, "7"]}
        ]})))
        .mount(&server)
        .await;
    Mock::given(path("/loki/api/v1/query_range"))
        .and(query_param("step", "60"))
        .respond_with(success(json!({"resultType": "matrix", "result": [
            {"metric": {}, "values": [[1_772_373_600, "0.5"]]}
        ]})))
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let tenant = "demo".parse().unwrap();
    let query = r#"sum by (level) (count_over_time({service="a"}[1h]))"#;
    let now = client.query(&context(&tenant), query, END).await.unwrap();
    assert_eq!(now["series"][0]["labels"], json!({"level": "error"}));
    assert_eq!(now["series"][0]["points"], json!([[1_772_373_600.0, 7.0]]));
    let over = client.query_range(&context(&tenant), query, START, END, 60).await.unwrap();
    assert_eq!(over["result_type"], "matrix");
    assert_eq!(over["series"][0]["points"], json!([[1_772_373_600.0, 0.5]]));
}

#[tokio::test]
async fn no_query_runs_that_is_wrong_or_has_no_bounds() {
    let server = MockServer::start().await;
    let client = client(&server.uri());
    let tenant = "demo".parse().unwrap();
    let count = r#"count_over_time({service="a"}[5m])"#;
    for (error, expected) in [
        (lines(&client, "{").await, "not valid LogQL"),
        (lines(&client, "{}").await, "takes every stream"),
        (lines(&client, count).await, "gives numbers, not lines"),
        (
            client.query(&context(&tenant), r#"{service="a"}"#, END).await,
            "gives lines, not numbers",
        ),
        (
            client.query(&context(&tenant), r#"rate({service="a"}[90d])"#, END).await,
            "longest is 31 days",
        ),
    ] {
        let error = error.unwrap_err();
        assert_eq!(kind(&error), "invalid_arguments");
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_goes_wrong_names_the_module() {
    for (response, expected) in [
        (
            ResponseTemplate::new(400).set_body_string("the query time range exceeds the limit"),
            "rejected",
        ),
        (ResponseTemplate::new(401).set_body_string("no org id"), "denied"),
        (ResponseTemplate::new(429).insert_header("Retry-After", "3"), "throttled"),
        (ResponseTemplate::new(500).set_body_string("context deadline exceeded"), "timeout"),
        (ResponseTemplate::new(503), "unreachable"),
        (ResponseTemplate::new(200).set_body_string("<html>"), "bad_response"),
        (success(json!({"resultType": "matrix", "result": []})), "bad_response"),
        (
            success(json!({"resultType": "streams", "result": [
                {"stream": {}, "values": [["x".repeat(100), "y"]]}
            ]})),
            "bad_response",
        ),
    ] {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(response).mount(&server).await;
        let error = lines(&client(&server.uri()), r#"{a="b"}"#).await.unwrap_err();
        assert_eq!(kind(&error), expected, "{error:?}");
        assert_eq!(ErrorWire::from(&error).module, format!("Loki at {}", server.uri()));
    }
}

async fn catalog(server: &MockServer) -> Result<Value, ModuleError> {
    let tenant = "demo".parse().unwrap();
    client(&server.uri()).catalog(&context(&tenant), END.parse().unwrap()).await
}

async fn answer(server: &MockServer, at: &str, response: ResponseTemplate) {
    Mock::given(path(at)).respond_with(response).mount(server).await;
}

fn stream(service: &str, lines: &[&str]) -> ResponseTemplate {
    let values: Vec<Value> = lines.iter().map(|line| json!(["1", line])).collect();
    success(json!({"resultType": "streams", "result": [
        {"stream": {"service": service}, "values": values}
    ]}))
}

#[tokio::test]
async fn a_catalog_tells_how_each_service_writes() {
    let server = MockServer::start().await;
    let labels = json!(["env", "service", "__stream_shard__", "odd-name"]);
    answer(&server, "/loki/api/v1/labels", success(labels)).await;
    answer(&server, "/loki/api/v1/label/env/values", success(json!(["prod"]))).await;
    let services = success(json!(["cart", "mail", "silent"]));
    answer(&server, "/loki/api/v1/label/service/values", services).await;
    for (service, response) in [
        ("cart", stream("cart", &[r#"{"level":"info","status":200}"#; 3])),
        ("mail", stream("mail", &["level=warn took=3ms"; 2])),
        ("silent", ResponseTemplate::new(500)),
    ] {
        Mock::given(path("/loki/api/v1/query_range"))
            .and(query_param("query", format!("{{service=\"{service}\"}}")))
            .and(query_param("start", "2026-03-01T08:00:00Z"))
            .respond_with(response)
            .mount(&server)
            .await;
    }
    Mock::given(path("/loki/api/v1/query_range"))
        .and(query_param_contains("query", r#"{service="mail"} |~ `(?i:"#))
        .and(query_param("start", "2026-03-01T13:30:00Z"))
        .respond_with(stream("mail", &["level=error err=\"no such host\""]))
        .mount(&server)
        .await;
    let found = catalog(&server).await.unwrap();
    assert_eq!(
        found,
        json!({
            "labels": {"env": ["prod"], "service": ["cart", "mail", "silent"]},
            "line_format": "json",
            "fields": {
                "err": ["no such host"], "level": ["info", "warn", "error"], "status": ["200"], "took": ["3ms"]
            },
            "service_label": "service",
            "by_service": {
                "cart": {
                    "labels": {}, "line_format": "json",
                    "fields": {"level": ["info"], "status": ["200"]}
                },
                "mail": {
                    "labels": {}, "line_format": "logfmt",
                    "fields": {
                        "err": ["no such host"], "level": ["warn", "error"], "took": ["3ms"]
                    }
                }
            },
            "warnings": ["the lines of 1 services cannot be read"]
        })
    );
    let read: LogCatalog = serde_json::from_value(found).unwrap();
    assert_eq!(read.labels["service"].len(), 3);
}

#[tokio::test]
async fn a_loki_without_lines_has_an_empty_catalog() {
    let server = MockServer::start().await;
    let nothing = ResponseTemplate::new(200).set_body_json(json!({"status": "success"}));
    answer(&server, "/loki/api/v1/labels", nothing).await;
    let found = catalog(&server).await.unwrap();
    assert_eq!(found, json!({"labels": {}, "line_format": "", "fields": {}, "by_service": {}}));
}

#[tokio::test]
async fn a_catalog_that_cannot_be_had_says_why() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(401)).mount(&server).await;
    assert_eq!(kind(&catalog(&server).await.unwrap_err()), "denied");

    let server = MockServer::start().await;
    answer(&server, "/loki/api/v1/labels", success(json!(["app"]))).await;
    answer(&server, "/loki/api/v1/label/app/values", success(json!(["a"]))).await;
    answer(&server, "/loki/api/v1/query_range", ResponseTemplate::new(503)).await;
    assert_eq!(kind(&catalog(&server).await.unwrap_err()), "unreachable");
}
