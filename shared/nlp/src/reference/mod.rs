//! References to what was said before: pronouns, ellipsis, "the same period", corrections, and
//! answers to a question that was asked.
//!
//! [`cues`] finds the referring words, [`mode`] says how much of the conversation an utterance
//! stands in, [`carry`] what it takes over.

mod answer;
mod carry;
mod cues;
mod mode;

use model::{Entity, EntityKind, EntityValue, Intent};

use crate::{Moment, Problem, Reading, scan::Scan, text, time};
use cues::Cues;
use mode::{Mode, mode};

/// What a conversation is about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Focus {
    /// What was last done: the reading's [`Reading::task`], not `clarify`.
    pub intent: Option<Intent>,
    /// The entities that were in force.
    pub entities: Vec<Entity>,
    /// What the copilot has just asked for.
    pub asked: Option<EntityKind>,
}

/// Fills in what the conversation makes plain. Entities that are taken over have empty text and the
/// span `0..0`; relative periods among them end at the moment's now. A change of topic takes
/// nothing over.
pub fn resolve(reading: Reading, text: &str, focus: &Focus, moment: &Moment<'_>) -> Reading {
    if focus.intent.is_none() && focus.entities.is_empty() {
        return reading;
    }
    let mut scan = Scan::new(text, text::tokenise(text));
    let taken = taken(&scan, &reading);
    crate::lexicon::correct(&mut scan.tokens, &taken);
    scan.taken = taken;
    let cues = Cues::of(&scan, &reading);
    let mut reading = with_periods_of_focus(reading, &mut scan, focus, moment);
    let mode = mode(&cues, &scan, &reading, focus);
    if mode == Mode::Answer {
        add_plain_answer(&mut reading, &scan, focus);
    }
    carry::apply(reading, mode, &cues, focus, moment)
}

/// Which tokens the reading's entities cover, periods excepted.
fn taken(scan: &Scan, reading: &Reading) -> Vec<bool> {
    let spans = || {
        let entities = reading.understanding.entities.iter();
        entities.filter(|entity| entity.kind != EntityKind::TimeRange).map(|entity| &entity.span)
    };
    scan.tokens
        .iter()
        .map(|token| spans().any(|span| span.start < token.span.end && token.span.start < span.end))
        .collect()
}

/// "compared to yesterday" is placed by the period that the conversation is about.
fn with_periods_of_focus(
    mut reading: Reading,
    scan: &mut Scan,
    focus: &Focus,
    moment: &Moment<'_>,
) -> Reading {
    let entities = &mut reading.understanding.entities;
    let is_assumed =
        |entity: &Entity| entity.kind == EntityKind::TimeRange && entity.text.is_empty();
    if !entities.iter().any(is_assumed) {
        return reading;
    }
    let main = focus.entities.iter().find_map(|entity| match &entity.value {
        EntityValue::Time(range) => Some(time::reanchored(range, moment.now)),
        _ => None,
    });
    let Some(main) = main else { return reading };
    time::recognise(scan, moment, Some(&main));
    entities.retain(|entity| entity.kind != EntityKind::TimeRange);
    entities.append(&mut scan.entities);
    entities.sort_by_key(|entity| entity.span.start);
    reading
}

/// "billing" in answer to "which service?" is a service, known or not.
fn add_plain_answer(reading: &mut Reading, scan: &Scan, focus: &Focus) {
    let entities = &mut reading.understanding.entities;
    let answered =
        focus.asked.is_none_or(|asked| entities.iter().any(|entity| entity.kind == asked));
    let open =
        reading.problems.iter().any(|problem| matches!(problem, Problem::AmbiguousService { .. }));
    if answered || open || focus.asked != Some(EntityKind::Service) {
        return;
    }
    let Some((span, name)) = answer::plain_name(scan) else { return };
    entities.push(Entity {
        kind: EntityKind::Service,
        value: EntityValue::Text(name),
        text: scan.source[span.clone()].to_owned(),
        span,
        confidence: 0.4,
    });
}
