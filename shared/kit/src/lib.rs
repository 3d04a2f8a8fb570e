//! What every function is wrapped in: requests in, responses out, and all that must be the same
//! everywhere in between (request ids, callers, permissions, rates, limits, errors, logs, metrics).
//!
//! The only crate that knows `lambda_*`. It knows nothing of conversations or queries.

pub mod body;
pub mod config;
mod error;
mod http_log;
pub mod logging;
pub mod metrics;
mod request;
mod response;
mod router;
pub mod runtime;
mod service;
mod traceparent;

pub use body::Body;
pub use error::{Error, FieldProblem};
pub use request::Request;
pub use response::{Respond, Response};
pub use service::{Function, MAX_BODY_BYTES, Service, Settings, too_large_response};
pub use traceparent::TraceContext;
