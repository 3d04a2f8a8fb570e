//! From a canonical metric key to a way of measuring it with what the catalog has.
//!
//! No metric name is known here. A key is described by words, kinds and units ([`feature`]); the
//! catalog's families are ranked by how well they fit ([`rank`]); and the best one that has the
//! labels that the question needs ([`filter`]) becomes a [`Recipe`].

mod choose;
mod distribution;
mod errors;
mod feature;
mod filter;
mod level;
mod rank;
mod recipe;

pub(crate) use self::choose::{Asked, Chosen, Statistic, choose, requests_in_total};
pub(crate) use self::errors::{ErrorParts, StatusFilter, errors, status_matcher};
pub(crate) use self::feature::{Title, answerable};
pub(crate) use self::filter::{Dimension, Filters, Scope, other_names_of_environment};
pub(crate) use self::rank::usual;
pub(crate) use self::recipe::{Recipe, increase_of, targets_of};
