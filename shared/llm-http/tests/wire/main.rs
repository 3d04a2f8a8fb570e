//! The adapter against servers on the wire: one that answers by the book with each status, and one
//! that breaks the connection where it likes.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod raw;
mod statuses;

use std::time::Duration;

use futures::StreamExt;
use llm::{ChatModel, ChatRequest, Message, ModelError, ModelEvent, ToolChoice};
use llm_http::{Endpoint, HttpModel};

const KEY: &str = "sk-test-secret";

fn model(base: &str) -> HttpModel {
    let endpoint = Endpoint::new(base, Some(KEY)).unwrap();
    HttpModel::new(reqwest::Client::new(), endpoint, "openai:gpt-4o".parse().unwrap())
}

fn request() -> ChatRequest {
    ChatRequest {
        system: "You help.".to_owned(),
        messages: vec![Message::user("How is payment?")],
        tools: vec![],
        tool_choice: ToolChoice::Auto,
        max_tokens: 500,
        temperature: Some(0.0),
    }
}

/// Reads a whole answer; fails the test instead of waiting for ever.
async fn ask(model: &HttpModel) -> Result<Vec<Result<ModelEvent, ModelError>>, ModelError> {
    let asked = async { Ok(model.stream(&request()).await?.collect().await) };
    tokio::time::timeout(Duration::from_secs(10), asked).await.expect("an answer or an error")
}

/// An error as it could reach a log: its words and those of its causes.
fn words(error: &dyn std::error::Error) -> String {
    let mut words = format!("{error:?} {error}");
    let mut source = error.source();
    while let Some(error) = source {
        words.push_str(&format!(": {error}"));
        source = error.source();
    }
    words
}
