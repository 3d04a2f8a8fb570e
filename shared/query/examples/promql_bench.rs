//! Times translation: `cargo run --release --example promql_bench -- catalogs.json queries.jsonl`.

use std::{
    collections::BTreeMap,
    io::Write as _,
    time::{Duration, Instant},
};

use query::{Catalog, Catalogs, Language, Question, Settings, translate};
use serde_json::Value;

const ROUNDS: usize = 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, catalogs, queries] = arguments.as_slice() else {
        return Err("name the file of catalogs and that of queries".into());
    };
    let catalogs: BTreeMap<String, Value> = serde_json::from_str(&std::fs::read_to_string(catalogs)?)?;
    let mut known: BTreeMap<String, (Catalogs, nlp::Vocabulary)> = BTreeMap::new();
    let mut out = std::io::stdout().lock();
    for (name, value) in &catalogs {
        let began = Instant::now();
        let metrics: Catalog = serde_json::from_value(value["prometheus"].clone())?;
        writeln!(out, "{name}: {} metrics indexed in {:?}", metrics.metrics().count(), began.elapsed())?;
        let services = metrics.services().to_vec();
        let vocabulary = nlp::Vocabulary::new(services, Vec::<String>::new(), metrics.environments());
        known.insert(name.clone(), (Catalogs { metrics, ..Catalogs::default() }, vocabulary));
    }
    let now = "2026-03-10T12:00:00Z".parse()?;
    let zone = jiff::tz::TimeZone::UTC;
    let (mut understanding, mut translation, mut both) = (Vec::new(), Vec::new(), Vec::new());
    let text = std::fs::read_to_string(queries)?;
    let mut slowest = (Duration::ZERO, String::new());
    for round in 0..ROUNDS {
        for line in text.lines() {
            let question: Value = serde_json::from_str(line)?;
            let Some((catalogs, vocabulary)) = question["catalog"].as_str().and_then(|name| known.get(name)) else { continue };
            if question["language"] != "promql" {
                continue;
            }
            let text = question["text"].as_str().unwrap_or_default();
            let began = Instant::now();
            let reading = nlp::understand(text, vocabulary, &nlp::Moment { now, zone: &zone });
            let understood = began.elapsed();
            let asked = Question { text, understanding: &reading.understanding };
            let _ = translate(Language::PromQl, &asked, catalogs, &Settings::default(), now);
            let all = began.elapsed();
            if round == 0 {
                continue;
            }
            understanding.push(understood);
            translation.push(all - understood);
            both.push(all);
            if all > slowest.0 {
                slowest = (all, text.to_owned());
            }
        }
    }
    for (name, mut times) in [("understanding", understanding), ("translation", translation), ("both", both)] {
        times.sort();
        let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
        writeln!(out, "{name}: p50 {:?} p90 {:?} p99 {:?}", at(50), at(90), at(99))?;
    }
    writeln!(out, "slowest {:?}: {}", slowest.0, slowest.1)?;
    Ok(())
}
