//! What the commands do, a file each.

pub(crate) mod ask;
pub(crate) mod chat;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod eval;
pub(crate) mod sessions;
pub(crate) mod status;
pub(crate) mod translate;
pub(crate) mod understand;

use std::{fs, path::Path};

use contract::catalog::Catalog;
use serde::Serialize;

use crate::{console::Console, error::Error};

/// Exactly one JSON value on stdout.
fn print_json(console: &Console, value: &impl Serialize) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Error::protocol("an answer that is not JSON", error))?;
    console.print(&format!("{text}\n"))
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::Unreadable { path: path.to_owned(), source })
}

/// A catalog to send along, from a file.
fn catalog(path: &Path) -> Result<Catalog, Error> {
    serde_json::from_str(&read(path)?)
        .map_err(|error| Error::Usage(format!("{} is no catalog: {error}", path.display())))
}
