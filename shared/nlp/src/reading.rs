//! What reading an utterance yields.

use std::ops::Range;

use model::{Intent, Understanding};

/// An utterance as understood, and what stands in the way of acting on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub understanding: Understanding,
    /// What is to be done. It differs from the understanding's intent where that is `clarify`: an
    /// answer to a question continues what the question was about.
    pub task: Intent,
    /// The likeliest intents by the words alone, the likeliest first.
    pub guesses: Vec<(Intent, f32)>,
    /// Whether it is about every service at once: "all services", "per service".
    pub every_service: bool,
    pub problems: Vec<Problem>,
}

/// Why words cannot be acted on as they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A period that does not exist or has not come yet.
    Time {
        text: String,
        /// Byte offsets into the original text.
        span: Range<usize>,
        /// Completes "I cannot look at «text»: …".
        reason: String,
    },
    /// Words that fit several services.
    AmbiguousService {
        text: String,
        span: Range<usize>,
        /// As the catalog spells them.
        candidates: Vec<String>,
    },
}
