//! Which conditions belong to which set of spans, where a question is about two.

use super::{
    phrases::{
        ANCESTOR_IS, ANCESTORS, CHILDLESS, CHILDREN, CLAUSES, CONNECTORS, DESCENDANTS, PARENTS,
        SIBLINGS, SPANS_OF,
    },
    spans::{Demand, What},
};
use crate::{
    records::{Condition, Part, Reader, Role, Test},
    traceql::ast::SpansetOperator,
};

/// How the spans of a question stand to one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Structure {
    One,
    /// Spans without any below them.
    Leaf,
    Two {
        operator: SpansetOperator,
        /// Words before this place are about the first set.
        split: usize,
        /// Words from this place on are about the first set again.
        tail: usize,
        /// What is said first is the lower one.
        swapped: bool,
        /// What is said last of failures is said of both.
        both_failed: bool,
    },
}

impl Structure {
    /// Whether what is said at a place is about the second set of spans.
    pub(super) fn is_second(&self, at: usize) -> bool {
        match self {
            Self::One | Self::Leaf => false,
            Self::Two { split, tail, .. } => (*split..*tail).contains(&at),
        }
    }
}

pub(super) fn read(reader: &Reader<'_>, demands: &[Demand]) -> Structure {
    if is_childless(reader) {
        return Structure::Leaf;
    }
    let anchors = match anchors(reader, demands) {
        single if single.len() < 2 => with_others(reader, demands, single),
        several => several,
    };
    let (Some(first), Some(last)) = (anchors.first().copied(), anchors.last().copied()) else {
        return Structure::One;
    };
    if first == last {
        return Structure::One;
    }
    let words = &reader.wanted.words;
    if let Some(upper) = parent_of_first(reader, first) {
        return upper;
    }
    let cue = [
        (SIBLINGS, SpansetOperator::Sibling),
        (ANCESTORS, SpansetOperator::Ancestor),
        (CHILDREN, SpansetOperator::Child),
        (DESCENDANTS, SpansetOperator::Descendant),
    ]
    .into_iter()
    .find_map(|(phrases, operator)| {
        words.find(phrases).map(|(at, length)| (operator, at..at + length))
    });
    let Some((operator, cue)) = cue else { return joined(reader, &anchors) };
    // "directly or further down"
    let deeper = operator == SpansetOperator::Child
        && words.is(cue.end, &["or"])
        && words.find(DESCENDANTS).is_some();
    let operator = if deeper { SpansetOperator::Descendant } else { operator };
    if cue.start < first && operator != SpansetOperator::Sibling {
        // "a direct child call of A into B"
        let split = anchors.iter().copied().find(|anchor| *anchor > first).unwrap_or(last);
        return Structure::Two {
            operator,
            split,
            tail: usize::MAX,
            swapped: false,
            both_failed: fails_both(reader, demands),
        };
    }
    let denied = (1..=3).any(|back| {
        cue.start >= back && words.is(cue.start - back, &["not", "n't", "never", "no"])
    });
    let operator = if denied { opposite(operator) } else { operator };
    let between = cue.start > first && anchors.iter().any(|anchor| *anchor >= cue.end);
    let next = anchors.iter().copied().find(|anchor| *anchor >= cue.end);
    let swapped = between
        && turns(reader, operator, &cue)
        && next.is_some_and(|next| is_right_behind(reader, cue.end, next));
    let split = if between {
        start_of(reader, cue.start)
    } else {
        // "A publishes to X and B fails below": a new clause rather than a preposition.
        let clause = (first + 1..last).rev().find(|at| words.is(*at, CLAUSES));
        let clause = clause.filter(|_| operator != SpansetOperator::Sibling);
        let connector = clause.or_else(|| {
            (first + 1..last).find(|at| words.is(*at, CONNECTORS) || words.list[*at].ends_clause)
        });
        connector.map_or(last, |at| {
            if words.list[at].ends_clause && !words.is(at, CONNECTORS) { at + 1 } else { at }
        })
    };
    // "mysql spans right below checkout that failed": the spans failed.
    let upper = next.filter(|_| swapped);
    let clause = upper.and_then(|upper| {
        (upper + 1..upper + 4).find(|at| words.is(*at, &["that", "which", "who"]))
    });
    let tail = clause.unwrap_or(usize::MAX);
    // What is said last is what a query returns; "return the upper ones" turns it.
    let returned = !swapped
        && (0..first).any(|at| words.is(at, &["return", "returning", "returns"]))
        && words.is(first + 1, SPANS_OF) | words.is(first + 2, SPANS_OF);
    let upward = match operator {
        SpansetOperator::Child => Some(SpansetOperator::Parent),
        SpansetOperator::Descendant => Some(SpansetOperator::Ancestor),
        _ => None,
    };
    if let Some(operator) = upward.filter(|_| returned) {
        let both_failed = fails_both(reader, demands);
        return Structure::Two { operator, split, tail, swapped: true, both_failed };
    }
    Structure::Two { operator, split, tail, swapped, both_failed: fails_both(reader, demands) }
}

/// "that calls nothing further", unless it is said of what: "nothing below it failed".
fn is_childless(reader: &Reader<'_>) -> bool {
    let words = &reader.wanted.words;
    if !words.has(CHILDLESS) {
        return false;
    }
    (0..words.len()).any(|at| {
        let Some(phrase) = CHILDLESS
            .iter()
            .filter_map(|phrase| words.phrase_at(at, phrase))
            .max_by_key(ExactSizeIterator::len)
        else {
            return false;
        };
        let rest = phrase.end..phrase.end + 4;
        let of_some = |at: usize| {
            words.is(
                at,
                &["that", "which", "failed", "fails", "failing", "in", "on", "to", "from", "of"],
            ) || reader.conditions.iter().any(|condition| condition.at == at)
        };
        words.list[phrase.end - 1].ends_clause || !rest.into_iter().any(of_some)
    })
}

/// "search spans whose immediate parent is the gateway": what is said last is above.
fn parent_of_first(reader: &Reader<'_>, first: usize) -> Option<Structure> {
    let words = &reader.wanted.words;
    let (operator, (at, length)) =
        [(PARENTS, SpansetOperator::Child), (ANCESTOR_IS, SpansetOperator::Descendant)]
            .into_iter()
            .filter(|(phrases, _)| words.has(phrases))
            .find_map(|(phrases, operator)| Some((operator, words.find(phrases)?)))?;
    let denied = words.is(at + length, &["not", "n't", "never"]);
    let operator = if denied { opposite(operator) } else { operator };
    (at > first).then_some(Structure::Two {
        operator,
        split: at,
        tail: usize::MAX,
        swapped: true,
        both_failed: false,
    })
}

fn opposite(operator: SpansetOperator) -> SpansetOperator {
    match operator {
        SpansetOperator::Child => SpansetOperator::NotChild,
        SpansetOperator::Descendant => SpansetOperator::NotDescendant,
        SpansetOperator::Sibling => SpansetOperator::NotSibling,
        other => other,
    }
}

/// The places of what tells sets of spans apart: services, systems, peers, kinds.
fn anchors(reader: &Reader<'_>, demands: &[Demand]) -> Vec<usize> {
    let telling = |condition: &&Condition| {
        let field = &reader.schema.fields[condition.field];
        let stems = reader.schema.stems(condition.field);
        // What narrows both sets tells none of them apart.
        let of_all = matches!(
            field.role,
            Some(Role::Environment | Role::Status | Role::GrpcStatus | Role::Method)
        ) || stems.iter().any(|stem| {
            matches!(stem.as_str(), "version" | "region" | "cluster" | "namespac" | "zon")
        });
        !of_all && matches!(condition.test, Test::Is(_) | Test::Present)
    };
    let service = |condition: &&Condition| {
        matches!(reader.schema.fields[condition.field].role, Some(Role::Service))
            && matches!(condition.test, Test::Is(_))
    };
    let mut places: Vec<usize> =
        reader.conditions.iter().filter(service).map(|condition| condition.at).collect();
    if places.len() < 2 {
        let all: Vec<&Condition> = reader.conditions.iter().filter(telling).collect();
        // "one openbid call and one adriatic call": what differs tells them apart.
        let differs = |one: &&&Condition| {
            all.iter().any(|other| other.field == one.field && other.test != one.test)
        };
        let different: Vec<usize> = all.iter().filter(differs).map(|it| it.at).collect();
        places = all.iter().map(|condition| condition.at).collect();
        if different.len() > 1 && words_are_of_siblings(reader) {
            places = different;
        }
    }
    places.extend(
        demands
            .iter()
            .filter(|demand| matches!(demand.what, What::Kind(_)))
            .map(|demand| demand.at),
    );
    places.sort_unstable();
    places.dedup();
    places
}

fn words_are_of_siblings(reader: &Reader<'_>) -> bool {
    reader.wanted.words.find(SIBLINGS).is_some()
}

/// Where one thing only is named, any other demand is made of what is above or below it: "does
/// checkout call anything directly that fails".
fn with_others(reader: &Reader<'_>, demands: &[Demand], single: Vec<usize>) -> Vec<usize> {
    const VAGUE: &[&str] = &["inside", "later", "later on", "and later", "down to"];
    let words = &reader.wanted.words;
    let cued = [CHILDREN, DESCENDANTS].into_iter().any(|phrases| {
        let telling = |phrase: &&&str| !VAGUE.contains(*phrase);
        { phrases }.iter().filter(telling).any(|phrase| {
            (0..words.len()).any(|at| words.phrase_at(at, phrase).is_some() && !words.is_taken(at))
        })
    });
    if single.is_empty() || !cued {
        return single;
    }
    let of_all = |condition: &&Condition| {
        let field = &reader.schema.fields[condition.field];
        field.part != Part::Source
    };
    let conditions = reader.conditions.iter().filter(of_all).map(|condition| condition.at);
    let demanded = demands.iter().map(|demand| demand.at);
    let mut all: Vec<usize> = single.into_iter().chain(conditions).chain(demanded).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Whether what follows a cue is the upper one: "child of", "directly below", "under".
fn turns(reader: &Reader<'_>, operator: SpansetOperator, cue: &std::ops::Range<usize>) -> bool {
    const UNDER: &[&str] = &["under", "underneath", "below", "beneath", "inside"];
    let words = &reader.wanted.words;
    match operator {
        SpansetOperator::Child
        | SpansetOperator::Descendant
        | SpansetOperator::NotChild
        | SpansetOperator::NotDescendant => {
            !(cue.start..cue.end).any(|at| words.is(at, &["parent"]))
                && (words.is(cue.end, &["of"])
                    || words.is(cue.end - 1, UNDER)
                    || words.is(cue.end - 1, &["of"]))
        }
        _ => false,
    }
}

/// "child of a frontend span": what stands right behind is the upper one.
fn is_right_behind(reader: &Reader<'_>, from: usize, anchor: usize) -> bool {
    let words = &reader.wanted.words;
    let owned = words.is(from, &["it", "them", "that", "this", "is", "was", "had", "are", "to"])
        || words.list.get(from.wrapping_sub(1)).is_some_and(|word| word.ends_clause);
    let articles = (from..anchor).all(|at| {
        words.is(at, &["of", "a", "an", "the", "some", "any", "from"]) || reader.is_spent(at)
    });
    !owned
        && articles
        && anchor - from <= 4
        && !words.is(
            from.wrapping_sub(1),
            &["into", "at", "in", "to", "down", "reaching", "directly", "downstream", "eventually"],
        )
}

/// Adverbs before a cue belong to it: "somewhere", "further".
fn start_of(reader: &Reader<'_>, at: usize) -> usize {
    let mut start = at;
    while start > 0
        && reader.wanted.words.is(
            start - 1,
            &[
                "somewhere", "anywhere", "further", "deeper", "are", "is", "that", "which", "a",
                "the", "while", "with", "as", "its", "whose", "where", "in",
            ],
        )
    {
        start -= 1;
    }
    start
}

/// "both", or two values of one attribute: two sets of spans of one trace.
fn joined(reader: &Reader<'_>, anchors: &[usize]) -> Structure {
    let words = &reader.wanted.words;
    let services: Vec<&Condition> = reader
        .conditions
        .iter()
        .filter(|condition| {
            reader.schema.fields[condition.field].role == Some(Role::Service)
                && reader.schema.fields[condition.field].part == Part::Source
        })
        .collect();
    let two = services.len() == 2 && services[0].test != services[1].test;
    let through = words.has(&[
        "both", "touching", "touch", "touches", "pass through", "passes through",
        "passing through", "contain", "go through", "goes through", "involve", "involving",
    ]);
    // "A calls B", "where does A call B", "A that goes through B".
    let verb =
        |at: usize| words.is(at, &["call", "calls", "calling", "called", "invokes", "reaches"]);
    let between = anchors
        .first()
        .zip(anchors.last())
        .is_some_and(|(first, last)| (first + 1..*last).any(verb));
    let passes = words
        .has(&["go through", "goes through", "going through", "pass through", "passes through"])
        && !words.has(&["both"]);
    let through = through && !passes;
    let calls = two && !through && (between || passes || words.has(&["into", "to"]));
    if !(two && through || calls || words.has(&["both"]) && through) || anchors.len() < 2 {
        return Structure::One;
    }
    let operator = if calls { SpansetOperator::Descendant } else { SpansetOperator::And };
    Structure::Two {
        operator,
        split: anchors[1],
        tail: usize::MAX,
        swapped: false,
        both_failed: false,
    }
}

fn fails_both(reader: &Reader<'_>, demands: &[Demand]) -> bool {
    let both = reader.wanted.words.find(&["both"]);
    both.is_some_and(|(both, _)| {
        demands
            .iter()
            .any(|demand| demand.what == What::Failed && (both..both + 3).contains(&demand.at))
    })
}
