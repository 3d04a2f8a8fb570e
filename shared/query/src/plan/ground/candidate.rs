//! The families that the words of a question lead to, the likeliest first.

use std::{collections::HashSet, sync::LazyLock};

use crate::plan::said::{BOILERPLATE, TELLING};
use crate::vocabulary::{Hit, expansions, stem};
use crate::wanted::{Use, Words};
use crate::{
    Catalog,
    catalog::{Family, Kind, Role, Roles, Term},
};

/// How many families are looked at closely.
const LOOKED_AT: usize = 20;
/// What a word says that may be part of a name but was read as part of the form.
const FORM_WEIGHT: f32 = 0.3;
/// What every word says that the catalog knows, however common it is there.
const LEAST_WEIGHT: f32 = 0.3;
/// What a small word says within a value of several: "out of sync".
const WITHIN_VALUE: f32 = 0.4;

/// A word that more names are made with says nothing of any of them.
const MOST_COMPOUNDS: usize = 12;

/// Long names say much that nobody asks for.
const MOST_SURPLUS: f32 = 0.2;

/// A family that words of the question lead to.
#[derive(Debug, Clone)]
pub(crate) struct Candidate<'a> {
    pub(crate) family: &'a Family,
    /// The place of the family in the catalog.
    pub(crate) at: usize,
    /// How well the family's name and help explain each word, from 0 to 1.
    pub(crate) explains: Vec<f32>,
    /// What its name says that nobody asked for.
    pub(crate) surplus: f32,
}

/// What each word of a question says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Terms {
    /// By word: the terms of the catalog that it may stand for, each with how surely.
    forms: Vec<Vec<(Term, f32)>>,
    /// By word: how much it says.
    pub(crate) weights: Vec<f32>,
    /// Words that neither names nor values have.
    pub(crate) unknown: Vec<bool>,
    /// Every term that the question has or stands for, sorted.
    asked: Vec<Term>,
}

static BOILERPLATE_STEMS: LazyLock<HashSet<String>> =
    LazyLock::new(|| BOILERPLATE.iter().map(|word| stem(word)).collect());
static TELLING_STEMS: LazyLock<HashSet<String>> =
    LazyLock::new(|| TELLING.iter().map(|word| stem(word)).collect());

impl Terms {
    pub(super) fn new(words: &Words, hits: &[Hit<'_>], valued: &[bool], catalog: &Catalog) -> Self {
        let index = catalog.index();
        let mut terms = Self::default();
        for (at, word) in words.list.iter().enumerate() {
            let names_nothing = matches!(word.used, Use::Grammar | Use::Taken);
            if names_nothing || (word.number.is_some() && word.key.len() < 3) {
                let within = hits.iter().any(|hit| hit.words.len() > 1 && hit.words.contains(&at));
                terms.weights.push(if within { WITHIN_VALUE } else { 0.0 });
                terms.forms.push(Vec::new());
                terms.unknown.push(false);
                continue;
            }
            let mut forms: Vec<(Term, f32)> = Vec::new();
            let exact = exactly(hits, at);
            // A name with dots or dashes that is a value to the letter is no compound of words.
            let spellings =
                spellings(words, at).into_iter().take(if exact { 1 } else { usize::MAX });
            for (stem, sure) in spellings {
                forms.extend(index.term(&stem).map(|term| (term, sure)));
                if sure == 1.0 {
                    let others = expansions(&stem).iter();
                    for (other, sure) in others {
                        forms.extend(index.term(other).map(|term| (term, *sure)));
                        if *sure >= 0.6 {
                            let compounds = index.compounds(other).iter().take(MOST_COMPOUNDS);
                            forms.extend(compounds.map(|term| (*term, 0.7 * sure)));
                        }
                    }
                }
            }
            if word.key.len() >= 3 && word.number.is_none() && !valued[at] {
                // "autoscaler" in `horizontalpodautoscaler`, "CPU" in `cpuutilization`.
                let sure = if forms.is_empty() { 0.8 } else { 0.6 };
                let compounds = index.compounds(&word.key).iter().take(MOST_COMPOUNDS);
                forms.extend(compounds.map(|term| (*term, sure)));
            }
            let rarity =
                forms.iter().map(|(term, sure)| index.rarity(*term) * sure).reduce(f32::max);
            let known = rarity.map(|rarity| LEAST_WEIGHT + (1.0 - LEAST_WEIGHT) * rarity);
            let weight = match (known, valued[at]) {
                (Some(known), true) => known.max(0.6),
                (Some(known), false) => known,
                (None, true) if exact => 1.0,
                (None, true) => 0.8,
                (None, false) => 0.5,
            };
            let factor = if word.used == Use::Form { FORM_WEIGHT } else { 1.0 };
            terms.weights.push(factor * weight);
            terms.unknown.push(rarity.is_none() && !valued[at]);
            terms.forms.push(forms);
        }
        terms.asked = asked(words, catalog);
        terms
    }

    /// Takes a word for known: labels are called so, if no metric is.
    pub(super) fn know(&mut self, word: usize) {
        const LEAST: f32 = 0.5;
        self.unknown[word] = false;
        self.weights[word] = self.weights[word].max(LEAST);
    }

    pub(super) fn says(&self, term: Term) -> bool {
        // What is said within a word of several says it too: "CPU-throttled".
        self.forms.iter().flatten().any(|(known, sure)| *known == term && *sure >= 0.8)
    }

    /// A family as the question sees it.
    pub(super) fn candidate<'a>(&self, at: usize, catalog: &'a Catalog) -> Candidate<'a> {
        let document = catalog.index().document(at);
        let explains = self.forms.iter().map(|forms| {
            forms.iter().map(|(term, sure)| document.says(*term) * sure).fold(0.0, f32::max)
        });
        Candidate {
            family: &catalog.families()[at],
            at,
            explains: explains.collect(),
            surplus: self.surplus(&catalog.families()[at], &document.name, catalog),
        }
    }

    /// What a name says beyond the question. Rare words count most, and those that turn the
    /// meaning.
    fn surplus(&self, family: &Family, name: &[Term], catalog: &Catalog) -> f32 {
        const PER_WORD: f32 = 0.05;
        const PER_TELLING_WORD: f32 = 0.12;
        const PER_PLAIN_WORD: f32 = 0.02;
        let index = catalog.index();
        // A counter of what was created counts the thing itself.
        let counts = |roles: &Roles| {
            family.kind == Kind::Counter && (roles.has(Role::Produced) || roles.has(Role::All))
        };
        let unasked = name
            .iter()
            .zip(&family.word_roles)
            .filter(|(term, _)| self.asked.binary_search(term).is_err());
        unasked
            .map(|(term, roles)| {
                let word = index.stem(*term);
                if counts(roles) {
                    PER_PLAIN_WORD
                } else if BOILERPLATE_STEMS.contains(word) {
                    0.0
                } else if TELLING_STEMS.contains(word) {
                    PER_TELLING_WORD
                } else {
                    PER_WORD * index.rarity(*term)
                }
            })
            .sum::<f32>()
            .min(MOST_SURPLUS)
    }
}

/// The families that the words lead to, the likeliest first.
pub(super) fn candidates<'a>(
    terms: &Terms,
    hits: &[Hit<'_>],
    catalog: &'a Catalog,
) -> Vec<Candidate<'a>> {
    let index = catalog.index();
    let mut scores = by_values(hits, terms, catalog);
    let mut best: Vec<f32> = vec![0.0; scores.len()];
    let mut touched: Vec<u32> = Vec::new();
    for (forms, weight) in terms.forms.iter().zip(&terms.weights) {
        for (term, sure) in forms {
            for (family, says) in index.families_with(*term) {
                let known = &mut best[*family as usize];
                if *known == 0.0 {
                    touched.push(*family);
                }
                *known = known.max(says * sure);
            }
        }
        for family in touched.drain(..) {
            scores[family as usize] += weight * best[family as usize];
            best[family as usize] = 0.0;
        }
    }
    top(&scores).into_iter().map(|at| terms.candidate(at, catalog)).collect()
}

/// Whether a word is a value to the letter, of a kind that is no word of the language.
fn exactly(hits: &[Hit<'_>], word: usize) -> bool {
    let is = |hit: &Hit<'_>| hit.words == (word..word + 1) && hit.sure >= 1.0;
    hits.iter().any(|hit| is(hit) && hit.value.contains(|letter: char| !letter.is_alphabetic()))
}

/// What values of labels say for the families that have them.
fn by_values(hits: &[Hit<'_>], terms: &Terms, catalog: &Catalog) -> Vec<f32> {
    const SAYS: f32 = 0.7;
    let index = catalog.index();
    let mut scores = vec![0.0; catalog.families().len()];
    let mut seen: Vec<(&str, usize)> = Vec::new();
    for hit in hits {
        if seen.contains(&(hit.label, hit.words.start)) {
            continue;
        }
        seen.push((hit.label, hit.words.start));
        let weight: f32 = hit.words.clone().map(|word| terms.weights[word]).sum();
        for family in index.families_labelled(hit.label) {
            scores[*family as usize] += SAYS * weight * hit.sure;
        }
    }
    scores
}

/// The stems that a word may be found by: its own, those of its parts, and run together with its
/// neighbours ("API server" is `apiserver`).
fn spellings(words: &Words, at: usize) -> Vec<(String, f32)> {
    let word = &words.list[at];
    let mut spellings = vec![(word.key.clone(), 1.0)];
    spellings.extend(word.parts.iter().map(|part| (part.clone(), 0.8)));
    let names = |index: usize| {
        words.list.get(index).is_some_and(|other| {
            !matches!(other.used, Use::Taken) && other.number.is_none() && other.plain.len() > 1
        })
    };
    // "5 minute load" is `load5`.
    let numbers = at.saturating_sub(2)..(at + 3).min(words.len());
    for other in numbers.filter(|other| words.list[*other].number.is_some()) {
        spellings.push((format!("{}{}", word.key, words.at(other)), 1.0));
    }
    if !word.ends_clause && names(at + 1) {
        spellings.push((words.run_together(at..at + 2), 0.99));
    }
    if at > 0 && names(at - 1) && !words.list[at - 1].ends_clause {
        spellings.push((words.run_together(at - 1..at + 1), 0.99));
    }
    spellings
}

/// The places of the best scores, the best first; ties fall by place, which is by name.
fn top(scores: &[f32]) -> Vec<usize> {
    let mut all: Vec<usize> = (0..scores.len()).filter(|at| scores[*at] > 0.0).collect();
    let by_score = |a: &usize, b: &usize| scores[*b].total_cmp(&scores[*a]).then_with(|| a.cmp(b));
    if all.len() > LOOKED_AT {
        all.select_nth_unstable_by(LOOKED_AT, by_score);
        all.truncate(LOOKED_AT);
    }
    all.sort_unstable_by(by_score);
    all
}

/// Every term that the question has or stands for, grammar included.
fn asked(words: &Words, catalog: &Catalog) -> Vec<Term> {
    let index = catalog.index();
    let mut asked: Vec<Term> = Vec::new();
    for at in 0..words.len() {
        for (stem, sure) in spellings(words, at) {
            asked.extend(index.term(&stem));
            if sure == 1.0 {
                let others = expansions(&stem).iter().filter(|(_, sure)| *sure >= 0.5);
                asked.extend(others.filter_map(|(other, _)| index.term(other)));
            }
        }
    }
    asked.sort_unstable();
    asked.dedup();
    asked
}
