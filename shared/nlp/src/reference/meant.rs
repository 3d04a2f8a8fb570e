//! What short words mean in their conversation and would not mean alone.

use std::ops::Range;

use jiff::SignedDuration;
use model::{Entity, EntityKind, EntityValue, Family, Intent, TimeRange, Unit};

use super::{Focus, stand::Stand};
use crate::{Moment, normal::schedule, numbers, scan::Scan, text::Kind, time};

/// What a value leaves out and the conversation has: "make that 8000" has no comparison, "4am" no
/// days, "7714" no prefix.
pub(crate) fn completed(
    scan: &Scan,
    kind: EntityKind,
    tokens: Range<usize>,
    value: EntityValue,
    focus: &Focus,
    moment: &Moment<'_>,
) -> EntityValue {
    let value = match value {
        EntityValue::Text(words) if kind == EntityKind::TimeRange => {
            let period = time::bare_length(scan, &scan.span(tokens.clone()), moment.now);
            period.map_or(EntityValue::Text(words), EntityValue::Time)
        }
        value => value,
    };
    let Some(before) = focus.entities.iter().rev().find(|entity| entity.kind == kind) else {
        return value;
    };
    let words = || tokens.clone().filter(|&at| scan.tokens[at].kind != Kind::Sign);
    let number = match words().collect::<Vec<_>>()[..] {
        [at] => numbers::split(scan.word(at)),
        _ => None,
    };
    let is_bare = number.is_some_and(|(_, suffix)| suffix.is_empty());
    match (&before.value, value) {
        (
            EntityValue::Threshold { comparison, value: old, unit },
            EntityValue::Threshold { value: new, unit: new_unit, comparison: own },
        ) => {
            let says_how =
                words().any(|at| crate::entities::threshold::comparison_at(scan, at).is_some());
            let comparison = if says_how { own } else { *comparison };
            match number {
                Some((bare, "")) => EntityValue::Threshold {
                    comparison,
                    value: in_unit(bare, *unit, *old),
                    unit: *unit,
                },
                _ => EntityValue::Threshold { comparison, value: new, unit: new_unit },
            }
        }
        (EntityValue::Time(range), value) if is_bare => {
            let unit = range.relative.as_deref().and_then(|relative| relative.chars().last());
            let period = unit.zip(number).and_then(|(unit, (count, _))| {
                let seconds = SECONDS.iter().find(|(name, _)| *name == unit)?.1;
                let length = SignedDuration::from_secs((count.min(MOST) * seconds) as i64);
                Some(TimeRange::last(length, &format!("{count}{unit}"), moment.now))
            });
            period.map_or(value, EntityValue::Time)
        }
        (EntityValue::Text(old), value) if kind == EntityKind::Schedule => {
            schedule::changed(scan, tokens, old).map_or(value, EntityValue::Text)
        }
        (EntityValue::Text(old), EntityValue::Text(new)) if is_bare && NUMBERED.contains(&kind) => {
            let prefix = old.trim_end_matches(|c: char| c.is_ascii_digit());
            let is_numbered = !prefix.is_empty() && prefix.len() < old.len();
            EntityValue::Text(if is_numbered { format!("{prefix}{new}") } else { new })
        }
        (_, value) => value,
    }
}

const SECONDS: [(char, f64); 4] = [('s', 1.0), ('m', 60.0), ('h', 3600.0), ('d', 86_400.0)];
/// Longer periods than so many hours or days are cut.
const MOST: f64 = 10_000.0;
/// Kinds whose names end in numbers that stand for them.
const NUMBERED: [EntityKind; 5] = [
    EntityKind::IncidentId,
    EntityKind::WorkflowId,
    EntityKind::Host,
    EntityKind::Pod,
    EntityKind::Container,
];

/// A bare number in the scale that brings it nearest to the value before: of 0.3 s and "500", 0.5 s.
fn in_unit(number: f64, unit: Unit, before: f64) -> f64 {
    let scales: &[f64] = match unit {
        Unit::Seconds => &[1.0, 1e-3, 60.0],
        Unit::Ratio => &[1.0, 0.01],
        Unit::Bytes => &[1.0, 1e3, 1e6, 1e9, 1024.0, 1_048_576.0, 1_073_741_824.0],
        _ => &[1.0],
    };
    let distance = |scale: &f64| ((number * scale).max(1e-12) / before.max(1e-12)).ln().abs();
    let nearest = scales.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
    nearest.map_or(number, |scale| crate::entities::threshold::scaled(number, *scale))
}

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

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};
    use model::Comparison;

    use super::*;
    use crate::text::tokenise;

    #[test]
    fn what_a_value_leaves_out_is_taken_from_the_one_before() {
        use EntityKind::{Host, IncidentId, Schedule, Threshold};
        let moment = Moment { now: Timestamp::UNIX_EPOCH, zone: &TimeZone::UTC };
        let text = |text: &str| EntityValue::Text(text.to_owned());
        let above =
            |value, unit| EntityValue::Threshold { comparison: Comparison::Above, value, unit };
        let period = |relative: &str| {
            let length = SignedDuration::from_hours(1);
            EntityValue::Time(model::TimeRange::last(length, relative, moment.now))
        };
        for (kind, before, words, expected) in [
            (Threshold, above(0.3, Unit::Seconds), "500", above(0.5, Unit::Seconds)),
            (Threshold, above(0.3, Unit::Seconds), "2s", above(2.0, Unit::Seconds)),
            (Threshold, above(0.02, Unit::Ratio), "5", above(0.05, Unit::Ratio)),
            (IncidentId, text("INC-7741"), "7714", text("INC-7714")),
            (Host, text("db-04"), "05", text("db-05")),
            (Host, text("db-04"), "web-1", text("web-1")),
            (Schedule, text("0 2 * * 1"), "4am", text("0 4 * * 1")),
            (Schedule, text("0 2 * * *"), "weekdays", text("0 2 * * 1-5")),
            (Schedule, text("0 2 * * 1"), "every 15 minutes", text("*/15 * * * *")),
        ] {
            let scan = Scan::new(words, tokenise(words));
            let tokens = 0..scan.len();
            let own = crate::normal::value(&scan, kind, tokens.clone()).unwrap();
            let entity =
                Entity { kind, value: before, text: String::new(), span: 0..0, confidence: 0.9 };
            let focus = Focus { entities: vec![entity], ..Focus::default() };
            assert_eq!(completed(&scan, kind, tokens, own, &focus, &moment), expected, "{words}");
        }
        let scan = Scan::new("24", tokenise("24"));
        let entity = Entity {
            kind: EntityKind::TimeRange,
            value: period("6h"),
            text: String::new(),
            span: 0..0,
            confidence: 0.9,
        };
        let focus = Focus { entities: vec![entity], ..Focus::default() };
        let EntityValue::Time(range) =
            completed(&scan, EntityKind::TimeRange, 0..1, text("24"), &focus, &moment)
        else {
            panic!("no period");
        };
        assert_eq!(range.relative.as_deref(), Some("24h"));
        assert_eq!(range.start, moment.now - SignedDuration::from_hours(24));
    }
}
