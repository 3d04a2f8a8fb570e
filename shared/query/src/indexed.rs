//! A catalog with what questions are read against.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use serde::Deserialize;

use crate::records::Schema;

/// A catalog of records that does not change any more. What questions are read against is worked out
/// when the first is asked, and shared by all copies.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "C")]
pub struct Indexed<C> {
    kept: Arc<Kept<C>>,
}

#[derive(Debug, Default)]
struct Kept<C> {
    catalog: C,
    schema: OnceLock<Schema>,
}

impl<C> Indexed<C> {
    /// The schema, by `make` when it is first asked for.
    pub(crate) fn schema(&self, make: impl FnOnce(&C) -> Schema) -> &Schema {
        self.kept.schema.get_or_init(|| make(&self.kept.catalog))
    }
}

impl<C> From<C> for Indexed<C> {
    fn from(catalog: C) -> Self {
        Self { kept: Arc::new(Kept { catalog, schema: OnceLock::new() }) }
    }
}

impl<C> Deref for Indexed<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.kept.catalog
    }
}

impl<C: PartialEq> PartialEq for Indexed<C> {
    fn eq(&self, other: &Self) -> bool {
        self.kept.catalog == other.kept.catalog
    }
}

impl<C: Eq> Eq for Indexed<C> {}
