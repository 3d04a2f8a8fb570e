//! Chooses the metric and the recipe for what was asked.

use model::Unit;

use super::{
    distribution::{distribution, quantile_name},
    errors::{StatusFilter, errors},
    feature::{Key, REQUESTS, Title, answerable, by_key},
    filter::Scope,
    level::{level, not_left, share_of_limit},
    rank::{rank, rank_phrase},
    recipe::{Extreme, Recipe},
};
use crate::{
    PlanError,
    catalog::{Family, Kind, Scale},
    promql::Matcher,
};

/// Which number of a metric is meant.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) enum Statistic {
    /// What is usual for the metric.
    #[default]
    Usual,
    Average,
    Maximum,
    Minimum,
    /// Added up over instances; of a counter, the number of events.
    Sum,
    Quantile(f64),
}

/// A metric as it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    /// A canonical key, or a phrase.
    pub(crate) key: String,
    pub(crate) statistic: Statistic,
    /// The value must be a share: it is held against a percentage.
    pub(crate) as_share: bool,
}

/// A way to measure what was asked, with what the catalog has.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chosen {
    /// `error_rate`, `latency_p95`, `cpu_usage`, …
    pub(crate) key: String,
    /// `p95 latency`, `CPU usage`, …
    pub(crate) title: String,
    /// The family that it comes from.
    pub(crate) metric: String,
    pub(crate) recipe: Recipe,
    pub(crate) factor: f64,
    pub(crate) unit: Unit,
    /// The value is so many of the unit each second.
    pub(crate) per_second: bool,
    pub(crate) by: Vec<String>,
    /// What the person should know about the choice.
    pub(crate) note: Option<String>,
}

impl Chosen {
    pub(crate) fn expression(&self, window_s: i64) -> String {
        self.recipe.expression(&self.by, window_s, self.factor)
    }
}

/// The best metric of the catalog for what was asked that has what the filters need.
pub(crate) fn choose(asked: &Asked, scope: &Scope<'_>) -> Result<Chosen, PlanError> {
    match asked.key.as_str() {
        "error_rate" | "availability" => {
            let parts = errors(&StatusFilter::default(), scope)?;
            Ok(parts.ratio(asked.key == "availability"))
        }
        "request_rate" => requests(asked, scope),
        key => match by_key(key) {
            Some(entry) => of_key(entry, asked, scope),
            None => {
                let families = rank_phrase(key, scope.catalog);
                first_that_can(asked, families, scope, |family| one_family(family, asked, scope))
            }
        },
    }
}

/// The number of requests, for the counts beside a rate.
pub(crate) fn requests_in_total(scope: &Scope<'_>) -> Result<Chosen, PlanError> {
    let asked =
        Asked { key: "request_rate".to_owned(), statistic: Statistic::Sum, as_share: false };
    requests(&asked, scope)
}

fn requests(asked: &Asked, scope: &Scope<'_>) -> Result<Chosen, PlanError> {
    first_that_can(asked, rank(&REQUESTS, scope.catalog), scope, |family| {
        let series = family.count_series().ok_or_else(|| unknown(asked, scope))?;
        counter(family, series, Scale::base(Unit::Count), asked, scope)
    })
}

fn of_key(entry: &Key, asked: &Asked, scope: &Scope<'_>) -> Result<Chosen, PlanError> {
    let used = first_that_can(asked, rank(&entry.used, scope.catalog), scope, |family| {
        let chosen = one_family(family, asked, scope)?;
        if !asked.as_share || chosen.unit == Unit::Ratio {
            return Ok(chosen);
        }
        match share_of_limit(entry, family, &chosen, scope) {
            Some(share) => Ok(share),
            None => Ok(chosen),
        }
    });
    match used {
        Err(error) => match &entry.left {
            Some(left) => not_left(entry, left, asked, scope).ok_or(error),
            None => Err(error),
        },
        found => found,
    }
}

/// Tries the families in order; when none can, the first one's reason is the best.
fn first_that_can<'a>(
    asked: &Asked,
    families: impl Iterator<Item = &'a Family>,
    scope: &Scope<'_>,
    attempt: impl Fn(&'a Family) -> Result<Chosen, PlanError>,
) -> Result<Chosen, PlanError> {
    let mut first_error = None;
    for family in families {
        match attempt(family) {
            Ok(chosen) => return Ok(chosen),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    Err(first_error.unwrap_or_else(|| unknown(asked, scope)))
}

pub(super) fn unknown(asked: &Asked, scope: &Scope<'_>) -> PlanError {
    PlanError::UnknownMetric {
        asked: Title::of(&asked.key).0,
        nearest: scope.catalog.nearest_metrics(&asked.key),
        answerable: answerable(scope.catalog),
    }
}

/// The recipe of one family by its kind.
fn one_family(family: &Family, asked: &Asked, scope: &Scope<'_>) -> Result<Chosen, PlanError> {
    let missing = || unknown(asked, scope);
    match family.kind {
        Kind::Counter => {
            let series = family.main_series().ok_or_else(missing)?;
            counter(family, series, family.scale, asked, scope)
        }
        Kind::Gauge => {
            let series = family.main_series().ok_or_else(missing)?;
            gauge(family, series, asked, scope)
        }
        Kind::Histogram | Kind::NativeHistogram | Kind::Summary => {
            distribution(family, asked, scope)
        }
    }
}

fn counter(
    family: &Family,
    series: &str,
    scale: Scale,
    asked: &Asked,
    scope: &Scope<'_>,
) -> Result<Chosen, PlanError> {
    let mut counter = scope.select(series)?;
    let labels = scope.catalog.labels(series);
    let idles = labels
        .and_then(|labels| labels.get("mode"))
        .is_some_and(|modes| modes.iter().any(|mode| mode == "idle"));
    let (recipe, unit, per_second) = match asked.statistic {
        _ if idles => {
            counter = counter.with(Matcher::equal("mode", "idle"));
            (Recipe::NotIdle { idle: counter }, Unit::Ratio, false)
        }
        Statistic::Sum => (Recipe::Increase { counter }, scale.unit, false),
        _ if asked.key == "restart_count" => (Recipe::Increase { counter }, scale.unit, false),
        statistic => {
            let extreme = match statistic {
                Statistic::Maximum => Extreme::Highest,
                Statistic::Minimum => Extreme::Lowest,
                _ => Extreme::Whole,
            };
            let (unit, per_second) = match scale.unit {
                Unit::Seconds if family.name_words.iter().any(|word| word == "cpu") => {
                    (Unit::Cores, false)
                }
                Unit::Seconds => (Unit::Ratio, false),
                Unit::Bytes => (Unit::Bytes, true),
                _ => (Unit::PerSecond, false),
            };
            (Recipe::Rate { counter, extreme }, unit, per_second)
        }
    };
    Ok(Chosen {
        key: asked.key.clone(),
        title: titled(asked),
        metric: series.to_owned(),
        recipe,
        factor: scale.factor,
        unit,
        per_second,
        by: scope.group(series)?,
        note: None,
    })
}

fn gauge(
    family: &Family,
    series: &str,
    asked: &Asked,
    scope: &Scope<'_>,
) -> Result<Chosen, PlanError> {
    let level = level(series, asked.statistic, scope)?;
    // A usage without a unit is a share from 0 to 1 by convention of the exporters that do so.
    let assumed = family.scale.unit == Unit::None && asked.key == "cpu_usage";
    let unit = if assumed { Unit::Ratio } else { family.scale.unit };
    Ok(Chosen {
        key: asked.key.clone(),
        title: titled(asked),
        metric: series.to_owned(),
        recipe: Recipe::Level(level),
        factor: family.scale.factor,
        unit,
        per_second: false,
        by: scope.group(series)?,
        note: assumed.then(|| {
            format!("`{series}` does not say its unit; it is read as a share from 0 to 1.")
        }),
    })
}

pub(super) fn titled(asked: &Asked) -> String {
    let title = Title::of(&asked.key).0;
    match asked.statistic {
        Statistic::Usual => title,
        Statistic::Average => format!("average {title}"),
        Statistic::Maximum => format!("maximum {title}"),
        Statistic::Minimum => format!("minimum {title}"),
        Statistic::Sum if asked.key == "request_rate" => "requests".to_owned(),
        Statistic::Sum => format!("total {title}"),
        Statistic::Quantile(quantile) => format!("{} {title}", quantile_name(quantile)),
    }
}
