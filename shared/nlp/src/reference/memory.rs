//! What a conversation was about before: "compare the two", "back to the first one".

use model::{Entity, Intent};

use super::Focus;

/// Older ones are forgotten.
const MAX_ENTITIES: usize = 12;

/// What was in force at earlier turns and no longer is, the oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Memory {
    pub entities: Vec<Entity>,
    /// What the turn before wanted by itself: `confirm` where the focus keeps what was confirmed.
    pub last: Option<Intent>,
}

impl Memory {
    /// Remembers a turn that wanted `intent`, and what `before` was about and `now` is not.
    pub fn note(&mut self, intent: Intent, before: &Focus, now: &Focus) {
        self.last = Some(intent);
        let is_in = |entity: &Entity, focus: &Focus| {
            focus.entities.iter().any(|other| is_same(other, entity))
        };
        self.entities.retain(|entity| !is_in(entity, before) && !is_in(entity, now));
        let left = before.entities.iter().filter(|entity| !is_in(entity, now));
        self.entities.extend(left.cloned());
        let forgotten = self.entities.len().saturating_sub(MAX_ENTITIES);
        self.entities.drain(..forgotten);
    }
}

fn is_same(a: &Entity, b: &Entity) -> bool {
    a.kind == b.kind && a.value == b.value
}

#[cfg(test)]
mod tests {
    use model::{EntityKind, EntityValue};

    use super::*;

    fn focus(services: &[&str]) -> Focus {
        let entity = |name: &&str| Entity {
            kind: EntityKind::Service,
            value: EntityValue::Text((*name).to_owned()),
            text: String::new(),
            span: 0..0,
            confidence: 0.9,
        };
        Focus { entities: services.iter().map(entity).collect(), ..Focus::default() }
    }

    #[test]
    fn what_is_left_behind_is_remembered_once_until_it_is_back() {
        let mut memory = Memory::default();
        let turns: [&[&str]; 5] = [&["a"], &["b"], &["c", "b"], &["a"], &["a"]];
        let expected: [&[&str]; 4] = [&["a"], &["a"], &["c", "b"], &["c", "b"]];
        for (pair, expected) in turns.windows(2).zip(expected) {
            memory.note(Intent::Compare, &focus(pair[0]), &focus(pair[1]));
            let names: Vec<_> = memory.entities.iter().filter_map(Entity::as_text).collect();
            assert_eq!(names, expected);
        }
        for n in 0..20 {
            memory.note(Intent::Compare, &focus(&[&n.to_string()]), &focus(&[]));
        }
        assert_eq!(memory.entities.len(), MAX_ENTITIES);
    }
}
