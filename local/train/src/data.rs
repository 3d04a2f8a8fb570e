//! Labelled utterances, one JSON object a line.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Utterance {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) intent: String,
    #[serde(default)]
    pub(crate) also_ok: Vec<String>,
    /// `None` where only the intent was labelled.
    pub(crate) entities: Option<Vec<Label>>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Label {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) optional: bool,
}

/// One author's utterances.
pub(crate) struct Author {
    pub(crate) name: String,
    pub(crate) utterances: Vec<Utterance>,
}

/// The authors of a folder, by name.
pub(crate) fn authors(folder: &Path) -> Result<Vec<Author>> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .with_context(|| format!("reading {}", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    paths.sort();
    paths.iter().map(|path| author(path)).collect()
}

fn author(path: &Path) -> Result<Author> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let utterances = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| {
            serde_json::from_str(line).with_context(|| format!("{}:{}", path.display(), number + 1))
        })
        .collect::<Result<_>>()?;
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Author { name, utterances })
}
