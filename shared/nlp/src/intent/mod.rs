//! What the speaker wants done: a linear model over [`grams`], learned from labelled utterances.
//!
//! [`classify`] is all that the rest of the crate knows of it. The cues and shapes that
//! [`Features`] finds also serve references and entities.

mod cues;
mod feature;
mod features;
pub(crate) mod grams;
mod shape;
mod words;

use std::{ops::Range, sync::LazyLock};

use model::{EntityKind, Intent};

use crate::{learned::linear::Linear, scan::Scan};
pub(crate) use feature::Feature;
pub(crate) use features::Features;
pub(crate) use words::{cue_words, is_adjective_of_services, is_command, technical_words};

static MODEL: LazyLock<Option<Linear>> = LazyLock::new(|| {
    Linear::new(include_bytes!("../../data/intents.bin"))
        .filter(|model| model.classes == Intent::ALL.len())
});

/// An intent and how sure it is, 0 to 1: of many such, so large a share is right.
pub(crate) type Guess = (Intent, f32);

/// Every intent with its probability, the likeliest first; ties in the order of [`Intent::ALL`].
pub(crate) fn classify(scan: &Scan, named: &[(EntityKind, Range<usize>)]) -> Vec<Guess> {
    let Some(model) = MODEL.as_ref() else { return vec![(Intent::OutOfScope, 0.0)] };
    let scores = model.scores(&grams::features(scan, named).weighted(model.bits));
    // The training command scales the scores so that these are calibrated probabilities.
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total: f32 = scores.iter().map(|score| (score - largest).exp()).sum();
    let share = |score: f32| (score - largest).exp() / total;
    let mut guesses: Vec<Guess> =
        Intent::ALL.iter().zip(scores).map(|(&intent, score)| (intent, share(score))).collect();
    guesses.sort_by(|a, b| b.1.total_cmp(&a.1));
    guesses
}
