//! Fakes for the ports, for tests and benchmarks: they hold what they are given and do what they are
//! told. No production crate depends on this one.

mod clock;
mod memory;
mod operations;
mod scripted_model;

pub use clock::FrozenClock;
pub use memory::{MemoryBlobs, MemoryStore};
pub use operations::FixedOperations;
pub use scripted_model::{Reply, SCRIPTED_USAGE, ScriptedModel, Step};
