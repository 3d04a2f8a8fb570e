//! Every way in which a model can fail, against a fake of its wire: each turn ends in a good answer
//! or in one clear error, in time, and is stored either way. `fixtures/model_faults.json` says what
//! the fake does at which words.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use conversation::compose::WITHOUT_MODEL;
use llm::{ChatModel, Limits};
use llm_http::{Endpoint, HttpModel};
use local::services::{Service, aimock};
use serde_json::json;
use tempfile::TempDir;
use testkit::FixedOperations;
use tokio::sync::OnceCell;

use crate::support::{app::App, client::Event, shared, world::root};

/// Far below the defaults, so that what hangs is given up soon.
fn limits() -> Limits {
    Limits {
        first_token: Duration::from_millis(1500),
        idle: Duration::from_secs(1),
        turn: Duration::from_secs(8),
        backoff_min: Duration::from_millis(20),
        // Each fault is told apart from the one before it.
        breaker_failures: u32::MAX,
        ..Limits::default()
    }
}

async fn fake() -> &'static Service {
    static FAKE: OnceCell<(Service, TempDir)> = OnceCell::const_new();
    let (fake, _) = FAKE
        .get_or_init(|| {
            shared(async {
                let dir = tempfile::tempdir().unwrap();
                let options = aimock::Options {
                    dir: dir.path().to_owned(),
                    port: None,
                    fixtures: root().join("tests/fixtures/model_faults.json"),
                    flags: Vec::new(),
                };
                (aimock::start(&options).await.unwrap(), dir)
            })
        })
        .await;
    fake
}

async fn app() -> App {
    let base = format!("{}/v1", fake().await.url());
    let endpoint = Endpoint::new(&base, Some("test-key")).unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let model: Arc<dyn ChatModel> =
        Arc::new(HttpModel::new(http, endpoint, "openai:gpt-4o".parse().unwrap()));
    App::in_memory(vec![model], limits(), Arc::new(FixedOperations::default())).await
}

fn text(events: &[Event]) -> String {
    let deltas = events.iter().filter(|event| event.name == "content_delta");
    deltas.map(|event| event.json()["text"].as_str().unwrap().to_owned()).collect()
}

/// How a turn is to end.
enum End {
    /// In the model's words.
    Model(&'static str),
    /// In the composer's, which says so.
    Composer,
    /// Broken off behind these words, with this code.
    Broken(&'static str, &'static str),
}

#[tokio::test]
async fn each_fault_ends_in_an_answer_or_one_clear_error_in_time() {
    use End::{Broken, Composer, Model};
    let client = app().await.new_tenant().await;
    for (fault, end) in [
        ("plain", Model("The error rate of payment is 2.1 % over the last hour.")),
        ("throttled once", Model("Answered after the wait.")),
        ("throttled always", Composer),
        ("fails always", Composer),
        ("never begins", Composer),
        ("hangs midway", Broken("The error rate o", "MODEL_TIMEOUT")),
        ("cut midway", Broken("The erro", "MODEL_UNAVAILABLE")),
        ("malformed", Composer),
        ("disconnected", Composer),
        ("good tool", Model("Let me look.\n\npayment is healthy.")),
        ("wrong tool", Model("I cannot do that.")),
        ("bad arguments", Model("I could not look.")),
        ("unknown metric", Model("There is no such metric.")),
        ("endless loop", Composer),
    ] {
        let began = Instant::now();
        let question = format!("What is the error rate of payment in the last hour? ({fault})");
        let events = client.stream(&json!({ "content": question })).await;
        assert!(began.elapsed() < Duration::from_secs(12), "{fault}: {:?}", began.elapsed());
        let said = text(&events);
        let last = events.last().unwrap();
        let (terminal, status) = match end {
            Model(words) => {
                assert!(said.starts_with(words), "{fault}: {said}");
                assert!(said.contains("```promql"), "{fault}: the query is quoted: {said}");
                ("message_end", "complete")
            }
            Composer => {
                assert!(said.starts_with(WITHOUT_MODEL), "{fault}: {said}");
                ("message_end", "complete")
            }
            Broken(words, code) => {
                assert_eq!(said, words, "{fault}");
                assert_eq!(last.json()["code"], code, "{fault}");
                ("error", "failed")
            }
        };
        assert_eq!(last.name, terminal, "{fault}: {last:?}");
        let session = events[0].json()["session_id"].as_str().unwrap().to_owned();
        let (_, messages) = client.get(&format!("/api/v1/messages/{session}")).await;
        let (question, reply) = (&messages["items"][0], &messages["items"][1]);
        assert_eq!(question["status"], "complete", "{fault}");
        assert_eq!(
            (&reply["status"], &reply["content"]),
            (&json!(status), &json!(said)),
            "{fault}"
        );
    }
}

#[tokio::test]
async fn tokens_and_cost_are_recorded() {
    let client = app().await.new_tenant().await;
    let answer = client.ask(None, "What is the error rate of payment? (plain)").await;
    assert!(answer.usage.input_tokens > 0 && answer.usage.output_tokens > 0, "{:?}", answer.usage);
    assert_eq!(answer.usage.model.as_deref(), Some("openai:gpt-4o"));
    assert_eq!(answer.usage.cost_usd, None, "a price that is not configured is not invented");
}
