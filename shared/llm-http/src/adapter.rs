//! The adapter itself: one attempt at one answer over HTTP.

use std::error::Error;

use async_trait::async_trait;
use llm::{ChatModel, ChatRequest, Fault, ModelError, ModelId, ModelStream};
use reqwest::{
    Client, Response, StatusCode,
    header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE},
};
use serde_json::Value;

use crate::{endpoint::Endpoint, fault, request::WireRequest, stream::events};

/// A model behind an OpenAI-compatible endpoint.
#[derive(Debug, Clone)]
pub struct HttpModel {
    client: Client,
    endpoint: Endpoint,
    id: ModelId,
}

impl HttpModel {
    /// The client is the process's one client. It must have no time-out for whole requests, which
    /// would cut long answers; the caller of the model keeps the time.
    pub fn new(client: Client, endpoint: Endpoint, id: ModelId) -> Self {
        Self { client, endpoint, id }
    }
}

#[async_trait]
impl ChatModel for HttpModel {
    fn id(&self) -> &ModelId {
        &self.id
    }

    async fn stream(&self, request: &ChatRequest) -> Result<ModelStream, ModelError> {
        let mut post = self
            .client
            .post(self.endpoint.url.clone())
            .header(ACCEPT, "text/event-stream")
            // Compression would hold back chunks until a block is full.
            .header(ACCEPT_ENCODING, "identity")
            .json(&WireRequest::new(&self.id, request));
        if let Some(authorization) = &self.endpoint.authorization {
            post = post.header(AUTHORIZATION, authorization.clone());
        }
        let response =
            post.send().await.map_err(|error| ModelError::unavailable(error.without_url()))?;
        if response.status() != StatusCode::OK {
            return Err(fault::of_response(response).await);
        }
        if is_json(&response) {
            return Err(not_a_stream(response).await);
        }
        let bytes = response.bytes_stream();
        Ok(events(Box::pin(futures::StreamExt::map(bytes, |bytes| {
            bytes.map_err(|error| Box::<dyn Error + Send + Sync>::from(error.without_url()))
        }))))
    }
}

fn is_json(response: &Response) -> bool {
    let content_type = response.headers().get(CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().starts_with(b"application/json"))
}

/// A server that answers 200 with one JSON document either reports an error in it or cannot stream.
async fn not_a_stream(response: Response) -> ModelError {
    let body = fault::bounded_body(response).await;
    let body: Option<Value> = serde_json::from_slice(&body).ok();
    match body.as_ref().and_then(|body| body.get("error")) {
        Some(error) => fault::in_stream(error),
        None => ModelError::malformed(Fault {
            status: Some(StatusCode::OK.as_u16()),
            code: Some("not_an_event_stream".to_owned()),
        }),
    }
}
