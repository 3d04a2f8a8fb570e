//! Questions that a query answers.

use std::collections::BTreeMap;

use query::{Catalogs, Language};
use serde::Deserialize;

use super::{
    DataError,
    line::{read, wrong},
    names,
};

/// `{"id","language","text","catalog","expected","must_mention":[…],"must_not":[…]}`.
#[derive(Debug, Clone, Deserialize)]
pub struct QueryCase {
    pub id: String,
    #[serde(deserialize_with = "names::language")]
    pub language: Language,
    pub text: String,
    /// The name of the catalog that it is asked against.
    pub catalog: String,
    /// The query that an expert writes.
    pub expected: String,
    /// What every right query has, compared without blanks.
    #[serde(default)]
    pub must_mention: Vec<String>,
    /// What only wrong queries have.
    #[serde(default)]
    pub must_not: Vec<String>,
}

/// The questions of a file; each must name one of `catalogs`.
pub fn queries(
    file: &str,
    text: &str,
    catalogs: &BTreeMap<String, Catalogs>,
) -> Result<Vec<QueryCase>, DataError> {
    let items = read(file, text, "queries", |case: &QueryCase| &case.id)?;
    items
        .into_iter()
        .map(|read| {
            let case = read.item;
            if case.text.trim().is_empty() {
                return Err(wrong(file, read.line, "the text is empty"));
            }
            if !catalogs.contains_key(&case.catalog) {
                let known: Vec<&str> = catalogs.keys().map(String::as_str).collect();
                let problem = format!(
                    "there is no catalog `{}`; there is {}",
                    case.catalog,
                    known.join(", ")
                );
                return Err(wrong(file, read.line, problem));
            }
            Ok(case)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_need_their_catalog_and_a_language() {
        let catalogs = BTreeMap::from([("shop".to_owned(), Catalogs::default())]);
        for (language, catalog, expected) in [
            ("logql", "shop", None),
            ("logql", "store", Some("f:1: there is no catalog `store`; there is shop")),
            ("sql", "shop", Some("f:1: language: there is no language `sql`")),
        ] {
            let line = format!(
                r#"{{"id":"q","language":"{language}","text":"x","catalog":"{catalog}","expected":"up"}}"#
            );
            let error = queries("f", &line, &catalogs).err().map(|error| error.to_string());
            let is_expected = match expected {
                None => error.is_none(),
                Some(text) => error.as_ref().is_some_and(|error| error.starts_with(text)),
            };
            assert!(is_expected, "{error:?}");
        }
    }
}
