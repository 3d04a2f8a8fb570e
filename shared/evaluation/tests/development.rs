//! Questions for queries by the authors that translation is developed against, each with worlds of
//! their own: what is right stays right, every query parses, and none names what its catalog does
//! not have. How translation does on authors that nobody looked at is `copilot eval`'s to say.

use std::{fs, path::Path};

use evaluation::{Data, data, evaluate};

/// The least share of the questions of each language that must come out right.
const LEAST: [(&str, f64); 3] = [("promql", 0.85), ("logql", 0.85), ("traceql", 0.85)];
/// The largest share of questions that may be refused.
const MOST_REFUSED: f64 = 0.01;

/// The author, the questions, the catalogs.
fn authors() -> Vec<(String, String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../query/data/development");
    let read = |name: String| fs::read_to_string(folder.join(name)).expect("a file of the folder");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .expect("the folder")
        .filter_map(|entry| {
            let name =
                entry.expect("an entry").file_name().into_string().expect("a name in Unicode");
            name.strip_suffix(".jsonl").map(str::to_owned)
        })
        .collect();
    names.sort();
    names
        .into_iter()
        .map(|name| {
            let (questions, catalogs) =
                (read(format!("{name}.jsonl")), read(format!("{name}.catalogs.json")));
            (name, questions, catalogs)
        })
        .collect()
}

#[tokio::test]
async fn questions_of_known_authors_come_out_right() {
    let (mut right, mut parsed, mut asked) = ([0.0; 3], [0.0; 3], [0.0; 3]);
    for (author, questions, catalogs) in authors() {
        let catalogs = data::catalogs(&author, &catalogs).unwrap();
        let queries = data::queries(&author, &questions, &catalogs).unwrap();
        let given = Data { queries, catalogs, ..Data::default() };
        let report = evaluate(&given, None).await.report.queries.unwrap();
        let languages = [&report.promql, &report.logql, &report.traceql];
        for (place, language) in languages.into_iter().enumerate() {
            let Some(language) = language else { continue };
            // What parses names nothing that is not there.
            assert_eq!(language.grounded, language.parsed, "{author}: language {place}");
            let n = language.n as f64;
            asked[place] += n;
            parsed[place] += n * language.parsed.unwrap();
            right[place] += n * language.token_match.unwrap();
        }
    }
    for (place, (name, least)) in LEAST.into_iter().enumerate() {
        let share = right[place] / asked[place];
        assert!(share >= least, "{name}: {share:.3} of {}", asked[place]);
        let refused = 1.0 - parsed[place] / asked[place];
        assert!(refused <= MOST_REFUSED, "{name}: {refused:.3} are refused");
    }
}
