//! Stories over HTTP, against the whole process.

mod answers;
mod bad_requests;
mod broken_turns;
mod cli;
mod dev;
mod idempotency;
mod identity;
mod inquiries;
mod log_questions;
mod logs;
mod model_faults;
mod packaged;
mod queries;
mod resume;
mod sessions;
mod storage_faults;
mod traces;
