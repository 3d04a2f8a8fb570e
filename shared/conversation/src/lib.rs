//! The conversation: sessions, turns and their event streams.
//!
//! It composes the other domain crates (understanding, queries, models, operations) into a turn and
//! does no IO of its own: what is kept and what is asked goes through the ports in [`store`],
//! `module::Operations` and `llm::ChatModel`.

mod answer;
mod catalog;
pub mod compose;
mod ending;
pub mod follow;
mod ground;
pub mod inquiry;
mod kept;
mod log_sources;
mod operation;
mod prompt;
pub mod publish;
mod records;
mod running;
pub mod session;
mod state;
pub mod store;
mod tools;
pub mod turn;
pub mod wire;

use jiff::SignedDuration;

pub use catalog::{Names, TenantCatalog, TenantCatalogs};
pub use log_sources::LogSources;
pub use operation::Run;

/// How long a stream can be resumed.
pub const EVENTS_KEPT: SignedDuration = SignedDuration::from_hours(24);
