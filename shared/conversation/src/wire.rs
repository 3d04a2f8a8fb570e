//! What a turn tells while it runs and when it is done, and how that becomes wire text.
//!
//! The domain does not know the wire's types: functions bring a [`Wire`].

use std::time::Duration;

use model::{MessageId, SessionId, StreamId, Understanding};
use module::{LogLines, TraceList};
use query::{Language, QueryResult};
use serde_json::Value;

use crate::{compose::Visualization, operation::Run};

/// Something that happens in a turn, in the order of the stream.
#[derive(Debug, Clone)]
pub enum TurnEvent {
    Started {
        session: SessionId,
        message: MessageId,
        stream: StreamId,
    },
    Understood(Understanding),
    OperationStarted {
        id: String,
        name: String,
        arguments: Value,
        explanation: Option<String>,
    },
    OperationEnded {
        id: String,
        name: String,
        ok: bool,
        duration: Duration,
        summary: String,
    },
    Text(String),
    Visualization(Visualization),
    Suggestion(String),
    Usage(TurnUsage),
    /// Terminal.
    Ended {
        session: SessionId,
        message: MessageId,
        reply: MessageId,
        duration: Duration,
    },
    /// Terminal.
    Failed {
        code: &'static str,
        message: String,
    },
}

/// What language models used in a turn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TurnUsage {
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// `None` when a model has no price in the configuration.
    pub cost_usd: Option<f64>,
    /// The model that answered.
    pub model: Option<String>,
}

/// A query that was run for an answer, with what came back.
#[derive(Debug, Clone)]
pub struct RanQuery {
    pub language: Language,
    pub query: String,
    /// What it is for, in one line.
    pub explanation: String,
    pub run: Run,
    pub result: Result<Yielded, String>,
}

/// What a query yielded.
#[derive(Debug, Clone, PartialEq)]
pub enum Yielded {
    Numbers(QueryResult),
    /// Of the logs.
    Lines(LogLines),
    Traces(TraceList),
}

impl Yielded {
    /// What the module warned of.
    pub fn warnings(&self) -> &[String] {
        match self {
            Self::Numbers(result) => &result.warnings,
            Self::Lines(lines) => &lines.warnings,
            Self::Traces(traces) => &traces.warnings,
        }
    }

    pub fn numbers(&self) -> Option<&QueryResult> {
        match self {
            Self::Numbers(result) => Some(result),
            Self::Lines(_) | Self::Traces(_) => None,
        }
    }
}

/// A finished turn: what a reply is made of.
#[derive(Debug, Clone)]
pub struct Answered {
    pub understanding: Understanding,
    pub text: String,
    pub queries: Vec<RanQuery>,
    pub visualization: Option<Visualization>,
    pub suggestions: Vec<String>,
    pub usage: TurnUsage,
    pub duration: Duration,
    /// Why the answer broke off.
    pub error: Option<&'static str>,
}

/// Turns events and answers into wire text.
#[derive(Clone, Copy)]
pub struct Wire {
    /// The event's name and its data, JSON without line breaks.
    pub event: fn(&TurnEvent) -> (String, String),
    /// What a reply holds besides its text.
    pub details: fn(&Answered) -> Value,
}
