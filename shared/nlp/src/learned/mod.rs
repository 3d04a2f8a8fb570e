//! What was learned from labelled data: linear models over hashed features, as the training command
//! writes them, and groups of like words.
//!
//! Knows nothing of intents and entities: classes are numbers here.

pub(crate) mod clusters;
pub(crate) mod features;
pub(crate) mod linear;
pub(crate) mod sequence;
