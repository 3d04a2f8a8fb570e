//! The value of a metric: of one service, or of all of them side by side.

use model::Unit;

use super::{
    Limit, Plan, Role, Shape,
    draft::{Described, Draft},
    request::{Request, Threshold},
};
use crate::{
    PlanError,
    metric::{Asked, Chosen, Dimension, Recipe, Statistic, answerable, choose, requests_in_total},
    promql::symbol,
};

pub(super) fn plan(mut request: Request<'_>) -> Result<Plan, PlanError> {
    let Some(asked) = request.metrics.first().cloned() else {
        return Err(PlanError::MissingMetric { candidates: answerable(request.catalog) });
    };
    let by = told_apart_by(&mut request, &asked)?;
    let chosen = choose(&asked, &request.scope(&by))?;
    let period = request.period(request.settings.now_window_s);
    let mut draft = Draft::new(request, period);
    let period = draft.period.clone();
    draft.request.notes.extend(chosen.note.clone());

    let limit = limited(&mut draft, &chosen)?;
    let query = ranked(&draft, chosen.expression(period.length_s()), limit, !by.is_empty());
    let explanation = draft.explain(&chosen, &period);
    draft.push(Described::of(Role::Value, &chosen), query, period.at_end(), explanation)?;

    if by.is_empty() {
        let further = further(&mut draft);
        let beside = if draft.request.metrics.len() > 1 {
            further
        } else {
            companions(&asked, &chosen, &draft.request)
        };
        for companion in beside {
            let role = if companion.unit == Unit::Count { Role::Total } else { Role::Companion };
            draft.value(role, &companion, &period)?;
        }
        if !period.assumed {
            draft.baseline(&chosen, &period)?;
        }
    }
    // The chart shows how the usual number went, also where the question is about its maximum.
    let charted = Asked { statistic: for_chart(asked.statistic), ..asked.clone() };
    let charted = choose(&charted, &draft.request.scope(&by))?;
    draft.series(&charted, &period)?;
    Ok(draft.finish(Shape::Value))
}

/// What the rows are told apart by: nothing for one service; services when the question is about
/// many; routes for the top of one service; instances where the metric knows no services.
fn told_apart_by(request: &mut Request<'_>, asked: &Asked) -> Result<Vec<Dimension>, PlanError> {
    let can = |request: &Request<'_>, by: &[Dimension]| choose(asked, &request.scope(by)).is_ok();
    if !request.filters.services.is_empty() {
        let candidates: &[Dimension] = match (request.ranking, request.filters.services.len()) {
            (_, 2..) => &[Dimension::Service],
            (Some(_), _) => &[Dimension::Route, Dimension::Instance],
            (None, _) => &[],
        };
        let found = candidates.iter().find(|dimension| can(request, &[**dimension]));
        return Ok(found.copied().into_iter().collect());
    }
    if can(request, &[Dimension::Service]) {
        let narrowed = request.filters.path.is_some();
        if !narrowed {
            request.need_service()?;
        }
        let one = !request.filters.services.is_empty();
        return Ok(if one { Vec::new() } else { vec![Dimension::Service] });
    }
    let by_instance = can(request, &[Dimension::Instance]);
    Ok(if by_instance { vec![Dimension::Instance] } else { Vec::new() })
}

/// The other metrics, or statistics of the metric, that the question names.
fn further(draft: &mut Draft<'_>) -> Vec<Chosen> {
    let asked: Vec<Asked> = draft.request.metrics.iter().skip(1).cloned().collect();
    let mut found = Vec::new();
    for asked in asked {
        match choose(&asked, &draft.request.scope(&[])) {
            Ok(chosen) => found.push(chosen),
            Err(error) => draft.note(error.to_string()),
        }
    }
    found
}

/// Further numbers that belong beside the one that was asked for.
fn companions(asked: &Asked, chosen: &Chosen, request: &Request<'_>) -> Vec<Chosen> {
    let scope = request.scope(&[]);
    let other = |statistic, as_share| {
        let other = Asked { statistic, as_share, ..asked.clone() };
        choose(&other, &scope).ok().filter(|other| other.recipe != chosen.recipe)
    };
    let usual = asked.statistic == Statistic::Usual;
    match &chosen.recipe {
        Recipe::Quantile { .. } if usual => [0.5, 0.99]
            .into_iter()
            .filter_map(|quantile| other(Statistic::Quantile(quantile), false))
            .collect(),
        Recipe::Level(_) | Recipe::Share { .. } if usual => {
            let share = chosen.unit == Unit::Bytes && !asked.as_share;
            let of_limit = share
                .then(|| other(Statistic::Usual, true))
                .flatten()
                .filter(|it| it.unit == Unit::Ratio);
            let same_unit = |it: &Chosen| it.unit == chosen.unit;
            let maximum = other(Statistic::Maximum, asked.as_share).filter(same_unit);
            maximum.into_iter().chain(of_limit).collect()
        }
        Recipe::Rate { .. } if usual && asked.key == "request_rate" => {
            requests_in_total(&scope).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn for_chart(statistic: Statistic) -> Statistic {
    match statistic {
        Statistic::Maximum | Statistic::Minimum | Statistic::Sum => Statistic::Usual,
        other => other,
    }
}

/// The threshold in the unit of the value.
pub(super) fn limited(draft: &mut Draft<'_>, chosen: &Chosen) -> Result<Option<Limit>, PlanError> {
    let Some(threshold) = draft.request.threshold else { return Ok(None) };
    let value = in_unit_of(chosen, threshold, draft)?;
    let limit = Limit { comparison: threshold.comparison, value };
    draft.limit = Some(limit);
    Ok(Some(limit))
}

fn in_unit_of(
    chosen: &Chosen,
    threshold: Threshold,
    draft: &mut Draft<'_>,
) -> Result<f64, PlanError> {
    let Threshold { value, unit, .. } = threshold;
    match (unit, chosen.unit) {
        (asked, own) if asked == own => Ok(value),
        (Unit::Count | Unit::None, Unit::Ratio) if value > 1.0 => {
            draft.note(format!("I read {value} as {value} %."));
            Ok(value / 100.0)
        }
        (Unit::Count | Unit::None, Unit::Seconds) => Err(PlanError::Unsupported(format!(
            "Is that {value} milliseconds or {value} seconds? {} is measured in time.",
            chosen.title
        ))),
        (Unit::Count | Unit::None | Unit::PerSecond, _) | (_, Unit::None) => Ok(value),
        (Unit::Ratio, Unit::Cores) => {
            draft.note(format!(
                "`{}` is in CPU cores and no limit is recorded, so the share is read as that \
                 part of one core.",
                chosen.metric
            ));
            Ok(value)
        }
        (asked, own) => Err(PlanError::Unsupported(format!(
            "{} is measured in {}, which cannot be held against {}.",
            chosen.title,
            own.name().replace('_', " "),
            asked.name().replace('_', " ")
        ))),
    }
}

/// The expression with the threshold and the ranking around it, where there are rows to pick from.
pub(super) fn ranked(draft: &Draft<'_>, query: String, limit: Option<Limit>, rows: bool) -> String {
    if !rows {
        return query;
    }
    let query = match limit {
        Some(limit) => format!("{query} {} {}", symbol(limit.comparison), limit.value),
        None => query,
    };
    match draft.request.ranking {
        Some(ranking) => format!("{}({}, {query})", ranking.operator, ranking.count),
        None => query,
    }
}
