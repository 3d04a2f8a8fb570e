//! Two metrics that belong together: what is used and its limit, hits and misses, what failed and
//! all that was tried.

use model::Unit;

use crate::{
    catalog::{Family, Kind, Role, Roles, Term},
    plan::ground::Ground,
};

/// How the two make one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pairing {
    /// first / second
    PartOfAll,
    /// first / (first + second)
    PartOfBoth,
    /// 1 - first / second
    RestOfAll,
}

/// A family's role beside another, and how surely it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Paired {
    pub(super) pairing: Pairing,
    pub(super) sure: f32,
    /// The places of the words that the first name has and the second lacks.
    pub(super) own: Vec<usize>,
    /// The part that the first plays.
    pub(super) role: Option<Role>,
}

/// How the first of two families is a part of the second, by the words in which their names
/// differ.
pub(super) fn pairing(first: &Family, second: &Family) -> Option<Paired> {
    if first.describes || second.describes || !comparable(first, second) {
        return None;
    }
    let own = only(first, second);
    let others = only(second, first);
    let shared = shared(first, second);
    let alike = first.word_ids.first() == second.word_ids.first();
    if shared == 0 && !alike {
        return None;
    }
    let near = closeness(own.len() + others.len(), shared);
    let (own_side, other_side) = (Side::of(first, &own), Side::of(second, &others));
    let found = match (first.kind == Kind::Gauge, second.kind == Kind::Gauge) {
        (true, true) if counts_events(first) && counts_events(second) => {
            of_events(first, &own_side, &other_side)
        }
        (true, true) => of_levels(&own_side, &other_side),
        (false, false) => of_events(first, &own_side, &other_side),
        _ => None,
    };
    let (pairing, role, sure) = found?;
    // Metrics of one exporter begin alike.
    let sure = if alike { sure } else { sure - 0.12 };
    Some(Paired { pairing, sure: sure + near, own, role })
}

/// Whether a gauge holds a number of events, as those from CloudWatch do.
fn counts_events(family: &Family) -> bool {
    family.kind == Kind::Gauge && family.name_words.last().is_some_and(|last| last == "sum")
}

/// What one name has that the other lacks.
struct Side {
    words: usize,
    roles: Roles,
    /// A word says that it is a limit and nothing else.
    is_limit: bool,
    /// A word says plainly that it is in use.
    in_use: bool,
}

impl Side {
    fn of(family: &Family, places: &[usize]) -> Self {
        let roles = || places.iter().map(|place| family.word_roles[*place]);
        Self {
            words: places.len(),
            roles: roles().fold(Roles::default(), Roles::with),
            is_limit: roles().any(|roles| roles.is_only(Role::Limit)),
            in_use: roles().any(|roles| roles.is_only(Role::Used)),
        }
    }

    fn plays(&self, role: Role) -> bool {
        self.roles.has(role)
    }
}

fn of_levels(own: &Side, others: &Side) -> Option<(Pairing, Option<Role>, f32)> {
    let limited = others.plays(Role::Limit) && !own.is_limit;
    if own.plays(Role::Free) && (limited || others.words == 0) {
        return Some((Pairing::RestOfAll, Some(Role::Free), 0.08));
    }
    for (one, other) in [(Role::Failed, Role::Succeeded), (Role::Succeeded, Role::Failed)] {
        if own.plays(one) && others.plays(other) && own.words == 1 && others.words == 1 {
            return Some((Pairing::PartOfBoth, Some(one), 0.06));
        }
    }
    let close = own.words == 1 && others.words == 1;
    if close && own.plays(Role::Used) && others.plays(Role::Free) && !own.is_limit && !limited {
        return Some((Pairing::PartOfBoth, Some(Role::Used), 0.06));
    }
    if limited && (own.plays(Role::Used) || own.words == 0) {
        let sure = if own.in_use {
            0.15
        } else if own.words == 0 {
            0.1
        } else {
            0.05
        };
        return Some((Pairing::PartOfAll, Some(Role::Used), sure));
    }
    if limited {
        return Some((Pairing::PartOfAll, Some(Role::Used), -0.05));
    }
    if others.words == 0 && own.plays(Role::Used) && !own.is_limit {
        return Some((Pairing::PartOfAll, Some(Role::Used), 0.1));
    }
    if own.plays(Role::Actual) && others.plays(Role::Desired) {
        return Some((Pairing::PartOfAll, Some(Role::Actual), 0.02));
    }
    None
}

fn of_events(first: &Family, own: &Side, others: &Side) -> Option<(Pairing, Option<Role>, f32)> {
    let opposites = [
        (Role::Hit, Role::Miss),
        (Role::Miss, Role::Hit),
        (Role::Failed, Role::Succeeded),
        (Role::Succeeded, Role::Failed),
    ];
    for (one, other) in opposites {
        if own.plays(one) && others.plays(other) && !others.plays(one) {
            let sure = if matches!(one, Role::Failed | Role::Succeeded) { 0.06 } else { 0.1 };
            return Some((Pairing::PartOfBoth, Some(one), sure));
        }
    }
    let parts = [Role::Failed, Role::Hit, Role::Miss, Role::Succeeded];
    let part = parts.into_iter().find(|role| own.plays(*role)).or(first.help_role);
    if part.is_some() && (others.words == 0 || others.plays(Role::All)) {
        return Some((Pairing::PartOfAll, part, 0.08));
    }
    // What came in is all that could fail.
    if part == Some(Role::Failed) && others.plays(Role::Produced) {
        return Some((Pairing::PartOfAll, part, 0.06));
    }
    if own.words > 0 && others.words == 0 {
        return Some((Pairing::PartOfAll, None, 0.03));
    }
    if own.words <= 2 && (1..=2).contains(&others.words) {
        // Two kinds of event of which nothing is known: only the question can say so. Two kinds of
        // failure are hardly parts of each other.
        let sure = if first.plays(Role::Failed) && !own.plays(Role::Failed) { -0.2 } else { -0.08 };
        return Some((Pairing::PartOfAll, None, sure));
    }
    None
}

/// The places of the words that the first name has and the second lacks.
fn only(first: &Family, second: &Family) -> Vec<usize> {
    // "total" ends the name of every counter; it is a limit in the names of gauges only.
    let bare = |place: &usize| {
        first.kind == Kind::Gauge
            || !matches!(first.name_words[*place].as_str(), "total" | "seconds")
    };
    let places = (0..first.word_ids.len())
        .filter(|place| !second.word_ids.contains(&first.word_ids[*place]));
    places.filter(bare).collect()
}

/// How many telling words two names share.
fn shared(first: &Family, second: &Family) -> usize {
    const ENDINGS: &[&str] =
        &["total", "bytes", "seconds", "count", "sum", "kb", "mb", "ms", "size"];
    let both =
        first.word_ids.iter().zip(&first.name_words).filter(|(id, _)| second.word_ids.contains(id));
    both.filter(|(_, word)| !ENDINGS.contains(&word.as_str())).count()
}

/// Names that differ in little belong together.
fn closeness(differing: usize, shared: usize) -> f32 {
    (0.03 * shared.min(4) as f32 - 0.02 * differing.min(6) as f32).clamp(-0.05, 0.06)
}

/// The places of the families that may stand beside one in a ratio: those that the question leads
/// to, and those that share a telling word of its name.
pub(super) fn siblings(ground: &Ground<'_>, family: &Family) -> Vec<usize> {
    const MOST: usize = 16;
    let catalog = ground.catalog;
    let index = catalog.index();
    let families = catalog.families();
    let Ok(at) = families.binary_search_by(|other| other.name.cmp(&family.name)) else {
        return Vec::new();
    };
    let own = &index.document(at).name;
    let is_gauge = family.kind == Kind::Gauge;
    let same_kind = |other: usize| (families[other].kind == Kind::Gauge) == is_gauge;
    let shares = |other: &usize| index.document(*other).name.iter().any(|term| own.contains(term));
    let asked = ground.candidates.iter().map(|candidate| candidate.at);
    let mut found: Vec<usize> =
        asked.filter(|other| *other != at && same_kind(*other)).filter(shares).collect();
    let most = found.len() + MOST;
    // The rarest words of the name lead to its siblings.
    let mut terms: Vec<(usize, Term)> =
        own.iter().map(|term| (index.families_with(*term).len(), *term)).collect();
    terms.sort_unstable();
    for (_, term) in terms.into_iter().take(3) {
        for (other, weight) in index.families_with(term) {
            let other = *other as usize;
            if found.len() >= most {
                return found;
            }
            if *weight >= 0.95 && other != at && same_kind(other) && !found.contains(&other) {
                found.push(other);
            }
        }
    }
    found
}

/// Whether two families may stand in a ratio at all: levels to levels, events to events.
fn comparable(one: &Family, other: &Family) -> bool {
    let gauge = |family: &Family| family.kind == Kind::Gauge;
    if gauge(one) != gauge(other) {
        return false;
    }
    let (unit, others) = (one.scale.unit, other.scale.unit);
    let plain = |unit: Unit| matches!(unit, Unit::None | Unit::Count);
    // Metrics of memory often do not say that they are in bytes.
    let sized = |family: &Family| {
        family.name_words.iter().any(|word| {
            matches!(word.as_str(), "memory" | "mem" | "rss" | "disk" | "storage" | "resource")
        })
    };
    // Of two counters both count events, or both count the same unit.
    let measures = |unit: Unit| matches!(unit, Unit::Seconds | Unit::Bytes);
    let counters = one.kind == Kind::Counter && other.kind == Kind::Counter;
    if counters && unit != others && (measures(unit) || measures(others)) {
        return false;
    }
    !gauge(one)
        && (unit == others
            || plain(unit) && others != Unit::Bytes
            || !matches!(unit, Unit::Bytes | Unit::Seconds))
        || gauge(one)
            && (unit == others
                || (plain(unit) && plain(others))
                || (plain(unit) && others == Unit::Bytes && sized(one))
                || (plain(others) && unit == Unit::Bytes && sized(other)))
}
