//! Traces: how many there are, the newest of them, and the slowest.

use model::Unit;
use module::{FoundTrace, TraceList};

use super::{
    Fact, markdown, moment, number,
    records::{LookedUp, Said},
};
use crate::operation::MAX_TRACES;

const MAX_SHOWN: usize = 10;

pub(super) fn say(looked_up: &LookedUp<'_>, found: &TraceList) -> Said {
    let count = found.traces.len();
    if count == 0 {
        return looked_up.nothing("There are **no traces** like that.");
    }
    let is_all = count < MAX_TRACES;
    let how_many = if is_all { count.to_string() } else { format!("at least {count}") };
    let noun = if count == 1 { "trace" } else { "traces" };
    let mut paragraphs = vec![format!("Found **{how_many}** {noun}: {}.", looked_up.sought())];
    let shown = found.traces.iter().take(MAX_SHOWN);
    if count > MAX_SHOWN {
        paragraphs.push(format!("The newest {MAX_SHOWN}:"));
    }
    let header = ["Begun", "Trace", "Begins with", "Duration", "Spans that match"];
    let rows: Vec<Vec<String>> = shown.map(|trace| row(trace, looked_up)).collect();
    paragraphs.push(markdown::table(&header, &rows));
    if let Some(slowest) = found.traces.iter().max_by_key(|trace| trace.duration_ms)
        && count > 1
    {
        let duration = duration(slowest);
        let id = markdown::name(&slowest.trace_id);
        paragraphs.push(format!("The slowest took **{duration}**: {id} ({}).", begins(slowest)));
    }
    let fact = |value| Fact {
        subject: looked_up.service.unwrap_or_default().to_owned(),
        metric: "traces".to_owned(),
        value,
        unit: Unit::Count,
    };
    let facts = is_all.then(|| fact(count as f64)).into_iter().collect();
    Said { paragraphs, facts, visualization: None, is_nothing: false }
}

fn row(trace: &FoundTrace, looked_up: &LookedUp<'_>) -> Vec<String> {
    vec![
        moment::time(trace.start, looked_up.zone),
        markdown::name(&trace.trace_id),
        begins(trace),
        duration(trace),
        trace.matched.to_string(),
    ]
}

/// The service and the name of the first span, as far as they are known.
fn begins(trace: &FoundTrace) -> String {
    let parts = [&trace.root_service, &trace.root_name].map(|part| markdown::name(part));
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "not arrived yet".to_owned() } else { parts.join(": ") }
}

fn duration(trace: &FoundTrace) -> String {
    number::show(trace.duration_ms as f64 / 1e3, Unit::Seconds, false, "")
}
