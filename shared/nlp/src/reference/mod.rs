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
pub(crate) mod meant;
mod memory;
mod models;
pub(crate) mod named;
pub(crate) mod stand;

use model::{Entity, EntityKind, EntityValue, Family, Intent};

use crate::{Moment, Problem, Reading, naming, reading::IMPLIED, scan::Scan, text, time};
use cues::Cues;
use evidence::Evidence;
use models::Models;
use stand::Stand;

pub use memory::Memory;
pub use models::{Trial, try_models};

/// What a conversation is about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Focus {
    /// What was last done: the reading's [`Reading::task`], not `clarify`.
    pub intent: Option<Intent>,
    /// The entities that were in force.
    pub entities: Vec<Entity>,
    /// What the copilot has just asked for.
    pub asked: Option<EntityKind>,
    /// What it was about before: "compare the two".
    pub memory: Memory,
}

impl Focus {
    /// The focus behind a turn that wanted `wanted` by itself. `about` says what was done and the
    /// entities in force at it; `None` of talk, which is about nothing that a later turn could refer
    /// to.
    #[must_use]
    pub fn after(&self, wanted: Intent, about: Option<(Intent, Vec<Entity>)>) -> Focus {
        let Some((intent, entities)) = about else {
            let memory = Memory { last: Some(wanted), ..self.memory.clone() };
            return Focus { memory, ..self.clone() };
        };
        let memory = self.memory.after(wanted, &self.entities, &entities);
        Focus { intent: Some(intent), entities, asked: None, memory }
    }

    /// All that the conversation was about, the oldest first.
    pub fn past(&self) -> impl Iterator<Item = &Entity> {
        self.memory.entities.iter().chain(&self.entities)
    }
}

/// Fills in what the conversation makes plain. Entities that are taken over have empty text and the
/// span `0..0`; relative periods among them end at the moment's now. A change of topic takes
/// nothing over.
pub fn resolve(reading: Reading, text: &str, focus: &Focus, moment: &Moment<'_>) -> Reading {
    let Some(models) = Models::in_use() else { return reading };
    let (implied, said): (Vec<Entity>, Vec<Entity>) =
        focus.entities.iter().cloned().partition(|entity| entity.confidence <= IMPLIED);
    let focus = &Focus { entities: said, ..focus.clone() };
    let mut reading = reading;
    if focus.intent.is_none() && focus.entities.is_empty() {
        without_assumed(&mut reading);
        return reading;
    }
    named::in_turn(&models, &mut reading, text, focus, moment);
    let mut scan = scan_of(text, &reading);
    let cues = Cues::of(&scan, &reading);
    let mut reading = with_periods_of_focus(reading, &mut scan, focus, moment);
    let scan = scan_of(text, &reading);
    let past: Vec<&Entity> = focus.past().collect();
    let (stands, intent, kept) = {
        let evidence = Evidence::new(&scan, &cues, &reading, focus);
        let (stands, intent) = models.stand(&evidence, &reading, focus);
        let task = task(intent, focus);
        let kept: Vec<usize> =
            (0..past.len()).filter(|&at| models.is_kept(&evidence, at, task, stands)).collect();
        (stands, intent, kept)
    };
    reading.understanding.intent = intent;
    reading.task = task(intent, focus);
    let entities = &mut reading.understanding.entities;
    naming::without_alerts(entities, reading.task);
    meant::in_context(entities, &scan, reading.task, stands, focus, moment);
    if stands == Stand::Clarify {
        add_plain_answer(&mut reading, &scan, focus);
    }
    let goes_on = !kept.is_empty() || !matches!(stands, Stand::Own | Stand::Second);
    let mut reading = carry::apply(reading, stands, kept, &cues, &past, moment);
    if goes_on {
        carry::imply(&mut reading, implied, moment);
    }
    without_assumed(&mut reading);
    reading
}

/// "and at the same time yesterday?" is about yesterday: only what compares is about both periods.
fn without_assumed(reading: &mut Reading) {
    if matches!(reading.task, Intent::Compare | Intent::AnalyzeTrend) {
        return;
    }
    let entities = &mut reading.understanding.entities;
    let is_period = |entity: &Entity| entity.kind == EntityKind::TimeRange;
    let is_assumed = |entity: &Entity| {
        is_period(entity) && entity.text.is_empty() && entity.confidence <= time::ASSUMED
    };
    if entities.iter().any(|entity| is_period(entity) && !entity.text.is_empty()) {
        entities.retain(|entity| !is_assumed(entity));
    }
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

/// What is to be done: an answer or a decision goes on with what was spoken of.
fn task(intent: Intent, focus: &Focus) -> Intent {
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
    let asks = focus
        .intent
        .is_some_and(|intent| matches!(intent.family(), Family::Query | Family::Analyze));
    let leans = entities.iter().any(is_assumed) || (asks && time::leans(scan));
    if !leans {
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

/// What the models see of a turn, for the training command: of one whose entities are read in the
/// light of the conversation.
pub fn with_evidence<T>(
    reading: &Reading,
    text: &str,
    focus: &Focus,
    moment: &Moment<'_>,
    read: impl FnOnce(&Reading, &Evidence<'_>) -> T,
) -> Option<T> {
    let models = Models::in_use()?;
    let mut reading = reading.clone();
    named::in_turn(&models, &mut reading, text, focus, moment);
    let scan = scan_of(text, &reading);
    let cues = Cues::of(&scan, &reading);
    Some(read(&reading, &Evidence::new(&scan, &cues, &reading, focus)))
}

/// An entity as the conversation knows it.
#[cfg(test)]
fn before(kind: EntityKind, name: &str) -> Entity {
    let value = EntityValue::Text(name.to_owned());
    Entity { kind, value, text: String::new(), span: 0..0, confidence: 0.9 }
}
