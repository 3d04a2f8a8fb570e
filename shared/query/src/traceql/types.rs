//! What kinds of values meet in a query. Attributes may hold anything; intrinsics and literals are
//! of one kind, and Tempo refuses a query that compares two that differ, such as a status and a
//! string.

use super::ast::{
    Aggregate, Comparison, Field, Intrinsic, Literal, Logic, Metric, MetricFunction, Operator,
    Pipeline, Reference, Scalar, Spansets, Stage,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    /// An attribute.
    Any,
    String,
    Number,
    Boolean,
    Nil,
    Status,
    SpanKind,
}

impl Type {
    fn described(self) -> &'static str {
        match self {
            Self::Any => "an attribute",
            Self::String => "text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Nil => "nil",
            Self::Status => "a status (ok, error or unset, without quotation marks)",
            Self::SpanKind => "a kind (server, client, …, without quotation marks)",
        }
    }

    fn may_be(self, other: Self) -> bool {
        self == other || self == Self::Any || other == Self::Any
    }
}

/// Says what does not fit, as a sentence.
pub(super) fn check(pipeline: &Pipeline) -> Result<(), String> {
    pipeline.stages.iter().try_for_each(stage)
}

fn stage(stage: &Stage) -> Result<(), String> {
    match stage {
        Stage::Spansets(sets) => spansets(sets),
        Stage::Filter(left, _, right) => scalar(left).and_then(|()| scalar(right)),
        Stage::Group(fields) => fields.iter().try_for_each(|field| of(field).map(drop)),
        Stage::Metric(metric) => self::metric(metric),
        Stage::Rank { count, .. } if *count < 1 => {
            Err("`topk` and `bottomk` want a number above 0".to_owned())
        }
        Stage::Select(_) | Stage::Coalesce | Stage::Rank { .. } | Stage::Threshold(..) => Ok(()),
    }
}

fn spansets(sets: &Spansets) -> Result<(), String> {
    match sets {
        Spansets::Filter(field) => condition(field.as_ref()),
        Spansets::Wrapped(pipeline) => check(pipeline),
        Spansets::Combined(left, _, right) => spansets(left).and_then(|()| spansets(right)),
    }
}

fn condition(field: Option<&Field>) -> Result<(), String> {
    let Some(field) = field else { return Ok(()) };
    match of(field)? {
        Type::Boolean | Type::Any => Ok(()),
        other => Err(format!("`{field}` is {}, not a condition", other.described())),
    }
}

fn metric(metric: &Metric) -> Result<(), String> {
    match &metric.function {
        MetricFunction::Rate | MetricFunction::CountOverTime => Ok(()),
        MetricFunction::OverTime(_, of) | MetricFunction::Histogram(of) => numeric(of),
        MetricFunction::Quantile(of, quantiles) => {
            let sensible = quantiles.iter().all(|quantile| match quantile {
                Literal::Float(float) => *float <= 1.0,
                Literal::Integer(integer) => *integer <= 1,
                _ => false,
            });
            if !sensible {
                return Err("a quantile is a number from 0 to 1, such as 0.95".to_owned());
            }
            numeric(of)
        }
        MetricFunction::Compare { selection, .. } => condition(selection.as_ref()),
    }
}

fn numeric(reference: &Reference) -> Result<(), String> {
    let kind = kind(reference);
    if kind.may_be(Type::Number) {
        Ok(())
    } else {
        Err(format!("`{reference}` is {}, not a number", kind.described()))
    }
}

fn scalar(scalar: &Scalar) -> Result<(), String> {
    match scalar {
        Scalar::Literal(_) | Scalar::Minus(_) | Scalar::Count => Ok(()),
        Scalar::Aggregate(aggregate, field) => match of(field)? {
            Type::Any | Type::Number => Ok(()),
            other => Err(aggregated(*aggregate, field, other)),
        },
        Scalar::Binary(left, _, right) => self::scalar(left).and_then(|()| self::scalar(right)),
    }
}

fn aggregated(aggregate: Aggregate, field: &Field, kind: Type) -> String {
    format!("`{}` wants a number, and `{field}` is {}", aggregate.word(), kind.described())
}

fn of(field: &Field) -> Result<Type, String> {
    let wrong = |wanted: Type, part: &Field, found: Type| {
        Err(format!("in `{field}`, `{part}` is {}, not {}", found.described(), wanted.described()))
    };
    match field {
        Field::Literal(literal) => Ok(literal_kind(literal)),
        Field::Reference(reference) => Ok(kind(reference)),
        Field::Not(inner) => match of(inner)? {
            Type::Any | Type::Boolean => Ok(Type::Boolean),
            other => wrong(Type::Boolean, inner, other),
        },
        Field::Minus(inner) => match of(inner)? {
            Type::Any | Type::Number => Ok(Type::Number),
            other => wrong(Type::Number, inner, other),
        },
        Field::Binary(left, operator, right) => {
            let (on_left, on_right) = (of(left)?, of(right)?);
            let (wanted, result) = match operator {
                Operator::Logic(Logic::And | Logic::Or) => (Type::Boolean, Type::Boolean),
                Operator::Arithmetic(_) => (Type::Number, Type::Number),
                Operator::Comparison(Comparison::Matches | Comparison::MatchesNot) => {
                    (Type::String, Type::Boolean)
                }
                Operator::Comparison(_) if on_left == Type::Nil || on_right == Type::Nil => {
                    return Ok(Type::Boolean);
                }
                Operator::Comparison(_) if on_left.may_be(on_right) => return Ok(Type::Boolean),
                Operator::Comparison(_) => {
                    return Err(format!(
                        "`{field}` compares {} with {}",
                        on_left.described(),
                        on_right.described()
                    ));
                }
            };
            for (part, found) in [(left, on_left), (right, on_right)] {
                if !found.may_be(wanted) {
                    return wrong(wanted, part, found);
                }
            }
            Ok(result)
        }
    }
}

fn literal_kind(literal: &Literal) -> Type {
    match literal {
        Literal::String(_) => Type::String,
        Literal::Boolean(_) => Type::Boolean,
        Literal::Nil => Type::Nil,
        Literal::Status(_) => Type::Status,
        Literal::Kind(_) => Type::SpanKind,
        Literal::Integer(_)
        | Literal::Float(_)
        | Literal::Duration(..)
        | Literal::MinInt
        | Literal::MaxInt => Type::Number,
    }
}

fn kind(reference: &Reference) -> Type {
    let Reference::Intrinsic(intrinsic) = reference else { return Type::Any };
    match intrinsic {
        Intrinsic::Duration
        | Intrinsic::TraceDuration
        | Intrinsic::SpanDuration
        | Intrinsic::TraceWholeDuration
        | Intrinsic::EventTimeSinceStart
        | Intrinsic::ChildCount
        | Intrinsic::SpanChildCount
        | Intrinsic::NestedSetLeft
        | Intrinsic::NestedSetRight
        | Intrinsic::NestedSetParent => Type::Number,
        Intrinsic::Status | Intrinsic::SpanStatus => Type::Status,
        Intrinsic::Kind | Intrinsic::SpanKind => Type::SpanKind,
        Intrinsic::Parent => Type::Nil,
        Intrinsic::Name
        | Intrinsic::StatusMessage
        | Intrinsic::RootName
        | Intrinsic::RootServiceName
        | Intrinsic::SpanName
        | Intrinsic::SpanStatusMessage
        | Intrinsic::SpanId
        | Intrinsic::SpanParentId
        | Intrinsic::TraceRootName
        | Intrinsic::TraceRootService
        | Intrinsic::TraceId
        | Intrinsic::EventName
        | Intrinsic::LinkSpanId
        | Intrinsic::LinkTraceId
        | Intrinsic::InstrumentationName
        | Intrinsic::InstrumentationVersion => Type::String,
    }
}
