//! Stream events: their names, their data, and the one place that writes them as SSE.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    entity::Entity,
    message::{Usage, Visualization},
};

/// A comment line keeps an idle stream open this often.
pub const HEARTBEAT_INTERVAL_S: u64 = 15;

/// The comment line.
pub const HEARTBEAT: &str = ": keep-alive\n\n";

/// An event of a chat turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum ChatEvent {
    MessageStart(MessageStart),
    Intent(IntentFound),
    ToolCall(ToolCall),
    ToolResult(ToolResult),
    ContentDelta(ContentDelta),
    Visualization(Visualization),
    Suggestion(Suggestion),
    Usage(Usage),
    MessageEnd(MessageEnd),
    Error(StreamError),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MessageStart {
    pub session_id: String,
    /// The user's message.
    pub message_id: String,
    pub reply_id: String,
    /// To resume with: `GET /api/v1/streams/{stream_id}`.
    pub stream_id: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IntentFound {
    pub intent: String,
    pub family: String,
    pub confidence: f32,
    pub entities: Vec<Entity>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ToolCall {
    /// Pairs it with its result.
    pub id: String,
    /// An operation, such as `metrics.query`.
    pub name: String,
    pub arguments: Value,
    /// What it is for, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ToolResult {
    pub id: String,
    pub name: String,
    pub ok: bool,
    pub duration_ms: u64,
    /// What went wrong, or how much came back; never the data itself.
    pub summary: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ContentDelta {
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Suggestion {
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MessageEnd {
    pub session_id: String,
    pub message_id: String,
    pub reply_id: String,
    pub duration_ms: u64,
}

/// The stream ends here; what was said before is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StreamError {
    pub code: String,
    pub message: String,
}

impl ChatEvent {
    /// The SSE event name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::MessageStart(_) => "message_start",
            Self::Intent(_) => "intent",
            Self::ToolCall(_) => "tool_call",
            Self::ToolResult(_) => "tool_result",
            Self::ContentDelta(_) => "content_delta",
            Self::Visualization(_) => "visualization",
            Self::Suggestion(_) => "suggestion",
            Self::Usage(_) => "usage",
            Self::MessageEnd(_) => "message_end",
            Self::Error(_) => "error",
        }
    }

    /// Whether the stream ends with it.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::MessageEnd(_) | Self::Error(_))
    }

    /// The data as JSON text, without line breaks.
    pub fn data(&self) -> String {
        let tagged = serde_json::to_value(self).unwrap_or_default();
        tagged.get("data").map(Value::to_string).unwrap_or_default()
    }

    /// The event that `name` and `data` came from; `None` for names that this version does not
    /// know, which clients skip.
    pub fn parse(name: &str, data: &str) -> Option<Self> {
        let data: Value = serde_json::from_str(data).ok()?;
        serde_json::from_value(serde_json::json!({ "event": name, "data": data })).ok()
    }
}

/// One event in the format of server-sent events. `data` must be without line breaks, as JSON text
/// is.
pub fn sse_frame(id: u64, name: &str, data: &str) -> String {
    format!("id: {id}\nevent: {name}\ndata: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_parses_back_from_its_frame() {
        let event =
            ChatEvent::ContentDelta(ContentDelta { text: "two\nlines \u{2028}".to_owned() });
        let frame = sse_frame(7, event.name(), &event.data());
        assert_eq!(frame.lines().count(), 4, "{frame:?}");
        let data = frame.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        assert_eq!(ChatEvent::parse("content_delta", data), Some(event));
        assert_eq!(ChatEvent::parse("of_a_later_version", "{}"), None);
    }
}
