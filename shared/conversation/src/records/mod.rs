//! Questions about records: the lines of logs and the spans of traces.
//!
//! What a question is read against comes from the systems that keep the records ([`Sources`]), and
//! is fetched for such questions only; what a query is run for, and when, is in [`Lookup`].

mod lookup;
mod sources;

pub(crate) use self::{
    lookup::{DEFAULT_S, Lookup, step_s_of},
    sources::{Checked, Sources, Yields},
};
