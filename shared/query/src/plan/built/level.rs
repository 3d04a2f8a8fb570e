//! Levels: gauges as they stand, over a window, and what will become of them.

use model::{Comparison, Unit};

use super::{
    distribution,
    draft::{Draft, source},
    finish::asks_for_end,
    measured::Measured,
    moment,
    plain::{POOR, UNFIT, picks_rows},
};
use crate::{
    catalog::{Family, Role, Scale},
    plan::{
        ground::{Bound, Candidate, Ground},
        said::{ENDS, LEVELS, OF_DESCRIPTION},
    },
    wanted::{Form, Phrases, Statistic, Wanted},
};

pub(super) fn gauge(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
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
        // How many are not is the number of rows that are 0, one by one.
        (Some(false), true) => None,
        (Some(false), false) if counts_states(wanted, bound) => None,
        (Some(_), _) if bound.by.is_empty() => None,
        _ => across(ground, family, bound),
    };
    let is_state = state.is_some();
    let is_summed = is_additive(family) && matches!(family.scale.unit, Unit::None | Unit::Count);
    let measured = measured(wanted, bound, (is_state, is_summed), across, is_aged(wanted, family));
    let mut draft = Draft::new(measured, bound, &candidate.explains, candidate.surplus);
    if asks_for_end(wanted) && family.plays(Role::Free) {
        for at in wanted.words.places(ENDS).iter() {
            draft.explains[at] = 1.0;
        }
    }
    draft.has_rows = across.is_none();
    // How often a state changed is a number and no state.
    draft.state = state.filter(|_| wanted.form != Form::Changes);
    let what = if is_aged(wanted, family) { "time since" } else { "value" };
    let fit = fit_of_form(wanted, family) + fit_of_state(wanted, family, bound, is_state);
    let fit = if mixes_resources(ground, bound) { fit + POOR } else { fit };
    Some(draft.scaled(scale_of(wanted, family)).called(what).fitting(fit))
}

/// "targets down by job": there are many of each, and their number is what tells.
fn counts_states(wanted: &Wanted, bound: &Bound) -> bool {
    let asks_which = wanted.words.has(&["which", "what", "any", "is", "are"]);
    let plural = wanted.words.list.iter().take(3).any(|word| word.lower.ends_with('s'));
    !bound.by.is_empty() && !bound.by_noun && !asks_which && plural
}

/// An age that does not say its unit is in seconds, as all times by the conventions.
fn scale_of(wanted: &Wanted, family: &Family) -> Scale {
    let timed = wanted.cues.shown.is_some_and(|said| said.unit == Unit::Seconds)
        || wanted.limits.iter().any(|limit| limit.unit() == Some(Unit::Seconds));
    let ages =
        family.name_words.iter().any(|word| matches!(word.as_str(), "age" | "lag" | "staleness"));
    match family.scale.unit {
        Unit::None if timed && ages => Scale::base(Unit::Seconds),
        _ => family.scale,
    }
}

/// "not heard from for 15 minutes"
fn is_aged(wanted: &Wanted, family: &Family) -> bool {
    let plain = matches!(wanted.form, Form::Usual | Form::Share | Form::Absent | Form::Difference);
    let silent = wanted.has_window() && wanted.cues.negated && wanted.limits.is_empty();
    plain && silent && moment::is_age(family)
}

/// The level as it stands, or over the window.
fn measured(
    wanted: &Wanted,
    bound: &Bound,
    (is_state, is_summed): (bool, bool),
    across: Option<&'static str>,
    is_aged: bool,
) -> Measured {
    let over = |function: &'static str| Measured::OverTime {
        function,
        before: None,
        source: source(bound),
        after: None,
        across,
    };
    let level = || Measured::Level { source: source(bound), across };
    if let Some(peak) = peak_of_sum(wanted, bound, across, is_summed) {
        return peak;
    }
    match wanted.form {
        Form::Forecast => {
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
        Form::Since | Form::Until | Form::Within => level(),
        _ if is_aged => level(),
        _ => match (wanted.statistic, wanted.has_window()) {
            (Some(Statistic::Maximum), true) => over("max_over_time"),
            (Some(Statistic::Minimum), true) => over("min_over_time"),
            (None, true) if !is_state && asks_for_any_time(wanted) => {
                let below = wanted.limits.iter().any(|limit| {
                    matches!(limit.comparison, Comparison::Below | Comparison::AtMost)
                });
                over(if below { "min_over_time" } else { "max_over_time" })
            }
            (Some(Statistic::Quantile(quantile)), _) => Measured::OverTime {
                function: "quantile_over_time",
                before: Some(quantile),
                source: source(bound),
                after: None,
                across,
            },
            (_, true) if !is_state => over("avg_over_time"),
            _ => level(),
        },
    }
}

/// "the peak number of players in each region": things that add up had their peak together, and not
/// each by itself.
fn peak_of_sum(
    wanted: &Wanted,
    bound: &Bound,
    across: Option<&'static str>,
    is_summed: bool,
) -> Option<Measured> {
    let function = match wanted.statistic {
        Some(Statistic::Maximum) => "max_over_time",
        Some(Statistic::Minimum) => "min_over_time",
        _ => return None,
    };
    let usual = matches!(wanted.form, Form::Usual) && wanted.has_window();
    if !usual || !is_summed || across.is_none() || wanted.periods.ended.is_some() {
        return None;
    }
    let inner = Measured::Level { source: source(bound), across: Some("sum") };
    let window = wanted.window().text;
    Some(Measured::Peak { function, inner: Box::new(inner), window, resolution: "5m".to_owned() })
}

/// How well a level goes with the form of the question.
fn fit_of_form(wanted: &Wanted, family: &Family) -> f32 {
    let cues = &wanted.cues;
    let quotient = || family.name_words.iter().any(|word| word == "per" || word.ends_with("ps"));
    let quantile = matches!(wanted.statistic, Some(Statistic::Quantile(_)));
    let of_form = match wanted.form {
        Form::Forecast if asks_for_end(wanted) => end_of(family),
        Form::Since | Form::Until => POOR,
        Form::Within => UNFIT,
        Form::Share if family.scale.unit != Unit::Ratio => POOR,
        _ => 0.0,
    };
    // "How many in the last hour" counts events.
    let counts = cues.counts && wanted.has_window() && wanted.statistic.is_none();
    let lost = [
        (quantile && !wanted.has_window(), UNFIT),
        (cues.per_s.is_some() && !quotient(), UNFIT),
        (cues.rates && cues.per_s.is_none() && wanted.form != Form::Growth, POOR),
        (counts, POOR),
    ];
    of_form + lost.into_iter().filter(|(holds, _)| *holds).map(|(_, fit)| fit).sum::<f32>()
}

/// How well a gauge of 0 and 1 goes with the question.
fn fit_of_state(wanted: &Wanted, family: &Family, bound: &Bound, is_state: bool) -> f32 {
    const SAID: f32 = 0.03;
    let timed = wanted.limits.iter().any(|limit| limit.unit().is_some());
    let averaged = moment::says_whether(family)
        && wanted.has_window()
        && wanted.statistic.is_none()
        && wanted.form == Form::Usual;
    let other_form = match wanted.form {
        Form::Usual | Form::Changes | Form::Since => false,
        Form::Share => is_state,
        _ => is_state || moment::is_state(family, bound),
    };
    let other_form = other_form || (is_state && wanted.periods.compared.is_some());
    let mut fit = if is_state { SAID } else { 0.0 };
    for holds in [(is_state && timed) || averaged, other_form] {
        if holds {
            fit += UNFIT;
        }
    }
    fit
}

/// "did it get hotter than 8 degrees": once is enough.
fn asks_for_any_time(wanted: &Wanted) -> bool {
    const ONCE: Phrases = &["did", "ever", "at any time", "at any point", "at some point", "once"];
    let past = wanted.words.is(0, &["was", "were", "has", "have"]);
    !wanted.limits.is_empty() && (past || wanted.words.has(ONCE))
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
    let fit = if plain && narrowed && asked && !wanted.cues.rates { 0.0 } else { UNFIT };
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
