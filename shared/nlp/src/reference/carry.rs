//! Entities taken over from the conversation.

use model::{Entity, EntityKind, EntityValue};

use super::{Focus, cues::Cues, stand::Stand};
use crate::{Moment, Reading, lexicon::LATENCY, time};

const ANSWER_CONFIDENCE: f32 = 0.9;
const TAKEN_OVER: f32 = 0.9;

/// Puts the entities of the focus that are `kept` beside the reading's own.
pub(super) fn apply(
    mut reading: Reading,
    stands: Stand,
    kept: &[usize],
    cues: &Cues,
    focus: &Focus,
    moment: &Moment<'_>,
) -> Reading {
    let entities = &mut reading.understanding.entities;
    if cues.correction || stands == Stand::Clarify {
        entities.retain(|entity| !cues.rejected.iter().any(|at| entity.span.contains(at)));
    }
    let own = std::mem::take(entities);
    let chosen = |at: usize| {
        kept.contains(&at)
            || (cues.former || cues.latter)
                && focus.entities.get(at).is_some_and(|entity| entity.kind == EntityKind::Service)
    };
    let mut carried: Vec<Entity> = (0..focus.entities.len())
        .filter(|&at| chosen(at))
        .filter_map(|at| focus.entities.get(at))
        .map(|entity| taken_over(entity, moment))
        .collect();
    only_the_one(&mut carried, cues);
    percentile_of_latency(&mut carried, &own);
    reading.understanding.entities = merged(carried, own);
    let guess = |at: usize| reading.guesses.get(at).map_or(reading.task, |(intent, _)| *intent);
    reading.understanding.intent = stands.intent(guess(0), guess(1), focus.intent);
    if stands != Stand::Own {
        let confidence = &mut reading.understanding.confidence;
        *confidence = confidence.max(ANSWER_CONFIDENCE);
    }
    reading
}

/// "the former", "the second one": one of several services.
fn only_the_one(carried: &mut Vec<Entity>, cues: &Cues) {
    let is_service = |entity: &Entity| entity.kind == EntityKind::Service;
    let count = carried.iter().filter(|entity| is_service(entity)).count();
    if count < 2 || !(cues.former || cues.latter) {
        return;
    }
    let meant = if cues.former { 0 } else { count - 1 };
    let mut place = 0;
    carried.retain(|entity| {
        let keep = !is_service(entity) || place == meant;
        place += usize::from(is_service(entity));
        keep
    });
}

/// "and p99?" after "p95 latency": the latency stays, the percentile changes. A percentile of
/// anything else is none, so that another metric is left behind.
fn percentile_of_latency(carried: &mut Vec<Entity>, own: &[Entity]) {
    let is_rank = |entity: &&Entity| {
        entity.kind == EntityKind::Aggregation
            && entity.as_text().is_some_and(|text| text.starts_with('p'))
    };
    let Some(rank) = own.iter().find(is_rank).and_then(Entity::as_text) else { return };
    carried.retain_mut(|entity| {
        if entity.kind != EntityKind::Metric {
            return true;
        }
        let is_latency = entity.as_text().is_some_and(|metric| metric.starts_with(LATENCY));
        if is_latency {
            entity.value = EntityValue::Text(format!("{LATENCY}_{rank}"));
        }
        is_latency
    });
}

fn taken_over(entity: &Entity, moment: &Moment<'_>) -> Entity {
    let value = match &entity.value {
        EntityValue::Time(range) => EntityValue::Time(time::reanchored(range, moment.now)),
        other => other.clone(),
    };
    Entity {
        kind: entity.kind,
        value,
        text: String::new(),
        span: 0..0,
        confidence: entity.confidence.min(TAKEN_OVER),
    }
}

/// What was taken over goes first where both stand side by side, so that the main one of a
/// comparison comes before what it is compared with.
fn merged(carried: Vec<Entity>, own: Vec<Entity>) -> Vec<Entity> {
    let mut all = carried;
    for entity in own {
        all.retain(|other| other.kind != entity.kind || other.value != entity.value);
        all.push(entity);
    }
    all
}
