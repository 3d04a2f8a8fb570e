//! What a conversation with a model may take.

use std::time::Duration;

/// How often a model may call tools before it must answer.
pub const MAX_ROUNDS: usize = 6;
/// Tool calls carried out of one answer; the others are refused.
pub(crate) const MAX_CALLS_PER_ROUND: usize = 8;
/// The longest answer that is kept. `max_tokens` asks for less; this holds when it is ignored.
pub(crate) const MAX_ANSWER_BYTES: usize = 256 * 1024;
/// The longest result of a tool that is shown to the model.
pub(crate) const MAX_TOOL_RESULT_BYTES: usize = 32 * 1024;

/// Times and attempts. The defaults suit a function with a time-out of five minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// From sending a request to the provider's first sign of an answer.
    pub first_token: Duration,
    /// Between two signs of life.
    pub idle: Duration,
    /// The whole conversation: every attempt, round and tool.
    pub turn: Duration,
    /// One run of one tool.
    pub tool: Duration,
    /// How often one provider is asked, the first time included, before the next one is.
    pub attempts_per_provider: u32,
    /// The wait before the second attempt, at least; it doubles, with jitter on top.
    pub backoff_min: Duration,
    /// The longest wait between two attempts. A provider that asks for more is left for the next.
    pub backoff_max: Duration,
    /// Outages in a row after which a provider is left alone …
    pub breaker_failures: u32,
    /// … for this long, after which one request tries it.
    pub breaker_pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            first_token: Duration::from_secs(20),
            idle: Duration::from_secs(20),
            turn: Duration::from_secs(120),
            tool: Duration::from_secs(30),
            attempts_per_provider: 3,
            backoff_min: Duration::from_millis(200),
            backoff_max: Duration::from_secs(5),
            breaker_failures: 3,
            breaker_pause: Duration::from_secs(30),
        }
    }
}
