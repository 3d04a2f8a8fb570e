//! Runs one round of a model's tool calls. Whatever is wrong with a call goes back to the model as
//! that call's result; nothing here ends the conversation.

use futures::{StreamExt, stream::FuturesUnordered};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use crate::{
    Arguments, Limits, Part, Progress, Tool, ToolCall, ToolRunner,
    limits::{MAX_CALLS_PER_ROUND, MAX_TOOL_RESULT_BYTES},
};

/// The calls a conversation has made, to notice when a model goes in circles. At most
/// `MAX_ROUNDS * MAX_CALLS_PER_ROUND` long.
#[derive(Debug, Default)]
pub(crate) struct CallsMade(Vec<(String, Value)>);

impl CallsMade {
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether the call is new; it is not the next time. The order of an object's fields does not
    /// make a call another one.
    fn insert(&mut self, name: &str, arguments: &Value) -> bool {
        let is_new = !self.0.iter().any(|(n, a)| n == name && a == arguments);
        if is_new {
            self.0.push((name.to_owned(), arguments.clone()));
        }
        is_new
    }
}

/// What came of a round of calls.
pub(crate) struct Round {
    /// One result for each call, in the order of the calls.
    pub(crate) results: Vec<Part>,
    /// The model repeated itself and did nothing else, so another round would not help it.
    pub(crate) in_circles: bool,
}

enum Check {
    Run(Value),
    Refuse(String),
    Repeated,
}

const REPEATED: &str = "You have made this call with these arguments before and its result is \
    above. Use that result, or call with other arguments.";

/// Runs the calls side by side and reports each as it ends.
pub(crate) async fn run_round(
    calls: &[ToolCall],
    tools: &[Tool],
    runner: &dyn ToolRunner,
    limits: &Limits,
    deadline: Instant,
    made: &mut CallsMade,
    on_progress: &mut (dyn FnMut(Progress) + Send),
) -> Round {
    let mut results: Vec<Option<Part>> = vec![None; calls.len()];
    let mut running = FuturesUnordered::new();
    let mut repeated = 0;
    for (index, call) in calls.iter().enumerate() {
        match check(index, call, tools, made) {
            Check::Run(arguments) => {
                on_progress(Progress::ToolCall {
                    id: call.id.clone(),
                    name: call.name.clone(),
                    arguments: arguments.clone(),
                });
                running.push(async move {
                    let started = Instant::now();
                    let result = run(runner, &call.name, arguments, limits, deadline).await;
                    (index, result, started.elapsed())
                });
            }
            Check::Refuse(reason) => results[index] = Some(result_part(call, Err(reason))),
            Check::Repeated => {
                repeated += 1;
                results[index] = Some(result_part(call, Err(REPEATED.to_owned())));
            }
        }
    }
    while let Some((index, result, duration)) = running.next().await {
        let call = &calls[index];
        on_progress(Progress::ToolResult {
            id: call.id.clone(),
            name: call.name.clone(),
            is_error: result.is_err(),
            duration,
        });
        results[index] = Some(result_part(call, result));
    }
    Round {
        results: results.into_iter().flatten().collect(),
        in_circles: !calls.is_empty() && repeated == calls.len(),
    }
}

fn check(index: usize, call: &ToolCall, tools: &[Tool], made: &mut CallsMade) -> Check {
    if index >= MAX_CALLS_PER_ROUND {
        return Check::Refuse(format!(
            "At most {MAX_CALLS_PER_ROUND} tools can be called at once; this call was not made."
        ));
    }
    if !tools.iter().any(|tool| tool.name == call.name) {
        let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
        return Check::Refuse(format!(
            "There is no tool of that name. The tools are: {}.",
            names.join(", ")
        ));
    }
    match &call.arguments {
        Arguments::Malformed { reason, .. } => Check::Refuse(format!(
            "The arguments are not valid JSON ({reason}). Send one JSON object that fits the \
             tool's schema."
        )),
        Arguments::Json(arguments) if !arguments.is_object() => Check::Refuse(
            "The arguments must be one JSON object that fits the tool's schema.".to_owned(),
        ),
        Arguments::Json(arguments) if !made.insert(&call.name, arguments) => Check::Repeated,
        Arguments::Json(arguments) => Check::Run(arguments.clone()),
    }
}

async fn run(
    runner: &dyn ToolRunner,
    name: &str,
    arguments: Value,
    limits: &Limits,
    deadline: Instant,
) -> Result<String, String> {
    let until = deadline.min(Instant::now() + limits.tool);
    timeout_at(until, runner.run(name, arguments))
        .await
        .unwrap_or_else(|_| Err("The tool did not answer in time.".to_owned()))
}

fn result_part(call: &ToolCall, result: Result<String, String>) -> Part {
    let is_error = result.is_err();
    let content = shorten(result.unwrap_or_else(|error| error));
    Part::ToolResult { call_id: call.id.clone(), content, is_error }
}

/// Says that it cut, so that the model does not take a part for the whole.
fn shorten(mut content: String) -> String {
    let bytes = content.len();
    if bytes > MAX_TOOL_RESULT_BYTES {
        content.truncate(content.floor_char_boundary(MAX_TOOL_RESULT_BYTES));
        content.push_str(&format!("\n[cut: the whole result is {bytes} bytes long]"));
    }
    content
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_is_the_same_whatever_the_order_of_its_fields() {
        let mut made = CallsMade::default();
        assert!(made.insert("metrics", &json!({"a": 1, "b": [1, 2]})));
        assert!(!made.insert("metrics", &json!({"b": [1, 2], "a": 1})));
        assert!(made.insert("metrics", &json!({"b": [2, 1], "a": 1})));
        assert!(made.insert("health", &json!({"a": 1, "b": [1, 2]})));
        assert_eq!(made.count(), 3);
    }

    #[test]
    fn long_results_are_cut_between_characters_and_say_so() {
        assert_eq!(shorten("short".to_owned()), "short");
        let cut = shorten("é".repeat(MAX_TOOL_RESULT_BYTES));
        assert!(cut.starts_with('é') && cut.ends_with("bytes long]"));
        assert!(cut.len() < MAX_TOOL_RESULT_BYTES + 100);
        let odd = shorten(format!("a{}", "é".repeat(MAX_TOOL_RESULT_BYTES)));
        assert!(!odd.contains('\u{fffd}'));
    }
}
