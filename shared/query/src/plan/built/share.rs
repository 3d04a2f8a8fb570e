//! Shares: one thing as a part of another.

use model::Unit;

use super::{
    draft::{Draft, source},
    level,
    measured::{Measured, Source},
    moment,
    other::plainly,
    part,
};
use crate::{
    catalog::{Family, Kind, OUTCOME_LABELS, Role, STATUS_LABELS, Scale},
    metric::{StatusFilter, status_matcher},
    plan::{
        ground::{Bound, Candidate, Filter, Ground},
        said::{DOWN, FAILING, PARTS, SCOPES, SUCCEEDING},
    },
    promql::{Matcher, Selector},
    wanted::{Form, Phrases},
};

/// The shares that a family may be a part of.
pub(super) fn drafts(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    drafts.extend(recorded(ground, candidate));
    drafts.extend(of_label(ground, candidate));
    drafts.extend(of_state(ground, candidate));
    drafts.extend(of_time(ground, candidate));
    drafts.extend(part::of_pairs(ground, candidate));
    drafts
}

/// A gauge that is a share already.
fn recorded(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    let family = candidate.family;
    if family.kind != Kind::Gauge || family.scale.unit != Unit::Ratio {
        return None;
    }
    let bound = ground.bind(family.main_series()?, &candidate.explains);
    let mut draft = level::level(ground, candidate, &bound)?;
    explain(
        ground,
        &mut draft,
        &[
            "used", "utilization", "utilisation", "utilized", "usage", "use", "busy", "full",
            "ratio", "share",
        ],
    );
    Some(draft.fitting(0.08))
}

/// The part of a counter whose label has a value, of all of it.
fn of_label(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    let family = candidate.family;
    let series = events_of(family)?;
    let mut bound = Bound::clone(&ground.bind(series, &candidate.explains));
    let words = &ground.wanted.words;
    let failing = words.has(FAILING);
    let succeeding = words.has(SUCCEEDING);
    let mut fit = 0.05;
    let counts_failures = family.plays(Role::Failed);
    let named = family.name_words.iter().zip(&family.word_roles).any(|(word, roles)| {
        roles.has(Role::Failed)
            && words.list.iter().any(|said| said.key == crate::vocabulary::stem(word))
    });
    if counts_failures && (failing || named) {
        // The metric is of failures alone; its whole is another one.
        return None;
    }
    if let Some(draft) = of_two_values(ground, candidate, &bound) {
        return Some(draft);
    }
    if part_filter(ground, &bound).is_none() {
        if !failing && !succeeding {
            return None;
        }
        let labels = ground.catalog.labels(series)?;
        let (label, matcher) = status_matcher(labels, &StatusFilter::default())?;
        let matcher = if failing { matcher } else { matcher.negated() };
        let said = if failing { FAILING } else { SUCCEEDING };
        let at: Vec<usize> = (0..words.len()).filter(|at| words.is(*at, said)).collect();
        for word in &at {
            bound.explains[*word] = 0.97;
        }
        let label = label.to_owned();
        bound.filters.push(Filter {
            label,
            matcher,
            values: Vec::new(),
            negated: false,
            words: at,
        });
        fit += 0.05;
    }
    let part_label = part_filter(ground, &bound)?.label.clone();
    let rate = |selector: Selector| {
        let source = Source { selector, join: bound.join.clone() };
        Box::new(rate_of(family, source))
    };
    // Where rows are told apart by the very label, each is a part of all of them.
    let part = rate(bound.selector());
    let whole = rate(bound.selector_without(&[&part_label]));
    let measured = Measured::Ratio { part, whole };
    let draft = Draft::new(measured, &bound, &candidate.explains, candidate.surplus);
    let fit = fit + plainly(family);
    Some(draft.scaled(Scale::base(Unit::Ratio)).called("share").fitting(fit))
}

/// "win rate": the share of what a value before "rate" says, where the value tells an outcome. Codes
/// are counted: a "404 rate" is so many a second.
pub(super) fn of_rate(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    const SURER: f32 = 0.05;
    let series = events_of(candidate.family)?;
    let bound = ground.bind(series, &candidate.explains);
    let rates = ground.wanted.words.places(&["rate", "rates"]);
    let outcome = bound.filters.iter().find(|filter| {
        let coded =
            filter.values.iter().any(|value| value.starts_with(|it: char| it.is_ascii_digit()));
        OUTCOME_LABELS.contains(&filter.label.as_str()) && !coded && !filter.negated
    })?;
    let named = outcome.words.iter().any(|word| rates.has(word + 1));
    if named { of_label(ground, candidate).map(|draft| draft.fitting(SURER)) } else { None }
}

/// The series that counts events; native histograms have but one series.
fn events_of(family: &Family) -> Option<&str> {
    let native = || family.main_series().filter(|_| family.kind == Kind::NativeHistogram);
    family.count_series().or_else(native)
}

fn rate_of(family: &Family, source: Source) -> Measured {
    match family.kind {
        Kind::NativeHistogram => Measured::NativeCounted { function: "rate", source },
        _ => Measured::Counted { function: "rate", source, added: true },
    }
}

/// "the ratio of rollbacks to commits": two values of one label.
fn of_two_values(ground: &Ground<'_>, candidate: &Candidate<'_>, bound: &Bound) -> Option<Draft> {
    let filter = bound.filters.iter().find(|filter| filter.values.len() == 2 && !filter.negated)?;
    let [one, other] = filter.values.as_slice() else { return None };
    let label = filter.label.as_str();
    let between = (filter.words.iter().min()? + 1)..*filter.words.iter().max()?;
    let held = between
        .into_iter()
        .any(|at| ground.wanted.words.is(at, &["to", "per", "versus", "vs", "against", "over"]));
    if !held {
        return None;
    }
    let rate = |value: &str| {
        let selector = bound.selector_without(&[label]).with(Matcher::equal(label, value));
        let source = Source { selector, join: bound.join.clone() };
        Box::new(Measured::Counted { function: "rate", source, added: true })
    };
    let measured = Measured::Ratio { part: rate(one), whole: rate(other) };
    let draft = Draft::new(measured, bound, &candidate.explains, candidate.surplus);
    Some(draft.scaled(Scale::base(Unit::Ratio)).called("ratio").fitting(0.1))
}

/// Whether a value says how something came out.
fn ends_in(value: &str) -> bool {
    let roles = crate::catalog::roles_of(&value.to_lowercase());
    [Role::Hit, Role::Miss, Role::Failed, Role::Succeeded]
        .into_iter()
        .any(|role| roles.is_only(role))
}

/// The filter that makes the part: one on how things ended, else the last one that was said.
fn part_filter<'b>(ground: &Ground<'_>, bound: &'b Bound) -> Option<&'b Filter> {
    let is_part = |filter: &&Filter| {
        let label = filter.label.as_str();
        STATUS_LABELS.contains(&label)
            || OUTCOME_LABELS.contains(&label)
            || PARTS.contains(&label)
            || PARTS.iter().any(|part| part.len() > 4 && label.ends_with(part))
            || filter.values.iter().any(|value| ends_in(value))
    };
    let by_label = bound.filters.iter().find(is_part);
    by_label.or_else(|| {
        let scope = |filter: &&Filter| {
            let labels = ground.catalog.labels(&bound.series);
            let service = labels.and_then(|labels| ground.catalog.service_label(labels));
            service == Some(filter.label.as_str()) || SCOPES.contains(&filter.label.as_str())
        };
        // "what share of orders came in by phone": the value is what the share is of.
        let mut said = bound.filters.iter().filter(|filter| !scope(filter));
        let only = said.next()?;
        said.next()
            .is_none()
            .then_some(only)
            .filter(|_| ground.wanted.form == Form::Share && comes_late(ground, only))
    })
}

/// Whether the value is said of the noun that the share is of: "share of orders by phone".
fn comes_late(ground: &Ground<'_>, filter: &Filter) -> bool {
    const SAYING: &[&str] = &[
        "by", "via", "through", "from", "with", "as", "being", "are", "is", "were", "was", "that",
        "because", "using", "came", "come", "comes", "without", "than", "go", "goes", "went",
        "use", "used", "carry", "carries", "have", "has", "ends", "end", "ended", "find", "finds",
    ];
    let words = &ground.wanted.words;
    let Some(first) = filter.words.first() else { return false };
    let mut before = *first;
    while before > 0 && words.is(before - 1, &["the", "a", "an", "of"]) {
        before -= 1;
    }
    before > 0 && words.is(before - 1, SAYING)
}

/// The part of a gauge that is in one state, of all states.
fn of_state(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    let family = candidate.family;
    if family.kind != Kind::Gauge || !level::is_additive(family) {
        return None;
    }
    let series = family.main_series()?;
    let bound = ground.bind(series, &candidate.explains);
    let labels = ground.catalog.labels(series)?;
    let (label, value) =
        ["state", "status", "phase", "mode", "type", "condition"].iter().find_map(|part| {
            labels.iter().find_map(|(label, values)| {
                if !(label == part || label.ends_with(&format!("_{part}"))) {
                    return None;
                }
                if let Some(filter) = bound.filters_on(label) {
                    return Some((label.clone(), filter.values.first()?.clone()));
                }
                let used = values.iter().find(|value| {
                    matches!(value.as_str(), "used" | "busy" | "active" | "inuse" | "in_use")
                });
                used.map(|used| (label.clone(), used.clone()))
            })
        })?;
    let free = labels[&label]
        .iter()
        .any(|value| matches!(value.as_str(), "free" | "idle" | "available" | "avail"));
    let filtered = bound.filters_on(&label).is_some();
    if !(free || filtered) {
        return None;
    }
    let part = match filtered {
        true => bound.selector(),
        false => bound.selector().with(Matcher::equal(&label, &value)),
    };
    let whole = bound.selector_without(&[&label]);
    let sum = |selector| {
        Box::new(Measured::Level {
            source: Source { selector, join: bound.join.clone() },
            across: Some("sum"),
        })
    };
    let measured = Measured::Ratio { part: sum(part), whole: sum(whole) };
    let mut draft = Draft::new(measured, &bound, &candidate.explains, candidate.surplus);
    if !filtered {
        explain(ground, &mut draft, &["used", "use", "usage", "utilization", "full", "busy"]);
    }
    Some(draft.scaled(Scale::base(Unit::Ratio)).called("share").fitting(0.03))
}

/// The part of the time that a state held: "availability over the last week", where a gauge is 1
/// while something answers.
fn of_time(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    const HELD: Phrases =
        &["availability", "available", "uptime", "up", "reachable", "time", "online", "connected"];
    let family = candidate.family;
    if family.kind != Kind::Gauge || !ground.wanted.has_window() {
        return None;
    }
    let bound = ground.bind(family.main_series()?, &candidate.explains);
    if !moment::is_state(family, &bound) {
        return None;
    }
    let held = Measured::OverTime {
        function: "avg_over_time",
        before: None,
        source: source(&bound),
        after: None,
        across: (!bound.by.is_empty()).then_some("avg"),
    };
    let denied = ground.wanted.words.has(DOWN);
    let measured = if denied { Measured::Rest(Box::new(held)) } else { held };
    let mut draft = Draft::new(measured, &bound, &candidate.explains, candidate.surplus);
    explain(ground, &mut draft, if denied { DOWN } else { HELD });
    draft.has_rows = bound.by.is_empty();
    Some(draft.scaled(Scale::base(Unit::Ratio)).called("share of the time").fitting(0.1))
}

pub(super) fn explain(ground: &Ground<'_>, draft: &mut Draft, said: Phrases) {
    for at in ground.wanted.words.places(said).iter() {
        draft.explains[at] = draft.explains[at].max(0.9);
    }
}

/// Requests that failed, as parts of all, for what is built on error shares.
pub(super) fn failed_of_requests(
    ground: &Ground<'_>,
    candidate: &Candidate<'_>,
) -> Option<(Bound, Selector)> {
    let series = candidate.family.count_series()?;
    let bound = Bound::clone(&ground.bind(series, &candidate.explains));
    let labels = ground.catalog.labels(series)?;
    if let Some(part) = part_filter(ground, &bound) {
        let label = part.label.clone();
        let failed = bound.selector();
        let mut all = bound.clone();
        all.filters.retain(|filter| filter.label != label);
        return Some((all, failed));
    }
    let (_, matcher) = status_matcher(labels, &StatusFilter::default())?;
    let failed = bound.selector().with(matcher);
    Some((bound, failed))
}
