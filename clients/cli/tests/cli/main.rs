//! The program against a server that speaks the contract, and against some that do not.

#![allow(clippy::unwrap_used, reason = "helpers of tests, outside of test functions")]

mod answers;
mod ask;
mod chat;
mod eval;
mod failures;
mod inquiries;
mod resume;
mod run;
mod server;
mod sessions;
mod setup;
