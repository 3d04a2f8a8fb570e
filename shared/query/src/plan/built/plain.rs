//! Numbers made of one metric.

use crate::plan::said::{ARRIVING, ENDS, LEVELS, OF_DESCRIPTION, PRESENT, SPENT};
use model::{Comparison, Unit};

use super::{
    distribution,
    draft::{Draft, source},
    finish::asks_for_end,
    measured::{Measured, Source},
    moment,
};
use crate::wanted::{Form, Phrases, Statistic, Wanted};
use crate::{
    catalog::{Family, Kind, Role, Scale},
    plan::ground::{Bound, Candidate, Ground},
};

/// What a kind of metric loses that the question's form does not go with.
pub(super) const UNFIT: f32 = -0.4;
pub(super) const POOR: f32 = -0.15;

/// The numbers that one family may answer with.
pub(super) fn drafts(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Vec<Draft> {
    match candidate.family.kind {
        Kind::Counter => counter(ground, candidate).into_iter().collect(),
        Kind::Gauge => gauge(ground, candidate).into_iter().collect(),
        Kind::Histogram | Kind::NativeHistogram | Kind::Summary => {
            distribution::drafts(ground, candidate)
        }
    }
}

fn counter(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    let family = candidate.family;
    let bound = ground.bind(family.main_series()?, &candidate.explains);
    let idle = idle_label(ground, &bound);
    if let Some((label, value)) = idle
        && asks_for_use(ground)
    {
        let narrowed = bound.selector().with(crate::promql::Matcher::equal(&label, &value));
        let measured = Measured::NotIdle { source: Source { selector: narrowed, join: None } };
        let mut draft = Draft::new(measured, &bound, &candidate.explains, candidate.surplus);
        explain_use(ground, &mut draft);
        return Some(
            draft.scaled(Scale::base(Unit::Ratio)).called("share of time in use").fitting(0.05),
        );
    }
    let function = if counts_events(ground, family) { "increase" } else { "rate" };
    counted(ground, candidate, &bound, function)
}

/// The growth of a counter, per second or over the window.
pub(super) fn counted(
    ground: &Ground<'_>,
    candidate: &Candidate<'_>,
    bound: &Bound,
    function: &'static str,
) -> Option<Draft> {
    let wanted = ground.wanted;
    let family = candidate.family;
    let added = adds_up(ground, bound);
    let measured = Measured::Counted { function, source: source(bound), added };
    let measured = match (wanted.statistic, function) {
        (Some(Statistic::Maximum), "rate") if wanted.has_window() => {
            peak(ground, measured, "max_over_time")
        }
        (Some(Statistic::Minimum), "rate") if wanted.has_window() => {
            peak(ground, measured, "min_over_time")
        }
        _ => measured,
    };
    let scale = counter_scale(family);
    let fit = match (wanted.form, wanted.statistic) {
        (Form::Since | Form::Until | Form::Within | Form::Forecast, _) => UNFIT,
        (_, Some(Statistic::Quantile(_))) => UNFIT,
        (Form::Share, _) => POOR,
        (Form::Growth, _) => POOR,
        _ => 0.0,
    };
    let mut draft = Draft::new(measured, bound, &candidate.explains, candidate.surplus);
    draft.per_second = function == "rate";
    draft.has_rows = !added;
    // Time counted per second of time is a share: cores of CPU, or the part spent in something.
    let of_time = function == "rate" && scale.unit == Unit::Seconds;
    let cpu = family.name_words.iter().any(|word| word == "cpu");
    let scale = match (of_time, cpu) {
        (true, true) => Scale { unit: Unit::Cores, factor: scale.factor },
        (true, false) => Scale { unit: Unit::Ratio, factor: scale.factor },
        _ => scale,
    };
    let fit = match (of_time && !cpu, wanted.form == Form::Share) {
        (true, true) => fit - POOR,
        // "searches per second" are not the seconds that they took.
        (true, false) if !wanted.words.has(SPENT) => fit + POOR,
        _ if of_time && wanted.form == Form::Share => fit - POOR,
        _ => fit,
    };
    // "how many are being served right now" is a level.
    let fit = if wanted.cues.counts && asks_for_present(ground) { fit - 0.25 } else { fit };
    let what = if function == "rate" { "rate per second" } else { "increase" };
    Some(draft.scaled(scale).called(what).fitting(fit))
}

/// Whether the question asks how things stand, and not how many there were in a while.
pub(super) fn asks_for_present(ground: &Ground<'_>) -> bool {
    let wanted = ground.wanted;
    let timed = wanted.has_window() || wanted.cues.per_s.is_some() || wanted.cues.rates;
    // What comes in comes in so many a second.
    let arrives = wanted.words.has(ARRIVING);
    !timed && !arrives && wanted.periods.compared.is_none() && wanted.words.has(PRESENT)
}

/// The scale of what a counter counts: `cpu_millis` are milliseconds.
fn counter_scale(family: &Family) -> Scale {
    family.scale
}

pub(super) fn peak(ground: &Ground<'_>, inner: Measured, function: &'static str) -> Measured {
    let window = ground.wanted.window().text;
    Measured::Peak { function, inner: Box::new(inner), window, resolution: "5m".to_owned() }
}

/// Whether the growth over the window is meant, and not that per second.
pub(super) fn counts_events(ground: &Ground<'_>, family: &Family) -> bool {
    let wanted = ground.wanted;
    let cues = &wanted.cues;
    if wanted.form == Form::Change {
        return true;
    }
    if cues.per_s.is_some() || wanted.form == Form::Growth {
        return false;
    }
    if family.scale.unit == Unit::Seconds {
        let asks_for_time = cues.shown.is_some_and(|said| said.unit == Unit::Seconds);
        return cues.counts && asks_for_time && wanted.has_window();
    }
    let how_often = wanted.words.has(&["how often"]);
    if cues.rates && !how_often && !cues.counts {
        return false;
    }
    if family.scale.unit == Unit::Bytes {
        let amount = cues.shown.is_some_and(|said| said.unit == Unit::Bytes);
        return wanted.has_window()
            && (cues.counts || amount || wanted.statistic == Some(Statistic::Total));
    }
    wanted.has_window() || (cues.counts && !cues.rates)
}

/// Whether rows are added up. Where the question picks rows and does not say which, they stay.
pub(super) fn adds_up(ground: &Ground<'_>, bound: &Bound) -> bool {
    let wanted = ground.wanted;
    let picks = wanted.rank.is_some() || picks_rows(ground);
    !bound.by.is_empty() || !picks
}

/// Whether the question asks which of several things are over a limit.
pub(super) fn picks_rows(ground: &Ground<'_>) -> bool {
    let wanted = ground.wanted;
    let asks = wanted
        .words
        .has(&["which", "any", "what", "anything", "anybody", "those", "where", "whose", "that"]);
    let first_is_plural = wanted
        .words
        .list
        .iter()
        .take(3)
        .any(|word| word.lower.ends_with('s') && word.lower.len() > 3 && !word.possessive);
    !wanted.limits.is_empty() && (asks || first_is_plural)
}

fn gauge(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    let bound = ground.bind(candidate.family.main_series()?, &candidate.explains);
    level(ground, candidate, &bound)
}

/// A gauge: as it stands, over the window, or what will become of it.
pub(super) fn level(
    ground: &Ground<'_>,
    candidate: &Candidate<'_>,
    bound: &Bound,
) -> Option<Draft> {
    let wanted = ground.wanted;
    let family = candidate.family;
    if let Some(per_second) = moment::per_second(family) {
        return moment::draft(ground, candidate, bound, per_second);
    }
    if let Some(draft) = distribution::recorded(ground, candidate, bound) {
        return Some(draft);
    }
    if family.describes {
        return described(ground, candidate, bound);
    }
    if let Some(draft) = moment::uptime(ground, candidate, bound) {
        return Some(draft);
    }
    let settled = moment::settled(ground, family, bound);
    let bound = settled.as_ref().unwrap_or(bound);
    let state = moment::state(ground, family, bound);
    let across = match (state, wanted.cues.counts) {
        // How many are in a state is the sum of ones.
        (Some(true), true) => Some("sum"),
        (Some(_), _) if bound.by.is_empty() => None,
        _ => across(ground, family, bound),
    };
    let over = |function: &'static str| Measured::OverTime {
        function,
        before: None,
        source: source(bound),
        after: None,
        across,
    };
    let level = || Measured::Level { source: source(bound), across };
    let mut fit = if state.is_some() { 0.03 } else { 0.0 };
    let mut aged = false;
    let timed = wanted.limits.iter().any(|limit| limit.unit().is_some());
    if (state.is_some() && timed)
        || (moment::says_whether(family)
            && wanted.has_window()
            && wanted.statistic.is_none()
            && wanted.form == Form::Usual)
    {
        fit += UNFIT;
    }
    if state.is_some()
        || moment::is_state(family, bound) && !matches!(wanted.form, Form::Usual | Form::Share)
    {
        fit += if matches!(wanted.form, Form::Usual | Form::Changes | Form::Since) {
            0.0
        } else {
            UNFIT
        };
    }
    let measured = match wanted.form {
        Form::Forecast => {
            if asks_for_end(wanted) {
                fit += end_of(family);
            }
            let ahead = wanted.periods.ahead.as_ref().map_or(86_400, |ahead| ahead.seconds);
            Measured::OverTime {
                function: "predict_linear",
                before: None,
                source: source(bound),
                after: Some(product(ahead)),
                across: if bound.by.is_empty() { None } else { across },
            }
        }
        Form::Growth => over("deriv"),
        Form::Change => over("delta"),
        Form::Changes => over("changes"),
        Form::Since | Form::Until => {
            fit += POOR;
            level()
        }
        Form::Within => {
            fit += UNFIT;
            level()
        }
        _ if moment::is_age(family)
            && wanted.has_window()
            && wanted.cues.negated
            && wanted.limits.is_empty() =>
        {
            // "not heard from for 15 minutes"
            aged = true;
            level()
        }
        _ => match (wanted.statistic, wanted.has_window()) {
            (Some(Statistic::Maximum), true) => over("max_over_time"),
            (Some(Statistic::Minimum), true) => over("min_over_time"),
            (None, true) if state.is_none() && asks_for_any_time(wanted) => {
                let below = wanted.limits.iter().any(|limit| {
                    matches!(limit.comparison, Comparison::Below | Comparison::AtMost)
                });
                over(if below { "min_over_time" } else { "max_over_time" })
            }
            (Some(Statistic::Quantile(quantile)), window) => {
                if !window {
                    fit += UNFIT;
                }
                Measured::OverTime {
                    function: "quantile_over_time",
                    before: Some(quantile),
                    source: source(bound),
                    after: None,
                    across,
                }
            }
            (_, true) if state.is_none() => over("avg_over_time"),
            _ => level(),
        },
    };
    if mixes_resources(ground, bound) {
        fit += POOR;
    }
    if wanted.cues.per_s.is_some()
        && !family.name_words.iter().any(|word| word == "per" || word.ends_with("ps"))
    {
        fit += UNFIT;
    }
    if wanted.cues.rates && wanted.cues.per_s.is_none() {
        fit += POOR;
    }
    if wanted.cues.counts && wanted.has_window() && wanted.statistic.is_none() {
        // "How many in the last hour" counts events.
        fit += POOR;
    }
    if wanted.form == Form::Share && family.scale.unit != Unit::Ratio {
        fit += POOR;
    }
    let mut draft = Draft::new(measured, bound, &candidate.explains, candidate.surplus);
    if asks_for_end(wanted) && family.plays(Role::Free) {
        for at in wanted.words.places(ENDS).iter() {
            draft.explains[at] = 1.0;
        }
    }
    draft.has_rows = across.is_none();
    draft.state = state;
    let what = if aged { "time since" } else { "value" };
    Some(draft.scaled(family.scale).called(what).fitting(fit))
}

/// "did it get hotter than 8 degrees": once is enough.
fn asks_for_any_time(wanted: &Wanted) -> bool {
    const ONCE: Phrases = &["did", "ever", "at any time", "at any point", "at some point", "once"];
    !wanted.limits.is_empty() && wanted.words.has(ONCE)
}

/// Requests and limits of several resources in one series: bytes and cores do not add up.
fn mixes_resources(ground: &Ground<'_>, bound: &Bound) -> bool {
    let values = ground.catalog.labels(&bound.series).and_then(|labels| labels.get("resource"));
    values.is_some_and(|values| values.len() > 1)
        && bound.filters_on("resource").is_none()
        && !bound.by.iter().any(|label| label == "resource")
}

/// How well a level answers when it comes to an end: what is left does, a limit never comes to one.
fn end_of(family: &Family) -> f32 {
    const LEFT: f32 = 0.25;
    match (family.plays(Role::Free), family.plays(Role::Limit)) {
        (true, _) => LEFT,
        (false, true) => POOR,
        _ => 0.0,
    }
}

/// What a describing series answers: which versions, how many of each. Its value is always 1.
fn described(ground: &Ground<'_>, candidate: &Candidate<'_>, bound: &Bound) -> Option<Draft> {
    let wanted = ground.wanted;
    let across = if bound.by.is_empty() && !wanted.cues.counts { None } else { Some("count") };
    let measured = Measured::Level { source: source(bound), across };
    let mut draft = Draft::new(measured, bound, &candidate.explains, candidate.surplus);
    draft.has_rows = across.is_none();
    let plain =
        matches!(wanted.form, Form::Usual) && wanted.statistic.is_none() && wanted.rank.is_none();
    let narrowed = !bound.filters.is_empty() || !bound.by.is_empty();
    let asked = wanted.words.has(OF_DESCRIPTION);
    let fit = if plain && narrowed && asked { 0.0 } else { UNFIT };
    Some(draft.scaled(Scale::base(Unit::Count)).called("number").fitting(fit))
}

/// How rows of a gauge that are not told apart become one.
pub(super) fn across(ground: &Ground<'_>, family: &Family, bound: &Bound) -> Option<&'static str> {
    let wanted = ground.wanted;
    match wanted.statistic {
        Some(Statistic::Mean) => return Some("avg"),
        Some(Statistic::Maximum) => return Some("max"),
        Some(Statistic::Minimum) => return Some("min"),
        Some(Statistic::Total) => return Some("sum"),
        _ => {}
    }
    let exist = wanted.cues.existence.is_some()
        && !wanted.cues.counts
        && wanted.words.has(&["which", "any", "what"]);
    if bound.by.is_empty() && (wanted.rank.is_some() || picks_rows(ground) || exist) {
        return None;
    }
    let additive = is_additive(family);
    match (bound.by.is_empty(), additive) {
        (_, true) => Some("sum"),
        (true, false) => None,
        (false, false) if family.scale.unit == Unit::Seconds => Some("max"),
        (false, false) => Some("avg"),
    }
}

/// Whether the values of several things add up to one of all of them.
pub(crate) fn is_additive(family: &Family) -> bool {
    matches!(family.scale.unit, Unit::Bytes | Unit::Count | Unit::None | Unit::Cores)
        && !family.name_words.iter().any(|word| LEVELS.contains(&word.as_str()))
}

/// `4 * 3600`: seconds as people write them.
fn product(seconds: i64) -> String {
    for unit_s in [86_400, 3_600, 60] {
        if seconds % unit_s == 0 && seconds >= unit_s {
            return format!("{} * {unit_s}", seconds / unit_s);
        }
    }
    seconds.to_string()
}

/// The label of a counter of time that has idle time among its values.
fn idle_label(ground: &Ground<'_>, bound: &Bound) -> Option<(String, String)> {
    let labels = ground.catalog.labels(&bound.series)?;
    labels.iter().find_map(|(label, values)| {
        let idle = values.iter().find(|value| value.as_str() == "idle")?;
        let free = bound.filters_on(label).is_none() && !bound.by.contains(label);
        free.then(|| (label.clone(), idle.clone()))
    })
}

/// Whether the question asks how much of something is in use, and not for one of its modes.
fn asks_for_use(ground: &Ground<'_>) -> bool {
    let wanted = ground.wanted;
    let cores = wanted.cues.shown.is_some_and(|said| said.unit == Unit::Cores);
    let seconds = wanted.cues.shown.is_some_and(|said| said.unit == Unit::Seconds);
    let idle = wanted.words.has(&["idle"]);
    !cores
        && !seconds
        && !idle
        && (wanted.form == Form::Share
            || wanted.words.has(&[
                "usage",
                "use",
                "used",
                "busy",
                "busiest",
                "utilization",
                "utilisation",
                "load",
                "consumption",
                "cpu",
            ]))
}

fn explain_use(ground: &Ground<'_>, draft: &mut Draft) {
    for (at, word) in ground.wanted.words.list.iter().enumerate() {
        if matches!(
            word.lower.as_str(),
            "busy" | "busiest" | "usage" | "used" | "utilization" | "utilisation"
        ) {
            draft.explains[at] = 1.0;
        }
    }
}
