//! Numbers made of one metric.

use model::Unit;

use super::{
    distribution,
    draft::{Draft, source},
    level,
    measured::{Measured, Source},
};
use crate::{
    catalog::{Family, Kind, Scale},
    plan::{
        ground::{Bound, Candidate, Ground},
        said::{ARRIVING, PRESENT, SPENT},
    },
    wanted::{Form, Statistic},
};

/// What a kind of metric loses that the question's form does not go with.
pub(super) const UNFIT: f32 = -0.4;
pub(super) const POOR: f32 = -0.15;

/// The numbers that one family may answer with.
pub(super) fn drafts(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Vec<Draft> {
    match candidate.family.kind {
        Kind::Counter => counter(ground, candidate).into_iter().collect(),
        Kind::Gauge => level::gauge(ground, candidate).into_iter().collect(),
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
    let scale = family.scale;
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
    // "how many nurses are logged in"
    let stands = wanted.cues.counted.is_some_and(|counted| {
        (counted + 1..counted + 4).any(|at| wanted.words.is(at, &["are"]))
            && wanted.words.is(counted.wrapping_sub(1), &["many"])
    });
    let present = stands || wanted.words.has(PRESENT);
    !timed && !arrives && wanted.periods.compared.is_none() && present
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
    let idle = wanted.words.has(&["idle"])
        && !wanted.words.has(&["minus idle", "- idle", "minus the idle", "not idle", "n't idle"]);
    !cores
        && !seconds
        && !idle
        && (wanted.form == Form::Share
            || wanted.words.has(&[
                "usage", "use", "used", "busy", "busiest", "utilization", "utilisation", "load",
                "consumption", "cpu",
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
