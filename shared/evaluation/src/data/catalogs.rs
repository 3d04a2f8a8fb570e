//! What the tenants that are asked about record: one JSON object for the whole file.

use std::collections::BTreeMap;

use query::{Catalog, Catalogs, Indexed, LogCatalog, TraceCatalog};
use serde::Deserialize;

use super::{DataError, line::wrong};

/// `{"description","prometheus","loki","tempo"}`; what is left out records nothing.
#[derive(Debug, Default, Deserialize)]
struct Stored {
    #[serde(default)]
    prometheus: Option<Catalog>,
    #[serde(default)]
    loki: Option<Indexed<LogCatalog>>,
    #[serde(default)]
    tempo: Option<Indexed<TraceCatalog>>,
}

/// The catalogs of a file by name.
pub fn catalogs(file: &str, text: &str) -> Result<BTreeMap<String, Catalogs>, DataError> {
    let stored: BTreeMap<String, Stored> = serde_json::from_str(text).map_err(|error| {
        let text = error.to_string();
        let problem = text.rsplit_once(" at line ").map_or(text.as_str(), |(problem, _)| problem);
        wrong(file, error.line(), format!("{problem} (column {})", error.column()))
    })?;
    if stored.is_empty() {
        return Err(DataError::Empty { file: file.to_owned(), what: "catalogs" });
    }
    let catalogs = stored.into_iter().map(|(name, stored)| {
        let catalogs = Catalogs {
            metrics: stored.prometheus.unwrap_or_default(),
            logs: stored.loki.unwrap_or_default(),
            traces: stored.tempo.unwrap_or_default(),
        };
        (name, catalogs)
    });
    Ok(catalogs.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_records_nothing() {
        let text = r#"{"a":{"prometheus":{"labels":{"up":{"job":["x"]}}},"loki":null}, "b":{}}"#;
        let read = catalogs("c.json", text).unwrap();
        assert_eq!(read["a"].metrics.metrics().collect::<Vec<_>>(), ["up"]);
        assert!(read["b"].metrics.is_empty());
        assert_eq!(*read["a"].logs, LogCatalog::default());
    }

    #[test]
    fn errors_name_file_and_line() {
        for (text, expected) in [
            ("{}", "c.json holds no catalogs"),
            ("", "c.json:1: EOF"),
            ("{\n\"a\": {\n\"prometheus\": 1}}", "c.json:3: invalid type"),
        ] {
            let error = catalogs("c.json", text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
