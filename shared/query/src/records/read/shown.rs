//! Fields that are to be seen with the records: "with their URI and the host they ran on".

use super::{Reader, Signal};
use crate::{
    records::{Field, Part, Role},
    vocabulary::Noun,
};

/// What announces them.
const LEADS: &[&str] = &[
    "show me the", "show me", "show the", "list their", "list the", "with their", "with its",
    "with the", "include the", "including the", "include", "give me", "give me the", "put the",
    "put", "see the", "print only the", "print just the", "print only", "print just", "as just",
    "only as", "printed as", "just the", "only the", "show", "show also the", "show also",
    "along with the", "along with", "which", "together with the", "print",
    "i also want to see the", "show which", "also the",
];
/// What says that these are beside the records, and not what is asked for.
const BESIDE: &[&str] = &[
    "put", "too", "also", "next", "include", "including", "result", "results", "along", "print",
    "just", "only", "each", "list", "with", "together", "show", "want", "which", "give",
];

impl Reader<'_> {
    pub(super) fn read_shown(&mut self) {
        let mut best: Vec<(usize, usize)> = Vec::new();
        for at in 0..self.len() {
            let leads = LEADS.iter().filter_map(|lead| self.wanted.words.phrase_at(at, lead));
            let Some(lead) = leads.map(|lead| lead.len()).max() else { continue };
            let found = self.list_from(at + lead);
            let beside = at > 1 || self.wanted.words.has(&["print", "printed", "just", "only"]);
            let telling = (at..at + lead).any(|at| self.wanted.words.is(at, BESIDE));
            if beside && telling && found.len() > best.len() {
                best = found;
            }
        }
        if best.len() < 2
            && !self.wanted.words.has(&[
                "in the result", "with it", "printed", "too", "also", "next to", "include",
                "including", "print", "with their", "show me which", "show which", "shown",
                "show the", "list", "just", "only", "show me the",
            ])
        {
            return;
        }
        for (field, at) in best {
            if !self.shown.contains(&field) {
                self.shown.push(field);
            }
            self.spend(at..at + 1);
        }
    }

    /// The fields that a list of nouns names: "the trace id, the model and the host".
    fn list_from(&self, start: usize) -> Vec<(usize, usize)> {
        const BETWEEN: &[&str] = &[
            "the", "and", "their", "its", "of", "a", "also", "pod", "number", "our", "it", "they",
            "ran", "on", "which", "how", "many", "what",
        ];
        let mut found: Vec<(usize, usize)> = Vec::new();
        let mut at = start;
        let mut missed = 0;
        while at < self.len() && missed < 2 {
            if self.wanted.words.is(at, &["+", "&", "plus"]) {
                at += 1;
                continue;
            }
            if self.wanted.words.is(at, &["result", "results", "hit", "line", "output"]) {
                break;
            }
            if self.wanted.words.are(at, &["how", "long"])
                && let Some(field) = self.schema.first(Role::Duration)
            {
                found.push((field, at + 1));
                at += 2;
                continue;
            }
            // What is a value names no field.
            let word = &self.wanted.words.list[at];
            if self.schema.vocabulary.values_like(&word.key).iter().any(|found| {
                let (_, value) = self.schema.vocabulary.value(*found);
                found.whole
                    && value.eq_ignore_ascii_case(&word.raw)
                    && word.raw.contains(['-', '_', '.'])
            }) {
                missed += 1;
                at += 1;
                continue;
            }
            let pair = [self.word(at), self.word(at + 1)];
            let may = |field: &Field| field.part != Part::Intrinsic;
            let two =
                (at + 1 < self.len()).then(|| self.schema.named(&Noun::new(&pair), may)).flatten();
            let one = self.schema.named(&Noun::new(&pair[..1]), may);
            let least = if self.signal == Signal::Logs { 0.7 } else { 0.6 };
            let (field, length) = match (two, one) {
                (Some((field, fit)), one)
                    if fit >= 0.8 && one.is_none_or(|(_, other)| fit > other) =>
                {
                    (field, 2)
                }
                (_, Some((field, fit))) if fit >= least => (field, 1),
                _ => {
                    if !self.wanted.words.is(at, BETWEEN) {
                        missed += 1;
                    }
                    if found.is_empty() && missed > 1 {
                        break;
                    }
                    at += 1;
                    continue;
                }
            };
            missed = 0;
            if !found.iter().any(|(known, _)| *known == field) {
                found.push((field, at));
            }
            at += length;
        }
        found
    }
}
