//! Reading a file line by line, and what can be wrong with a line.

use std::collections::HashMap;

use model::{Classified, ErrorClass};
use serde::de::DeserializeOwned;

/// Why a file is no labelled data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    #[error("{file}:{line}: {problem}")]
    Line {
        file: String,
        /// From 1.
        line: usize,
        problem: String,
    },
    #[error("{file} holds no {what}")]
    Empty { file: String, what: &'static str },
}

impl Classified for DataError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Invalid
    }
}

/// Something of a file, with the line it stands on.
pub(super) struct Read<T> {
    pub(super) item: T,
    pub(super) line: usize,
}

/// The objects of a file, one a line; blank lines are passed over.
pub(super) fn read<T: DeserializeOwned>(
    file: &str,
    text: &str,
    what: &'static str,
    id: impl Fn(&T) -> &str,
) -> Result<Vec<Read<T>>, DataError> {
    let mut items = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (index, source) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        if source.trim().is_empty() {
            continue;
        }
        let line = index + 1;
        let item: T = object(source).map_err(|problem| wrong(file, line, problem))?;
        let own = id(&item);
        if own.trim().is_empty() {
            return Err(wrong(file, line, "the id is empty"));
        }
        if let Some(before) = seen.insert(own.to_owned(), line) {
            return Err(wrong(file, line, format!("the id `{own}` is that of line {before}")));
        }
        items.push(Read { item, line });
    }
    if items.is_empty() {
        return Err(DataError::Empty { file: file.to_owned(), what });
    }
    Ok(items)
}

pub(super) fn wrong(file: &str, line: usize, problem: impl Into<String>) -> DataError {
    DataError::Line { file: file.to_owned(), line, problem: problem.into() }
}

fn object<T: DeserializeOwned>(source: &str) -> Result<T, String> {
    let mut reader = serde_json::Deserializer::from_str(source);
    let item = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let problem = without_line(error.inner());
        if path == "." { problem } else { format!("{path}: {problem}") }
    })?;
    reader.end().map_err(|error| without_line(&error))?;
    Ok(item)
}

/// What is wrong, without serde's count of lines: it is given one line at a time.
fn without_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((problem, _)) => format!("{problem} (column {})", error.column()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Item {
        id: String,
        n: u8,
    }

    fn numbers(text: &str) -> Result<Vec<(usize, u8)>, String> {
        let items = read("f.jsonl", text, "numbers", |item: &Item| &item.id);
        let items = items.map_err(|error| error.to_string())?;
        Ok(items.iter().map(|read| (read.line, read.item.n)).collect())
    }

    #[test]
    fn lines_are_read_and_blank_ones_passed_over() {
        let text = "\u{feff}{\"id\":\"a\",\"n\":1}\r\n\n  \n{\"id\":\"b\",\"n\":2,\"note\":null}";
        assert_eq!(numbers(text), Ok(vec![(1, 1), (4, 2)]));
    }

    #[test]
    fn errors_name_file_and_line() {
        for (text, expected) in [
            ("", "f.jsonl holds no numbers"),
            (" \n\n", "f.jsonl holds no numbers"),
            ("{\"id\":\"a\",\"n\":1}\n{\"id\":", "f.jsonl:2: "),
            ("\n{\"id\":\"a\"}", "f.jsonl:2: missing field `n` (column 10)"),
            ("{\"id\":\"a\",\"n\":\"x\"}", "f.jsonl:1: n: invalid type: string \"x\""),
            ("{\"id\":\"a\",\"n\":1} {}", "f.jsonl:1: trailing characters"),
            ("[1]", "f.jsonl:1: "),
            ("{\"id\":\" \",\"n\":1}", "f.jsonl:1: the id is empty"),
            (
                "{\"id\":\"a\",\"n\":1}\n{\"id\":\"a\",\"n\":2}",
                "f.jsonl:2: the id `a` is that of line 1",
            ),
        ] {
            let error = numbers(text).unwrap_err();
            assert!(error.starts_with(expected), "{text:?}: {error}");
            assert!(!error.contains("at line"), "{error}");
        }
    }
}
