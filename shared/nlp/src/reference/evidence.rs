//! What the models of references see: the turn's own reading, what the conversation was about, and
//! the referring words.

use std::ops::Range;

use model::{Entity, EntityKind, Family, Intent};

use super::{Focus, cues::Cues, stand::Stand};
use crate::{
    Reading, intent::grams, learned::features::FeatureList, naming, scan::Scan, text::Kind,
};

/// More words are a sentence of its own; what is behind does not matter here.
const MAX_WORDS: usize = 16;

/// What is the same for all decisions about one turn.
pub struct Evidence<'a> {
    words: Vec<&'a str>,
    cues: Vec<&'static str>,
    own: Vec<&'static str>,
    before: &'static str,
    last: &'static str,
    first: &'static str,
    second: &'static str,
    sure: &'static str,
    /// What is remembered, then what is in force.
    past: Vec<&'a Entity>,
    left: usize,
    focus: &'a Focus,
    reading: &'a Reading,
    /// The words as the model of intents sees them.
    grams: FeatureList,
}

/// How much the words weigh beside the rest.
const GRAMS: f32 = 0.8;

/// Where the entities stand among the tokens.
fn spans(scan: &Scan, reading: &Reading) -> Vec<(EntityKind, Range<usize>)> {
    let tokens = |entity: &Entity| {
        let meets = |at: &usize| naming::overlaps(&scan.tokens[*at].span, &entity.span);
        let first = (0..scan.len()).find(meets)?;
        Some((entity.kind, first..(0..scan.len()).rev().find(meets)? + 1))
    };
    reading.understanding.entities.iter().filter_map(tokens).collect()
}

fn rounded(share: f32) -> &'static str {
    match share {
        share if share > 0.9 => "sure",
        share if share > 0.6 => "likely",
        share if share > 0.3 => "perhaps",
        _ => "hardly",
    }
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
        let sure = rounded(reading.guesses.first().map_or(0.0, |(_, share)| *share));
        Self {
            words,
            cues: cues.names(),
            own,
            last: focus.memory.last.map_or("none", Intent::name),
            before: focus.intent.map_or("none", Intent::name),
            first: guess(0),
            second: guess(1),
            sure,
            past: focus.past().collect(),
            left: focus.memory.entities.len(),
            focus,
            reading,
            grams: grams::features(scan, &spans(scan, reading)),
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
        let family = self.focus.intent.map_or("none", |intent| intent.family().name());
        let mut behind = "^";
        for word in &self.words {
            list.add(&["w,family", word, family]);
            list.add(&["w,last", word, self.last]);
            list.add(&["ww,family", behind, word, family]);
            behind = word;
        }
        let mut about = "";
        for entity in self.past.iter().skip(self.left).filter(|entity| {
            let kind = entity.kind.name();
            std::mem::replace(&mut about, kind) != kind
        }) {
            let kind = entity.kind.name();
            list.add(&["about", kind]);
            list.add(&["about,first", kind, self.words.first().copied().unwrap_or_default()]);
            list.add(&["about,own", kind, self.first]);
        }
        list.add(&["last", self.last]);
        list.add(&["last,own", self.last, self.first]);
        list.add(&["last,count", self.last, self.count()]);
        for cue in &self.cues {
            list.add(&["cue,last", cue, self.last]);
        }
        for (intent, share) in &self.reading.guesses {
            list.add(&["guess", intent.name(), rounded(*share)]);
            list.add(&["guess,before", intent.name(), self.before]);
        }
        let is_same = if self.first == self.before { "same" } else { "other" };
        list.add(&["same", is_same, self.sure]);
        if self.second == self.before {
            list.add(&["second is before", self.sure]);
        }
        self.add_words(&mut list);
        list
    }

    /// About how many words are said beside what is named.
    fn count(&self) -> &'static str {
        match self.words.len() {
            0 => "0",
            1 => "1",
            2 => "2",
            3 => "3",
            4..=5 => "5",
            6..=8 => "8",
            _ => "more",
        }
    }

    /// What the turn wants, in the light of what was before.
    pub fn of_task(&self, bits: u32) -> Vec<(u32, f32)> {
        let mut rows = self.of_turn().weighted(bits);
        rows.extend(
            self.grams
                .clone()
                .weighted(bits)
                .into_iter()
                .map(|(row, weight)| (row ^ 1, weight * GRAMS)),
        );
        rows
    }

    fn add_words(&self, list: &mut FeatureList) {
        let count = self.count();
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
            list.add(&["names,before,new", kind, self.before, if there { "again" } else { "new" }]);
            list.add(&["names,last", kind, self.last]);
        }
    }

    /// Whether it is plain that an entity is still meant or is not: what is confirmed is confirmed
    /// as a whole, and what goes on with the same leaves only that behind which it replaces.
    pub fn settled(&self, at: usize, task: Intent, stands: Stand) -> Option<bool> {
        let entity = self.past.get(at).filter(|_| at >= self.left)?;
        let is_named =
            self.reading.understanding.entities.iter().any(|own| own.kind == entity.kind);
        if matches!(stands, Stand::Confirm | Stand::Decline) {
            return Some(!is_named);
        }
        let says = |cue: &str| self.cues.contains(&cue);
        // What was changed of an incident is done with.
        let is_change = task == Intent::UpdateIncident
            && !matches!(entity.kind, EntityKind::IncidentId | EntityKind::Service);
        if self.focus.intent != Some(task) || is_change || says("only") || says("without") {
            return None;
        }
        match (is_named, says("besides")) {
            (false, _) => Some(true),
            (true, false) => Some(false),
            // "Run X", "also Y" may be two runs, or one of both.
            (true, true) => {
                matches!(task.family(), Family::Query | Family::Analyze).then_some(true)
            }
        }
    }

    /// Whether one of the entities before is still meant, when this is to be done. Those that are
    /// remembered come first, then those of the focus.
    pub fn of_entity(&self, at: usize, task: Intent, stands: &str) -> FeatureList {
        let mut list = FeatureList::default();
        let Some(entity) = self.past.get(at) else { return list };
        let is_left = at < self.left;
        let state = if is_left { "left" } else { "in force" };
        let plain = entity.kind.name();
        let kind = if is_left { format!("left {plain}") } else { plain.to_owned() };
        let kind = kind.as_str();
        let family = task.family().name();
        let goes_on = match self.focus.intent {
            Some(before) if before == task => "same",
            Some(before) if before.family() == task.family() => "family",
            _ => "other",
        };
        let task = task.name();
        let is = |other: &Entity| other.kind == entity.kind;
        let count = |count: usize| match count {
            0 => "0",
            1 => "1",
            _ => "more",
        };
        let own = &self.reading.understanding.entities;
        let named = count(own.iter().filter(|other| is(other)).count());
        let in_force = count(self.focus.entities.iter().filter(|other| is(other)).count());
        let group = if is_left { &self.past[..self.left] } else { &self.past[self.left..] };
        let of_kind = group.iter().filter(|other| is(other)).count();
        let start = if is_left { 0 } else { self.left };
        let earlier = self.past[start..at].iter().filter(|other| is(other)).count();
        let place = match (earlier, of_kind) {
            (_, 1) => "only",
            (0, _) => "first",
            (at, all) if at + 1 == all => "last",
            _ => "middle",
        };
        list.add(&["kind", kind, stands]);
        list.add(&["kind,named", kind, named]);
        list.add(&["kind,named,in force", kind, named, in_force]);
        list.add(&["kind,named,stands", kind, named, stands]);
        list.add(&["named,stands", named, stands, state]);
        list.add(&["kind,task", kind, task]);
        list.add(&["kind,last", kind, self.last, goes_on]);
        list.add(&["kind,family", kind, family, goes_on]);
        list.add(&["goes on", goes_on, named, state]);
        list.add(&["goes on,kind", goes_on, named, kind]);
        list.add(&["goes on,stands", goes_on, stands, named, state]);
        list.add(&["kind,task,named", kind, task, named]);
        list.add(&["kind,before,task", kind, self.before, task]);
        list.add(&["place", place, named, state]);
        list.add(&["place,stands", place, stands, state]);
        list.add(&["kind,place", kind, place, named]);
        for cue in &self.cues {
            list.add(&["cue", cue, stands, state]);
            list.add(&["cue,kind", cue, kind]);
            list.add(&["cue,kind,named", cue, kind, named]);
            list.add(&["cue,place", cue, place, state]);
            list.add(&["cue,place,named", cue, place, named, in_force, state]);
            list.add(&["cue,goes on", cue, goes_on, state]);
            list.add(&["cue,family,named", cue, family, named, state]);
        }
        for other in &self.own {
            list.add(&["beside", kind, other]);
            list.add(&["beside,task", kind, other, task]);
            list.add(&["beside,goes on", kind, other, goes_on]);
        }
        if self.own.is_empty() {
            list.add(&["nothing beside", kind, goes_on]);
        }
        for word in &self.words {
            list.add(&["w", word, state]);
            list.add(&["w,kind", word, kind]);
            list.add(&["w,named", word, named, state]);
            list.add(&["w,kind,named", word, kind, named]);
        }
        for pair in self.words.windows(2) {
            list.add(&["ww,kind", pair[0], pair[1], kind]);
            list.add(&["ww,named", pair[0], pair[1], named, state]);
        }
        let first = self.words.first().copied().unwrap_or_default();
        list.add(&["first,kind", first, kind, named]);
        list.add(&["count,kind", self.count(), kind, named]);
        list
    }
}
