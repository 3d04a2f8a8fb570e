//! A question that leans on its conversation, in words that stand alone.
//!
//! Queries are built from the words of a question. What is in force without being said ("and its
//! p95?") is said here, behind what was.

use std::ops::Range;

use model::{Comparison, Entity, EntityKind, EntityValue, Intent, Understanding, Unit};
use nlp::{MAX_CHARS, Reading};

use super::translate::key;

/// Says what the conversation adds to a text; of a long one only the beginning is taken. Spans of
/// what is added are those of the new words.
pub(crate) fn standalone(text: &str, reading: &Reading) -> (String, Understanding) {
    let mut understanding = reading.to_act_on();
    let mut said = beginning(text).to_owned();
    respell(&mut said, &mut understanding.entities, reading);
    if let Some(words) = taken_over(reading) {
        said = format!("{} {words}", open(&said));
    }
    let mut before: Option<EntityKind> = None;
    for entity in &mut understanding.entities {
        if !is_taken_over(entity, reading) {
            continue;
        }
        let Some(words) = words(entity) else { continue };
        let link = if before == Some(entity.kind) { "and" } else { preposition(entity.kind) };
        let link = if link.is_empty() { String::new() } else { format!(" {link}") };
        said = format!("{}{link} {words}", open(&said));
        entity.span = said.len() - words.len()..said.len();
        entity.text = words;
        before = Some(entity.kind);
    }
    (said, understanding)
}

/// Puts words and the names of services right where they are misspelt: queries are built from words.
fn respell(said: &mut String, entities: &mut [Entity], reading: &Reading) {
    for (span, word) in reading.corrections.iter().rev() {
        replace(said, span.clone(), word, entities);
    }
    for at in 0..entities.len() {
        let Entity {
            kind: EntityKind::Service, value: EntityValue::Text(name), span, text, ..
        } = &entities[at]
        else {
            continue;
        };
        let (own, known) = (key(text), key(name));
        let is_another_form = own.contains(&known) || known.contains(&own);
        if text.is_empty() || is_another_form || said.get(span.clone()) != Some(text) {
            continue;
        }
        let (name, span) = (name.clone(), span.clone());
        replace(said, span, &name, entities);
    }
}

/// Replaces a part of the text; what stands in it or behind it stands elsewhere then.
fn replace(said: &mut String, span: Range<usize>, by: &str, entities: &mut [Entity]) {
    if said.get(span.clone()).is_none() {
        return;
    }
    said.replace_range(span.clone(), by);
    let moved =
        |place: usize| if place >= span.end { place + by.len() - span.len() } else { place };
    for entity in entities.iter_mut().filter(|entity| !entity.text.is_empty()) {
        entity.span = moved(entity.span.start)..moved(entity.span.end);
        if let Some(text) = said.get(entity.span.clone()) {
            text.clone_into(&mut entity.text);
        }
    }
}

/// As much of a text as is read.
fn beginning(text: &str) -> &str {
    text.char_indices().nth(MAX_CHARS).map_or(text, |(end, _)| &text[..end])
}

/// Without the mark that ends it, so that it can go on.
fn open(text: &str) -> &str {
    text.trim_end().trim_end_matches(['?', '!', '.'])
}

/// What is implied has no words either, but is implied by those that are there.
fn is_taken_over(entity: &Entity, reading: &Reading) -> bool {
    entity.text.is_empty() && reading.understanding.entities.contains(entity)
}

/// What is asked for, where neither the text nor a metric in force says so.
fn taken_over(reading: &Reading) -> Option<&'static str> {
    let understanding = &reading.understanding;
    let mut metrics = understanding.entities.iter().chain(&reading.implied);
    let is_said = metrics.any(|entity| entity.kind == EntityKind::Metric);
    let continues = reading.task != understanding.intent;
    (continues && !is_said && reading.task == Intent::AnalyzeErrors).then_some("error rate")
}

fn preposition(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Service => "of",
        EntityKind::Environment
        | EntityKind::Region
        | EntityKind::Cluster
        | EntityKind::Namespace
        | EntityKind::Pod
        | EntityKind::Container => "in",
        EntityKind::Host => "on",
        EntityKind::Endpoint => "for",
        EntityKind::Version | EntityKind::HttpStatus | EntityKind::LogLevel => "with",
        _ => "",
    }
}

/// How a person would say it; `None` for what no query reads.
fn words(entity: &Entity) -> Option<String> {
    Some(match (entity.kind, &entity.value) {
        (_, EntityValue::Time(range)) => match &range.relative {
            Some(relative) => format!("in the last {relative}"),
            None => format!("from {} to {}", range.start, range.end),
        },
        (_, EntityValue::Threshold { comparison, value, unit }) => {
            format!("{} {}", compared(*comparison), amount(*value, *unit))
        }
        (EntityKind::Metric, EntityValue::Text(key)) => metric(key),
        (EntityKind::Aggregation, EntityValue::Text(key)) => aggregation(key),
        (EntityKind::Service | EntityKind::Environment, EntityValue::Text(name))
        | (
            EntityKind::Endpoint | EntityKind::ErrorCode | EntityKind::TraceId,
            EntityValue::Text(name),
        ) => name.clone(),
        (EntityKind::HttpStatus, EntityValue::Text(code)) => format!("status {code}"),
        (EntityKind::LogLevel, EntityValue::Text(level)) => format!("level {level}"),
        (
            EntityKind::Version
            | EntityKind::Region
            | EntityKind::Cluster
            | EntityKind::Namespace
            | EntityKind::Pod
            | EntityKind::Container
            | EntityKind::Host,
            EntityValue::Text(name),
        ) => format!("{} {name}", entity.kind.name()),
        _ => return None,
    })
}

/// `p95 latency` for `latency_p95`.
fn metric(key: &str) -> String {
    let is_percentile = |word: &str| {
        word.strip_prefix('p').is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()))
    };
    match key.rsplit_once('_') {
        Some((what, percentile)) if is_percentile(percentile) => {
            format!("{percentile} {}", what.replace('_', " "))
        }
        _ => key.replace('_', " "),
    }
}

/// `top 5` for `topk(5)`.
fn aggregation(key: &str) -> String {
    let ranked = key.strip_suffix(')').and_then(|rest| rest.split_once('('));
    match ranked {
        Some(("topk", count)) => format!("top {count}"),
        Some(("bottomk", count)) => format!("bottom {count}"),
        _ => key.to_owned(),
    }
}

fn compared(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Above => "above",
        Comparison::AtLeast => "at least",
        Comparison::Below => "below",
        Comparison::AtMost => "at most",
        Comparison::Equal => "equal to",
    }
}

fn amount(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Ratio => format!("{}%", value * 100.0),
        Unit::Seconds => format!("{value} seconds"),
        Unit::Bytes => format!("{value} bytes"),
        Unit::PerSecond => format!("{value} per second"),
        Unit::Cores => format!("{value} cores"),
        Unit::Count | Unit::None => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};
    use nlp::{Focus, Moment, Vocabulary};

    use super::*;

    /// What is said last, behind the texts before it.
    fn said(texts: &[&str]) -> (String, Understanding) {
        let vocabulary = Vocabulary::new(["payment", "checkout"], ["2.0"], ["staging"]);
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let moment = Moment { now, zone: &TimeZone::UTC };
        let mut focus = Focus::default();
        let mut last = None;
        for text in texts {
            let reading = nlp::understand(text, &vocabulary, &moment);
            let reading = nlp::resolve(reading, text, &focus, &moment);
            let Understanding { entities, .. } = reading.to_act_on();
            focus = focus.after(reading.understanding.intent, Some((reading.task, entities)));
            last = Some(standalone(text, &reading));
        }
        last.unwrap()
    }

    #[test]
    fn what_is_said_outright_stays_as_it_is() {
        for text in [
            "error rate of payment in the last hour?",
            "which service is slower, payment or checkout?",
            "größte Fehlerrate of payment",
            "",
        ] {
            assert_eq!(said(&[text]).0, text);
        }
    }

    #[test]
    fn misspelt_words_are_put_right_where_they_stand() {
        let (text, understanding) = said(&["p95 latencey of chekout lst hour"]);
        assert_eq!(text, "p95 latency of checkout last hour");
        for entity in understanding.entities.iter().filter(|entity| !entity.text.is_empty()) {
            assert_eq!(text.get(entity.span.clone()), Some(entity.text.as_str()), "{entity:?}");
        }
    }

    #[test]
    fn what_is_in_force_is_said() {
        for (before, text, parts) in [
            (
                "error rate of payment in the last 2 hours",
                "and for checkout?",
                &["error rate", "last 2h"][..],
            ),
            ("cpu usage of payment in the last 2 hours", "and memory?", &["of payment", "last 2h"]),
            (
                "p95 latency of payment yesterday",
                "and its p99?",
                &["of payment", "from 2026-02-28T"],
            ),
            (
                "error rate of payment in staging",
                "and its p95 latency?",
                &["of payment", "in staging"],
            ),
        ] {
            let (said, understanding) = said(&[before, text]);
            assert!(said.starts_with(text.trim_end_matches('?')), "{said}");
            for part in parts {
                assert!(said.contains(part), "{part}: {said}");
            }
            for entity in &understanding.entities {
                assert_eq!(said[entity.span.clone()], entity.text, "{entity:?} {said}");
            }
        }
    }

    #[test]
    fn a_long_text_is_cut_before_anything_is_added() {
        let text = format!("its p95 {}", "ü".repeat(MAX_CHARS));
        let (said, _) = said(&["error rate of payment", &text]);
        assert!(said.chars().count() < MAX_CHARS + 100);
    }
}
