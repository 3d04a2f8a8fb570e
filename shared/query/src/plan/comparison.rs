//! Comparisons: services, versions, environments or periods side by side.

use super::{ComparedBy, Plan, Role, Shape, draft::Draft, request::Request};
use crate::{
    PlanError,
    metric::{Asked, Dimension, Statistic, Title, choose},
};

/// What is compared when the question names no metric.
const USUAL_METRICS: [&str; 4] = ["error_rate", "latency", "request_rate", "cpu_usage"];

pub(super) fn plan(request: Request<'_>) -> Result<Plan, PlanError> {
    let rows = told_apart_by(&request);
    let periods = request.second_period().is_some() || rows.is_empty();
    let by = match (rows.is_empty(), request.filters.services.is_empty()) {
        // Two periods of nothing in particular: every service in both.
        (true, true) => vec![Dimension::Service],
        _ => rows,
    };
    let named = !request.metrics.is_empty();
    let asked = if named { request.metrics.clone() } else { usual_metrics() };
    let period = request.period(request.settings.default_range_s);
    let mut draft = Draft::new(request, period);
    let period = draft.period.clone();
    if periods {
        let second = draft.request.second_period();
        draft.baseline = Some(second.unwrap_or_else(|| period.before()));
    }

    let mut first_error = None;
    let mut missing = Vec::new();
    let mut charted = None;
    for metric in asked {
        match choose(&metric, &draft.request.scope(&by)) {
            Ok(chosen) => {
                draft.value(Role::Value, &chosen, &period)?;
                if let Some(baseline) = draft.baseline.clone() {
                    draft.value(Role::Baseline, &chosen, &baseline)?;
                }
                if let Some(note) = &chosen.note {
                    draft.note(note.clone());
                }
                charted = charted.or(Some(chosen));
            }
            Err(error) if named => return Err(error),
            Err(error) => {
                missing.push(Title::of(&metric.key).0);
                first_error = first_error.or(Some(error));
            }
        }
    }
    if let (true, Some(error)) = (draft.is_empty(), first_error) {
        return Err(error);
    }
    if !missing.is_empty() {
        draft.note(format!("Not recorded here: {}.", missing.join(", ")));
    }
    if let Some(chosen) = charted {
        draft.series(&chosen, &period)?;
    }
    let compared = if periods { ComparedBy::Periods } else { ComparedBy::Rows };
    Ok(draft.finish(Shape::Comparison(compared)))
}

/// The dimensions of which the question names several.
fn told_apart_by(request: &Request<'_>) -> Vec<Dimension> {
    let filters = &request.filters;
    let mut by: Vec<Dimension> = [
        (Dimension::Service, filters.services.len()),
        (Dimension::Version, filters.versions.len()),
        (Dimension::Environment, filters.environments.len()),
    ]
    .into_iter()
    .filter(|(_, named)| *named > 1)
    .map(|(dimension, _)| dimension)
    .collect();
    if by.is_empty() && request.is_wide() && request.second_period().is_none() {
        by.push(Dimension::Service);
    }
    by
}

fn usual_metrics() -> Vec<Asked> {
    let usual =
        |key: &&str| Asked { key: (*key).to_owned(), statistic: Statistic::Usual, as_share: false };
    USUAL_METRICS.iter().map(usual).collect()
}
