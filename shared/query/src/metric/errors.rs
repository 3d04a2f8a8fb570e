//! Failed requests: which series counts requests, and how it says that one failed.

use model::Unit;

use super::{
    choose::Chosen,
    feature::{FAILURES, REQUESTS, Title, answerable},
    filter::{Dimension, Scope},
    rank::rank,
    recipe::Recipe,
};
use crate::{
    PlanError,
    catalog::{Family, Labels, OUTCOME_LABELS, STATUS_LABELS, first_label},
    promql::{Matcher, Selector},
    text,
};

/// What a failed request is called where the label has words instead of numbers.
const FAILED_WORDS: [&str; 9] = [
    "error", "failure", "failed", "fail", "server_error", "servererror", "exception", "timeout",
    "5xx",
];
const SUCCEEDED_WORDS: [&str; 9] = [
    "success", "ok", "succeeded", "successful", "delivered", "completed", "approved", "accepted",
    "captured",
];
/// The codes of gRPC that are the server's fault, as 5xx are in HTTP.
/// <https://grpc.io/docs/guides/status-codes/>
const GRPC_SERVER_FAULTS: &str =
    "Unknown|DeadlineExceeded|Unimplemented|Internal|Unavailable|DataLoss";

/// Which responses count as failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StatusFilter {
    /// `5xx`, `4xx`.
    Class(char),
    /// `503`.
    Exactly(String),
}

impl Default for StatusFilter {
    fn default() -> Self {
        Self::Class('5')
    }
}

impl StatusFilter {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let lower = text.to_lowercase();
        let mut characters = lower.chars();
        let class = characters.next().filter(|first| ('1'..='5').contains(first))?;
        match characters.as_str() {
            "xx" | ".." | "**" => Some(Self::Class(class)),
            rest if rest.len() == 2 && rest.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(Self::Exactly(lower))
            }
            _ => None,
        }
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Class(class) => format!("{class}xx"),
            Self::Exactly(status) => status.clone(),
        }
    }
}

/// Where failures and requests are counted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ErrorParts {
    pub(crate) failures: Selector,
    pub(crate) total: Selector,
    pub(crate) by: Vec<String>,
    /// The label that tells kinds of failure apart.
    pub(crate) status_label: Option<String>,
    pub(crate) route_label: Option<String>,
    pub(crate) metric: String,
}

impl ErrorParts {
    /// The share of requests that failed, or that did not.
    pub(crate) fn ratio(&self, inverted: bool) -> Chosen {
        let key = if inverted { "availability" } else { "error_rate" };
        Chosen {
            key: key.to_owned(),
            title: Title::of(key).0,
            metric: self.metric.clone(),
            recipe: Recipe::Failed {
                failures: self.failures.clone(),
                total: self.total.clone(),
                inverted,
            },
            factor: 1.0,
            unit: Unit::Ratio,
            per_second: false,
            by: self.by.clone(),
            note: None,
        }
    }
}

/// The best series that counts requests and says which of them failed.
pub(crate) fn errors(status: &StatusFilter, scope: &Scope<'_>) -> Result<ErrorParts, PlanError> {
    let mut first_error = None;
    for family in rank(&REQUESTS, scope.catalog) {
        match of_requests(family, status, scope) {
            Ok(parts) => return Ok(parts),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    if *status == StatusFilter::default()
        && let Some(parts) = of_failures(scope)
    {
        return Ok(parts);
    }
    Err(first_error.unwrap_or_else(|| PlanError::UnknownMetric {
        asked: "error rate".to_owned(),
        nearest: scope.catalog.nearest_metrics("request errors"),
        answerable: answerable(scope.catalog),
    }))
}

/// A counter of requests with a label that tells failures apart.
fn of_requests(
    family: &Family,
    status: &StatusFilter,
    scope: &Scope<'_>,
) -> Result<ErrorParts, PlanError> {
    let series = family.count_series().unwrap_or(&family.name);
    let no_status = || PlanError::NoLabel { what: "status", metric: series.to_owned() };
    let labels = scope.catalog.labels(series).ok_or_else(no_status)?;
    let total = scope.select(series)?;
    let (label, failed) = failed(labels, status).ok_or_else(no_status)?;
    Ok(ErrorParts {
        failures: total.with(failed),
        total,
        by: scope.group(series)?,
        status_label: Some(label.to_owned()),
        route_label: Dimension::Route
            .label(labels, scope.filters, scope.catalog)
            .map(str::to_owned),
        metric: series.to_owned(),
    })
}

/// A counter of failures beside a counter of requests, of one exporter.
fn of_failures(scope: &Scope<'_>) -> Option<ErrorParts> {
    rank(&FAILURES, scope.catalog).find_map(|family| {
        let series = family.count_series()?;
        let failures = scope.select(series).ok()?;
        let groups = scope.group(series).ok()?;
        let total = rank(&REQUESTS, scope.catalog)
            .filter(|other| other.name_words.first() == family.name_words.first())
            .filter(|other| other.name != family.name)
            .find_map(|other| {
                let series = other.count_series()?;
                let same = scope.group(series).ok()? == groups;
                scope.select(series).ok().filter(|_| same)
            })?;
        let labels = scope.catalog.labels(series)?;
        Some(ErrorParts {
            failures,
            total,
            by: groups,
            status_label: first_label(labels, &["reason", "type", "error", "code"])
                .map(str::to_owned),
            route_label: Dimension::Route
                .label(labels, scope.filters, scope.catalog)
                .map(str::to_owned),
            metric: series.to_owned(),
        })
    })
}

/// The label that says how a request ended, and the matcher of those that ended with this status.
pub(crate) fn status_matcher<'a>(
    labels: &'a Labels,
    status: &StatusFilter,
) -> Option<(&'a str, Matcher)> {
    failed(labels, status)
}

fn is_digit(value: &str) -> bool {
    value.len() == 1 && value.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_numbered(values: &[String]) -> bool {
    !values.is_empty()
        && values.iter().all(|value| value.parse::<u8>().is_ok_and(|code| code < 100))
}

/// The labels that may hold statuses: those with a usual name first, then any that is called a code
/// or a status in part.
fn status_labels(labels: &Labels) -> impl Iterator<Item = (&String, &Vec<String>)> {
    let usual = STATUS_LABELS.iter().filter_map(|name| labels.get_key_value(*name));
    let others = labels.iter().filter(|(name, _)| {
        let words = text::words(name);
        let named =
            words.iter().any(|word| matches!(word.as_str(), "code" | "status" | "class" | "cls"));
        named && !STATUS_LABELS.contains(&name.as_str())
    });
    usual.chain(others)
}

/// The label that says how a request ended, and the matcher of those that failed.
fn failed<'a>(labels: &'a Labels, status: &StatusFilter) -> Option<(&'a str, Matcher)> {
    for (label, values) in status_labels(labels) {
        let numbered = values
            .iter()
            .any(|value| value.len() == 3 && value.bytes().all(|byte| byte.is_ascii_digit()));
        let classed = values.iter().any(|value| value.to_lowercase().ends_with("xx"));
        let matcher = match status {
            StatusFilter::Exactly(status) if numbered => Matcher::equal(label, status),
            StatusFilter::Class(class) if numbered => {
                Matcher::pattern(label, &format!("{class}.."))
            }
            StatusFilter::Class(class) if classed => {
                let upper = values.iter().any(|value| value.ends_with("XX"));
                let suffix = if upper { "XX" } else { "xx" };
                Matcher::equal(label, &format!("{class}{suffix}"))
            }
            // Envoy's classes of codes are single digits.
            StatusFilter::Class(class)
                if label.ends_with("class") && values.iter().all(|value| is_digit(value)) =>
            {
                Matcher::equal(label, &class.to_string())
            }
            // The codes of gRPC as numbers, of which 0 is OK.
            StatusFilter::Class('5') if label.contains("grpc") && is_numbered(values) => {
                Matcher::not_equal(label, "0")
            }
            _ => continue,
        };
        return Some((label, matcher));
    }
    if *status == StatusFilter::default() { failed_in_words(labels) } else { None }
}

fn failed_in_words(labels: &Labels) -> Option<(&str, Matcher)> {
    OUTCOME_LABELS.iter().find_map(|name| {
        let (label, values) = labels.get_key_value(*name)?;
        if *name == "grpc_code" {
            return Some((label.as_str(), Matcher::pattern(label, GRPC_SERVER_FAULTS)));
        }
        let flag = match *name {
            "success" => Some("false"),
            "error" => Some("true"),
            _ => None,
        };
        if let Some(flag) = flag {
            let boolean = values.iter().all(|value| value == "true" || value == "false");
            return (boolean && !values.is_empty())
                .then(|| (label.as_str(), Matcher::equal(label, flag)));
        }
        let among = |words: &[&str]| -> Vec<String> {
            let is = |value: &&String| words.contains(&value.to_lowercase().as_str());
            values.iter().filter(is).cloned().collect()
        };
        let failed = among(&FAILED_WORDS);
        if !failed.is_empty() {
            return Some((label.as_str(), Matcher::one_of(label, &failed)));
        }
        let succeeded = among(&SUCCEEDED_WORDS);
        let first = succeeded.first()?;
        Some((label.as_str(), Matcher::not_equal(label, first)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matcher(label: &str, values: &[&str], status: &str) -> Option<String> {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        let labels = Labels::from([(label.to_owned(), values)]);
        let status = StatusFilter::parse(status).unwrap();
        failed(&labels, &status).map(|(_, matcher)| matcher.to_string())
    }

    #[test]
    fn failures_are_told_as_the_label_tells_them() {
        for (label, values, status, expected) in [
            ("status", &["200", "404"][..], "5xx", Some(r#"status=~"5..""#)),
            ("response_code", &["200"], "503", Some(r#"response_code="503""#)),
            ("code", &["2xx", "5xx"], "5xx", Some(r#"code="5xx""#)),
            ("code", &["2XX"], "4xx", Some(r#"code="4XX""#)),
            ("code", &["2xx"], "503", None),
            ("outcome", &["SUCCESS", "SERVER_ERROR"], "5xx", Some(r#"outcome="SERVER_ERROR""#)),
            ("status", &["ok", "error", "timeout"], "5xx", Some(r#"status=~"error|timeout""#)),
            ("result", &["success"], "5xx", Some(r#"result!="success""#)),
            ("success", &["true"], "5xx", Some(r#"success="false""#)),
            ("grpc_code", &["OK"], "5xx", Some(&*format!(r#"grpc_code=~"{GRPC_SERVER_FAULTS}""#))),
            ("outcome", &["SUCCESS", "SERVER_ERROR"], "4xx", None),
            ("colour", &["red"], "5xx", None),
        ] {
            assert_eq!(matcher(label, values, status).as_deref(), expected, "{label} {values:?}");
        }
    }

    #[test]
    fn statuses_are_codes_or_classes() {
        assert_eq!(StatusFilter::parse("503"), Some(StatusFilter::Exactly("503".to_owned())));
        assert_eq!(StatusFilter::parse("5XX"), Some(StatusFilter::Class('5')));
        for bad in ["", "6xx", "50", "5000", "abc", "5é"] {
            assert_eq!(StatusFilter::parse(bad), None, "{bad}");
        }
    }
}
