//! Deployments: which versions run, and when that changed, from metrics that carry a version.

use super::{
    Plan, Role, Shape,
    draft::{Described, Draft},
    request::Request,
};
use crate::{
    Catalog, PlanError,
    catalog::{Family, Kind},
    metric::{Dimension, Scope},
};

/// Points of the history: a change is known to within one of their steps.
const HISTORY_POINTS: i64 = 720;
/// Words of metrics that exist to say what is running.
const INFO_WORDS: [&str; 5] = ["info", "build", "version", "release", "deployment"];

pub(super) fn plan(request: Request<'_>) -> Result<Plan, PlanError> {
    let by = [Dimension::Service, Dimension::Version];
    let period = request.period(request.settings.deployments_range_s);
    let Versions { expression, labels, metric, counted } = versions(&request.scope(&by))?;
    let mut draft = Draft::new(request, period);
    let period = draft.period.clone();
    let subject = draft.request.subject().name();
    let described =
        |role| Described { metric: "version", ..Described::count(role, counted, &labels) };
    draft.push(
        described(Role::Value),
        expression.clone(),
        period.at_end(),
        format!("Versions of {subject} that run at the end of the period, from `{metric}`"),
    )?;
    let history = period.in_steps(HISTORY_POINTS);
    draft.push(
        described(Role::Series),
        expression,
        history,
        format!("Versions of {subject} over time, from `{metric}`"),
    )?;
    Ok(draft.finish(Shape::Deployments))
}

/// The versions that a metric tells of.
struct Versions {
    expression: String,
    labels: Vec<String>,
    metric: String,
    /// What the values of the expression are a number of.
    counted: &'static str,
}

/// Versions by service, from the metric that is made for it, or else from any that has them.
fn versions(scope: &Scope<'_>) -> Result<Versions, PlanError> {
    let mut candidates: Vec<(usize, &Family)> =
        scope.catalog.families().iter().map(|family| (usize::MAX - fit(family), family)).collect();
    candidates.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.name.cmp(&b.1.name)));
    let mut first_error = None;
    for (_, family) in candidates {
        let Some(series) = family.main_series() else { continue };
        let labels = match scope.group(series) {
            Ok(labels) => labels,
            // A metric without a version says nothing; that it says nothing is not worth telling.
            Err(_) => continue,
        };
        match scope.select(series) {
            Ok(selector) => {
                let expression = format!("count by ({}) ({selector})", labels.join(", "));
                // Of other metrics an instance has several series.
                let counted = if family.kind == Kind::Gauge { "instances" } else { "series" };
                return Ok(Versions { expression, labels, metric: series.to_owned(), counted });
            }
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    Err(first_error.unwrap_or_else(|| no_versions(scope.catalog)))
}

/// How well a family tells what runs: one made for it, else any that is always there.
fn fit(family: &Family) -> usize {
    let named = family.name_words.iter().filter(|word| INFO_WORDS.contains(&word.as_str())).count();
    let gauge = usize::from(family.kind == Kind::Gauge);
    let histogram = usize::from(!matches!(family.kind, Kind::Gauge | Kind::Counter));
    // Fewer series are cheaper to count.
    (4 * named + 2 * gauge + 1).saturating_sub(histogram)
}

fn no_versions(catalog: &Catalog) -> PlanError {
    PlanError::UnknownMetric {
        asked: "deployed versions".to_owned(),
        nearest: catalog.nearest_metrics("build_info"),
        answerable: Vec::new(),
    }
}
