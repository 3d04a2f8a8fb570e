//! Whether two queries yield the same, by a server that runs them.

use std::{cmp::Ordering, collections::BTreeMap};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::agree::same_number;

/// The label that holds a metric's name; what a query does to its values drops it or not.
const METRIC_NAME: &str = "__name__";

/// One element of an instant vector; a scalar is one without labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

/// Runs PromQL.
#[async_trait]
pub trait Executor: Send + Sync {
    /// The result of an instant query; the error says why there is none.
    async fn instant(&self, query: &str, at: Timestamp) -> Result<Vec<Sample>, String>;
}

/// What running a query beside the expected one shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Execution {
    Same,
    /// Says how.
    Different(String),
    /// Neither yields anything, or neither was run, so nothing is shown.
    Undecided,
    /// The expected one cannot be run, which shows nothing either; says why.
    Unrunnable(String),
}

impl Execution {
    /// Whether the query was found to be right or wrong.
    pub(crate) fn is_decided(&self) -> bool {
        matches!(self, Self::Same | Self::Different(_))
    }
}

/// Runs both at the same time; `query` is `None` where none was made.
pub(crate) async fn compare(
    executor: &dyn Executor,
    query: Option<&str>,
    expected: &str,
    at: Timestamp,
) -> Execution {
    let expected = match executor.instant(expected, at).await {
        Ok(expected) => expected,
        Err(reason) => return Execution::Unrunnable(reason),
    };
    let Some(query) = query else {
        return match expected.is_empty() {
            true => Execution::Undecided,
            false => Execution::Different("there is no query to run".to_owned()),
        };
    };
    match executor.instant(query, at).await {
        Err(reason) => Execution::Different(format!("cannot be run: {reason}")),
        Ok(got) if got.is_empty() && expected.is_empty() => Execution::Undecided,
        Ok(got) => difference(got, expected),
    }
}

fn difference(got: Vec<Sample>, expected: Vec<Sample>) -> Execution {
    if got.len() != expected.len() {
        let counts = format!("yields {} series, not {}", got.len(), expected.len());
        return Execution::Different(counts);
    }
    let (got, expected) = (ordered(got), ordered(expected));
    for (got, expected) in got.iter().zip(&expected) {
        if got.labels != expected.labels {
            return Execution::Different("yields other series".to_owned());
        }
        if !same_number(got.value, expected.value) {
            let values = format!("yields {}, not {}", got.value, expected.value);
            return Execution::Different(values);
        }
    }
    Execution::Same
}

fn ordered(mut samples: Vec<Sample>) -> Vec<Sample> {
    for sample in &mut samples {
        sample.labels.remove(METRIC_NAME);
    }
    samples.sort_by(|a, b| {
        let by_value = || a.value.partial_cmp(&b.value).unwrap_or(Ordering::Equal);
        a.labels.cmp(&b.labels).then_with(by_value)
    });
    samples
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Answers from a table; a query that is not in it fails.
    pub(crate) struct Table(pub(crate) Vec<(&'static str, Vec<Sample>)>);

    #[async_trait]
    impl Executor for Table {
        async fn instant(&self, query: &str, _: Timestamp) -> Result<Vec<Sample>, String> {
            let found = self.0.iter().find(|(known, _)| *known == query);
            found.map(|(_, samples)| samples.clone()).ok_or_else(|| "no such query".to_owned())
        }
    }

    pub(crate) fn sample(labels: &[(&str, &str)], value: f64) -> Sample {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Sample { labels: labels.collect(), value }
    }

    #[test]
    fn results_are_sets_of_labels_with_values() {
        let a = |value| sample(&[("s", "a")], value);
        let b = |value| sample(&[("s", "b")], value);
        let named = sample(&[("s", "a"), ("__name__", "up")], 1.0);
        for (got, expected, same) in [
            (vec![a(1.0), b(2.0)], vec![b(2.0), a(1.0)], true),
            (vec![named], vec![a(1.0)], true),
            (vec![a(0.1 + 0.2)], vec![a(0.3)], true),
            (vec![a(f64::NAN)], vec![a(f64::NAN)], true),
            (vec![a(1.0)], vec![a(1.1)], false),
            (vec![a(1.0)], vec![b(1.0)], false),
            (vec![a(1.0)], vec![a(1.0), b(1.0)], false),
            (vec![sample(&[], 1.0)], vec![a(1.0)], false),
        ] {
            let outcome = difference(got.clone(), expected.clone());
            assert_eq!(outcome == Execution::Same, same, "{got:?} {expected:?}");
        }
    }

    #[tokio::test]
    async fn what_shows_nothing_is_undecided() {
        let table = Table(vec![("one", vec![sample(&[], 1.0)]), ("none", vec![])]);
        for (query, expected, outcome) in [
            (Some("one"), "one", "same"),
            (Some("none"), "one", "different"),
            (Some("one"), "none", "different"),
            (Some("none"), "none", "undecided"),
            (None, "one", "different"),
            (None, "none", "undecided"),
            (Some("wrong"), "one", "different"),
            (Some("one"), "wrong", "unrunnable"),
        ] {
            let got = match compare(&table, query, expected, Timestamp::UNIX_EPOCH).await {
                Execution::Same => "same",
                Execution::Different(_) => "different",
                Execution::Undecided => "undecided",
                Execution::Unrunnable(_) => "unrunnable",
            };
            assert_eq!(got, outcome, "{query:?} {expected}");
        }
    }
}
