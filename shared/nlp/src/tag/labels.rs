//! The labels of tokens: outside, or the beginning or the inside of an entity of some kind.

use std::ops::Range;

use model::EntityKind;

/// Outside comes first, then beginning and inside of each kind in turn.
pub const COUNT: usize = 1 + 2 * EntityKind::ALL.len();
pub const OUTSIDE: usize = 0;

pub fn begin(kind: EntityKind) -> usize {
    1 + 2 * kind as usize
}

pub fn inside(kind: EntityKind) -> usize {
    2 + 2 * kind as usize
}

/// The kind of a label and whether it begins an entity.
pub fn kind_of(label: usize) -> Option<(EntityKind, bool)> {
    let index = label.checked_sub(1)?;
    Some((*EntityKind::ALL.get(index / 2)?, index % 2 == 0))
}

/// Whether a label may stand behind another: an inside only continues its own kind.
pub fn may_follow(from: Option<usize>, to: usize) -> bool {
    match kind_of(to) {
        Some((kind, false)) => from.is_some_and(|from| from == begin(kind) || from == inside(kind)),
        _ => true,
    }
}

/// The feature whose weights are the scores of the labels behind `from`; the text's beginning is
/// `None`.
pub fn step_feature(from: Option<usize>) -> u32 {
    let name = from.map_or("start".to_owned(), |from| from.to_string());
    crate::learned::features::hash(&["step", &name])
}

/// The entities that a sequence of labels spells.
pub fn spans(labels: &[usize]) -> Vec<(EntityKind, Range<usize>)> {
    let mut found: Vec<(EntityKind, Range<usize>)> = Vec::new();
    for (at, &label) in labels.iter().enumerate() {
        match (kind_of(label), found.last_mut()) {
            (Some((kind, false)), Some((last, tokens))) if *last == kind && tokens.end == at => {
                tokens.end = at + 1;
            }
            (Some((kind, _)), _) => found.push((kind, at..at + 1)),
            (None, _) => {}
        }
    }
    found
}
