//! The adapter with a server that answers as Tempo's documentation has it.

use jiff::Timestamp;
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path},
};

use super::{Backend, traces_have_their_forms, wrong_arguments_are_refused};

async fn tempo(end: Timestamp) -> MockServer {
    let server = MockServer::start().await;
    let start_ns = format!("{}000000000", end.as_second() - 60);
    let value = |text: &str| json!({"stringValue": text});
    let tag = |text: &str| json!({"tagValues": [{"type": "string", "value": text}]});
    let answers: [(&str, Value); 4] = [
        (
            "/api/v2/search/tags",
            json!({"scopes": [
                {"name": "resource", "tags": ["service.name"]},
                {"name": "intrinsic", "tags": ["duration", "kind", "name", "status"]}
            ]}),
        ),
        ("/api/v2/search/tag/resource.service.name/values", tag("payment")),
        (
            "/api/search",
            json!({
                "traces": [{
                    "traceID": "2f3e0cee77ae5dc9c17ade3689eb2e54",
                    "rootServiceName": "payment",
                    "rootTraceName": "POST /charges",
                    "startTimeUnixNano": start_ns,
                    "durationMs": 557,
                    "spanSets": [{"matched": 1, "spans": [{
                        "spanID": "563d623c76514f8e",
                        "startTimeUnixNano": start_ns,
                        "durationNanos": "446979497",
                        "attributes": [{"key": "status", "value": value("error")}]
                    }]}]
                }],
                "metrics": {"completedJobs": 1, "totalJobs": 1}
            }),
        ),
        (
            "/api/metrics/query_range",
            json!({"series": [{
                "labels": [{"key": "__name__", "value": value("rate")}],
                "samples": [
                    {"timestampMs": format!("{}000", end.as_second() - 600), "value": 0.5},
                    {"timestampMs": format!("{}000", end.as_second() - 300), "value": 1.5}
                ]
            }]}),
        ),
    ];
    for (at, body) in answers {
        Mock::given(method("GET"))
            .and(path(at))
            .and(header("X-Scope-OrgID", "tracing"))
            .respond_with(ResponseTemplate::new(200).set_body_json(body))
            .mount(&server)
            .await;
    }
    server
}

#[tokio::test]
async fn tempo_keeps_the_contract() {
    let end = Timestamp::now();
    let server = tempo(end).await;
    let tempo_url = server.uri();
    let environment = [("TEMPO_URL", tempo_url.as_str()), ("LOKI_URL", tempo_url.as_str())];
    let backend = Backend::adapter(&environment, "tracing".parse().unwrap(), end);
    traces_have_their_forms(&backend).await;
    wrong_arguments_are_refused(&backend).await;
}
