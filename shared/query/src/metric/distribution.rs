//! Distributions: quantiles and means of histograms and summaries.

use super::{
    choose::{Asked, Chosen, Statistic, unknown},
    feature::Title,
    filter::Scope,
    recipe::{Across, Extreme, Level, OverTime, Recipe},
};
use crate::{
    PlanError,
    catalog::{Family, Kind},
    promql::Matcher,
};

/// The quantile of a latency when none is named: the one that SLOs are written for.
const USUAL_QUANTILE: f64 = 0.95;

/// A recipe, what it yields (`p95`, `avg`), and what should be known about it.
struct Found {
    recipe: Recipe,
    what: String,
    note: Option<String>,
}

/// The quantile or the mean of a distribution, whichever was asked for and it can tell.
pub(super) fn distribution(
    family: &Family,
    asked: &Asked,
    scope: &Scope<'_>,
) -> Result<Chosen, PlanError> {
    let main = family.main_series().ok_or_else(|| unknown(asked, scope))?;
    let quantile = match asked.statistic {
        Statistic::Usual | Statistic::Sum => Some(USUAL_QUANTILE),
        Statistic::Quantile(quantile) => Some(quantile),
        Statistic::Maximum => Some(1.0),
        Statistic::Minimum => Some(0.0),
        Statistic::Average => None,
    };
    let found = match (family.kind, quantile) {
        (Kind::Summary, Some(quantile)) => match recorded_quantile(family, quantile, scope)? {
            Some(found) => found,
            None => Found {
                note: Some(format!(
                    "`{}` records no such percentile (it has no buckets), so this is the mean.",
                    family.name
                )),
                ..mean(family, asked, scope)?
            },
        },
        (kind, Some(quantile)) => of_buckets(main, kind, quantile, scope)?,
        (_, None) => mean(family, asked, scope)?,
    };
    let title = Title::of(&asked.key).0;
    let title = match found.what.as_str() {
        "avg" => format!("average {title}"),
        "max" => format!("maximum {title}"),
        "min" => format!("minimum {title}"),
        quantile => format!("{quantile} {title}"),
    };
    Ok(Chosen {
        key: format!("{}_{}", asked.key, found.what),
        title,
        metric: family.name.clone(),
        recipe: found.recipe,
        factor: family.scale.factor,
        unit: family.scale.unit,
        per_second: false,
        by: scope.group(main)?,
        note: found.note,
    })
}

fn of_buckets(
    series: &str,
    kind: Kind,
    quantile: f64,
    scope: &Scope<'_>,
) -> Result<Found, PlanError> {
    let bound = match quantile {
        1.0 => Some("maximum only as the upper bound of the slowest bucket"),
        0.0 => Some("minimum only as the lower bound of the fastest bucket"),
        _ => None,
    };
    Ok(Found {
        recipe: Recipe::Quantile {
            series: scope.select(series)?,
            native: kind == Kind::NativeHistogram,
            quantile,
            extreme: Extreme::Whole,
        },
        what: quantile_name(quantile),
        note: bound.map(|bound| format!("A histogram knows the {bound}.")),
    })
}

fn mean(family: &Family, asked: &Asked, scope: &Scope<'_>) -> Result<Found, PlanError> {
    let recipe = if family.kind == Kind::NativeHistogram {
        let series = family.part("").ok_or_else(|| unknown(asked, scope))?;
        Recipe::NativeMean { series: scope.select(series)? }
    } else {
        let sum = family.part("_sum").ok_or_else(|| unknown(asked, scope))?;
        let count = family.part("_count").ok_or_else(|| unknown(asked, scope))?;
        Recipe::Mean { sum: scope.select(sum)?, count: scope.select(count)? }
    };
    Ok(Found { recipe, what: "avg".to_owned(), note: None })
}

/// The quantile that a summary records itself, if it records this one.
fn recorded_quantile(
    family: &Family,
    quantile: f64,
    scope: &Scope<'_>,
) -> Result<Option<Found>, PlanError> {
    let recorded = family.part("").and_then(|series| {
        let values = scope.catalog.labels(series)?.get("quantile")?;
        Some((series, values.iter().find(|value| value.parse() == Ok(quantile))?))
    });
    let Some((series, value)) = recorded else { return Ok(None) };
    Ok(Some(Found {
        recipe: Recipe::Level(Level {
            gauge: scope.select(series)?.with(Matcher::equal("quantile", value)),
            over_time: OverTime::Average,
            across: Across::Maximum,
            parts_of: None,
        }),
        what: quantile_name(quantile),
        note: Some("Each instance records its own quantile; the highest is shown.".to_owned()),
    }))
}

/// `p95`, `p99.9`; the ends are `min` and `max`.
pub(super) fn quantile_name(quantile: f64) -> String {
    if quantile >= 1.0 {
        return "max".to_owned();
    }
    if quantile <= 0.0 {
        return "min".to_owned();
    }
    format!("p{}", (quantile * 1e5).round() / 1e3)
}
