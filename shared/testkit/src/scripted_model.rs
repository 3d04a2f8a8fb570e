//! A model that plays a script: what it says, when it fails, where it hangs.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use llm::{
    Arguments, ChatModel, ChatRequest, ModelError, ModelEvent, ModelId, ModelStream, StopReason,
    ToolCall, Usage,
};
use serde_json::Value;

/// What the model does when it is asked once.
#[derive(Debug)]
pub enum Reply {
    /// It does not begin to answer.
    Refuse(ModelError),
    /// It takes the request and never says a thing.
    Hang,
    /// It begins to answer.
    Stream(Vec<Step>),
}

/// One step of an answer.
#[derive(Debug)]
pub enum Step {
    Event(ModelEvent),
    Wait(Duration),
    Fail(ModelError),
    /// Nothing more comes, and the stream does not end either.
    Hang,
}

/// What each scripted answer is said to have used.
pub const SCRIPTED_USAGE: Usage = Usage { input_tokens: 100, output_tokens: 10 };

impl Reply {
    /// A whole answer in these pieces.
    pub fn text(pieces: &[&str]) -> Self {
        let mut steps = texts(pieces);
        steps.push(Step::Event(ModelEvent::Usage(SCRIPTED_USAGE)));
        steps.push(Step::Event(ModelEvent::Stop(StopReason::EndTurn)));
        Self::Stream(steps)
    }

    /// One tool call, and nothing said.
    pub fn call(name: &str, arguments: Value) -> Self {
        Self::calls(&[(name, Arguments::Json(arguments))])
    }

    /// Several tool calls at once; their ids are left to the reader to give.
    pub fn calls(calls: &[(&str, Arguments)]) -> Self {
        let call = |(name, arguments): &(&str, Arguments)| {
            Step::Event(ModelEvent::ToolCall(ToolCall {
                id: String::new(),
                name: (*name).to_owned(),
                arguments: arguments.clone(),
            }))
        };
        let mut steps: Vec<Step> = calls.iter().map(call).collect();
        steps.push(Step::Event(ModelEvent::Usage(SCRIPTED_USAGE)));
        steps.push(Step::Event(ModelEvent::Stop(StopReason::ToolUse)));
        Self::Stream(steps)
    }

    /// Says these pieces and then does `end`.
    pub fn broken(pieces: &[&str], end: Step) -> Self {
        let mut steps = texts(pieces);
        steps.push(end);
        Self::Stream(steps)
    }
}

fn texts(pieces: &[&str]) -> Vec<Step> {
    pieces.iter().map(|piece| Step::Event(ModelEvent::Text((*piece).to_owned()))).collect()
}

/// Plays one reply for each request, in order, and remembers what it was asked.
///
/// When the script is over it is unavailable, so that a test which asks too often notices.
pub struct ScriptedModel {
    id: ModelId,
    state: Mutex<State>,
}

struct State {
    script: VecDeque<Reply>,
    /// Played for ever once the script is over.
    refrain: Option<fn() -> Reply>,
    requests: Vec<ChatRequest>,
}

impl ScriptedModel {
    pub fn new(id: ModelId, script: Vec<Reply>) -> Self {
        let state = State { script: script.into(), refrain: None, requests: Vec::new() };
        Self { id, state: Mutex::new(state) }
    }

    /// Gives the same reply to every request.
    pub fn always(id: ModelId, refrain: fn() -> Reply) -> Self {
        let state = State { script: VecDeque::new(), refrain: Some(refrain), requests: Vec::new() };
        Self { id, state: Mutex::new(state) }
    }

    /// What it has been asked so far.
    pub fn requests(&self) -> Vec<ChatRequest> {
        self.lock().requests.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ChatModel for ScriptedModel {
    fn id(&self) -> &ModelId {
        &self.id
    }

    async fn stream(&self, request: &ChatRequest) -> Result<ModelStream, ModelError> {
        let reply = {
            let mut state = self.lock();
            state.requests.push(request.clone());
            let refrain = state.refrain;
            state.script.pop_front().or_else(|| refrain.map(|refrain| refrain()))
        };
        match reply {
            None => Err(ModelError::unavailable("the script is over")),
            Some(Reply::Refuse(error)) => Err(error),
            Some(Reply::Hang) => std::future::pending().await,
            Some(Reply::Stream(steps)) => Ok(stream::iter(steps).filter_map(play).boxed()),
        }
    }
}

async fn play(step: Step) -> Option<Result<ModelEvent, ModelError>> {
    match step {
        Step::Event(event) => Some(Ok(event)),
        Step::Fail(error) => Some(Err(error)),
        Step::Wait(duration) => {
            tokio::time::sleep(duration).await;
            None
        }
        Step::Hang => std::future::pending().await,
    }
}
