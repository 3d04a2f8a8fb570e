//! Errors: the share of failed requests, the counts behind it, and what they are made of.

use model::Unit;

use super::{
    Plan, Role, Shape,
    draft::{Described, Draft, capitalised},
    request::Request,
    value::{limited, ranked},
};
use crate::{
    PlanError,
    metric::{Dimension, ErrorParts, errors, increase_of},
};

/// How many routes a breakdown names.
const TOP_ROUTES: u32 = 10;

pub(super) fn plan(mut request: Request<'_>) -> Result<Plan, PlanError> {
    request.need_service()?;
    let several = request.filters.services.len() > 1;
    let by: &[Dimension] = if request.is_wide() || several { &[Dimension::Service] } else { &[] };
    let status = request.status.clone().unwrap_or_default();
    let failed = match &request.status {
        Some(status) => format!("{} responses", status.name()),
        None => "failed requests".to_owned(),
    };
    let parts = errors(&status, &request.scope(by))?;
    let mut ratio = parts.ratio(false);
    if request.status.is_some() {
        ratio.title = format!("share of {failed}");
    }
    let period = request.period(request.settings.default_range_s);
    let mut draft = Draft::new(request, period);
    let period = draft.period.clone();
    let window_s = period.length_s();

    let query = ratio.expression(window_s);
    let explanation = draft.explain(&ratio, &period);
    let limit = limited(&mut draft, &ratio)?;
    let query = ranked(&draft, query, limit, !by.is_empty());
    draft.push(Described::of(Role::Value, &ratio), query, period.at_end(), explanation)?;

    for (role, title, selector) in [
        (Role::Failures, failed.as_str(), &parts.failures),
        (Role::Total, "requests", &parts.total),
    ] {
        let query = increase_of(selector, &parts.by, window_s);
        let explanation = format!("Number of {title}, from `{}`", selector.metric);
        draft.push(
            Described::count(role, title, &parts.by),
            query,
            period.at_end(),
            explanation,
        )?;
    }
    if by.is_empty() {
        breakdowns(&mut draft, &parts, &failed)?;
        draft.baseline(&ratio, &period)?;
    }
    draft.series(&ratio, &period)?;
    Ok(draft.finish(Shape::Errors))
}

fn breakdowns(draft: &mut Draft<'_>, parts: &ErrorParts, failed: &str) -> Result<(), PlanError> {
    let period = draft.period.clone();
    let labels = [("status", &parts.status_label), ("route", &parts.route_label)];
    for (what, label) in labels {
        let Some(label) = label else { continue };
        let by = [label.clone()];
        let counts = increase_of(&parts.failures, &by, period.length_s());
        let query = format!("topk({TOP_ROUTES}, {counts})");
        let explanation = format!("{} by {what}, from `{}`", capitalised(failed), parts.metric);
        let described = Described {
            role: Role::Breakdown { what },
            metric: "failures",
            title: failed,
            by: &by,
            unit: Unit::Count,
            per_second: false,
        };
        draft.push(described, query, period.at_end(), explanation)?;
    }
    Ok(())
}
