//! The models of references, from labelled dialogues: how a turn stands in its conversation, and
//! which of the entities before are still meant. Each turn is read as in use, behind the right
//! reading of the one before.

use std::path::Path;

use anyhow::{Context, Result};
use jiff::{Timestamp, tz::TimeZone};
use model::{Entity, EntityKind, EntityValue, Intent};
use nlp::{
    Focus, Moment, Reading, Vocabulary,
    training::{Stand, with_evidence},
};
use serde::Deserialize;
use serde_json::Value;

use crate::svm::Row;

#[derive(Debug, Deserialize)]
struct Dialogue {
    turns: Vec<Turn>,
}

#[derive(Debug, Deserialize)]
struct Turn {
    text: String,
    intent: String,
    #[serde(default)]
    also_ok: Vec<String>,
    resolved_entities: Vec<InForce>,
}

#[derive(Debug, Deserialize)]
struct InForce {
    #[serde(rename = "type")]
    kind: String,
    normalized: Value,
    #[serde(default)]
    optional: bool,
}

/// Rows with their classes.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) rows: Vec<Row>,
    pub(crate) classes: Vec<usize>,
}

impl Rows {
    fn push(&mut self, row: Row, class: usize) {
        self.rows.push(row);
        self.classes.push(class);
    }
}

/// What the turns of a folder's dialogues teach.
#[derive(Default)]
pub(crate) struct Lessons {
    /// Classes are those of [`Stand::ALL`].
    pub(crate) stands: Rows,
    /// Class 1 is kept.
    pub(crate) kept: Rows,
}

pub(crate) fn lessons(path: &Path, bits: u32) -> Result<Lessons> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let mut lessons = Lessons::default();
    for (number, line) in text.lines().enumerate() {
        let dialogue: Dialogue = serde_json::from_str(line)
            .with_context(|| format!("{}:{}", path.display(), number + 1))?;
        let mut focus = Focus::default();
        for turn in &dialogue.turns {
            if focus.intent.is_some() {
                learn(turn, &focus, bits, &mut lessons);
            }
            advance(turn, &mut focus);
        }
    }
    Ok(lessons)
}

fn read(text: &str) -> Reading {
    let moment = Moment { now: Timestamp::UNIX_EPOCH, zone: &TimeZone::UTC };
    nlp::understand(text, &Vocabulary::default(), &moment)
}

fn learn(turn: &Turn, focus: &Focus, bits: u32, lessons: &mut Lessons) {
    let reading = read(&turn.text);
    let Some(stand) = right_stand(turn, &reading, focus) else { return };
    with_evidence(&reading, &turn.text, focus, |evidence| {
        lessons.stands.push(evidence.of_turn().weighted(bits), stand as usize);
        let before = focus.intent.unwrap_or(Intent::OutOfScope);
        let guess = |at: usize| reading.guesses[at].0;
        let intent = stand.intent(guess(0), guess(1), focus.intent);
        let goes_on = matches!(intent, Intent::Clarify | Intent::Confirm | Intent::Decline);
        let task = if goes_on { before } else { intent };
        for (at, entity) in focus.entities.iter().enumerate() {
            let in_force = turn.resolved_entities.iter().find(|other| is_same(other, entity));
            let named = reading
                .understanding
                .entities
                .iter()
                .any(|own| own.kind == entity.kind && own.value == entity.value);
            if named || in_force.is_some_and(|other| other.optional) {
                continue;
            }
            let row = evidence.of_entity(at, task, stand.name()).weighted(bits);
            lessons.kept.push(row, usize::from(in_force.is_some()));
        }
    });
}

/// How the turn stands, as its label tells; `None` where no way of standing leads to it.
fn right_stand(turn: &Turn, reading: &Reading, focus: &Focus) -> Option<Stand> {
    let guess = |at: usize| reading.guesses[at].0;
    let leads_to =
        |stand: &Stand, name: &str| stand.intent(guess(0), guess(1), focus.intent).name() == name;
    // Going on with the same is told from starting the same anew by what is taken over.
    let carries = focus
        .entities
        .iter()
        .any(|entity| turn.resolved_entities.iter().any(|other| is_same(other, entity)));
    let mut order =
        [Stand::Own, Stand::Clarify, Stand::Confirm, Stand::Decline, Stand::Before, Stand::Second];
    if carries && guess(0) == focus.intent.unwrap_or(Intent::OutOfScope) {
        order.swap(0, 4);
    }
    let names = std::iter::once(&turn.intent).chain(&turn.also_ok);
    names.into_iter().find_map(|name| order.iter().copied().find(|stand| leads_to(stand, name)))
}

fn is_same(in_force: &InForce, entity: &Entity) -> bool {
    in_force.kind == entity.kind.name()
        && entity.as_text() == Some(in_force.normalized.to_string().as_str())
}

/// What the conversation is about after the turn, by its labels.
fn advance(turn: &Turn, focus: &mut Focus) {
    let talk = |name: &str| {
        matches!(name, "clarify" | "confirm" | "decline" | "small_talk" | "out_of_scope")
    };
    let names = std::iter::once(&turn.intent).chain(&turn.also_ok);
    if let Some(intent) = names.filter(|name| !talk(name)).find_map(|name| Intent::from_name(name))
    {
        focus.intent = Some(intent);
    }
    if matches!(turn.intent.as_str(), "small_talk" | "out_of_scope") {
        return;
    }
    focus.intent.get_or_insert(Intent::Clarify);
    focus.entities = turn
        .resolved_entities
        .iter()
        .filter_map(|entity| {
            Some(Entity {
                kind: EntityKind::from_name(&entity.kind)?,
                value: EntityValue::Text(entity.normalized.to_string()),
                text: String::new(),
                span: 0..0,
                confidence: 0.9,
            })
        })
        .collect();
}
