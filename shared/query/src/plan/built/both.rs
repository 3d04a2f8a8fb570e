//! Things of which one holds and another does not: "queues with messages but no consumers".

use super::{
    draft::{Draft, source},
    measured::{At, Measured},
};
use crate::{
    catalog::Kind,
    plan::ground::{Bound, Candidate, Ground, together},
    promql::{Expression, symbol},
    wanted::{Phrases, Use, Words},
};

/// How many families are tried for the second condition.
const TRIED: usize = 8;
/// How well a family must explain a word of its half.
const NAMED: f32 = 0.5;
const LINKS: Phrases = &["but", "and", "yet", "while"];
const DENIALS: &[&str] = &["no", "nobody", "none", "nothing", "zero", "without", "not"];

/// The place behind which the second condition stands, which is denied.
fn denial(words: &Words) -> Option<usize> {
    words.places(LINKS).iter().find(|at| {
        let denied = words.is(at + 1, DENIALS) || words.are(at + 1, &["there", "is", "no"]);
        denied && words.list[..*at].iter().any(|word| word.used == Use::Free)
    })
}

/// What holds by this family and not by another.
pub(super) fn drafts(ground: &Ground<'_>, candidate: &Candidate<'_>) -> Vec<Draft> {
    let Some(at) = denial(&ground.wanted.words) else { return Vec::new() };
    let names = |one: &Candidate<'_>, mut half: std::ops::Range<usize>| {
        half.any(|word| {
            one.explains[word] >= NAMED && ground.wanted.words.list[word].used == Use::Free
        })
    };
    if candidate.family.kind != Kind::Gauge || !names(candidate, 0..at) {
        return Vec::new();
    }
    let end = ground.wanted.words.len();
    let others = ground.candidates.iter().filter(|other| {
        other.at != candidate.at && other.family.kind == Kind::Gauge && names(other, at + 1..end)
    });
    others.take(TRIED).filter_map(|other| draft(ground, candidate, other, at)).collect()
}

fn draft(
    ground: &Ground<'_>,
    first: &Candidate<'_>,
    second: &Candidate<'_>,
    at: usize,
) -> Option<Draft> {
    let one = ground.bind(first.family.main_series()?, &first.explains);
    let other = ground.bind(second.family.main_series()?, &second.explains);
    let shared = shared(ground, &one, &other)?;
    let now = At { window: String::new(), offset: None };
    let level = |bound: &Bound| {
        let across = (!shared.by.is_empty()).then_some("sum");
        Measured::Level { source: source(bound), across }.expression(&shared.by, &now)
    };
    let limit = ground.wanted.limits.iter().find(|limit| limit.at < at);
    let holds = match limit {
        Some(limit) => {
            level(&one).binary(symbol(limit.comparison), Expression::Number(limit.in_base()))
        }
        None => level(&one).binary(">", Expression::Number(0.0)),
    };
    let fails = level(&other).binary("==", Expression::Number(0.0));
    let both = holds.matched("and", shared.matching, fails);
    // Each half is explained by its own metric.
    let mut named: Vec<f32> = first.explains[..at].to_vec();
    named.extend(&second.explains[at..]);
    let surplus = first.surplus.max(second.surplus);
    let mut draft = Draft::new(Measured::Fixed(both), &one, &named, surplus);
    draft.explains = together(&draft.explains, &other.explains);
    draft.metrics.push(other.series.clone());
    draft.by = shared.by;
    Some(draft.scaled(first.family.scale).called("condition").fitting(0.1))
}

struct Shared {
    by: Vec<String>,
    /// `on (…)`, where the labels of both differ.
    matching: String,
}

/// What rows of both are matched by.
fn shared(ground: &Ground<'_>, one: &Bound, other: &Bound) -> Option<Shared> {
    let first = ground.catalog.labels(&one.series)?;
    let second = ground.catalog.labels(&other.series)?;
    if !one.by.is_empty() && one.by.iter().all(|label| second.contains_key(label)) {
        return Some(Shared { by: one.by.clone(), matching: String::new() });
    }
    if first.keys().eq(second.keys()) {
        return Some(Shared { by: Vec::new(), matching: String::new() });
    }
    let both: Vec<&str> =
        first.keys().filter(|label| second.contains_key(*label)).map(String::as_str).collect();
    let matching = format!("on ({})", both.join(", "));
    (!both.is_empty()).then_some(Shared { by: Vec::new(), matching })
}
