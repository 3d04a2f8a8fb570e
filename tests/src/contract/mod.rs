//! What every implementation of a port must do, run against the fake and the real ones alike.

mod backend;
mod blobs;
mod operations;
mod samples;
mod store;
