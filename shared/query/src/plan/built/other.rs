//! Numbers of no metric's kind: error budgets, absence, how many there are of something.

use std::ops::Range;

use super::{
    draft::{Draft, source},
    measured::{At, Measured, Source},
    plain::{POOR, UNFIT},
    share,
};
use crate::plan::said::{DOWN, FAILED, LIVE, STANDING};
use crate::vocabulary::{Noun, best};
use crate::wanted::{Length, Use, Wanted};
use crate::{
    catalog::{Family, Kind, Labels, Scale},
    plan::ground::{Bound, Candidate, Ground},
    promql::{Expression, Matcher, Selector, symbol},
};
use model::{Comparison, Unit};

/// The objective of an SLO that none was said for.
const USUAL_OBJECTIVE: f64 = 0.999;
/// The windows of an alert on a fast burn, as <https://sre.google/workbook/alerting-on-slos/> has it.
const USUAL_WINDOWS_S: [i64; 2] = [3_600, 300];

/// How fast the error budget burns, over each window that the question names.
pub(super) fn burn(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    let wanted = ground.wanted;
    let (all, failed) = share::failed_of_requests(ground, candidate)?;
    let budget = 1.0 - wanted.objective.unwrap_or(USUAL_OBJECTIVE);
    let budget = (budget * 1e9).round() / 1e9;
    let share = |window: &Length| {
        let at = At { window: window.text.clone(), offset: None };
        let rate = |selector: Selector| {
            let source = Source { selector, join: None };
            Measured::Counted { function: "rate", source, added: true }.expression(&all.by, &at)
        };
        rate(failed.clone()).binary("/", rate(all.selector()))
    };
    let windows = match wanted.periods.windows.as_slice() {
        [] => USUAL_WINDOWS_S.map(Length::of).to_vec(),
        named => named.to_vec(),
    };
    let expression = match factor(wanted) {
        Some((comparison, factor)) => {
            let most = Expression::Constant(format!("{factor} * {budget}"));
            let conditions =
                windows.iter().map(|window| share(window).binary(symbol(comparison), most.clone()));
            conditions.reduce(|one, other| one.binary("and", other))?
        }
        None => {
            let two = wanted.periods.windows.is_empty()
                && wanted
                    .words
                    .has(&["two windows", "both", "multiwindow", "multi-window", "fast"]);
            let windows =
                if two { &windows[..] } else { &windows[..1.max(wanted.periods.windows.len())] };
            let rates =
                windows.iter().map(|window| share(window).binary("/", Expression::Number(budget)));
            rates.reduce(|one, other| one.binary("and", other))?
        }
    };
    let mut draft =
        Draft::new(Measured::Fixed(expression), &all, &candidate.explains, candidate.surplus);
    for at in 0..wanted.words.len() {
        if wanted.words.is(
            at,
            &[
                "availability", "times", "burning", "burn", "budget", "slo", "error", "errors",
                "target", "fast", "objective",
            ],
        ) {
            draft.explains[at] = 1.0;
        }
    }
    Some(
        draft
            .scaled(Scale::base(Unit::None))
            .called("burn of the error budget")
            .fitting(plainly(candidate.family)),
    )
}

/// A counter says more plainly than a distribution how often something happened.
pub(super) fn plainly(family: &Family) -> f32 {
    match family.kind {
        Kind::Histogram | Kind::NativeHistogram | Kind::Summary => -0.04,
        Kind::Counter | Kind::Gauge => 0.0,
    }
}

/// How many times as fast as the objective allows: "14.4x", "more than twice".
fn factor(wanted: &Wanted) -> Option<(Comparison, f64)> {
    let limit = wanted.limits.iter().find(|limit| limit.times || limit.said.is_none());
    // A budget that burns "faster than 14.4x" burns by more than that.
    let limit = limit.map(|limit| match limit.comparison {
        Comparison::Below => (Comparison::Above, limit.value),
        comparison => (comparison, limit.value),
    });
    limit.or_else(|| {
        let words = &wanted.words;
        let times = |at: usize| {
            let word = &words.list[at];
            let said = word.lower.ends_with('x') || words.is(at + 1, &["x", "times"]);
            word.number.filter(|number| *number > 1.0 && said)
        };
        (0..words.len()).find_map(times).map(|number| (Comparison::Above, number))
    })
}

/// What the scraping of a target says of whether it is there.
const TARGET: f32 = 0.25;

/// Whether a series is there at all.
pub(super) fn absent(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    let family = candidate.family;
    let series = family.count_series().or_else(|| family.main_series())?;
    let bound = ground.bind(series, &candidate.explains);
    let measured = Measured::Absent(bound.selector());
    let mut draft = Draft::new(measured, &bound, &candidate.explains, candidate.surplus);
    draft.by = Vec::new();
    explain_any(ground, &mut draft, family);
    // A service that is gone as a whole is a target that nobody scrapes any more.
    let target = family.name_words == ["up"] && !bound.filters.is_empty();
    let fit = if target { TARGET + plainly(family) } else { plainly(family) };
    Some(draft.scaled(Scale::base(Unit::None)).called("absence").fitting(fit))
}

/// "request counter", "temperature gauge": words for the kind of a metric.
fn explain_any(ground: &Ground<'_>, draft: &mut Draft, family: &Family) {
    let said: &[&str] = match family.kind {
        Kind::Counter => &["counter", "counters", "total"],
        Kind::Gauge => &["gauge", "gauges"],
        Kind::Histogram | Kind::NativeHistogram => &["histogram", "histograms"],
        Kind::Summary => &["summary"],
    };
    for at in 0..ground.wanted.words.len() {
        if ground.wanted.words.is(at, said) {
            draft.explains[at] = 1.0;
        }
    }
}

/// How many of something there are, from a series that each of them has.
pub(super) fn things(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    let wanted = ground.wanted;
    let family = candidate.family;
    // "how many instances", "more than one version"
    let limited = wanted
        .limits
        .iter()
        .find(|limit| limit.said.is_none() && !limit.times)
        .map(|limit| limit.at + 1);
    if family.kind != Kind::Gauge
        || !(wanted.cues.counts || limited.is_some())
        || wanted.has_window()
    {
        return None;
    }
    let describes = family
        .name_words
        .last()
        .is_some_and(|last| matches!(last.as_str(), "info" | "up" | "labels"));
    if !describes {
        return None;
    }
    let at = if wanted.cues.counts { wanted.cues.counted? } else { limited? };
    let series = family.main_series()?;
    let labels = ground.catalog.labels(series)?;
    let (label, fit, words) = counted_label(ground, labels, at)?;
    let mut bound = Bound::clone(&ground.bind(series, &candidate.explains));
    let stems = ground.catalog.index().vocabulary().label(label).map(|label| &label.stems);
    for word in words.clone() {
        // "Kafka brokers" are not every instance: the label means brokers.
        let head = word + 1 == words.end;
        if head || stems.is_some_and(|stems| stems.iter().any(|it| it == wanted.words.key(word))) {
            bound.explains[word] = bound.explains[word].max(fit);
        }
    }
    bound.by.retain(|by| by != label);
    let is_up = family.name_words == ["up"];
    let (down, live) = (wanted.words.has(DOWN), wanted.words.has(LIVE));
    let now = At { window: String::new(), offset: None };
    let each = Measured::Level { source: source(&bound), across: None };
    let held = |value: f64| {
        Measured::Fixed(each.expression(&[], &now).binary("==", Expression::Number(value)))
    };
    let rows = match (is_up, down, live) {
        (true, true, _) => held(0.0),
        (true, false, true) => held(1.0),
        _ => each,
    };
    let rows = if matches!(label, "instance" | "pod" | "host" | "node") {
        rows
    } else {
        let by = [bound.by.as_slice(), &[label.to_owned()]].concat();
        Measured::Fixed(Expression::aggregate("count", &by, rows.expression(&[], &now)))
    };
    // The rows of each are counted, and the counts are what is held against the limit.
    let measured = match bound.by.is_empty() {
        true => Measured::Rows(Box::new(rows)),
        false => Measured::RowsBy(Box::new(rows)),
    };
    let mut draft = Draft::new(measured, &bound, &candidate.explains, 0.0);
    for at in wanted.words.places(STANDING).iter() {
        draft.explains[at] = 1.0;
    }
    let alive = if is_up && (down || live) { 0.05 } else { 0.0 };
    let fit = if fit < 0.6 { POOR } else { 0.05 + alive };
    let fit = if wanted.limits.is_empty() || limited == Some(at) { fit } else { UNFIT };
    Some(draft.scaled(Scale::base(Unit::Count)).called("number").fitting(fit))
}

/// The label whose values are counted, how well the noun at a place names it, and its words.
fn counted_label<'a>(
    ground: &Ground<'_>,
    labels: &'a Labels,
    at: usize,
) -> Option<(&'a str, f32, Range<usize>)> {
    const MOST_WORDS: usize = 3;
    let words = &ground.wanted.words;
    let vocabulary = ground.catalog.index().vocabulary();
    // "how many hosts run 2.1": what they do is no part of their name.
    let named = |index: usize| words.list.get(index).is_some_and(|word| word.used == Use::Free);
    let most = 1 + (at + 1..at + MOST_WORDS).take_while(|index| named(*index)).count();
    (1..=most)
        .filter_map(|length| {
            let range = at..(at + length).min(words.len());
            let lower: Vec<&str> = range.clone().map(|index| words.at(index)).collect();
            let names = labels.keys().map(String::as_str);
            let (label, fit) = best(vocabulary, names, &Noun::new(&lower), &[])?;
            Some((label, fit, range))
        })
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.2.len().cmp(&a.2.len())))
}

/// Failed events of a counter that also counts others: "how many errors did checkout return".
pub(super) fn failures(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    let wanted = ground.wanted;
    let at: Vec<usize> =
        (0..wanted.words.len()).filter(|at| wanted.words.is(*at, FAILED)).collect();
    if at.is_empty() || at.iter().any(|at| candidate.explains[*at] >= 0.8) {
        return None;
    }
    let series = candidate.family.count_series()?;
    let mut bound = Bound::clone(&ground.bind(series, &candidate.explains));
    if at.iter().any(|at| bound.explains[*at] > 0.5) {
        return None;
    }
    let labels = ground.catalog.labels(series)?;
    let (label, matcher) =
        crate::metric::status_matcher(labels, &crate::metric::StatusFilter::default())?;
    if bound.filters_on(label).is_some() || bound.by.iter().any(|by| by == label) {
        return None;
    }
    for at in &at {
        bound.explains[*at] = 0.97;
    }
    let filter = crate::plan::ground::Filter {
        label: label.to_owned(),
        matcher: Matcher::clone(&matcher),
        values: Vec::new(),
        negated: false,
        words: at,
    };
    bound.filters.push(filter);
    let function =
        if super::plain::counts_events(ground, candidate.family) { "increase" } else { "rate" };
    super::plain::counted(ground, candidate, &bound, function)
}
