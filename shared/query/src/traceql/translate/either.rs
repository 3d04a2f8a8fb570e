//! Demands of unlike kinds of which one is enough: "that failed or took over 2 s".

use super::spans::{Demand, What};
use crate::records::{Condition, Part, Reader, Role, Test};

/// How far before an "or" a demand may stand, and how far behind it.
const BEFORE: usize = 5;
const BEHIND: usize = 7;

/// The places of the demands of which one is enough, two by two.
pub(super) fn read(reader: &Reader<'_>, demands: &[Demand]) -> Vec<(usize, usize)> {
    let words = &reader.wanted.words;
    let ors =
        (0..words.len()).filter(|at| words.is(*at, &["or"]) && !is_of_comparison(reader, *at));
    ors.filter_map(|or| {
        let before = or.saturating_sub(BEFORE)..or;
        let one =
            before.rev().find_map(|at| kind_at(reader, demands, at).map(|kind| (at, kind)))?;
        let behind = or + 1..(or + 1 + BEHIND).min(words.len());
        let other =
            { behind }.find_map(|at| kind_at(reader, demands, at).map(|kind| (at, kind)))?;
        (one.1 != other.1).then_some((one.0, other.0))
    })
    .collect()
}

/// What is demanded at a place: that spans failed, or a field.
#[derive(PartialEq)]
enum Kind {
    Failed,
    Field(usize),
}

fn kind_at(reader: &Reader<'_>, demands: &[Demand], at: usize) -> Option<Kind> {
    if demands.iter().any(|demand| demand.at == at && demand.what == What::Failed) {
        return Some(Kind::Failed);
    }
    let told = |condition: &&Condition| {
        let field = &reader.schema.fields[condition.field];
        let outcome = match &condition.test {
            Test::Compare(..) | Test::Class(_) => true,
            Test::Is(values) => {
                matches!(field.role, Some(Role::Status | Role::GrpcStatus)) && values.len() == 1
            }
            _ => false,
        };
        condition.at == at && outcome && field.part != Part::Source
    };
    reader.conditions.iter().find(told).map(|condition| Kind::Field(condition.field))
}

/// "500 or higher" is one demand.
fn is_of_comparison(reader: &Reader<'_>, or: usize) -> bool {
    const MORE: &[&str] = &[
        "more", "higher", "worse", "longer", "slower", "later", "greater", "up", "fewer", "less",
        "faster", "lower", "above", "over", "below", "under", "beyond", "so", "upwards",
    ];
    let words = &reader.wanted.words;
    let number = words.list.get(or + 2).is_some_and(|word| word.number.is_some());
    words.is(or + 1, MORE) && !number && !words.is(or + 2, &["than", "a"])
}
