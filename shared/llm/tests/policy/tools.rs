//! The tool loop.

use std::{sync::Arc, time::Duration};

use llm::{
    Arguments, Chain, ChatModel, Limits, MAX_ROUNDS, Message, ModelError, ModelEvent, Outcome,
    Part, Progress, Role, StopReason, ToolCall, ToolChoice,
};
use serde_json::json;
use testkit::{Reply, SCRIPTED_USAGE, ScriptedModel, Step};

use crate::{Runner, chain, id, said, scripted, statuses, talk};

const A: &str = "bedrock:a";
const B: &str = "openai:b";

/// What the model was told in its second round.
fn told(model: &ScriptedModel) -> Vec<(String, bool)> {
    let requests = model.requests();
    let result = |part: &Part| match part {
        Part::ToolResult { content, is_error, .. } => Some((content.clone(), *is_error)),
        _ => None,
    };
    requests[1].messages.last().unwrap().parts.iter().filter_map(result).collect()
}

#[tokio::test(start_paused = true)]
async fn results_go_back_to_the_model_which_then_answers() {
    let arguments = json!({"service": "payment"});
    let model = scripted(
        A,
        vec![
            Reply::Stream(vec![
                Step::Event(ModelEvent::Text("Let me look.".to_owned())),
                Step::Event(ModelEvent::ToolCall(ToolCall {
                    id: "call_x".to_owned(),
                    name: "query_metrics".to_owned(),
                    arguments: Arguments::Json(arguments.clone()),
                })),
                Step::Event(ModelEvent::Usage(SCRIPTED_USAGE)),
                Step::Event(ModelEvent::Stop(StopReason::ToolUse)),
            ]),
            Reply::text(&["The rate ", "is 2 %."]),
        ],
    );
    let runner = Runner::default();
    let (result, seen) = talk(&chain([&model]), &runner).await;
    let conversation = result.unwrap();

    assert!(matches!(conversation.outcome, Outcome::Complete));
    assert_eq!(conversation.text, "Let me look.\n\nThe rate is 2 %.");
    assert_eq!((conversation.rounds, conversation.tool_calls), (2, 1));
    assert_eq!(conversation.usage().input_tokens, 2 * SCRIPTED_USAGE.input_tokens);
    assert_eq!(runner.ran(), [("query_metrics".to_owned(), arguments.clone())]);
    let text = |text: &str| Progress::Text(text.to_owned());
    let (id, name) = ("call_x".to_owned(), "query_metrics".to_owned());
    assert_eq!(
        seen,
        [
            text("Let me look."),
            Progress::ToolCall { id: id.clone(), name: name.clone(), arguments: arguments.clone() },
            Progress::ToolResult {
                id: id.clone(),
                name: name.clone(),
                is_error: false,
                duration: Duration::ZERO
            },
            text("\n\n"),
            text("The rate "),
            text("is 2 %."),
        ]
    );
    assert_eq!(
        model.requests()[1].messages[1..],
        [
            Message {
                role: Role::Assistant,
                parts: vec![
                    Part::Text("Let me look.".to_owned()),
                    Part::ToolCall(ToolCall {
                        id: id.clone(),
                        name,
                        arguments: Arguments::Json(arguments)
                    }),
                ],
            },
            Message {
                role: Role::User,
                parts: vec![Part::ToolResult {
                    call_id: id,
                    content: "result of query_metrics".to_owned(),
                    is_error: false
                }],
            },
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_wrong_call_is_told_to_the_model_and_ends_nothing() {
    let json = |value| Arguments::Json(value);
    for (name, arguments, runs, told_it) in [
        ("drop_table", json(json!({})), false, "There is no tool of that name. The tools are: "),
        ("", json(json!({})), false, "There is no tool of that name."),
        ("query_metrics", Arguments::parse("{\"a\":"), false, "The arguments are not valid JSON"),
        ("query_metrics", json(json!([1])), false, "The arguments must be one JSON object"),
        ("query_metrics", json(json!({"service": null})), true, "service must be a text"),
    ] {
        let model = scripted(A, vec![Reply::calls(&[(name, arguments)]), Reply::text(&["answer"])]);
        let runner = Runner::default();
        let conversation = talk(&chain([&model]), &runner).await.0.unwrap();
        assert_eq!(conversation.text, "answer");
        assert_eq!(!runner.ran().is_empty(), runs, "{name}");
        let told = told(&model);
        assert!(told[0].0.starts_with(told_it) && told[0].1, "{told:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn calls_of_one_answer_are_run_together_up_to_a_limit_and_told_in_order() {
    let calls: Vec<_> = (0..9)
        .map(|n| ("query_metrics", Arguments::Json(json!({"service": "payment", "n": n}))))
        .collect();
    let model = scripted(A, vec![Reply::calls(&calls), Reply::text(&["answer"])]);
    let runner = Runner::default();
    let conversation = talk(&chain([&model]), &runner).await.0.unwrap();
    assert_eq!(conversation.tool_calls, 8);
    assert_eq!(runner.ran().len(), 8);
    let told = told(&model);
    assert_eq!(told.len(), 9);
    assert!(told[..8].iter().all(|(_, is_error)| !is_error));
    assert!(told[8].0.starts_with("At most 8 tools can be called at once"));
    let ids: std::collections::HashSet<String> = model.requests()[1].messages[1]
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::ToolCall(call) => Some(call.id.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(ids.len(), 9, "each has an id of its own");
}

#[tokio::test(start_paused = true)]
async fn ids_and_names_are_made_fit_for_every_provider() {
    let call = |id: &str, name: &str| {
        Step::Event(ModelEvent::ToolCall(ToolCall {
            id: id.to_owned(),
            name: name.to_owned(),
            arguments: Arguments::parse(""),
        }))
    };
    let model = scripted(
        A,
        vec![
            Reply::Stream(vec![
                call("good-1", "check_health"),
                call("good-1", "query_metrics"),
                call("functions.health:0", "check health"),
                call(&"x".repeat(65), ""),
                Step::Event(ModelEvent::Stop(StopReason::ToolUse)),
            ]),
            Reply::text(&["answer"]),
        ],
    );
    talk(&chain([&model]), &Runner::default()).await.0.unwrap();
    let messages = &model.requests()[1].messages;
    let mut shown = Vec::new();
    for (part, result) in messages[1].parts.iter().zip(&messages[2].parts) {
        let (Part::ToolCall(call), Part::ToolResult { call_id, .. }) = (part, result) else {
            panic!("{part:?} {result:?}")
        };
        assert_eq!(&call.id, call_id);
        shown.push((call.id.as_str(), call.name.as_str()));
    }
    assert_eq!(
        shown,
        [
            ("good-1", "check_health"),
            ("call_1_1", "query_metrics"),
            ("call_1_2", "unnamed"),
            ("call_1_3", "unnamed"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_tool_that_hangs_is_given_up() {
    let model = scripted(
        A,
        vec![Reply::call("check_health", json!({})), Reply::text(&["I could not look."])],
    );
    let runner = Runner { hangs: true, ..Runner::default() };
    let conversation = talk(&chain([&model]), &runner).await.0.unwrap();
    assert_eq!(conversation.text, "I could not look.");
    assert_eq!(told(&model), [("The tool did not answer in time.".to_owned(), true)]);
    assert_eq!(conversation.duration, Limits::default().tool);
}

#[tokio::test(start_paused = true)]
async fn a_model_that_goes_on_calling_is_told_to_answer() {
    let mut script: Vec<Reply> =
        (0..MAX_ROUNDS).map(|n| Reply::call("query_metrics", json!({"n": n}))).collect();
    script.push(Reply::text(&["enough"]));
    let model = scripted(A, script);
    let runner = Runner::default();
    let conversation = talk(&chain([&model]), &runner).await.0.unwrap();
    assert_eq!(conversation.text, "enough");
    assert_eq!((conversation.rounds, conversation.tool_calls), (MAX_ROUNDS + 1, MAX_ROUNDS));
    let choices: Vec<ToolChoice> = model.requests().iter().map(|r| r.tool_choice).collect();
    assert_eq!(choices[..MAX_ROUNDS], [ToolChoice::Auto; MAX_ROUNDS]);
    assert_eq!(choices[MAX_ROUNDS..], [ToolChoice::None]);
    let last = model.requests().pop().unwrap().messages.pop().unwrap();
    assert!(matches!(&last.parts[1], Part::Text(text) if text.starts_with("No more tools")));
}

#[tokio::test(start_paused = true)]
async fn a_model_in_circles_is_told_so_and_made_to_answer() {
    let same = || Reply::call("check_health", json!({"service": "payment"}));
    let model = scripted(A, vec![same(), same(), Reply::text(&["healthy"])]);
    let runner = Runner::default();
    let conversation = talk(&chain([&model]), &runner).await.0.unwrap();
    assert_eq!(conversation.text, "healthy");
    assert_eq!(runner.ran().len(), 1);
    let requests = model.requests();
    assert_eq!(requests[2].tool_choice, ToolChoice::None);
    assert!(matches!(
        &requests[2].messages.last().unwrap().parts[0],
        Part::ToolResult { content, is_error: true, .. } if content.starts_with("You have made")
    ));
}

#[tokio::test(start_paused = true)]
async fn a_model_that_never_answers_ends_in_nothing_or_in_what_it_said() {
    let endless = |refrain: fn() -> Reply| {
        let model: Arc<dyn ChatModel> = Arc::new(ScriptedModel::always(id(A), refrain));
        Chain::new(vec![model], Limits::default())
    };
    let runner = Runner::default();
    let silent = endless(|| Reply::call("check_health", json!({})));
    let exhausted = talk(&silent, &runner).await.0.unwrap_err();
    assert!(matches!(exhausted.last, Some(ModelError::NoAnswer)));
    assert_eq!(exhausted.records.len(), 3);

    let chatty = endless(|| {
        let Reply::Stream(mut steps) = Reply::call("check_health", json!({})) else {
            unreachable!("a call is a stream")
        };
        steps.insert(0, Step::Event(ModelEvent::Text("Looking.".to_owned())));
        Reply::Stream(steps)
    });
    let conversation = talk(&chatty, &runner).await.0.unwrap();
    assert!(matches!(conversation.outcome, Outcome::Complete));
    assert_eq!(conversation.text, "Looking.\n\nLooking.\n\nLooking.");
}

#[tokio::test(start_paused = true)]
async fn another_provider_takes_over_between_rounds() {
    let dies = scripted(A, vec![Reply::call("check_health", json!({}))]);
    let other = scripted(B, vec![Reply::text(&["healthy"])]);
    let runner = Runner::default();
    let (result, seen) = talk(&chain([&dies, &other]), &runner).await;
    let conversation = result.unwrap();
    assert_eq!((conversation.text.as_str(), said(&seen).as_str()), ("healthy", "healthy"));
    assert_eq!(conversation.model, id(B));
    let down = (A.to_owned(), "unavailable");
    assert_eq!(
        statuses(&conversation.records),
        [(A.to_owned(), "ok"), down.clone(), down.clone(), down, (B.to_owned(), "ok")]
    );
    assert_eq!(other.requests()[0].messages.len(), 3, "it gets the results");
}

#[tokio::test(start_paused = true)]
async fn when_a_later_round_fails_what_was_said_decides() {
    let silent = scripted(A, vec![Reply::call("check_health", json!({}))]);
    let runner = Runner::default();
    talk(&chain([&silent]), &runner).await.0.unwrap_err();

    let spoke = scripted(
        A,
        vec![Reply::Stream(vec![
            Step::Event(ModelEvent::Text("Let me look.".to_owned())),
            Step::Event(ModelEvent::ToolCall(ToolCall {
                id: String::new(),
                name: "check_health".to_owned(),
                arguments: Arguments::parse(""),
            })),
            Step::Event(ModelEvent::Stop(StopReason::ToolUse)),
        ])],
    );
    let conversation = talk(&chain([&spoke]), &runner).await.0.unwrap();
    assert!(matches!(conversation.outcome, Outcome::FailedMidway(ModelError::Unavailable { .. })));
    assert_eq!(conversation.text, "Let me look.");
}

#[tokio::test(start_paused = true)]
async fn a_model_that_said_it_all_before_the_tool_may_end_without_a_word() {
    let model = scripted(
        A,
        vec![
            Reply::Stream(vec![
                Step::Event(ModelEvent::Text("The rate is 2 %.".to_owned())),
                Step::Event(ModelEvent::ToolCall(ToolCall {
                    id: String::new(),
                    name: "check_health".to_owned(),
                    arguments: Arguments::parse(""),
                })),
                Step::Event(ModelEvent::Stop(StopReason::ToolUse)),
            ]),
            Reply::Stream(vec![Step::Event(ModelEvent::Stop(StopReason::EndTurn))]),
        ],
    );
    let conversation = talk(&chain([&model]), &Runner::default()).await.0.unwrap();
    assert!(matches!(conversation.outcome, Outcome::Complete));
    assert_eq!(conversation.text, "The rate is 2 %.");
}
