//! A period of time that a question is about.

use jiff::{SignedDuration, Timestamp};

/// From `start` to `end`; both are always resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeRange {
    pub start: Timestamp,
    pub end: Timestamp,
    /// `1h`, `30m`, `7d` when the words were "so much back from now".
    pub relative: Option<String>,
}

impl TimeRange {
    /// The last `length` before `now`, written as `relative`.
    pub fn last(length: SignedDuration, relative: &str, now: Timestamp) -> Self {
        Self {
            start: now.checked_sub(length).unwrap_or(Timestamp::MIN),
            end: now,
            relative: Some(relative.to_owned()),
        }
    }

    /// Never negative.
    pub fn duration(&self) -> SignedDuration {
        self.end.duration_since(self.start).max(SignedDuration::ZERO)
    }
}
