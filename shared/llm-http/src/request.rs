//! The request's wire form.

use llm::{ChatRequest, ModelId, Part, Provider, Role, Tool, ToolCall, ToolChoice};
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
pub(crate) struct WireRequest<'a> {
    model: &'a str,
    stream: bool,
    stream_options: StreamOptions,
    messages: Vec<WireMessage<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<WireTool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<&'static str>,
    /// OpenAI's newer models refuse `max_tokens`; the others know nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
enum WireMessage<'a> {
    System {
        content: &'a str,
    },
    User {
        content: String,
    },
    Assistant {
        content: Option<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<WireCall<'a>>,
    },
    Tool {
        tool_call_id: &'a str,
        content: String,
    },
}

#[derive(Serialize)]
struct WireCall<'a> {
    id: &'a str,
    r#type: &'static str,
    function: WireFunction<'a>,
}

#[derive(Serialize)]
struct WireFunction<'a> {
    name: &'a str,
    /// JSON inside a string, by the protocol.
    arguments: String,
}

#[derive(Serialize)]
struct WireTool<'a> {
    r#type: &'static str,
    function: WireToolFunction<'a>,
}

#[derive(Serialize)]
struct WireToolFunction<'a> {
    name: &'a str,
    description: &'a str,
    parameters: &'a Value,
}

impl<'a> WireRequest<'a> {
    pub(crate) fn new(id: &'a ModelId, request: &'a ChatRequest) -> Self {
        let is_openai = id.provider == Provider::OpenAi;
        Self {
            model: &id.name,
            stream: true,
            stream_options: StreamOptions { include_usage: true },
            messages: messages(request),
            tools: request.tools.iter().map(tool).collect(),
            tool_choice: (!request.tools.is_empty()).then_some(match request.tool_choice {
                ToolChoice::Auto => "auto",
                ToolChoice::None => "none",
            }),
            max_tokens: (!is_openai).then_some(request.max_tokens),
            max_completion_tokens: is_openai.then_some(request.max_tokens),
            temperature: request.temperature,
        }
    }
}

fn messages(request: &ChatRequest) -> Vec<WireMessage<'_>> {
    let mut messages = Vec::with_capacity(request.messages.len() + 1);
    if !request.system.is_empty() {
        messages.push(WireMessage::System { content: &request.system });
    }
    for message in &request.messages {
        match message.role {
            Role::User => user(&message.parts, &mut messages),
            Role::Assistant => messages.push(assistant(&message.parts)),
        }
    }
    messages
}

/// Results are messages of their own, and stand directly behind the calls that they answer.
fn user<'a>(parts: &'a [Part], messages: &mut Vec<WireMessage<'a>>) {
    for part in parts {
        if let Part::ToolResult { call_id, content, is_error } = part {
            // The protocol has no mark for an error, so the text says it.
            let content = if *is_error { format!("Error: {content}") } else { content.clone() };
            messages.push(WireMessage::Tool { tool_call_id: call_id, content });
        }
    }
    let content = text(parts);
    if !content.is_empty() {
        messages.push(WireMessage::User { content });
    }
}

fn assistant(parts: &[Part]) -> WireMessage<'_> {
    let content = text(parts);
    let calls = parts.iter().filter_map(|part| match part {
        Part::ToolCall(call) => Some(wire_call(call)),
        _ => None,
    });
    WireMessage::Assistant {
        content: (!content.is_empty()).then_some(content),
        tool_calls: calls.collect(),
    }
}

fn wire_call(call: &ToolCall) -> WireCall<'_> {
    WireCall {
        id: &call.id,
        r#type: "function",
        function: WireFunction {
            name: &call.name,
            arguments: call.arguments.as_object().to_string(),
        },
    }
}

fn text(parts: &[Part]) -> String {
    let texts = parts.iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n\n")
}

fn tool(tool: &Tool) -> WireTool<'_> {
    WireTool {
        r#type: "function",
        function: WireToolFunction {
            name: &tool.name,
            description: &tool.description,
            parameters: &tool.schema,
        },
    }
}

#[cfg(test)]
mod tests {
    use llm::{Arguments, Message};
    use serde_json::json;

    use super::*;

    fn request() -> ChatRequest {
        ChatRequest {
            system: "You help.".to_owned(),
            messages: vec![Message::user("How is payment?")],
            tools: vec![],
            tool_choice: ToolChoice::Auto,
            max_tokens: 500,
            temperature: None,
        }
    }

    fn wire(model: &str, request: &ChatRequest) -> Value {
        serde_json::to_value(WireRequest::new(&model.parse().unwrap(), request)).unwrap()
    }

    #[test]
    fn a_plain_question_has_nothing_it_does_not_need() {
        let messages = json!([
            {"role": "system", "content": "You help."},
            {"role": "user", "content": "How is payment?"}
        ]);
        let expected = |model: &str, tokens: &str| {
            json!({
                "model": model, "stream": true, "stream_options": {"include_usage": true},
                "messages": messages, tokens: 500
            })
        };
        assert_eq!(wire("openai:gpt-5", &request()), expected("gpt-5", "max_completion_tokens"));
        assert_eq!(wire("ollama:qwen3:8b", &request()), expected("qwen3:8b", "max_tokens"));
        let warm = ChatRequest { temperature: Some(0.5), ..request() };
        assert_eq!(wire("vllm:a/b", &warm)["temperature"], json!(0.5));
    }

    #[test]
    fn calls_and_results_become_messages_in_the_order_the_protocol_wants() {
        let call = |id: &str, arguments| {
            Part::ToolCall(ToolCall { id: id.to_owned(), name: "health".to_owned(), arguments })
        };
        let result = |id: &str, is_error| Part::ToolResult {
            call_id: id.to_owned(),
            content: "text".to_owned(),
            is_error,
        };
        let mut request = request();
        request.tools = vec![Tool {
            name: "health".to_owned(),
            description: "Health.".to_owned(),
            schema: json!({"type": "object"}),
        }];
        request.tool_choice = ToolChoice::None;
        request.messages = vec![
            Message {
                role: Role::Assistant,
                parts: vec![
                    call("1", Arguments::Json(json!({"a": 1}))),
                    call("2", Arguments::parse("{broken")),
                ],
            },
            Message {
                role: Role::User,
                parts: vec![
                    result("1", false),
                    result("2", true),
                    Part::Text("Answer now.".to_owned()),
                ],
            },
        ];
        let wire = wire("openai:gpt-4o", &request);
        let called = |id: &str, arguments: &str| {
            json!({"id": id, "type": "function",
                   "function": {"name": "health", "arguments": arguments}})
        };
        assert_eq!(
            wire["messages"],
            json!([
                {"role": "system", "content": "You help."},
                {"role": "assistant", "content": null,
                 "tool_calls": [called("1", r#"{"a":1}"#), called("2", "{}")]},
                {"role": "tool", "tool_call_id": "1", "content": "text"},
                {"role": "tool", "tool_call_id": "2", "content": "Error: text"},
                {"role": "user", "content": "Answer now."}
            ])
        );
        assert_eq!(wire["tool_choice"], json!("none"));
        assert_eq!(
            wire["tools"],
            json!([{"type": "function", "function":
                {"name": "health", "description": "Health.", "parameters": {"type": "object"}}}])
        );
    }
}
