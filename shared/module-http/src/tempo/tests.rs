//! The client against a server that says what Tempo's documentation says it says: Tempo itself is not
//! to be had where these tests run.

use std::time::Duration;

use model::TenantId;
use module::{ErrorWire, TraceList};
use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, header, method, path, query_param},
};

use super::*;
use crate::{Credential, Endpoint, connection::ORG_ID, http_client};

const QUERY: &str = r#"{ resource.service.name = "payment" && status = error }"#;
const RATE: &str = "{ status = error } | rate() by (resource.service.name)";

fn client(uri: &str) -> TempoClient {
    let mut settings = ServerSettings::new(Endpoint::parse(uri).unwrap(), None);
    settings.credential = Some(Credential::Bearer("t0ken".to_owned()));
    TempoClient::new(http_client().unwrap(), settings).unwrap()
}

fn context(tenant: &TenantId) -> RequestContext<'_> {
    let timeout = Duration::from_secs(5);
    RequestContext { tenant, request_id: "req_1", traceparent: None, timeout }
}

fn start() -> Timestamp {
    "2026-03-01T13:00:00Z".parse().unwrap()
}

fn end() -> Timestamp {
    "2026-03-01T14:00:00.5Z".parse().unwrap()
}

async fn search(uri: &str, query: &str, limit: usize) -> Result<Value, ModuleError> {
    let tenant = "demo".parse().unwrap();
    let wanted = TracesQuery { query, start: start(), end: end(), limit };
    client(uri).search(&context(&tenant), &wanted).await
}

async fn rate(uri: &str, query: &str) -> Result<Value, ModuleError> {
    let tenant = "demo".parse().unwrap();
    client(uri).query_range(&context(&tenant), query, start(), end(), 60).await
}

fn json_answer(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

/// <https://grafana.com/docs/tempo/latest/api_docs/#search>, with a second trace.
fn found() -> Value {
    json!({
        "traces": [
            {
                "traceID": "2f3e0cee77ae5dc9c17ade3689eb2e54",
                "rootServiceName": "shop-backend",
                "rootTraceName": "update-billing",
                "startTimeUnixNano": "1684778327699392724",
                "durationMs": 557,
                "spanSets": [{
                    "spans": [{
                        "spanID": "563d623c76514f8e",
                        "startTimeUnixNano": "1684778327735077898",
                        "durationNanos": "446979497",
                        "attributes": [
                            {"key": "status", "value": {"stringValue": "error"}},
                            {"key": "http.status_code", "value": {"intValue": "500"}}
                        ]
                    }],
                    "matched": 3
                }]
            },
            {
                "traceID": "1",
                "startTimeUnixNano": "1684778328000000000",
                "spanSet": {"spans": [{"spanID": "a"}], "matched": 1}
            }
        ],
        "metrics": {"totalBlocks": 13, "completedJobs": 2, "totalJobs": 2}
    })
}

#[tokio::test]
async fn a_search_carries_what_it_should() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/tempo/api/search"))
        .and(query_param("q", QUERY))
        .and(query_param("start", "1772370000"))
        .and(query_param("end", "1772373601"))
        .and(query_param("limit", "20"))
        .and(header(ORG_ID, "demo"))
        .and(header("authorization", "Bearer t0ken"))
        .respond_with(json_answer(found()))
        .expect(1)
        .mount(&server)
        .await;
    let result = search(&format!("{}/tempo", server.uri()), QUERY, 20).await.unwrap();
    let list: TraceList = serde_json::from_value(result).unwrap();
    assert!(list.warnings.is_empty(), "{:?}", list.warnings);
    let [newest, other] = list.traces.as_slice() else { panic!("{list:?}") };
    assert_eq!((newest.trace_id.as_str(), newest.matched), ("1", 1));
    assert_eq!(newest.root_service, "");
    assert_eq!((other.root_service.as_str(), other.duration_ms), ("shop-backend", 557));
    assert_eq!(other.start.to_string(), "2023-05-22T17:58:47.699392724Z");
    assert_eq!(other.matched, 3);
    let span = &other.spans[0];
    assert!((span.duration_ms - 446.979_497).abs() < 1e-9);
    assert_eq!(json!(span.attributes), json!({"http.status_code": "500", "status": "error"}));
}

#[tokio::test]
async fn a_search_that_is_not_complete_says_so() {
    let server = MockServer::start().await;
    let mut part = found();
    part["metrics"] = json!({"completedJobs": 3, "totalJobs": "7"});
    Mock::given(any()).respond_with(json_answer(part)).mount(&server).await;
    let result = search(&server.uri(), QUERY, 20).await.unwrap();
    assert_eq!(result["warnings"], json!(["only 3 of 7 parts of the store were searched"]));
    // With as many traces as were wanted, Tempo stops early, as it should.
    let result = search(&server.uri(), QUERY, 2).await.unwrap();
    assert_eq!(result["warnings"], json!(["only 2 traces are shown; there may be more"]));

    let server = MockServer::start().await;
    let nothing = json!({"traces": [], "metrics": {}});
    Mock::given(any()).respond_with(json_answer(nothing)).mount(&server).await;
    let result = search(&server.uri(), QUERY, 20).await.unwrap();
    assert_eq!(result, json!({"traces": [], "warnings": []}));
}

#[tokio::test]
async fn numbers_have_the_form_of_metrics() {
    let server = MockServer::start().await;
    Mock::given(path("/api/metrics/query_range"))
        .and(query_param("q", RATE))
        .and(query_param("step", "60s"))
        .respond_with(json_answer(json!({
            "series": [
                {
                    "labels": [{"key": "resource.service.name", "value": {"stringValue": "payment"}}],
                    "samples": [
                        {"timestampMs": "1772370000000", "value": 0.25},
                        {"timestampMs": "1772370060000"},
                        {"timestampMs": "1772370120000", "value": "NaN"}
                    ],
                    "promLabels": "{resource_service_name=\"payment\"}",
                    "exemplars": []
                },
                {"labels": [{"key": "p", "value": {"doubleValue": 0.99}}]}
            ],
            "status": "PARTIAL",
            "message": "2 of 9 blocks failed",
            "metrics": {"inspectedBytes": "1"}
        })))
        .mount(&server)
        .await;
    assert_eq!(
        rate(&server.uri(), RATE).await.unwrap(),
        json!({
            "result_type": "matrix",
            "series": [{
                "labels": {"resource.service.name": "payment"},
                "points": [
                    [1_772_370_000.0, 0.25], [1_772_370_060.0, 0.0], [1_772_370_120.0, null]
                ]
            }],
            "warnings": ["not all of the store was searched", "2 of 9 blocks failed"]
        })
    );
}

#[tokio::test]
async fn no_query_runs_that_is_wrong_or_for_another_operation() {
    let server = MockServer::start().await;
    let uri = server.uri();
    for (result, expected) in [
        (search(&uri, "{ status = ", 20).await, "not valid TraceQL"),
        (search(&uri, "{ status = \"error\" && span.made.up = 1 }", 20).await, "status"),
        (search(&uri, RATE, 20).await, "gives numbers, not spans"),
        (rate(&uri, QUERY).await, "gives spans, not numbers"),
    ] {
        let error = result.unwrap_err();
        assert_eq!(ErrorWire::from(&error).kind.name(), "invalid_arguments");
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[test]
fn what_a_query_names_is_taken_to_exist() {
    for query in [
        "{ span.http.status_code >= 500 && .region = \"eu\" && parent.span.a = 1 }",
        "{ span.\"odd name\" = 1 && resource.\"a \\\"b\\\"\" = 2 } | select(event.exception.type)",
        "{ name = \"x\" } >> { link.y = 1 && instrumentation.z = 2 }",
    ] {
        check(TRACES_SEARCH, query, false).unwrap_or_else(|error| panic!("{query}: {error}"));
    }
}

#[tokio::test]
async fn what_goes_wrong_names_the_module() {
    let text = |status, text: &str| ResponseTemplate::new(status).set_body_string(text);
    for (response, expected) in [
        (text(400, "invalid TraceQL query: parse error at line 1, col 3"), "rejected"),
        (text(401, "no org id"), "denied"),
        (text(404, "404 page not found"), "bad_response"),
        (text(429, "job queue full"), "throttled"),
        (text(500, "context deadline exceeded"), "timeout"),
        (text(500, "error finding ingesters in Querier.forIngesterRings"), "unreachable"),
        (text(200, "<html>"), "bad_response"),
        (json_answer(json!({"traces": [{"rootServiceName": "a"}]})), "bad_response"),
        (
            json_answer(json!({"traces": [{"traceID": "a", "startTimeUnixNano": "9".repeat(38)}]})),
            "bad_response",
        ),
    ] {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(response).mount(&server).await;
        let error = search(&server.uri(), QUERY, 20).await.unwrap_err();
        let wire = ErrorWire::from(&error);
        assert_eq!(wire.kind.name(), expected, "{error:?}");
        assert_eq!(wire.module, format!("Tempo at {}", server.uri()));
        assert!(!format!("{error:?} {error}").contains("t0ken"));
    }
}

async fn catalog(uri: &str) -> Result<Value, ModuleError> {
    let tenant = "demo".parse().unwrap();
    client(uri).catalog(&context(&tenant), end()).await
}

#[tokio::test]
async fn a_catalog_has_attributes_by_scope_with_values() {
    let server = MockServer::start().await;
    let tags = json!({"scopes": [
        {"name": "span", "tags": ["http.method", "a/b"]},
        {"name": "resource", "tags": ["service.name"]},
        {"name": "intrinsic", "tags": ["duration", "status"]},
        {"name": "event"}
    ], "metrics": {"inspectedBytes": "1"}});
    for (at, response) in [
        ("/api/v2/search/tags", json_answer(tags)),
        (
            "/api/v2/search/tag/resource.service.name/values",
            json_answer(json!({"tagValues": [
                {"type": "string", "value": "payment"}, {"type": "string", "value": "checkout"}
            ]})),
        ),
        (
            "/api/v2/search/tag/span.http.method/values",
            json_answer(json!({"tagValues": [{"type": "keyword", "value": "GET"}]})),
        ),
        ("/api/v2/search/tag/span.a%2Fb/values", ResponseTemplate::new(500)),
    ] {
        Mock::given(path(at))
            .and(query_param("start", "1772370000"))
            .and(query_param("end", "1772373601"))
            .respond_with(response)
            .expect(1)
            .mount(&server)
            .await;
    }
    let found = catalog(&server.uri()).await.unwrap();
    assert_eq!(
        found,
        json!({
            "intrinsics": ["duration", "status"],
            "attributes": {
                "resource.service.name": ["checkout", "payment"],
                "span.http.method": ["GET"],
                "span.a/b": []
            },
            "warnings": ["the values of 1 attributes cannot be had"]
        })
    );
    let read: TraceCatalog = serde_json::from_value(found).unwrap();
    assert!(check_traceql(RATE, &read, &Bounds::default()).is_ok());
}

#[tokio::test]
async fn a_catalog_that_cannot_be_had_says_why() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(503)).mount(&server).await;
    let error = catalog(&server.uri()).await.unwrap_err();
    assert_eq!(ErrorWire::from(&error).kind.name(), "unreachable");
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(json_answer(json!({"scopes": []}))).mount(&server).await;
    let empty = catalog(&server.uri()).await.unwrap();
    assert_eq!(empty, json!({"intrinsics": [], "attributes": {}}));
}
