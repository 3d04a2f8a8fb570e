//! Translates a file of questions and says how many of the queries have what is expected of them.
//!
//! `cargo run --example promql -- catalogs.json queries.jsonl [--all]` prints what is amiss, or
//! everything.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    time::{Duration, Instant},
};

use query::{Catalog, Catalogs, Language, Question, Settings, translate};
use serde_json::Value;

/// Two texts are the same but for blanks and quotes.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).map(|c| if c == '\'' { '"' } else { c }).collect()
}

fn tokens(value: &Value) -> Vec<String> {
    let list = value.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn read(path: &str) -> io::Result<String> {
    std::fs::read_to_string(path)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, catalogs, queries, rest @ ..] = arguments.as_slice() else {
        return Err("name the file of catalogs and that of queries".into());
    };
    let all = rest.iter().any(|argument| argument == "--all");
    let catalogs: BTreeMap<String, Value> = serde_json::from_str(&read(catalogs)?)?;
    let mut known: BTreeMap<String, (Catalogs, nlp::Vocabulary)> = BTreeMap::new();
    for (name, value) in &catalogs {
        let metrics: Catalog = serde_json::from_value(value["prometheus"].clone())?;
        let services = metrics.services().to_vec();
        let vocabulary = nlp::Vocabulary::new(services, Vec::<String>::new(), metrics.environments());
        known.insert(name.clone(), (Catalogs { metrics, ..Catalogs::default() }, vocabulary));
    }
    let now = "2026-03-10T12:00:00Z".parse()?;
    let zone = jiff::tz::TimeZone::UTC;
    let (mut asked, mut matched, mut parsed) = (0, 0, 0);
    let mut times: Vec<Duration> = Vec::new();
    let mut out = io::stdout().lock();
    for line in read(queries)?.lines().filter(|line| !line.trim().is_empty()) {
        let question: Value = serde_json::from_str(line)?;
        if question["language"] != "promql" {
            continue;
        }
        let catalog = question["catalog"].as_str().unwrap_or_default();
        let Some((catalogs, vocabulary)) = known.get(catalog) else { continue };
        let text = question["text"].as_str().unwrap_or_default();
        asked += 1;
        let began = Instant::now();
        let reading = nlp::understand(text, vocabulary, &nlp::Moment { now, zone: &zone });
        let asked = Question { text, understanding: &reading.understanding };
        let answer = translate(Language::PromQl, &asked, catalogs, &Settings::default(), now);
        times.push(began.elapsed());
        let query = match &answer {
            Ok(translation) => translation.query.clone(),
            Err(error) => format!("error: {error}"),
        };
        parsed += usize::from(answer.is_ok());
        let has = |token: &String| bare(&query).contains(&bare(token));
        let missing: Vec<String> =
            tokens(&question["must_mention"]).into_iter().filter(|token| !has(token)).collect();
        let wrong: Vec<String> = tokens(&question["must_not"]).into_iter().filter(has).collect();
        let good = answer.is_ok() && missing.is_empty() && wrong.is_empty();
        matched += usize::from(good);
        if !good || all {
            let mark = if good { "+" } else { "-" };
            writeln!(out, "{mark} {} [{catalog}] {text}", question["id"])?;
            writeln!(out, "    got  {query}")?;
            if !good {
                writeln!(out, "    want {}", question["expected"].as_str().unwrap_or_default())?;
                writeln!(out, "    missing {missing:?} wrong {wrong:?}")?;
            }
        }
    }
    times.sort();
    let worst = times.get(times.len().saturating_sub(1) * 99 / 100).copied().unwrap_or_default();
    writeln!(out, "{matched} of {asked} match, {parsed} parse, p99 {worst:?}")?;
    Ok(())
}
