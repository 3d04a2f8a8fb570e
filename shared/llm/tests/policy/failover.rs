//! Failures before and after the first token.

use std::{error::Error, time::Duration};

use llm::{Chain, Limits, ModelError, ModelEvent, Outcome, Phase, StopReason};
use testkit::{Reply, SCRIPTED_USAGE, Step};
use tokio::time::Instant;

use crate::{Runner, chain, id, said, scripted, statuses, talk};

const A: &str = "bedrock:a";
const B: &str = "openai:b";

fn throttled(seconds: Option<u64>) -> Reply {
    Reply::Refuse(ModelError::Throttled { retry_after: seconds.map(Duration::from_secs) })
}

fn down() -> Reply {
    Reply::Refuse(ModelError::unavailable("down"))
}

#[tokio::test(start_paused = true)]
async fn before_the_first_token_a_failure_is_retried_and_then_another_provider_asked() {
    let rejected = || Reply::Refuse(ModelError::rejected("bad key"));
    let cut = || Reply::Stream(vec![]);
    let malformed = || Reply::broken(&[], Step::Fail(ModelError::malformed("not what was agreed")));
    let empty = || Reply::Stream(vec![Step::Event(ModelEvent::Stop(StopReason::EndTurn))]);
    let filtered =
        || Reply::Stream(vec![Step::Event(ModelEvent::Stop(StopReason::ContentFiltered))]);
    let silent = || Reply::broken(&[], Step::Hang);
    let good = || Reply::text(&["fine"]);
    let cases = [
        ("a good answer", vec![good()], vec![(A, "ok")]),
        ("one 429", vec![throttled(None), good()], vec![(A, "throttled"), (A, "ok")]),
        ("one 500", vec![down(), good()], vec![(A, "unavailable"), (A, "ok")]),
        ("cut at once", vec![cut(), good()], vec![(A, "cut"), (A, "ok")]),
        ("malformed at once", vec![malformed(), good()], vec![(A, "malformed"), (A, "ok")]),
        (
            "down",
            vec![down(), down(), down(), good()],
            vec![(A, "unavailable"), (A, "unavailable"), (A, "unavailable"), (B, "ok")],
        ),
        ("a long Retry-After", vec![throttled(Some(60))], vec![(A, "throttled"), (B, "ok")]),
        ("a bad key", vec![rejected()], vec![(A, "rejected"), (B, "ok")]),
        ("an empty answer", vec![empty()], vec![(A, "empty"), (B, "ok")]),
        ("a filtered answer", vec![filtered()], vec![(A, "rejected"), (B, "ok")]),
        ("hangs before the headers", vec![Reply::Hang], vec![(A, "timeout"), (B, "ok")]),
        ("hangs behind the headers", vec![silent()], vec![(A, "timeout"), (B, "ok")]),
    ];
    for (name, script, expected) in cases {
        let models = [scripted(A, script), scripted(B, vec![good()])];
        let (result, seen) = talk(&chain(&models), &Runner::default()).await;
        let conversation = result.unwrap();
        assert!(matches!(conversation.outcome, Outcome::Complete), "{name}");
        assert_eq!(conversation.text, "fine", "{name}");
        assert_eq!(said(&seen), "fine", "{name}");
        let expected: Vec<_> = expected.into_iter().map(|(m, s)| (m.to_owned(), s)).collect();
        assert_eq!(statuses(&conversation.records), expected, "{name}");
        assert_eq!(conversation.model.to_string(), expected.last().unwrap().0, "{name}");
        assert_eq!(conversation.usage(), SCRIPTED_USAGE, "{name}");
        assert!(conversation.duration < Duration::from_secs(30), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_short_retry_after_is_kept_to_the_second() {
    let models = [scripted(A, vec![throttled(Some(3)), Reply::text(&["fine"])])];
    let started = Instant::now();
    talk(&chain(&models), &Runner::default()).await.0.unwrap();
    assert_eq!(started.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn when_nobody_answers_the_caller_learns_why_and_is_free_to_answer() {
    for (models, records, last) in [
        (vec![], 0, None),
        (vec![scripted(A, vec![down(), down(), down()])], 3, Some("the model is unavailable")),
        (
            vec![scripted(A, vec![Reply::Hang]), scripted(B, vec![Reply::Hang])],
            2,
            Some("the model did not begin to answer within 20 s"),
        ),
    ] {
        let (result, seen) = talk(&chain(&models), &Runner::default()).await;
        let exhausted = result.unwrap_err();
        assert_eq!(exhausted.records.len(), records);
        assert_eq!(exhausted.source().map(ToString::to_string).as_deref(), last);
        assert!(seen.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn after_the_first_token_an_error_is_final_and_what_was_said_is_kept() {
    for (end, status) in [
        (Step::Fail(ModelError::unavailable("reset")), "unavailable"),
        (Step::Fail(ModelError::malformed("{")), "malformed"),
        (Step::Fail(ModelError::Throttled { retry_after: None }), "throttled"),
        (Step::Hang, "timeout"),
        (Step::Wait(Duration::ZERO), "cut"),
    ] {
        let models = [
            scripted(A, vec![Reply::broken(&["The error ", "rate"], end)]),
            scripted(B, vec![Reply::text(&["never asked"])]),
        ];
        let (result, seen) = talk(&chain(&models), &Runner::default()).await;
        let conversation = result.unwrap();
        let Outcome::FailedMidway(error) = conversation.outcome else { panic!("{status}") };
        assert_eq!(error.name(), status);
        assert_eq!(conversation.text, "The error rate");
        assert_eq!(said(&seen), "The error rate");
        assert_eq!(conversation.model.to_string(), A);
        assert!(models[1].requests().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn signs_of_work_keep_a_slow_answer_alive_until_the_turn_is_over() {
    let slow = |pauses: usize| {
        let mut steps = Vec::new();
        for _ in 0..pauses {
            steps.push(Step::Wait(Duration::from_secs(15)));
            steps.push(Step::Event(ModelEvent::Working));
        }
        steps.push(Step::Event(ModelEvent::Text("done".to_owned())));
        steps.push(Step::Event(ModelEvent::Stop(StopReason::EndTurn)));
        Reply::Stream(steps)
    };
    let (result, _) = talk(&chain([&scripted(A, vec![slow(6)])]), &Runner::default()).await;
    let conversation = result.unwrap();
    assert_eq!(conversation.text, "done");
    assert_eq!(conversation.time_to_first_token, Some(Duration::from_secs(90)));

    let models = [scripted(A, vec![slow(100)]), scripted(B, vec![Reply::text(&["too late"])])];
    let started = Instant::now();
    let exhausted = talk(&chain(&models), &Runner::default()).await.0.unwrap_err();
    assert!(matches!(exhausted.last, Some(ModelError::Timeout { phase: Phase::Turn, .. })));
    assert_eq!(started.elapsed().as_secs(), 120);
    assert!(models[1].requests().is_empty(), "the turn is over");
}

#[tokio::test(start_paused = true)]
async fn a_dead_provider_is_left_alone_and_tried_again_later() {
    let dead = scripted(A, vec![down(), down(), down(), Reply::text(&["back"])]);
    let other = scripted(B, vec![Reply::text(&["one"]), Reply::text(&["two"])]);
    let chain = chain([&dead, &other]);
    let runner = Runner::default();
    let mut texts = Vec::new();
    for _ in 0..2 {
        texts.push(talk(&chain, &runner).await.0.unwrap().text);
    }
    assert_eq!(dead.requests().len(), 3, "the second turn does not ask it");
    tokio::time::advance(Limits::default().breaker_pause).await;
    texts.push(talk(&chain, &runner).await.0.unwrap().text);
    assert_eq!(texts, ["one", "two", "back"]);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_fails_is_not_repeated() {
    let dead = scripted(A, (0..9).map(|_| down()).collect());
    let chain = chain([&dead]);
    let runner = Runner::default();
    talk(&chain, &runner).await.0.unwrap_err();
    tokio::time::advance(Limits::default().breaker_pause).await;
    let exhausted = talk(&chain, &runner).await.0.unwrap_err();
    assert_eq!(exhausted.records.len(), 1);
    assert_eq!(dead.requests().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_preferred_model_goes_first_and_the_others_keep_their_order() {
    let models = [scripted(A, vec![]), scripted(B, vec![]), scripted("vllm:c", vec![])];
    let chain = chain(&models);
    let order = |chain: &Chain| chain.models().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(order(&chain.preferring(&id("vllm:c")).unwrap()), ["vllm:c", A, B]);
    assert_eq!(order(&chain.preferring(&id(A)).unwrap()), [A, B, "vllm:c"]);
    assert!(chain.preferring(&id("openai:unknown")).is_none());
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_end_is_cut() {
    let flood = Reply::Stream(
        (0..10_000).map(|_| Step::Event(ModelEvent::Text("x".repeat(1024)))).collect(),
    );
    let (result, _) = talk(&chain([&scripted(A, vec![flood])]), &Runner::default()).await;
    let conversation = result.unwrap();
    assert!(matches!(conversation.outcome, Outcome::Truncated));
    assert_eq!(conversation.text.len(), 257 * 1024);
}
