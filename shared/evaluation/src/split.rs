//! The repository's own test split, built in so that anybody who has the program can run it.
//!
//! Nothing that trains or tunes may read these files.

use std::collections::BTreeMap;

use query::Catalogs;

use crate::data::{self, DataError, Dialogue, QueryCase, Utterance};

/// A file that is built in, named by its place in the repository.
macro_rules! built_in {
    ($path:literal) => {
        ($path, include_str!(concat!("../../../", $path)))
    };
}

const UTTERANCES: &[(&str, &str)] =
    &[built_in!("shared/nlp/data/test/t1.jsonl"), built_in!("shared/nlp/data/test/t2.jsonl")];
const DIALOGUES: (&str, &str) = built_in!("shared/nlp/data/test-dialogues.jsonl");
const QUERIES: (&str, &str) = built_in!("shared/query/data/test-queries.jsonl");
const CATALOGS: (&str, &str) = built_in!("shared/query/data/test-catalogs.json");

pub fn utterances() -> Result<Vec<Utterance>, DataError> {
    let mut all = Vec::new();
    for (file, text) in UTTERANCES {
        all.extend(data::utterances(file, text)?);
    }
    Ok(all)
}

pub fn dialogues() -> Result<Vec<Dialogue>, DataError> {
    let (file, text) = DIALOGUES;
    data::dialogues(file, text)
}

/// The questions and the catalogs that they are asked against.
pub fn queries() -> Result<(Vec<QueryCase>, BTreeMap<String, Catalogs>), DataError> {
    let (file, text) = CATALOGS;
    let catalogs = data::catalogs(file, text)?;
    let (file, text) = QUERIES;
    Ok((data::queries(file, text, &catalogs)?, catalogs))
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, fs, path::Path};

    use super::*;
    use crate::check::check;

    #[test]
    fn the_split_reads_and_no_id_is_there_twice() {
        let (utterances, dialogues) = (utterances().unwrap(), dialogues().unwrap());
        let (queries, _) = queries().unwrap();
        let ids = || {
            let said = utterances.iter().map(|utterance| utterance.id.as_str());
            let talked = dialogues.iter().map(|dialogue| dialogue.id.as_str());
            said.chain(talked).chain(queries.iter().map(|case| case.id.as_str()))
        };
        assert_eq!(ids().collect::<HashSet<_>>().len(), ids().count());
    }

    #[test]
    fn expected_queries_pass_the_check_of_their_language() {
        let (queries, catalogs) = queries().unwrap();
        for case in queries {
            let verdict = check(case.language, &case.expected, &catalogs[&case.catalog]);
            assert_eq!(verdict.problem, None, "{}: {}", case.id, case.expected);
        }
    }

    #[test]
    fn every_file_of_the_test_folder_is_built_in() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nlp/data/test");
        let mut files: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".jsonl"))
            .map(|name| format!("shared/nlp/data/test/{name}"))
            .collect();
        files.sort();
        let built_in: Vec<&str> = UTTERANCES.iter().map(|(file, _)| *file).collect();
        assert_eq!(built_in, files);
    }
}
