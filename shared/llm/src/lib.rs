//! Language models: the port to reach one, and the policy for using it.
//!
//! The policy is a [`Chain`] of providers (time-outs, retry, failover, circuit breakers) and
//! [`converse`], the loop that lets a model call read-only tools and forwards its words as they
//! arrive. This crate does no IO. It knows nothing of HTTP, of any provider's wire format, or of
//! what the tools do; adapters implement [`ChatModel`], the caller implements [`ToolRunner`].

mod answer;
mod breaker;
mod chain;
mod chat;
mod conversation;
mod error;
mod limits;
mod model_id;
mod port;
mod prices;
mod record;
mod tools;

pub use chain::{Chain, Exhausted};
pub use chat::{
    Arguments, ChatRequest, Message, ModelEvent, Part, Role, StopReason, Tool, ToolCall,
    ToolChoice, Usage,
};
pub use conversation::{Conversation, Outcome, Progress, converse};
pub use error::{BoxError, Fault, ModelError, Phase};
pub use limits::{Limits, MAX_ROUNDS};
pub use model_id::{MAX_MODELS, ModelId, ModelIdError, ModelsError, Provider, parse_models};
pub use port::{ChatModel, ModelStream, ToolRunner};
pub use prices::{Price, Prices, PricesError};
pub use record::RequestRecord;
