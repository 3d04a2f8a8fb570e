//! The adapter against a server that answers as Lambda does.

use std::time::{Duration, Instant};

use aws_config::{BehaviorVersion, Region};
use aws_sdk_lambda::config::{Credentials, SharedCredentialsProvider};
use module::ErrorWire;
use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, body_json, header, method, path},
};

use super::*;

const SAMPLE: &str = include_str!("../../../events/adapter/metrics-query.json");

fn operations(uri: &str) -> LambdaOperations {
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .endpoint_url(uri)
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "AKID", "t0ken", None, None, "test",
        )))
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
        .build();
    LambdaOperations::new(&config, "copilot-adapter")
}

/// The call that the sample event is of.
fn call() -> OperationCall {
    let sample: Value = serde_json::from_str(SAMPLE).unwrap();
    OperationCall {
        tenant: sample["tenant"].as_str().unwrap().parse().unwrap(),
        operation: sample["operation"].as_str().unwrap().to_owned(),
        arguments: sample["arguments"].clone(),
        request_id: sample["request_id"].as_str().unwrap().to_owned(),
        traceparent: sample["traceparent"].as_str().map(str::to_owned),
        timeout: Duration::from_millis(sample["timeout_ms"].as_u64().unwrap()),
    }
}

async fn run(
    response: ResponseTemplate,
    call: &OperationCall,
) -> (Result<Value, ModuleError>, usize) {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(response).mount(&server).await;
    let result = operations(&server.uri()).run(call).await;
    (result, server.received_requests().await.unwrap().len())
}

fn service_error(status: u16, code: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .insert_header("x-amzn-ErrorType", code)
        .set_body_json(json!({"Message": "no", "message": "no"}))
}

fn failed(report: Value) -> ResponseTemplate {
    ResponseTemplate::new(200)
        .insert_header("X-Amz-Function-Error", "Unhandled")
        .set_body_json(report)
}

#[tokio::test]
async fn a_call_is_sent_as_the_sample_says() {
    let server = MockServer::start().await;
    let sample: Value = serde_json::from_str(SAMPLE).unwrap();
    Mock::given(method("POST"))
        .and(path("/2015-03-31/functions/copilot-adapter/invocations"))
        .and(header("X-Amz-Invocation-Type", "RequestResponse"))
        .and(body_json(sample))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"ok": {"series": []}})))
        .expect(1)
        .mount(&server)
        .await;
    let value = operations(&server.uri()).run(&call()).await.unwrap();
    assert_eq!(value, json!({"series": []}));
}

#[tokio::test]
async fn the_function_s_error_comes_back_as_it_was() {
    let answer: Value =
        serde_json::from_str(include_str!("../../../events/adapter/response-error.json")).unwrap();
    let response = ResponseTemplate::new(200).set_body_json(&answer);
    let (result, requests) = run(response, &call()).await;
    let wire = ErrorWire::from(&result.unwrap_err());
    assert_eq!(json!({ "error": wire }), answer);
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn what_goes_wrong_on_the_way_is_told() {
    let body = |text: &str| ResponseTemplate::new(200).set_body_string(text);
    for (response, kind, requests) in [
        (service_error(429, "TooManyRequestsException"), "throttled", 3),
        (service_error(500, "ServiceException"), "unreachable", 3),
        (service_error(502, "EC2UnexpectedException"), "unreachable", 3),
        (service_error(404, "ResourceNotFoundException"), "not_configured", 1),
        (service_error(403, "AccessDeniedException"), "denied", 1),
        (service_error(413, "RequestTooLargeException"), "rejected", 1),
        (
            failed(
                json!({"errorType": "Sandbox.Timedout", "errorMessage": "RequestId: x Error: Task timed out after 3.00 seconds"}),
            ),
            "timeout",
            1,
        ),
        (
            failed(json!({"errorMessage": "2026-03-01 x Task timed out after 3.00 seconds"})),
            "timeout",
            1,
        ),
        (
            failed(json!({"errorType": "Runtime.ExitError", "errorMessage": "exit status 1"})),
            "unreachable",
            1,
        ),
        (
            failed(json!({"errorType": "panic", "errorMessage": "index out of bounds"})),
            "bad_response",
            1,
        ),
        (failed(json!("what")), "bad_response", 1),
        (body(""), "bad_response", 1),
        (body("null"), "bad_response", 1),
        (body(r#"{"ok": 1, "error": 2}"#), "bad_response", 1),
        (
            body(r#"{"error": {"kind": "from the future", "module": "", "message": ""}}"#),
            "bad_response",
            1,
        ),
    ] {
        let (result, made) = run(response, &call()).await;
        let error = result.unwrap_err();
        let wire = ErrorWire::from(&error);
        assert_eq!(wire.kind.name(), kind, "{error:?}");
        assert_eq!(wire.module, "The function copilot-adapter");
        assert_eq!(made, requests, "{kind}");
        assert!(!format!("{error:?}").contains("t0ken"));
    }
}

#[tokio::test]
async fn only_operations_that_change_nothing_are_sent_again() {
    let unknown = OperationCall { operation: "deploy.start".to_owned(), ..call() };
    let (result, requests) = run(service_error(500, "ServiceException"), &unknown).await;
    assert!(matches!(result, Err(ModuleError::Unreachable { .. })));
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn a_throttle_says_when_to_come_back() {
    let response = service_error(429, "TooManyRequestsException").insert_header("Retry-After", "2");
    let unknown = OperationCall { operation: "deploy.start".to_owned(), ..call() };
    let (result, _) = run(response, &unknown).await;
    assert!(matches!(
        result,
        Err(ModuleError::Throttled { retry_after: Some(wait), .. }) if wait == Duration::from_secs(2)
    ));
}

#[tokio::test]
async fn nobody_there_and_nobody_answering_are_told_apart() {
    let error = operations("http://127.0.0.1:1").run(&call()).await.unwrap_err();
    assert!(matches!(error, ModuleError::Unreachable { .. }), "{error:?}");

    let hurried = OperationCall { timeout: Duration::from_millis(200), ..call() };
    let start = Instant::now();
    let response = ResponseTemplate::new(200).set_delay(Duration::from_secs(30));
    let (result, _) = run(response, &hurried).await;
    assert!(matches!(result, Err(ModuleError::Timeout { .. })));
    assert!(start.elapsed() < Duration::from_secs(5));
}
