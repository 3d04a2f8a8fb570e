//! The tool loop: a model answers, or asks for tools, is given their results, and goes on.

use std::{collections::HashSet, time::Duration};

use serde_json::Value;
use tokio::time::Instant;

use crate::{
    Chain, ChatRequest, Exhausted, Message, ModelError, ModelId, Part, RequestRecord, Role,
    StopReason, ToolCall, ToolChoice, ToolRunner, Usage,
    answer::Answer,
    chain::Failure,
    limits::MAX_ROUNDS,
    tools::{CallsMade, run_round},
};

/// What happens while a conversation goes on, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// A piece of the answer.
    Text(String),
    /// A tool is being run.
    ToolCall { id: String, name: String, arguments: Value },
    /// It has ended. What it returned goes to the model.
    ToolResult { id: String, name: String, is_error: bool, duration: Duration },
}

/// What was said, and what it took.
#[derive(Debug)]
pub struct Conversation {
    /// All that went out as [`Progress::Text`], also when the model then failed.
    pub text: String,
    /// Which model spoke last.
    pub model: ModelId,
    /// How many answers the model gave, those that only called tools included.
    pub rounds: usize,
    /// How many tools were run.
    pub tool_calls: usize,
    pub outcome: Outcome,
    /// Every attempt, for metrics and cost.
    pub records: Vec<RequestRecord>,
    /// To the first text that went out.
    pub time_to_first_token: Option<Duration>,
    pub duration: Duration,
}

impl Conversation {
    /// The tokens of all attempts, as far as providers counted them.
    pub fn usage(&self) -> Usage {
        let mut sum = Usage::default();
        for usage in self.records.iter().filter_map(|record| record.usage) {
            sum += usage;
        }
        sum
    }
}

/// How it ended.
#[derive(Debug)]
pub enum Outcome {
    Complete,
    /// The model reached its limit of tokens, or its provider's filter cut it.
    Truncated,
    /// It broke off after something had been said.
    FailedMidway(ModelError),
}

const LAST_ROUND: &str = "No more tools can be called. Answer now with what you have, and say what \
    you could not find out.";

/// Holds a conversation until the model has answered.
///
/// Text goes to `on_progress` in the moment it arrives. The callback must not block, because it runs
/// between two reads of the provider's stream; hand over to a queue if the reader may be slow.
/// Dropping the future abandons the conversation. It ends within [`crate::Limits::turn`].
pub async fn converse(
    chain: &Chain,
    request: ChatRequest,
    runner: &dyn ToolRunner,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Conversation, Exhausted> {
    let started = Instant::now();
    let turn = Turn {
        chain,
        request,
        runner,
        started,
        deadline: started + chain.limits().turn,
        speech: Speech { text: String::new(), first_at: None },
        records: Vec::new(),
        made: CallsMade::default(),
        call_ids: HashSet::new(),
        rounds: 0,
        model: None,
    };
    turn.run(on_progress).await
}

/// Stands in a history for a tool name that no provider would take back.
const UNNAMED: &str = "unnamed";
const MAX_IDENTIFIER_BYTES: usize = 64;

fn is_identifier(text: &str) -> bool {
    (1..=MAX_IDENTIFIER_BYTES).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

struct Turn<'a> {
    chain: &'a Chain,
    request: ChatRequest,
    runner: &'a dyn ToolRunner,
    started: Instant,
    deadline: Instant,
    speech: Speech,
    records: Vec<RequestRecord>,
    made: CallsMade,
    call_ids: HashSet<String>,
    rounds: usize,
    model: Option<ModelId>,
}

impl Turn<'_> {
    async fn run(
        mut self,
        on_progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Conversation, Exhausted> {
        loop {
            let is_last = self.request.tool_choice == ToolChoice::None;
            let said_before = self.speech.text.len();
            let mut answer = match self.next_answer(on_progress).await {
                Ok(answer) => answer,
                Err(Failure::Silent(error)) if self.speech.text.is_empty() => {
                    return Err(Exhausted { records: self.records, last: error });
                }
                Err(Failure::Silent(error)) => {
                    return self.end(Outcome::FailedMidway(error.unwrap_or(ModelError::Cut)));
                }
                Err(Failure::Midway(error)) => return self.end(Outcome::FailedMidway(error)),
            };
            if answer.calls.is_empty() {
                return self.end(match answer.stop {
                    StopReason::EndTurn | StopReason::ToolUse => Outcome::Complete,
                    StopReason::MaxTokens | StopReason::ContentFiltered => Outcome::Truncated,
                });
            }
            if is_last {
                return self.end_in_calls(said_before);
            }
            self.name_calls(&mut answer.calls);
            self.call_tools(answer.calls, said_before, on_progress).await;
        }
    }

    /// One round's answer; its text is said as it comes.
    async fn next_answer(
        &mut self,
        on_progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Answer, Failure> {
        let may_be_empty = !self.speech.text.is_empty();
        let mut is_first = true;
        let speech = &mut self.speech;
        let mut on_text = |piece: String| {
            speech.say(piece, std::mem::take(&mut is_first), on_progress);
        };
        let answer = self
            .chain
            .answer(&self.request, self.deadline, may_be_empty, &mut self.records, &mut on_text)
            .await;
        if matches!(answer, Ok(_) | Err(Failure::Midway(_))) {
            self.rounds += 1;
            self.model = self.records.last().map(|record| record.model.clone());
        }
        answer
    }

    /// Runs the calls and puts both sides into the history. After the last round of tools, and when
    /// the model goes in circles, the next answer is to do without.
    async fn call_tools(
        &mut self,
        calls: Vec<ToolCall>,
        said_before: usize,
        on_progress: &mut (dyn FnMut(Progress) + Send),
    ) {
        let round = run_round(
            &calls,
            &self.request.tools,
            self.runner,
            self.chain.limits(),
            self.deadline,
            &mut self.made,
            on_progress,
        )
        .await;
        let said = self.speech.text[said_before..].trim();
        let text = (!said.is_empty()).then(|| Part::Text(said.to_owned()));
        let asked = text.into_iter().chain(calls.into_iter().map(Part::ToolCall)).collect();
        let mut told = round.results;
        if round.in_circles || self.rounds >= MAX_ROUNDS {
            self.request.tool_choice = ToolChoice::None;
            told.push(Part::Text(LAST_ROUND.to_owned()));
        }
        self.request.messages.push(Message { role: Role::Assistant, parts: asked });
        self.request.messages.push(Message { role: Role::User, parts: told });
    }

    /// Makes calls fit for a history that any provider takes: each has an id of its own, and id and
    /// name are of the alphabet that all of them allow. A name that had to be changed is no tool's.
    fn name_calls(&mut self, calls: &mut [ToolCall]) {
        for (index, call) in calls.iter_mut().enumerate() {
            if !is_identifier(&call.id) || self.call_ids.contains(&call.id) {
                call.id = format!("call_{}_{index}", self.rounds);
            }
            self.call_ids.insert(call.id.clone());
            if !is_identifier(&call.name) {
                call.name = UNNAMED.to_owned();
            }
        }
    }

    /// The model was told to answer and called a tool. Words that it said along with the call are
    /// its answer; without any there is none.
    fn end_in_calls(self, said_before: usize) -> Result<Conversation, Exhausted> {
        if self.speech.text.is_empty() {
            Err(Exhausted { records: self.records, last: Some(ModelError::NoAnswer) })
        } else if self.speech.text.len() > said_before {
            self.end(Outcome::Complete)
        } else {
            self.end(Outcome::FailedMidway(ModelError::NoAnswer))
        }
    }

    fn end(self, outcome: Outcome) -> Result<Conversation, Exhausted> {
        let Some(model) = self.model else {
            return Err(Exhausted { records: self.records, last: None });
        };
        Ok(Conversation {
            text: self.speech.text,
            model,
            rounds: self.rounds,
            tool_calls: self.made.count(),
            outcome,
            records: self.records,
            time_to_first_token: self.speech.first_at.map(|at| at - self.started),
            duration: self.started.elapsed(),
        })
    }
}

/// What has been said so far.
struct Speech {
    text: String,
    first_at: Option<Instant>,
}

impl Speech {
    /// Says a piece. The first of a round begins a new paragraph, because the model does not know
    /// that its words before the tools stand directly above.
    fn say(
        &mut self,
        piece: String,
        is_first_of_round: bool,
        on_progress: &mut (dyn FnMut(Progress) + Send),
    ) {
        self.first_at.get_or_insert_with(Instant::now);
        if is_first_of_round && !self.text.is_empty() {
            self.text.push_str(PARAGRAPH);
            on_progress(Progress::Text(PARAGRAPH.to_owned()));
        }
        self.text.push_str(&piece);
        on_progress(Progress::Text(piece));
    }
}

const PARAGRAPH: &str = "\n\n";
