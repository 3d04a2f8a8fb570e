//! Canonical TraceQL: blanks around operators, parentheses where operators mix, and every value
//! written so that it reads back as it was.

use std::fmt::{self, Display, Formatter, Write as _};

use super::ast::{
    Arithmetic, Attribute, CompareLimits, Field, Literal, Metric, MetricFunction, Operator,
    Pipeline, Query, Reference, Scalar, Scope, Spansets, Stage,
};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.pipeline)?;
        for (index, (name, value)) in self.hints.iter().enumerate() {
            f.write_str(if index == 0 { " with (" } else { ", " })?;
            write!(f, "{name}={value}")?;
        }
        if self.hints.is_empty() { Ok(()) } else { f.write_char(')') }
    }
}

impl Display for Pipeline {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, stage) in self.stages.iter().enumerate() {
            match stage {
                Stage::Threshold(..) => f.write_char(' ')?,
                _ if index > 0 => f.write_str(" | ")?,
                _ => {}
            }
            write!(f, "{stage}")?;
        }
        Ok(())
    }
}

impl Display for Stage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spansets(spansets) => write!(f, "{spansets}"),
            Self::Filter(left, comparison, right) => {
                write!(f, "{left} {} {right}", comparison.symbol())
            }
            Self::Group(fields) => {
                f.write_str("by (")?;
                list(f, fields)?;
                f.write_char(')')
            }
            Self::Select(references) => {
                f.write_str("select(")?;
                list(f, references)?;
                f.write_char(')')
            }
            Self::Coalesce => f.write_str("coalesce()"),
            Self::Metric(metric) => write!(f, "{metric}"),
            Self::Rank { top: true, count } => write!(f, "topk({count})"),
            Self::Rank { top: false, count } => write!(f, "bottomk({count})"),
            Self::Threshold(comparison, number) => write!(f, "{} {number}", comparison.symbol()),
        }
    }
}

impl Display for Spansets {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filter(field) => filter(f, field.as_ref()),
            Self::Wrapped(pipeline) => write!(f, "({pipeline})"),
            Self::Combined(left, operator, right) => {
                // A chain of one operator reads from the left; anything else is bracketed.
                let plain = matches!(&**left, Self::Combined(_, inner, _) if inner == operator);
                operand(f, left, plain || !matches!(**left, Self::Combined(..)))?;
                write!(f, " {} ", operator.symbol())?;
                operand(f, right, !matches!(**right, Self::Combined(..)))
            }
        }
    }
}

fn filter(f: &mut Formatter<'_>, field: Option<&Field>) -> fmt::Result {
    match field {
        Some(field) => write!(f, "{{ {field} }}"),
        None => f.write_str("{ }"),
    }
}

fn operand(f: &mut Formatter<'_>, operand: &impl Display, plain: bool) -> fmt::Result {
    if plain { write!(f, "{operand}") } else { write!(f, "({operand})") }
}

fn list(f: &mut Formatter<'_>, items: &[impl Display]) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // Signs before signs need no parentheses, which would nest deeper than what was read.
        let is_plain = |field: &Self| !matches!(field, Self::Binary(..));
        match self {
            Self::Literal(literal) => write!(f, "{literal}"),
            Self::Reference(reference) => write!(f, "{reference}"),
            Self::Not(inner) => {
                f.write_char('!')?;
                operand(f, &**inner, is_plain(inner))
            }
            Self::Minus(inner) => {
                f.write_char('-')?;
                operand(f, &**inner, is_plain(inner))
            }
            Self::Binary(left, operator, right) => {
                operand(f, &**left, stands_beside(left, *operator, true))?;
                write!(f, " {} ", symbol(*operator))?;
                operand(f, &**right, stands_beside(right, *operator, false))
            }
        }
    }
}

fn symbol(operator: Operator) -> &'static str {
    match operator {
        Operator::Logic(logic) => logic.symbol(),
        Operator::Comparison(comparison) => comparison.symbol(),
        Operator::Arithmetic(arithmetic) => arithmetic.symbol(),
    }
}

/// Whether an operand needs no parentheses: a comparison beside `&&`, arithmetic beside a
/// comparison, and the left of a chain of one operator.
fn stands_beside(field: &Field, outer: Operator, is_left: bool) -> bool {
    let Field::Binary(_, inner, _) = field else { return true };
    match (outer, inner) {
        (Operator::Logic(_), Operator::Comparison(_))
        | (Operator::Comparison(_), Operator::Arithmetic(_)) => true,
        (Operator::Arithmetic(Arithmetic::Power) | Operator::Comparison(_), _) => false,
        (outer, inner) => is_left && outer == *inner,
    }
}

impl Display for Scalar {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(literal) => write!(f, "{literal}"),
            Self::Minus(literal) => write!(f, "-{literal}"),
            Self::Count => f.write_str("count()"),
            Self::Aggregate(aggregate, field) => write!(f, "{}({field})", aggregate.word()),
            Self::Binary(left, operator, right) => {
                let chains = *operator != Arithmetic::Power
                    && matches!(&**left, Self::Binary(_, inner, _) if inner == operator);
                operand(f, &**left, chains || !matches!(**left, Self::Binary(..)))?;
                write!(f, " {} ", operator.symbol())?;
                operand(f, &**right, !matches!(**right, Self::Binary(..)))
            }
        }
    }
}

impl Display for Metric {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.function {
            MetricFunction::Rate => f.write_str("rate()")?,
            MetricFunction::CountOverTime => f.write_str("count_over_time()")?,
            MetricFunction::OverTime(aggregate, of) => {
                write!(f, "{}_over_time({of})", aggregate.word())?
            }
            MetricFunction::Histogram(of) => write!(f, "histogram_over_time({of})")?,
            MetricFunction::Quantile(of, quantiles) => {
                write!(f, "quantile_over_time({of}, ")?;
                list(f, quantiles)?;
                f.write_char(')')?;
            }
            MetricFunction::Compare { selection, limits } => {
                f.write_str("compare(")?;
                filter(f, selection.as_ref())?;
                if let Some(CompareLimits { top, between }) = limits {
                    write!(f, ", {top}")?;
                    if let Some((begin, end)) = between {
                        write!(f, ", {begin}, {end}")?;
                    }
                }
                f.write_char(')')?;
            }
        }
        if self.by.is_empty() {
            return Ok(());
        }
        f.write_str(" by (")?;
        list(f, &self.by)?;
        f.write_char(')')
    }
}

impl Display for Reference {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Intrinsic(intrinsic) => f.write_str(intrinsic.word()),
            Self::Attribute(attribute) => write!(f, "{attribute}"),
        }
    }
}

impl Display for Attribute {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.parent {
            f.write_str("parent.")?;
        }
        match self.scope {
            Some(scope) => write!(f, "{}.", scope.word())?,
            None if self.parent => {}
            None => f.write_char('.')?,
        }
        if self.stands_unquoted() { f.write_str(&self.name) } else { quoted(f, &self.name, false) }
    }
}

impl Attribute {
    /// Whether the name reads back without quotation marks, and as no scope: `parent.span.x` is not
    /// the attribute `span.x`.
    fn stands_unquoted(&self) -> bool {
        let mut characters = self.name.chars();
        characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
            && characters.all(|next| {
                next.is_ascii_alphanumeric() || matches!(next, '_' | '.' | '-' | '/' | ':')
            })
            && !(self.parent && self.scope.is_none() && begins_with_scope(&self.name))
    }
}

fn begins_with_scope(name: &str) -> bool {
    name.split_once('.').is_some_and(|(first, _)| Scope::from_word(first).is_some())
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(text) => string(f, text),
            Self::Integer(integer) => write!(f, "{integer}"),
            // Without a fraction it would read back as an integer.
            Self::Float(float) if float.fract() == 0.0 => write!(f, "{float}.0"),
            Self::Float(float) => write!(f, "{float}"),
            Self::Duration(amount, unit) => write!(f, "{amount}{}", unit.word()),
            Self::Boolean(boolean) => write!(f, "{boolean}"),
            Self::Nil => f.write_str("nil"),
            Self::Status(status) => f.write_str(status.word()),
            Self::Kind(kind) => f.write_str(kind.word()),
            Self::MinInt => f.write_str("minInt"),
            Self::MaxInt => f.write_str("maxInt"),
        }
    }
}

/// A line end cannot stand in double quotes, and a backtick not in backticks.
fn string(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    let breaks = text.contains(['\n', '\r']);
    if breaks && !text.contains(['`', '\r']) {
        write!(f, "`{text}`")
    } else {
        quoted(f, text, true)
    }
}

/// In the name of an attribute no escapes are known but those of the quotation mark and the
/// backslash.
fn quoted(f: &mut Formatter<'_>, text: &str, escapes_breaks: bool) -> fmt::Result {
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '\\' => f.write_str("\\\\")?,
            '"' => f.write_str("\\\"")?,
            '\n' if escapes_breaks => f.write_str("\\n")?,
            '\r' if escapes_breaks => f.write_str("\\r")?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('"')
}

impl Pipeline {
    /// Whether it yields numbers over time rather than spans.
    pub(crate) fn is_metric(&self) -> bool {
        self.stages.iter().any(|stage| matches!(stage, Stage::Metric(_)))
    }
}
