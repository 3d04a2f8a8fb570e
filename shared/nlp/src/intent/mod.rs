//! What the speaker wants done: a linear model over [`features`], its weights in one table.
//!
//! [`classify`] is all that the rest of the crate knows of it.

mod cues;
mod feature;
mod features;
pub(crate) mod grams;
mod shape;
mod weights;
mod words;

use model::Intent;

use crate::scan::Scan;
pub(crate) use feature::Feature;
pub(crate) use features::Features;
pub(crate) use words::{cue_words, is_adjective_of_services, is_command, technical_words};

/// Scores below this say too little to act on.
const MIN_SCORE: f32 = 2.0;
/// Flattens the scores before they become probabilities.
const TEMPERATURE: f32 = 0.8;
/// What is understood but cannot be done yet.
const MAX_CONFIDENCE_OF_LATER: f32 = 0.45;
const MAX_CONFIDENCE_OF_FALLBACK: f32 = 0.5;

/// The likeliest intent and its confidence, 0 to 1. Ties go to the first of [`Intent::ALL`].
pub(crate) fn classify(scan: &Scan) -> (Intent, f32) {
    let features = Features::of(scan);
    let scores = scores(&features);
    let Some(&(best, score)) =
        scores.iter().reduce(|best, next| if next.1 > best.1 { next } else { best })
    else {
        return (Intent::OutOfScope, 0.0);
    };
    let total: f32 = scores.iter().map(|(_, other)| ((other - score) / TEMPERATURE).exp()).sum();
    let confidence = 1.0 / total;
    if score < MIN_SCORE && best != Intent::OutOfScope {
        let fallback = if features.has(Feature::NoTechnical) {
            Intent::OutOfScope
        } else {
            Intent::GeneralQuestion
        };
        return (fallback, confidence.min(MAX_CONFIDENCE_OF_FALLBACK));
    }
    let later = [Feature::Command, Feature::Later, Feature::Why];
    if best == Intent::GeneralQuestion && later.iter().any(|&feature| features.has(feature)) {
        return (best, confidence.min(MAX_CONFIDENCE_OF_LATER));
    }
    (best, confidence)
}

fn scores(features: &Features) -> Vec<(Intent, f32)> {
    let bias = |intent: Intent| {
        weights::BIAS.iter().filter(|(of, _)| *of == intent).map(|(_, weight)| weight).sum::<f32>()
    };
    let mut scores: Vec<(Intent, f32)> =
        Intent::ALL.iter().map(|&intent| (intent, bias(intent))).collect();
    for (feature, intent, weight) in weights::WEIGHTS {
        if features.has(*feature)
            && let Some((_, score)) = scores.iter_mut().find(|(of, _)| of == intent)
        {
            *score += weight;
        }
    }
    scores
}
