//! Entities taken over from the conversation.

use model::{Entity, EntityKind, EntityValue};

use super::{cues::Cues, stand::Stand};
use crate::{Moment, Reading, lexicon::LATENCY, time};

const ANSWER_CONFIDENCE: f32 = 0.9;
const TAKEN_OVER: f32 = 0.9;

/// Puts the entities of the focus that are `kept` beside the reading's own.
pub(super) fn apply(
    mut reading: Reading,
    stands: Stand,
    kept: Vec<usize>,
    cues: &Cues,
    past: &[&Entity],
    moment: &Moment<'_>,
) -> Reading {
    let entities = &mut reading.understanding.entities;
    if cues.correction || stands == Stand::Clarify {
        entities.retain(|entity| !cues.rejected.iter().any(|at| entity.span.contains(at)));
    }
    let own = std::mem::take(entities);
    let mut kept = kept;
    if stands != Stand::Confirm && stands != Stand::Decline {
        only_the_one(&mut kept, past, cues, &own);
    }
    let mut carried: Vec<Entity> = kept.iter().map(|&at| taken_over(past[at], moment)).collect();
    percentile_of_latency(&mut carried, &own);
    reading.understanding.entities = merged(carried, own);
    if stands != Stand::Own {
        let confidence = &mut reading.understanding.confidence;
        *confidence = confidence.max(ANSWER_CONFIDENCE);
    }
    reading
}

/// What was implied before is implied still where nothing else of its kind is.
pub(super) fn imply(reading: &mut Reading, implied: Vec<Entity>, moment: &Moment<'_>) {
    for entity in implied {
        let others = reading.understanding.entities.iter().chain(&reading.implied);
        if others.into_iter().all(|other| other.kind != entity.kind) {
            reading.implied.push(taken_over(&entity, moment));
        }
    }
}

/// "the former", "the second one": one of the two that were spoken of last, of the first kind of
/// which there are two.
fn only_the_one(kept: &mut Vec<usize>, past: &[&Entity], cues: &Cues, own: &[Entity]) {
    if cues.former == cues.latter {
        return;
    }
    let several = CHOSEN_FROM.iter().find_map(|&kind| {
        let of_kind: Vec<usize> = (0..past.len()).filter(|&at| past[at].kind == kind).collect();
        let is_named = own.iter().any(|entity| entity.kind == kind);
        (of_kind.len() > 1 && !is_named).then_some((kind, of_kind))
    });
    let Some((kind, of_kind)) = several else { return };
    let meant = if cues.latter { of_kind[of_kind.len() - 1] } else { of_kind[of_kind.len() - 2] };
    kept.retain(|&at| past[at].kind != kind || at == meant);
    if !kept.contains(&meant) {
        kept.push(meant);
    }
}

/// Kinds of which one may be chosen by its place.
const CHOSEN_FROM: [EntityKind; 12] = [
    EntityKind::Service,
    EntityKind::WorkflowName,
    EntityKind::IncidentId,
    EntityKind::WorkflowId,
    EntityKind::Host,
    EntityKind::Cluster,
    EntityKind::Region,
    EntityKind::Environment,
    EntityKind::Version,
    EntityKind::Endpoint,
    EntityKind::FilePath,
    EntityKind::Metric,
];

/// "and p99?" after "p95 latency": the latency stays, the percentile changes. A percentile of
/// anything else is none, so that another metric is left behind; and so is the percentile where
/// another metric is named.
fn percentile_of_latency(carried: &mut Vec<Entity>, own: &[Entity]) {
    let is_rank = |entity: &&Entity| {
        entity.kind == EntityKind::Aggregation
            && entity.as_text().is_some_and(|text| text.starts_with('p'))
    };
    let other_metric = own.iter().any(|entity| {
        entity.kind == EntityKind::Metric
            && entity.as_text().is_some_and(|metric| !metric.starts_with(LATENCY))
    });
    if other_metric {
        carried.retain(|entity| !is_rank(&entity));
    }
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

#[cfg(test)]
mod tests {
    use super::{super::before, *};
    use crate::{Vocabulary, scan::Scan, text::tokenise};

    #[test]
    fn one_of_two_is_chosen_by_its_place() {
        use EntityKind::{Environment, Service};
        let entity = |(kind, name): &(EntityKind, &str)| before(*kind, name);
        let moment = Moment { now: jiff::Timestamp::UNIX_EPOCH, zone: &jiff::tz::TimeZone::UTC };
        let two = [(Service, "a"), (Environment, "staging"), (Service, "b")];
        let environments = [(Service, "a"), (Environment, "staging"), (Environment, "prod")];
        for (text, past, kept, expected) in [
            ("cpu of the first one", &two[..], vec![0, 1, 2], vec![1, 0]),
            ("and the latter?", &two, vec![1], vec![1, 2]),
            ("show me the first error", &two, vec![0, 1, 2], vec![0, 1, 2]),
            ("promote it to the former", &environments, vec![0, 2], vec![0, 1]),
        ] {
            let scan = Scan::new(text, tokenise(text));
            let reading = crate::understand(text, &Vocabulary::default(), &moment);
            let past: Vec<Entity> = past.iter().map(entity).collect();
            let past: Vec<&Entity> = past.iter().collect();
            let mut kept = kept;
            only_the_one(&mut kept, &past, &Cues::of(&scan, &reading), &[]);
            kept.sort_unstable();
            let mut expected: Vec<usize> = expected;
            expected.sort_unstable();
            assert_eq!(kept, expected, "{text}");
        }
    }
}
