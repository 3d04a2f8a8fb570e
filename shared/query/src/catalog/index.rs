//! The catalog turned around, when it is built: which families a word leads to, and which labels a
//! value is known for. A question then costs a few look-ups however many metrics there are.
//!
//! Words are stems, and stems are numbers here: the catalog has each once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Family, Labels};
use crate::vocabulary::{Label, Vocabulary, run_together, stem};

/// How much a word says of a family, by where it stands.
const IN_NAME: f32 = 1.0;
const IN_HELP: f32 = 0.6;
const IN_LABEL: f32 = 0.3;

/// Words that say nothing in a help text.
const EMPTY_WORDS: &[&str] = &[
    "a", "an", "the", "of", "in", "by", "to", "and", "or", "for", "on", "at", "is", "was", "were",
    "be", "been", "with", "this", "that", "has", "have", "from", "since", "it", "its", "as", "are",
    "not", "when", "than", "no", "yet", "per", "there", "which", "can", "may", "will", "number",
    "total", "count", "current", "currently", "cumulative",
];

/// Labels whose values are the metric's own affair, not things that people name.
const INNER_LABELS: &[&str] = &["le", "quantile", "__name__"];

/// A stem of the catalog.
pub(crate) type Term = u32;

/// The words of a family.
#[derive(Debug, Clone, Default)]
pub(crate) struct Document {
    /// In the order of the name.
    pub(crate) name: Vec<Term>,
    /// Every word with how much it says of the family, sorted.
    terms: Vec<(Term, f32)>,
}

impl Document {
    /// How much a word says of the family, from 0 to 1.
    pub(crate) fn says(&self, term: Term) -> f32 {
        self.terms.binary_search_by_key(&term, |(term, _)| *term).map_or(0.0, |at| self.terms[at].1)
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    terms: HashMap<String, Term>,
    /// By term.
    stems: Vec<String>,
    documents: Vec<Document>,
    /// By term: the families that have it.
    postings: Vec<Vec<(u32, f32)>>,
    vocabulary: Vocabulary,
    /// By label: the families that have it.
    labelled: Vec<Vec<u32>>,
    /// By the beginning or the end of a term: the terms.
    compounds: HashMap<String, Vec<Term>>,
}

impl Index {
    pub(super) fn new(families: &[Family], series: &BTreeMap<String, Labels>) -> Self {
        let mut index = Self::default();
        index.vocabulary = vocabulary_of(series);
        index.labelled = vec![Vec::new(); index.vocabulary.labels().len()];
        for (at, family) in families.iter().enumerate() {
            let labels = family.main_series().and_then(|name| series.get(name));
            let document = index.document_of(family, labels);
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            for (term, weight) in &document.terms {
                index.postings[*term as usize].push((at, *weight));
            }
            for label in labels.into_iter().flat_map(BTreeMap::keys) {
                if let Some(label) = index.vocabulary.label_at(label) {
                    index.labelled[label].push(at);
                }
            }
            index.documents.push(document);
        }
        index.index_compounds();
        index
    }

    /// Names are run together now and then: `horizontalpodautoscaler`, `cpuutilization`.
    fn index_compounds(&mut self) {
        const SHORTEST: usize = 3;
        const SHORTEST_END: usize = 5;
        let mut named: Vec<Term> =
            self.documents.iter().flat_map(|document| &document.name).copied().collect();
        named.sort_unstable();
        named.dedup();
        for term in named {
            let stem = &self.stems[term as usize];
            if !stem.is_ascii() {
                continue;
            }
            let mut add = |part: &str| match self.compounds.get_mut(part) {
                Some(list) => list.push(term),
                None => {
                    self.compounds.insert(part.to_owned(), vec![term]);
                }
            };
            for length in SHORTEST..stem.len().saturating_sub(SHORTEST - 1) {
                add(&stem[..length]);
            }
            for start in SHORTEST..stem.len().saturating_sub(SHORTEST_END - 1) {
                add(&stem[start..]);
            }
            // "sealed" asks for the opposite of `unsealed`.
            if let Some(opposite) = stem.strip_prefix("un").filter(|rest| rest.len() >= SHORTEST) {
                add(opposite);
            }
        }
    }

    fn document_of(&mut self, family: &Family, labels: Option<&Labels>) -> Document {
        let mut says: BTreeMap<Term, f32> = BTreeMap::new();
        let mut add = |term: Term, weight: f32| {
            let known = says.entry(term).or_default();
            *known = known.max(weight);
        };
        let name: Vec<Term> =
            family.name_words.iter().map(|word| self.term_of(stem(word))).collect();
        name.iter().for_each(|term| add(*term, IN_NAME));
        for pair in family.name_words.windows(2) {
            // "in flight" and "inflight" are written by the same people.
            add(self.term_of(run_together(pair)), IN_NAME);
        }
        for word in family.help_words.iter().filter(|word| !EMPTY_WORDS.contains(&word.as_str())) {
            add(self.term_of(stem(word)), IN_HELP);
        }
        for label in labels.into_iter().flat_map(BTreeMap::keys) {
            let Some(label) = self.vocabulary.label_at(label) else { continue };
            let Label { stems, key, .. } = &self.vocabulary.labels()[label];
            let words: Vec<String> = stems.iter().chain([key]).cloned().collect();
            for word in words {
                add(self.term_of(word), IN_LABEL);
            }
        }
        Document { name, terms: says.into_iter().collect() }
    }

    fn term_of(&mut self, stem: String) -> Term {
        let next = u32::try_from(self.postings.len()).unwrap_or(u32::MAX);
        match self.terms.get(&stem) {
            Some(term) => *term,
            None => {
                self.terms.insert(stem.clone(), next);
                self.stems.push(stem);
                self.postings.push(Vec::new());
                next
            }
        }
    }

    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    pub(crate) fn document(&self, family: usize) -> &Document {
        &self.documents[family]
    }

    /// The term of a stem, where any family has it.
    pub(crate) fn term(&self, stem: &str) -> Option<Term> {
        self.terms.get(stem).copied()
    }

    /// The terms that begin or end with a word and go on.
    pub(crate) fn compounds(&self, word: &str) -> &[Term] {
        self.compounds.get(word).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn stem(&self, term: Term) -> &str {
        self.stems.get(term as usize).map_or("", String::as_str)
    }

    /// The families that have a word, each with how much the word says of it.
    pub(crate) fn families_with(&self, term: Term) -> &[(u32, f32)] {
        self.postings.get(term as usize).map_or(&[], Vec::as_slice)
    }

    /// From 0, for a word that most families have, to 1, for one that a single family has.
    pub(crate) fn rarity(&self, term: Term) -> f32 {
        let with = self.families_with(term).len().max(1) as f32;
        let all = self.documents.len().max(2) as f32;
        1.0 - with.ln() / all.ln()
    }

    /// The families that have a label.
    pub(crate) fn families_labelled(&self, label: &str) -> &[u32] {
        self.vocabulary.label_at(label).map_or(&[], |at| self.labelled[at].as_slice())
    }
}

/// The labels of all series, but for those that are the metric's own affair.
fn vocabulary_of(series: &BTreeMap<String, Labels>) -> Vocabulary {
    let mut known: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (label, values) in series.values().flatten() {
        if !INNER_LABELS.contains(&label.as_str()) {
            let values = values.iter().map(String::as_str).filter(|value| !value.is_empty());
            known.entry(label).or_default().extend(values);
        }
    }
    Vocabulary::new(known.into_iter().map(|(name, values)| (name, name, values)))
}

#[cfg(test)]
mod tests {
    use crate::fixtures;

    #[test]
    fn words_lead_to_families_and_rare_ones_tell_more() {
        let shop = fixtures::shop();
        let index = shop.index();
        let names = |stem: &str| -> Vec<&str> {
            let list = index.families_with(index.term(stem).unwrap()).iter();
            list.map(|(at, _)| shop.families()[*at as usize].name.as_str()).collect()
        };
        assert_eq!(names("resident"), ["process_resident_memory_bytes"]);
        assert!(names("request").contains(&"http_requests_total"));
        let rarity = |stem: &str| index.term(stem).map(|term| index.rarity(term));
        assert!(rarity("resident") > rarity("request"));
        assert_eq!(rarity("warp"), None);
    }

    #[test]
    fn values_are_found_without_their_style() {
        let spring = fixtures::spring();
        let index = spring.index();
        let found = |key: &str| -> Vec<(&str, &str)> {
            index
                .vocabulary()
                .values_like(key)
                .iter()
                .map(|at| index.vocabulary().value(*at))
                .collect()
        };
        assert_eq!(found("orderservices"), []);
        assert_eq!(found("orderservic"), [("application", "order-service")]);
        assert!(found("order").contains(&("application", "order-service")));
        assert_eq!(found("servererror"), [("outcome", "SERVER_ERROR")]);
        assert!(found("10001").contains(&("instance", "10.0.0.1:8080")));
    }
}
