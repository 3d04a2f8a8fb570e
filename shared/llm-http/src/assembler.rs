//! Puts an answer together from its chunks.

use llm::{Arguments, ModelError, ModelEvent, StopReason, ToolCall, Usage};
use serde_json::Value;

use crate::{
    chunk::{CallDelta, Choice, Chunk, WireUsage},
    fault::in_stream,
};

const DONE: &str = "[DONE]";
/// The most calls one answer may make before it is taken for garbage.
const MAX_CALLS: usize = 64;
/// The longest arguments of one call.
const MAX_ARGUMENT_BYTES: usize = 256 * 1024;

/// What the provider sent is not what the protocol says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChunkError {
    /// The parser's message quotes nothing but positions and type names.
    #[error("a chunk is not the JSON that it should be (column {column})")]
    Json { column: usize },
    #[error("an answer makes more than {MAX_CALLS} calls")]
    TooManyCalls,
    #[error("the arguments of a call are longer than {MAX_ARGUMENT_BYTES} bytes")]
    ArgumentsTooLong,
}

/// The state of one answer.
#[derive(Debug, Default)]
pub(crate) struct Assembler {
    calls: Vec<PartialCall>,
    usage: Option<WireUsage>,
    finish: Option<StopReason>,
    done: bool,
}

#[derive(Debug, Default)]
struct PartialCall {
    index: Option<u32>,
    id: String,
    name: String,
    arguments: String,
}

impl Assembler {
    /// Whether the provider has said that nothing more comes.
    pub(crate) fn is_done(&self) -> bool {
        self.done
    }

    /// Whether the answer is whole, though counts may still follow.
    pub(crate) fn is_finished(&self) -> bool {
        self.done || self.finish.is_some()
    }

    /// Takes the data of one event.
    pub(crate) fn push(&mut self, data: &str) -> Result<Option<ModelEvent>, ModelError> {
        if data.trim() == DONE {
            self.done = true;
            return Ok(None);
        }
        let chunk: Chunk = serde_json::from_str(data)
            .map_err(|error| ModelError::malformed(ChunkError::Json { column: error.column() }))?;
        if let Some(error) = chunk.error {
            return Err(in_stream(&error));
        }
        self.usage = chunk.usage.or(self.usage);
        let choice = chunk.choices.into_iter().flatten().find(|choice| choice.index == 0);
        let text = match choice {
            Some(choice) => self.take(choice).map_err(ModelError::malformed)?,
            None => String::new(),
        };
        Ok(Some(if text.is_empty() { ModelEvent::Working } else { ModelEvent::Text(text) }))
    }

    /// What is left to tell once the answer is whole.
    pub(crate) fn finish(&mut self) -> Vec<ModelEvent> {
        let calls: Vec<ModelEvent> = self.calls.drain(..).map(PartialCall::complete).collect();
        let stop = self.finish.unwrap_or(if calls.is_empty() {
            StopReason::EndTurn
        } else {
            StopReason::ToolUse
        });
        let usage = self.usage.and_then(|usage| {
            Some(ModelEvent::Usage(Usage {
                input_tokens: usage.prompt_tokens?,
                output_tokens: usage.completion_tokens?,
            }))
        });
        calls.into_iter().chain(usage).chain([ModelEvent::Stop(stop)]).collect()
    }

    fn take(&mut self, choice: Choice) -> Result<String, ChunkError> {
        if let Some(reason) = choice.finish_reason.as_deref() {
            self.finish = Some(match reason {
                "tool_calls" | "function_call" => StopReason::ToolUse,
                "length" => StopReason::MaxTokens,
                "content_filter" => StopReason::ContentFiltered,
                _ => StopReason::EndTurn,
            });
        }
        let Some(delta) = choice.delta else { return Ok(String::new()) };
        for call in delta.tool_calls.into_iter().flatten() {
            self.take_call(call)?;
        }
        Ok(delta.content.filter(|text| !text.is_empty()).or(delta.refusal).unwrap_or_default())
    }

    fn take_call(&mut self, delta: CallDelta) -> Result<(), ChunkError> {
        let id = delta.id.filter(|id| !id.is_empty());
        let position = self.position_of(delta.index, id.as_deref());
        let position = match position {
            Some(position) => position,
            None if self.calls.len() >= MAX_CALLS => return Err(ChunkError::TooManyCalls),
            None => {
                self.calls.push(PartialCall { index: delta.index, ..PartialCall::default() });
                self.calls.len() - 1
            }
        };
        let call = &mut self.calls[position];
        if let Some(id) = id {
            call.id = id;
        }
        let Some(function) = delta.function else { return Ok(()) };
        if let Some(name) = function.name.filter(|_| call.name.is_empty()) {
            call.name = name;
        }
        match function.arguments {
            None | Some(Value::Null) => {}
            Some(Value::String(piece)) => call.arguments.push_str(&piece),
            Some(whole) => call.arguments.push_str(&whole.to_string()),
        }
        if call.arguments.len() > MAX_ARGUMENT_BYTES {
            return Err(ChunkError::ArgumentsTooLong);
        }
        Ok(())
    }

    /// Which call a delta belongs to; `None` when it begins one. The index decides, but servers that
    /// send whole calls give all of them the index 0, or none, and different ids.
    fn position_of(&self, index: Option<u32>, id: Option<&str>) -> Option<usize> {
        let position = match index {
            Some(_) => self.calls.iter().rposition(|call| call.index == index)?,
            None => self.calls.len().checked_sub(1)?,
        };
        let call = &self.calls[position];
        let is_another = id.is_some_and(|id| !call.id.is_empty() && call.id != id);
        if is_another {
            return self.calls.iter().rposition(|call| Some(call.id.as_str()) == id);
        }
        Some(position)
    }
}

impl PartialCall {
    fn complete(self) -> ModelEvent {
        ModelEvent::ToolCall(ToolCall {
            id: self.id,
            name: self.name,
            arguments: Arguments::parse(&self.arguments),
        })
    }
}

#[cfg(test)]
mod tests;
