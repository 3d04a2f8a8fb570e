//! The utterances of `data/`, each with the intent and the entities it must be understood as.

use crate::support;
use nlp::understand;

struct Score {
    total: usize,
    intents: usize,
    both: usize,
    failures: Vec<String>,
}

fn check(data: &str) -> Score {
    let zone = support::zone();
    let (vocabulary, moment) = (support::vocabulary(), support::moment(&zone));
    let mut score = Score { total: 0, intents: 0, both: 0, failures: Vec::new() };
    for line in data.lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.split('\t');
        let mut field = || fields.next().unwrap_or_default();
        let (text, intent, entities) = (field(), field(), support::expected(field()));
        let understanding = understand(text, &vocabulary, &moment).to_act_on();
        let found = support::sorted(&understanding.entities, &zone);
        let same_intent = understanding.intent.name() == intent;
        score.total += 1;
        score.intents += usize::from(same_intent);
        score.both += usize::from(same_intent && found == entities);
        if !same_intent || found != entities {
            score.failures.push(format!(
                "{text}\n  wanted {intent} {entities:?}\n  found  {} ({:.2}) {found:?}",
                understanding.intent.name(),
                understanding.confidence
            ));
        }
    }
    score
}

/// What is learned is never right everywhere; a fall below this is a step back.
fn demand(name: &str, score: &Score, intents_percent: usize, both_percent: usize) {
    let said = format!(
        "{name}: {} utterances, {} intents right, {} with all entities",
        score.total, score.intents, score.both
    );
    let said = format!("{said}\n{}", score.failures.join("\n"));
    assert!(score.intents * 100 >= score.total * intents_percent, "{said}");
    assert!(score.both * 100 >= score.total * both_percent, "{said}");
}

#[test]
fn plain_questions_are_understood() {
    let score = check(include_str!("../data/utterances.tsv"));
    assert!(score.total >= 400, "only {} utterances", score.total);
    demand("table", &score, 98, 93);
}

#[test]
fn utterances_that_nothing_was_tuned_on_are_mostly_understood() {
    let score = check(include_str!("../data/held_out.tsv"));
    assert!(score.total >= 60, "only {} utterances", score.total);
    demand("held out", &score, 88, 75);
}
