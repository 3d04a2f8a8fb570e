//! Trends: a value over time, with where it began and where it ended.

use super::{Period, Plan, Role, Shape, draft::Draft, request::Request};
use crate::{
    PlanError,
    metric::{Asked, Dimension, Statistic, answerable, choose},
};

/// The beginning and the end of a trend are each this part of its period.
const EDGE_PART: i64 = 12;
/// An edge is at least so long, so that a rate has samples.
const MIN_EDGE_S: i64 = 300;

pub(super) fn plan(request: Request<'_>) -> Result<Plan, PlanError> {
    let asked = match (request.metrics.first(), &request.status) {
        (Some(asked), _) => asked.clone(),
        // "How have 5xx developed" names a status and means its share.
        (None, Some(_)) => {
            Asked { key: "error_rate".to_owned(), statistic: Statistic::Usual, as_share: false }
        }
        (None, None) => {
            return Err(PlanError::MissingMetric { candidates: answerable(request.catalog) });
        }
    };
    let one = request.filters.services.len() == 1;
    let by: &[Dimension] = if one { &[] } else { &[Dimension::Service] };
    let by = match choose(&asked, &request.scope(by)) {
        Err(PlanError::NoLabel { .. }) if request.filters.services.is_empty() => &[],
        _ => by,
    };
    let chosen = choose(&asked, &request.scope(by))?;
    let period = request.period(request.settings.trend_range_s);
    let mut draft = Draft::new(request, period);
    let period = draft.period.clone();
    draft.request.notes.extend(chosen.note.clone());

    draft.value(Role::Value, &chosen, &period)?;
    let edge_s = (period.length_s() / EDGE_PART).max(MIN_EDGE_S).min(period.length_s());
    let last = Period { relative: None, ..Period::assumed(edge_s, period.end) };
    let first_end = period.start.as_second() + edge_s;
    let first_end = jiff::Timestamp::from_second(first_end).unwrap_or(period.end);
    let first = Period::assumed(edge_s, first_end);
    draft.value(Role::First, &chosen, &first)?;
    draft.value(Role::Last, &chosen, &last)?;
    draft.series(&chosen, &period)?;
    Ok(draft.finish(Shape::Trend))
}
