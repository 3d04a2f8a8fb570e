//! What is put around a number: the unit it is shown in, the earlier time it is compared with, the
//! limit it is held against, and the rows that are picked.

use model::{Comparison, Unit};

use super::{
    draft::Draft,
    measured::{At, Measured},
};
use crate::plan::said::{BY_HOW_MUCH, ENDS, FEWER, MORE};
use crate::wanted::{CHANGING, Form, Length, Limit, Phrases, Wanted};
use crate::{
    catalog::Scale,
    plan::ground::Ground,
    promql::{Expression, symbol},
};

/// An expression that answers a question.
#[derive(Debug, Clone)]
pub(crate) struct Built {
    pub(crate) expression: Expression,
    /// The same with rows brought together, where there may be too many to show each.
    pub(crate) fewer_rows: Option<Expression>,
    pub(crate) metrics: Vec<String>,
    pub(crate) by: Vec<String>,
    pub(crate) what: String,
    /// Of the value, before it is shown in another unit.
    pub(crate) scale: Scale,
    pub(crate) per_second: bool,
    /// How much of the question it explains, from 0 to 1.
    pub(crate) coverage: f32,
}

pub(super) fn finish(ground: &Ground<'_>, draft: &Draft) -> Built {
    let fewer_rows =
        draft.has_rows.then(|| draft.gathered(ground)).map(|draft| finished(ground, &draft));
    Built {
        expression: finished(ground, draft),
        fewer_rows,
        metrics: draft.metrics.clone(),
        by: draft.by.clone(),
        what: draft.what.clone(),
        scale: draft.scale,
        per_second: draft.per_second,
        coverage: ground.full_coverage(&draft.explains),
    }
}

fn finished(ground: &Ground<'_>, draft: &Draft) -> Expression {
    let wanted = ground.wanted;
    let scale = scale(wanted, draft);
    let at = |offset: Option<String>| At { window: wanted.window().text, offset };
    let value = |offset: Option<String>| {
        shown(wanted, draft, draft.measured.expression(&draft.by, &at(offset)), scale)
    };
    let ended = wanted.periods.ended.as_ref().map(Length::offset);
    let mut expression = match (&wanted.periods.compared, &draft.measured) {
        (Some(back), measured) if !matches!(measured, Measured::Fixed(_) | Measured::Absent(_)) => {
            compared(wanted, value(ended), value(Some(back.offset())))
        }
        _ => value(ended),
    };
    let is_held = limits(wanted, draft, scale, &mut expression);
    if let (Some(state), false) = (draft.state, is_held) {
        if !wanted.cues.counts || !state {
            expression = expression.binary("==", Expression::Number(if state { 1.0 } else { 0.0 }));
        }
        // Rows that are told apart and yet not added up are counted.
        let each = matches!(draft.measured, Measured::Level { across: None, .. });
        if !state && (wanted.cues.counts || (each && !draft.by.is_empty())) {
            expression = Expression::aggregate("count", &draft.by, expression);
        }
    } else if let (Some(any), false) = (exists(wanted, draft), is_held) {
        expression = expression.binary(if any { ">" } else { "==" }, Expression::Number(0.0));
    } else if is_held && wanted.cues.counts && counts_rows(wanted, draft) {
        expression = Expression::aggregate("count", &[], expression);
    }
    if let Some(rank) = wanted.rank {
        let single = draft.by.is_empty() && !draft.has_rows;
        // "the slowest on each route" is every route, by its slowest.
        let each = draft.within.is_empty()
            && !draft.by_noun
            && !rank.said
            && wanted.rows.iter().any(|row| row.each);
        if !single && !each {
            let operator = if rank.highest { "topk" } else { "bottomk" };
            expression = Expression::ranked(operator, rank.count, &draft.within, expression);
        }
    }
    expression
}

/// The value in the unit that it is to be shown in.
fn shown(wanted: &Wanted, draft: &Draft, value: Expression, scale: f64) -> Expression {
    let bytes = draft.scale.unit == Unit::Bytes && draft.scale.factor == 1.0;
    match wanted.cues.shown {
        Some(said)
            if bytes
                && said.unit == Unit::Bytes
                && wanted.cues.per_s.is_none_or(|seconds| seconds == 1) =>
        {
            let base = if said.bits { said.factor * 8.0 } else { said.factor };
            value.in_unit(said.bits, base)
        }
        _ => value.scaled(scale),
    }
}

/// "Which queues have messages", "queues without consumers": rows are held against zero.
fn exists(wanted: &Wanted, draft: &Draft) -> Option<bool> {
    let any = wanted.cues.existence?;
    let only = wanted.words.has(&["only those", "only the ones"]);
    let plain = wanted.rank.is_none()
        && wanted.statistic.is_none()
        && wanted.periods.compared.is_none()
        && (only || !wanted.cues.counts || draft.what == "difference")
        && !wanted.cues.rates
        && matches!(draft.what.as_str(), "value" | "increase" | "difference")
        && matches!(draft.scale.unit, Unit::None | Unit::Count);
    let rows = draft.by_noun
        || draft.has_rows
        || wanted.cues.asks_whether
        || wanted.lacks_events()
        || draft.what == "difference"
        || wanted.words.has(&["any", "anybody", "anyone", "anything"]);
    (plain && rows).then_some(any)
}

/// "kilometres" of a metric in metres: 1e-3.
fn prefixed(wanted: &Wanted, draft: &Draft) -> f64 {
    const PREFIXES: &[(&str, f64)] =
        &[("kilo", 1e-3), ("mega", 1e-6), ("milli", 1e3), ("centi", 100.0)];
    const COINS: &[&str] = &["cents", "cent", "pence", "penny", "centimes", "rappen", "ore"];
    const COINED: Phrases = &[
        "dollars", "euros", "pounds", "francs", "kronor", "dollar", "euro", "pound", "money",
        "usd", "eur", "chf", "gbp", "sek",
    ];
    let coins = |name: &String| {
        let words = crate::text::words(name);
        let counted = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
        // What is no time in millionths is money in millionths.
        let micros = draft.scale.unit != Unit::Seconds && counted(&["micros"]);
        let coined = counted(COINS) && wanted.words.has(COINED);
        // Nobody thinks in millionths of a euro.
        if coined { Some(0.01) } else { micros.then_some(1e-6) }
    };
    if let Some(factor) = draft.metrics.first().and_then(coins) {
        return factor;
    }
    let american =
        |word: &str| word.trim_end_matches('s').replace("metre", "meter").replace("litre", "liter");
    let named = |unit: &str| {
        draft.metrics.first().is_some_and(|name| {
            crate::text::words(name).iter().any(|word| american(word) == american(unit))
        })
    };
    let found = wanted.words.list.iter().find_map(|word| {
        PREFIXES.iter().find(|(prefix, _)| {
            word.lower.strip_prefix(prefix).is_some_and(|unit| unit.len() > 3 && named(unit))
        })
    });
    found.map_or(1.0, |(_, factor)| *factor)
}

/// What the recorded value is multiplied by to be shown as asked; 1 where nothing is asked.
fn scale(wanted: &Wanted, draft: &Draft) -> f64 {
    let per = if draft.per_second {
        wanted.cues.per_s.map_or(1.0, |seconds| seconds as f64)
    } else {
        1.0
    };
    let Some(shown) = wanted.cues.shown else { return per * prefixed(wanted, draft) };
    // A percentage that is said of a limit needs none of the value.
    let own = draft.scale;
    if shown.unit != own.unit {
        // Cores are seconds of CPU per second.
        let cores = shown.unit == Unit::Cores && own.unit == Unit::Cores;
        return if cores { own.factor * per } else { per };
    }
    let factor = own.factor / shown.factor;
    let rounded = if factor >= 1.0 { (factor * 1e6).round() / 1e6 } else { factor };
    rounded * per
}

/// Now and then, as the question wants them compared.
fn compared(wanted: &Wanted, now: Expression, then: Expression) -> Expression {
    let words = &wanted.words;
    if let Some((comparison, factor)) = wanted.limits.iter().find_map(|it| relative(wanted, it)) {
        return now.binary(symbol(comparison), then.scaled_by(factor));
    }
    if let Some(limit) = wanted.limits.iter().find(|limit| limit.times) {
        return now.binary(symbol(limit.comparison), then.scaled_by(limit.value));
    }
    let changes = words.has_form_of(CHANGING);
    let percent = wanted.cues.shown.is_some_and(|shown| shown.unit == Unit::Ratio);
    if percent && changes {
        return now.binary("-", then.clone()).binary("/", then).scaled(100.0);
    }
    let difference = words.has(BY_HOW_MUCH);
    if wanted.compares_as_ratio() && !difference {
        return now.binary("/", then);
    }
    if words.has(&[
        "more", "fewer", "less", "higher", "lower", "slower", "faster", "longer", "shorter",
        "bigger", "smaller", "larger", "worse", "better",
    ]) && (wanted.cues.asks_whether || words.has(&["which", "any"]))
        && !difference
    {
        let lower =
            words.has(&["fewer", "less", "lower", "faster", "shorter", "smaller", "better"]);
        return now.binary(if lower { "<" } else { ">" }, then);
    }
    if difference || words.has(&["more", "fewer", "less", "change", "grown", "grew"]) {
        return now.binary("-", then);
    }
    now.binary("/", then)
}

/// "at least a fifth fewer than", "up by more than 20 %": the limit as a multiple of what it was.
fn relative(wanted: &Wanted, limit: &Limit) -> Option<(Comparison, f64)> {
    let part = limit.unit() == Some(Unit::Ratio) || (limit.times && limit.value < 1.0);
    if !part || wanted.periods.compared.is_none() {
        return None;
    }
    // In "lower than half" the word belongs to the limit itself.
    let said = |one_of: &[&str]| {
        (limit.at.saturating_sub(5)..limit.at + 4).any(|at| {
            let own = at < limit.at && wanted.words.is(at + 1, &["than"]);
            wanted.words.is(at, one_of) && !own
        })
    };
    let (fewer, more) = (said(FEWER), said(MORE));
    let rounded = |value: f64| (value * 1e9).round() / 1e9;
    let part = limit.in_base();
    let turned = match limit.comparison {
        Comparison::Above => Comparison::Below,
        Comparison::AtLeast => Comparison::AtMost,
        Comparison::Below => Comparison::Above,
        Comparison::AtMost => Comparison::AtLeast,
        Comparison::Equal => Comparison::Equal,
    };
    match (fewer, more) {
        // "dropped to less than half of it" is what is left, not what is gone.
        (true, _) if turned != limit.comparison && limit.times && is_below(limit) => {
            Some((limit.comparison, rounded(part)))
        }
        (true, _) => Some((turned, rounded(1.0 - part))),
        (false, true) => Some((limit.comparison, rounded(1.0 + part))),
        _ => None,
    }
}

fn is_below(limit: &Limit) -> bool {
    matches!(limit.comparison, Comparison::Below | Comparison::AtMost)
}

/// Holds the value against the limits of the question; tells whether there was any.
fn limits(wanted: &Wanted, draft: &Draft, scale: f64, expression: &mut Expression) -> bool {
    if matches!(draft.measured, Measured::Fixed(_) | Measured::Absent(_)) {
        return false;
    }
    let compares = wanted.periods.compared.is_some();
    if draft.what == "share within the limit" {
        // The first limit is the bucket; another one holds the share.
        let share = wanted.limits.iter().find(|limit| limit.unit() == Some(Unit::Ratio));
        let Some(limit) = share else { return false };
        hold(wanted, expression, limit, limit.in_base() / if scale == 1.0 { 1.0 } else { 0.01 });
        return true;
    }
    let mut held = false;
    for limit in &wanted.limits {
        if compares && (limit.times || relative(wanted, limit).is_some()) {
            return true;
        }
        let Some(value) = limit_value(limit, draft, scale) else { continue };
        hold(wanted, expression, limit, value);
        held = true;
    }
    if !held && let Some((symbol, seconds)) = by_window(wanted, draft) {
        let value = seconds as f64 / (draft.scale.factor / scale);
        *expression = expression.clone().binary(symbol, Expression::Number(value));
        return true;
    }
    if !held && draft.what == "value" && asks_for_end(wanted) {
        // "run out of space" is having none left.
        *expression = expression.clone().binary("<", Expression::Number(0.0));
        return true;
    }
    held
}

/// "rebooted within the last hour" is being up for less; "no backup for 2 days" is one longer ago.
fn by_window(wanted: &Wanted, draft: &Draft) -> Option<(&'static str, i64)> {
    if draft.what == "time left until" && wanted.limits.is_empty() && wanted.rank.is_none() {
        // "expires within the next two weeks"
        let within = wanted.words.has(&["within", "in", "inside"]);
        let window = wanted.periods.windows.first().filter(|_| within);
        let ahead = wanted.periods.ahead.as_ref().or(window);
        return ahead.map(|ahead| ("<", ahead.seconds));
    }
    let window = wanted.periods.windows.first()?;
    let since = draft.what == "time since" || draft.what == "time up";
    if !since || wanted.rank.is_some() || !wanted.limits.is_empty() {
        return None;
    }
    let denied = wanted.cues.negated
        || wanted
            .words
            .has(&["without", "silent", "quiet", "stale", "idle", "dead", "missing", "inactive"]);
    Some((if denied { ">" } else { "<" }, window.seconds))
}

fn hold(wanted: &Wanted, expression: &mut Expression, limit: &Limit, value: f64) {
    let denied = (1..=4)
        .filter_map(|back| limit.at.checked_sub(back))
        .any(|at| wanted.words.is(at, &["not", "n't", "n’t", "other"]));
    let symbol = match limit.comparison {
        Comparison::Equal if denied => "!=",
        comparison => symbol(comparison),
    };
    *expression = expression.clone().binary(symbol, Expression::Number(value));
}

/// The limit in the unit of the expression.
fn limit_value(limit: &Limit, draft: &Draft, scale: f64) -> Option<f64> {
    let recorded = draft.scale.factor;
    let shown = recorded / scale;
    let rounded = |value: f64| (value * 1e9).round() / 1e9;
    match limit.unit() {
        None if limit.times && draft.scale.unit == Unit::Ratio && limit.value < 1.0 => {
            Some(rounded(limit.value / shown))
        }
        None if draft.scale.unit == Unit::Ratio && limit.value > 1.0 && scale == 1.0 => {
            Some(rounded(limit.value / 100.0))
        }
        None => Some(limit.value),
        Some(unit) if unit == draft.scale.unit => Some(rounded(limit.in_base() / shown)),
        Some(Unit::Ratio) => None,
        // The unit of the metric is not known, so the number is taken as it was said.
        Some(_) if draft.scale.unit == Unit::None => Some(limit.in_base()),
        Some(_) => Some(limit.value),
    }
}

/// "run out", "be exhausted": the end of what is left.
pub(super) fn asks_for_end(wanted: &Wanted) -> bool {
    wanted.form == Form::Forecast && wanted.words.has(ENDS)
}

/// "How many pods use more than 1 GB": the rows are counted.
fn counts_rows(wanted: &Wanted, draft: &Draft) -> bool {
    wanted.words.has(&["how many", "number of", "count of", "count"])
        && (draft.has_rows || !draft.by.is_empty())
        && !matches!(draft.measured, Measured::Rows(_))
}
