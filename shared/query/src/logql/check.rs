//! The check that every LogQL query passes before it runs: it parses, selects streams by labels
//! that exist, and stays within bounds.

use super::{
    ast::{
        Expr, LabelFilter, LineFilter, LineMatch, LogExpr, Matcher, MetricExpr, Parser, Pick,
        RangeAggregation, Selector, Stage,
    },
    catalog::LogCatalog,
    parse,
};
use crate::{Bounds, CheckError, text};

/// Longer patterns are not written by people, and cost the server much.
const MAX_PATTERN_BYTES: usize = 1_024;
/// How many labels are offered in place of an unknown one.
const NEAREST_LIMIT: usize = 3;
const NANOSECONDS_PER_S: i64 = 1_000_000_000;

/// What the check found out about a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// It yields numbers; otherwise it yields lines.
    pub numbers: bool,
    /// The labels that its selectors go by, in order, each once.
    pub labels: Vec<String>,
    /// How far back of its evaluation time it reaches; 0 for lines.
    pub lookback_s: i64,
}

/// Parses a query and holds it to the catalog and the bounds.
pub fn check(query: &str, catalog: &LogCatalog, bounds: &Bounds) -> Result<Checked, CheckError> {
    if query.len() > bounds.max_query_bytes {
        return Err(CheckError::TooLong { bytes: query.len(), max: bounds.max_query_bytes });
    }
    let expression = parse::parse(query).map_err(|error| CheckError::Grammar {
        language: "LogQL",
        message: error.message,
        position: Some(error.position),
    })?;
    // Held here for fuzz/, so that neither the parser nor the printer need be public for it.
    #[cfg(fuzzing)]
    assert_eq!(parse::parse(&expression.to_string()).as_ref(), Ok(&expression), "{expression}");
    let mut walk = Walk { catalog, bounds, labels: Vec::new(), selectors: 0, lookback_s: 0 };
    let numbers = match &expression {
        Expr::Log(log) => {
            walk.log(log)?;
            false
        }
        Expr::Metric(metric) => {
            walk.metric(metric, 1)?;
            true
        }
    };
    if walk.selectors == 0 {
        return Err(CheckError::NoStream);
    }
    Ok(Checked { numbers, labels: walk.labels, lookback_s: walk.lookback_s })
}

struct Walk<'a> {
    catalog: &'a LogCatalog,
    bounds: &'a Bounds,
    labels: Vec<String>,
    selectors: usize,
    lookback_s: i64,
}

impl Walk<'_> {
    fn metric(&mut self, metric: &MetricExpr, depth: usize) -> Result<(), CheckError> {
        if depth > self.bounds.max_depth {
            return Err(CheckError::TooDeep { max: self.bounds.max_depth });
        }
        match metric {
            MetricExpr::Literal(_) | MetricExpr::Vector(_) => Ok(()),
            MetricExpr::Range(range) => self.range(range),
            MetricExpr::Aggregate(aggregation) => self.metric(&aggregation.inner, depth + 1),
            MetricExpr::Binary(binary) => {
                self.metric(&binary.left, depth + 1)?;
                self.metric(&binary.right, depth + 1)
            }
            MetricExpr::LabelReplace(replace) => {
                within(&replace.pattern)?;
                self.metric(&replace.inner, depth + 1)
            }
        }
    }

    fn range(&mut self, range: &RangeAggregation) -> Result<(), CheckError> {
        if range.range_ms <= 0 {
            return Err(CheckError::Grammar {
                language: "LogQL",
                message: "the range has no length".to_owned(),
                position: Some(range.position.0),
            });
        }
        // Rounded up, so that a fraction of a second is not taken for nothing.
        let range_s = range.range_ms / 1_000 + i64::from(range.range_ms % 1_000 > 0);
        let max_s = self.bounds.max_range_s;
        if range_s > max_s {
            return Err(CheckError::RangeTooLong { range_s, max_s });
        }
        let offset = range.offset.unwrap_or(0);
        if offset < 0 {
            return Err(CheckError::LooksAhead);
        }
        let reach_s = range_s.saturating_add(offset / NANOSECONDS_PER_S);
        let max_s = self.bounds.max_lookback_s;
        if reach_s > max_s {
            return Err(CheckError::RangeTooLong { range_s: reach_s, max_s });
        }
        self.lookback_s = self.lookback_s.max(reach_s);
        if let Some(unwrap) = &range.unwrap {
            unwrap.filters.iter().try_for_each(label_filter)?;
        }
        self.log(&range.log)
    }

    fn log(&mut self, log: &LogExpr) -> Result<(), CheckError> {
        self.selectors += 1;
        if self.selectors > self.bounds.max_selectors {
            return Err(CheckError::TooManySelectors { max: self.bounds.max_selectors });
        }
        self.selector(&log.selector)?;
        log.pipeline.iter().try_for_each(|stage| match stage {
            Stage::Line(filter) => line_filter(filter),
            Stage::Parse(Parser::Pattern(pattern) | Parser::Regexp(pattern)) => within(pattern),
            Stage::Filter(filter) => label_filter(filter),
            Stage::Drop(picks) | Stage::Keep(picks) => {
                picks.iter().try_for_each(|pick| match pick {
                    Pick::Label(_) => Ok(()),
                    Pick::Where(matcher) => pattern_of(matcher),
                })
            }
            Stage::Parse(_) | Stage::LineFormat(_) | Stage::LabelFormat(_) | Stage::Decolorize => {
                Ok(())
            }
        })
    }

    fn selector(&mut self, selector: &Selector) -> Result<(), CheckError> {
        let known = &self.catalog.labels;
        for matcher in &selector.matchers {
            pattern_of(matcher)?;
            // Without a catalog there is nothing to hold the query against.
            if !known.is_empty() && !known.contains_key(&matcher.label) {
                let names = known.keys().map(String::as_str);
                return Err(CheckError::UnknownStreamLabel {
                    position: Some(matcher.position.0),
                    nearest: text::nearest(&matcher.label, names, NEAREST_LIMIT),
                    known: known.keys().cloned().collect(),
                    label: matcher.label.clone(),
                });
            }
            if !self.labels.contains(&matcher.label) {
                self.labels.push(matcher.label.clone());
            }
        }
        Ok(())
    }
}

fn line_filter(filter: &LineFilter) -> Result<(), CheckError> {
    filter.any.iter().try_for_each(|one| match one {
        LineMatch::Text(pattern) => within(pattern),
        LineMatch::Ip(_) => Ok(()),
    })
}

fn label_filter(filter: &LabelFilter) -> Result<(), CheckError> {
    match filter {
        LabelFilter::Match(matcher) => pattern_of(matcher),
        LabelFilter::Compare(_) | LabelFilter::Ip { .. } => Ok(()),
        LabelFilter::And(members) | LabelFilter::Or(members) => {
            members.iter().try_for_each(label_filter)
        }
    }
}

fn pattern_of(matcher: &Matcher) -> Result<(), CheckError> {
    if matcher.operator.is_pattern() { within(&matcher.value) } else { Ok(()) }
}

fn within(pattern: &str) -> Result<(), CheckError> {
    if pattern.len() > MAX_PATTERN_BYTES {
        return Err(CheckError::PatternTooLong { max: MAX_PATTERN_BYTES });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn catalog() -> LogCatalog {
        let labels = ["service", "env", "pod"];
        let labels = labels.map(|label| (label.to_owned(), vec!["x".to_owned()]));
        LogCatalog { labels: BTreeMap::from(labels), ..LogCatalog::default() }
    }

    fn refusal(query: &str) -> Option<CheckError> {
        check(query, &catalog(), &Bounds::default()).err()
    }

    #[test]
    fn good_queries_pass() {
        for (query, numbers, lookback_s) in [
            (r#"{service="a"}"#, false, 0),
            (r#"{service=~".+", env!="b"} |= "x" | json | status >= 500"#, false, 0),
            (r#"sum by (pod) (rate({service="a"}[5m]))"#, true, 300),
            (r#"rate({service="a"}[31d])"#, true, 31 * 86_400),
            (r#"rate({service="a"}[1h] offset 1d) / rate({service="a"}[1h])"#, true, 90_000),
            (r#"vector(0) + rate({service="a"}[100ms])"#, true, 1),
        ] {
            let checked = check(query, &catalog(), &Bounds::default()).unwrap();
            assert_eq!((checked.numbers, checked.lookback_s), (numbers, lookback_s), "{query}");
        }
        let query = r#"rate({env="a", pod="b"}[5m]) / rate({pod="c"}[5m])"#;
        let checked = check(query, &catalog(), &Bounds::default()).unwrap();
        assert_eq!(checked.labels, ["env", "pod"]);
        assert!(check(r#"{any="a"}"#, &LogCatalog::default(), &Bounds::default()).is_ok());
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (query, expected) in [
            (
                "{",
                "not valid LogQL: expected the name of a label, found the end of the query (at 1)",
            ),
            ("{}", "takes every stream"),
            (r#"{service=~".*"}"#, "takes every stream"),
            (r#"sum({service="a"})"#, "log lines where numbers are needed; count them"),
            ("1 + 1", "reads no log stream"),
            (r#"{app="a"}"#, "no log stream has the label `app` (at 1)"),
            (r#"rate({service="a", podd="b"}[5m])"#, "`podd` (at 19). The nearest: `pod`."),
            (r#"rate({service="a"}[32d])"#, "longest is 31 days"),
            (r#"rate({service="a"}[1h] offset 70d)"#, "longest is 63 days"),
            (r#"rate({service="a"}[1h] offset -1h)"#, "looks ahead"),
            (r#"rate({service="a"}[0s])"#, "the range has no length (at 0)"),
        ] {
            let error = refusal(query).unwrap_or_else(|| panic!("{query} passes"));
            assert!(error.to_string().contains(expected), "{query}: {error}");
        }
    }

    #[test]
    fn size_and_depth_are_bounded() {
        let rate = r#"rate({service="a"}[5m])"#;
        let deep = format!("{}{rate}{}", "sum(".repeat(33), ")".repeat(33));
        assert!(matches!(refusal(&deep), Some(CheckError::TooDeep { .. })));
        let deeper = format!("{}{rate}{}", "(".repeat(500), ")".repeat(500));
        assert!(matches!(refusal(&deeper), Some(CheckError::Grammar { .. })));
        let many = vec![rate; 17].join(" + ");
        assert!(matches!(refusal(&many), Some(CheckError::TooManySelectors { .. })));
        let long = format!(r#"{{service="{}"}}"#, "x".repeat(9_000));
        assert!(matches!(refusal(&long), Some(CheckError::TooLong { .. })));
        let x = "x".repeat(1_100);
        for query in [
            format!(r#"{{service=~"{x}"}}"#),
            format!(r#"{{service="a"}} |= "{x}""#),
            format!(r#"{{service="a"}} | json | (a=1 or b=~"{x}")"#),
            format!(r#"{{service="a"}} | regexp "(?P<a>{x})""#),
            format!(r#"{{service="a"}} | drop b!~"{x}""#),
            format!(r#"label_replace({rate}, "a", "b", "c", "{x}")"#),
        ] {
            assert!(matches!(refusal(&query), Some(CheckError::PatternTooLong { .. })), "{query}");
        }
    }
}
