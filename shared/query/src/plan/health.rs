//! Health: whether the targets are up, and the usual signals, of one service or of all.

use model::Unit;

use super::{
    Plan, Role, Shape,
    draft::{Described, Draft},
    request::Request,
};
use crate::{
    Catalog, PlanError,
    catalog::Kind,
    metric::{Asked, Dimension, Statistic, Title, choose, requests_in_total, targets_of},
    promql::Selector,
};

/// The signals, in the order they are told.
const SIGNALS: [&str; 5] = ["error_rate", "latency", "request_rate", "cpu_usage", "memory_usage"];
/// How long ago a target may last have been seen to count as one.
const TARGET_WINDOW_S: i64 = 3_600;
/// Labels by which a target and its series are brought together.
const TARGET_LABELS: [&str; 2] = ["job", "instance"];

pub(super) fn plan(request: Request<'_>) -> Result<Plan, PlanError> {
    let one = request.filters.services.len() == 1;
    let by: &[Dimension] = if one { &[] } else { &[Dimension::Service] };
    let period = request.period(request.settings.now_window_s);
    let mut draft = Draft::new(request, period);
    let period = draft.period.clone();
    let mut first_error = None;
    let mut missing = Vec::new();
    let mut charted = None;
    for key in SIGNALS {
        let asked = Asked {
            key: key.to_owned(),
            statistic: Statistic::Usual,
            as_share: key == "memory_usage",
        };
        match choose(&asked, &draft.request.scope(by)) {
            Ok(chosen) => {
                draft.value(Role::Value, &chosen, &period)?;
                if let Some(note) = &chosen.note {
                    draft.note(note.clone());
                }
                charted = charted.or(Some(chosen));
            }
            Err(error) => {
                missing.push(Title::of(key).0);
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
    if one {
        targets(&mut draft)?;
    }
    if let Ok(total) = requests_in_total(&draft.request.scope(by)) {
        draft.value(Role::Total, &total, &period)?;
    }
    if let Some(chosen) = charted {
        draft.series(&chosen, &period)?;
    }
    Ok(draft.finish(Shape::Health))
}

/// How many scrape targets of the service are up.
fn targets(draft: &mut Draft<'_>) -> Result<(), PlanError> {
    let Some(up) = up_targets(&draft.request) else {
        draft.note("Whether its targets are up is not recorded for this service.");
        return Ok(());
    };
    let evaluation = draft.period.at_end();
    for (role, operator, title) in
        [(Role::Up, "sum", "targets up"), (Role::Targets, "count", "targets")]
    {
        let described =
            Described { role, metric: "up", title, by: &[], unit: Unit::Count, per_second: false };
        let explanation = format!("Number of scrape {title}, from `up`");
        draft.push(described, format!("{operator}({up})"), evaluation, explanation)?;
    }
    Ok(())
}

/// The `up` series of the service's targets: by their own label, or as the targets that expose one
/// of the service's series.
fn up_targets(request: &Request<'_>) -> Option<String> {
    let catalog = request.catalog;
    // Prometheus makes this series itself for every target; a metric that merely holds the word is
    // something else.
    let up = catalog.families().iter().find(|family| {
        family.kind == Kind::Gauge && family.name_words.len() == 1 && family.name_words[0] == "up"
    })?;
    let scope = request.scope(&[]);
    let unversioned = crate::metric::Filters { versions: Vec::new(), ..scope.filters.clone() };
    if let Ok(selector) = unversioned.select(&up.name, &[], catalog) {
        return Some(selector.to_string());
    }
    let bare = Selector::new(&up.name, Vec::new());
    catalog.families().iter().find_map(|family| {
        let series = family.main_series().filter(|series| *series != up.name)?;
        catalog.service_label(catalog.labels(series)?)?;
        let exposed = scope.filters.select(series, &[], catalog).ok()?;
        let on = shared_labels(&up.name, series, catalog);
        (!on.is_empty()).then(|| targets_of(&bare, &exposed, &on, TARGET_WINDOW_S))
    })
}

/// The target labels in which two series have values in common.
fn shared_labels(one: &str, other: &str, catalog: &Catalog) -> Vec<String> {
    let (Some(one), Some(other)) = (catalog.labels(one), catalog.labels(other)) else {
        return Vec::new();
    };
    TARGET_LABELS
        .into_iter()
        .filter(|label| match (one.get(*label), other.get(*label)) {
            (Some(left), Some(right)) => left.iter().any(|value| right.contains(value)),
            _ => false,
        })
        .map(str::to_owned)
        .collect()
}
