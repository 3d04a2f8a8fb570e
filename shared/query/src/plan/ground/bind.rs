//! What a question is narrowed to and told apart by, on the labels of one series.

use std::{ops::Range, rc::Rc};

use super::{
    Ground,
    join::{self, Join},
    row::{AskedRow, CALLED_SO},
};
use crate::{
    catalog::{Labels, STATUS_LABELS, instance_label, pods_of},
    metric::status_matcher,
    plan::said::{CALLED, FAILURES},
    promql::{Matcher, Selector, escape_regex},
    vocabulary::Hit,
    wanted::{Form, Row, Use},
};

/// A label held to one or several values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filter {
    pub(crate) label: String,
    pub(crate) matcher: Matcher,
    pub(crate) values: Vec<String>,
    pub(crate) negated: bool,
    /// The words that say so.
    pub(crate) words: Vec<usize>,
}

/// A series with what the question asks of its labels.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    pub(crate) series: String,
    pub(crate) filters: Vec<Filter>,
    /// Matchers that nobody asks for but counting once needs.
    pub(crate) guards: Vec<Matcher>,
    pub(crate) by: Vec<String>,
    /// Those within which others are ranked.
    pub(crate) within: Vec<String>,
    /// What brings in labels that the series does not have.
    pub(crate) join: Option<Join>,
    /// How well filters and rows explain each word.
    pub(crate) explains: Vec<f32>,
    /// How many dimensions that the question names could not be found.
    pub(crate) unmet: usize,
    /// The rows are those of "which …", where nothing says "by".
    pub(crate) by_noun: bool,
    /// Things are to be picked out that other metrics tell apart and this one does not.
    pub(crate) lacks_noun: bool,
}

impl Bound {
    pub(crate) fn selector(&self) -> Selector {
        self.selector_without(&[])
    }

    /// The selector without the filters on some labels.
    pub(crate) fn selector_without(&self, labels: &[&str]) -> Selector {
        let kept = self.filters.iter().filter(|filter| !labels.contains(&filter.label.as_str()));
        let matchers = kept.map(|filter| filter.matcher.clone()).chain(self.guards.iter().cloned());
        Selector::new(&self.series, matchers.collect())
    }

    pub(crate) fn filters_on(&self, label: &str) -> Option<&Filter> {
        self.filters.iter().find(|filter| filter.label == label)
    }
}

/// Samples of so many values may not be all of them.
const MANY_VALUES: usize = 20;

/// How well a label must fit other words of a noun than its last.
const SURE_WITHOUT_HEAD: f32 = 0.72;

/// A label that fits its noun no better holds something else, where others are called so.
const INSTEAD: f32 = 0.8;

/// A label that fits its noun no better gives way to `name` on what is named after the noun.
const NAMELESS: f32 = 0.8;

/// How well a name must say a noun for its instances to be what the noun tells apart.
const NAMED_AFTER: f32 = 0.85;

/// What a value says of a word that some metric is named after.
const NAMED_ELSEWHERE: f32 = 0.85;

impl Ground<'_> {
    /// The series as the question narrows it; `named` tells how well the family's name explains
    /// each word already.
    pub(crate) fn bind(&self, series: &str, named: &[f32]) -> Rc<Bound> {
        if let Some(bound) = self.bound.borrow().get(series) {
            return Rc::clone(bound);
        }
        let bound = Rc::new(self.bind_anew(series, named));
        self.bound.borrow_mut().insert(series.to_owned(), Rc::clone(&bound));
        bound
    }

    fn bind_anew(&self, series: &str, named: &[f32]) -> Bound {
        let none = Labels::new();
        let labels = self.catalog.labels(series).unwrap_or(&none);
        let mut bound = Bound {
            series: series.to_owned(),
            filters: Vec::new(),
            guards: Vec::new(),
            by: Vec::new(),
            within: Vec::new(),
            join: None,
            explains: vec![0.0; self.wanted.words.len()],
            unmet: 0,
            by_noun: false,
            lacks_noun: false,
        };
        self.bind_rows(labels, named, &mut bound);
        self.bind_filters(labels, named, &mut bound);
        self.bind_members(labels, named, &mut bound);
        self.bind_status(labels, named, &mut bound);
        self.explain_failing(&mut bound);
        self.set_against(&mut bound);
        guard(labels, &mut bound);
        self.bind_missing(labels, &mut bound);
        self.turn_rows(labels, &mut bound);
        bound
    }

    fn bind_rows(&self, labels: &Labels, named: &[f32], bound: &mut Bound) {
        let wanted = self.wanted;
        let ranked_by_noun = wanted.rank.is_some()
            && self
                .rows
                .iter()
                .any(|asked| !asked.row.said && asked.label(self.catalog, labels).is_some());
        for asked in &self.rows {
            let row = asked.row;
            if row.said && ranked_by_noun && !row.each {
                // "the ten hungriest pods by CPU": what they are ranked by.
                continue;
            }
            if row.said && asked.is_described(self.catalog, labels) {
                bound.unmet += 1;
                continue;
            }
            let Some((name, fit, words)) = asked.label(self.catalog, labels) else {
                // "each Postgres" is every instance of what the metric is named after.
                let system = row.each && named[asked.head_at()] >= NAMED_AFTER;
                let instance = instance_label(labels).filter(|_| system && row.words.len() == 1);
                if let Some(instance) = instance {
                    bound.by.push(instance.to_owned());
                } else if row.said && !row.doubtful {
                    bound.unmet += 1;
                }
                bound.lacks_noun |= asked.is_held && self.picks_things(row);
                continue;
            };
            let ends = words.end == row.words.end;
            // "pods" where this has instances, and others have pods.
            bound.lacks_noun |= asked.is_called && ends && fit < INSTEAD && self.picks_things(row);
            let named = row.said && ends && fit < NAMELESS && asked.is_named_after(&bound.series);
            let name = labels.get_key_value("name").filter(|_| named).map_or(name, |(own, _)| own);
            // "each gRPC call" is no gRPC status.
            let strange = !ends && row.said && fit < SURE_WITHOUT_HEAD;
            let doubtful =
                strange || (row.doubtful && !(ends && asked.is_head(self.catalog, name)));
            let listed =
                row.words.start == 0 && ends && fit >= CALLED_SO && self.describes(&bound.series);
            if (!row.said && !listed && !self.takes_noun(row, fit)) || doubtful {
                continue;
            }
            if row.said && ranked_by_noun && !bound.within.iter().any(|known| known == name) {
                // "the hottest sensor per device": ranked within each.
                bound.within.push(name.to_owned());
            }
            if !bound.by.iter().any(|known| known == name) {
                bound.by.push(name.to_owned());
                bound.by_noun |= !row.said;
            }
            for word in words {
                bound.explains[word] = bound.explains[word].max(0.9 * fit);
            }
            self.explain_label(name, bound);
        }
    }

    /// Whether a series is there for its labels alone.
    fn describes(&self, series: &str) -> bool {
        let place = self.catalog.place_of(series);
        place.is_some_and(|at| self.catalog.families()[at].describes)
    }

    /// "what version of the kubelet": the other words of `kubelet_version` are said too.
    fn explain_label(&self, name: &str, bound: &mut Bound) {
        let Some(label) =
            self.catalog.index().vocabulary().label(name).filter(|label| label.stems.len() > 1)
        else {
            return;
        };
        for (at, word) in self.wanted.words.list.iter().enumerate() {
            if label.stems.contains(&word.key) && word.used != Use::Grammar {
                bound.explains[at] = bound.explains[at].max(0.9);
            }
        }
    }

    /// Whether things of one kind are picked out: "which queues …".
    fn picks_things(&self, row: &Row) -> bool {
        let wanted = self.wanted;
        let picks = wanted.rank.is_some() || !wanted.limits.is_empty();
        let start = row.words.start;
        let ranked = wanted.rank_at.is_some_and(|at| at + 1 == start);
        let asked = start > 0 && wanted.words.is(start - 1, &["which", "what"]);
        picks && !row.said && (ranked || asked || start == 0)
    }

    /// Whether the noun of "which …" tells rows apart: only where several rows are asked for.
    fn takes_noun(&self, row: &Row, fit: f32) -> bool {
        let wanted = self.wanted;
        if wanted.form != Form::Usual && self.is_of_share(row) {
            return false;
        }
        let several =
            wanted.rank.is_some() || !wanted.limits.is_empty() || wanted.cues.existence.is_some();
        let head = &wanted.words.list[row.words.end - 1].lower;
        let plural = head.ends_with('s') && !head.ends_with("ss") && !head.ends_with("us");
        let after_which =
            row.words.start > 0 && wanted.words.is(row.words.start - 1, &["which", "what"]);
        let owned = row.words.start > 0 && wanted.words.list[row.words.start - 1].possessive;
        (several && fit >= 0.72) || (after_which && fit >= 0.7) || (owned && plural && fit >= 0.8)
    }

    /// "share of commands that …": what the share is of tells no rows apart.
    fn is_of_share(&self, row: &Row) -> bool {
        const SHARES: &[&str] = &[
            "share", "percentage", "fraction", "portion", "proportion", "part", "ratio", "percent",
            "%",
        ];
        let words = &self.wanted.words;
        let mut at = row.words.start;
        while at > 0 && words.is(at - 1, &["the", "our", "all", "of"]) {
            at -= 1;
        }
        at > 0 && at < row.words.start && words.is(at - 1, SHARES)
    }

    fn bind_filters(&self, labels: &Labels, named: &[f32], bound: &mut Bound) {
        let service = self.catalog.service_label(labels);
        let mut usable: Vec<(&Hit<'_>, f32)> = self
            .hits
            .iter()
            .filter_map(|hit| {
                let values = labels.get(hit.label)?;
                let is_here = values.iter().any(|value| value == hit.value);
                if !is_here && !values.is_empty() && values.len() < MANY_VALUES {
                    // So few that they are all there is.
                    return None;
                }
                let here = if is_here { 1.0 } else { 0.7 };
                Some((hit, self.preference(hit, service) + here * hit.sure))
            })
            .collect();
        usable.sort_by(|(a, one), (b, other)| {
            said_words(b).cmp(&said_words(a)).then_with(|| other.total_cmp(one)).then_with(|| {
                (a.words.start, a.label, a.value).cmp(&(b.words.start, b.label, b.value))
            })
        });
        let mut taken = vec![false; self.wanted.words.len()];
        for (hit, _) in usable {
            let range = hit.words.clone();
            let same = bound
                .filters_on(hit.label)
                .is_some_and(|filter| filter.words.iter().copied().eq(range.clone()));
            if (!same && range.clone().any(|word| taken[word]))
                || self.is_row_word(bound, &range, hit)
            {
                continue;
            }
            let by_name = range.clone().all(|word| named[word] >= 0.95);
            let is_service = service == Some(hit.label);
            if by_name && !hit.beside && !is_service && !self.is_only_alike(hit, &bound.series) {
                continue;
            }
            if hit.beside {
                self.explain_beside(hit, bound);
            }
            if range.clone().any(|word| named[word] >= 0.95) && hit.sure < 0.9 && !hit.beside {
                continue;
            }
            if !self.joins(bound, hit) {
                continue;
            }
            let other = !hit.beside && !is_service && range.clone().all(|word| self.is_named(word));
            let says = if other { NAMED_ELSEWHERE } else { 0.97 };
            range.clone().for_each(|word| {
                taken[word] = true;
                bound.explains[word] = bound.explains[word].max(says * hit.sure);
            });
            add_value(bound, hit);
        }
    }

    /// "the checkout pods" where a series knows pods and no services: those that it made.
    fn bind_members(&self, labels: &Labels, named: &[f32], bound: &mut Bound) {
        for (at, word) in self.wanted.words.list.iter().enumerate() {
            let open = word.used == Use::Free && bound.explains[at] < 0.5 && named[at] < 0.5;
            if !open || word.lower.len() < 3 || word.number.is_some() {
                continue;
            }
            let Some(label) = members_of(labels, &word.lower) else { continue };
            if bound.filters_on(label).is_some() {
                continue;
            }
            bound.explains[at] = 0.9;
            bound.filters.push(Filter {
                label: label.to_owned(),
                matcher: Matcher::pattern(label, &format!("{}-.*", escape_regex(&word.lower))),
                values: Vec::new(),
                negated: false,
                words: vec![at],
            });
        }
    }

    /// Whether a word is a value to the letter and no word of the name: `edged` of `edge_requests`.
    fn is_only_alike(&self, hit: &Hit<'_>, series: &str) -> bool {
        hit.words.len() == 1
            && self.wanted.words.list[hit.words.start].raw == hit.value
            && !crate::text::words(series).iter().any(|word| word == hit.value)
    }

    /// "cache hit": the word beside a value that names its label is said too.
    fn explain_beside(&self, hit: &Hit<'_>, bound: &mut Bound) {
        let Some(label) = self.catalog.index().vocabulary().label(hit.label) else { return };
        let around = [hit.words.start.checked_sub(1), Some(hit.words.end)];
        for at in around.into_iter().flatten() {
            if label.stems.iter().any(|stem| stem == self.wanted.words.key(at)) {
                bound.explains[at] = bound.explains[at].max(0.9);
            }
        }
    }

    /// Whether a value may be held to besides others of its label: "orders and billing".
    fn joins(&self, bound: &Bound, hit: &Hit<'_>) -> bool {
        const LINKS: &[&str] = &["and", "or", "&", "to", "vs", "versus", "per", "plus", "nor"];
        let Some(filter) = bound.filters_on(hit.label) else { return true };
        if filter.values.iter().any(|value| value == hit.value) {
            return true;
        }
        let words = &self.wanted.words;
        if filter.words.iter().all(|word| hit.words.contains(word)) {
            // The same words mean both.
            return true;
        }
        let near = |other: usize| {
            let between = if other < hit.words.start {
                other..hit.words.start
            } else {
                hit.words.end - 1..other
            };
            let linked =
                between.clone().any(|at| words.is(at, LINKS) || words.list[at].ends_clause);
            between.len() <= 4 && linked
        };
        filter.words.iter().any(|other| near(*other))
    }

    /// Among labels that have one value, the likelier first.
    fn preference(&self, hit: &Hit<'_>, service: Option<&str>) -> f32 {
        let words = &self.wanted.words;
        let mut before = hit.words.start;
        while before > 0 && words.is(before - 1, &["the", "a", "an"]) {
            before -= 1;
        }
        let toward = before > 0
            && words.is(
                before - 1,
                &["to", "into", "towards", "toward", "reaching", "calling", "against"],
            );
        let called = CALLED.contains(&hit.label);
        let service = service == Some(hit.label);
        let beside = if hit.beside && hit.sure >= 0.9 { 1.0 } else { 0.0 };
        let direction = match (called, toward) {
            (true, true) => 0.5,
            (true, false) => -0.3,
            _ => 0.0,
        };
        beside + direction + if service { 0.3 } else { 0.0 }
    }

    /// Whether words were already used to tell rows apart.
    fn is_row_word(&self, bound: &Bound, range: &Range<usize>, hit: &Hit<'_>) -> bool {
        range.clone().all(|word| bound.explains[word] > 0.0)
            && !hit.beside
            && range.len() == 1
            && self.wanted.words.list[range.start].raw != hit.value
    }

    /// `5xx`, "server errors" and codes that the samples do not have.
    fn bind_status(&self, labels: &Labels, named: &[f32], bound: &mut Bound) {
        let Some((status, said)) = &self.status else { return };
        let by_filter = said.iter().any(|word| bound.explains[*word] > 0.9);
        let by_name = said.iter().all(|word| named[*word] >= 0.95);
        if by_filter || by_name {
            return;
        }
        let Some((label, matcher)) = status_matcher(labels, status) else { return };
        if bound.filters_on(label).is_some() {
            return;
        }
        for word in said {
            bound.explains[*word] = bound.explains[*word].max(0.97);
        }
        bound.filters.push(Filter {
            label: label.to_owned(),
            matcher,
            values: vec![status.name()],
            negated: false,
            words: said.clone(),
        });
    }

    /// "bids won vs lost": two values of one label are shown side by side.
    fn set_against(&self, bound: &mut Bound) {
        const AGAINST: &[&str] = &["vs", "versus", "against", "compared"];
        let wanted = self.wanted;
        if wanted.form != Form::Usual || wanted.periods.compared.is_some() {
            return;
        }
        let against = |filter: &&Filter| {
            let (first, last) = (filter.words.iter().min(), filter.words.iter().max());
            let mut between = (*first.unwrap_or(&0))..(*last.unwrap_or(&0));
            filter.values.len() > 1
                && !filter.negated
                && between.any(|at| wanted.words.is(at, AGAINST))
        };
        let labels: Vec<String> =
            bound.filters.iter().filter(against).map(|filter| filter.label.clone()).collect();
        for label in labels {
            if !bound.by.contains(&label) {
                bound.by.push(label);
            }
        }
    }

    /// "failures with 401": where a status is held to, the words for failing say no more.
    fn explain_failing(&self, bound: &mut Bound) {
        let by_status = bound.filters.iter().any(|filter| {
            let failing = |value: &String| value.starts_with(['4', '5']);
            STATUS_LABELS.contains(&filter.label.as_str()) && filter.values.iter().any(failing)
        });
        if by_status {
            for word in self.wanted.words.places(FAILURES).iter() {
                bound.explains[word] = bound.explains[word].max(0.95);
            }
        }
    }

    /// Rows of a label that is held to one value are no rows: "for each app it calls" means the
    /// other end of the call.
    fn turn_rows(&self, labels: &Labels, bound: &mut Bound) {
        let held = |bound: &Bound, label: &str| {
            bound
                .filters_on(label)
                .is_some_and(|filter| !filter.negated && filter.values.len() == 1)
        };
        for at in 0..bound.by.len() {
            if !held(bound, &bound.by[at]) {
                continue;
            }
            let other = CALLED
                .iter()
                .find(|label| labels.contains_key(**label) && bound.filters_on(label).is_none());
            if let Some(other) = other {
                bound.by[at] = (*other).to_owned();
            }
        }
    }

    /// Brings in, from a series that describes, the labels that this one lacks.
    fn bind_missing(&self, labels: &Labels, bound: &mut Bound) {
        let wanted = self.wanted;
        let missing = self.rows.iter().filter(|asked| {
            let catalog = self.catalog;
            asked.row.said
                && (!asked.row.doubtful || asked.described)
                && (asked.is_described(catalog, labels) || asked.label(catalog, labels).is_none())
        });
        let mut rows: Vec<&AskedRow<'_>> = missing.collect();
        if wanted.rank.is_some() && !bound.by.is_empty() {
            rows.clear();
        }
        let Some(join) = join::find(self, labels, &rows, bound) else { return };
        for word in &join.words {
            bound.explains[*word] = bound.explains[*word].max(0.85);
        }
        bound.unmet = bound.unmet.saturating_sub(join.rows);
        bound.by.extend(join.labels.iter().cloned());
        bound.join = Some(join);
    }
}

/// How many words say a value; between those of one that is said in pieces there are others.
fn said_words(hit: &Hit<'_>) -> usize {
    match hit.words.len() {
        1 => 1,
        length => length.min(crate::text::words(hit.value).len().max(1)),
    }
}

/// The label of pods or hosts of which some are named after this and numbered: `pacs-01:9100`.
fn members_of<'a>(labels: &'a Labels, name: &str) -> Option<&'a str> {
    let numbered = |value: &String| {
        let rest = value.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
        rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    };
    pods_of(labels, name).or_else(|| {
        let label = instance_label(labels)?;
        labels[label].iter().any(numbered).then_some(label)
    })
}

fn add_value(bound: &mut Bound, hit: &Hit<'_>) {
    let words: Vec<usize> = hit.words.clone().collect();
    let known = bound.filters.iter_mut().find(|filter| filter.label == hit.label);
    if let Some(filter) = known {
        if filter.negated == hit.negated && !filter.values.iter().any(|value| value == hit.value) {
            filter.values.push(hit.value.to_owned());
            filter.words.extend(words);
            filter.matcher = if filter.negated {
                Matcher::none_of(&filter.label, &filter.values)
            } else {
                Matcher::one_of(&filter.label, &filter.values)
            };
        }
        return;
    }
    let values = vec![hit.value.to_owned()];
    let matcher = if hit.negated {
        Matcher::none_of(hit.label, &values)
    } else {
        Matcher::one_of(hit.label, &values)
    };
    bound.filters.push(Filter {
        label: hit.label.to_owned(),
        matcher,
        values,
        negated: hit.negated,
        words,
    });
}

/// Matchers against counting twice: Istio records each request at both of its ends, and cAdvisor
/// has a row for the pod around the containers.
/// <https://istio.io/latest/docs/reference/config/metrics/>
fn guard(labels: &Labels, bound: &mut Bound) {
    let has = |label: &str, value: &str| {
        labels.get(label).is_some_and(|values| values.iter().any(|known| known == value))
    };
    if has("reporter", "destination") && bound.filters_on("reporter").is_none() {
        bound.guards.push(Matcher::equal("reporter", "destination"));
    }
    if has("container", "") && bound.filters_on("container").is_none() {
        bound.guards.push(Matcher::not_equal("container", ""));
    }
}
