//! The queries of an answer: run side by side, and told while they run.

use std::time::Instant;

use futures::{StreamExt, stream};
use module::OperationCall;
use query::Language;

use crate::{
    answer::Draft,
    operation::{self, Run},
    turn::{Sink, Turn, Turns},
    wire::{RanQuery, TurnEvent, Yielded},
};

/// Queries of one answer under way at once.
const CONCURRENT_QUERIES: usize = 8;

/// A query to run for an answer.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) language: Language,
    pub(crate) query: String,
    /// What it is for, in one line.
    pub(crate) explanation: String,
    pub(crate) run: Run,
}

/// Runs the queries; they stand in the draft with what came back, in their order.
pub(crate) async fn run(
    turns: &Turns,
    turn: &Turn,
    asked: Vec<Asked>,
    draft: &mut Draft,
    sink: &mut Sink,
) {
    let calls: Vec<OperationCall> = asked.iter().map(|asked| call(turns, turn, asked)).collect();
    for (index, (call, asked)) in calls.iter().zip(&asked).enumerate() {
        sink.emit(&TurnEvent::OperationStarted {
            id: query_id(index),
            name: call.operation.clone(),
            arguments: call.arguments.clone(),
            explanation: Some(asked.explanation.clone()),
        });
    }
    let names: Vec<String> = calls.iter().map(|call| call.operation.clone()).collect();
    let mut results: Vec<Option<Result<Yielded, String>>> = vec![None; calls.len()];
    let ways: Vec<(Language, Run)> =
        asked.iter().map(|asked| (asked.language, asked.run)).collect();
    // Calls are moved in, because a borrow across `buffer_unordered` would keep the turn from being
    // a task of its own.
    let mut running = stream::iter(calls.into_iter().zip(ways).enumerate())
        .map(|(index, (call, (language, run)))| async move {
            let began = Instant::now();
            let result = turns.operations.run(&call).await;
            let result = result.and_then(|value| operation::yielded(language, &run, value));
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
    let results = results
        .into_iter()
        .map(|result| result.unwrap_or_else(|| Err("the query was not run".to_owned())));
    draft.queries = asked
        .into_iter()
        .zip(results)
        .map(|(Asked { language, query, explanation, run }, result)| RanQuery {
            language,
            query,
            explanation,
            run,
            result,
        })
        .collect();
}

fn query_id(index: usize) -> String {
    format!("query_{}", index + 1)
}

fn summary(result: &Result<Yielded, String>) -> String {
    let counted = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    match result {
        Ok(Yielded::Numbers(result)) => counted(result.series.len(), "series", "series"),
        Ok(Yielded::Lines(found)) => counted(found.lines.len(), "line", "lines"),
        Ok(Yielded::Traces(found)) => counted(found.traces.len(), "trace", "traces"),
        Err(reason) => reason.clone(),
    }
}

fn call(turns: &Turns, turn: &Turn, asked: &Asked) -> OperationCall {
    let (operation, arguments) = operation::of(asked.language, &asked.query, &asked.run);
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
