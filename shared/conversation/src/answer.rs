//! The middle of a turn: understand, plan, run the queries, and say what came of it.

use std::{sync::Arc, time::Instant};

use futures::{StreamExt, stream};
use llm::{Conversation, Exhausted, Outcome, Progress, converse};
use model::{Classified, EntityKind, Family, Intent, Understanding};
use module::{ModuleError, OperationCall};
use nlp::{Focus, Moment, Problem, Reading};
use query::{Plan, PlanError, PlannedQuery, QueryResult, Settings, WithoutService};

use crate::{
    catalog::TenantCatalog,
    compose::{self, Answer, Reply, Visualization},
    inquiry, operation, prompt, state,
    tools::Tools,
    turn::{Context, Measured, Sink, Turn, Turns},
    wire::{RanQuery, TurnEvent, TurnUsage},
};

/// Queries of one plan under way at once.
const CONCURRENT_QUERIES: usize = 8;

/// Below this it is asked what is meant. Confidences are calibrated: of such readings, seven in ten
/// are wrong.
const UNSURE: f32 = 0.3;

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

/// What the deterministic part of the turn says, and whether a model may say it better.
struct Grounded {
    answer: Answer,
    for_model: ForModel,
}

/// What a model is to make of it.
#[derive(PartialEq)]
enum ForModel {
    /// Nothing: it is said as it is.
    Nothing,
    /// An answer of its own; nothing was looked up.
    Question,
    /// An answer from the results.
    Results,
}

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
    let focus = state::decode(context.session.state.as_deref());
    let reading = understand(turn, &focus);
    draft.measured.understanding = began.elapsed();
    draft.understanding = Some(reading.understanding.clone());
    sink.emit(&TurnEvent::Understood(reading.understanding.clone()));

    draft.focus = Some(state::after(&focus, &reading));
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

fn understand(turn: &Turn, focus: &Focus) -> Reading {
    let moment = Moment { now: turn.now, zone: &turn.request.zone };
    let vocabulary = turn.catalog.as_ref().ok().map(|catalog| &catalog.vocabulary);
    inquiry::read(&turn.request.content, vocabulary, focus, &moment)
}

/// Answers without a model: from the plan's queries, or by saying why there is no plan.
async fn ground(
    turns: &Turns,
    turn: &Turn,
    reading: &Reading,
    draft: &mut Draft,
    sink: &mut Sink,
) -> Grounded {
    let task = state::task(reading);
    let understanding = Understanding { intent: task, ..reading.to_act_on() };
    if understanding.confidence < UNSURE && !matches!(task.family(), Family::Talk | Family::None) {
        let likeliest: Vec<Intent> =
            reading.guesses.iter().map(|(intent, _)| *intent).take(2).collect();
        return Grounded { answer: compose::unsure(&likeliest), for_model: ForModel::Question };
    }
    match compose::talk(task) {
        Reply::Measured => {}
        Reply::Knowledge(answer) => return Grounded { answer, for_model: ForModel::Question },
        Reply::Fixed(answer) => return Grounded { answer, for_model: ForModel::Nothing },
    }
    if let Some(problem) = reading.problems.first() {
        let is_ambiguous = matches!(problem, Problem::AmbiguousService { .. });
        if let Some(focus) = draft.focus.as_mut().filter(|_| is_ambiguous) {
            focus.asked = Some(EntityKind::Service);
        }
        return Grounded { answer: misread(problem), for_model: ForModel::Nothing };
    }
    if let Some(words) = unplaced(&understanding) {
        let answer = compose::misread(&format!(
            "“{words}”: I cannot tell when that was. Name a time, or how long ago."
        ));
        return Grounded { answer, for_model: ForModel::Nothing };
    }
    let catalog = match &turn.catalog {
        Ok(catalog) => catalog,
        Err(error) => return Grounded { answer: unreachable(error), for_model: ForModel::Nothing },
    };
    let without_service =
        if reading.every_service { WithoutService::All } else { WithoutService::Ask };
    let zone = turn.request.zone.clone();
    let settings = Settings { zone, without_service, ..Settings::default() };
    match query::plan(&understanding, &catalog.catalogs.metrics, &settings, turn.now) {
        Ok(plan) => {
            let results = run(turns, turn, &plan, draft, sink).await;
            let answer = compose::compose(&plan, &results, &turns.slos);
            keep(&plan, results, draft);
            Grounded { answer, for_model: ForModel::Results }
        }
        Err(problem) => {
            if let Some(focus) = &mut draft.focus {
                focus.asked = asks_for(&problem);
            }
            Grounded { answer: compose::compose_problem(&problem), for_model: ForModel::Nothing }
        }
    }
}

/// The words for a period that only events place: "since the migration".
fn unplaced(understanding: &Understanding) -> Option<&str> {
    understanding.texts(EntityKind::TimeRange).next()
}

/// What the next message is expected to name.
fn asks_for(problem: &PlanError) -> Option<EntityKind> {
    match problem {
        PlanError::MissingService { .. }
        | PlanError::AmbiguousService { .. }
        | PlanError::UnknownService { .. } => Some(EntityKind::Service),
        PlanError::MissingMetric { .. } | PlanError::UnknownMetric { .. } => {
            Some(EntityKind::Metric)
        }
        _ => None,
    }
}

fn misread(problem: &Problem) -> Answer {
    match problem {
        Problem::Time { text, reason, .. } => compose::misread(&format!("“{text}”: {reason}")),
        Problem::AmbiguousService { text, candidates, .. } => {
            compose::compose_problem(&PlanError::AmbiguousService {
                name: text.clone(),
                candidates: candidates.clone(),
            })
        }
    }
}

fn unreachable(error: &ModuleError) -> Answer {
    compose::unreachable(&model::public_message(error))
}

/// Runs the plan's queries side by side; the results are in the plan's order.
async fn run(
    turns: &Turns,
    turn: &Turn,
    plan: &Plan,
    draft: &mut Draft,
    sink: &mut Sink,
) -> Vec<Result<QueryResult, String>> {
    let calls: Vec<OperationCall> =
        plan.queries.iter().map(|planned| call(turns, turn, planned)).collect();
    for (index, (call, planned)) in calls.iter().zip(&plan.queries).enumerate() {
        sink.emit(&TurnEvent::OperationStarted {
            id: query_id(index),
            name: call.operation.clone(),
            arguments: call.arguments.clone(),
            explanation: Some(planned.explanation.clone()),
        });
    }
    let names: Vec<String> = calls.iter().map(|call| call.operation.clone()).collect();
    let mut results: Vec<Option<Result<QueryResult, String>>> = vec![None; calls.len()];
    // Calls are moved in, because a borrow across `buffer_unordered` would keep the turn from being
    // a task of its own.
    let mut running = stream::iter(calls.into_iter().enumerate())
        .map(|(index, call)| async move {
            let began = Instant::now();
            let result = turns.operations.run(&call).await.and_then(operation::metrics_result);
            (index, result, began.elapsed())
        })
        .buffer_unordered(CONCURRENT_QUERIES);
    while let Some((index, result, duration)) = running.next().await {
        let name = &names[index];
        draft.measured.operations.push((name.clone(), result.is_ok(), duration));
        let result = result.map_err(|error| model::public_message(&error));
        sink.emit(&TurnEvent::OperationEnded {
            id: query_id(index),
            name: name.clone(),
            ok: result.is_ok(),
            duration,
            summary: summary(&result),
        });
        results[index] = Some(result);
    }
    results
        .into_iter()
        .map(|result| result.unwrap_or_else(|| Err("the query was not run".to_owned())))
        .collect()
}

fn query_id(index: usize) -> String {
    format!("query_{}", index + 1)
}

fn summary(result: &Result<QueryResult, String>) -> String {
    match result {
        Ok(result) if result.series.len() == 1 => "1 series".to_owned(),
        Ok(result) => format!("{} series", result.series.len()),
        Err(reason) => reason.clone(),
    }
}

fn call(turns: &Turns, turn: &Turn, planned: &PlannedQuery) -> OperationCall {
    let (operation, arguments) = operation::metrics(&planned.query, &planned.evaluation);
    OperationCall {
        tenant: turn.request.caller.tenant.clone(),
        operation: operation.to_owned(),
        arguments,
        request_id: turn.request.request_id.clone(),
        traceparent: turn.request.traceparent.clone(),
        // What failed is to be told while there is time to.
        timeout: operation::TIMEOUT.min(turns.remaining(turn) * 3 / 4),
    }
}

fn keep(plan: &Plan, results: Vec<Result<QueryResult, String>>, draft: &mut Draft) {
    draft.queries = plan
        .queries
        .iter()
        .cloned()
        .zip(results)
        .map(|(planned, result)| RanQuery { planned, result })
        .collect();
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
            let missing: Vec<&str> = draft
                .queries
                .iter()
                .take(1)
                .map(|ran| ran.planned.query.as_str())
                .filter(|query| !draft.text.contains(query))
                .collect();
            if let [query] = missing.as_slice() {
                let quote = compose::quote(query);
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
