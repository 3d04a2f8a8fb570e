//! The adapter against a server that speaks Bedrock's protocol: event-stream frames, and errors
//! with their codes in a header.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod frames;

use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use aws_sdk_bedrockruntime::config::Credentials;
use bedrock::BedrockModel;
use futures::StreamExt;
use llm::{
    ChatModel, ChatRequest, Message, ModelError, ModelEvent, StopReason, Tool, ToolChoice, Usage,
};
use model::Classified;
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use crate::frames::{event, exception};

const STREAM: &str = "/model/anthropic.claude-x%3A0/converse-stream";
const WHOLE: &str = "/model/anthropic.claude-x%3A0/converse";

async fn model(server: &MockServer) -> BedrockModel {
    model_at(&server.uri()).await
}

async fn model_at(url: &str) -> BedrockModel {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .endpoint_url(url)
        .credentials_provider(Credentials::new("AKIATEST", "secret", None, None, "test"))
        .load()
        .await;
    BedrockModel::new(&config, "bedrock:anthropic.claude-x:0".parse().unwrap())
}

fn request(tools: bool) -> ChatRequest {
    let tool = Tool {
        name: "health".to_owned(),
        description: "Health.".to_owned(),
        schema: json!({"type": "object", "properties": {"service": {"type": "string"}}}),
    };
    ChatRequest {
        system: "You help.".to_owned(),
        messages: vec![Message::user("How is payment?")],
        tools: if tools { vec![tool] } else { vec![] },
        tool_choice: ToolChoice::Auto,
        max_tokens: 500,
        temperature: Some(0.5),
    }
}

/// Reads a whole answer; fails the test instead of waiting for ever.
async fn ask(
    model: &BedrockModel,
    tools: bool,
) -> Result<Vec<Result<ModelEvent, ModelError>>, ModelError> {
    let request = request(tools);
    let asked = async { Ok(model.stream(&request).await?.collect().await) };
    tokio::time::timeout(Duration::from_secs(20), asked).await.expect("an answer or an error")
}

async fn serve(at: &str, response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST")).and(path(at)).respond_with(response).expect(1).mount(&server).await;
    server
}

fn frames(frames: &[Vec<u8>]) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(frames.concat(), "application/vnd.amazon.eventstream")
}

fn text(text: &str) -> Vec<u8> {
    event("contentBlockDelta", &json!({"contentBlockIndex": 0, "delta": {"text": text}}))
}

fn stop(reason: &str) -> Vec<u8> {
    event("messageStop", &json!({"stopReason": reason}))
}

fn metadata() -> Vec<u8> {
    let usage = json!({"inputTokens": 9, "outputTokens": 2, "totalTokens": 11});
    event("metadata", &json!({"usage": usage, "metrics": {"latencyMs": 5}}))
}

/// What was said, and how it ended.
fn outcome(
    events: Vec<Result<ModelEvent, ModelError>>,
) -> (String, Option<Result<StopReason, &'static str>>) {
    let mut said = String::new();
    for event in events {
        match event {
            Ok(ModelEvent::Text(text)) => said.push_str(&text),
            Ok(ModelEvent::Stop(reason)) => return (said, Some(Ok(reason))),
            Ok(_) => {}
            Err(error) => return (said, Some(Err(error.name()))),
        }
    }
    (said, None)
}

#[tokio::test]
async fn a_question_is_sent_as_the_api_wants_it_and_its_answer_read() {
    let start = json!({"contentBlockIndex": 1,
        "start": {"toolUse": {"toolUseId": "t1", "name": "health"}}});
    let input = |input: &str| {
        let delta = json!({"toolUse": {"input": input}});
        event("contentBlockDelta", &json!({"contentBlockIndex": 1, "delta": delta}))
    };
    let body = [
        event("messageStart", &json!({"role": "assistant"})),
        text("Let me "),
        text("look."),
        event("contentBlockStop", &json!({"contentBlockIndex": 0})),
        event("contentBlockStart", &start),
        input("{\"service\":"),
        input("\"payment\"}"),
        event("contentBlockStop", &json!({"contentBlockIndex": 1})),
        stop("tool_use"),
        metadata(),
    ];
    let server = serve(STREAM, frames(&body)).await;
    let events: Vec<_> = ask(&model(&server).await, true)
        .await
        .unwrap()
        .into_iter()
        .map(Result::unwrap)
        .filter(|event| *event != ModelEvent::Working)
        .collect();
    assert_eq!(events[..2], ["Let me ", "look."].map(|text| ModelEvent::Text(text.to_owned())));
    let ModelEvent::ToolCall(call) = &events[2] else { panic!("{events:?}") };
    assert_eq!((call.id.as_str(), call.name.as_str()), ("t1", "health"));
    assert_eq!(call.arguments.as_object(), json!({"service": "payment"}));
    let usage = Usage { input_tokens: 9, output_tokens: 2 };
    assert_eq!(events[3..], [ModelEvent::Usage(usage), ModelEvent::Stop(StopReason::ToolUse)]);

    let sent: Value =
        serde_json::from_slice(&server.received_requests().await.unwrap()[0].body).unwrap();
    let schema = json!({"type": "object", "properties": {"service": {"type": "string"}}});
    assert_eq!(
        sent,
        json!({
            "messages": [{"role": "user", "content": [{"text": "How is payment?"}]}],
            "system": [{"text": "You help."}],
            "inferenceConfig": {"maxTokens": 500, "temperature": 0.5},
            "toolConfig": {"tools": [{"toolSpec": {
                "name": "health", "description": "Health.", "inputSchema": {"json": schema}
            }}]}
        })
    );
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_told_from_one_that_ends() {
    let mut broken = text("never seen");
    broken[20] ^= 0xff;
    let cases = [
        (
            "whole",
            vec![text("fine"), stop("end_turn"), metadata()],
            ("fine", Ok(StopReason::EndTurn)),
        ),
        ("no counts", vec![text("fine"), stop("end_turn")], ("fine", Ok(StopReason::EndTurn))),
        ("no stop", vec![text("fi")], ("fi", Err("cut"))),
        ("nothing", vec![], ("", Err("cut"))),
        (
            "an event of a new kind",
            vec![event("newer", &json!({})), text("fine"), stop("max_tokens")],
            ("fine", Ok(StopReason::MaxTokens)),
        ),
        ("throttled", vec![text("fi"), exception("throttlingException")], ("fi", Err("throttled"))),
        (
            "the model fails",
            vec![text("fi"), exception("modelStreamErrorException")],
            ("fi", Err("unavailable")),
        ),
        (
            "the service fails",
            vec![text("fi"), exception("internalServerException")],
            ("fi", Err("unavailable")),
        ),
        (
            "invalid after all",
            vec![text("fi"), exception("validationException")],
            ("fi", Err("rejected")),
        ),
        ("a broken frame", vec![text("fi"), broken], ("fi", Err("unavailable"))),
        (
            "an event that is no JSON",
            vec![text("fi"), frames::raw_event("contentBlockDelta", b"{\"conte")],
            ("fi", Err("unavailable")),
        ),
    ];
    for (name, body, (said, ended)) in cases {
        let server = serve(STREAM, frames(&body)).await;
        let events = ask(&model(&server).await, false).await.unwrap();
        assert_eq!(outcome(events), (said.to_owned(), Some(ended)), "{name}");
    }
}

fn error(status: u16, code: &str, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .insert_header("x-amzn-errortype", code)
        .set_body_json(json!({"message": message}))
}

#[tokio::test]
async fn every_error_has_its_meaning_and_is_not_retried_here() {
    for (status, code, name) in [
        (429, "ThrottlingException", "throttled"),
        (429, "ModelNotReadyException", "unavailable"),
        (400, "ValidationException", "rejected"),
        (403, "AccessDeniedException", "rejected"),
        (404, "ResourceNotFoundException", "rejected"),
        (408, "ModelTimeoutException", "unavailable"),
        (424, "ModelErrorException", "unavailable"),
        (500, "InternalServerException", "unavailable"),
        (503, "ServiceUnavailableException", "unavailable"),
        (502, "SomethingElse", "unavailable"),
    ] {
        let response = error(status, code, "prose").insert_header("retry-after", "7");
        let server = serve(STREAM, response).await;
        let error = ask(&model(&server).await, true).await.unwrap_err();
        assert_eq!(error.name(), name, "{code}");
        if matches!(error, ModelError::Throttled { .. } | ModelError::Unavailable { .. }) {
            assert_eq!(error.retry_after(), Some(Duration::from_secs(7)), "{code}");
        }
        let source = std::error::Error::source(&error).map(ToString::to_string);
        assert!(!source.unwrap_or_default().contains("prose"), "{code}");
    }
}

#[tokio::test]
async fn a_model_that_cannot_stream_with_tools_is_asked_for_the_whole_answer() {
    let server = MockServer::start().await;
    let refusal = "This model doesn't support tool use in streaming mode.";
    Mock::given(path(STREAM))
        .respond_with(error(400, "ValidationException", refusal))
        .expect(1)
        .mount(&server)
        .await;
    let answer = json!({
        "output": {"message": {"role": "assistant", "content": [
            {"text": "Let me look."},
            {"toolUse": {"toolUseId": "t1", "name": "health", "input": {"service": "payment"}}}
        ]}},
        "stopReason": "tool_use",
        "usage": {"inputTokens": 9, "outputTokens": 2, "totalTokens": 11},
        "metrics": {"latencyMs": 5}
    });
    Mock::given(path(WHOLE))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer))
        .expect(2)
        .mount(&server)
        .await;
    let model = model(&server).await;
    // The second time it is known, and the stream is not tried.
    for _ in 0..2 {
        let events = ask(&model, true).await.unwrap();
        assert!(matches!(
            &events[1],
            Ok(ModelEvent::ToolCall(call)) if call.arguments.as_object() == json!({"service": "payment"})
        ));
        let outcome = outcome(events);
        assert_eq!(outcome, ("Let me look.".to_owned(), Some(Ok(StopReason::ToolUse))));
    }
}

#[tokio::test]
async fn nobody_listening_is_unavailable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(ask(&model_at(&url).await, false).await.unwrap_err().name(), "unavailable");
}
