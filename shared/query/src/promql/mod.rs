//! PromQL: selectors that cannot be broken out of, expressions that print as they are meant, and
//! the check that every query passes before it runs, whoever wrote it.
//!
//! LogQL and TraceQL are siblings of this module; what they share is [`crate::Bounds`] and
//! [`crate::CheckError`].

mod check;
mod expression;
mod guard;
mod selector;

pub(crate) use self::check::Narrowing;
pub use self::check::{Checked, check};
pub(crate) use self::expression::{Expression, symbol};
pub(crate) use self::selector::{Matcher, Selector, escape_regex, window};
