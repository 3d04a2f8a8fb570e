//! Labelled data: what is said with what is meant by it, one JSON object a line.
//!
//! Every error names the file and the line. Fields that are not known are passed over, so that files
//! may carry notes of their own.

mod catalogs;
mod dialogue;
mod line;
mod names;
mod query;
mod utterance;

pub use catalogs::catalogs;
pub use dialogue::{Dialogue, InForce, Turn, dialogues};
pub use line::DataError;
pub use query::{QueryCase, queries};
pub use utterance::{Label, Utterance, utterances};
