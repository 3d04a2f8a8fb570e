//! One thing less another: replicas that are wanted and there, messages that come in and go out.

use std::rc::Rc;

use super::{
    draft::{Draft, source},
    measured::Measured,
    pair::siblings,
    plain,
};
use crate::wanted::OWN_LIMITS;
use crate::{
    catalog::{Kind, Role, Roles, Scale},
    plan::ground::{Bound, Candidate, Ground, together},
};

/// The differences that begin with a family.
pub(super) fn drafts(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Vec<Draft> {
    /// What its roles and its closeness add to a difference at most.
    const MOST_ADDED: f32 = 0.1;
    let mut others: Vec<(f32, Rc<Candidate<'_>>)> = Vec::new();
    for other in siblings(ground, candidate.family).into_iter().map(|at| ground.candidate(at)) {
        let estimate =
            ground.coverage_of_both(candidate, &other) - 0.5 * (candidate.surplus + other.surplus);
        if ground.may_reach(estimate + MOST_ADDED) {
            others.push((estimate, other));
        }
    }
    others.sort_by(|(one, a), (other, b)| other.total_cmp(one).then(a.at.cmp(&b.at)));
    others.truncate(MOST_OTHERS);
    others.iter().filter_map(|(_, other)| draft(ground, candidate, other)).collect()
}

/// How many others one family is held against.
const MOST_OTHERS: usize = 12;

fn draft(ground: &Ground<'_>, first: &Candidate<'_>, second: &Candidate<'_>) -> Option<Draft> {
    let only = |one: &Candidate<'_>, other: &Candidate<'_>| {
        let mut own = (0, Roles::default());
        for (id, roles) in one.family.word_ids.iter().zip(&one.family.word_roles) {
            if !other.family.word_ids.contains(id) {
                own = (own.0 + 1, own.1.with(*roles));
            }
        }
        own
    };
    let ((own_words, own), (other_words, others)) = (only(first, second), only(second, first));
    let shared = first.family.name_words.len() - own_words;
    let whole = own_words == 0 && others.has(Role::Actual);
    let desired = own.has(Role::Desired) || (own.has(Role::All) && shared >= 1);
    let is_undercut = shared >= 1 && own.has(Role::Limit) && wanted_below(ground);
    let fit = if (desired || whole) && others.has(Role::Actual) {
        0.15
    } else if (own.has(Role::Produced) && others.has(Role::Consumed)) || is_undercut {
        0.12
    } else if shared >= 1 && own.has(Role::Limit) && others.has(Role::Used) {
        let asked = ground
            .wanted
            .words
            .has(&["headroom", "room", "left", "unused", "spare", "free", "remaining"]);
        if asked { 0.12 } else { 0.0 }
    } else {
        // Any two things that the question names, each by a word of its own.
        let names_both = names_alone(first, second) && names_alone(second, first);
        if names_both && shared >= 1 { -0.05 } else { return None }
    };
    let series = |candidate: &Candidate<'_>| {
        let family = candidate.family;
        let series =
            if family.kind == Kind::Gauge { family.main_series() } else { family.count_series() };
        series.map(str::to_owned)
    };
    let one = ground.bind(&series(first)?, &first.explains);
    let other = ground.bind(&series(second)?, &second.explains);
    let by = rows(ground, &one, &other)?;
    let function = if plain::counts_events(ground, first.family) { "increase" } else { "rate" };
    let measure = |candidate: &Candidate<'_>, bound: &Bound| {
        if candidate.family.kind == Kind::Gauge {
            Measured::Level { source: source(bound), across: by.as_ref().map(|_| "sum") }
        } else {
            Measured::Counted { function, source: source(bound), added: by.is_some() }
        }
    };
    let measured =
        Measured::Difference(Box::new(measure(first, &one)), Box::new(measure(second, &other)));
    let named = together(&first.explains, &second.explains);
    let surplus = 0.5 * (first.surplus + second.surplus);
    let mut draft = Draft::new(measured, &one, &named, surplus);
    draft.explains = together(&draft.explains, &other.explains);
    draft.metrics.push(other.series.clone());
    draft.has_rows = by.is_none();
    draft.by = by.unwrap_or_default();
    draft.per_second = first.family.kind != Kind::Gauge && function == "rate";
    let closeness = 0.03 * shared.min(4) as f32 - 0.02 * (own_words + other_words).min(5) as f32;
    Some(draft.scaled(Scale { ..first.family.scale }).called("difference").fitting(fit + closeness))
}

/// "dropped under their reorder point": the limit less the level is above zero.
fn wanted_below(ground: &Ground<'_>) -> bool {
    let words = &ground.wanted.words;
    let below = words.places(&["below", "under", "beneath", "less than", "lower than"]);
    let owned = |at: usize| (at + 1..at + 3).any(|next| words.is(next, &["their", "its"]));
    let limit = |at: usize| (at + 1..at + 4).any(|next| words.is(next, OWN_LIMITS));
    below.iter().any(|at| owned(at) || limit(at))
}

/// Whether the question has a word that leads to this family and not to the other.
fn names_alone(one: &Candidate<'_>, other: &Candidate<'_>) -> bool {
    one.explains.iter().zip(&other.explains).any(|(own, others)| *own >= 0.5 && *others < 0.3)
}

/// `None` within where each series has its counterpart and the question wants every one.
fn rows(ground: &Ground<'_>, one: &Bound, other: &Bound) -> Option<Option<Vec<String>>> {
    let first = ground.catalog.labels(&one.series)?;
    let second = ground.catalog.labels(&other.series)?;
    let by = if one.by.is_empty() { &other.by } else { &one.by };
    if !by.is_empty() {
        let both = by.iter().all(|label| first.contains_key(label) && second.contains_key(label));
        return both.then(|| Some(by.clone()));
    }
    let open = |bound: &Bound, labels: &crate::catalog::Labels| -> Vec<String> {
        labels.keys().filter(|label| bound.filters_on(label).is_none()).cloned().collect()
    };
    let (own, others) = (open(one, first), open(other, second));
    let gauges = own == others && own.len() <= 4;
    if gauges && !ground.wanted.words.has(&["total", "overall", "altogether"]) {
        return Some(None);
    }
    Some(Some(Vec::new()))
}
