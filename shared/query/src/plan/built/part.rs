//! Shares that two families make: what is used of its limit, what failed of all.

use std::rc::Rc;

use model::Unit;

use super::{
    draft::{Draft, source},
    finish::asks_for_end,
    measured::{At, Measured},
    moment,
    other::plainly,
    pair::{Paired, Pairing, pairing, siblings},
    plain,
    share::explain,
};
use crate::{
    catalog::{Family, Kind, Role, Scale},
    plan::{
        ground::{Bound, Candidate, Filter, Ground, together},
        said::{
            ENDS, FAILING, FAILING_OTHERWISE, HITTING, LEFT, MISSING, ROLE_FAILED, ROLE_FREE,
            ROLE_LIMIT, ROLE_USED, SUCCEEDING,
        },
    },
    promql::Matcher,
    wanted::{Phrases, Words},
};

/// A family and one that it is a part of.
pub(super) fn of_pairs(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Vec<Draft> {
    let family = candidate.family;
    let mut drafts = Vec::new();
    let says_whether = moment::says_whether(family);
    if says_whether || candidate.explains.iter().all(|explained| *explained < 0.3) {
        return drafts;
    }
    let mut pairs: Vec<(f32, Rc<Candidate<'_>>, Paired)> = Vec::new();
    for at in siblings(ground, family) {
        let other = ground.candidate(at);
        let estimate = ground.coverage_of_both(candidate, &other) - 0.3 * other.surplus;
        // What they say is looked at first: it costs least.
        if !ground.may_reach(estimate + MOST_SURE) {
            continue;
        }
        let Some(paired) = pairing(family, &ground.catalog.families()[at]) else { continue };
        let estimate = estimate + paired.sure;
        if ground.may_reach(estimate) {
            pairs.push((estimate, other, paired));
        }
    }
    // By names alone, so that labels are looked at for the likeliest only.
    pairs.sort_by(|(one, a, _), (other, b, _)| other.total_cmp(one).then(a.at.cmp(&b.at)));
    pairs.truncate(MOST_PAIRS);
    for (estimate, other, paired) in &pairs {
        if !ground.may_reach(*estimate) {
            break;
        }
        drafts.extend(of_pair(ground, (candidate, other), paired));
    }
    drafts
}

/// "will it be out of disk": what is used, as it will be, against all there is.
pub(super) fn outgrown(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Option<Draft> {
    /// How surely the two belong together.
    const SURE: f32 = 0.1;
    let family = candidate.family;
    if !asks_for_end(ground.wanted) || family.kind != Kind::Gauge || family.plays(Role::Free) {
        return None;
    }
    let wholes = siblings(ground, family).into_iter().filter_map(|at| {
        let paired = pairing(family, &ground.catalog.families()[at])?;
        let used = paired.pairing == Pairing::PartOfAll && paired.role == Some(Role::Used);
        (used && paired.sure >= SURE).then(|| (paired.sure, ground.candidate(at)))
    });
    let whole = wholes.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.at.cmp(&a.1.at)))?.1;
    let bound = ground.bind(family.main_series()?, &candidate.explains);
    let all = ground.bind(whole.family.main_series()?, &whole.explains);
    let labels = |bound: &Bound| ground.catalog.labels(&bound.series).map(|labels| labels.keys());
    if !labels(&bound)?.eq(labels(&all)?) {
        return None;
    }
    let at = At { window: ground.wanted.window().text, offset: None };
    let used = plain::drafts(ground, candidate).pop()?.measured.expression(&[], &at);
    let limit = Measured::Level { source: source(&all), across: None }.expression(&[], &at);
    let measured = Measured::Fixed(used.binary(">", limit));
    let named = together(&candidate.explains, &whole.explains);
    let mut draft = Draft::new(measured, &bound, &named, candidate.surplus);
    explain(ground, &mut draft, ENDS);
    draft.metrics.push(all.series.clone());
    draft.by = Vec::new();
    Some(draft.scaled(family.scale).called("forecast").fitting(SURE))
}

/// How surely two names belong together at most.
const MOST_SURE: f32 = 0.21;

/// How many wholes are tried for one part.
const MOST_PAIRS: usize = 3;

/// The shares that "… rate" may mean: those of a part that the word before names.
pub(super) fn of_rate(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Vec<Draft> {
    let words = &ground.wanted.words;
    let named = words.places(&["rate", "rates"]).iter().any(|at| {
        at > 0
            && candidate.explains[at - 1] >= 0.5
            && !words.is(at - 1, &["request", "requests", "hits", "message", "messages"])
    });
    let plays = [Role::Succeeded, Role::Failed, Role::Hit, Role::Miss]
        .into_iter()
        .any(|role| candidate.family.plays(role));
    if !named || !plays || candidate.family.kind == Kind::Gauge {
        return Vec::new();
    }
    let shares = of_pairs(ground, candidate).into_iter();
    shares.filter(|draft| draft.fit > 0.0).map(|draft| draft.fitting(0.05)).collect()
}

fn of_pair(
    ground: &Ground<'_>,
    (first, second): (&Candidate<'_>, &Candidate<'_>),
    paired: &Paired,
) -> Option<Draft> {
    let pairing = paired.pairing;
    let series = |family: &Family| -> Option<String> {
        let series =
            if family.kind == Kind::Gauge { family.main_series() } else { family.count_series() };
        series.map(str::to_owned)
    };
    let named = together(&first.explains, &second.explains);
    let mut one = Bound::clone(&ground.bind(&series(first.family)?, &first.explains));
    let mut other = Bound::clone(&ground.bind(&series(second.family)?, &second.explains));
    let mut fit = paired.sure + plainly(second.family);
    fit += narrow_both(ground, first.family, &mut one, &mut other)?;
    let by = rows(ground, &mut one, &mut other)?;
    let part_of = |bound: &Bound, family: &Family| -> Measured {
        if family.kind == Kind::Gauge {
            let raw = by.is_none();
            Measured::Level { source: source(bound), across: (!raw).then_some("sum") }
        } else {
            Measured::Counted { function: "rate", source: source(bound), added: by.is_some() }
        }
    };
    let (part, whole) = (part_of(&one, first.family), part_of(&other, second.family));
    let words = &ground.wanted.words;
    let asks_for_left =
        words.has(LEFT) && !words.has(&["used", "use", "usage", "utilization", "full"]);
    let ratio = |part: Measured, whole: Measured| Measured::Ratio {
        part: Box::new(part),
        whole: Box::new(whole),
    };
    // "failures as a share of what was sent": the whole is named.
    let pairing = match pairing {
        Pairing::PartOfBoth
            if paired.role == Some(Role::Failed) && is_whole(ground, first, second) =>
        {
            Pairing::PartOfAll
        }
        pairing => pairing,
    };
    let measured = match pairing {
        // The question wants the hits where only the misses are counted.
        Pairing::PartOfAll if is_opposite(words, paired.role) => {
            Measured::Rest(Box::new(ratio(part, whole)))
        }
        Pairing::PartOfAll => ratio(part, whole),
        Pairing::RestOfAll if asks_for_left => ratio(part, whole),
        Pairing::RestOfAll => Measured::Rest(Box::new(ratio(part, whole))),
        Pairing::PartOfBoth => {
            let both = Measured::Sum(Box::new(part.clone()), Box::new(whole));
            ratio(part, both)
        }
    };
    fit += polarity(words, first.family, pairing, asks_for_left);
    fit += is_asked(ground, (first, second), paired);
    // What makes the one a part of the other is no surplus.
    let by_role = if matches!(paired.role, Some(Role::Free | Role::Used)) { 0.3 } else { 0.8 };
    let of_whole = if matches!(paired.role, Some(Role::Free | Role::Used)) { 0.1 } else { 0.3 };
    let surplus = first.surplus * by_role + of_whole * second.surplus.min(0.2);
    let mut draft = Draft::new(measured, &one, &named, surplus);
    draft.explains = together(&draft.explains, &other.explains);
    draft.metrics.push(other.series.clone());
    draft.by = by.clone().unwrap_or_default();
    draft.has_rows = by.is_none();
    draft.unmet = one.unmet.max(other.unmet);
    explain_roles(ground, first.family, second.family, &mut draft);
    let same_scale = first.family.scale.factor / second.family.scale.factor;
    Some(draft.scaled(Scale { unit: Unit::Ratio, factor: same_scale }).called("share").fitting(fit))
}

/// Whether the question says "share of …" of what the second counts and the first does not.
fn is_whole(ground: &Ground<'_>, part: &Candidate<'_>, whole: &Candidate<'_>) -> bool {
    const NEAR: usize = 4;
    let words = &ground.wanted.words;
    let shares =
        words.places(&["share of", "fraction of", "percentage of", "proportion of", "part of"]);
    shares.iter().any(|at| {
        (at + 2..(at + 2 + NEAR).min(words.len()))
            .any(|word| whole.explains[word] >= 0.95 && part.explains[word] < 0.95)
    })
}

/// Whether the question wants the rest of a part: hits where the part is misses.
fn is_opposite(words: &Words, role: Option<Role>) -> bool {
    match role {
        Some(Role::Miss) => words.has(HITTING),
        Some(Role::Failed) => words.has(SUCCEEDING) && !words.has(FAILING),
        _ => false,
    }
}

/// Whether the question asks for the very part: a share of retries is none of errors.
fn is_asked(
    ground: &Ground<'_>,
    (first, second): (&Candidate<'_>, &Candidate<'_>),
    paired: &Paired,
) -> f32 {
    const UNASKED: f32 = -0.25;
    let words = &ground.wanted.words;
    let said = match paired.role {
        Some(Role::Failed) => {
            words.has(FAILING) || words.has(SUCCEEDING) || words.has(FAILING_OTHERWISE)
        }
        Some(Role::Succeeded) => words.has(SUCCEEDING),
        Some(Role::Hit | Role::Miss) => words.has(HITTING) || words.has(MISSING),
        Some(Role::Used | Role::Free) => return 0.0,
        _ => false,
    };
    let own = |at: usize| first.explains[at] >= 0.4 && second.explains[at] < 0.4;
    let named = (0..words.len()).any(own);
    let document = ground.catalog.index().document(first.at);
    let own_words = paired.own.iter().any(|place| ground.says(document.name[*place]));
    if said || named || own_words { order(ground, (first, second), paired) } else { UNASKED }
}

/// "fraction of evaluations that fire": the whole stands behind "of".
fn order(
    ground: &Ground<'_>,
    (first, second): (&Candidate<'_>, &Candidate<'_>),
    paired: &Paired,
) -> f32 {
    if paired.role.is_some() {
        return 0.0;
    }
    let words = &ground.wanted.words;
    let place = |one: &Candidate<'_>, other: &Candidate<'_>| {
        (0..words.len()).find(|at| one.explains[*at] >= 0.5 && other.explains[*at] < 0.4)
    };
    match (place(first, second), place(second, first)) {
        (Some(part), Some(whole)) => {
            let of = words.has(&["of"]);
            if (part > whole) == of { 0.1 } else { 0.0 }
        }
        (Some(_), None) => 0.0,
        _ => -0.1,
    }
}

/// Filters that one of both needs besides: the resource of limits of several, the used state.
fn narrow_both(
    ground: &Ground<'_>,
    first: &Family,
    one: &mut Bound,
    other: &mut Bound,
) -> Option<f32> {
    let mut fit = 0.0;
    for (bound, plain) in [(&mut *one, true), (&mut *other, false)] {
        let labels = ground.catalog.labels(&bound.series)?;
        if plain && let Some(state) = used_state(labels, bound, first) {
            bound.filters.push(state);
            fit += 0.05;
        }
        // "container limits" are of memory, of CPU and more: without a choice they do not add up.
        if let Some(values) = labels.get("resource")
            && values.len() > 1
            && bound.filters_on("resource").is_none()
            && !bound.by.iter().any(|label| label == "resource")
        {
            let words: Vec<&String> = first.name_words.iter().collect();
            let same = values.iter().find(|value| words.contains(value))?;
            bound.filters.push(filter("resource", same));
        }
    }
    Some(fit)
}

fn filter(label: &str, value: &str) -> Filter {
    Filter {
        label: label.to_owned(),
        matcher: Matcher::equal(label, value),
        values: vec![value.to_owned()],
        negated: false,
        words: Vec::new(),
    }
}

/// `state="used"` where a gauge counts things by state and none is named.
fn used_state(labels: &crate::catalog::Labels, bound: &Bound, family: &Family) -> Option<Filter> {
    let (label, values) =
        labels.iter().find(|(label, _)| *label == "state" || label.ends_with("_state"))?;
    if bound.filters_on(label).is_some() || bound.by.contains(label) || family.plays(Role::Limit) {
        return None;
    }
    let used = values.iter().find(|value| {
        matches!(value.as_str(), "used" | "busy" | "inuse" | "in_use" | "checked_out")
    })?;
    Some(filter(label, used))
}

/// The labels that both parts are told apart by: `None` where the series match one to one and the
/// question wants each of them.
fn rows(ground: &Ground<'_>, one: &mut Bound, other: &mut Bound) -> Option<Option<Vec<String>>> {
    let first = ground.catalog.labels(&one.series)?;
    let second = ground.catalog.labels(&other.series)?;
    let own = |bound: &Bound, labels: &crate::catalog::Labels| -> Vec<String> {
        labels.keys().filter(|label| bound.filters_on(label).is_none()).cloned().collect()
    };
    if !one.by.is_empty() {
        if one.by == other.by {
            return Some(Some(one.by.clone()));
        }
        // Both must tell the rows apart: "type" may be the exception of the failed ones only.
        let in_both = |by: &Vec<String>| {
            let both = |label| first.contains_key(label) && second.contains_key(label);
            !by.is_empty() && by.iter().all(both)
        };
        let by = [&one.by, &other.by].into_iter().find(|by| in_both(by));
        return by.map(|by| Some(by.clone()));
    }
    if !other.by.is_empty() {
        return other
            .by
            .iter()
            .all(|label| first.contains_key(label))
            .then(|| Some(other.by.clone()));
    }
    let each = ground.wanted.rank.is_some() || plain::picks_rows(ground);
    if !each {
        return Some(Some(Vec::new()));
    }
    let (own_first, own_second) = (own(one, first), own(other, second));
    if own_first == own_second {
        return Some(None);
    }
    let shared: Vec<String> =
        own_first.into_iter().filter(|label| own_second.contains(label)).collect();
    Some(Some(shared))
}

/// Whether the words ask for this part, or for its opposite.
fn polarity(words: &Words, first: &Family, pairing: Pairing, asks_for_left: bool) -> f32 {
    const OPPOSITES: &[(Role, Phrases)] = &[
        (Role::Hit, HITTING),
        (Role::Miss, MISSING),
        (Role::Failed, FAILING),
        (Role::Succeeded, SUCCEEDING),
    ];
    if pairing == Pairing::RestOfAll {
        return if asks_for_left { 0.05 } else { 0.0 };
    }
    let failing = words.has(FAILING)
        || words.has(&[
            "could not", "not deliver", "n't deliver", "dropped", "rejected", "lost", "declined",
            "refused", "aborted", "cancelled", "abandoned", "rolled back", "not", "n't",
        ]);
    let mut fit = 0.0;
    for (role, asked) in OPPOSITES {
        if first.plays(*role) && words.has(asked) {
            fit += 0.1;
        }
    }
    if first.plays(Role::Succeeded) && failing && !first.plays(Role::Failed) {
        fit -= 0.2;
    }
    if first.plays(Role::Failed) && words.has(SUCCEEDING) && !failing {
        fit -= 0.2;
    }
    if asks_for_left && first.plays(Role::Used) && !first.plays(Role::Free) {
        fit -= 0.1;
    }
    fit
}

/// Words that a pair explains by what its parts are: "full", "of the allowed", "hit ratio".
fn explain_roles(ground: &Ground<'_>, first: &Family, second: &Family, draft: &mut Draft) {
    const SAID: &[(Role, Phrases)] = &[
        (Role::Used, ROLE_USED),
        (Role::Free, ROLE_FREE),
        (Role::Limit, ROLE_LIMIT),
        (Role::Failed, ROLE_FAILED),
        (Role::Hit, HITTING),
        (Role::Hit, &["found", "served"]),
        (Role::Miss, MISSING),
    ];
    for family in [first, second] {
        for (role, words) in SAID {
            if family.plays(*role) {
                explain(ground, draft, words);
            }
        }
    }
}
