//! How a value is made of selectors: the only place that writes PromQL expressions.

use crate::promql::{Selector, window};

/// Points of a subquery: enough to catch a peak, cheap enough for a long period.
const SUBQUERY_POINTS: i64 = 240;
const MIN_RESOLUTION_S: i64 = 60;
/// The window of a rate inside a subquery.
const SHORT_WINDOW_S: i64 = 300;

/// What is made of the samples of a gauge in the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum OverTime {
    Average,
    Maximum,
    Minimum,
    Quantile(f64),
}

/// How the instances of one thing become one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Across {
    Average,
    Maximum,
    Minimum,
    Sum,
}

impl Across {
    fn operator(self) -> &'static str {
        match self {
            Self::Average => "avg",
            Self::Maximum => "max",
            Self::Minimum => "min",
            Self::Sum => "sum",
        }
    }
}

/// Which value of those that a rate or quantile had over the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extreme {
    /// The one of the whole window.
    Whole,
    Highest,
    Lowest,
}

/// A gauge and how it is reduced.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Level {
    pub(crate) gauge: Selector,
    pub(crate) over_time: OverTime,
    pub(crate) across: Across,
    /// The label of the instance, when one instance has several series that add up (heap areas,
    /// devices).
    pub(crate) parts_of: Option<String>,
}

/// A way to measure something.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Recipe {
    /// How fast a counter grows.
    Rate { counter: Selector, extreme: Extreme },
    /// By how much a counter grew.
    Increase { counter: Selector },
    /// A quantile of a classic or native histogram.
    Quantile { series: Selector, native: bool, quantile: f64, extreme: Extreme },
    /// The mean of a distribution.
    Mean { sum: Selector, count: Selector },
    /// The mean of a native histogram.
    NativeMean { series: Selector },
    /// A gauge, or a summary's own quantile.
    Level(Level),
    /// A level as a share of its limit.
    Share { used: Level, limit: Level },
    /// The share of a limit that is not left.
    NotLeft { left: Level, limit: Level },
    /// The share of time that is not counted by this counter.
    NotIdle { idle: Selector },
    /// The share of requests that failed, or that did not.
    Failed { failures: Selector, total: Selector, inverted: bool },
}

impl Recipe {
    /// The expression over a window, with rows told apart by labels, in recorded units times
    /// `factor`.
    pub(crate) fn expression(&self, by: &[String], window_s: i64, factor: f64) -> String {
        let plain = self.plain(by, window_s);
        if factor == 1.0 {
            plain
        } else if factor < 1.0 {
            format!("{plain} / {}", (1.0 / factor).round())
        } else {
            format!("{plain} * {factor}")
        }
    }

    /// A selector without which there is no value.
    pub(crate) fn selector(&self) -> &Selector {
        match self {
            Self::Rate { counter, .. } | Self::Increase { counter } => counter,
            Self::Quantile { series, .. } | Self::NativeMean { series } => series,
            Self::Mean { count, .. } => count,
            Self::Level(level)
            | Self::Share { used: level, .. }
            | Self::NotLeft { left: level, .. } => &level.gauge,
            Self::NotIdle { idle } => idle,
            Self::Failed { total, .. } => total,
        }
    }

    fn plain(&self, by: &[String], window_s: i64) -> String {
        let range = window(window_s);
        match self {
            Self::Rate { counter, extreme } => within(*extreme, window_s, |range| {
                format!("{}(rate({counter}[{range}]))", grouped("sum", by))
            }),
            Self::Increase { counter } => increase_of(counter, by, window_s),
            Self::Quantile { series, native, quantile, extreme } => {
                let mut labels = by.to_vec();
                if !native {
                    labels.insert(0, "le".to_owned());
                }
                within(*extreme, window_s, |range| {
                    let sum = grouped("sum", &labels);
                    format!("histogram_quantile({quantile}, {sum}(rate({series}[{range}])))")
                })
            }
            Self::Mean { sum, count } => {
                let operator = grouped("sum", by);
                format!("{operator}(rate({sum}[{range}])) / {operator}(rate({count}[{range}]))")
            }
            Self::NativeMean { series } => {
                let sum = format!("{}(rate({series}[{range}]))", grouped("sum", by));
                format!("histogram_sum({sum}) / histogram_count({sum})")
            }
            Self::Level(level) => level.expression(by, window_s),
            Self::Share { used, limit } => {
                format!("{} / {}", used.expression(by, window_s), limit.expression(by, window_s))
            }
            Self::NotLeft { left, limit } => {
                let left = left.expression(by, window_s);
                format!("1 - {left} / {}", limit.expression(by, window_s))
            }
            Self::NotIdle { idle } => {
                format!("1 - {}(rate({idle}[{range}]))", grouped("avg", by))
            }
            Self::Failed { failures, total, inverted } => {
                let operator = grouped("sum", by);
                let all = format!("{operator}(rate({total}[{range}]))");
                // A service without a failed request has no series of failures: that is zero, not
                // unknown. Without traffic the division yields NaN or nothing, which is unknown.
                let none =
                    if by.is_empty() { "vector(0)".to_owned() } else { format!("0 * {all}") };
                let prefix = if *inverted { "1 - " } else { "" };
                format!("{prefix}({operator}(rate({failures}[{range}])) or {none}) / {all}")
            }
        }
    }
}

impl Level {
    fn expression(&self, by: &[String], window_s: i64) -> String {
        let Self { gauge, over_time, across, parts_of } = self;
        let range = window(window_s);
        let (function, parameter) = match over_time {
            OverTime::Average => ("avg_over_time", String::new()),
            OverTime::Maximum => ("max_over_time", String::new()),
            OverTime::Minimum => ("min_over_time", String::new()),
            OverTime::Quantile(quantile) => ("quantile_over_time", format!("{quantile}, ")),
        };
        let outer = grouped(across.operator(), by);
        let Some(instance) = parts_of else {
            return format!("{outer}({function}({parameter}{gauge}[{range}]))");
        };
        let mut labels = by.to_vec();
        if !labels.contains(instance) {
            labels.push(instance.clone());
        }
        let whole = grouped("sum", &labels);
        if *over_time == OverTime::Average {
            // The average of a sum is the sum of averages, which is cheaper.
            return format!("{outer}({whole}({function}({gauge}[{range}])))");
        }
        let resolution = window(resolution_s(window_s));
        format!("{outer}({function}({parameter}{whole}({gauge})[{range}:{resolution}]))")
    }
}

/// By how much a counter grew within the window.
pub(crate) fn increase_of(counter: &Selector, by: &[String], window_s: i64) -> String {
    format!("{}(increase({counter}[{}]))", grouped("sum", by), window(window_s))
}

/// The targets that expose a series, as far as `up` can tell: those that did so within the window,
/// because the series of a target that went down are gone at once.
pub(crate) fn targets_of(
    up: &Selector,
    exposed: &Selector,
    on: &[String],
    window_s: i64,
) -> String {
    format!("{up} and on ({}) present_over_time({exposed}[{}])", on.join(", "), window(window_s))
}

fn within(extreme: Extreme, window_s: i64, expression: impl Fn(&str) -> String) -> String {
    let function = match extreme {
        Extreme::Whole => return expression(&window(window_s)),
        Extreme::Highest => "max_over_time",
        Extreme::Lowest => "min_over_time",
    };
    let inner = expression(&window(SHORT_WINDOW_S.min(window_s)));
    format!("{function}({inner}[{}:{}])", window(window_s), window(resolution_s(window_s)))
}

fn resolution_s(window_s: i64) -> i64 {
    let even = window_s / SUBQUERY_POINTS / MIN_RESOLUTION_S * MIN_RESOLUTION_S;
    // Not over the window of a point, or what happens between two points would be missed.
    even.clamp(MIN_RESOLUTION_S, SHORT_WINDOW_S)
}

/// `sum` or `sum by (a, b) `.
fn grouped(operator: &str, by: &[String]) -> String {
    if by.is_empty() { operator.to_owned() } else { format!("{operator} by ({}) ", by.join(", ")) }
}
