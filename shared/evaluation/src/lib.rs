//! How well utterances, dialogues and questions for queries are understood, measured in this process
//! against labelled data.
//!
//! [`data`] reads what is labelled, [`split`] holds the repository's own, [`evaluate`] runs the same
//! code that a turn runs and scores what came of it. The crate reads no files and sends nothing:
//! results of queries come through the port [`Executor`].

mod agree;
mod check;
pub mod data;
mod dialogues;
mod evaluate;
mod execution;
mod failure;
mod follow;
mod intents;
mod latency;
mod matching;
mod prediction;
mod queries;
mod report;
pub mod split;
mod tokens;
mod utterances;

pub use evaluate::{Data, Evaluation, Live, evaluate};
pub use execution::{Executor, Sample};
pub use failure::{Failure, Reason};
pub use prediction::{PredictedEntity, Prediction};
pub use report::{
    DialogueReport, EntityReport, LanguageReport, LatencyReport, QueryReport, Report, Score,
    UtteranceReport,
};
