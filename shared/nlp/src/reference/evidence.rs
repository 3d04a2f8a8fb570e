//! What the models of references see: the turn's own reading, what the conversation was about, and
//! the referring words.

use model::{Entity, EntityKind, Intent};

use super::{Focus, cues::Cues};
use crate::{Reading, learned::features::FeatureList, scan::Scan, text::Kind};

/// More words are a sentence of its own; what is behind does not matter here.
const MAX_WORDS: usize = 16;

/// What is the same for all decisions about one turn.
pub struct Evidence<'a> {
    words: Vec<&'a str>,
    cues: Vec<&'static str>,
    own: Vec<&'static str>,
    before: &'static str,
    asked: &'static str,
    first: &'static str,
    second: &'static str,
    sure: &'static str,
    focus: &'a Focus,
    reading: &'a Reading,
}

impl<'a> Evidence<'a> {
    pub(super) fn new(
        scan: &'a Scan<'_>,
        cues: &Cues,
        reading: &'a Reading,
        focus: &'a Focus,
    ) -> Self {
        let words: Vec<&str> = scan
            .tokens
            .iter()
            .enumerate()
            .filter(|(at, token)| token.kind != Kind::Sign && scan.is_free(*at))
            .map(|(at, _)| scan.word(at))
            .take(MAX_WORDS)
            .collect();
        let mut own: Vec<&'static str> =
            reading.understanding.entities.iter().map(|entity| entity.kind.name()).collect();
        own.dedup();
        let guess = |at: usize| reading.guesses.get(at).map_or("none", |(intent, _)| intent.name());
        let sure = match reading.guesses.first().map_or(0.0, |(_, share)| *share) {
            share if share > 0.9 => "sure",
            share if share > 0.6 => "likely",
            share if share > 0.3 => "perhaps",
            _ => "hardly",
        };
        Self {
            words,
            cues: cues.names(),
            own,
            before: focus.intent.map_or("none", Intent::name),
            asked: focus.asked.map_or("nothing", EntityKind::name),
            first: guess(0),
            second: guess(1),
            sure,
            focus,
            reading,
        }
    }

    /// Whether the turn speaks for itself, or goes on with what was before.
    pub fn of_turn(&self) -> FeatureList {
        let mut list = FeatureList::default();
        list.add(&["own", self.first]);
        list.add(&["own", self.first, self.sure]);
        list.add(&["sure", self.sure]);
        list.add(&["before", self.before]);
        list.add(&["own,before", self.first, self.before]);
        list.add(&["second", self.second]);
        list.add(&["asked", self.asked]);
        list.add(&[
            "asked",
            self.asked,
            if self.own.contains(&self.asked) { "named" } else { "open" },
        ]);
        let is_same = if self.first == self.before { "same" } else { "other" };
        list.add(&["same", is_same, self.sure]);
        if self.second == self.before {
            list.add(&["second is before", self.sure]);
        }
        self.add_words(&mut list);
        list
    }

    fn add_words(&self, list: &mut FeatureList) {
        let count = match self.words.len() {
            0 => "0",
            1 => "1",
            2 => "2",
            3 => "3",
            4..=5 => "5",
            6..=8 => "8",
            _ => "more",
        };
        list.add(&["count", count]);
        list.add(&["count,own", count, self.first]);
        list.add(&["count,sure", count, self.sure]);
        for cue in &self.cues {
            list.add(&["cue", cue]);
            list.add(&["cue,own", cue, self.first]);
            list.add(&["cue,before", cue, self.before]);
        }
        let mut last = "^";
        for word in &self.words {
            list.add(&["w", word]);
            list.add(&["ww", last, word]);
            last = word;
        }
        let first = self.words.first().copied().unwrap_or_default();
        list.add(&["first", first]);
        list.add(&["first,own", first, self.first]);
        for kind in &self.own {
            let there = self.focus.entities.iter().any(|entity| entity.kind.name() == *kind);
            list.add(&["names", kind, if there { "again" } else { "new" }]);
            list.add(&["names,before", kind, self.before]);
            list.add(&["names,count", kind, count]);
        }
    }

    /// Whether one of the entities before is still meant, when this is to be done.
    pub fn of_entity(&self, at: usize, task: Intent, stands: &str) -> FeatureList {
        let mut list = FeatureList::default();
        let Some(entity) = self.focus.entities.get(at) else { return list };
        let kind = entity.kind.name();
        let task = task.name();
        let is = |other: &Entity| other.kind == entity.kind;
        let count = |entities: &[Entity]| match entities.iter().filter(|other| is(other)).count() {
            0 => "0",
            1 => "1",
            _ => "more",
        };
        let named = count(&self.reading.understanding.entities);
        let of_kind = count(&self.focus.entities);
        let earlier = self.focus.entities[..at].iter().filter(|other| is(other)).count();
        let place = match (earlier, of_kind) {
            (_, "1") => "only",
            (0, _) => "first",
            _ => "later",
        };
        list.add(&["kind", kind, stands]);
        list.add(&["kind,named", kind, named]);
        list.add(&["kind,named,stands", kind, named, stands]);
        list.add(&["named,stands", named, stands]);
        list.add(&["kind,task", kind, task]);
        list.add(&["kind,task,named", kind, task, named]);
        list.add(&["kind,before,task", kind, self.before, task]);
        list.add(&["place", place, named]);
        list.add(&["place,stands", place, stands]);
        list.add(&["kind,place", kind, place, named]);
        for cue in &self.cues {
            list.add(&["cue", cue, stands]);
            list.add(&["cue,kind", cue, kind]);
            list.add(&["cue,kind,named", cue, kind, named]);
            list.add(&["cue,place", cue, place]);
        }
        for other in &self.own {
            list.add(&["beside", kind, other]);
            list.add(&["beside,task", kind, other, task]);
        }
        for word in &self.words {
            list.add(&["w", word]);
            list.add(&["w,kind", word, kind]);
        }
        let first = self.words.first().copied().unwrap_or_default();
        list.add(&["first,kind", first, kind, named]);
        list
    }
}
