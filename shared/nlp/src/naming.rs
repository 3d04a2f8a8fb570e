//! What an utterance names: where the chain finds entities, the rules and [`normal`] say what their
//! words mean. What the tenant's catalog knows by name is certain and binds the chain.

use std::ops::Range;

use model::{Entity, EntityKind, EntityValue, Intent};

use crate::{
    Problem, Vocabulary, lexicon, normal,
    scan::Scan,
    tag::{self, labels},
    text::Kind,
    time,
};

/// A rule that is surer knows the name from the catalog.
const CERTAIN: f32 = 0.97;
/// An entity that only the chain found.
const LEARNED: f32 = 0.85;

/// Where entities stand, by kind and tokens.
pub(crate) type Named = Vec<(EntityKind, Range<usize>)>;

/// What the words name, in order.
pub(crate) fn spans(scan: &Scan) -> Named {
    tag::spans(scan, &locked(scan, &scan.entities))
}

/// What an utterance names, and what it only implies: "slower" speaks of the latency.
pub(crate) struct Names {
    pub(crate) entities: Vec<Entity>,
    pub(crate) implied: Vec<Entity>,
}

/// The entities in the order they stand. Takes those that the rules found.
pub(crate) fn entities(scan: &mut Scan, spans: Named, vocabulary: &Vocabulary) -> Names {
    let ruled = std::mem::take(&mut scan.entities);
    let mut used = vec![false; ruled.len()];
    let mut learned: Vec<Entity> = Vec::new();
    for (kind, tokens) in with_event(scan, spans) {
        let Some(tokens) = without_signs(scan, tokens) else { continue };
        let bytes = scan.span(tokens.clone());
        let same = |entity: &Entity| entity.kind == kind && overlaps(&entity.span, &bytes);
        let mut known = false;
        for (_, used) in ruled.iter().zip(&mut used).filter(|(entity, _)| same(entity)) {
            (known, *used) = (true, true);
        }
        if known || is_problem(scan, kind, &bytes) {
            continue;
        }
        if let Some(value) = normal::value(scan, kind, tokens) {
            let value = in_catalog(kind, value, vocabulary);
            let text = scan.source[bytes.clone()].to_owned();
            learned.push(Entity { kind, value, text, span: bytes, confidence: LEARNED });
        }
    }
    // A baseline may hold its period against one that the words only imply.
    let assumed = |entity: &Entity| entity.kind == EntityKind::TimeRange && entity.text.is_empty();
    let (mut entities, others) = (Vec::with_capacity(ruled.len()), &mut Vec::new());
    for (entity, used) in ruled.into_iter().zip(used) {
        if used || assumed(&entity) { &mut entities } else { &mut *others }.push(entity);
    }
    // Where both read the same words, the rule says more: of "p95 of the latency" it makes one metric.
    let is_new = |new: &Entity| !entities.iter().any(|entity| overlaps(&entity.span, &new.span));
    learned.retain(is_new);
    entities.append(&mut learned);
    others.retain(|entity| is_implied(entity, &entities));
    entities.iter_mut().for_each(without_possessive);
    entities.sort_by_key(|entity| entity.span.start);
    Names { entities, implied: std::mem::take(others) }
}

/// The chain may stop short of the event or miss it: "since the last" says nothing, and an answer
/// about another period would be wrong.
pub(crate) fn with_event(scan: &Scan, mut spans: Named) -> Named {
    let Some(event) = time::since_event(scan) else { return spans };
    spans.retain(|(_, tokens)| !overlaps(tokens, &event));
    spans.push((EntityKind::TimeRange, event));
    spans.sort_by_key(|(_, tokens)| tokens.start);
    spans
}

/// Where alerts are spoken of, what is written like code is an alert's name: "why did `HighLatency` fire".
pub(crate) fn without_alerts(entities: &mut Vec<Entity>, intent: Intent) {
    if matches!(intent, Intent::InvestigateAlert | Intent::QueryAlerts | Intent::CreateAlert) {
        entities.retain(|entity| entity.kind != EntityKind::CodeSymbol);
    }
}

/// "today's error rate" is about today.
fn without_possessive(entity: &mut Entity) {
    let bare = entity.text.strip_suffix("'s").or_else(|| entity.text.strip_suffix("’s"));
    if let Some(length) = bare.map(str::len) {
        entity.span.end -= entity.text.len() - length;
        entity.text.truncate(length);
    }
}

/// Whether it is said already why the words cannot be read as something of the kind.
fn is_problem(scan: &Scan, kind: EntityKind, bytes: &Range<usize>) -> bool {
    scan.problems.iter().any(|problem| match problem {
        Problem::AmbiguousService { span, .. } => {
            kind == EntityKind::Service && overlaps(span, bytes)
        }
        Problem::Time { span, .. } => kind == EntityKind::TimeRange && overlaps(span, bytes),
    })
}

/// Whether what a rule found and the chain did not is still worth knowing: nothing else is named in
/// its place, and it is no part of another name.
fn is_implied(found: &Entity, entities: &[Entity]) -> bool {
    use EntityKind::{Aggregation, Duration, Host, Metric, Quantity, Schedule, Service, TimeRange};
    // Of numbers that may be a time or something else the rule for times knows more.
    let yields = |entity: &Entity| {
        found.kind == TimeRange && matches!(entity.kind, Duration | Host | Quantity | Schedule)
    };
    matches!(found.kind, Metric | Aggregation | Service | TimeRange)
        && !entities.iter().any(|entity| {
            entity.kind == found.kind || overlaps(&entity.span, &found.span) && !yields(entity)
        })
}

/// Signs at the ends are no part of a name.
pub(crate) fn without_signs(scan: &Scan, tokens: Range<usize>) -> Option<Range<usize>> {
    const PART_OF_NAMES: &str = "/ @ # < > % = $ + & ~";
    let stays = |at: &usize| {
        scan.tokens[*at].kind != Kind::Sign || lexicon::lists(PART_OF_NAMES, scan.word(*at))
    };
    let first = tokens.clone().find(stays)?;
    Some(first..tokens.rev().find(stays)? + 1)
}

/// The labels of the tokens whose meaning the catalog settles.
pub(crate) fn locked(scan: &Scan, ruled: &[Entity]) -> Vec<Option<usize>> {
    let mut locked = vec![None; scan.len()];
    for entity in ruled {
        let certain = entity.confidence > CERTAIN && entity.kind == EntityKind::Service;
        if !certain {
            continue;
        }
        let mut label = labels::begin(entity.kind);
        for (token, locked) in scan.tokens.iter().zip(&mut locked) {
            if overlaps(&token.span, &entity.span) {
                *locked = Some(label);
                label = labels::inside(entity.kind);
            }
        }
    }
    locked
}

/// The catalog's spelling of a name, where it has it.
fn in_catalog(kind: EntityKind, value: EntityValue, vocabulary: &Vocabulary) -> EntityValue {
    match (&kind, &value) {
        (EntityKind::Environment, EntityValue::Text(name)) => vocabulary
            .environment(name)
            .map_or(value.clone(), |name| EntityValue::Text(name.to_owned())),
        _ => value,
    }
}

pub(crate) fn overlaps(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}
