//! LogQL: what Loki's labels say exists, the grammar, the check that every query passes before it
//! runs, and the queries built from questions.
//!
//! The parser is our own, since there is none under a licence that we can use; it is held against
//! Grafana's grammar and against Loki itself (`tests/grammar/README.md`).

mod ast;
mod catalog;
mod check;
mod error;
mod formats;
mod lexer;
mod parse;
mod print;
pub(crate) mod quantity;
mod regex;
mod translate;

pub use self::catalog::LogCatalog;
pub use self::check::{Checked, check};
pub(crate) use self::error::SyntaxError;
pub(crate) use self::translate::translate;
