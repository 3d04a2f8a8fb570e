//! What short words mean in their conversation and would not mean alone.

use model::{Entity, EntityKind, EntityValue, Family, Intent};

use super::{Focus, stand::Stand};
use crate::{Moment, numbers, scan::Scan, text::Kind, time};

/// Reads the entities of a turn once more, knowing what is to be done and what was said.
pub(super) fn in_context(
    entities: &mut Vec<Entity>,
    scan: &Scan,
    task: Intent,
    stands: Stand,
    focus: &Focus,
    moment: &Moment<'_>,
) {
    if matches!(task.family(), Family::Query | Family::Analyze) {
        periods(entities, focus, moment);
    }
    quantities(entities, scan, task, stands, focus);
}

/// "widen that to 12 hours" speaks of the period that is asked about.
fn periods(entities: &mut [Entity], focus: &Focus, moment: &Moment<'_>) {
    let has = |kind| focus.entities.iter().any(|entity| entity.kind == kind);
    let names_period = entities.iter().any(|entity| entity.kind == EntityKind::TimeRange);
    if has(EntityKind::Duration) || names_period {
        return;
    }
    for entity in entities.iter_mut().filter(|entity| entity.kind == EntityKind::Duration) {
        if let EntityValue::Seconds(seconds) = entity.value {
            entity.kind = EntityKind::TimeRange;
            entity.value = EntityValue::Time(time::last_seconds(seconds, moment.now));
        }
    }
}

/// "no, 4" is so many of what was spoken of, where something is scaled.
fn quantities(entities: &mut Vec<Entity>, scan: &Scan, task: Intent, stands: Stand, focus: &Focus) {
    let unit = focus.entities.iter().find_map(|entity| match &entity.value {
        EntityValue::Quantity { unit, .. } => Some(unit.clone()),
        _ => None,
    });
    let is_quantity = |entity: &Entity| entity.kind == EntityKind::Quantity;
    if let Some(unit) = &unit {
        for entity in entities.iter_mut().filter(|entity| is_quantity(entity)) {
            let is_bare = entity.text.chars().all(|c| c.is_ascii_digit());
            if let EntityValue::Quantity { unit: own, .. } = &mut entity.value
                && is_bare
            {
                own.clone_from(unit);
            }
        }
    }
    let answers = stands == Stand::Clarify || stands == Stand::Before;
    if task != Intent::ScaleService || !answers || entities.iter().any(is_quantity) {
        return;
    }
    let numbers: Vec<usize> = (0..scan.len())
        .filter(|&at| scan.tokens[at].kind == Kind::Number && scan.is_free(at))
        .collect();
    let [at] = numbers[..] else { return };
    let Some((value, "")) = numbers::split(scan.word(at)) else { return };
    let span = scan.span(at..at + 1);
    entities.push(Entity {
        kind: EntityKind::Quantity,
        value: EntityValue::Quantity { value, unit: unit.unwrap_or_else(|| "replicas".to_owned()) },
        text: scan.source[span.clone()].to_owned(),
        span,
        confidence: 0.6,
    });
}
