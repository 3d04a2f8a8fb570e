//! The check that every PromQL query passes before it runs: it parses, names what exists, and
//! stays within bounds.

use promql_parser::{
    label::{MatchOp, Matcher, Matchers},
    parser::{AtModifier, Expr, Offset, VectorSelector, parse, value::ValueType},
};

use super::guard::guard;
use crate::{Bounds, Catalog, CheckError};

/// The resolution of a subquery that names none: Prometheus' default evaluation interval.
const DEFAULT_RESOLUTION_S: i64 = 60;
/// The label that holds a metric's name.
const METRIC_NAME: &str = "__name__";
/// Longer regular expressions are not written by people, and cost the server much.
const MAX_PATTERN_BYTES: usize = 1_024;

/// What the check found out about a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The metrics that it reads, in order, each once.
    pub metrics: Vec<String>,
    /// How far back of its evaluation time it reaches.
    pub lookback_s: i64,
    /// What narrows the series that it reads, each once.
    pub(crate) narrowings: Vec<Narrowing>,
}

/// A matcher of a label, apart from whether its value is a text or a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Narrowing {
    pub(crate) label: String,
    /// The value is left out.
    pub(crate) is_negative: bool,
    pub(crate) value: String,
}

impl Narrowing {
    fn of(matcher: &Matcher) -> Self {
        let is_negative = matches!(matcher.op, MatchOp::NotEqual | MatchOp::NotRe(_));
        Self { label: matcher.name.clone(), is_negative, value: matcher.value.clone() }
    }
}

/// Parses a query and holds it to the catalog and the bounds.
pub fn check(query: &str, catalog: &Catalog, bounds: &Bounds) -> Result<Checked, CheckError> {
    if query.len() > bounds.max_query_bytes {
        return Err(CheckError::TooLong { bytes: query.len(), max: bounds.max_query_bytes });
    }
    guard(query, bounds)?;
    let expression = parse(query).map_err(CheckError::Syntax)?;
    match expression.value_type() {
        ValueType::Vector | ValueType::Scalar => {}
        ValueType::Matrix => return Err(CheckError::ValueType("a range of samples")),
        ValueType::String => return Err(CheckError::ValueType("a string")),
    }
    let mut walk = Walk {
        query,
        catalog,
        bounds,
        metrics: Vec::new(),
        selectors: 0,
        lookback_s: 0,
        narrowings: Vec::new(),
    };
    walk.expression(&expression, Context::default())?;
    if walk.metrics.is_empty() {
        return Err(CheckError::NoMetric { position: None });
    }
    let Walk { metrics, lookback_s, narrowings, .. } = walk;
    Ok(Checked { metrics, lookback_s, narrowings })
}

/// What stands around an expression.
#[derive(Debug, Clone, Copy)]
struct Context {
    depth: usize,
    /// Windows and offsets of the subqueries around.
    lookback_s: i64,
    /// The points that the subqueries around ask of each series.
    points: i64,
    aggregated: bool,
}

impl Default for Context {
    fn default() -> Self {
        Self { depth: 0, lookback_s: 0, points: 1, aggregated: false }
    }
}

struct Walk<'a> {
    query: &'a str,
    catalog: &'a Catalog,
    bounds: &'a Bounds,
    metrics: Vec<String>,
    selectors: usize,
    lookback_s: i64,
    narrowings: Vec<Narrowing>,
}

impl Walk<'_> {
    fn expression(&mut self, expression: &Expr, context: Context) -> Result<(), CheckError> {
        let context = Context { depth: context.depth + 1, ..context };
        if context.depth > self.bounds.max_depth {
            return Err(CheckError::TooDeep { max: self.bounds.max_depth });
        }
        match expression {
            Expr::Aggregate(aggregate) => {
                if let Some(parameter) = &aggregate.param {
                    self.expression(parameter, context)?;
                }
                self.expression(&aggregate.expr, Context { aggregated: true, ..context })
            }
            Expr::Unary(unary) => self.expression(&unary.expr, context),
            Expr::Paren(inner) => self.expression(&inner.expr, context),
            Expr::Binary(binary) => {
                self.expression(&binary.lhs, context)?;
                self.expression(&binary.rhs, context)
            }
            Expr::Call(call) => {
                call.args.args.iter().try_for_each(|argument| self.expression(argument, context))
            }
            Expr::Subquery(subquery) => {
                let range_s = self.range(subquery.range)?;
                let step_s = match subquery.step {
                    Some(step) => seconds(step),
                    None => DEFAULT_RESOLUTION_S,
                };
                if step_s < self.bounds.min_step_s {
                    return Err(CheckError::StepTooShort { step_s, min_s: self.bounds.min_step_s });
                }
                let points = context.points.saturating_mul(range_s / step_s + 1);
                if points > self.bounds.max_points {
                    return Err(CheckError::TooManyPoints { points, max: self.bounds.max_points });
                }
                let lookback_s = context.lookback_s.saturating_add(range_s);
                let lookback_s = self.moved(lookback_s, &subquery.offset, &subquery.at)?;
                self.expression(&subquery.expr, Context { lookback_s, points, ..context })
            }
            Expr::VectorSelector(selector) => self.selector(selector, 0, context),
            Expr::MatrixSelector(matrix) => {
                let range_s = self.range(matrix.range)?;
                self.selector(&matrix.vs, range_s, context)
            }
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) => Ok(()),
            Expr::Extension(_) => Err(CheckError::ValueType("an extension")),
        }
    }

    fn range(&self, range: std::time::Duration) -> Result<i64, CheckError> {
        let range_s = seconds(range);
        if range_s > self.bounds.max_range_s {
            return Err(CheckError::RangeTooLong { range_s, max_s: self.bounds.max_range_s });
        }
        Ok(range_s)
    }

    /// Adds an offset, and holds the sum to the bounds.
    fn moved(
        &self,
        lookback_s: i64,
        offset: &Option<Offset>,
        at: &Option<AtModifier>,
    ) -> Result<i64, CheckError> {
        if let Some(AtModifier::At(_)) = at {
            // A fixed time would step around every bound on the period.
            return Err(CheckError::FixedTime);
        }
        let lookback_s = match offset {
            None => lookback_s,
            Some(Offset::Pos(back)) => lookback_s.saturating_add(seconds(*back)),
            Some(Offset::Neg(_)) => return Err(CheckError::LooksAhead),
        };
        if lookback_s > self.bounds.max_lookback_s {
            return Err(CheckError::RangeTooLong {
                range_s: lookback_s,
                max_s: self.bounds.max_lookback_s,
            });
        }
        Ok(lookback_s)
    }

    fn selector(
        &mut self,
        selector: &VectorSelector,
        range_s: i64,
        context: Context,
    ) -> Result<(), CheckError> {
        self.selectors += 1;
        if self.selectors > self.bounds.max_selectors {
            return Err(CheckError::TooManySelectors { max: self.bounds.max_selectors });
        }
        let reach_s = context.lookback_s.saturating_add(range_s);
        let reach_s = self.moved(reach_s, &selector.offset, &selector.at)?;
        self.lookback_s = self.lookback_s.max(reach_s);

        if !selector.matchers.or_matchers.is_empty() {
            return Err(CheckError::Syntax("`or` between matchers is not supported".to_owned()));
        }
        let name = self.metric_name(selector)?;
        let Some(labels) = self.catalog.labels(&name) else {
            return Err(CheckError::UnknownMetric {
                position: self.query.find(name.as_str()),
                nearest: self.catalog.nearest_metrics(&name),
                name,
            });
        };
        for matcher in others(&selector.matchers) {
            if matcher.value.len() > MAX_PATTERN_BYTES {
                return Err(CheckError::PatternTooLong { max: MAX_PATTERN_BYTES });
            }
            if !labels.is_empty() && !labels.contains_key(&matcher.name) {
                return Err(CheckError::UnknownLabel {
                    position: self.query.find(matcher.name.as_str()),
                    metric: name,
                    label: matcher.name.clone(),
                    known: labels.keys().cloned().collect(),
                });
            }
        }
        for narrowing in others(&selector.matchers).map(Narrowing::of) {
            if !self.narrowings.contains(&narrowing) {
                self.narrowings.push(narrowing);
            }
        }
        let narrowed = others(&selector.matchers).any(narrows);
        let series = labels
            .values()
            .fold(1_usize, |product, values| product.saturating_mul(values.len().max(1)));
        if !narrowed && !context.aggregated && series > self.bounds.max_series {
            return Err(CheckError::Unselective { metric: name, max: self.bounds.max_series });
        }
        if !self.metrics.contains(&name) {
            self.metrics.push(name);
        }
        Ok(())
    }

    fn metric_name(&self, selector: &VectorSelector) -> Result<String, CheckError> {
        if let Some(name) = &selector.name {
            return Ok(name.clone());
        }
        selector
            .matchers
            .matchers
            .iter()
            .find(|matcher| matcher.name == METRIC_NAME && matches!(matcher.op, MatchOp::Equal))
            .map(|matcher| matcher.value.clone())
            .ok_or_else(|| CheckError::NoMetric { position: self.query.find('{') })
    }
}

fn others(matchers: &Matchers) -> impl Iterator<Item = &Matcher> {
    matchers.matchers.iter().filter(|matcher| matcher.name != METRIC_NAME)
}

/// Whether a matcher picks some series out: equality, or a pattern that does not take everything.
fn narrows(matcher: &Matcher) -> bool {
    match &matcher.op {
        MatchOp::Equal => !matcher.value.is_empty(),
        MatchOp::Re(_) => !matches!(matcher.value.as_str(), ".*" | ".+" | "" | "(.*)" | "(.+)"),
        MatchOp::NotEqual | MatchOp::NotRe(_) => false,
    }
}

fn seconds(duration: std::time::Duration) -> i64 {
    // Rounded up, so that a fraction of a second is not taken for nothing.
    i64::try_from(duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0)))
        .unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fixtures;

    fn refusal(query: &str) -> Option<CheckError> {
        check(query, &fixtures::shop(), &Bounds::default()).err()
    }

    #[test]
    fn good_queries_pass() {
        for query in [
            "up",
            r#"http_requests_total{service="payment"}"#,
            "sum(rate(http_requests_total[31d]))",
            r#"{__name__="up"}"#,
            "max_over_time(sum(rate(http_requests_total[5m]))[1d:1m])",
            "sum(rate(http_requests_total[1h] offset 31d))",
            r#"topk(3, sum by (route) (rate(http_requests_total{status=~"5.."}[5m])))"#,
            "1 - avg(up)",
        ] {
            assert_eq!(refusal(query), None, "{query}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (query, expected) in [
            ("sum(", "not valid PromQL"),
            ("", "not valid PromQL"),
            ("1 + 1", "reads no metric"),
            ("http_requests_total[5m]", "yields a range of samples"),
            ("\"text\"", "yields a string"),
            ("sum(made_up_metric)", "no metric `made_up_metric` (at 4)"),
            ("sum(http_request_total)", "`http_requests_total`"),
            (r#"{service="payment"}"#, "names no metric (at 0)"),
            (r#"{__name__=~"http.*",service="payment"}"#, "names no metric"),
            (r#"http_requests_total{pod="x"}"#, "no label `pod`"),
            ("http_requests_total", "too many series"),
            (r#"http_requests_total{service=~".*"}"#, "too many series"),
            (r#"http_requests_total{service!="x"}"#, "too many series"),
            ("sum(rate(http_requests_total[32d]))", "longest is 31 days"),
            ("sum(rate(http_requests_total[1h] offset 70d))", "longest is 63 days"),
            ("sum(rate(http_requests_total[1h] offset -1h))", "looks ahead"),
            ("sum(rate(http_requests_total[1h] @ 1700000000))", "fixed time"),
            ("max_over_time(sum(rate(http_requests_total[5m]))[1h:1s])", "shortest is 5 s"),
            ("max_over_time(sum(rate(http_requests_total[5m]))[31d:1m])", "points"),
            ("\"\\é\"", "not a valid escape"),
            ("sum(rate(http_requests_total[5m] offset 1e20))", "no length of time"),
        ] {
            let error = refusal(query).unwrap_or_else(|| panic!("{query} passes"));
            assert!(error.to_string().contains(expected), "{query}: {error}");
        }
    }

    #[test]
    fn size_and_depth_are_bounded() {
        let deep = format!("{}up{}", "(".repeat(200), ")".repeat(200));
        assert!(matches!(refusal(&deep), Some(CheckError::TooDeep { .. })));
        let minus = format!("{}up", "-".repeat(2_000));
        assert!(matches!(refusal(&minus), Some(CheckError::TooDeep { .. })));
        let many = vec!["up"; 17].join(" + ");
        assert!(matches!(refusal(&many), Some(CheckError::TooManySelectors { .. })));
        let long = format!("up{{job=\"{}\"}}", "x".repeat(9_000));
        assert!(matches!(refusal(&long), Some(CheckError::TooLong { .. })));
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(query in any::<String>()) {
            let _ = check(&query, &fixtures::shop(), &Bounds::default());
        }

        #[test]
        fn no_text_that_looks_like_promql_is_too_strange(
            query in r#"(sum|rate|up|http_requests_total|\{|\}|\(|\)|\[|\]|"|'|\\|=~|,|5m|:|é|-|@| |offset|by|le){0,40}"#
        ) {
            let _ = check(&query, &fixtures::shop(), &Bounds::default());
        }
    }
}
