//! The request in the SDK's types, by the rules of the Converse API: the user speaks first, roles
//! alternate, no text is blank, and calls in the history need a tool configuration.

use std::collections::HashMap;

use aws_sdk_bedrockruntime::{
    error::BuildError,
    types::{
        ContentBlock, ConversationRole, InferenceConfiguration, Message, SystemContentBlock, Tool,
        ToolConfiguration, ToolInputSchema, ToolResultBlock, ToolResultContentBlock,
        ToolResultStatus, ToolSpecification, ToolUseBlock,
    },
};
use llm::{ChatRequest, Part, Role, ToolCall, ToolChoice};

use crate::document::to_document;

const EMPTY_RESULT: &str = "(empty)";

/// What both operations take.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) messages: Vec<Message>,
    pub(crate) system: Option<Vec<SystemContentBlock>>,
    pub(crate) tools: Option<ToolConfiguration>,
    pub(crate) inference: InferenceConfiguration,
}

impl Request {
    pub(crate) fn new(request: &ChatRequest) -> Result<Self, BuildError> {
        let may_call = request.tool_choice == ToolChoice::Auto && !request.tools.is_empty();
        let system = (!request.system.trim().is_empty())
            .then(|| vec![SystemContentBlock::Text(request.system.clone())]);
        Ok(Self {
            messages: messages(request, may_call)?,
            system,
            tools: may_call.then(|| tools(request)).transpose()?,
            inference: InferenceConfiguration::builder()
                .max_tokens(i32::try_from(request.max_tokens).unwrap_or(i32::MAX))
                .set_temperature(request.temperature)
                .build(),
        })
    }
}

fn tools(request: &ChatRequest) -> Result<ToolConfiguration, BuildError> {
    let mut configuration = ToolConfiguration::builder();
    for tool in &request.tools {
        let specification = ToolSpecification::builder()
            .name(&tool.name)
            .description(&tool.description)
            .input_schema(ToolInputSchema::Json(to_document(&tool.schema)))
            .build()?;
        configuration = configuration.tools(Tool::ToolSpec(specification));
    }
    configuration.build()
}

/// Without leave to call, the history is told in words: the API has no choice of "none", and a
/// history with calls in it is refused when no tools are configured.
fn messages(request: &ChatRequest, may_call: bool) -> Result<Vec<Message>, BuildError> {
    let calls: HashMap<&str, &ToolCall> = request
        .messages
        .iter()
        .flat_map(|message| &message.parts)
        .filter_map(|part| match part {
            Part::ToolCall(call) => Some((call.id.as_str(), call)),
            _ => None,
        })
        .collect();
    let mut turns: Vec<(Role, Vec<ContentBlock>)> = Vec::new();
    for message in &request.messages {
        let mut blocks = Vec::with_capacity(message.parts.len());
        for part in &message.parts {
            blocks.extend(if may_call { block(part)? } else { told(part, &calls) });
        }
        match turns.last_mut() {
            _ if blocks.is_empty() => {}
            Some((role, last)) if *role == message.role => last.append(&mut blocks),
            // A history that was cut to length may begin with an answer, which the API refuses.
            None if message.role == Role::Assistant => {}
            _ => turns.push((message.role, blocks)),
        }
    }
    let build = |(role, blocks)| {
        let role = match role {
            Role::User => ConversationRole::User,
            Role::Assistant => ConversationRole::Assistant,
        };
        Message::builder().role(role).set_content(Some(blocks)).build()
    };
    turns.into_iter().map(build).collect()
}

fn block(part: &Part) -> Result<Option<ContentBlock>, BuildError> {
    Ok(match part {
        Part::Text(said) => text(said),
        Part::ToolCall(call) => Some(ContentBlock::ToolUse(
            ToolUseBlock::builder()
                .tool_use_id(&call.id)
                .name(&call.name)
                .input(to_document(&call.arguments.as_object()))
                .build()?,
        )),
        Part::ToolResult { call_id, content, is_error } => Some(ContentBlock::ToolResult(
            ToolResultBlock::builder()
                .tool_use_id(call_id)
                .content(ToolResultContentBlock::Text(or_empty(content).to_owned()))
                .status(if *is_error { ToolResultStatus::Error } else { ToolResultStatus::Success })
                .build()?,
        )),
    })
}

/// A result tells of its call, so the call itself is left out.
fn told(part: &Part, calls: &HashMap<&str, &ToolCall>) -> Option<ContentBlock> {
    match part {
        Part::Text(said) => text(said),
        Part::ToolCall(_) => None,
        Part::ToolResult { call_id, content, is_error } => {
            let call = calls.get(call_id.as_str());
            let name = call.map_or("a tool", |call| call.name.as_str());
            let arguments = call.map(|call| call.arguments.as_object()).unwrap_or_default();
            let what = if *is_error { "Error" } else { "Result" };
            text(&format!("{what} of {name} with {arguments}:\n{}", or_empty(content)))
        }
    }
}

fn text(said: &str) -> Option<ContentBlock> {
    (!said.trim().is_empty()).then(|| ContentBlock::Text(said.to_owned()))
}

fn or_empty(content: &str) -> &str {
    if content.trim().is_empty() { EMPTY_RESULT } else { content }
}

#[cfg(test)]
mod tests {
    use llm::Arguments;
    use serde_json::json;

    use super::*;

    fn call(id: &str) -> Part {
        Part::ToolCall(ToolCall {
            id: id.to_owned(),
            name: "health".to_owned(),
            arguments: Arguments::Json(json!({"service": "payment"})),
        })
    }

    fn result(id: &str, content: &str, is_error: bool) -> Part {
        Part::ToolResult { call_id: id.to_owned(), content: content.to_owned(), is_error }
    }

    fn request(tool_choice: ToolChoice) -> ChatRequest {
        let user = |text: &str| llm::Message::user(text);
        ChatRequest {
            system: "You help.".to_owned(),
            messages: vec![
                llm::Message::assistant("cut off history"),
                user("one"),
                user("  "),
                user("two"),
                llm::Message { role: Role::Assistant, parts: vec![call("1"), call("2")] },
                llm::Message {
                    role: Role::User,
                    parts: vec![
                        result("1", "fine", false),
                        result("2", "", true),
                        Part::Text("Answer now.".to_owned()),
                    ],
                },
            ],
            tools: vec![llm::Tool {
                name: "health".to_owned(),
                description: "Health.".to_owned(),
                schema: json!({"type": "object"}),
            }],
            tool_choice,
            max_tokens: 500,
            temperature: None,
        }
    }

    fn roles(request: &Request) -> Vec<&str> {
        request.messages.iter().map(|message| message.role().as_str()).collect()
    }

    #[test]
    fn roles_alternate_and_blocks_keep_their_order() {
        let request = Request::new(&request(ToolChoice::Auto)).unwrap();
        assert_eq!(roles(&request), ["user", "assistant", "user"]);
        let texts: Vec<_> =
            request.messages[0].content().iter().map(|b| b.as_text().unwrap().as_str()).collect();
        assert_eq!(texts, ["one", "two"]);
        let used = request.messages[1].content()[1].as_tool_use().unwrap();
        assert_eq!((used.tool_use_id(), used.name()), ("2", "health"));
        assert_eq!(used.input(), &to_document(&json!({"service": "payment"})));
        let results = request.messages[2].content();
        let second = results[1].as_tool_result().unwrap();
        assert_eq!(second.status(), Some(&ToolResultStatus::Error));
        assert_eq!(second.content()[0].as_text().unwrap(), EMPTY_RESULT);
        assert!(results[2].is_text());
        assert_eq!(request.tools.unwrap().tools().len(), 1);
        assert_eq!(request.inference.max_tokens(), Some(500));
        assert_eq!(request.inference.temperature(), None);
    }

    #[test]
    fn without_leave_to_call_the_history_is_told_in_words() {
        let request = Request::new(&request(ToolChoice::None)).unwrap();
        assert!(request.tools.is_none());
        assert_eq!(roles(&request), ["user"]);
        let texts: Vec<_> =
            request.messages[0].content().iter().map(|b| b.as_text().unwrap().as_str()).collect();
        assert_eq!(
            texts,
            [
                "one",
                "two",
                "Result of health with {\"service\":\"payment\"}:\nfine",
                "Error of health with {\"service\":\"payment\"}:\n(empty)",
                "Answer now."
            ]
        );
    }
}
