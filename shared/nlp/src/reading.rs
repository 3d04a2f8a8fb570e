//! What reading an utterance yields.

use std::ops::Range;

use model::{Entity, Intent, Understanding};

/// No more sure is what the words only imply: by this a later turn tells it from what was said.
pub(crate) const IMPLIED: f32 = 0.2;

/// An utterance as understood, and what stands in the way of acting on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub understanding: Understanding,
    /// What is to be done. It differs from the understanding's intent where that is `clarify`: an
    /// answer to a question continues what the question was about.
    pub task: Intent,
    /// The likeliest intents by the words alone, the likeliest first.
    pub guesses: Vec<(Intent, f32)>,
    /// What the words imply without naming it: "slower" speaks of the latency, "which service fails
    /// most" of a ranking. For acting on, not for showing.
    pub implied: Vec<Entity>,
    /// Whether it is about every service at once: "all services", "per service".
    pub every_service: bool,
    /// Misspelt words: where they stand, and what they are taken to be.
    pub corrections: Vec<(Range<usize>, &'static str)>,
    pub problems: Vec<Problem>,
}

impl Reading {
    /// The understanding with what is implied, and the task as its intent: what is to be acted on.
    pub fn to_act_on(&self) -> Understanding {
        let named = &self.understanding.entities;
        let implied = self
            .implied
            .iter()
            .filter(|entity| named.iter().all(|other| other.kind != entity.kind))
            .map(|entity| Entity { confidence: entity.confidence.min(IMPLIED), ..entity.clone() });
        Understanding {
            intent: self.task,
            confidence: self.understanding.confidence,
            entities: named.iter().cloned().chain(implied).collect(),
        }
    }
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
