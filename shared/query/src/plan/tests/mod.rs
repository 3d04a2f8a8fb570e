//! What is asked of three catalogs, and the exact queries that come of it.

mod finer;
mod properties;
mod questions;
mod tables;

use jiff::Timestamp;
use model::{Comparison, Entity, EntityKind, EntityValue, Intent, TimeRange, Understanding, Unit};

use super::{Evaluation, Plan, usual};
use crate::{Catalog, PlanError, Settings};

/// 2025-11-20 12:00 UTC.
const NOW_S: i64 = 1_763_640_000;

pub(super) fn now() -> Timestamp {
    Timestamp::from_second(NOW_S).unwrap()
}

fn entity(kind: EntityKind, value: EntityValue) -> Entity {
    Entity { kind, value, text: String::new(), span: 0..0, confidence: 1.0 }
}

/// Reads a question written as `intent kind=value …`. Times are `time=1h` back from now, or
/// `time=-3h..-2h`; thresholds are `threshold=>0.8:ratio`.
pub(super) fn understood(text: &str) -> Understanding {
    let mut words = text.split_whitespace();
    let intent = Intent::from_name(words.next().unwrap()).unwrap();
    let entities = words
        .map(|word| {
            let (kind, value) = word.split_once('=').unwrap();
            match kind {
                "time" => entity(EntityKind::TimeRange, EntityValue::Time(time(value))),
                "threshold" => entity(EntityKind::Threshold, threshold(value)),
                "endpoint" => {
                    let path = value.replace('~', " ");
                    entity(EntityKind::Endpoint, EntityValue::Text(path))
                }
                "agg" => entity(EntityKind::Aggregation, EntityValue::Text(value.to_owned())),
                "status" => entity(EntityKind::HttpStatus, EntityValue::Text(value.to_owned())),
                kind => entity(
                    EntityKind::from_name(kind).unwrap(),
                    EntityValue::Text(value.to_owned()),
                ),
            }
        })
        .collect();
    Understanding { intent, confidence: 1.0, entities }
}

fn time(text: &str) -> TimeRange {
    let seconds = |text: &str| {
        let number: i64 = text[..text.len() - 1].parse().unwrap();
        number
            * if text.ends_with('h') {
                3_600
            } else if text.ends_with('d') {
                86_400
            } else {
                60
            }
    };
    let at = |offset_s: i64| Timestamp::from_second(NOW_S + offset_s).unwrap();
    match text.split_once("..") {
        Some((start, end)) => {
            TimeRange { start: at(seconds(start)), end: at(seconds(end)), relative: None }
        }
        None => {
            TimeRange { start: at(-seconds(text)), end: now(), relative: Some(text.to_owned()) }
        }
    }
}

fn threshold(text: &str) -> EntityValue {
    let (number, unit) = text[1..].split_once(':').unwrap();
    EntityValue::Threshold {
        comparison: if text.starts_with('>') { Comparison::Above } else { Comparison::Below },
        value: number.parse().unwrap(),
        unit: match unit {
            "ratio" => Unit::Ratio,
            "s" => Unit::Seconds,
            "bytes" => Unit::Bytes,
            _ => Unit::Count,
        },
    }
}

pub(super) fn planned(text: &str, catalog: &Catalog) -> Result<Plan, PlanError> {
    usual(&understood(text), catalog, &Settings::default(), now())
}

/// `role @offset: query`, one line each; `@-3600` is an evaluation an hour before now,
/// `@-3600..0/30` a range with its step.
pub(super) fn lines(plan: &Plan) -> Vec<String> {
    let offset = |time: &Timestamp| time.as_second() - NOW_S;
    plan.queries
        .iter()
        .map(|query| {
            let when = match &query.evaluation {
                Evaluation::Instant { at } => offset(at).to_string(),
                Evaluation::Range { start, end, step_s } => {
                    format!("{}..{}/{step_s}", offset(start), offset(end))
                }
            };
            format!("{:?} {} @{when}: {}", query.role, query.metric, query.query)
        })
        .collect()
}
