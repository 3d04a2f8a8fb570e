//! What is taken over from the conversation, and what that makes of the intent.

use model::{
    Entity, EntityKind, EntityValue,
    Intent::{
        self, AnalyzeErrors, AnalyzeTrend, CheckHealth, Clarify, Compare, GeneralQuestion,
        OutOfScope, QueryDeployments, QueryMetrics, SmallTalk,
    },
};

use super::{Focus, cues::Cues, mode::Mode};
use crate::{Moment, Reading, lexicon::LATENCY, time};

const ANSWER_CONFIDENCE: f32 = 0.9;
/// Taken over on the strength of a word, or of none.
const POINTED_AT: f32 = 0.9;
const ASSUMED: f32 = 0.5;

pub(super) fn apply(
    mut reading: Reading,
    mode: Mode,
    cues: &Cues,
    focus: &Focus,
    moment: &Moment<'_>,
) -> Reading {
    if mode == Mode::Fresh {
        return reading;
    }
    let entities = &mut reading.understanding.entities;
    if mode == Mode::Correction {
        entities.retain(|entity| !cues.rejected.iter().any(|at| entity.span.contains(at)));
    }
    let own = std::mem::take(entities);
    let intent = reading.understanding.intent;
    reading.task = task(mode, intent, cues, &own, focus);
    let kinds = kinds(mode, cues, reading.task, &own);
    let carried = carried(&kinds, reading.task, cues, &own, focus, moment, mode);
    reading.understanding.entities = merged(carried, own);
    reading.understanding.intent = match mode {
        Mode::Answer | Mode::Correction if focus.intent.is_some() => Clarify,
        _ => reading.task,
    };
    if mode != Mode::Pointing && mode != Mode::SameSubject {
        reading.understanding.confidence = reading.understanding.confidence.max(ANSWER_CONFIDENCE);
    }
    reading
}

/// What is to be done, given what was done before.
fn task(mode: Mode, intent: Intent, cues: &Cues, own: &[Entity], focus: &Focus) -> Intent {
    let has = |kind| own.iter().any(|entity| entity.kind == kind);
    let Some(before) =
        focus.intent.filter(|intent| !matches!(intent, Clarify | SmallTalk | OutOfScope))
    else {
        return intent;
    };
    match mode {
        Mode::Fresh | Mode::Pointing | Mode::SameSubject => return intent,
        Mode::Answer => return before,
        Mode::Correction | Mode::Ellipsis => {}
    }
    match (before, intent) {
        // "Has it gone up?" leaves out the metric and so looks like nothing.
        (_, GeneralQuestion | OutOfScope | SmallTalk) if cues.trend => AnalyzeTrend,
        (_, GeneralQuestion | OutOfScope | SmallTalk) if cues.comparison => Compare,
        (_, CheckHealth) if cues.breakdown => before,
        (_, Clarify | GeneralQuestion | OutOfScope | SmallTalk) => {
            let measured = has(EntityKind::Metric) || has(EntityKind::Aggregation);
            if measured && !matches!(before, QueryMetrics | Compare | AnalyzeTrend) {
                QueryMetrics
            } else {
                before
            }
        }
        // One other service beside a comparison of two leaves nothing to compare.
        (Compare, QueryMetrics | AnalyzeErrors) => {
            let compared_services =
                focus.entities.iter().filter(|entity| entity.kind == EntityKind::Service).count()
                    > 1;
            if compared_services && has(EntityKind::Service) { intent } else { Compare }
        }
        (AnalyzeTrend, QueryMetrics | AnalyzeErrors) => AnalyzeTrend,
        _ => intent,
    }
}

/// The kinds that may be taken over.
fn kinds(mode: Mode, cues: &Cues, task: Intent, own: &[Entity]) -> Vec<EntityKind> {
    use EntityKind::{Aggregation, Environment, Metric, Service, TimeRange};
    let has = |kind| own.iter().any(|entity| entity.kind == kind);
    match mode {
        Mode::Answer | Mode::Correction | Mode::Ellipsis => EntityKind::ALL.to_vec(),
        Mode::SameSubject => vec![Service, Environment],
        Mode::Fresh => Vec::new(),
        Mode::Pointing => {
            let mut kinds = Vec::new();
            if cues.one || cues.several || cues.former || cues.latter || !has(Service) {
                kinds.extend([Service, Environment]);
            }
            if cues.same_place {
                kinds.push(Environment);
            }
            if cues.same_period || cues.of_those {
                kinds.push(TimeRange);
            }
            let measures_that = matches!(task, Compare | AnalyzeTrend)
                && !has(Metric)
                && !has(Aggregation)
                && !cues.errors;
            if cues.same_metric || measures_that {
                kinds.extend([Metric, Aggregation]);
            }
            kinds
        }
    }
}

/// The focus's entities that stay in force.
fn carried(
    kinds: &[EntityKind],
    task: Intent,
    cues: &Cues,
    own: &[Entity],
    focus: &Focus,
    moment: &Moment<'_>,
    mode: Mode,
) -> Vec<Entity> {
    let has = |kind| own.iter().any(|entity| entity.kind == kind);
    let confidence = if mode == Mode::SameSubject { ASSUMED } else { POINTED_AT };
    let mut carried: Vec<Entity> = focus
        .entities
        .iter()
        .filter(|entity| kinds.contains(&entity.kind) && fits(entity.kind, task))
        .filter(|entity| {
            let replaced = has(entity.kind) && !joins(entity.kind, task, cues, own);
            !replaced && !overruled(entity, task, own)
        })
        .map(|entity| taken_over(entity, confidence, moment))
        .collect();
    if mode == Mode::Pointing || mode == Mode::SameSubject {
        only_the_one(&mut carried, cues, task);
    }
    percentile_of_latency(&mut carried, own);
    carried
}

/// Whether an intent has a use for a kind of entity.
fn fits(kind: EntityKind, task: Intent) -> bool {
    use EntityKind::{Aggregation, HttpStatus, Metric, Threshold};
    match task {
        CheckHealth | QueryDeployments => {
            !matches!(kind, Metric | Aggregation | HttpStatus | Threshold)
        }
        QueryMetrics => kind != HttpStatus,
        _ => true,
    }
}

/// Whether a new entity stands beside the old ones of its kind: "compare it to checkout".
fn joins(kind: EntityKind, task: Intent, cues: &Cues, own: &[Entity]) -> bool {
    let count = own.iter().filter(|entity| entity.kind == kind).count();
    let comparable = matches!(kind, EntityKind::Service | EntityKind::Version);
    task == Compare && comparable && count == 1 && !cues.correction && !cues.several
}

/// What a new entity of another kind leaves behind.
fn overruled(old: &Entity, task: Intent, own: &[Entity]) -> bool {
    use EntityKind::{Aggregation, Endpoint, HttpStatus, Metric, Service, Threshold, Version};
    let has = |kind| own.iter().any(|entity| entity.kind == kind);
    let measured = has(Metric) || has(Aggregation);
    let counts_errors = task == AnalyzeErrors;
    match old.kind {
        // A percentile of an error rate is none.
        Metric => {
            has(Aggregation)
                && own.iter().any(is_percentile)
                && old.as_text().is_none_or(|metric| !metric.starts_with(LATENCY))
                || counts_errors && old.as_text().is_some_and(|metric| metric != "error_rate")
        }
        Aggregation => has(Metric) || counts_errors,
        Threshold => measured || counts_errors,
        HttpStatus => measured,
        Endpoint | Version => has(Service),
        _ => false,
    }
}

fn is_percentile(entity: &Entity) -> bool {
    entity.kind == EntityKind::Aggregation
        && entity.as_text().is_some_and(|text| text.starts_with('p'))
}

/// "and p99?" after "p95 latency": the latency stays, the percentile changes.
fn percentile_of_latency(carried: &mut [Entity], own: &[Entity]) {
    let Some(rank) = own.iter().find(|entity| is_percentile(entity)).and_then(Entity::as_text)
    else {
        return;
    };
    for entity in carried.iter_mut().filter(|entity| entity.kind == EntityKind::Metric) {
        if entity.as_text().is_some_and(|metric| metric.starts_with(LATENCY)) {
            entity.value = EntityValue::Text(format!("{LATENCY}_{rank}"));
        }
    }
}

/// "it" is the last of several services, "the former" the first.
fn only_the_one(carried: &mut Vec<Entity>, cues: &Cues, task: Intent) {
    let services = carried.iter().filter(|entity| entity.kind == EntityKind::Service).count();
    if services < 2 || cues.several || task == Compare || !(cues.one || cues.former || cues.latter)
    {
        return;
    }
    let kept = if cues.former { 0 } else { services - 1 };
    let mut position = 0;
    carried.retain(|entity| {
        if entity.kind != EntityKind::Service {
            return true;
        }
        position += 1;
        position - 1 == kept
    });
}

fn taken_over(entity: &Entity, confidence: f32, moment: &Moment<'_>) -> Entity {
    let value = match &entity.value {
        EntityValue::Time(range) => EntityValue::Time(time::reanchored(range, moment.now)),
        other => other.clone(),
    };
    Entity {
        kind: entity.kind,
        value,
        text: String::new(),
        span: 0..0,
        confidence: entity.confidence.min(confidence),
    }
}

/// What was taken over goes first where both stand side by side, so that the main one of a
/// comparison comes before what it is compared with.
fn merged(carried: Vec<Entity>, own: Vec<Entity>) -> Vec<Entity> {
    let mut all = carried;
    for entity in own {
        let repeated =
            all.iter().any(|other| other.kind == entity.kind && other.value == entity.value);
        if repeated {
            all.retain(|other| other.kind != entity.kind || other.value != entity.value);
        }
        all.push(entity);
    }
    all
}
