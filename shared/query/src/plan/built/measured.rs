//! How a number is made of series: the part of translation that writes PromQL.

use crate::{
    plan::ground::Join,
    promql::{Expression, Selector},
};

/// A selector with what brings in labels that it lacks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Source {
    pub(crate) selector: Selector,
    pub(crate) join: Option<Join>,
}

/// The window of a rate, and how long before now it ends.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct At {
    pub(crate) window: String,
    pub(crate) offset: Option<String>,
}

/// A number, made of series.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Measured {
    /// `rate`, `increase`: of a counter over the window. Rows are added up, or kept as they are.
    Counted {
        function: &'static str,
        source: Source,
        added: bool,
    },
    /// How many observations a native histogram had.
    NativeCounted {
        function: &'static str,
        source: Source,
    },
    /// A gauge as it stands, added up or averaged over what is not told apart.
    Level {
        source: Source,
        across: Option<&'static str>,
    },
    /// A gauge over the window: `max_over_time`, `delta`, `predict_linear`, …
    OverTime {
        function: &'static str,
        /// The first argument, as of `quantile_over_time`.
        before: Option<f64>,
        source: Source,
        /// The last one, as of `predict_linear`.
        after: Option<String>,
        across: Option<&'static str>,
    },
    Quantile {
        source: Source,
        native: bool,
        quantile: f64,
    },
    NativeMean {
        source: Source,
    },
    /// The share of a native histogram's observations between two values.
    NativeFraction {
        source: Source,
        from: f64,
        to: f64,
    },
    /// One less the share of time that a counter of idle time counts.
    NotIdle {
        source: Source,
    },
    /// Seconds since a moment that a gauge holds, or until then.
    Age {
        source: Source,
        per_second: f64,
        until: bool,
        across: Option<&'static str>,
    },
    /// One number by another.
    Ratio {
        part: Box<Measured>,
        whole: Box<Measured>,
    },
    /// One less a share.
    Rest(Box<Measured>),
    Sum(Box<Measured>, Box<Measured>),
    Difference(Box<Measured>, Box<Measured>),
    /// A function of a value over time: `max_over_time(…[1d:5m])`.
    Peak {
        function: &'static str,
        inner: Box<Measured>,
        window: String,
        resolution: String,
    },
    /// How many rows there are.
    Rows(Box<Measured>),
    /// The same of each, where the rows inside tell them apart already.
    RowsBy(Box<Measured>),
    Absent(Selector),
    /// Conditions over several windows, which take no other.
    Fixed(Expression),
}

impl Measured {
    /// The same, with rows added up that would stay as they are.
    pub(crate) fn gathered(self) -> Self {
        let boxed = |inner: Box<Self>| Box::new(inner.gathered());
        match self {
            Self::Counted { function, source, .. } => {
                Self::Counted { function, source, added: true }
            }
            Self::Level { source, across } => {
                Self::Level { source, across: across.or(Some("max")) }
            }
            Self::OverTime { function, before, source, after, across } => {
                Self::OverTime { function, before, source, after, across: across.or(Some("max")) }
            }
            Self::Age { source, per_second, until, across } => {
                Self::Age { source, per_second, until, across: across.or(Some("max")) }
            }
            Self::Ratio { part, whole } => Self::Ratio { part: boxed(part), whole: boxed(whole) },
            Self::Rest(share) => Self::Rest(boxed(share)),
            Self::Sum(one, other) => Self::Sum(boxed(one), boxed(other)),
            Self::Difference(one, other) => Self::Difference(boxed(one), boxed(other)),
            other => other,
        }
    }

    pub(crate) fn expression(&self, by: &[String], at: &At) -> Expression {
        match self {
            Self::Counted { function, source, added } => {
                let counted = source.over(function, at);
                if *added { Expression::aggregate("sum", by, counted) } else { counted }
            }
            Self::NativeCounted { function, source } => {
                let histograms = Expression::aggregate("sum", by, source.over(function, at));
                Expression::call("histogram_count", vec![histograms])
            }
            Self::Level { source, across } => aggregated(*across, by, source.now(at)),
            Self::OverTime { function, before, source, after, across } => {
                let mut arguments: Vec<Expression> =
                    before.iter().map(|number| Expression::Number(*number)).collect();
                arguments.push(source.range(at));
                arguments.extend(after.iter().cloned().map(Expression::Constant));
                let value = source.joined(Expression::call(function, arguments));
                aggregated(*across, by, value)
            }
            Self::Quantile { source, native, quantile } => {
                let mut labels = by.to_vec();
                if !native {
                    labels.insert(0, "le".to_owned());
                }
                let rates = Expression::aggregate("sum", &labels, source.over("rate", at));
                Expression::call("histogram_quantile", vec![Expression::Number(*quantile), rates])
            }
            Self::NativeMean { source } => {
                let rates = Expression::aggregate("sum", by, source.over("rate", at));
                let sum = Expression::call("histogram_sum", vec![rates.clone()]);
                sum.binary("/", Expression::call("histogram_count", vec![rates]))
            }
            Self::NativeFraction { source, from, to } => {
                let rates = Expression::aggregate("sum", by, source.over("rate", at));
                let bounds = [*from, *to].map(Expression::Number);
                Expression::call("histogram_fraction", bounds.into_iter().chain([rates]).collect())
            }
            Self::NotIdle { source } => {
                let idle = Expression::aggregate("avg", by, source.over("rate", at));
                Expression::Number(1.0).binary("-", idle)
            }
            Self::Age { source, per_second, until, across } => {
                let moment = source.now(at).scaled(1.0 / per_second);
                let now = Expression::call("time", Vec::new());
                let age = if *until { moment.binary("-", now) } else { now.binary("-", moment) };
                aggregated(*across, by, age)
            }
            Self::Ratio { part, whole } => {
                part.expression(by, at).binary("/", whole.expression(by, at))
            }
            Self::Rest(share) => Expression::Number(1.0).binary("-", share.expression(by, at)),
            Self::Sum(one, other) => one.expression(by, at).binary("+", other.expression(by, at)),
            Self::Difference(one, other) => {
                one.expression(by, at).binary("-", other.expression(by, at))
            }
            Self::Peak { function, inner, window, resolution } => {
                let at = At { window: resolution.clone(), offset: None };
                let inner = Box::new(inner.expression(by, &at));
                let (window, resolution) = (window.clone(), resolution.clone());
                Expression::call(function, vec![Expression::Subquery { inner, window, resolution }])
            }
            Self::Rows(inner) => Expression::aggregate("count", by, inner.expression(&[], at)),
            Self::RowsBy(inner) => Expression::aggregate("count", by, inner.expression(by, at)),
            Self::Absent(selector) => {
                Expression::call("absent", vec![Expression::vector(selector.clone())])
            }
            Self::Fixed(expression) => expression.clone(),
        }
    }
}

impl Source {
    fn range(&self, at: &At) -> Expression {
        Expression::Range {
            selector: self.selector.clone(),
            window: at.window.clone(),
            offset: at.offset.clone(),
        }
    }

    fn over(&self, function: &'static str, at: &At) -> Expression {
        self.joined(Expression::call(function, vec![self.range(at)]))
    }

    fn now(&self, at: &At) -> Expression {
        let selector = self.selector.clone();
        self.joined(Expression::Vector { selector, offset: at.offset.clone() })
    }

    fn joined(&self, expression: Expression) -> Expression {
        match &self.join {
            Some(join) => join.around(expression),
            None => expression,
        }
    }
}

fn aggregated(across: Option<&'static str>, by: &[String], inner: Expression) -> Expression {
    match across {
        Some(operator) => Expression::aggregate(operator, by, inner),
        None => inner,
    }
}
