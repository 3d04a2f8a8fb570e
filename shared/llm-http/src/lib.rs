//! Models behind OpenAI's chat completions protocol: OpenAI itself, Ollama, vLLM and whatever else
//! speaks it.
//!
//! One request, one attempt: statuses, timing and transport faults become [`llm::ModelError`]s, and
//! the policy for them is `llm`'s. This crate knows nothing of the other providers or of what the
//! answers are for.

mod adapter;
mod assembler;
mod chunk;
mod endpoint;
mod fault;
mod request;
mod sse;
mod stream;

pub use adapter::HttpModel;
pub use endpoint::{Endpoint, EndpointError};
