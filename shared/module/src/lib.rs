//! The operations that the copilot runs on modules (Prometheus, Loki, Tempo), as one table, and the port
//! through which they are run.
//!
//! What an operation is called, what arguments it takes and what its failures mean is decided
//! here. This crate does no IO and knows no module's protocol: adapters do.

mod arguments;
mod breaker;
mod error;
mod operation;
mod policy;
mod port;
mod results;
mod wire;

pub use arguments::validate;
pub use breaker::{BreakerSettings, BreakerState, CircuitBreaker, CircuitOpen, Permit};
pub use error::{ArgumentError, Cause, MAX_MESSAGE_CHARS, ModuleError};
pub use operation::{
    IDENTITY_JWKS, LOGS_CATALOG, LOGS_LINES, LOGS_QUERY, LOGS_QUERY_RANGE, METRICS_CATALOG,
    METRICS_QUERY, METRICS_QUERY_RANGE, OperationSpec, TRACES_CATALOG, TRACES_QUERY_RANGE,
    TRACES_SEARCH, ToolSpec, find, find_tool, operations, tool_specs,
};
pub use policy::{Policy, PolicySettings};
pub use port::{OperationCall, Operations};
pub use results::{FoundSpan, FoundTrace, LogLine, LogLines, TraceList};
pub use wire::{ErrorKind, ErrorWire};
