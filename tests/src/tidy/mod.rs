//! Laws of the house: what may depend on what, and that what is written down is true.

mod documents;
mod events;
mod laws;
mod template;

use std::path::PathBuf;

/// The checkout.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
