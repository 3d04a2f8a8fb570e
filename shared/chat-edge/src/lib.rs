//! What the functions that run chat turns have in common: their configuration, the adapters that
//! they are wired to, and the conversion between the domain's types and the wire's.
//!
//! It stands where a function stands in the order of dependencies, so that `chat` and `stream` need
//! not depend on each other.

mod config;
mod input;
mod inquiry;
mod metrics;
mod ready;
mod wire;
mod wiring;

pub use config::Config;
pub use input::{check_metadata, claim, page, turn_request};
pub use inquiry::{ReadInquiry, ReadQuery, ReadTranslation, ran, translated, understood};
pub use metrics::{record, record_run, record_understanding};
pub use wire::{WIRE, answer, message, session, stored_answer};
pub use wiring::{Cloud, Deps, Ports, Stores};
