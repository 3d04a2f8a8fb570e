//! The ports: a model that streams, and what runs its tool calls.

use async_trait::async_trait;
use futures::stream::BoxStream;
use serde_json::Value;

use crate::{ChatRequest, ModelError, ModelEvent, ModelId};

/// An answer as it arrives. A whole one ends with [`ModelEvent::Stop`]; one that ends without it,
/// or with an error, was cut. Dropping it abandons the request.
pub type ModelStream = BoxStream<'static, Result<ModelEvent, ModelError>>;

/// One model of one provider.
///
/// An implementation makes one attempt and keeps no time: [`crate::Chain`] owns retry and time-outs.
#[async_trait]
pub trait ChatModel: Send + Sync {
    fn id(&self) -> &ModelId;

    async fn stream(&self, request: &ChatRequest) -> Result<ModelStream, ModelError>;
}

/// Runs what a model asks for.
///
/// The name is one of the request's tools and the arguments are a JSON object; whether they fit the
/// tool's schema is for the implementation to check. Either text goes to the model, which may try
/// again with better arguments, so an `Err` says what to do differently and holds no secret.
#[async_trait]
pub trait ToolRunner: Send + Sync {
    async fn run(&self, name: &str, arguments: Value) -> Result<String, String>;
}
