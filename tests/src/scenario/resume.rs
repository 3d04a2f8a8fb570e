//! A stream that is cut anywhere gives every remaining event once and in order when it is resumed.

use std::{sync::Arc, time::Duration};

use conversation::{
    follow::Follower,
    publish::{Destination, Publisher},
    store::{EventLog, TurnStore},
};
use futures::StreamExt;
use llm::{ChatModel, Limits, ModelError, ModelEvent, StopReason};
use model::{Clock, SystemClock};
use proptest::prelude::*;
use serde_json::json;
use testkit::{FixedOperations, MemoryStore, Reply, ScriptedModel, Step};

use super::broken_turns::turn;
use crate::support::{
    app::{App, tenant},
    client::{Event, events},
};

/// How a model speaks in one run.
#[derive(Debug, Clone)]
struct Speech {
    pieces: Vec<String>,
    /// Before each piece.
    pause: Duration,
    dies: bool,
}

fn speeches() -> impl Strategy<Value = Speech> {
    let pieces = prop::collection::vec("[a-z ]{1,12}|[äöü\\n]{1,3}", 1..12);
    (pieces, 0_u64..60, any::<bool>()).prop_map(|(pieces, pause_ms, dies)| Speech {
        pieces,
        pause: Duration::from_millis(pause_ms),
        dies,
    })
}

impl Speech {
    fn model(&self) -> Arc<dyn ChatModel> {
        let mut steps = Vec::new();
        for piece in &self.pieces {
            steps.push(Step::Wait(self.pause));
            steps.push(Step::Event(ModelEvent::Text(piece.clone())));
        }
        steps.push(if self.dies {
            Step::Fail(ModelError::Cut)
        } else {
            Step::Event(ModelEvent::Stop(StopReason::EndTurn))
        });
        Arc::new(ScriptedModel::new("openai:scripted".parse().unwrap(), vec![Reply::Stream(steps)]))
    }

    fn said(&self) -> String {
        self.pieces.concat()
    }
}

async fn app(speech: &Speech) -> App {
    App::in_memory(vec![speech.model()], Limits::default(), Arc::new(FixedOperations::default()))
        .await
}

fn check(whole: &[Event], speech: &Speech) {
    let ids: Vec<u64> = whole.iter().map(|event| event.id).collect();
    let expected: Vec<u64> = (1..=whole.len() as u64).collect();
    assert_eq!(ids, expected, "every event once, in order");
    let terminal = |event: &Event| event.name == "message_end" || event.name == "error";
    assert_eq!(whole.iter().filter(|event| terminal(event)).count(), 1);
    let last = whole.last().unwrap();
    assert_eq!(last.name, if speech.dies { "error" } else { "message_end" });
    let text: String = whole
        .iter()
        .filter(|event| event.name == "content_delta")
        .map(|event| event.json()["text"].as_str().unwrap().to_owned())
        .collect();
    assert!(text.starts_with(&speech.said()), "{text:?} {:?}", speech.said());
}

/// Cuts the connection behind `cut` events and reads the rest, by another connection.
async fn cut_and_resume(speech: &Speech, cut: usize) {
    let client = app(speech).await.new_tenant().await;
    let response = client.open_stream(&json!({ "content": "error rate of payment" })).await;
    assert_eq!(response.status(), 200);
    // Without an event there is no stream's id: a client that saw none asks again.
    let mut whole = events(response, cut.max(1)).await;
    let stream = whole[0].json()["stream_id"].as_str().unwrap().to_owned();
    let last_id = whole.last().unwrap().id;
    let ended = matches!(whole.last().unwrap().name.as_str(), "message_end" | "error");
    let rest = client.resume(&stream, last_id).await;
    assert!(!ended || rest.is_empty(), "{rest:?}");
    whole.extend(rest);
    check(&whole, speech);
    // Whoever comes later, and several at once, read the same.
    let readers = (0..3).map(|_| client.resume(&stream, 0));
    for again in futures::future::join_all(readers).await {
        assert_eq!(again, whole);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_cut_stream_goes_on_where_it_stopped(speech in speeches(), cut in 0_usize..24) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(cut_and_resume(&speech, cut));
    }
}

/// After each single event, with the table of the local cloud.
#[tokio::test]
async fn every_cut_point_on_the_local_cloud() {
    let app = App::on_local_cloud(&[]).await;
    let client = app.new_tenant().await;
    let question = json!({ "content": "what is the error rate of payment in the last hour?" });
    let whole = client.stream(&question).await;
    assert!(whole.len() > 8, "{whole:?}");
    let stream = whole[0].json()["stream_id"].as_str().unwrap().to_owned();
    for cut in 0..=whole.len() {
        let rest = client.resume(&stream, cut as u64).await;
        assert_eq!(rest, whole[cut..], "cut after {cut}");
    }
}

/// Nobody reads, and the turn goes on and is stored.
#[tokio::test]
async fn a_turn_without_a_reader_is_finished() {
    let speech = Speech {
        pieces: vec!["one ".to_owned(), "two".to_owned()],
        pause: Duration::from_millis(50),
        dies: false,
    };
    let client = app(&speech).await.new_tenant().await;
    let response = client.open_stream(&json!({ "content": "error rate of payment" })).await;
    let first = events(response, 1).await;
    let start = first[0].json();
    let rest = client.resume(start["stream_id"].as_str().unwrap(), 1).await;
    assert_eq!(rest.last().unwrap().name, "message_end");
    let session = start["session_id"].as_str().unwrap();
    let (_, messages) = client.get(&format!("/api/v1/messages/{session}")).await;
    let reply = &messages["items"][1];
    assert_eq!(reply["status"], "complete");
    assert!(reply["content"].as_str().unwrap().starts_with("one two"), "{reply}");
}

/// A reader that does not read holds up nobody, and finds everything when it does: what it missed
/// live it reads from the log.
#[tokio::test]
async fn a_slow_reader_holds_nothing_up() {
    const EVENTS: u64 = 5_000;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Arc::new(MemoryStore::new(Arc::clone(&clock)));
    let tenant = tenant();
    let (start, stream) = turn(clock.now());
    store.begin(&tenant, &start).await.unwrap();
    let expires_at = clock.now() + conversation::EVENTS_KEPT;
    let log: Arc<dyn EventLog> = store.clone();
    let mut publisher =
        Publisher::new(Destination { log, tenant: tenant.clone(), stream, expires_at });
    let follower =
        Follower { log: store.clone(), messages: store.clone(), clock, wire: chat_edge::WIRE };
    let reader = follower.live(&tenant, stream, publisher.subscribe());
    for number in 1..EVENTS {
        publisher.publish("content_delta".to_owned(), format!("{{\"text\":\"{number}\"}}"));
    }
    let ending = publisher.end("message_end".to_owned(), "{}".to_owned()).await;
    store.append(&tenant, stream, &ending.unwritten, expires_at).await.unwrap();
    ending.announce();
    let ids: Vec<u64> = reader.map(|event| event.id).collect().await;
    assert_eq!(ids, (1..=EVENTS).collect::<Vec<_>>());
}
