//! Numbers that no metric holds by itself but two do together: a mean of two counters, what is used
//! where the free and the total are recorded.

use model::Unit;

use super::{
    draft::{Draft, source},
    level,
    measured::{Measured, Source},
    pair::{Pairing, pairing, siblings},
};
use crate::plan::said::TIMES;
use crate::wanted::{Form, Phrases, Statistic};
use crate::{
    catalog::{Family, Kind, Role, Scale},
    plan::ground::{Bound, Candidate, Ground, together},
    promql::Selector,
};

/// The mean of what a counter of time counts: by the counter of how often that was.
pub(super) fn mean(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    let family = candidate.family;
    let timed =
        family.kind == Kind::Counter && matches!(family.scale.unit, Unit::Seconds | Unit::Bytes);
    if ground.wanted.statistic != Some(Statistic::Mean) || !timed {
        return None;
    }
    let others = siblings(ground, family).into_iter().map(|at| ground.candidate(at));
    let events = others.filter_map(|other| {
        let counts = other.family.kind == Kind::Counter
            && !matches!(other.family.scale.unit, Unit::Seconds | Unit::Bytes);
        let only = |one: &Family, two: &Family| -> Vec<usize> {
            (0..one.word_ids.len())
                .filter(|place| !two.word_ids.contains(&one.word_ids[*place]))
                .collect()
        };
        let own = only(family, other.family);
        let others = only(other.family, family);
        let shared = family.name_words.len() - own.len();
        let in_time =
            own.iter().filter(|place| TIMES.contains(&family.name_words[**place].as_str())).count();
        (counts && shared >= 1 && in_time >= 1).then(|| {
            let other_role =
                others.iter().any(|place| other.family.word_roles[*place].has(Role::Failed));
            let unshared =
                others.iter().filter(|place| other.family.name_words[**place] != "total");
            let strange = own.len() - in_time + unshared.count();
            // `x_sum` belongs to `x_count`, whatever else begins alike.
            let twin = family.name.strip_suffix("_sum") == other.family.name.strip_suffix("_count")
                && family.name.ends_with("_sum");
            (if twin { 0 } else { strange + 1 + if other_role { 2 } else { 0 } }, other)
        })
    });
    let (strange, count) = events.min_by(|a, b| (a.0, a.1.at).cmp(&(b.0, b.1.at)))?;
    let bound = ground.bind(family.main_series()?, &candidate.explains);
    let labels = ground.catalog.labels(count.family.main_series()?)?;
    if !bound
        .by
        .iter()
        .chain(bound.filters.iter().map(|filter| &filter.label))
        .all(|label| labels.contains_key(label))
    {
        return None;
    }
    let rate = |series: &str| {
        let selector = Selector { metric: series.to_owned(), ..bound.selector() };
        Box::new(Measured::Counted {
            function: "rate",
            source: Source { selector, join: bound.join.clone() },
            added: true,
        })
    };
    let measured =
        Measured::Ratio { part: rate(&bound.series), whole: rate(count.family.main_series()?) };
    let named = together(&candidate.explains, &count.explains);
    let mut draft = Draft::new(measured, &bound, &named, candidate.surplus);
    draft.metrics.push(count.family.name.clone());
    super::distribution::explain_time(ground, family, &mut draft);
    Some(
        draft
            .scaled(family.scale)
            .called("mean")
            .fitting(0.1 - 0.06 * strange.saturating_sub(1) as f32),
    )
}

/// "retries per request": one counter by another.
pub(super) fn per(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    let wanted = ground.wanted;
    let family = candidate.family;
    let words = &wanted.words;
    let at = words.places(&["per", "for each", "for every", "each"]).iter().find_map(|at| {
        let noun = at + 1 + usize::from(words.is(at, &["for"]));
        (!words.is_taken(noun)).then_some(noun)
    })?;
    if family.kind == Kind::Gauge
        || candidate.explains.get(at).is_none_or(|explained| *explained >= 0.95)
    {
        return None;
    }
    let mut others = siblings(ground, family).into_iter().map(|at| ground.candidate(at));
    let whole = others.find(|other| {
        let named =
            other.explains[at] >= 0.85 && other.family.name_words.len() <= family.name_words.len();
        named
            && !matches!(other.family.scale.unit, Unit::Seconds | Unit::Bytes)
            && other.surplus <= candidate.surplus + 0.02
    })?;
    let one = ground.bind(family.count_series()?, &candidate.explains);
    let other = ground.bind(whole.family.count_series()?, &whole.explains);
    let labels = ground.catalog.labels(&other.series)?;
    if !one.by.iter().all(|label| labels.contains_key(label)) || labels.contains_key(words.at(at)) {
        return None;
    }
    let rate = |bound: &Bound| {
        Box::new(Measured::Counted { function: "rate", source: source(bound), added: true })
    };
    let measured = Measured::Ratio { part: rate(&one), whole: rate(&other) };
    let named = together(&candidate.explains, &whole.explains);
    let mut draft = Draft::new(measured, &one, &named, candidate.surplus);
    draft.metrics.push(other.series.clone());
    draft.unmet = draft.unmet.saturating_sub(1);
    Some(draft.scaled(Scale::base(Unit::Ratio)).called("ratio").fitting(0.02))
}

/// "abandonments compared with orders": two things that the question names, one by the other.
pub(super) fn compared(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Vec<Draft> {
    let wanted = ground.wanted;
    let family = candidate.family;
    let held = wanted.words.places(&["compared", "versus", "vs", "relative", "against"]);
    let Some(at) = held.iter().next().filter(|_| wanted.periods.compared.is_none()) else {
        return Vec::new();
    };
    if family.kind == Kind::Gauge {
        return Vec::new();
    }
    let named = |one: &Candidate<'_>, other: &Candidate<'_>, mut places: std::ops::Range<usize>| {
        places.any(|place| one.explains[place] >= 0.8 && other.explains[place] < 0.5)
    };
    let all = wanted.words.len();
    let others = ground.candidates.iter().filter(|other| {
        other.at != candidate.at
            && other.family.kind == family.kind
            && named(candidate, other, 0..at)
            && named(other, candidate, at..all)
    });
    others
        .filter_map(|other| {
            let one = ground.bind(family.count_series()?, &candidate.explains);
            let second = ground.bind(other.family.count_series()?, &other.explains);
            if one.by != second.by {
                return None;
            }
            let rate = |bound: &Bound| {
                Box::new(Measured::Counted { function: "rate", source: source(bound), added: true })
            };
            let measured = Measured::Ratio { part: rate(&one), whole: rate(&second) };
            let named = together(&candidate.explains, &other.explains);
            let mut draft =
                Draft::new(measured, &one, &named, candidate.surplus.max(other.surplus));
            draft.metrics.push(second.series.clone());
            Some(draft.scaled(Scale::base(Unit::Ratio)).called("ratio"))
        })
        .collect()
}

/// What is free, where only the total and what is used are recorded: "GPUs that nobody uses".
pub(super) fn left(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    const UNUSED: Phrases = &[
        "free", "idle", "unused", "unallocated", "nobody uses", "not used", "not in use", "spare",
    ];
    /// How surely the two belong together.
    const SURE: f32 = 0.1;
    let wanted = ground.wanted;
    let family = candidate.family;
    let level = matches!(wanted.form, Form::Usual) && family.kind == Kind::Gauge;
    if !level || !wanted.words.has(UNUSED) || family.plays(Role::Free) {
        return None;
    }
    let others = siblings(ground, family);
    let is_recorded = |at: &usize| {
        let paired = pairing(&ground.catalog.families()[*at], family);
        paired.is_some_and(|paired| paired.pairing == Pairing::RestOfAll)
    };
    if others.iter().any(is_recorded) {
        return None;
    }
    let part = others.into_iter().filter_map(|at| {
        let paired = pairing(&ground.catalog.families()[at], family)?;
        let used = paired.pairing == Pairing::PartOfAll && paired.role == Some(Role::Used);
        (used && paired.sure >= SURE).then(|| (paired.sure, ground.candidate(at)))
    });
    let part = part.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.at.cmp(&a.1.at)))?.1;
    let all = ground.bind(family.main_series()?, &candidate.explains);
    let bound = ground.bind(part.family.main_series()?, &part.explains);
    if bound.by != all.by {
        return None;
    }
    let across = level::across(ground, family, &all);
    let level = |bound: &Bound| Box::new(Measured::Level { source: source(bound), across });
    let measured = Measured::Difference(level(&all), level(&bound));
    let mut draft = Draft::new(measured, &all, &candidate.explains, 0.0);
    draft.metrics.push(bound.series.clone());
    draft.has_rows = across.is_none();
    for at in wanted.words.places(UNUSED).iter() {
        draft.explains[at] = 1.0;
    }
    Some(draft.scaled(family.scale).called("rest").fitting(0.02))
}

/// What is used: the total less what is free.
pub(super) fn used(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    let wanted = ground.wanted;
    let family = candidate.family;
    let said =
        wanted.words.has(&["used", "usage", "use", "consumed", "consumption", "occupied", "taken"]);
    let level = matches!(wanted.form, Form::Usual) && family.kind == Kind::Gauge;
    if !said || !level {
        return None;
    }
    let whole = siblings(ground, family).into_iter().filter_map(|at| {
        let paired = pairing(family, &ground.catalog.families()[at])?;
        let free = paired.pairing == Pairing::RestOfAll && paired.role == Some(Role::Free);
        // The total and the rest differ in one word of their names.
        (free && paired.own.len() == 1).then(|| (paired.sure, ground.candidate(at)))
    });
    let whole = whole.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.at.cmp(&a.1.at)))?.1;
    let bound = ground.bind(family.main_series()?, &candidate.explains);
    let all = ground.bind(whole.family.main_series()?, &whole.explains);
    if bound.by != all.by {
        return None;
    }
    let across = level::across(ground, family, &bound);
    let level = |bound: &Bound| Box::new(Measured::Level { source: source(bound), across });
    let measured = Measured::Difference(level(&all), level(&bound));
    let named = together(&candidate.explains, &whole.explains);
    let mut draft = Draft::new(measured, &bound, &named, 0.0);
    draft.metrics.push(all.series.clone());
    draft.has_rows = across.is_none();
    for at in 0..wanted.words.len() {
        if wanted.words.is(at, &["used", "usage", "use", "consumed", "occupied", "taken"]) {
            draft.explains[at] = 1.0;
        }
    }
    Some(draft.scaled(Scale { ..family.scale }).called("use").fitting(-0.05))
}
