//! From the domain's types to the wire's.

use contract::{
    event::{
        ChatEvent, ContentDelta, IntentFound, MessageEnd, MessageStart, StreamError, Suggestion,
        ToolCall, ToolResult,
    },
    message::{Answer, Message, Query, ReplyDetails, Series, Usage, Visualization},
    session::Session,
};
use conversation::{
    compose,
    session::{Message as DomainMessage, Session as DomainSession},
    turn::Finished,
    wire::{Answered, RanQuery, TurnEvent, TurnUsage, Wire, Yielded},
};
use jiff::Timestamp;
use kit::Error;
use model::Entity;
use module::{LogLines, TraceList};
use serde_json::{Value, json};

/// What results are called that are no numbers.
pub(crate) const LINES: &str = "lines";
pub(crate) const TRACES: &str = "traces";

/// The wire form of turns, for the domain to use.
pub const WIRE: Wire = Wire { event: event_text, details: details_value };

fn event_text(event: &TurnEvent) -> (String, String) {
    let event = event_of(event);
    (event.name().to_owned(), event.data())
}

fn details_value(answered: &Answered) -> Value {
    serde_json::to_value(details(answered)).unwrap_or_default()
}

fn event_of(event: &TurnEvent) -> ChatEvent {
    match event {
        TurnEvent::Started { session, message, stream } => ChatEvent::MessageStart(MessageStart {
            session_id: session.to_string(),
            message_id: message.to_string(),
            reply_id: stream.reply.to_string(),
            stream_id: stream.to_string(),
        }),
        TurnEvent::Understood(understanding) => ChatEvent::Intent(IntentFound {
            intent: understanding.intent.name().to_owned(),
            family: understanding.intent.family().name().to_owned(),
            confidence: understanding.confidence,
            entities: entities(&understanding.entities),
        }),
        TurnEvent::OperationStarted { id, name, arguments, explanation } => {
            ChatEvent::ToolCall(ToolCall {
                id: id.clone(),
                name: name.clone(),
                arguments: arguments.clone(),
                explanation: explanation.clone(),
            })
        }
        TurnEvent::OperationEnded { id, name, ok, duration, summary } => {
            ChatEvent::ToolResult(ToolResult {
                id: id.clone(),
                name: name.clone(),
                ok: *ok,
                duration_ms: milliseconds(*duration),
                summary: summary.clone(),
            })
        }
        TurnEvent::Text(text) => ChatEvent::ContentDelta(ContentDelta { text: text.clone() }),
        TurnEvent::Visualization(hint) => ChatEvent::Visualization(visualization(hint)),
        TurnEvent::Suggestion(text) => ChatEvent::Suggestion(Suggestion { text: text.clone() }),
        TurnEvent::Usage(spent) => ChatEvent::Usage(usage(spent)),
        TurnEvent::Ended { session, message, reply, duration } => {
            ChatEvent::MessageEnd(MessageEnd {
                session_id: session.to_string(),
                message_id: message.to_string(),
                reply_id: reply.to_string(),
                duration_ms: milliseconds(*duration),
            })
        }
        TurnEvent::Failed { code, message } => {
            ChatEvent::Error(StreamError { code: (*code).to_owned(), message: message.clone() })
        }
    }
}

fn details(answered: &Answered) -> ReplyDetails {
    ReplyDetails {
        intent: answered.understanding.intent.name().to_owned(),
        confidence: answered.understanding.confidence,
        entities: entities(&answered.understanding.entities),
        queries: answered.queries.iter().map(query).collect(),
        visualization: answered.visualization.as_ref().map(visualization),
        suggestions: answered.suggestions.clone(),
        citations: Vec::new(),
        usage: usage(&answered.usage),
        duration_ms: milliseconds(answered.duration),
        error: answered.error.map(str::to_owned),
    }
}

/// The answer to `POST /messages`.
pub fn answer(finished: &Finished, now: Timestamp) -> Answer {
    answer_of(&finished.message, &finished.reply, details(&finished.answered), now)
}

/// The same from what was stored, for a request that is repeated.
pub fn stored_answer(
    asked: &DomainMessage,
    reply: &DomainMessage,
    now: Timestamp,
) -> Result<Answer, Error> {
    let details = serde_json::from_value(reply.details.clone())
        .map_err(|error| Error::bug(format!("a stored reply cannot be read: {error}")))?;
    Ok(answer_of(asked, reply, details, now))
}

fn answer_of(
    asked: &DomainMessage,
    reply: &DomainMessage,
    details: ReplyDetails,
    now: Timestamp,
) -> Answer {
    Answer {
        session_id: asked.session.to_string(),
        message: message(asked, now),
        intent: details.intent.clone(),
        entities: details.entities.clone(),
        suggestions: details.suggestions.clone(),
        citations: details.citations.clone(),
        usage: details.usage.clone(),
        duration_ms: details.duration_ms,
        reply: message_with(reply, Some(details), now),
    }
}

/// A message as a reader should see it at `now`.
pub fn message(message: &DomainMessage, now: Timestamp) -> Message {
    // Details of another version that cannot be read are left out; the text is there.
    let details = serde_json::from_value(message.details.clone()).ok();
    message_with(message, details, now)
}

fn message_with(message: &DomainMessage, details: Option<ReplyDetails>, now: Timestamp) -> Message {
    Message {
        id: message.id.to_string(),
        session_id: message.session.to_string(),
        role: message.speaker.name().to_owned(),
        content: message.content.clone(),
        status: message.status_at(now).name().to_owned(),
        created_at: message.created_at,
        metadata: message.metadata.clone(),
        details,
    }
}

pub fn session(session: DomainSession) -> Session {
    Session {
        id: session.id.to_string(),
        name: session.name,
        created_at: session.created_at,
        last_activity: session.last_activity,
        message_count: session.message_count,
        metadata: session.metadata,
        system_prompt: session.system_prompt,
    }
}

pub(crate) fn entities(entities: &[Entity]) -> Vec<contract::entity::Entity> {
    entities.iter().map(Into::into).collect()
}

fn query(ran: &RanQuery) -> Query {
    let (start, end, step_s) = ran.run.times();
    let (result, error) = match &ran.result {
        Ok(yielded) => (result(yielded), None),
        Err(reason) => (Value::Null, Some(reason.clone())),
    };
    Query {
        language: ran.language.name().to_owned(),
        query: ran.query.clone(),
        explanation: ran.explanation.clone(),
        start,
        end,
        step: step_s.and_then(|step_s| u64::try_from(step_s).ok()),
        result,
        error,
    }
}

/// A result that says what kind of result it is.
fn result(yielded: &Yielded) -> Value {
    match yielded {
        Yielded::Numbers(result) => json!(result),
        Yielded::Lines(LogLines { lines, warnings }) => {
            json!({ "result_type": LINES, "lines": lines, "warnings": warnings })
        }
        Yielded::Traces(TraceList { traces, warnings }) => {
            json!({ "result_type": TRACES, "traces": traces, "warnings": warnings })
        }
    }
}

pub(crate) fn visualization(hint: &compose::Visualization) -> Visualization {
    Visualization {
        kind: hint.kind.name().to_owned(),
        title: hint.title.clone(),
        unit: hint.unit.name().to_owned(),
        series: hint
            .series
            .iter()
            .map(|series| Series {
                name: series.name.clone(),
                points: series.points.iter().map(|point| (point.time_s, point.value)).collect(),
            })
            .collect(),
    }
}

fn usage(usage: &TurnUsage) -> Usage {
    Usage {
        input_tokens: usage.input_tokens,
        output_tokens: usage.output_tokens,
        cost_usd: usage.cost_usd,
        model: usage.model.clone(),
    }
}

fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
