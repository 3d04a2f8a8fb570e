//! What the crate promises, held against data: utterances, dialogues, periods, and any text at all.

mod dialogues;
mod periods;
mod properties;
mod services;
mod support;
mod utterances;
