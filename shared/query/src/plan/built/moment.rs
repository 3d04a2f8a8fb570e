//! Gauges that hold a moment in time, and gauges that are 0 or 1.

use model::Unit;

use super::{
    draft::{Draft, source},
    measured::Measured,
    plain::{POOR, UNFIT, picks_rows},
};
use crate::plan::said::{DENYING, EVENTS, EXPIRING, STARTS};
use crate::wanted::{Form, Statistic};
use crate::{
    catalog::{Family, Kind, Scale},
    plan::ground::{Bound, Candidate, Filter, Ground},
    promql::Matcher,
};

/// Words of names of gauges that hold a moment.
const MOMENTS: &[&str] = &["timestamp", "epoch", "unixtime", "ts"];

/// How many of a gauge's units make a second, where it holds a moment; `None` where it does not.
pub(super) fn per_second(family: &Family) -> Option<f64> {
    if family.kind != Kind::Gauge {
        return None;
    }
    let has =
        |words: &[String], list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let named = has(&family.name_words, MOMENTS)
        || (has(
            &family.name_words,
            &["time", "date", "created", "expire", "expiry", "expires", "expiration"],
        ) && has(&family.name_words, EVENTS)
            && helps(family));
    let helped = has(&family.help_words, &["unix", "epoch", "unixtime", "timestamp"])
        && !family.help_words.iter().any(|word| word == "difference");
    if !named && !helped {
        return None;
    }
    let milliseconds = family.scale.unit == Unit::Seconds && family.scale.factor == 1e-3;
    Some(if milliseconds { 1e3 } else { 1.0 })
}

/// A duration says so in its help: "time spent", "time taken".
fn helps(family: &Family) -> bool {
    !family.help_words.iter().any(|word| {
        matches!(
            word.as_str(),
            "duration" | "spent" | "taken" | "elapsed" | "latency" | "long" | "took"
        )
    })
}

/// The time since a moment, or until it.
pub(super) fn draft(
    ground: &Ground<'_>,
    candidate: &Candidate<'_>,
    bound: &Bound,
    per_second: f64,
) -> Option<Draft> {
    let wanted = ground.wanted;
    if matches!(wanted.form, Form::Changes) || (wanted.cues.counts && wanted.has_window()) {
        // How often a process started is how often the moment changed.
        let across = (!bound.by.is_empty()).then_some("sum");
        let measured = Measured::OverTime {
            function: "changes",
            before: None,
            source: source(bound),
            after: None,
            across,
        };
        let mut draft = Draft::new(measured, bound, &candidate.explains, candidate.surplus);
        draft.has_rows = across.is_none();
        return Some(
            draft.scaled(Scale::base(Unit::Count)).called("number of changes").fitting(POOR),
        );
    }
    let to_come = is_to_come(candidate.family);
    let until = wanted.form == Form::Until || (wanted.form != Form::Since && to_come);
    let across = match wanted.statistic {
        Some(Statistic::Mean) => Some("avg"),
        Some(Statistic::Maximum) => Some("max"),
        Some(Statistic::Minimum) => Some("min"),
        _ if bound.by.is_empty() => None,
        _ if until => Some("min"),
        _ => Some("max"),
    };
    let measured = Measured::Age { source: source(bound), per_second, until, across };
    let timed = wanted.cues.shown.is_some_and(|said| said.unit == Unit::Seconds)
        || wanted.limits.iter().any(|limit| limit.unit() == Some(Unit::Seconds));
    let fit = match wanted.form {
        Form::Since | Form::Until => 0.15,
        Form::Usual if timed => 0.05,
        Form::Usual => POOR,
        // "certificates that run out within the next week"
        Form::Forecast if to_come && wanted.periods.ahead.is_some() => 0.05,
        _ => UNFIT,
    };
    let fit = if until && to_come { fit + 0.1 } else { fit };
    let quantile = matches!(wanted.statistic, Some(Statistic::Quantile(_)));
    let fit = if wanted.cues.per_s.is_some() || quantile { fit + UNFIT } else { fit };
    let what = if until { "time left until" } else { "time since" };
    let mut draft = Draft::new(measured, bound, &candidate.explains, candidate.surplus);
    if until && to_come {
        // What says that it is to come is what was asked for.
        draft.surplus *= 0.3;
    }
    let started = candidate.family.name_words.iter().any(|word| word == "start" || word == "boot");
    let said = match (until, started) {
        (true, _) => Some(EXPIRING),
        (false, true) => Some(STARTS),
        _ => None,
    };
    for at in said.into_iter().flat_map(|said| wanted.words.places(said).iter()) {
        draft.explains[at] = 1.0;
    }
    draft.has_rows = across.is_none();
    Some(draft.scaled(Scale::base(Unit::Seconds)).called(what).fitting(fit))
}

/// A gauge of how long something has been the case.
pub(super) fn is_age(family: &Family) -> bool {
    family.scale.unit == Unit::Seconds
        && family.name_words.iter().any(|word| {
            matches!(
                word.as_str(),
                "age" | "since" | "staleness" | "lag" | "idle" | "ago" | "silence"
            )
        })
}

/// A gauge of the time that something has been up, asked whether it restarted.
pub(super) fn uptime(
    ground: &Ground<'_>,
    candidate: &Candidate<'_>,
    bound: &Bound,
) -> Option<Draft> {
    let wanted = ground.wanted;
    let family = candidate.family;
    let is_uptime =
        family.scale.unit == Unit::Seconds && family.name_words.iter().any(|word| word == "uptime");
    if !is_uptime || !wanted.words.has(STARTS) || !wanted.has_window() {
        return None;
    }
    let across = (!bound.by.is_empty()).then_some("min");
    let measured = Measured::Level { source: source(bound), across };
    let mut draft = Draft::new(measured, bound, &candidate.explains, candidate.surplus);
    for at in wanted.words.places(STARTS).iter() {
        draft.explains[at] = 1.0;
    }
    draft.has_rows = across.is_none();
    Some(draft.scaled(family.scale).called("time up"))
}

fn is_to_come(family: &Family) -> bool {
    let words = || family.name_words.iter().chain(&family.help_words);
    words().any(|word| {
        matches!(
            word.as_str(),
            "expiry" | "expires" | "expire" | "expiration" | "after" | "next" | "deadline"
        )
    })
}

/// A gauge of states as it is to be read: "not ready" is `condition="Ready"` and 0, and of a label
/// that says whether a condition holds, `true` is meant.
pub(super) fn settled(ground: &Ground<'_>, family: &Family, bound: &Bound) -> Option<Bound> {
    if !is_state(family, bound) {
        return None;
    }
    let labels = ground.catalog.labels(&bound.series)?;
    let mut settled = bound.clone();
    for filter in &mut settled.filters {
        let of_state = STATES.contains(&filter.label.as_str())
            || filter.label.ends_with("_status")
            || filter.label.ends_with("_state");
        if filter.negated && of_state {
            filter.matcher = Matcher::one_of(&filter.label, &filter.values);
            filter.negated = false;
        }
    }
    let open = labels.iter().find(|(label, values)| {
        let says_whether = values.len() > 1
            && values
                .iter()
                .all(|value| matches!(value.to_lowercase().as_str(), "true" | "false" | "unknown"));
        says_whether && settled.filters_on(label).is_none() && !settled.by.contains(label)
    });
    if let Some((label, values)) = open {
        let holds = values.iter().find(|value| value.to_lowercase() == "true")?;
        settled.filters.push(Filter {
            label: label.clone(),
            matcher: Matcher::equal(label, holds),
            values: vec![holds.clone()],
            negated: false,
            words: Vec::new(),
        });
    }
    Some(settled)
}

/// Labels of states.
const STATES: &[&str] = &["state", "status", "phase", "condition", "reason", "health"];

/// Whether a gauge of 0 and 1 is asked for as a state, and which of both the question means.
pub(super) fn state(ground: &Ground<'_>, family: &Family, bound: &Bound) -> Option<bool> {
    if !is_state(family, bound) {
        return None;
    }
    let words = &ground.wanted.words;
    let valued = |at: usize| bound.filters.iter().any(|filter| filter.words.contains(&at));
    // "stopped" denies nothing where it is the state itself, nor does "stuck" before one.
    let denied = words.places(DENYING).iter().any(|at| {
        let stuck = words.is(at, &["stuck"]) && (valued(at + 1) || valued(at + 2));
        !valued(at) && !stuck
    });
    // A label's own value says "not" already: `condition="false"`.
    let by_value = bound.filters.iter().any(|filter| {
        filter.negated
            || filter.words.iter().any(|at| {
                matches!(
                    words.at(*at),
                    "down"
                        | "failed"
                        | "failing"
                        | "offline"
                        | "disabled"
                        | "off"
                        | "unhealthy"
                        | "dead"
                        | "lost"
                )
            })
    });
    let by_name = family.name_words.iter().any(|word| {
        matches!(
            word.as_str(),
            "unschedulable" | "failed" | "unavailable" | "down" | "unhealthy" | "disabled"
        )
    });
    let asks = ground.wanted.words.has(&[
        "which", "any", "are", "is", "what", "where", "has", "does", "that", "list", "show",
    ]) || picks_rows(ground)
        || denied;
    if !asks && !bound.filters.iter().any(|filter| !filter.negated) {
        return None;
    }
    // "sealed" where the metric says that it is unsealed.
    let turned = ground.wanted.words.list.iter().any(|word| {
        family.name_words.iter().any(|name| {
            name.strip_prefix("un") == Some(word.lower.as_str())
                || word.lower.strip_prefix("un") == Some(name)
        })
    });
    Some((!denied || by_value || by_name) != turned)
}

/// A gauge of 0 and 1, by its help or the last word of its name.
pub(super) fn says_whether(family: &Family) -> bool {
    const NAMES: &[&str] =
        &["up", "ready", "condition", "phase", "reason", "unschedulable", "enabled"];
    let named = family.name_words.last().is_some_and(|last| NAMES.contains(&last.as_str()));
    let numbers = family
        .help_words
        .iter()
        .any(|word| matches!(word.as_str(), "number" | "count" | "many" | "nodes" | "pods"));
    let helped = family.help_words.iter().any(|word| word == "whether");
    family.kind == Kind::Gauge && family.scale.unit == Unit::None && (helped || (named && !numbers))
}

/// A gauge of 0 and 1, by its name, its help or a label of states.
pub(super) fn is_state(family: &Family, bound: &Bound) -> bool {
    const NAMES: &[&str] = &[
        "up", "healthy", "enabled", "ready", "condition", "phase", "reason", "unschedulable",
        "alive", "paused", "leader", "connected", "online", "firing", "degraded", "success",
    ];
    let help = &family.help_words;
    // `devices_online` counts them.
    let counts = family.name_words.iter().rev().nth(1).is_some_and(|thing| {
        thing.ends_with('s') && !thing.ends_with("ss") && !thing.ends_with("us")
    });
    let named = family.name_words.last().is_some_and(|last| NAMES.contains(&last.as_str()))
        && !counts
        && matches!(family.scale.unit, Unit::None | Unit::Count)
        && !help.iter().any(|word| matches!(word.as_str(), "number" | "count" | "many"))
        && !family
            .name_words
            .iter()
            .any(|word| matches!(word.as_str(), "number" | "count" | "replicas" | "num"));
    let helped = help.iter().any(|word| word == "whether")
        || matches!(help.as_slice(), [one, when, ..] if one == "1" && matches!(when.as_str(), "when" | "if" | "for" | "on" | "means" | "while"))
        || help
            .windows(2)
            .any(|pair| matches!((pair[0].as_str(), pair[1].as_str()), ("indicates", "if")))
        || help.windows(2).any(|pair| {
            matches!(
                (pair[0].as_str(), pair[1].as_str()),
                ("1", "if") | ("1", "when") | ("1", "for") | ("1", "up") | ("0", "or")
            )
        });
    let of_states =
        family.name_words.last().is_some_and(|last| {
            matches!(last.as_str(), "state" | "status" | "phase" | "condition")
        }) && bound.filters.iter().any(|filter| {
            matches!(filter.label.as_str(), "state" | "status" | "phase" | "condition" | "reason")
        });
    (named || helped || of_states) && family.kind == Kind::Gauge
}
