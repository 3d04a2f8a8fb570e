//! Every test that needs more than one crate: contracts against real services, scenarios over HTTP,
//! tenants that must not meet, and the laws of the house.

#![allow(clippy::unwrap_used, reason = "helpers of tests, outside of test functions")]

mod contract;
mod isolation;
mod scenario;
mod services;
mod support;
mod tidy;
