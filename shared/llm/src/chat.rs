//! What is said to a model and what it says back, in words that every provider shares.

use serde_json::Value;

/// One request for one answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatRequest {
    pub system: String,
    /// Oldest first; the first is the user's.
    pub messages: Vec<Message>,
    pub tools: Vec<Tool>,
    pub tool_choice: ToolChoice,
    pub max_tokens: u32,
    /// 0 to 1; `None` leaves it to the provider, which some models insist on.
    pub temperature: Option<f32>,
}

/// Whether the model may call the tools that the request lists.
///
/// A history with tool calls in it needs its tools listed also when no more calls are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ToolChoice {
    #[default]
    Auto,
    None,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub role: Role,
    pub parts: Vec<Part>,
}

impl Message {
    pub fn user(text: impl Into<String>) -> Self {
        Self { role: Role::User, parts: vec![Part::Text(text.into())] }
    }

    pub fn assistant(text: impl Into<String>) -> Self {
        Self { role: Role::Assistant, parts: vec![Part::Text(text.into())] }
    }
}

/// Who speaks. Results of tools are the user's side of the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    User,
    Assistant,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    Text(String),
    ToolCall(ToolCall),
    ToolResult {
        call_id: String,
        content: String,
        /// The content says what went wrong.
        is_error: bool,
    },
}

/// Something the model may ask for.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// 1 to 64 of letters, digits, `_` and `-`: what every provider accepts.
    pub name: String,
    pub description: String,
    /// A JSON Schema whose type is `object`.
    pub schema: Value,
}

/// The model asks for a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// Ties the result to the call. Adapters leave it empty where the provider sent none.
    pub id: String,
    pub name: String,
    pub arguments: Arguments,
}

/// The arguments of a call as the model wrote them, which need not be JSON.
#[derive(Debug, Clone, PartialEq)]
pub enum Arguments {
    Json(Value),
    Malformed { raw: String, reason: String },
}

impl Arguments {
    /// Reads what a provider sent. No text at all means no arguments.
    pub fn parse(raw: &str) -> Self {
        if raw.trim().is_empty() {
            return Self::Json(Value::Object(serde_json::Map::new()));
        }
        match serde_json::from_str(raw) {
            Ok(value) => Self::Json(value),
            Err(error) => Self::Malformed { raw: raw.to_owned(), reason: error.to_string() },
        }
    }

    /// What a provider is shown of them in the history: an object, because several refuse a history
    /// with anything else in it. The tool's result tells the model what was wrong.
    pub fn as_object(&self) -> Value {
        match self {
            Self::Json(value @ Value::Object(_)) => value.clone(),
            Self::Json(_) | Self::Malformed { .. } => Value::Object(serde_json::Map::new()),
        }
    }
}

/// What a stream brings. The last event of a whole answer is `Stop`.
#[derive(Debug, Clone, PartialEq)]
pub enum ModelEvent {
    /// A piece of the answer; never empty.
    Text(String),
    /// A call, once its arguments are complete.
    ToolCall(ToolCall),
    /// The provider is at work on something that is not shown: reasoning, or the arguments of a
    /// call. It counts against silence, not as an answer.
    Working,
    Usage(Usage),
    Stop(StopReason),
}

/// Tokens as the provider counted them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    pub input_tokens: u64,
    pub output_tokens: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
    }
}

/// Why the model stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    EndTurn,
    ToolUse,
    MaxTokens,
    /// The provider's own filter cut the answer.
    ContentFiltered,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arguments_are_read_leniently_and_shown_as_an_object() {
        for (raw, parsed, shown) in [
            (r#"{"a":1}"#, true, json!({"a": 1})),
            ("", true, json!({})),
            (" \n", true, json!({})),
            ("[1]", true, json!({})),
            (r#"{"a":"#, false, json!({})),
            ("service=payment", false, json!({})),
        ] {
            let arguments = Arguments::parse(raw);
            assert_eq!(matches!(arguments, Arguments::Json(_)), parsed, "{raw}");
            assert_eq!(arguments.as_object(), shown, "{raw}");
        }
    }
}
