//! What a copilot would answer, on the wire.

use contract::event::{ChatEvent, sse_frame};
use serde_json::{Value, json};

pub(crate) const SESSION: &str = "ses_01JZTEST000000000000000000";
pub(crate) const STREAM: &str = "str_01JZTEST000000000000000000";
pub(crate) const REPLY: &str = "msg_01JZTEST000000000000000001";

/// The whole answer, with a character that is several bytes long.
pub(crate) const TEXT: &str = "The error rate of **payment** is **5.2 %** – above its SLO.\n";

pub(crate) fn events() -> Vec<(&'static str, Value)> {
    vec![
        (
            "message_start",
            json!({ "session_id": SESSION, "message_id": "msg_1", "reply_id": REPLY, "stream_id": STREAM }),
        ),
        (
            "intent",
            json!({ "intent": "analyze_errors", "family": "observe", "confidence": 0.9, "entities": [entity()] }),
        ),
        (
            "tool_call",
            json!({ "id": "1", "name": "metrics.query", "arguments": {}, "explanation": "querying Prometheus" }),
        ),
        (
            "tool_result",
            json!({ "id": "1", "name": "metrics.query", "ok": true, "duration_ms": 12, "summary": "1 series" }),
        ),
        ("content_delta", json!({ "text": "The error rate of **pay" })),
        ("content_delta", json!({ "text": "ment** is **5.2 %** " })),
        ("an_event_of_a_later_version", json!({ "anything": true })),
        ("content_delta", json!({ "text": "– above its SLO.\n" })),
        ("visualization", visualization()),
        ("suggestion", json!({ "text": "What changed in payment?" })),
        (
            "usage",
            json!({ "input_tokens": 120, "output_tokens": 30, "cost_usd": 0.0012, "model": "bedrock:small" }),
        ),
        (
            "message_end",
            json!({ "session_id": SESSION, "message_id": "msg_1", "reply_id": REPLY, "duration_ms": 1234 }),
        ),
    ]
}

/// The frames with ids from 1.
pub(crate) fn frames() -> Vec<String> {
    frame(&events())
}

pub(crate) fn frame(events: &[(&str, Value)]) -> Vec<String> {
    (1..).zip(events).map(|(id, (name, data))| sse_frame(id, name, &data.to_string())).collect()
}

fn entity() -> Value {
    json!({ "type": "service", "value": "payment", "normalized": "payment", "text": "payment", "start": 26, "end": 33, "confidence": 1.0 })
}

fn visualization() -> Value {
    json!({
        "kind": "bar", "title": "Errors by status", "unit": "count",
        "series": [
            { "name": "500", "points": [[1_750_000_000.0, 120.0]] },
            { "name": "503", "points": [[1_750_000_000.0, 67.0]] },
        ],
    })
}

/// The buffered answer.
pub(crate) fn answer() -> Value {
    let message = |id: &str, role: &str, content: &str| {
        json!({
            "id": id, "session_id": SESSION, "role": role, "content": content,
            "status": "complete", "created_at": "2025-06-15T15:06:40Z", "metadata": {},
        })
    };
    let short = json!({
        "intent": "analyze_errors",
        "entities": [entity()],
        "suggestions": ["What changed in payment?"],
        "citations": [],
        "usage": { "input_tokens": 0, "output_tokens": 0, "cost_usd": null, "model": null },
        "duration_ms": 1234,
    });
    let mut details = short.clone();
    details["confidence"] = json!(0.9);
    details["queries"] = json!([{
        "language": "promql", "query": "sum(rate(x[1h]))", "explanation": "the ratio",
        "start": "2025-06-15T15:06:40Z", "end": "2025-06-15T15:06:40Z", "step": null,
        "result": { "result_type": "vector", "series": [], "warnings": [] },
    }]);
    details["visualization"] = visualization();
    let mut answer = short;
    answer["session_id"] = json!(SESSION);
    answer["message"] = message("msg_1", "user", "error rate of payment?");
    answer["reply"] = message(REPLY, "assistant", TEXT);
    answer["reply"]["details"] = details;
    answer
}

pub(crate) fn error(code: &str, message: &str) -> Value {
    json!({
        "error": { "code": code, "message": message, "documentation_url": format!("https://docs.example/{code}") },
        "request_id": "req_42",
    })
}

pub(crate) fn session(id: &str, name: Option<&str>) -> Value {
    json!({
        "id": id, "name": name, "created_at": "2025-06-15T15:06:40Z",
        "last_activity": "2025-06-15T15:06:40Z", "message_count": 2, "metadata": {},
    })
}

/// What is made here is what the contract says; otherwise the tests would prove nothing.
#[test]
fn the_events_are_those_of_the_contract() {
    for (name, data) in events() {
        let parsed = ChatEvent::parse(name, &data.to_string());
        assert_eq!(parsed.is_some(), name != "an_event_of_a_later_version", "{name}");
    }
    serde_json::from_value::<contract::message::Answer>(answer()).unwrap();
    serde_json::from_value::<contract::error::ErrorBody>(error("X", "y")).unwrap();
    serde_json::from_value::<contract::session::Session>(session("s", None)).unwrap();
}
