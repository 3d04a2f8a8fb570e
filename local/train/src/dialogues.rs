//! What labelled dialogues teach: where entities stand in a turn, how it stands in its conversation,
//! what it wants, and which of the entities before are still meant. Each turn is read as in use,
//! behind the right reading of those before it.

use std::{ops::Range, path::Path};

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use model::{Comparison, Entity, EntityKind, EntityValue, Family, Intent, TimeRange, Unit};
use nlp::{
    Focus, Moment, Reading, Vocabulary,
    training::{self, Stand, tags},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    chain::Sentence,
    data::{Label, Utterance},
    svm::Row,
};

/// Names are no longer than so many tokens.
const LONGEST: usize = 8;

#[derive(Debug, Deserialize)]
struct Dialogue {
    turns: Vec<Said>,
}

#[derive(Debug, Clone, Deserialize)]
struct Said {
    text: String,
    intent: String,
    #[serde(default)]
    also_ok: Vec<String>,
    resolved_entities: Vec<InForce>,
}

#[derive(Debug, Clone, Deserialize)]
struct InForce {
    #[serde(rename = "type")]
    kind: String,
    normalized: Value,
    #[serde(default)]
    optional: bool,
}

/// A turn with what was before it.
pub(crate) struct Turn {
    said: Said,
    reading: Reading,
    focus: Focus,
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
    /// Those of [`Intent::ALL`].
    pub(crate) tasks: Rows,
    /// Class 1 is kept.
    pub(crate) kept: Rows,
}

const MOMENT: Moment<'_> = Moment { now: Timestamp::UNIX_EPOCH, zone: &TimeZone::UTC };

/// The turns of a file that stand behind others.
pub(crate) fn turns(path: &Path) -> Result<Vec<Turn>> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let mut turns = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let dialogue: Dialogue = serde_json::from_str(line)
            .with_context(|| format!("{}:{}", path.display(), number + 1))?;
        let mut focus = Focus::default();
        for said in dialogue.turns {
            let next = after(&said, &focus).context("its intent is unknown")?;
            if focus.intent.is_some() {
                let reading = nlp::understand(&said.text, &Vocabulary::default(), &MOMENT);
                turns.push(Turn { said, reading, focus });
            }
            focus = next;
        }
    }
    Ok(turns)
}

/// The first turns of a file's dialogues, which are utterances like others.
pub(crate) fn openings(path: &Path) -> Result<Vec<Utterance>> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let mut openings = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let place = || format!("{}:{}", path.display(), number + 1);
        let dialogue: Dialogue = serde_json::from_str(line).with_context(place)?;
        openings.extend(dialogue.turns.into_iter().next().map(|said| opening(said, place())));
    }
    Ok(openings)
}

/// Without entities, where it is not plain which words mean them.
fn opening(said: Said, id: String) -> Utterance {
    let reading = nlp::understand(&said.text, &Vocabulary::default(), &MOMENT);
    let turn = Turn { said, reading, focus: Focus::default() };
    let Said { text, intent, also_ok, resolved_entities } = turn.said.clone();
    let mut labels: Vec<(Range<usize>, Label)> = Vec::new();
    let mut is_plain = true;
    for in_force in resolved_entities {
        let kind = EntityKind::from_name(&in_force.kind);
        let span = kind.and_then(|kind| place(&turn, kind, &in_force.normalized));
        let Some(span) = span else {
            is_plain &= in_force.optional;
            continue;
        };
        let words = text[span.clone()].to_owned();
        labels
            .push((span, Label { kind: in_force.kind, text: words, optional: in_force.optional }));
    }
    labels.sort_by_key(|(span, _)| span.start);
    is_plain &= labels.windows(2).all(|pair| pair[0].0.end <= pair[1].0.start);
    let entities = is_plain.then(|| labels.into_iter().map(|(_, label)| label).collect());
    Utterance { id, text, intent, also_ok, entities }
}

/// Where entities stand, by kind.
type Places = Vec<(EntityKind, Range<usize>)>;

/// A turn for the chain.
pub(crate) fn sentence(turn: &Turn, bits: u32) -> Sentence {
    let Turn { said, reading, focus } = turn;
    let (mut gold, mut free) = (Places::new(), Places::new());
    for in_force in &said.resolved_entities {
        let Some(kind) = EntityKind::from_name(&in_force.kind) else { continue };
        let span = place(turn, kind, &in_force.normalized);
        let list = if in_force.optional { &mut free } else { &mut gold };
        list.extend(span.map(|span| (kind, span)));
    }
    // What is read in the words and labelled with another value stands there all the same.
    let unclear = reading.understanding.entities.iter().filter(|own| {
        let is_kind = |other: &&InForce| other.kind == own.kind.name();
        let has_place = gold.iter().any(|(kind, _)| *kind == own.kind);
        said.resolved_entities.iter().any(|other| is_kind(&other) && !other.optional)
            && !has_place
            && !focus.entities.iter().any(|before| {
                said.resolved_entities.iter().any(|other| is_kind(&other) && is_same(other, before))
            })
    });
    free.extend(unclear.map(|own| (own.kind, own.span.clone())));
    tagged(turn, &gold, &free, bits)
}

/// In what is free the label does not count.
fn tagged(turn: &Turn, gold: &Places, free: &Places, bits: u32) -> Sentence {
    let Turn { said, reading, focus } = turn;
    let tokens = training::turn_features(reading, &said.text, focus, &MOMENT, bits);
    let free = training::gold_tags(&tokens.spans, free);
    let gold = training::gold_tags(&tokens.spans, gold);
    let free = free
        .iter()
        .zip(&gold)
        .map(|(free, gold)| *free != tags::OUTSIDE && *gold == tags::OUTSIDE)
        .collect();
    Sentence { features: tokens.features, gold, free }
}

/// The fewest words of a turn that mean the value.
fn place(turn: &Turn, kind: EntityKind, value: &Value) -> Option<Range<usize>> {
    let text = &turn.said.text;
    if kind == EntityKind::RequiresApproval {
        // Any words could mean it; those that were read so do.
        let own = turn.reading.understanding.entities.iter().find(|own| own.kind == kind);
        return own.map(|own| own.span.clone());
    }
    if let Value::String(words) = value
        && kind == EntityKind::TimeRange
    {
        let start = text.to_lowercase().find(&words.to_lowercase())?;
        let span = start..start + words.len();
        return text.get(span.clone()).map(|_| span);
    }
    let agreeing = |focus: &Focus| {
        let found = training::readings(text, kind, focus, &MOMENT, LONGEST);
        let meant = found.into_iter().filter(|(other, _)| agrees(kind, value, other));
        let spans = meant.map(|(_, span)| span);
        // Of "6 hours" the number alone could be meant so, too.
        let is_length = value.get("relative").is_some();
        spans.min_by_key(|span| (if is_length { usize::MAX - span.end } else { 0 }, span.len()))
    };
    let own = &turn.reading.understanding.entities;
    let own = || own.iter().filter(|own| own.kind == kind);
    // What was read in full is not cut short.
    if let Some(own) = own().find(|own| agrees(kind, value, &own.value)) {
        return Some(own.span.clone());
    }
    let span = agreeing(&Focus::default()).or_else(|| agreeing(&turn.focus))?;
    let around = own().find(|own| own.span.start <= span.start && span.end <= own.span.end);
    Some(around.map_or(span, |own| own.span.clone()))
}

/// What the turns teach; read with the chain that is on trial.
pub(crate) fn lessons(turns: &[Turn], bits: u32) -> Lessons {
    let mut lessons = Lessons::default();
    for turn in turns {
        let Turn { said, reading, focus } = turn;
        training::with_evidence(reading, &said.text, focus, &MOMENT, |reading, evidence| {
            let Some(intent) = Intent::from_name(&said.intent) else { return };
            let features = evidence.of_turn().weighted(bits);
            let stand = right_stand(turn);
            if let Some(stand) = stand {
                lessons.stands.push(features, stand as usize);
            }
            lessons.tasks.push(evidence.of_task(bits), intent as usize);
            let goes_on = matches!(intent, Intent::Clarify | Intent::Confirm | Intent::Decline);
            let task = focus.intent.filter(|_| goes_on).unwrap_or(intent);
            let stand = stand.unwrap_or(Stand::Own);
            for (at, entity) in focus.past().enumerate() {
                let in_force = said.resolved_entities.iter().find(|other| is_same(other, entity));
                let is_named =
                    reading.understanding.entities.iter().any(|own| {
                        own.kind == entity.kind && wire(&own.value) == wire(&entity.value)
                    });
                if is_named || in_force.is_some_and(|other| other.optional) {
                    continue;
                }
                if evidence.settled(at, task, stand).is_some() {
                    continue;
                }
                let row = evidence.of_entity(at, task, stand.name()).weighted(bits);
                lessons.kept.push(row, usize::from(in_force.is_some()));
            }
        });
    }
    lessons
}

/// How the turn stands, as its label tells; `None` where no way of standing leads to it.
fn right_stand(turn: &Turn) -> Option<Stand> {
    let Turn { said, reading, focus } = turn;
    let guess = |at: usize| reading.guesses[at].0;
    let leads_to =
        |stand: &Stand, name: &str| stand.intent(guess(0), guess(1), focus.intent).name() == name;
    // Going on with the same is told from starting the same anew by what is taken over.
    let carries = focus
        .entities
        .iter()
        .any(|entity| said.resolved_entities.iter().any(|other| is_same(other, entity)));
    let mut order =
        [Stand::Own, Stand::Clarify, Stand::Confirm, Stand::Decline, Stand::Before, Stand::Second];
    if carries && guess(0) == focus.intent.unwrap_or(Intent::OutOfScope) {
        order.swap(0, 4);
    }
    let names = std::iter::once(&said.intent).chain(&said.also_ok);
    names.into_iter().find_map(|name| order.iter().copied().find(|stand| leads_to(stand, name)))
}

fn is_same(in_force: &InForce, entity: &Entity) -> bool {
    in_force.kind == entity.kind.name() && agrees(entity.kind, &in_force.normalized, &entity.value)
}

fn agrees(kind: EntityKind, label: &Value, value: &EntityValue) -> bool {
    let plain = |text: &str| {
        let text = text.to_lowercase();
        let is_service = kind == EntityKind::Service;
        let bare = text.strip_suffix("-service").or_else(|| text.strip_suffix("-svc"));
        bare.filter(|_| is_service).unwrap_or(&text).to_owned()
    };
    match (label, wire(value)) {
        (Value::String(label), Value::String(value)) => plain(label) == plain(&value),
        (Value::Object(label), Value::Object(value)) => label.iter().all(|(key, label)| {
            let value = value.get(key).unwrap_or(&Value::Null);
            match (label.as_f64(), value.as_f64()) {
                (Some(label), Some(value)) => (label - value).abs() <= 1e-9 * label.abs().max(1.0),
                _ => label == value,
            }
        }),
        (Value::Number(label), Value::Number(value)) => label.as_f64() == value.as_f64(),
        (label, value) => *label == value,
    }
}

/// A value as it is labelled.
fn wire(value: &EntityValue) -> Value {
    match value {
        EntityValue::Text(text) => json!(text),
        EntityValue::Time(range) => match &range.relative {
            Some(relative) => json!({ "relative": relative }),
            None => json!({ "start": range.start, "end": range.end }),
        },
        EntityValue::Threshold { comparison, value, unit } => {
            let unit = match unit {
                Unit::Seconds => "s",
                Unit::Ratio => "ratio",
                Unit::Bytes => "bytes",
                _ => "count",
            };
            json!({ "op": comparison.symbol(), "value": value, "unit": unit })
        }
        EntityValue::Quantity { value, unit } if value.fract() == 0.0 => {
            json!({ "value": *value as i64, "unit": unit })
        }
        EntityValue::Quantity { value, unit } => json!({ "value": value, "unit": unit }),
        EntityValue::Seconds(seconds) if seconds.fract() == 0.0 => json!(*seconds as i64),
        EntityValue::Seconds(seconds) => json!(seconds),
        EntityValue::Said => json!(true),
    }
}

/// The value that a label tells.
fn value(kind: EntityKind, label: &Value) -> Option<EntityValue> {
    let number = |key: &str| label.get(key).and_then(Value::as_f64);
    let text = |key: &str| label.get(key).and_then(Value::as_str);
    Some(match label {
        Value::String(text) => EntityValue::Text(text.clone()),
        Value::Bool(_) => EntityValue::Said,
        Value::Number(seconds) => EntityValue::Seconds(seconds.as_f64()?),
        _ if kind == EntityKind::Threshold => EntityValue::Threshold {
            comparison: *[
                Comparison::Above,
                Comparison::AtLeast,
                Comparison::Below,
                Comparison::AtMost,
                Comparison::Equal,
            ]
            .iter()
            .find(|comparison| Some(comparison.symbol()) == text("op"))?,
            value: number("value")?,
            unit: match text("unit")? {
                "s" => Unit::Seconds,
                "ratio" => Unit::Ratio,
                "bytes" => Unit::Bytes,
                _ => Unit::Count,
            },
        },
        _ if kind == EntityKind::Quantity => {
            EntityValue::Quantity { value: number("value")?, unit: text("unit")?.to_owned() }
        }
        _ => EntityValue::Time(TimeRange::last(
            SignedDuration::from_secs(60),
            text("relative")?,
            MOMENT.now,
        )),
    })
}

/// What the conversation is about after a turn, by its labels; `None` where its intent is unknown.
fn after(said: &Said, before: &Focus) -> Option<Focus> {
    let wanted = Intent::from_name(&said.intent)?;
    if wanted.family() == Family::None || wanted == Intent::SmallTalk {
        return Some(before.after(wanted, None));
    }
    let names = std::iter::once(&said.intent).chain(&said.also_ok);
    let done = names
        .filter_map(|name| Intent::from_name(name))
        .find(|intent| !matches!(intent.family(), Family::Talk | Family::None));
    let intent = done.or(before.intent).unwrap_or(Intent::Clarify);
    let entity = |in_force: &InForce| {
        let kind = EntityKind::from_name(&in_force.kind)?;
        Some(Entity {
            kind,
            value: value(kind, &in_force.normalized)?,
            text: String::new(),
            span: 0..0,
            confidence: 0.9,
        })
    };
    let entities = said.resolved_entities.iter().filter_map(entity).collect();
    Some(before.after(wanted, Some((intent, entities))))
}
