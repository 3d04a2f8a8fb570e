//! The middle of a turn: understand, plan, run the queries, and say what came of it.

use std::{sync::Arc, time::Instant};

use llm::{Conversation, Exhausted, Outcome, Progress, converse};
use model::{Classified, Understanding};
use nlp::Focus;

use crate::{
    catalog::TenantCatalog,
    compose::{self, Answer, Visualization},
    ground::{ForModel, Grounded, ground},
    prompt, state,
    tools::Tools,
    turn::{Context, Measured, Sink, Turn, Turns},
    wire::{RanQuery, TurnEvent, TurnUsage},
};

/// An answer in the making; what is there when a turn breaks off is kept.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) understanding: Option<Understanding>,
    /// What the conversation is about now; `None` leaves it as it was.
    pub(crate) focus: Option<Focus>,
    pub(crate) text: String,
    pub(crate) queries: Vec<RanQuery>,
    pub(crate) visualization: Option<Visualization>,
    pub(crate) suggestions: Vec<String>,
    pub(crate) usage: TurnUsage,
    pub(crate) measured: Measured,
}

/// An error code for the client with a sentence for the person; `None` when the turn went well.
pub(crate) type Failure = Option<(&'static str, String)>;

pub(crate) async fn answer(
    turns: &Turns,
    turn: &Turn,
    draft: &mut Draft,
    sink: &mut Sink,
) -> Failure {
    let context = match &turn.context {
        Ok(context) => context,
        Err(error) => return Some((error.code(), model::public_message(error))),
    };
    let began = Instant::now();
    let vocabulary = turn.catalog.as_ref().ok().map(|catalog| &catalog.vocabulary);
    let (focus, reading) = turn.read(&context.session, vocabulary);
    draft.focus = Some(state::after(&focus, &reading));
    draft.measured.understanding = began.elapsed();
    draft.understanding = Some(reading.understanding.clone());
    sink.emit(&TurnEvent::Understood(reading.understanding.clone()));

    let grounded = ground(turns, turn, &reading, draft, sink).await;
    let failure = say(turns, turn, context, &grounded, draft, sink).await;
    let Answer { visualization, suggestions, .. } = grounded.answer;
    if let Some(visualization) = &visualization {
        sink.emit(&TurnEvent::Visualization(visualization.clone()));
    }
    for suggestion in &suggestions {
        sink.emit(&TurnEvent::Suggestion(suggestion.clone()));
    }
    draft.visualization = visualization;
    draft.suggestions = suggestions;
    failure
}

/// Says the answer: in a model's words where one may and does speak, else in the composer's.
async fn say(
    turns: &Turns,
    turn: &Turn,
    context: &Context,
    grounded: &Grounded,
    draft: &mut Draft,
    sink: &mut Sink,
) -> Failure {
    let may_speak = grounded.for_model != ForModel::Nothing;
    let chain = turns.chain(&turn.request.model).filter(|_| may_speak);
    let Some(chain) = chain else {
        tell(&grounded.answer.text, draft, sink);
        return None;
    };
    let chain = chain.within(turns.remaining(turn));
    let tools = Tools::new(turns, turn);
    let has_results = grounded.for_model == ForModel::Results;
    let results = has_results.then_some(grounded.answer.text.as_str());
    let request = prompt::request(turn, context, results, tools.specs());
    let text = &mut draft.text;
    let conversation = converse(&chain, request, &tools, &mut |progress| {
        let event = match progress {
            Progress::Text(piece) => {
                text.push_str(&piece);
                TurnEvent::Text(piece)
            }
            Progress::ToolCall { id, name, arguments } => {
                TurnEvent::OperationStarted { id, name, arguments, explanation: None }
            }
            Progress::ToolResult { id, name, is_error, duration } => {
                let summary = if is_error { "failed" } else { "done" }.to_owned();
                TurnEvent::OperationEnded { id, name, ok: !is_error, duration, summary }
            }
        };
        sink.emit(&event);
    })
    .await;
    draft.measured.operations.extend(tools.measured());
    match conversation {
        Ok(conversation) => spoken(turns, conversation, draft, sink),
        Err(exhausted) => {
            unspoken(turns, exhausted, draft);
            let note = if has_results { compose::WITHOUT_MODEL } else { "" };
            tell(&format!("{note}{}", grounded.answer.text), draft, sink);
            None
        }
    }
}

/// The model answered, at least in part.
fn spoken(
    turns: &Turns,
    conversation: Conversation,
    draft: &mut Draft,
    sink: &mut Sink,
) -> Failure {
    let usage = conversation.usage();
    draft.usage = TurnUsage {
        input_tokens: usage.input_tokens,
        output_tokens: usage.output_tokens,
        cost_usd: turns.prices.total_usd(&conversation.records),
        model: Some(conversation.model.to_string()),
    };
    draft.measured.model_requests = conversation.records;
    match conversation.outcome {
        Outcome::FailedMidway(error) => Some((error.code(), model::public_message(&error))),
        Outcome::Complete | Outcome::Truncated => {
            // A model that rewords the answer must not lose what it rests on.
            let main = draft.queries.first();
            let missing = main.filter(|ran| !draft.text.contains(&ran.query));
            if let Some(quote) = missing.map(|ran| compose::quote(ran.language, &ran.query)) {
                tell(&quote, draft, sink);
            }
            None
        }
    }
}

/// No model said a word; what the attempts cost still counts.
fn unspoken(turns: &Turns, exhausted: Exhausted, draft: &mut Draft) {
    let failed = exhausted.records.iter().filter_map(|record| record.usage);
    let mut sum = llm::Usage::default();
    failed.for_each(|usage| sum += usage);
    if sum != llm::Usage::default() {
        draft.usage = TurnUsage {
            input_tokens: sum.input_tokens,
            output_tokens: sum.output_tokens,
            cost_usd: turns.prices.total_usd(&exhausted.records),
            model: None,
        };
    }
    draft.measured.model_requests = exhausted.records;
}

/// Says a finished text, a block at a time, so that readers see it grow as they do a model's.
fn tell(text: &str, draft: &mut Draft, sink: &mut Sink) {
    for piece in text.split_inclusive("\n\n") {
        sink.emit(&TurnEvent::Text(piece.to_owned()));
    }
    draft.text.push_str(text);
}

/// The catalog that the turn's tools hold queries to.
pub(crate) fn catalog(turn: &Turn) -> Option<&Arc<TenantCatalog>> {
    turn.catalog.as_ref().ok()
}
