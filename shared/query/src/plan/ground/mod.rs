//! Which metrics, labels and values of the catalog the words of a question mean.
//!
//! Words lead to families through the catalog's index ([`candidate`]), to values of labels
//! ([`hit`]) and to labels ([`label`]); on one series they come together as a [`Bound`]. What is
//! made of it, and which candidate explains the question best, is [`super::built`]'s to say.

mod bind;
mod candidate;
mod join;
mod row;
mod status;

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};

pub(crate) use self::{
    bind::{Bound, Filter},
    candidate::Candidate,
    join::Join,
};
use self::{candidate::Terms, row::AskedRow};
use crate::plan::said::STARTS;
use crate::vocabulary::{Hit, hits};
use crate::wanted::{Form, Phrases, Statistic, Use, Wanted};
use crate::{
    Catalog,
    catalog::{Kind, Term},
    metric::{StatusFilter, usual},
};

/// A question on a catalog.
#[derive(Debug)]
pub(crate) struct Ground<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) wanted: &'a Wanted,
    pub(crate) hits: Vec<Hit<'a>>,
    /// The keys of what every system has that the question asks for.
    pub(crate) keys: Vec<&'static str>,
    /// The likeliest families by their names and helps.
    pub(crate) candidates: Vec<Candidate<'a>>,
    status: Option<(StatusFilter, Vec<usize>)>,
    /// What rows are told apart by, as nouns.
    rows: Vec<AskedRow<'a>>,
    terms: Terms,
    /// Series that were bound already.
    bound: RefCell<HashMap<String, Rc<Bound>>>,
    /// Families that were looked at already, by place.
    seen: RefCell<HashMap<usize, Rc<Candidate<'a>>>>,
    /// How well values of labels and rows can explain each word at best.
    others_explain: Vec<f32>,
    /// Whether a metric is named after a word.
    named: Vec<bool>,
    /// The best score so far.
    best: Cell<f32>,
}

impl<'a> Ground<'a> {
    pub(crate) fn new(wanted: &'a Wanted, catalog: &'a Catalog) -> Self {
        let words = &wanted.words;
        let hits = hits(words, catalog.index().vocabulary());
        let mut valued = vec![false; words.len()];
        for hit in &hits {
            hit.words.clone().for_each(|word| valued[word] = true);
        }
        let status = status::status_of(words);
        if let Some((_, said)) = &status {
            said.iter().for_each(|word| valued[*word] = true);
        }
        let mut terms = Terms::new(words, &hits, &valued, catalog);
        let described = if wanted.rows.is_empty() { Vec::new() } else { join::labels(catalog) };
        let rows =
            wanted.rows.iter().map(|row| AskedRow::new(row, (words, &hits), &described, catalog));
        let rows: Vec<AskedRow<'a>> = rows.collect();
        rows.iter().filter(|row| row.is_held).for_each(|row| terms.know(row.head_at()));
        let keys = keys(wanted);
        let mut candidates = candidate::candidates(&terms, &hits, catalog);
        for (at, _) in keys.iter().flat_map(|key| usual(key, catalog).iter().take(USUAL)) {
            if !candidates.iter().any(|candidate| candidate.at == *at) {
                candidates.push(terms.candidate(*at, catalog));
            }
        }
        if let (Form::Absent, Some(at)) = (wanted.form, catalog.place_of("up"))
            && !candidates.iter().any(|candidate| candidate.at == at)
        {
            candidates.push(terms.candidate(at, catalog));
        }
        if words.has(STARTS) {
            // "came up" is grammar, and yet all that some questions say.
            words.places(STARTS).iter().for_each(|at| terms.know(at));
            for at in starts(catalog) {
                if !candidates.iter().any(|candidate| candidate.at == at) {
                    candidates.push(terms.candidate(at, catalog));
                }
            }
        }
        let named = (0..words.len())
            .map(|word| candidates.iter().any(|candidate| candidate.explains[word] >= NAMED))
            .collect();
        let mut others_explain: Vec<f32> =
            valued.iter().map(|valued| if *valued { 0.97 } else { 0.0 }).collect();
        for (at, word) in words.list.iter().enumerate() {
            if word.used == Use::Form {
                // What is built may explain the words of its form by being built so.
                others_explain[at] = 1.0;
            }
        }
        for word in wanted.rows.iter().flat_map(|row| row.words.clone()) {
            others_explain[word] = 1.0;
        }
        Self {
            catalog,
            wanted,
            hits,
            keys,
            candidates,
            status,
            rows,
            terms,
            bound: RefCell::default(),
            seen: RefCell::default(),
            others_explain,
            named,
            best: Cell::new(f32::MIN),
        }
    }

    /// Whether what these names explain, with everything that labels may add, can still be the best.
    pub(crate) fn may_win(&self, named: &[f32]) -> bool {
        /// What fitting the form and the unit adds at most.
        const MOST_ADDED: f32 = 0.35;
        self.coverage_at_best(named) + MOST_ADDED >= self.best.get()
    }

    /// Whether a score that is not yet wholly known can still be the best.
    pub(crate) fn may_reach(&self, estimate: f32) -> bool {
        /// What the question's words for a part add at most.
        const MOST_ADDED: f32 = 0.2;
        estimate + MOST_ADDED >= self.best.get()
    }

    /// How much these names explain with everything that labels may add.
    pub(crate) fn coverage_at_best(&self, named: &[f32]) -> f32 {
        self.covered_at_best(|word| named[word])
    }

    /// The same of two families together.
    pub(crate) fn coverage_of_both(&self, one: &Candidate<'_>, other: &Candidate<'_>) -> f32 {
        self.covered_at_best(|word| one.explains[word].max(other.explains[word]))
    }

    fn covered_at_best(&self, named: impl Fn(usize) -> f32) -> f32 {
        let (mut covered, mut all) = (0.0, 0.0);
        for (word, weight) in self.terms.weights.iter().enumerate() {
            if !self.terms.unknown[word] {
                covered += weight * named(word).max(self.others_explain[word]).min(1.0);
                all += weight;
            }
        }
        if all > 0.0 { covered / all } else { 0.0 }
    }

    pub(crate) fn scored(&self, score: f32) {
        self.best.set(self.best.get().max(score));
    }

    /// The family at a place of the catalog, as the question sees it.
    pub(crate) fn candidate(&self, at: usize) -> Rc<Candidate<'a>> {
        let mut seen = self.seen.borrow_mut();
        let look = || Rc::new(self.terms.candidate(at, self.catalog));
        Rc::clone(seen.entry(at).or_insert_with(look))
    }

    /// Whether a metric is named after a word.
    pub(crate) fn is_named(&self, word: usize) -> bool {
        self.named[word]
    }

    /// Whether a word that is no grammar and no form is one that metrics are named after, or a value.
    pub(crate) fn names_thing(&self, word: usize) -> bool {
        let valued = |hit: &Hit<'_>| hit.words == (word..word + 1) && hit.sure >= 1.0;
        self.wanted.words.list[word].used == Use::Free
            && (self.is_named(word) || self.hits.iter().any(valued))
    }

    /// Whether the question has a word that the family is named after.
    pub(crate) fn names_any(&self, candidate: &Candidate<'_>) -> bool {
        candidate.explains.iter().any(|explained| *explained >= NAMED)
    }

    /// How much of what the question says is explained, from 0 to 1. Words that the catalog does
    /// not know at all do not count.
    pub(crate) fn coverage(&self, explains: &[f32]) -> f32 {
        self.covered(explains, false)
    }

    /// The same, where words that nothing knows count as unexplained.
    pub(crate) fn full_coverage(&self, explains: &[f32]) -> f32 {
        self.covered(explains, true)
    }

    fn covered(&self, explains: &[f32], with_unknown: bool) -> f32 {
        let (mut covered, mut all) = (0.0, 0.0);
        for (word, weight) in self.terms.weights.iter().enumerate() {
            if self.terms.unknown[word] && !with_unknown {
                continue;
            }
            covered += weight * explains[word].min(1.0);
            all += weight;
        }
        if all > 0.0 { covered / all } else { 0.0 }
    }

    /// Whether a word of the question is this very term.
    pub(crate) fn says(&self, term: Term) -> bool {
        self.terms.says(term)
    }
}

/// The families that hold when something started.
fn starts(catalog: &Catalog) -> impl Iterator<Item = usize> {
    let index = catalog.index();
    let named = ["start", "boot"].into_iter().filter_map(|word| index.term(word));
    let found = named.flat_map(|term| index.families_with(term));
    let timed = |at: &usize| {
        let family = &catalog.families()[*at];
        family.kind == Kind::Gauge && family.name_words.iter().any(|word| word == "time")
    };
    found
        .filter(|(_, weight)| *weight >= NAMED)
        .map(|(at, _)| *at as usize)
        .filter(timed)
        .take(USUAL)
}

/// How well a family's name says a word that it has.
const NAMED: f32 = 0.95;

/// How many of the families that are usually meant by a key are looked at.
const USUAL: usize = 4;

/// Words that name what every system has, each with the key that knows which metric is meant.
const COMMON: &[(&str, Phrases)] = &[
    (
        "request_rate",
        &[
            "traffic", "request", "requests", "rps", "calls", "throughput", "error", "errors",
            "hits", "qps", "failed", "failures", "5xx", "4xx", "responses", "answers",
            "availability", "success rate",
        ],
    ),
    (
        "latency",
        &[
            "latency", "latencies", "slow", "slowest", "slower", "response", "duration", "fast",
            "fastest",
        ],
    ),
    ("cpu_usage", &["cpu", "cpus", "processor"]),
    ("memory_usage", &["memory", "ram", "mem"]),
];

fn keys(wanted: &Wanted) -> Vec<&'static str> {
    let said = COMMON.iter().filter(|(_, said)| wanted.words.has(said)).map(|(key, _)| *key);
    let of_quantile = matches!(wanted.statistic, Some(Statistic::Quantile(_))).then_some("latency");
    let of_errors = (wanted.form == Form::Burn).then_some("request_rate");
    let mut keys: Vec<&'static str> = said.chain(of_quantile).chain(of_errors).collect();
    keys.dedup();
    keys
}

/// For each word, the better of two explanations.
pub(crate) fn together(one: &[f32], other: &[f32]) -> Vec<f32> {
    one.iter().zip(other).map(|(one, other)| one.max(*other)).collect()
}
