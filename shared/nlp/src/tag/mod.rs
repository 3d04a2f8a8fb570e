//! Which words name what: a linear chain over the tokens, learned from labelled data, that sees what
//! the rules found.

pub(crate) mod evidence;
pub mod labels;
