//! What the understanding found and the catalog's samples do not show: a pod, a user, a version
//! that came after the samples were taken.

use model::{Entity, EntityKind, EntityValue};

use super::conditions::{Condition, Reader};
use crate::Question;

/// Below this an entity is a guess.
const LEAST_CONFIDENCE: f32 = 0.5;

/// How an attribute that holds such entities is named.
fn names(kind: EntityKind) -> Option<&'static [&'static str]> {
    Some(match kind {
        EntityKind::Environment => &["environment"],
        EntityKind::Version => &["version"],
        EntityKind::Region => &["region"],
        EntityKind::Cluster => &["cluster"],
        EntityKind::Namespace => &["namespace"],
        EntityKind::Pod => &["pod"],
        EntityKind::Container => &["container"],
        EntityKind::Host => &["host"],
        EntityKind::User => &["user id", "user"],
        EntityKind::Team => &["team"],
        EntityKind::ErrorCode => &["error code", "exception type", "error"],
        _ => return None,
    })
}

impl Reader<'_, '_> {
    /// Adds what the words alone did not yield.
    pub(super) fn read_entities(&mut self, question: &Question<'_>) {
        for entity in &question.understanding.entities {
            if entity.confidence < LEAST_CONFIDENCE {
                continue;
            }
            let Some(condition) = self.demanded(entity) else { continue };
            self.push(condition);
        }
    }

    fn demanded(&mut self, entity: &Entity) -> Option<Condition> {
        let EntityValue::Text(value) = &entity.value else { return None };
        let forms = names(entity.kind)?;
        let words = self.words_of(entity)?;
        if !self.is_free(words.clone()) || self.is_measured(&words) {
            return None;
        }
        let attribute =
            forms.iter().find_map(|form| self.ground.named(&super::words::words(form), &[], 0.9));
        let Some((known, _)) = attribute else {
            self.notes.push(format!(
                "No attribute of the traces holds a {}, so `{value}` is left out.",
                entity.kind.name()
            ));
            return None;
        };
        let subject = self.ground.known[known].reference.clone();
        if self.conditions.iter().any(|condition| condition.subject == subject) {
            return None;
        }
        let negated = self.is_negated(words.start);
        let value = self.ground.literal(known, value);
        Some(Condition::is(words, subject, value).negated_if(negated))
    }

    /// The words that an entity's text covers.
    fn words_of(&self, entity: &Entity) -> Option<std::ops::Range<usize>> {
        let inside = |at: &usize| entity.span.contains(&self.words[*at].start);
        let first = (0..self.words.len()).find(inside)?;
        let last = (first..self.words.len()).take_while(inside).last()?;
        Some(first..last + 1)
    }
}
