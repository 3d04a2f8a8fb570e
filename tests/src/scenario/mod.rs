//! Stories over HTTP, against the whole process.

mod answers;
mod bad_requests;
mod idempotency;
mod model_faults;
mod packaged;
mod resume;
mod sessions;
mod storage_faults;
