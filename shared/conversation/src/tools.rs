//! The operations that a model may call during a turn: read-only ones, checked as if a stranger had
//! sent them.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use llm::{Tool, ToolRunner};
use module::{METRICS_QUERY_RANGE, OperationCall};
use query::{Bounds, Evaluation};
use serde_json::Value;

use crate::{
    answer, operation,
    turn::{Turn, Turns},
};

/// The tools of one turn.
pub(crate) struct Tools<'a> {
    turns: &'a Turns,
    turn: &'a Turn,
    measured: Mutex<Vec<(String, bool, Duration)>>,
}

impl<'a> Tools<'a> {
    pub(crate) fn new(turns: &'a Turns, turn: &'a Turn) -> Self {
        Self { turns, turn, measured: Mutex::default() }
    }

    pub(crate) fn specs(&self) -> Vec<Tool> {
        module::tool_specs()
            .into_iter()
            .map(|spec| Tool {
                name: spec.name,
                description: spec.description.to_owned(),
                schema: spec.input_schema,
            })
            .collect()
    }

    /// What ran, for metrics.
    pub(crate) fn measured(self) -> Vec<(String, bool, Duration)> {
        self.measured.into_inner().unwrap_or_default()
    }

    /// A query of a model's is held to the catalog and the bounds like one of our own.
    fn check(&self, operation: &str, arguments: &Value) -> Result<(), String> {
        let Some(query) = arguments.get("query").and_then(Value::as_str) else { return Ok(()) };
        let catalog = answer::catalog(self.turn)
            .ok_or_else(|| "the catalog of metrics cannot be read now".to_owned())?;
        let bounds = Bounds::default();
        query::check(query, &catalog.catalogs.metrics, &bounds)
            .map_err(|error| error.to_string())?;
        if operation != METRICS_QUERY_RANGE {
            return Ok(());
        }
        let evaluation = evaluation(arguments).ok_or("the times cannot be read")?;
        query::check_evaluation(&evaluation, &bounds).map_err(|error| error.to_string())
    }
}

/// The times of a range query. JSON Schema takes `60.0` for an integer too.
fn evaluation(arguments: &Value) -> Option<Evaluation> {
    let time = |field: &str| arguments.get(field)?.as_str()?.parse().ok();
    #[expect(clippy::cast_possible_truncation, reason = "the schema bounds it to a day")]
    let step_s = arguments.get("step_s")?.as_f64()? as i64;
    Some(Evaluation::Range { start: time("start")?, end: time("end")?, step_s })
}

#[async_trait]
impl ToolRunner for Tools<'_> {
    async fn run(&self, name: &str, arguments: Value) -> Result<String, String> {
        let spec = module::find_tool(name).ok_or_else(|| format!("there is no tool {name:?}"))?;
        module::validate(spec.name, &arguments).map_err(|error| error.to_string())?;
        self.check(spec.name, &arguments)?;
        let call = OperationCall {
            tenant: self.turn.request.caller.tenant.clone(),
            operation: spec.name.to_owned(),
            arguments,
            request_id: self.turn.request.request_id.clone(),
            traceparent: self.turn.request.traceparent.clone(),
            timeout: operation::TIMEOUT,
        };
        let began = Instant::now();
        let result = self.turns.operations.run(&call).await;
        if let Ok(mut measured) = self.measured.lock() {
            measured.push((call.operation, result.is_ok(), began.elapsed()));
        }
        result.map(|value| value.to_string()).map_err(|error| model::public_message(&error))
    }
}
