//! What each status and body of a well-behaved server means.

use std::time::Duration;

use llm::{ModelError, ModelEvent, StopReason, Usage};
use model::Classified;
use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_json, header, method, path},
};

use crate::{KEY, ask, model, words};

const ANSWER: &str = concat!(
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fine\"}}]}\n\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1}}\n\n",
    "data: [DONE]\n\n",
);

async fn serve(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(response).expect(1).mount(&server).await;
    server
}

#[tokio::test]
async fn a_question_is_posted_with_the_key_and_its_answer_read() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/chat/completions"))
        .and(header("authorization", format!("Bearer {KEY}").as_str()))
        .and(header("accept", "text/event-stream"))
        .and(header("accept-encoding", "identity"))
        .and(body_json(json!({
            "model": "gpt-4o", "stream": true, "stream_options": {"include_usage": true},
            "messages": [
                {"role": "system", "content": "You help."},
                {"role": "user", "content": "How is payment?"}
            ],
            "max_completion_tokens": 500, "temperature": 0.0
        })))
        .respond_with(ResponseTemplate::new(200).set_body_raw(ANSWER, "text/event-stream"))
        .expect(1)
        .mount(&server)
        .await;
    let events = ask(&model(&format!("{}/v1", server.uri()))).await.unwrap();
    let events: Vec<_> =
        events.into_iter().map(Result::unwrap).filter(|e| *e != ModelEvent::Working).collect();
    assert_eq!(
        events,
        [
            ModelEvent::Text("fine".to_owned()),
            ModelEvent::Usage(Usage { input_tokens: 9, output_tokens: 1 }),
            ModelEvent::Stop(StopReason::EndTurn),
        ]
    );
}

#[tokio::test]
async fn every_status_has_its_meaning_and_gives_nothing_away() {
    // Providers quote keys and requests in their prose.
    let body =
        |code: &str| json!({"error": {"message": format!("key {KEY} is bad"), "code": code}});
    for (status, code, name, retry_after) in [
        (429, "rate_limit_exceeded", "throttled", Some("7")),
        (429, "rate_limit_exceeded", "throttled", None),
        (429, "insufficient_quota", "rejected", None),
        (400, "context_length_exceeded", "rejected", None),
        (401, "invalid_api_key", "rejected", None),
        (403, "forbidden", "rejected", None),
        (404, "model_not_found", "rejected", None),
        (413, "too_large", "rejected", None),
        (422, "invalid", "rejected", None),
        (408, "timeout", "unavailable", None),
        (500, "server_error", "unavailable", None),
        (502, "bad_gateway", "unavailable", None),
        (503, "overloaded", "unavailable", Some("7")),
        (529, "overloaded", "unavailable", None),
        (204, "nothing", "rejected", None),
    ] {
        let mut response = ResponseTemplate::new(status).set_body_json(body(code));
        if let Some(seconds) = retry_after {
            response = response.insert_header("retry-after", seconds);
        }
        let server = serve(response).await;
        let error = ask(&model(&server.uri())).await.unwrap_err();
        assert_eq!(error.name(), name, "{status} {code}");
        assert!(!words(&error).contains("secret"), "{}", words(&error));
        if matches!(error, ModelError::Rejected { .. }) && status != 204 {
            assert!(words(&error).contains(&format!("status {status} ({code})")));
        }
        if retry_after.is_some() {
            assert_eq!(error.retry_after(), Some(Duration::from_secs(7)), "{status}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_no_error_object_does_not_matter() {
    for body in [&b""[..], b"<html>Bad gateway</html>", b"\xff\xfe", b"{\"error\":\"oops\"}", b"[]"]
    {
        let server = serve(ResponseTemplate::new(502).set_body_bytes(body)).await;
        assert_eq!(ask(&model(&server.uri())).await.unwrap_err().name(), "unavailable");
    }
}

#[tokio::test]
async fn a_document_instead_of_a_stream_is_read_for_its_error() {
    for (body, name) in [
        (json!({"error": {"code": 429}}), "throttled"),
        (json!({"error": {"message": "model is loading"}}), "unavailable"),
        (json!({"choices": [{"message": {"content": "not streamed"}}]}), "malformed"),
    ] {
        let server = serve(ResponseTemplate::new(200).set_body_json(&body)).await;
        assert_eq!(ask(&model(&server.uri())).await.unwrap_err().name(), name, "{body}");
    }
}

#[tokio::test]
async fn a_redirect_to_another_host_does_not_get_the_key() {
    let other = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(ANSWER, "text/event-stream"))
        .mount(&other)
        .await;
    let elsewhere = other.uri().replace("127.0.0.1", "localhost");
    let redirect = ResponseTemplate::new(307).insert_header("location", elsewhere.as_str());
    let server = serve(redirect).await;
    ask(&model(&server.uri())).await.unwrap();
    let requests = other.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    assert!(!requests[0].headers.contains_key("authorization"));
}
