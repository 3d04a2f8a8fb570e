//! What a question tells rows apart by, held against the labels of series.

use std::{cell::RefCell, collections::HashMap, ops::Range, rc::Rc};

use crate::{
    Catalog,
    catalog::Labels,
    vocabulary::{self, Hit, Noun},
    wanted::{Row, Words},
};

/// What rows are told apart by, with its nouns prepared.
#[derive(Debug)]
pub(super) struct AskedRow<'a> {
    pub(super) row: &'a Row,
    /// The parts of the words that may be a noun: from the longest that ends with the head to those
    /// before it.
    nouns: Vec<(Range<usize>, Noun)>,
    head: Noun,
    /// Every stem of the question.
    said: Vec<&'a str>,
    /// The describing families that have a label for a part of the words.
    pub(super) described_by: Vec<usize>,
    /// Whether one has a label for the head.
    pub(super) described: bool,
    /// Some label of the catalog is surely what its head names.
    pub(super) is_held: bool,
    /// Some label of the catalog is called so.
    pub(super) is_called: bool,
    /// By place of a label: how well it holds each of the nouns. Many series have the same labels.
    fits: RefCell<HashMap<usize, Rc<[f32]>>>,
}

/// How surely a word must be a value to be no noun.
const SURE_VALUE: f32 = 0.95;

/// How well a label fits a noun that is called so.
pub(super) const CALLED_SO: f32 = 0.9;

/// How well a label must fit a noun to be surely what it names.
const HELD: f32 = 0.72;

impl<'a> AskedRow<'a> {
    pub(super) fn new(
        row: &'a Row,
        (words, hits): (&'a Words, &[Hit<'_>]),
        described: &[(&str, Vec<usize>)],
        catalog: &Catalog,
    ) -> Self {
        let noun = |range: Range<usize>| {
            let lower: Vec<&str> = range.map(|index| words.at(index)).collect();
            Noun::new(&lower)
        };
        // "which provider declines": a value ends the noun that stands before it.
        let mut range = row.words.clone();
        let is_value = |at: usize| {
            let sure = |hit: &Hit<'_>| hit.words == (at..at + 1) && hit.sure >= SURE_VALUE;
            words.at(at).ends_with('s') && hits.iter().any(sure)
        };
        while !row.said && range.len() > 1 && is_value(range.end - 1) {
            range.end -= 1;
        }
        let mut nouns = Vec::new();
        for end in (range.start + 1..=range.end).rev() {
            for start in range.start..end {
                nouns.push((start..end, noun(start..end)));
            }
        }
        let head = noun(range.end - 1..range.end);
        let index = catalog.index();
        let fit = |name: &str, noun: &Noun| {
            index.vocabulary().label(name).map_or(0.0, |label| vocabulary::fit(label, noun))
        };
        let is_head = described.iter().any(|(name, _)| fit(name, &head) >= 0.8);
        let able = described
            .iter()
            .filter(|(name, _)| nouns.iter().any(|(_, noun)| fit(name, noun) >= vocabulary::LEAST));
        let described_by = if row.said {
            able.flat_map(|(_, families)| families).copied().collect()
        } else {
            Vec::new()
        };
        let said = words.list.iter().map(|word| word.key.as_str()).collect();
        let labels = index.vocabulary().labels().iter();
        let best = labels.map(|label| vocabulary::fit(label, &head)).fold(0.0, f32::max);
        let (is_held, is_called) = (best >= HELD, best >= CALLED_SO);
        let fits = RefCell::default();
        Self { fits, is_held, is_called, row, nouns, head, said, described_by, described: is_head }
    }

    /// The place of the last word of the noun.
    pub(super) fn head_at(&self) -> usize {
        self.row.words.end - 1
    }

    /// The label that the row means, how well, and which of its words say so. The head of a noun is
    /// its last word; what stands before it may be a value.
    pub(super) fn label<'b>(
        &self,
        catalog: &Catalog,
        labels: &'b Labels,
    ) -> Option<(&'b str, f32, Range<usize>)> {
        const PER_WORD: f32 = 0.02;
        const SINGLE: f32 = 0.2;
        /// Less than this is an abbreviation that may be another word's.
        const SURE: f32 = 0.6;
        let known: Vec<(&str, Rc<[f32]>)> = labels
            .keys()
            .filter_map(|name| Some((name.as_str(), self.fits_of(catalog, name)?)))
            .collect();
        let mut found: Option<(&str, f32, Range<usize>)> = None;
        for (at, (range, _)) in self.nouns.iter().enumerate() {
            if found.as_ref().is_some_and(|known| known.2.end > range.end && known.1 >= SURE) {
                break;
            }
            let fits = known.iter().map(|(name, fits)| (*name, fits[at]));
            // A label with one value, such as the `job` of an exporter, tells nothing apart.
            let tells = |name: &str, fit: f32| {
                fit - if labels.get(name).is_some_and(|values| values.len() == 1) {
                    SINGLE
                } else {
                    0.0
                }
            };
            let best = fits.filter(|(_, fit)| *fit >= vocabulary::LEAST).max_by(|a, b| {
                let by_fit = tells(a.0, a.1).total_cmp(&tells(b.0, b.1));
                by_fit.then_with(|| b.0.len().cmp(&a.0.len()))
            });
            let Some((name, fit)) = best else { continue };
            let fit = fit + PER_WORD * range.len() as f32;
            if found.as_ref().is_none_or(|(_, known, _)| fit > *known) {
                found = Some((name, fit, range.clone()));
            }
        }
        found
    }

    fn fits_of(&self, catalog: &Catalog, name: &str) -> Option<Rc<[f32]>> {
        let vocabulary = catalog.index().vocabulary();
        let at = vocabulary.label_at(name)?;
        let mut known = self.fits.borrow_mut();
        let fits = known.entry(at).or_insert_with(|| {
            let label = &vocabulary.labels()[at];
            let nouns = self.nouns.iter();
            nouns.map(|(_, noun)| vocabulary::fit_among(label, noun, &self.said)).collect()
        });
        Some(Rc::clone(fits))
    }

    /// Whether a series is named after the head of the noun: the `name` of `celery_task_runtime` is
    /// a task's.
    pub(super) fn is_named_after(&self, series: &str) -> bool {
        let stems = &self.head.stems;
        crate::text::words(series).iter().any(|word| stems.contains(&vocabulary::stem(word)))
    }

    /// Whether a label is what the head of the noun names.
    pub(super) fn is_head(&self, catalog: &Catalog, label: &str) -> bool {
        catalog
            .index()
            .vocabulary()
            .label(label)
            .is_some_and(|label| vocabulary::fit(label, &self.head) >= vocabulary::LEAST)
    }

    /// Whether only a describing series has what the head of the noun names: "server version" is
    /// no server.
    pub(super) fn is_described(&self, catalog: &Catalog, labels: &Labels) -> bool {
        self.described
            && vocabulary::best(
                catalog.index().vocabulary(),
                labels.keys().map(String::as_str),
                &self.head,
                &self.said,
            )
            .is_none()
    }
}
