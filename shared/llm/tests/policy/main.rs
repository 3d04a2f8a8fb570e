//! The policy against scripted models: what a conversation does when providers and models misbehave.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod failover;
mod tools;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use llm::{
    Chain, ChatModel, ChatRequest, Conversation, Exhausted, Limits, Message, ModelId, Progress,
    Tool, ToolChoice, ToolRunner, converse,
};
use serde_json::{Value, json};
use testkit::{Reply, ScriptedModel};

fn id(text: &str) -> ModelId {
    text.parse().unwrap()
}

fn scripted(name: &str, script: Vec<Reply>) -> Arc<ScriptedModel> {
    Arc::new(ScriptedModel::new(id(name), script))
}

fn chain<'a>(models: impl IntoIterator<Item = &'a Arc<ScriptedModel>>) -> Chain {
    let models = models.into_iter().map(|model| Arc::clone(model) as Arc<dyn ChatModel>);
    Chain::new(models.collect(), Limits::default())
}

fn request() -> ChatRequest {
    let tool = |name: &str| Tool {
        name: name.to_owned(),
        description: format!("Reads {name}."),
        schema: json!({"type": "object"}),
    };
    ChatRequest {
        system: "You help.".to_owned(),
        messages: vec![Message::user("How is payment?")],
        tools: vec![tool("query_metrics"), tool("check_health")],
        tool_choice: ToolChoice::Auto,
        max_tokens: 500,
        temperature: None,
    }
}

/// Answers every call with its name and remembers what was run.
#[derive(Default)]
struct Runner {
    ran: Mutex<Vec<(String, Value)>>,
    hangs: bool,
}

impl Runner {
    fn ran(&self) -> Vec<(String, Value)> {
        self.ran.lock().unwrap().clone()
    }
}

#[async_trait]
impl ToolRunner for Runner {
    async fn run(&self, name: &str, arguments: Value) -> Result<String, String> {
        self.ran.lock().unwrap().push((name.to_owned(), arguments.clone()));
        if self.hangs {
            std::future::pending::<()>().await;
        }
        match arguments.get("service") {
            Some(Value::Null) => Err("service must be a text".to_owned()),
            _ => Ok(format!("result of {name}")),
        }
    }
}

/// Runs a conversation and returns what went out while it went on.
async fn talk(chain: &Chain, runner: &Runner) -> (Result<Conversation, Exhausted>, Vec<Progress>) {
    let mut seen = Vec::new();
    let mut on_progress = |progress| seen.push(progress);
    let conversation = converse(chain, request(), runner, &mut on_progress);
    let result = on_any_thread(conversation).await;
    (result, seen)
}

/// Does not compile for a future that a runtime of several threads could not hold.
async fn on_any_thread<T>(future: impl Future<Output = T> + Send) -> T {
    future.await
}

/// All text that went out.
fn said(seen: &[Progress]) -> String {
    let text = |progress: &Progress| match progress {
        Progress::Text(text) => Some(text.clone()),
        _ => None,
    };
    seen.iter().filter_map(text).collect()
}

fn statuses(records: &[llm::RequestRecord]) -> Vec<(String, &'static str)> {
    records.iter().map(|record| (record.model.to_string(), record.status)).collect()
}
