//! References to what was said before: pronouns, ellipsis, "the same period", corrections, answers to
//! a question, and confirmations.
//!
//! Two small models, learned from labelled dialogues, decide: how an utterance stands in its
//! conversation ([`stand`]), and which of the entities before are still meant. [`cues`] finds the
//! referring words that they see, [`carry`] takes entities over.

mod answer;
mod carry;
mod cues;
pub(crate) mod evidence;
mod meant;
pub(crate) mod stand;

use std::sync::LazyLock;

use model::{Entity, EntityKind, EntityValue, Intent};

use crate::{Moment, Problem, Reading, learned::linear::Linear, scan::Scan, text, time};
use cues::Cues;
use evidence::Evidence;
use stand::Stand;

static STANDS: LazyLock<Option<Linear>> = LazyLock::new(|| {
    Linear::new(include_bytes!("../../data/stands.bin"))
        .filter(|model| model.classes == Stand::ALL.len())
});
static KEPT: LazyLock<Option<Linear>> = LazyLock::new(|| {
    Linear::new(include_bytes!("../../data/kept.bin")).filter(|model| model.classes == 2)
});

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
    let mut scan = scan_of(text, &reading);
    let cues = Cues::of(&scan, &reading);
    let mut reading = with_periods_of_focus(reading, &mut scan, focus, moment);
    let scan = scan_of(text, &reading);
    let (stands, kept) = {
        let evidence = Evidence::new(&scan, &cues, &reading, focus);
        let stands = stand(&evidence);
        let task = task(stands, &reading, focus);
        let kept: Vec<usize> = (0..focus.entities.len())
            // "Which service fails most?" is about all of them.
            .filter(|&at| !(cues.global && focus.entities[at].kind == EntityKind::Service))
            .filter(|&at| is_kept(&evidence, at, task, stands))
            .collect();
        (stands, kept)
    };
    reading.task = task(stands, &reading, focus);
    let entities = &mut reading.understanding.entities;
    meant::in_context(entities, &scan, reading.task, stands, focus, moment);
    if stands == Stand::Clarify {
        add_plain_answer(&mut reading, &scan, focus);
    }
    carry::apply(reading, stands, &kept, &cues, focus, moment)
}

/// The tokens that the reading's entities cover count as taken, periods excepted.
fn scan_of<'a>(text: &'a str, reading: &Reading) -> Scan<'a> {
    let mut scan = Scan::new(text, text::tokenise(text));
    let spans = || {
        let entities = reading.understanding.entities.iter();
        entities.filter(|entity| entity.kind != EntityKind::TimeRange).map(|entity| &entity.span)
    };
    let is_taken = |token: &text::Token| {
        spans().any(|span| span.start < token.span.end && token.span.start < span.end)
    };
    let taken: Vec<bool> = scan.tokens.iter().map(is_taken).collect();
    crate::lexicon::correct(&mut scan.tokens, &taken);
    scan.taken = taken;
    scan
}

fn stand(evidence: &Evidence<'_>) -> Stand {
    let Some(model) = STANDS.as_ref() else { return Stand::Own };
    let scores = model.scores(&evidence.of_turn().weighted(model.bits));
    let best =
        (0..scores.len()).fold(0, |best, at| if scores[at] > scores[best] { at } else { best });
    Stand::ALL.get(best).copied().unwrap_or(Stand::Own)
}

fn is_kept(evidence: &Evidence<'_>, at: usize, task: Intent, stands: Stand) -> bool {
    let Some(model) = KEPT.as_ref() else { return false };
    let scores = model.scores(&evidence.of_entity(at, task, stands.name()).weighted(model.bits));
    scores[1] > scores[0]
}

/// What is to be done.
fn task(stands: Stand, reading: &Reading, focus: &Focus) -> Intent {
    let guess = |at: usize| reading.guesses.get(at).map_or(reading.task, |(intent, _)| *intent);
    let intent = stands.intent(guess(0), guess(1), focus.intent);
    let goes_on = matches!(intent, Intent::Clarify | Intent::Confirm | Intent::Decline);
    focus.intent.filter(|_| goes_on).unwrap_or(intent)
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

/// What the models see of a turn, for the training command.
pub fn with_evidence<T>(
    reading: &Reading,
    text: &str,
    focus: &Focus,
    read: impl FnOnce(&Evidence<'_>) -> T,
) -> T {
    let scan = scan_of(text, reading);
    let cues = Cues::of(&scan, reading);
    read(&Evidence::new(&scan, &cues, reading, focus))
}
