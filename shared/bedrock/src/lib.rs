//! Models on Amazon Bedrock, by `ConverseStream`, and by `Converse` for models that cannot stream
//! while they have tools.
//!
//! One request, one attempt: the SDK's own retries are off, because the policy is `llm`'s. No type
//! of the SDK leaves this crate but the configuration that goes in.

mod adapter;
mod assembler;
mod document;
mod fault;
mod request;
mod stream;

pub use adapter::BedrockModel;
