//! Queries as operations of the module that runs them.

use std::time::Duration;

use jiff::Timestamp;
use module::{
    LOGS_LINES, LOGS_QUERY, LOGS_QUERY_RANGE, METRICS_QUERY, METRICS_QUERY_RANGE, ModuleError,
    TRACES_QUERY_RANGE, TRACES_SEARCH,
};
use query::{Evaluation, Language};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::wire::Yielded;

/// One query may take this long.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(15);
/// Lines and traces that are fetched: more are not read, and all of them are kept with the reply.
pub(crate) const MAX_LINES: usize = 100;
pub(crate) const MAX_TRACES: usize = 50;
/// Tempo evaluates over time only, so that an instant is the end of this.
const SHORTEST_S: i64 = 300;

/// How a query is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// One that yields numbers.
    Evaluated(Evaluation),
    /// One that yields lines or traces: the newest between two moments.
    Newest { start: Timestamp, end: Timestamp },
}

impl Run {
    /// From when to when, and the seconds between two points where there are such.
    pub fn times(&self) -> (Timestamp, Timestamp, Option<i64>) {
        match *self {
            Self::Evaluated(Evaluation::Instant { at }) => (at, at, None),
            Self::Evaluated(Evaluation::Range { start, end, step_s }) => (start, end, Some(step_s)),
            Self::Newest { start, end } => (start, end, None),
        }
    }
}

/// The operation that runs a query, with its arguments.
pub(crate) fn of(language: Language, query: &str, run: &Run) -> (&'static str, Value) {
    let between = |start: Timestamp, end: Timestamp| json!({ "query": query, "start": start.to_string(), "end": end.to_string() });
    match *run {
        Run::Evaluated(Evaluation::Instant { at }) => {
            let arguments = json!({ "query": query, "time": at.to_string() });
            match language {
                Language::PromQl => (METRICS_QUERY, arguments),
                Language::LogQl => (LOGS_QUERY, arguments),
                Language::TraceQl => {
                    let start = at - jiff::SignedDuration::from_secs(SHORTEST_S);
                    let step_s = SHORTEST_S;
                    of(
                        language,
                        query,
                        &Run::Evaluated(Evaluation::Range { start, end: at, step_s }),
                    )
                }
            }
        }
        Run::Evaluated(Evaluation::Range { start, end, step_s }) => {
            let mut arguments = between(start, end);
            arguments["step_s"] = json!(step_s);
            let operation = match language {
                Language::PromQl => METRICS_QUERY_RANGE,
                Language::LogQl => LOGS_QUERY_RANGE,
                Language::TraceQl => TRACES_QUERY_RANGE,
            };
            (operation, arguments)
        }
        Run::Newest { start, end } => {
            let (operation, limit) = match language {
                Language::TraceQl => (TRACES_SEARCH, MAX_TRACES),
                Language::LogQl | Language::PromQl => (LOGS_LINES, MAX_LINES),
            };
            let mut arguments = between(start, end);
            arguments["limit"] = json!(limit);
            (operation, arguments)
        }
    }
}

/// What such an operation answers.
pub(crate) fn yielded(language: Language, run: &Run, value: Value) -> Result<Yielded, ModuleError> {
    let module = match language {
        Language::PromQl => "the metrics",
        Language::LogQl => "the logs",
        Language::TraceQl => "the traces",
    };
    Ok(match (run, language) {
        (Run::Evaluated(_), _) => Yielded::Numbers(read(module, value)?),
        (Run::Newest { .. }, Language::TraceQl) => Yielded::Traces(read(module, value)?),
        (Run::Newest { .. }, _) => Yielded::Lines(read(module, value)?),
    })
}

fn read<T: DeserializeOwned>(module: &str, value: Value) -> Result<T, ModuleError> {
    serde_json::from_value(value).map_err(|error| ModuleError::bad_response(module, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_run_a_query_is_an_operation_that_takes_it() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let (start, end) = (at(1_700_000_000), at(1_700_003_600));
        let instant = Run::Evaluated(Evaluation::Instant { at: end });
        let range = Run::Evaluated(Evaluation::Range { start, end, step_s: 60 });
        let newest = Run::Newest { start, end };
        for (language, run, expected) in [
            (Language::PromQl, instant, METRICS_QUERY),
            (Language::PromQl, range, METRICS_QUERY_RANGE),
            (Language::LogQl, instant, LOGS_QUERY),
            (Language::LogQl, range, LOGS_QUERY_RANGE),
            (Language::LogQl, newest, LOGS_LINES),
            (Language::TraceQl, instant, TRACES_QUERY_RANGE),
            (Language::TraceQl, range, TRACES_QUERY_RANGE),
            (Language::TraceQl, newest, TRACES_SEARCH),
        ] {
            let (operation, arguments) = of(language, "x", &run);
            assert_eq!(operation, expected);
            module::validate(operation, &arguments).unwrap();
        }
    }
}
