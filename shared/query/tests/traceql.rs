//! Questions about traces in many voices, over catalogs of many trades: what any right query must
//! mention, and must not.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use nlp::{Moment, Vocabulary, understand};
use query::{
    Bounds, Catalogs, Language, Question, Settings, TraceCatalog, check_traceql, translate,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    catalog: String,
    text: String,
    must: Vec<String>,
    #[serde(default)]
    must_not: Vec<String>,
}

/// Blanks say nothing, and quotation marks are all alike.
fn normalised(text: &str) -> String {
    let characters = text.chars().filter(|c| !c.is_whitespace());
    characters.map(|c| if matches!(c, '\'' | '`') { '"' } else { c }).collect()
}

#[test]
fn questions_become_the_queries_that_are_meant() {
    let catalogs: BTreeMap<String, TraceCatalog> =
        serde_json::from_str(include_str!("data/traceql-catalogs.json")).unwrap();
    let moment = Moment { now: Timestamp::UNIX_EPOCH, zone: &TimeZone::UTC };
    let (mut tokens, mut wrong) = (0, Vec::new());
    for line in include_str!("data/traceql-questions.jsonl").lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let traces = catalogs[&case.catalog].clone();
        let read = understand(&case.text, &Vocabulary::default(), &moment);
        let question = Question { text: &case.text, understanding: &read.understanding };
        let catalogs = Catalogs { traces: traces.clone(), ..Catalogs::default() };
        let settings = Settings::default();
        let translation =
            translate(Language::TraceQl, &question, &catalogs, &settings, moment.now)
                .unwrap_or_else(|error| panic!("{}: {error}", case.text));
        let checked = check_traceql(&translation.query, &traces, &Bounds::default());
        assert!(checked.is_ok(), "{}: {checked:?}", translation.query);
        assert!(!translation.explanation.contains('\n') && translation.explanation.len() > 5);
        let query = normalised(&translation.query);
        let missed = case.must.iter().filter(|token| !query.contains(&normalised(token)));
        let betrayed = case.must_not.iter().filter(|token| query.contains(&normalised(token)));
        let failures: Vec<&String> = missed.chain(betrayed).collect();
        tokens += case.must.len() + case.must_not.len();
        if !failures.is_empty() {
            wrong.push((case.text.clone(), translation.query, failures.len()));
        }
    }
    let failed: usize = wrong.iter().map(|(.., failures)| failures).sum();
    assert!(tokens > 800 && failed * 100 <= tokens * 2, "{failed} of {tokens} are wrong: {wrong:#?}");
}
