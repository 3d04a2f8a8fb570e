//! What a turn names, read once more in the light of its conversation: "and basket?" behind a
//! question about a service names another, "9" behind a schedule is no number of replicas.
//!
//! A second chain decides, over the tokens as [`crate::tag`] sees them, what was read in them without
//! the conversation, and what that is about.

use std::ops::Range;

use model::{Entity, EntityKind, EntityValue, Unit};

use super::{Focus, meant, models::Models};
use crate::{
    Moment, Reading, Vocabulary,
    learned::features::FeatureList,
    lexicon::lists,
    naming, normal, numbers,
    reading::IMPLIED,
    scan::Scan,
    tag::evidence::{Evidence, compounds, shape},
    text::Kind,
};

/// An entity that only the conversation shows.
const LEARNED: f32 = 0.8;
const NOTHING: &str = "-";

/// What the second chain sees of a turn.
pub(crate) struct TurnEvidence<'a> {
    scan: &'a Scan<'a>,
    alone: Evidence<'a>,
    /// What each token was read as.
    said: Vec<&'static str>,
    /// As what each token stood in the conversation.
    known: Vec<&'static str>,
    /// The kinds that the conversation is about.
    kinds: Vec<&'static str>,
    before: &'static str,
    guess: &'static str,
    length: &'static str,
    /// The kinds of names that the conversation is about, as one.
    names: String,
    /// The kinds of those entities that each token is written like.
    like: Vec<Vec<&'static str>>,
    /// What each number with its unit could change, if that is one thing.
    changes: Vec<&'static str>,
    /// Which tokens are more than small words.
    weighty: Vec<bool>,
    /// How many things those say; what is written together is one.
    things: &'static str,
}

impl<'a> TurnEvidence<'a> {
    pub(crate) fn new(scan: &'a Scan<'a>, reading: &Reading, focus: &Focus) -> Self {
        let mut said = vec![NOTHING; scan.len()];
        for entity in &reading.understanding.entities {
            for (token, said) in scan.tokens.iter().zip(&mut said) {
                if naming::overlaps(&token.span, &entity.span) {
                    *said = entity.kind.name();
                }
            }
        }
        let mut known = vec![NOTHING; scan.len()];
        for entity in focus.past() {
            let Some(value) = entity.as_text() else { continue };
            for (at, known) in known.iter_mut().enumerate() {
                if scan.tokens[at].kind != Kind::Sign && has_part(value, &scan.tokens[at].raw) {
                    *known = entity.kind.name();
                }
            }
        }
        let mut kinds: Vec<&'static str> =
            focus.entities.iter().map(|entity| entity.kind.name()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let compounds = compounds(scan);
        let weighty: Vec<bool> = (0..scan.len()).map(|at| is_weighty(scan, at)).collect();
        let things =
            (0..scan.len()).filter(|&at| weighty[at] && !(scan.is_glued(at) && at > 0)).count();
        let words = scan.tokens.iter().filter(|token| token.kind != Kind::Sign).count();
        Self {
            names: kinds
                .iter()
                .copied()
                .filter(|kind| NAMES.contains(kind))
                .collect::<Vec<_>>()
                .join(" "),
            like: (0..scan.len()).map(|at| like(scan, &compounds[at], focus)).collect(),
            changes: (0..scan.len()).map(|at| changes(scan, at, focus)).collect(),
            alone: Evidence::new(scan),
            weighty,
            things: match things {
                0 => "0",
                1 => "1",
                2 => "2",
                3 => "3",
                _ => "more",
            },
            scan,
            said,
            known,
            kinds,
            before: focus.intent.map_or(NOTHING, model::Intent::name),
            guess: reading.guesses.first().map_or(NOTHING, |(intent, _)| intent.name()),
            length: match words {
                0..=1 => "1",
                2 => "2",
                3 => "3",
                4..=5 => "5",
                6..=8 => "8",
                _ => "more",
            },
        }
    }

    pub(crate) fn fill(&self, at: usize, list: &mut FeatureList) {
        self.alone.fill(at, list);
        let class = self.alone.class(at);
        let near = |list: &[&'static str], offset: usize| {
            (at + offset).checked_sub(1).and_then(|at| list.get(at).copied()).unwrap_or(NOTHING)
        };
        for (offset, name) in ["-1", "0", "+1"].iter().enumerate() {
            list.add(&["said", name, near(&self.said, offset)]);
            list.add(&["known", name, near(&self.known, offset)]);
        }
        let (said, known) = (self.said[at], self.known[at]);
        list.add(&["said,class", said, class]);
        list.add(&["said,length", said, self.length]);
        list.add(&["said,known", said, known]);
        list.add(&["said,w-1", said, self.scan.word_before(at)]);
        list.add(&["known,class", known, class]);
        list.add(&["length,class", self.length, class]);
        list.add(&["length,first,class", self.length, self.scan.word(0), class]);
        list.add(&["before,class", self.before, class]);
        list.add(&["before,said", self.before, said]);
        list.add(&["guess,said", self.guess, said]);
        list.add(&["guess,class", self.guess, class]);
        let shape = self.alone.shape(at);
        for kind in &self.like[at] {
            list.add(&["like", kind]);
            list.add(&["like,said", kind, said]);
            list.add(&["like,things", kind, self.things]);
        }
        list.add(&["changes", self.changes[at]]);
        list.add(&["changes,length", self.changes[at], self.length]);
        list.add(&["changes,things", self.changes[at], self.things]);
        list.add(&["changes-1", at.checked_sub(1).map_or(NOTHING, |before| self.changes[before])]);
        list.add(&["names,class", &self.names, class, said]);
        list.add(&["names,shape", &self.names, shape]);
        if self.weighty[at] {
            list.add(&["names,things", &self.names, self.things, said]);
            list.add(&["things", self.things, said, known]);
            list.add(&["things,class", self.things, class, said]);
            list.add(&["things,before", self.things, said, self.before]);
            for kind in &self.kinds {
                list.add(&["things,about", self.things, said, kind]);
                list.add(&["things,about,class", self.things, class, said, kind]);
                list.add(&["things,about,w+1", self.things, said, kind, self.scan.word(at + 1)]);
            }
        }
        for kind in &self.kinds {
            list.add(&["about,class", kind, class, self.length]);
            list.add(&["about,said", kind, said]);
            list.add(&["about,shape", kind, shape]);
            list.add(&["about,said,class", kind, said, class]);
            list.add(&["about,w-1", kind, class, self.scan.word_before(at)]);
        }
        let service = if self.kinds.contains(&"service") { "service" } else { NOTHING };
        list.add(&[
            "service,class",
            service,
            class,
            self.scan.word_before(at),
            self.scan.word(at + 1),
        ]);
    }
}

const NAMES: [&str; 14] = [
    "service", "workflow_name", "team", "user", "cluster", "namespace", "host", "pod", "container",
    "region", "environment", "code_symbol", "file_path", "test_framework",
];

/// The kinds of the entities that the conversation is about and that begin as the token's name does,
/// or that have the same shape, with digits in it.
fn like(scan: &Scan, compound: &Range<usize>, focus: &Focus) -> Vec<&'static str> {
    const LEAST: usize = 3;
    let written =
        scan.slice(compound.clone()).trim_end_matches(['.', ',', '?', '!']).to_lowercase();
    let is_like = |entity: &&Entity| {
        entity.as_text().is_some_and(|value| {
            let value = value.to_lowercase();
            let shared = written.bytes().zip(value.bytes()).take_while(|(a, b)| a == b).count();
            let shape = shape(&written);
            shared >= LEAST && written.len() > LEAST
                || shape.contains('9') && shape == self::shape(&value)
        })
    };
    let mut kinds: Vec<&'static str> =
        focus.entities.iter().filter(is_like).map(|entity| entity.kind.name()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// The kind of the one entity that a number with its unit could change.
fn changes(scan: &Scan, at: usize, focus: &Focus) -> &'static str {
    use EntityKind::{Duration, IncidentId, Quantity, Schedule, Threshold, TimeRange, WorkflowId};
    let Some((_, suffix)) = numbers::split(scan.word(at))
        .filter(|_| scan.tokens[at].kind == Kind::Number)
        .or_else(|| numbers::spelled(scan.word(at)).map(|number| (f64::from(number), "")))
    else {
        return NOTHING;
    };
    let unit = if suffix.is_empty() { scan.word(at + 1) } else { suffix };
    let is_time = lists(
        "s sec secs second seconds ms m min mins minute minutes h hr hrs hour hours d day days week weeks",
        unit,
    );
    let is_share = lists("% percent pct", unit);
    let fits = |entity: &Entity| match (&entity.kind, &entity.value) {
        (TimeRange, EntityValue::Time(range)) => range.relative.is_some() && !is_share,
        (Duration, _) => !is_share,
        (Threshold, EntityValue::Threshold { unit: of, .. }) => match of {
            Unit::Seconds => !is_share,
            Unit::Ratio => !is_time,
            _ => !is_time && !is_share,
        },
        (Quantity | IncidentId | WorkflowId | Schedule, _) => !is_time && !is_share,
        (EntityKind::Version | EntityKind::Host, EntityValue::Text(value)) => {
            !is_time && !is_share && value.bytes().any(|byte| byte.is_ascii_digit())
        }
        _ => false,
    };
    let mut fitting = focus.entities.iter().filter(|entity| fits(entity)).map(|entity| entity.kind);
    match (fitting.next(), fitting.next()) {
        (None, _) => "none",
        (Some(kind), None) => kind.name(),
        _ => "several",
    }
}

/// Whether a token says a thing: it is neither a sign nor a small word.
fn is_weighty(scan: &Scan, at: usize) -> bool {
    const SMALL: &str = "same meant mean instead rather sorry actually again about oops wrong wanted wait too as well \
                         also just only please pls thanks what how and one ones both no yes not for of service";
    let word = scan.word(at);
    scan.tokens[at].kind != Kind::Sign
        && !crate::lexicon::is_stop_word(word)
        && !crate::lexicon::lists(SMALL, word)
}

/// Whether a word is one of those that a name consists of.
fn has_part(name: &str, word: &str) -> bool {
    name.split(|c: char| !c.is_alphanumeric()).any(|part| part.eq_ignore_ascii_case(word))
}

/// The scan of a turn without a catalog, for training and use alike.
pub(crate) fn scan<'a>(text: &'a str, moment: &Moment<'_>) -> Scan<'a> {
    crate::scan_of(text, &Vocabulary::default(), moment, None)
}

/// Reads the turn's entities once more.
pub(super) fn in_turn(
    models: &Models,
    reading: &mut Reading,
    text: &str,
    focus: &Focus,
    moment: &Moment<'_>,
) {
    let scan = scan(text, moment);
    let locked = naming::locked(&scan, &reading.understanding.entities);
    let evidence = TurnEvidence::new(&scan, reading, focus);
    let spans = models.turns.spans(scan.len(), &locked, |at, list| evidence.fill(at, list));
    let mut before = std::mem::take(&mut reading.understanding.entities);
    let entities = &mut reading.understanding.entities;
    for (kind, tokens) in naming::with_event(&scan, spans) {
        let Some(tokens) = naming::without_signs(&scan, tokens) else { continue };
        let bytes = scan.span(tokens.clone());
        let is_this =
            |entity: &Entity| entity.kind == kind && naming::overlaps(&entity.span, &bytes);
        if entities.iter().any(is_this) {
            continue;
        }
        let mut known: Vec<Entity> = before.extract_if(.., |entity| is_this(entity)).collect();
        if known.is_empty() {
            known.extend(scan.entities.iter().filter(|entity| is_this(entity)).cloned());
        }
        if known.is_empty()
            && let Some(value) = normal::value(&scan, kind, tokens.clone())
        {
            let text = scan.source[bytes.clone()].to_owned();
            known.push(Entity { kind, value, text, span: bytes, confidence: LEARNED });
        }
        for entity in &mut known {
            let value = std::mem::replace(&mut entity.value, EntityValue::Said);
            entity.value = meant::completed(&scan, kind, tokens.clone(), value, focus, moment);
        }
        entities.append(&mut known);
    }
    // A baseline holds its period against one that no words name.
    let assumed = |entity: &Entity| entity.kind == EntityKind::TimeRange && entity.text.is_empty();
    let implied = |entity: Entity| Entity { confidence: IMPLIED, ..entity };
    entities.extend(before.into_iter().filter(assumed).map(implied));
    entities.sort_by_key(|entity| entity.span.start);
}

#[cfg(test)]
mod tests {
    use super::{super::before, *};
    use crate::text::tokenise;

    fn focus(entities: &[(EntityKind, &str)]) -> Focus {
        let entity = |(kind, name): &(EntityKind, &str)| before(*kind, name);
        Focus { entities: entities.iter().map(entity).collect(), ..Focus::default() }
    }

    #[test]
    fn what_is_written_alike_is_seen() {
        use EntityKind::{Cluster, Pod, Service, Version};
        for (text, about, expected) in [
            ("emea-2", &[(Cluster, "emea-1"), (Service, "cart")][..], &["cluster"][..]),
            ("order-matcher-0?", &[(Pod, "order-matcher-2")], &["pod"]),
            ("2.1.4", &[(Version, "1.0.7")], &["version"]),
            ("cart", &[(Service, "basket")], &[]),
        ] {
            let scan = Scan::new(text, tokenise(text));
            let compounds = compounds(&scan);
            assert_eq!(like(&scan, &compounds[0], &focus(about)), expected, "{text}");
        }
    }

    #[test]
    fn a_number_changes_what_has_one() {
        use EntityKind::{Host, IncidentId, Service};
        for (text, about, expected) in [
            ("7714", &[(IncidentId, "INC-7741")][..], "incident_id"),
            ("7714", &[(IncidentId, "INC-7741"), (Host, "db-04")], "several"),
            ("5 minutes", &[(IncidentId, "INC-7741")], "none"),
            ("5", &[(Service, "cart")], "none"),
            ("cart", &[(IncidentId, "INC-7741")], NOTHING),
        ] {
            let scan = Scan::new(text, tokenise(text));
            assert_eq!(changes(&scan, 0, &focus(about)), expected, "{text}");
        }
    }
}
