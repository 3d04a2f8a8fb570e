//! Numbers made of histograms and summaries: quantiles, means, counts and shares under a limit.

use std::rc::Rc;

use model::{Comparison, Unit};

use super::{
    draft::{Draft, source},
    measured::{Measured, Source},
    plain::{POOR, UNFIT, asks_for_present, counts_events, peak},
};
use crate::plan::said::{SIZED, TIMED};
use crate::wanted::{Form, Limit, Statistic, Use};
use crate::{
    catalog::{Family, Kind, Scale},
    plan::ground::{Bound, Candidate, Ground},
    promql::{Matcher, Selector},
    vocabulary::stem,
};

/// The quantile of a duration when none is named: the one that SLOs are written for.
const USUAL_QUANTILE: f64 = 0.95;

/// The numbers that a distribution may answer with.
pub(super) fn drafts(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Vec<Draft> {
    let wanted = ground.wanted;
    if wanted.form == Form::Within {
        return within(ground, candidate).into_iter().collect();
    }
    match wanted.statistic {
        Some(Statistic::Quantile(quantile)) => quantile_of(ground, candidate, quantile),
        Some(Statistic::Mean) if !counts(ground) => mean(ground, candidate).into_iter().collect(),
        Some(Statistic::Maximum) if asks_for_size_or_time(ground) => {
            // A histogram knows no more than the bound of its last bucket.
            let recorded = ground.catalog.place_of(&format!("{}_max", candidate.family.name));
            let fit = if recorded.is_some() { UNFIT } else { POOR };
            quantile_of(ground, candidate, 1.0)
                .into_iter()
                .map(|draft| draft.fitting(fit))
                .collect()
        }
        Some(Statistic::Total) if !counts(ground) => total(ground, candidate).into_iter().collect(),
        _ => usual(ground, candidate),
    }
}

fn usual(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Vec<Draft> {
    let wanted = ground.wanted;
    let mut drafts = Vec::new();
    let timed =
        wanted.limits.iter().any(|limit| matches!(limit.unit(), Some(Unit::Seconds | Unit::Bytes)));
    let of_values =
        (asks_for_size_or_time(ground) || timed) && !counts(ground) && wanted.form != Form::Share;
    let share_of_time = candidate.family.scale.unit == Unit::Seconds
        && (wanted.form == Form::Share || wanted.words.has(&["spend", "spends", "spent", "busy"]))
        && wanted.words.has(&["time", "spend", "spends", "spent", "paused", "wall"]);
    if share_of_time {
        drafts.extend(sum_rate(ground, candidate).map(|draft| draft.fitting(0.1)));
    }
    if of_values {
        drafts.extend(
            quantile_of(ground, candidate, USUAL_QUANTILE)
                .into_iter()
                .map(|draft| draft.fitting(-0.02)),
        );
    }
    if matches!(wanted.form, Form::Growth | Form::Forecast | Form::Changes) {
        // No level that could grow.
        drafts = drafts.into_iter().map(|draft| draft.fitting(UNFIT)).collect();
    }
    let penalty = if of_values { UNFIT } else { -0.06 };
    let penalty = if wanted.form == Form::Share { penalty + POOR } else { penalty };
    drafts.extend(counted(ground, candidate).map(|draft| draft.fitting(penalty)));
    drafts
}

/// Whether the number of observations is asked for.
fn counts(ground: &Ground<'_>) -> bool {
    let cues = &ground.wanted.cues;
    let words = &ground.wanted.words;
    let of_time = cues.shown.is_some_and(|said| matches!(said.unit, Unit::Seconds | Unit::Bytes));
    (cues.per_s.is_some() || (cues.rates && !words.has(&["how fast"])) || (cues.counts && !of_time))
        && !words.has(&["latency", "duration", "response time", "how long"])
        && !(ground.wanted.statistic == Some(Statistic::Mean)
            && cues.per_s.is_none()
            && !words.has(&["rate"]))
}

fn asks_for_size_or_time(ground: &Ground<'_>) -> bool {
    let words = &ground.wanted.words;
    words.has(TIMED) || words.has(SIZED)
}

/// The number of observations, per second or over the window.
pub(super) fn counted(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    let family = candidate.family;
    let function = if counts_events(ground, family) { "increase" } else { "rate" };
    let said = |unit: &String| ground.wanted.words.list.iter().any(|word| word.key == stem(unit));
    if !matches!(family.scale.unit, Unit::Seconds | Unit::Bytes)
        && (family.unit_words.iter().any(said) || asks_for_money(ground, family))
    {
        // "tokens per minute" of a histogram of tokens is their sum, not how often it was observed.
        let bound = ground.bind(family.part("_sum")?, &candidate.explains);
        let measured = Measured::Counted { function, source: source(&bound), added: true };
        let mut draft = Draft::new(measured, &bound, &candidate.explains, candidate.surplus);
        draft.per_second = function == "rate";
        return Some(
            draft.scaled(Scale::base(Unit::Count)).called("sum of observations").fitting(0.03),
        );
    }
    let (measured, bound) = count_of(ground, candidate, function)?;
    let measured = match ground.wanted.statistic {
        Some(Statistic::Maximum) if ground.wanted.has_window() && function == "rate" => {
            peak(ground, measured, "max_over_time")
        }
        _ => measured,
    };
    let mut draft = Draft::new(measured, &bound, &candidate.explains, candidate.surplus);
    // A number of observations says nothing of how long they took.
    for at in ground.wanted.words.places(TIMED).iter() {
        if ground.wanted.words.list[at].used != Use::Taken {
            draft.explains[at] = 0.0;
        }
    }
    draft.per_second = function == "rate";
    let of_time = matches!(ground.wanted.form, Form::Since | Form::Until | Form::Forecast);
    // How often the time per token was observed says little of tokens.
    let is_quotient = family.name_words.iter().any(|word| word == "per");
    let fit = if of_time { UNFIT } else { 0.0 } + if is_quotient { POOR } else { 0.0 };
    let fit = if ground.wanted.cues.counts && asks_for_present(ground) { fit + POOR } else { fit };
    Some(draft.scaled(Scale::base(Unit::Count)).called("number of observations").fitting(fit))
}

/// "how much money was transferred": the sum of what a distribution of amounts was observed at.
fn asks_for_money(ground: &Ground<'_>, family: &Family) -> bool {
    const MONEY: &[&str] =
        &["euros", "eur", "dollars", "usd", "pounds", "gbp", "cents", "pence", "chf", "francs"];
    let words = &ground.wanted.words;
    let of_money = family.name_words.iter().any(|word| MONEY.contains(&word.as_str()));
    of_money && (words.has(&["money", "how much"]) || words.has(MONEY))
}

fn count_of(
    ground: &Ground<'_>,
    candidate: &Candidate<'_>,
    function: &'static str,
) -> Option<(Measured, Rc<Bound>)> {
    let family = candidate.family;
    if family.kind == Kind::NativeHistogram {
        let bound = ground.bind(family.main_series()?, &candidate.explains);
        return Some((Measured::NativeCounted { function, source: source(&bound) }, bound));
    }
    let bound = ground.bind(family.part("_count")?, &candidate.explains);
    let added = super::plain::adds_up(ground, &bound);
    Some((Measured::Counted { function, source: source(&bound), added }, bound))
}

/// The quantile of a histogram, or one that a summary records itself.
pub(super) fn quantile_of(
    ground: &Ground<'_>,
    candidate: &Candidate<'_>,
    quantile: f64,
) -> Vec<Draft> {
    let family = candidate.family;
    if family.kind == Kind::Summary {
        let recorded = family.part("").and_then(|series| {
            let bound = ground.bind(series, &candidate.explains);
            recorded_at(ground, candidate, &bound, quantile)
        });
        // Without the quantile there is the mean, which is something else.
        let otherwise = || mean(ground, candidate).map(|draft| draft.fitting(POOR));
        return recorded.or_else(otherwise).into_iter().collect();
    }
    let Some(series) = family.main_series() else { return Vec::new() };
    let bound = ground.bind(series, &candidate.explains);
    let native = family.kind == Kind::NativeHistogram;
    let measured = Measured::Quantile { source: source(&bound), native, quantile };
    let mut draft = Draft::new(measured, &bound, &candidate.explains, candidate.surplus);
    explain_time(ground, family, &mut draft);
    let untimed = family.scale.unit != Unit::Seconds && ground.keys == ["latency"];
    let fit = if untimed && !ground.names_any(candidate) { POOR } else { 0.0 };
    vec![draft.scaled(family.scale).called(format!("{} quantile", quantile)).fitting(fit)]
}

/// The quantile that a gauge or a summary has under a label.
pub(super) fn recorded(
    ground: &Ground<'_>,
    candidate: &Candidate<'_>,
    bound: &Bound,
) -> Option<Draft> {
    let Some(Statistic::Quantile(quantile)) = ground.wanted.statistic else {
        return None;
    };
    if quantile_named(candidate.family) == Some(quantile) {
        let across = (!bound.by.is_empty()).then_some("max");
        let measured = Measured::Level { source: source(bound), across };
        let mut draft = Draft::new(measured, bound, &candidate.explains, candidate.surplus);
        draft.has_rows = across.is_none();
        explain_time(ground, candidate.family, &mut draft);
        return Some(draft.scaled(candidate.family.scale).called(format!("{quantile} quantile")));
    }
    recorded_at(ground, candidate, bound, quantile)
}

/// The quantile that a gauge is named after: `eventloop_lag_p99_seconds`.
fn quantile_named(family: &Family) -> Option<f64> {
    family.name_words.iter().find_map(|word| {
        let digits = word.strip_prefix('p').filter(|digits| digits.len() >= 2)?;
        let percent: f64 = digits.parse().ok()?;
        Some(if digits.len() == 3 { percent / 1e3 } else { percent / 1e2 })
    })
}

fn recorded_at(
    ground: &Ground<'_>,
    candidate: &Candidate<'_>,
    bound: &Bound,
    quantile: f64,
) -> Option<Draft> {
    let values = ground.catalog.labels(&bound.series)?.get("quantile")?;
    let value = values.iter().find(|value| value.parse() == Ok(quantile))?;
    let selector = bound.selector().with(Matcher::equal("quantile", value));
    let source = Source { selector, join: bound.join.clone() };
    // Each instance has its own quantile; they cannot be added up, but the highest holds for all.
    let across = (!bound.by.is_empty()).then_some("max");
    let measured = Measured::Level { source, across };
    let mut draft = Draft::new(measured, bound, &candidate.explains, candidate.surplus);
    draft.has_rows = across.is_none();
    explain_time(ground, candidate.family, &mut draft);
    Some(draft.scaled(candidate.family.scale).called(format!("{quantile} quantile")))
}

/// The mean: the sum of the observations by their number.
pub(super) fn mean(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    let family = candidate.family;
    let (measured, bound) = if family.kind == Kind::NativeHistogram {
        let bound = ground.bind(family.main_series()?, &candidate.explains);
        (Measured::NativeMean { source: source(&bound) }, bound)
    } else {
        let bound = ground.bind(family.part("_sum")?, &candidate.explains);
        let rate = |series: &str| {
            let source = Source {
                selector: Selector { metric: series.to_owned(), ..bound.selector() },
                join: bound.join.clone(),
            };
            Box::new(Measured::Counted { function: "rate", source, added: true })
        };
        let measured =
            Measured::Ratio { part: rate(&bound.series), whole: rate(family.part("_count")?) };
        (measured, bound)
    };
    let mut draft = Draft::new(measured, &bound, &candidate.explains, candidate.surplus);
    explain_time(ground, family, &mut draft);
    Some(draft.scaled(family.scale).called("mean"))
}

/// All observations added up: seconds spent, bytes sent.
fn total(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    if ground.wanted.has_window() {
        let bound = ground.bind(candidate.family.part("_sum")?, &candidate.explains);
        let measured =
            Measured::Counted { function: "increase", source: source(&bound), added: true };
        let draft = Draft::new(measured, &bound, &candidate.explains, candidate.surplus);
        return Some(draft.scaled(candidate.family.scale).called("total"));
    }
    sum_rate(ground, candidate)
}

/// The rate of the sum; of durations, the share of time that was spent.
fn sum_rate(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    let family = candidate.family;
    let bound = ground.bind(family.part("_sum")?, &candidate.explains);
    let measured = Measured::Counted { function: "rate", source: source(&bound), added: true };
    let draft = Draft::new(measured, &bound, &candidate.explains, candidate.surplus);
    let unit = if family.scale.unit == Unit::Seconds { Unit::Ratio } else { family.scale.unit };
    Some(draft.scaled(Scale { unit, factor: family.scale.factor }).called("share of time"))
}

/// The share of observations under or over a limit.
fn within(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    let family = candidate.family;
    let limit =
        ground.wanted.limits.iter().find(|limit| limit.unit() == Some(family.scale.unit))?;
    let bound_value = recorded_value(limit, family.scale);
    let over = matches!(limit.comparison, Comparison::Above | Comparison::AtLeast);
    let (share, bound) = match family.kind {
        Kind::NativeHistogram => {
            let bound = ground.bind(family.main_series()?, &candidate.explains);
            let (from, to) = if over { (bound_value, f64::INFINITY) } else { (0.0, bound_value) };
            (Measured::NativeFraction { source: source(&bound), from, to }, bound)
        }
        Kind::Histogram => {
            let bound = ground.bind(family.part("_bucket")?, &candidate.explains);
            let edge = bucket(ground, &bound.series, bound_value);
            let under = Source {
                selector: bound.selector().with(Matcher::equal("le", &edge)),
                join: bound.join.clone(),
            };
            let all = match family.part("_count") {
                Some(series) => Selector { metric: series.to_owned(), ..bound.selector() },
                None => bound.selector().with(Matcher::equal("le", "+Inf")),
            };
            let rate = |source: Source| {
                Box::new(Measured::Counted { function: "rate", source, added: true })
            };
            let all = Source { selector: all, join: bound.join.clone() };
            let share = Measured::Ratio { part: rate(under), whole: rate(all) };
            (if over { Measured::Rest(Box::new(share)) } else { share }, bound)
        }
        _ => return None,
    };
    let mut draft = Draft::new(share, &bound, &candidate.explains, candidate.surplus);
    explain_time(ground, family, &mut draft);
    Some(draft.scaled(Scale::base(Unit::Ratio)).called("share within the limit").fitting(0.1))
}

/// The limit in the unit that the metric is recorded in.
fn recorded_value(limit: &Limit, scale: Scale) -> f64 {
    (limit.in_base() / scale.factor * 1e9).round() / 1e9
}

/// The edge of the bucket as the label writes it; the nearest one that there is.
fn bucket(ground: &Ground<'_>, series: &str, value: f64) -> String {
    let edges = ground.catalog.labels(series).and_then(|labels| labels.get("le"));
    let parsed = |edge: &String| edge.parse::<f64>().ok().filter(|edge| edge.is_finite());
    let exact = edges.into_iter().flatten().find(|edge| parsed(edge) == Some(value));
    let distance = |edge: &String| {
        parsed(edge).map_or(f64::INFINITY, |edge| (edge / value.max(f64::MIN_POSITIVE)).ln().abs())
    };
    let nearest = || {
        edges
            .into_iter()
            .flatten()
            .filter(|edge| parsed(edge).is_some())
            .min_by(|a, b| distance(a).total_cmp(&distance(b)))
    };
    exact.or_else(nearest).cloned().unwrap_or_else(|| value.to_string())
}

/// "slow" and "long" ask for a duration whatever the metric is called.
pub(super) fn explain_time(ground: &Ground<'_>, family: &Family, draft: &mut Draft) {
    let words = match family.scale.unit {
        Unit::Seconds => TIMED,
        Unit::Bytes => SIZED,
        _ => return,
    };
    for at in ground.wanted.words.places(words).iter() {
        draft.explains[at] = draft.explains[at].max(0.9);
    }
}
