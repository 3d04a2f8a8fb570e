//! Labels that another series has: versions in `build_info`, nodes in `kube_pod_info`, teams in
//! `kube_pod_labels`. Such series are 1, so that multiplying by them adds labels and no more.

use std::collections::BTreeMap;

use super::{Ground, bind::Bound, row::AskedRow};
use crate::plan::said::{IDENTITIES, SHARED_BY_MANY};
use crate::{
    Catalog,
    catalog::Labels,
    promql::{Expression, Matcher, Selector},
};

/// A series that describes, and how it is brought in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Join {
    pub(crate) info: Selector,
    /// The labels that both have.
    pub(crate) on: Vec<String>,
    /// The labels that are brought in to tell rows apart.
    pub(crate) labels: Vec<String>,
    /// Whether one series describes each combination of [`Self::on`].
    unique: bool,
    /// The words that this explains.
    pub(crate) words: Vec<usize>,
    /// How many dimensions of the question it met.
    pub(super) rows: usize,
}

impl Join {
    /// The expression times the describing series.
    pub(crate) fn around(&self, expression: Expression) -> Expression {
        let mut described = Expression::vector(self.info.clone());
        if !self.unique {
            let mut by = self.on.clone();
            by.extend(self.labels.iter().cloned());
            described = Expression::aggregate("max", &by, described);
        }
        let left = format!("on ({}) group_left ({})", self.on.join(", "), self.labels.join(", "));
        expression.matched("*", left, described)
    }
}

/// The describing series that has what the question asks for and the series lacks.
pub(super) fn find(
    ground: &Ground<'_>,
    labels: &Labels,
    rows: &[&AskedRow<'_>],
    bound: &Bound,
) -> Option<Join> {
    let filters = missing_filters(ground, labels, bound);
    if rows.is_empty() && filters.is_empty() {
        return None;
    }
    let families = ground.catalog.families();
    let mut able: Vec<usize> =
        rows.iter().flat_map(|row| row.described_by.iter().copied()).collect();
    for hit in filters.iter().map(|at| &ground.hits[*at]) {
        let labelled =
            ground.catalog.index().families_labelled(hit.label).iter().map(|at| *at as usize);
        able.extend(labelled.filter(|at| families[*at].describes));
    }
    able.sort_unstable();
    able.dedup();
    let mut best: Option<(f32, Join)> = None;
    for family in able.into_iter().map(|at| &families[at]) {
        let Some(series) = family.main_series().filter(|series| *series != bound.series) else {
            continue;
        };
        let Some(info) = ground.catalog.labels(series) else { continue };
        let found = join_with(ground, (series, info), labels, rows, &filters);
        if let Some((score, join)) = found
            && best.as_ref().is_none_or(|(known, _)| score > *known)
        {
            best = Some((score, join));
        }
    }
    best.map(|(_, join)| join)
}

/// The labels of every describing family, with the families that have them.
pub(super) fn labels(catalog: &Catalog) -> Vec<(&str, Vec<usize>)> {
    let mut labels: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let described = catalog.families().iter().enumerate().filter(|(_, family)| family.describes);
    for (at, family) in described {
        let names = family.main_series().and_then(|series| catalog.labels(series));
        for label in names.into_iter().flat_map(Labels::keys) {
            labels.entry(label).or_default().push(at);
        }
    }
    labels.into_iter().collect()
}

fn join_with(
    ground: &Ground<'_>,
    (series, info): (&str, &Labels),
    labels: &Labels,
    rows: &[&AskedRow<'_>],
    filters: &[usize],
) -> Option<(f32, Join)> {
    let mut join = Join {
        info: Selector::new(series, Vec::new()),
        on: Vec::new(),
        labels: Vec::new(),
        unique: false,
        words: Vec::new(),
        rows: 0,
    };
    let mut score = 0.0;
    for row in rows {
        let Some((label, fit, words)) = row.label(ground.catalog, info) else { continue };
        if labels.contains_key(label) || join.labels.iter().any(|known| known == label) {
            continue;
        }
        score += fit;
        join.rows += 1;
        join.labels.push(label.to_owned());
        join.words.extend(words);
    }
    for hit in filters.iter().map(|at| &ground.hits[*at]) {
        let has = info.get(hit.label).is_some_and(|values| values.iter().any(|it| it == hit.value));
        if has && !hit.words.clone().any(|word| join.words.contains(&word)) {
            score += 0.8 * hit.sure;
            join.info = join.info.with(Matcher::equal(hit.label, hit.value));
            join.words.extend(hit.words.clone());
        }
    }
    if score == 0.0 {
        return None;
    }
    // Only labels that can agree: both have values in common, or no samples tell.
    join.on = info
        .iter()
        .filter(|(name, values)| {
            let own = labels.get(*name);
            own.is_some_and(|own| {
                own.is_empty() || values.is_empty() || own.iter().any(|it| values.contains(it))
            }) && !join.labels.contains(*name)
        })
        .map(|(name, _)| name.clone())
        .collect();
    let own_name =
        ground.catalog.place_of(series).map(|at| &ground.catalog.families()[at].name_words);
    let named_after = |name: &String| own_name.is_some_and(|words| words.contains(name));
    join.unique = join.on.iter().any(named_after)
        || join.on.iter().any(|name| IDENTITIES.contains(&name.as_str()) || name.ends_with("_id"));
    let service = ground.catalog.service_label(labels);
    let by_service = join.on.iter().any(|name| Some(name.as_str()) == service);
    let only_filters = join.rows == 0;
    // One that agrees in the environment alone describes something else.
    let tells = by_service || join.on.iter().any(|name| !SHARED_BY_MANY.contains(&name.as_str()));
    if !join.unique && (only_filters || !tells) {
        return None;
    }
    Some((score + 0.01 * join.on.len() as f32, join))
}

/// Values that the question names and the series has no label for.
fn missing_filters(ground: &Ground<'_>, labels: &Labels, bound: &Bound) -> Vec<usize> {
    let open = |word: usize| bound.explains[word] < 0.5 && !ground.is_named(word);
    (0..ground.hits.len())
        .filter(|at| {
            let hit = &ground.hits[*at];
            !hit.negated
                && hit.sure >= 0.95
                && !labels.contains_key(hit.label)
                && hit.words.clone().all(open)
        })
        .collect()
}
