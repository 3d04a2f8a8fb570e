//! The adapter itself: one attempt at one answer from Bedrock.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_bedrockruntime::{
    Client,
    config::{Builder, StalledStreamProtectionConfig, retry::RetryConfig},
};
use futures::{StreamExt, stream};
use llm::{ChatModel, ChatRequest, ModelError, ModelId, ModelStream};

use crate::{
    assembler::of_whole,
    fault::{cannot_stream, of_request},
    request::Request,
    stream::events,
};

/// A model on Amazon Bedrock: a foundation model, an inference profile, or the ARN of either.
#[derive(Debug)]
pub struct BedrockModel {
    client: Client,
    id: ModelId,
    /// Learnt from the service: this model answers in one piece when it has tools.
    answers_whole: AtomicBool,
}

impl BedrockModel {
    /// Region, credentials, endpoint and the HTTP client are the configuration's. Retry is off, and
    /// so is the SDK's guard against stalled streams: a model may think for as long as the caller
    /// lets it.
    pub fn new(config: &SdkConfig, id: ModelId) -> Self {
        let config = Builder::from(config)
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Self { client: Client::from_conf(config), id, answers_whole: AtomicBool::new(false) }
    }

    async fn whole(&self, request: Request) -> Result<ModelStream, ModelError> {
        let answer = self
            .client
            .converse()
            .model_id(&self.id.name)
            .set_messages(Some(request.messages))
            .set_system(request.system)
            .set_tool_config(request.tools)
            .inference_config(request.inference)
            .send()
            .await
            .map_err(of_request)?;
        Ok(stream::iter(of_whole(answer)?.into_iter().map(Ok)).boxed())
    }
}

#[async_trait]
impl ChatModel for BedrockModel {
    fn id(&self) -> &ModelId {
        &self.id
    }

    async fn stream(&self, request: &ChatRequest) -> Result<ModelStream, ModelError> {
        let request = Request::new(request).map_err(ModelError::rejected)?;
        let has_tools = request.tools.is_some();
        if has_tools && self.answers_whole.load(Ordering::Relaxed) {
            return self.whole(request).await;
        }
        let sent = self
            .client
            .converse_stream()
            .model_id(&self.id.name)
            .set_messages(Some(request.messages.clone()))
            .set_system(request.system.clone())
            .set_tool_config(request.tools.clone())
            .inference_config(request.inference.clone())
            .send()
            .await;
        match sent {
            Ok(answer) => Ok(events(answer)),
            Err(error) if has_tools && cannot_stream(&error) => {
                self.answers_whole.store(true, Ordering::Relaxed);
                self.whole(request).await
            }
            Err(error) => Err(of_request(error)),
        }
    }
}
