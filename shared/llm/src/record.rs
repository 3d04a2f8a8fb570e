//! What one request to one provider took: the raw material of metrics and cost.

use std::time::Duration;

use crate::{ModelId, Usage};

/// One attempt. A conversation has one for each attempt in each round.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestRecord {
    pub model: ModelId,
    /// `ok`, or the name of the error.
    pub status: &'static str,
    /// To the first text or tool call.
    pub time_to_first_token: Option<Duration>,
    pub duration: Duration,
    /// `None` where the provider did not count, or failed before it did.
    pub usage: Option<Usage>,
}

impl RequestRecord {
    pub fn is_ok(&self) -> bool {
        self.status == OK
    }
}

pub(crate) const OK: &str = "ok";
