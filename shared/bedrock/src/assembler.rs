//! Puts an answer together from its events, or from one piece.

use std::collections::BTreeMap;

use aws_sdk_bedrockruntime::{
    operation::converse::ConverseOutput as Converse,
    types::{
        ContentBlock, ContentBlockDelta, ContentBlockStart, ConverseOutput, ConverseStreamOutput,
        StopReason as SdkStop, TokenUsage,
    },
};
use llm::{Arguments, Fault, ModelError, ModelEvent, StopReason, ToolCall, Usage};

use crate::document::to_value;

/// The longest arguments of one call.
const MAX_ARGUMENT_BYTES: usize = 256 * 1024;

/// The state of one streamed answer.
#[derive(Debug, Default)]
pub(crate) struct Assembler {
    /// By content block, whose indexes rise.
    calls: BTreeMap<i32, PartialCall>,
    usage: Option<Usage>,
    stop: Option<SdkStop>,
    is_done: bool,
}

#[derive(Debug, Default)]
struct PartialCall {
    id: String,
    name: String,
    arguments: String,
}

impl Assembler {
    /// Whether the answer is whole, though counts may still follow.
    pub(crate) fn is_finished(&self) -> bool {
        self.stop.is_some()
    }

    /// Whether nothing more is to come: the counts are the last event.
    pub(crate) fn is_done(&self) -> bool {
        self.is_done
    }

    pub(crate) fn push(&mut self, event: ConverseStreamOutput) -> Result<ModelEvent, ModelError> {
        match event {
            ConverseStreamOutput::ContentBlockStart(start) => {
                if let Some(ContentBlockStart::ToolUse(tool)) = start.start {
                    let call = self.calls.entry(start.content_block_index).or_default();
                    call.id = tool.tool_use_id;
                    call.name = tool.name;
                }
            }
            ConverseStreamOutput::ContentBlockDelta(delta) => match delta.delta {
                Some(ContentBlockDelta::Text(text)) if !text.is_empty() => {
                    return Ok(ModelEvent::Text(text));
                }
                Some(ContentBlockDelta::ToolUse(tool)) => {
                    let call = self.calls.entry(delta.content_block_index).or_default();
                    call.arguments.push_str(&tool.input);
                    if call.arguments.len() > MAX_ARGUMENT_BYTES {
                        return Err(malformed("arguments_too_long"));
                    }
                }
                _ => {}
            },
            ConverseStreamOutput::MessageStop(stop) => self.stop = Some(stop.stop_reason),
            ConverseStreamOutput::Metadata(metadata) => {
                self.usage = metadata.usage.as_ref().and_then(usage);
                self.is_done = self.is_finished();
            }
            _ => {}
        }
        Ok(ModelEvent::Working)
    }

    /// What is left to tell once the answer is whole.
    pub(crate) fn finish(&mut self) -> Result<Vec<ModelEvent>, ModelError> {
        let calls = std::mem::take(&mut self.calls).into_values().map(|call| {
            ModelEvent::ToolCall(ToolCall {
                id: call.id,
                name: call.name,
                arguments: Arguments::parse(&call.arguments),
            })
        });
        let stop = stop_reason(self.stop.as_ref().unwrap_or(&SdkStop::EndTurn))?;
        let usage = self.usage.map(ModelEvent::Usage);
        Ok(calls.chain(usage).chain([ModelEvent::Stop(stop)]).collect())
    }
}

/// The events of an answer that came in one piece.
pub(crate) fn of_whole(answer: Converse) -> Result<Vec<ModelEvent>, ModelError> {
    let stop = stop_reason(answer.stop_reason())?;
    let usage = answer.usage().and_then(usage).map(ModelEvent::Usage);
    let Some(ConverseOutput::Message(message)) = answer.output else {
        return Err(malformed("no_message"));
    };
    let events = message.content.into_iter().filter_map(|block| match block {
        ContentBlock::Text(text) if !text.is_empty() => Some(ModelEvent::Text(text)),
        ContentBlock::ToolUse(tool) => Some(ModelEvent::ToolCall(ToolCall {
            arguments: Arguments::Json(to_value(&tool.input)),
            id: tool.tool_use_id,
            name: tool.name,
        })),
        _ => None,
    });
    Ok(events.chain(usage).chain([ModelEvent::Stop(stop)]).collect())
}

fn stop_reason(reason: &SdkStop) -> Result<StopReason, ModelError> {
    Ok(match reason {
        SdkStop::ToolUse => StopReason::ToolUse,
        SdkStop::MaxTokens | SdkStop::ModelContextWindowExceeded => StopReason::MaxTokens,
        SdkStop::ContentFiltered | SdkStop::GuardrailIntervened => StopReason::ContentFiltered,
        SdkStop::MalformedModelOutput | SdkStop::MalformedToolUse => {
            return Err(malformed(reason.as_str()));
        }
        // A stop sequence is an end, and so is a reason that is newer than this code.
        _ => StopReason::EndTurn,
    })
}

/// Counts cannot be negative; if they are, they are no counts.
fn usage(usage: &TokenUsage) -> Option<Usage> {
    Some(Usage {
        input_tokens: u64::try_from(usage.input_tokens()).ok()?,
        output_tokens: u64::try_from(usage.output_tokens()).ok()?,
    })
}

fn malformed(code: &str) -> ModelError {
    ModelError::malformed(Fault { status: None, code: Some(code.to_owned()) })
}

#[cfg(test)]
mod tests {
    use aws_sdk_bedrockruntime::types::{
        ContentBlockDeltaEvent, ContentBlockStartEvent, ConversationRole,
        ConverseStreamMetadataEvent, Message, MessageStopEvent, ReasoningContentBlockDelta,
        ToolUseBlock, ToolUseBlockDelta, ToolUseBlockStart,
    };
    use serde_json::json;

    use super::*;

    fn delta(index: i32, delta: ContentBlockDelta) -> ConverseStreamOutput {
        ConverseStreamOutput::ContentBlockDelta(
            ContentBlockDeltaEvent::builder()
                .content_block_index(index)
                .delta(delta)
                .build()
                .unwrap(),
        )
    }

    fn tool_start(index: i32, id: &str) -> ConverseStreamOutput {
        let tool = ToolUseBlockStart::builder().tool_use_id(id).name("health").build().unwrap();
        ConverseStreamOutput::ContentBlockStart(
            ContentBlockStartEvent::builder()
                .content_block_index(index)
                .start(ContentBlockStart::ToolUse(tool))
                .build()
                .unwrap(),
        )
    }

    fn tool_delta(index: i32, input: &str) -> ConverseStreamOutput {
        let tool = ToolUseBlockDelta::builder().input(input).build().unwrap();
        delta(index, ContentBlockDelta::ToolUse(tool))
    }

    fn stop(reason: SdkStop) -> ConverseStreamOutput {
        ConverseStreamOutput::MessageStop(
            MessageStopEvent::builder().stop_reason(reason).build().unwrap(),
        )
    }

    fn counts(input: i32, output: i32) -> TokenUsage {
        TokenUsage::builder()
            .input_tokens(input)
            .output_tokens(output)
            .total_tokens(input.saturating_add(output))
            .build()
            .unwrap()
    }

    fn metadata(input: i32, output: i32) -> ConverseStreamOutput {
        ConverseStreamOutput::Metadata(
            ConverseStreamMetadataEvent::builder().usage(counts(input, output)).build(),
        )
    }

    fn assemble(events: Vec<ConverseStreamOutput>) -> Result<Vec<ModelEvent>, ModelError> {
        let mut assembler = Assembler::default();
        let mut told = Vec::new();
        for event in events {
            told.push(assembler.push(event)?);
        }
        told.extend(assembler.finish()?);
        told.retain(|event| *event != ModelEvent::Working);
        Ok(told)
    }

    fn call(id: &str, arguments: Arguments) -> ModelEvent {
        let name = "health".to_owned();
        ModelEvent::ToolCall(ToolCall { id: id.to_owned(), name, arguments })
    }

    #[test]
    fn text_and_interleaved_calls_are_put_together() {
        let reasoning = ReasoningContentBlockDelta::Text("hm".to_owned());
        let told = assemble(vec![
            delta(0, ContentBlockDelta::ReasoningContent(reasoning)),
            delta(1, ContentBlockDelta::Text("Let me ".to_owned())),
            delta(1, ContentBlockDelta::Text(String::new())),
            delta(1, ContentBlockDelta::Text("look.".to_owned())),
            tool_start(2, "a"),
            tool_start(3, "b"),
            tool_delta(2, "{\"s\":"),
            tool_delta(3, ""),
            tool_delta(2, "1}"),
            tool_start(4, "c"),
            tool_delta(4, "{\"s\":"),
            stop(SdkStop::ToolUse),
            metadata(3, 4),
        ]);
        assert_eq!(
            told.unwrap(),
            [
                ModelEvent::Text("Let me ".to_owned()),
                ModelEvent::Text("look.".to_owned()),
                call("a", Arguments::Json(json!({"s": 1}))),
                call("b", Arguments::Json(json!({}))),
                call("c", Arguments::parse("{\"s\":")),
                ModelEvent::Usage(Usage { input_tokens: 3, output_tokens: 4 }),
                ModelEvent::Stop(StopReason::ToolUse),
            ]
        );
    }

    #[test]
    fn the_reason_to_stop_is_translated() {
        for (reason, expected) in [
            (SdkStop::EndTurn, Ok(StopReason::EndTurn)),
            (SdkStop::StopSequence, Ok(StopReason::EndTurn)),
            (SdkStop::ToolUse, Ok(StopReason::ToolUse)),
            (SdkStop::MaxTokens, Ok(StopReason::MaxTokens)),
            (SdkStop::ModelContextWindowExceeded, Ok(StopReason::MaxTokens)),
            (SdkStop::ContentFiltered, Ok(StopReason::ContentFiltered)),
            (SdkStop::GuardrailIntervened, Ok(StopReason::ContentFiltered)),
            (SdkStop::MalformedToolUse, Err("malformed")),
            (SdkStop::from("newer_than_this"), Ok(StopReason::EndTurn)),
        ] {
            let name = reason.as_str().to_owned();
            let told = assemble(vec![stop(reason)]).map_err(|error| error.name());
            assert_eq!(told, expected.map(|reason| vec![ModelEvent::Stop(reason)]), "{name}");
        }
    }

    #[test]
    fn counts_that_are_none_are_left_out_and_arguments_are_bounded() {
        let told = assemble(vec![stop(SdkStop::EndTurn), metadata(-1, 4)]).unwrap();
        assert_eq!(told, [ModelEvent::Stop(StopReason::EndTurn)]);
        let long = "x".repeat(MAX_ARGUMENT_BYTES + 1);
        let error = assemble(vec![tool_start(0, "a"), tool_delta(0, &long)]).unwrap_err();
        assert_eq!(error.name(), "malformed");
    }

    #[test]
    fn an_answer_in_one_piece_tells_the_same() {
        let tool = ToolUseBlock::builder()
            .tool_use_id("a")
            .name("health")
            .input(crate::document::to_document(&json!({"s": 1})))
            .build()
            .unwrap();
        let message = Message::builder()
            .role(ConversationRole::Assistant)
            .content(ContentBlock::Text("Let me look.".to_owned()))
            .content(ContentBlock::ToolUse(tool))
            .build()
            .unwrap();
        let whole = |output| {
            Converse::builder()
                .set_output(output)
                .stop_reason(SdkStop::ToolUse)
                .usage(counts(3, 4))
                .metrics(
                    aws_sdk_bedrockruntime::types::ConverseMetrics::builder()
                        .latency_ms(1)
                        .build()
                        .unwrap(),
                )
                .build()
                .unwrap()
        };
        assert_eq!(
            of_whole(whole(Some(ConverseOutput::Message(message)))).unwrap(),
            [
                ModelEvent::Text("Let me look.".to_owned()),
                call("a", Arguments::Json(json!({"s": 1}))),
                ModelEvent::Usage(Usage { input_tokens: 3, output_tokens: 4 }),
                ModelEvent::Stop(StopReason::ToolUse),
            ]
        );
        assert_eq!(of_whole(whole(None)).unwrap_err().name(), "malformed");
    }
}
