//! What results are told apart by: "per route and method", "which routes …", "top 5 routes".

use super::{conditions::Reader, measure::number, naming::is_link, words::Word};
use crate::{PlanError, traceql::ast::Reference};

const LEADS: &[&str] = &[
    "broken|break|breaks|split|splits down|out|up? by|per|across|into|over",
    "splitting|separated down|out|up? by|per|across|into|over",
    "divided|sliced|partitioned down|out|up? by|per|across|into|over",
    "grouped|group|grouping|aggregated|bucketed|segmented by|per|across",
    "keyed|faceted|summed|summarised|summarized|counted by|per|across",
    "a? breakdown by|per|of|across",
    "by|per|for|in|of each|every|individual|single|the? different|various",
    "from|on|at|across|over each|every|individual|single|the? different|various",
    "by",
    "per",
    "each",
    "every",
    "across all? the? different|various?",
    "for all the",
    "across",
];
/// A lead that can mean nothing but a list of names.
const PLAIN_LEADS: &[&str] = &[
    "broken",
    "break",
    "split",
    "grouped",
    "group",
    "aggregated",
    "bucketed",
    "segmented",
    "keyed",
    "faceted",
    "breakdown",
];
/// What "by" follows where it names no list: "side by side", "followed by".
const AGENTS: &[&str] = &[
    "followed", "caused", "led", "backed", "side", "step", "one", "made", "sent", "begun", "run",
    "thrown", "hit",
];
/// Participles that "by" and a list follow; others say who did something: "called by".
const ARRANGED: &[&str] = &[
    "grouped",
    "aggregated",
    "bucketed",
    "segmented",
    "keyed",
    "faceted",
    "sorted",
    "ordered",
    "ranked",
    "separated",
    "divided",
    "summed",
    "sliced",
    "partitioned",
    "counted",
    "measured",
    "summarised",
    "summarized",
    "tracked",
];
/// What is measured, which results are not told apart by: "by error rate".
const MEASURED: &[&str] = &[
    "rate",
    "count",
    "number",
    "latency",
    "duration",
    "volume",
    "traffic",
    "throughput",
    "errors",
    "error",
    "failures",
    "failure",
    "time",
    "second",
    "minute",
    "hour",
    "day",
    "slowness",
    "average",
    "mean",
    "median",
    "max",
    "total",
    "default",
    "itself",
    "trace",
    "span",
    "request",
    "call",
    "far",
    "more",
    "at",
];
/// What stands between a number of rows and what they are.
const ADJECTIVES: &[&str] = &[
    "slowest|busiest|worst|longest|fastest|highest active|called|used?",
    "slowest|busiest|worst failing|frequent|common|expensive?",
    "longest|fastest|highest failing|frequent|common|expensive?",
    "biggest|largest|noisiest|most|least|heaviest active|called|used?",
    "biggest|largest|noisiest failing|frequent|common|expensive?",
    "most|least|heaviest failing|frequent|common|expensive?",
];
/// How well a name must fit behind a lead that announces it, and where it stands alone.
const ANNOUNCED: f64 = 0.62;
const ALONE: f64 = 0.8;

impl Reader<'_, '_> {
    /// The names after "by", "per", "for each" and the like, with their words used up.
    pub(super) fn read_groups(
        &mut self,
        leaning: &[String],
        is_metric: bool,
    ) -> Result<Vec<Reference>, PlanError> {
        let mut found: Vec<Reference> = Vec::new();
        let mut at = 0;
        while at < self.words.len() {
            let Some(lead) = self.group_lead(at) else {
                at += 1;
                continue;
            };
            let (names, end) = if self.is_measure_at(at + lead) {
                (Vec::new(), at)
            } else {
                self.names_from(at + lead, leaning, ANNOUNCED)
            };
            if names.is_empty() {
                let plain = PLAIN_LEADS.contains(&self.lower(at));
                let asked = &self.words[at + lead..self.words.len().min(at + lead + 2)];
                let listed = plain || is_metric && matches!(self.lower(at), "by" | "per");
                if listed && self.is_unknown_name(asked) {
                    return Err(self.unknown(asked));
                }
                at += 1;
                continue;
            }
            self.take(at..end);
            for name in names {
                if !found.contains(&name) {
                    found.push(name);
                }
            }
            at = end;
        }
        Ok(found)
    }

    /// "by error rate", which tells no rows apart, as opposed to "by error type".
    fn is_measure_at(&self, at: usize) -> bool {
        let measured = |at: usize| MEASURED.contains(&self.lower(at));
        let ends = self.words.get(at + 1).is_none_or(|next| next.breaks || is_link(next));
        measured(at) && (ends || measured(at + 1))
    }

    fn group_lead(&self, at: usize) -> Option<usize> {
        // "per second and outcome"
        let second = at > 1 && self.fits(at - 2, &["per|a|each second|minute|hour"]) == Some(2);
        if second && self.lower(at) == "and" && self.is_free(at..at + 1) {
            return Some(1);
        }
        let taken = self.fits(at, LEADS).filter(|taken| self.is_free(at..at + taken))?;
        let previous = self.before(at, 1);
        let agent =
            AGENTS.contains(&previous) || previous.ends_with("ed") && !ARRANGED.contains(&previous);
        let bare = taken == 1 && self.lower(at) == "by" && !self.words[at].breaks;
        (!(bare && agent)).then_some(taken)
    }

    /// "Which routes …": the noun is what the answer tells apart.
    pub(super) fn read_which(&mut self, leaning: &[String]) -> Option<Reference> {
        for at in 0..self.words.len() {
            let Some(taken) = self.fits(at, &["which|what of? the?"]) else { continue };
            let start = number(&self.words, at + taken).map_or(at + taken, |(_, end)| end);
            if let Some(name) = self.taken_name(start, leaning) {
                return Some(name);
            }
        }
        // "Pods where rates fails most"
        let start = self.fits(0, &["show|list|find|give|get|tell? me|us? the|all?"]).unwrap_or(0);
        let (_, end) = self.name_at(start, leaning, ALONE)?;
        let clause = self.fits(end, &["where|in|on|for which?", "with|that|by"]).is_some();
        let superlative = &["most|least|often|slowest|fastest|highest|lowest|worst"];
        let ranked = (end..self.words.len())
            .any(|at| self.fits(at, superlative).is_some() && self.before(at, 1) != "at");
        if clause && ranked { self.taken_name(start, leaning) } else { None }
    }

    /// "top 5 routes", "the five slowest endpoints": what is ranked.
    pub(super) fn read_ranked(&mut self, leaning: &[String]) -> Option<Reference> {
        (0..self.words.len()).find_map(|at| {
            let (_, end) = number(&self.words, at)?;
            self.taken_name(end + self.fits(end, ADJECTIVES).unwrap_or(0), leaning)
        })
    }

    fn taken_name(&mut self, at: usize, leaning: &[String]) -> Option<Reference> {
        let (name, end) =
            self.name_at(at, leaning, ALONE).filter(|(_, end)| self.is_free(at..*end))?;
        self.take(at..end);
        Some(name)
    }

    fn is_unknown_name(&self, words: &[Word<'_>]) -> bool {
        words.first().is_some_and(|word| {
            let plain =
                word.lower.chars().count() > 2 && word.lower.chars().all(char::is_alphabetic);
            let measured = MEASURED.contains(&word.lower.as_str());
            plain
                && !word.quoted
                && !measured
                && self.ground.hits(std::slice::from_ref(word)).is_empty()
        })
    }

    fn unknown(&self, words: &[Word<'_>]) -> PlanError {
        let asked = words.iter().take_while(|word| !is_link(word)).map(|word| word.text);
        let asked = asked.collect::<Vec<_>>().join(" ");
        PlanError::UnknownAttribute {
            nearest: self.ground.catalog.nearest(&asked),
            known_attributes: self.ground.catalog.attributes.keys().cloned().collect(),
            asked: format!("`{asked}`"),
        }
    }
}
