//! From what was read to the stages of a pipeline.

use super::{
    conditions::{Condition, Reader},
    limits::TraceLimit,
    metrics::{Asked, Rank},
    structure::{self, Parts},
};
use crate::{
    promql::escape_regex,
    traceql::ast::{
        Comparison, Field, Intrinsic, Literal, Logic, Metric, MetricFunction, Operator, Pipeline,
        Reference, Scalar, Spansets, Stage,
    },
};

/// Puts the stages in the order in which they take from one another.
pub(super) fn assemble(
    spansets: Spansets,
    limits: &[TraceLimit],
    groups: Vec<Reference>,
    asked: Option<Asked>,
    rank: Option<Rank>,
    selected: Vec<Reference>,
) -> Pipeline {
    let mut spansets = spansets;
    let mut function = asked.map(|asked| asked.function);
    if let (Some(MetricFunction::Compare { selection, .. }), Spansets::Filter(field)) =
        (&mut function, &mut spansets)
    {
        (*field, *selection) = compared(field.take());
    }
    let mut stages = vec![Stage::Spansets(spansets)];
    let by_group = function.is_none() && !groups.is_empty();
    if by_group {
        stages.push(Stage::Group(groups.iter().cloned().map(Field::Reference).collect()));
    }
    for limit in limits {
        stages.push(Stage::Filter(
            limit.left.clone(),
            limit.comparison,
            Scalar::Literal(limit.right.clone()),
        ));
    }
    if let Some(function) = function {
        let compares = matches!(function, MetricFunction::Compare { .. });
        let ranks = !groups.is_empty() && !compares;
        stages.push(Stage::Metric(Metric {
            function,
            by: if compares { Vec::new() } else { groups },
        }));
        if let Some(rank) = rank.filter(|_| ranks) {
            stages.push(Stage::Rank { top: rank.top, count: rank.count });
        }
    }
    if !selected.is_empty() {
        stages.push(Stage::Select(selected));
    }
    Pipeline { stages }
}

/// Where spans are compared, what is said of how they went is the selection, the rest what both
/// groups share.
fn compared(field: Option<Field>) -> (Option<Field>, Option<Field>) {
    let mut demands = Vec::new();
    let mut rest = field;
    while let Some(Field::Binary(left, Operator::Logic(Logic::And), right)) = rest {
        demands.insert(0, *right);
        rest = Some(*left);
    }
    demands.splice(0..0, rest);
    let is_outcome = |field: &Field| match field {
        Field::Binary(left, _, _) => matches!(&**left, Field::Reference(Reference::Intrinsic(_))),
        _ => false,
    };
    let (selection, common): (Vec<Field>, Vec<Field>) = demands.into_iter().partition(is_outcome);
    if selection.is_empty() {
        return (None, Field::all(common));
    }
    (Field::all(common), Field::all(selection))
}

impl Reader<'_, '_> {
    /// The sets of spans, with the conditions that belong to each.
    pub(super) fn spansets(&self, parts: &Parts) -> Spansets {
        match parts {
            Parts::One(conditions) => {
                let conditions: Vec<Condition> =
                    conditions.iter().map(|at| self.conditions[*at].clone()).collect();
                Spansets::Filter(self.combined(&conditions))
            }
            Parts::Two { left, operator, right } => Spansets::Combined(
                Box::new(self.spansets(left)),
                *operator,
                Box::new(self.spansets(right)),
            ),
        }
    }

    /// All conditions of one set of spans: values of one attribute are alternatives, as is what
    /// "or" stands between.
    pub(super) fn combined(&self, conditions: &[Condition]) -> Option<Field> {
        let mut groups: Vec<Vec<&Condition>> = Vec::new();
        let mut previous: Option<&Condition> = None;
        for condition in conditions {
            let linked = previous.filter(|previous| self.says_or(previous, condition));
            previous = Some(condition);
            let alternative = |group: &Vec<&Condition>| {
                group.iter().any(|other| structure::differ(other, condition))
                    || linked.is_some_and(|linked| group.contains(&linked))
            };
            if groups.iter().flatten().any(|other| structure::same(other, condition)) {
                continue;
            }
            match groups.iter_mut().find(|group| alternative(group)) {
                Some(group) => group.push(condition),
                None => groups.push(vec![condition]),
            }
        }
        groups.sort_by_key(|group| group.iter().map(|condition| order(condition, self)).min());
        let fields = groups.into_iter().filter_map(|group| alternatives(&group)).collect();
        Field::all(fields)
    }
}

/// Services come first, how spans went last, as people write it.
fn order(condition: &Condition, reader: &Reader<'_, '_>) -> u8 {
    let service = reader.ground.service().is_some_and(|known| known.reference == condition.subject);
    match &condition.subject {
        _ if service => 0,
        Reference::Intrinsic(Intrinsic::Kind | Intrinsic::SpanKind) => 1,
        Reference::Attribute(_) => 2,
        Reference::Intrinsic(_) => 3,
    }
}

/// One of the conditions: a pattern where all are texts of one attribute.
fn alternatives(group: &[&Condition]) -> Option<Field> {
    let (first, rest) = group.split_first()?;
    let literal = |condition: &&Condition| match (&condition.comparison, &condition.value) {
        (Comparison::Equal, Field::Literal(Literal::String(text)))
            if condition.subject == first.subject =>
        {
            Some(text.clone())
        }
        _ => None,
    };
    let texts: Option<Vec<String>> = group.iter().map(literal).collect();
    if let (Some(texts), false) = (texts, rest.is_empty()) {
        let mut distinct: Vec<String> = Vec::new();
        for text in texts {
            let escaped = escape_regex(&text);
            if !distinct.contains(&escaped) {
                distinct.push(escaped);
            }
        }
        return Some(Field::Binary(
            Box::new(Field::Reference(first.subject.clone())),
            Operator::Comparison(Comparison::Matches),
            Box::new(Field::Literal(Literal::String(distinct.join("|")))),
        ));
    }
    group.iter().map(|condition| condition.field()).reduce(|left, right| {
        Field::Binary(Box::new(left), Operator::Logic(Logic::Or), Box::new(right))
    })
}
