//! What is demanded of the root of a trace, and shapes of traces that have words of their own.

use super::conditions::Reader;
use crate::traceql::{
    ast::{
        Comparison, Field, Intrinsic, Literal, Operator, Reference, SpansetOperator, Spansets,
        Status,
    },
    translate::ground::numeric,
};

/// What stands right before the service in which a trace begins.
const BEGINS: &[&str] = &[
    "begin|begins|beginning|began|begun out? in|at|from|with|by the|a|our?",
    "begin|begins|beginning|began|begun out? through|via|on|is|was the|a|our?",
    "start|starts|starting|started|originate out? in|at|from|with|by the|a|our?",
    "start|starts|starting|started|originate out? through|via|on|is|was the|a|our?",
    "originates|originating out? in|at|from|with|by the|a|our?",
    "originated|enter|enters out? in|at|from|with|by the|a|our?",
    "originates|originating out? through|via|on|is|was the|a|our?",
    "originated|enter|enters out? through|via|on|is|was the|a|our?",
    "entering|entered|initiated out? in|at|from|with|by the|a|our?",
    "rooted|root|roots out? in|at|from|with|by the|a|our?",
    "entering|entered|initiated out? through|via|on|is|was the|a|our?",
    "rooted|root|roots out? through|via|on|is|was the|a|our?",
    "root|entry|entrypoint|first service|span|point|hop|node? is|was|in? the|a|our?",
    "root|entry|entrypoint|first service|span? at|of|=|being? the|a|our?",
    "root|entry|entrypoint|first point|hop|node? at|of|=|being? the|a|our?",
];
const LEAVES: &[&str] = &[
    "leaf span|spans|call|calls|operations?",
    "leaf|terminal|bottom-most|childless span|spans|operation|operations",
    "spans|calls|operations without|with no? any? child|children",
];
const ROOT_SPANS: &[&str] = &[
    "root|top-level|toplevel|parentless span|spans",
    "spans|calls without|with no? a|any? parent|parents",
];
const LAST_ERRORS: &[&str] = &[
    "root-cause|deepest|lowest error|errors|failure|failures|span|spans",
    "innermost|originating|bottom-most error|errors|failure|failures|span|spans",
    "root cause|causes error|errors|failure|failures|span|spans",
    "last|final error|errors|failure? in|of the|a? chain|cascade|series|trace|stack",
    "last|final failures|span|spans? in|of the|a? chain|cascade|series|trace|stack",
    "with|having none any? failing|failed|erroring child|children|descendant",
    "with|having no|without any? failing|failed|erroring child|children|descendant",
    "with|having none any? failing|failed|erroring descendants|callee|callees",
    "with|having no|without any? failing|failed|erroring descendants|callee|callees",
    "none|no of its|their child|children|callees failed|fail|errored",
    "child|children did|do not|didn't|don't fail|error",
];

impl Reader<'_, '_> {
    /// "traces that begin in the frontend": the condition is on the root's service.
    pub(super) fn read_roots(&mut self) {
        let Some(service) = self.ground.service().map(|known| known.reference.clone()) else {
            return;
        };
        let root =
            self.ground.intrinsic(&[Intrinsic::RootServiceName, Intrinsic::TraceRootService]);
        for index in 0..self.conditions.len() {
            let condition = &self.conditions[index];
            if condition.subject != service {
                continue;
            }
            let start = condition.words.start;
            let reach = start.saturating_sub(5)..start;
            let leads = reach.clone().find(|at| {
                self.fits(*at, BEGINS).is_some_and(|taken| at + taken == start)
                    && self.is_free(*at..*at + 1)
            });
            let follows = self
                .fits(condition.words.end, &["as the? root|entry point?", "at the root|entry"])
                .is_some();
            if leads.is_some() || follows {
                self.conditions[index].subject = root.clone();
            }
        }
    }

    /// Leaves, roots and the last errors of a chain.
    pub(super) fn special_shape(&self) -> Option<Spansets> {
        let inside = |reader: &Self| Spansets::Filter(reader.combined(&reader.conditions));
        let failed = || {
            Field::Binary(
                Box::new(Field::Reference(
                    self.ground.intrinsic(&[Intrinsic::Status, Intrinsic::SpanStatus]),
                )),
                Operator::Comparison(Comparison::Equal),
                Box::new(Field::Literal(Literal::Status(Status::Error))),
            )
        };
        if self.says(LAST_ERRORS) {
            let mut field = self.combined(&self.conditions);
            if !self.conditions.iter().any(|condition| condition.field() == failed()) {
                field = Field::all(field.into_iter().chain([failed()]).collect());
            }
            return Some(combined(
                Spansets::Filter(Some(failed())),
                SpansetOperator::NotParent,
                Spansets::Filter(field),
            ));
        }
        if self.says(LEAVES) {
            return Some(combined(
                Spansets::Filter(None),
                SpansetOperator::NotParent,
                inside(self),
            ));
        }
        if self.says(ROOT_SPANS) {
            let no_parent = Field::Binary(
                Box::new(Field::Reference(Reference::Intrinsic(Intrinsic::NestedSetParent))),
                Operator::Comparison(Comparison::Below),
                Box::new(numeric(0.0)),
            );
            let field = Field::all(
                self.combined(&self.conditions).into_iter().chain([no_parent]).collect(),
            );
            return Some(Spansets::Filter(field));
        }
        None
    }
}

fn combined(left: Spansets, operator: SpansetOperator, right: Spansets) -> Spansets {
    Spansets::Combined(Box::new(left), operator, Box::new(right))
}
