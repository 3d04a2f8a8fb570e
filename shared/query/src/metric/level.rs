//! Gauges: levels, their shares of a limit, and levels known only by what is left.

use model::Unit;

use super::{
    choose::{Asked, Chosen, Statistic, titled},
    feature::{Feature, Key},
    filter::{Dimension, Scope},
    rank::rank,
    recipe::{Across, Level, OverTime, Recipe},
};
use crate::{
    PlanError,
    catalog::{Family, instance_label},
};

/// Labels that tell things apart; others divide one instance into parts that add up.
const IDENTITY_LABELS: [&str; 12] = [
    "instance", "job", "pod", "namespace", "cluster", "node", "host", "region", "zone",
    "availability_zone", "endpoint", "prometheus",
];

pub(super) fn level(
    series: &str,
    statistic: Statistic,
    scope: &Scope<'_>,
) -> Result<Level, PlanError> {
    let gauge = scope.select(series)?;
    let (over_time, across) = match statistic {
        Statistic::Usual | Statistic::Average => (OverTime::Average, Across::Average),
        Statistic::Maximum => (OverTime::Maximum, Across::Maximum),
        Statistic::Minimum => (OverTime::Minimum, Across::Minimum),
        Statistic::Sum => (OverTime::Average, Across::Sum),
        Statistic::Quantile(quantile) => (OverTime::Quantile(quantile), Across::Average),
    };
    let parts_of = scope.catalog.labels(series).and_then(|labels| {
        let telling = |label: &str| {
            IDENTITY_LABELS.contains(&label)
                || [Dimension::Service, Dimension::Version, Dimension::Environment].iter().any(
                    |dimension| {
                        dimension.label(labels, scope.filters, scope.catalog) == Some(label)
                    },
                )
                || scope.catalog.service_label(labels) == Some(label)
        };
        let parted = labels.iter().any(|(label, values)| values.len() > 1 && !telling(label));
        instance_label(labels).filter(|_| parted).map(str::to_owned)
    });
    Ok(Level { gauge, over_time, across, parts_of })
}

/// The level held against the limit that is recorded beside it.
pub(super) fn share_of_limit(
    entry: &Key,
    family: &Family,
    chosen: &Chosen,
    scope: &Scope<'_>,
) -> Option<Chosen> {
    let Recipe::Level(used) = &chosen.recipe else { return None };
    let limit = rank(entry.limit.as_ref()?, scope.catalog)
        .filter(|limit| limit.name != family.name && same_subject(limit, family))
        .filter(|limit| limit.scale == family.scale)
        .find_map(|limit| {
            let series = limit.main_series()?;
            let same_groups = scope.group(series).ok()? == chosen.by;
            let level = level(series, Statistic::Usual, scope).ok()?;
            same_groups.then_some(Level { across: used.across, ..level })
        })?;
    Some(Chosen {
        recipe: Recipe::Share { used: used.clone(), limit },
        title: chosen.title.replace("usage", "utilization"),
        factor: 1.0,
        unit: Unit::Ratio,
        note: None,
        ..chosen.clone()
    })
}

/// What is used, from what is left and the limit.
pub(super) fn not_left(
    entry: &Key,
    left: &Feature,
    asked: &Asked,
    scope: &Scope<'_>,
) -> Option<Chosen> {
    let limit = entry.limit.as_ref()?;
    rank(left, scope.catalog).find_map(|family| {
        let series = family.main_series()?;
        // The most is used when the least is left.
        let statistic = match asked.statistic {
            Statistic::Maximum => Statistic::Minimum,
            Statistic::Minimum => Statistic::Maximum,
            other => other,
        };
        let left = level(series, statistic, scope).ok()?;
        let by_labels = scope.group(series).ok()?;
        rank(limit, scope.catalog)
            .filter(|limit| limit.name != family.name && same_subject(limit, family))
            .find_map(|limit| {
                let limit_series = limit.main_series()?;
                let limit = level(limit_series, Statistic::Usual, scope).ok()?;
                let same = scope.group(limit_series).ok()? == by_labels;
                same.then(|| Chosen {
                    key: asked.key.clone(),
                    title: titled(asked),
                    metric: series.to_owned(),
                    recipe: Recipe::NotLeft { left: left.clone(), limit },
                    factor: 1.0,
                    unit: Unit::Ratio,
                    per_second: false,
                    by: by_labels.clone(),
                    note: None,
                })
            })
    })
}

/// Metrics of one exporter begin with the same word; a container's limit says nothing of a heap.
fn same_subject(one: &Family, other: &Family) -> bool {
    one.name_words.first() == other.name_words.first()
}
