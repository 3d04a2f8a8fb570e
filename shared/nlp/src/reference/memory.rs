//! What a conversation was about before: "compare the two", "back to the first one".

use model::{Entity, Intent};

use crate::reading::IMPLIED;

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
    /// Remembers a turn that wanted `intent`, and what was in force `before` and `now` is not. What
    /// was only implied is nothing that could be referred to.
    pub(super) fn after(&self, intent: Intent, before: &[Entity], now: &[Entity]) -> Self {
        let is_in =
            |entity: &Entity, list: &[Entity]| list.iter().any(|other| is_same(other, entity));
        let older = self.entities.iter().filter(|entity| !is_in(entity, before));
        let left = older
            .chain(before.iter().filter(|entity| entity.confidence > IMPLIED))
            .filter(|entity| !is_in(entity, now));
        let mut entities: Vec<Entity> = left.cloned().collect();
        entities.drain(..entities.len().saturating_sub(MAX_ENTITIES));
        Self { entities, last: Some(intent) }
    }
}

fn is_same(a: &Entity, b: &Entity) -> bool {
    a.kind == b.kind && a.value == b.value
}

#[cfg(test)]
mod tests {
    use model::{EntityKind, EntityValue};

    use super::*;

    fn service(name: &str, confidence: f32) -> Entity {
        let value = EntityValue::Text(name.to_owned());
        Entity { kind: EntityKind::Service, value, text: String::new(), span: 0..0, confidence }
    }

    fn services(names: &[&str]) -> Vec<Entity> {
        names.iter().map(|name| service(name, 0.9)).collect()
    }

    #[test]
    fn what_is_left_behind_is_remembered_once_until_it_is_back() {
        let mut memory = Memory::default();
        let turns: [&[&str]; 5] = [&["a"], &["b"], &["c", "b"], &["a"], &["a"]];
        let expected: [&[&str]; 4] = [&["a"], &["a"], &["c", "b"], &["c", "b"]];
        for (pair, expected) in turns.windows(2).zip(expected) {
            memory = memory.after(Intent::Compare, &services(pair[0]), &services(pair[1]));
            let names: Vec<_> = memory.entities.iter().filter_map(Entity::as_text).collect();
            assert_eq!(names, expected);
        }
        for n in 0..20 {
            memory = memory.after(Intent::Compare, &services(&[&n.to_string()]), &[]);
        }
        assert_eq!(memory.entities.len(), MAX_ENTITIES);
    }

    #[test]
    fn what_was_only_implied_is_not_remembered() {
        let before = [service("said", 0.9), service("implied", IMPLIED)];
        let memory = Memory::default().after(Intent::Compare, &before, &[]);
        assert_eq!(memory.entities, before[..1]);
    }
}
