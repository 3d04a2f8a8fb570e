//! Service level objectives from configuration: what values are held against.

use std::collections::BTreeMap;

use model::Unit;
use serde_json::{Map, Value};

/// The entry for services that have none of their own.
const ANY: &str = "*";

/// Objectives by service.
///
/// `{"payment": {"error_rate": 0.01, "latency_p95_s": 0.3}, "*": {"availability": 0.999}}`: shares
/// are from 0 to 1; `latency_…_s`, for any percentile or `avg`, is in seconds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Slos {
    services: BTreeMap<String, BTreeMap<String, f64>>,
}

/// Why a text is not a table of objectives.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SloError {
    #[error("not JSON: {0}")]
    Json(String),
    #[error("`{path}` must be an object")]
    NotAnObject { path: String },
    #[error(
        "`{service}.{key}` is not an objective; known are error_rate, availability, cpu_usage, \
             memory_usage and latency_p50_s, latency_p95_s, latency_avg_s, …"
    )]
    UnknownKey { service: String, key: String },
    #[error("`{service}.{key}` must be {expected}")]
    WrongValue { service: String, key: String, expected: &'static str },
}

/// What a value is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Objective {
    pub(super) limit: f64,
    pub(super) unit: Unit,
    /// The value should be this or more, not this or less.
    pub(super) at_least: bool,
}

impl Objective {
    pub(super) fn met_by(&self, value: f64) -> bool {
        if self.at_least { value >= self.limit } else { value <= self.limit }
    }
}

impl Slos {
    pub fn parse(text: &str) -> Result<Self, SloError> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| SloError::Json(error.to_string()))?;
        let mut services = BTreeMap::new();
        for (service, objectives) in object(&value, "the table")? {
            let mut limits = BTreeMap::new();
            for (key, limit) in object(objectives, service)? {
                let (metric, limit) = objective(service, key, limit)?;
                limits.insert(metric, limit);
            }
            services.insert(service.clone(), limits);
        }
        Ok(Self { services })
    }

    /// What a metric of a service is held against: its own objective, else that of all services.
    pub(super) fn objective(&self, service: &str, metric: &str) -> Option<Objective> {
        let own = |metric: &str| {
            [service, ANY].iter().find_map(|name| self.services.get(*name)?.get(metric)).copied()
        };
        let unit = if metric.starts_with("latency") { Unit::Seconds } else { Unit::Ratio };
        let most = |limit| Objective { limit, unit, at_least: false };
        match metric {
            "availability" => Some(Objective { limit: own(metric)?, unit, at_least: true }),
            // An objective for the one is one for the other.
            "error_rate" => own(metric)
                .or_else(|| own("availability").map(|available| 1.0 - available))
                .map(most),
            other => own(other).map(most),
        }
    }
}

fn object<'a>(value: &'a Value, path: &str) -> Result<&'a Map<String, Value>, SloError> {
    value.as_object().ok_or_else(|| SloError::NotAnObject { path: path.to_owned() })
}

/// The metric that a key is about, and its limit.
fn objective(service: &str, key: &str, value: &Value) -> Result<(String, f64), SloError> {
    let wrong = |expected| SloError::WrongValue {
        service: service.to_owned(),
        key: key.to_owned(),
        expected,
    };
    let number = value.as_f64();
    match key {
        "error_rate" | "availability" | "cpu_usage" | "memory_usage" => number
            .filter(|share| (0.0..=1.0).contains(share))
            .map(|share| (key.to_owned(), share))
            .ok_or_else(|| wrong("a share from 0 to 1")),
        _ => {
            let metric = key.strip_suffix("_s").filter(|metric| is_latency(metric));
            let metric = metric.ok_or_else(|| SloError::UnknownKey {
                service: service.to_owned(),
                key: key.to_owned(),
            })?;
            number
                .filter(|seconds| *seconds > 0.0 && seconds.is_finite())
                .map(|seconds| (metric.to_owned(), seconds))
                .ok_or_else(|| wrong("a number of seconds above 0"))
        }
    }
}

fn is_latency(metric: &str) -> bool {
    metric.strip_prefix("latency_").is_some_and(|statistic| {
        statistic == "avg"
            || statistic.strip_prefix('p').is_some_and(|quantile| quantile.parse::<f64>().is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objectives_fall_back_to_those_of_all_services() {
        let slos = Slos::parse(
            r#"{"payment": {"error_rate": 0.01, "latency_p95_s": 0.3}, "*": {"availability": 0.999}}"#,
        )
        .unwrap();
        let limit = |service, metric| slos.objective(service, metric).map(|it| it.limit);
        assert_eq!(limit("payment", "error_rate"), Some(0.01));
        assert_eq!(limit("payment", "latency_p95"), Some(0.3));
        assert_eq!(limit("payment", "latency_p99"), None);
        assert_eq!(limit("auth", "availability"), Some(0.999));
        assert!((limit("auth", "error_rate").unwrap() - 0.001).abs() < 1e-12);
        let available = slos.objective("auth", "availability").unwrap();
        assert!(available.met_by(0.9995) && !available.met_by(0.99));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, expected) in [
            ("{", "not JSON"),
            ("[]", "`the table` must be an object"),
            (r#"{"payment": 3}"#, "`payment` must be an object"),
            (r#"{"payment": {"errors": 1}}"#, "`payment.errors` is not an objective"),
            (r#"{"payment": {"latency_p95": 1}}"#, "`payment.latency_p95` is not an objective"),
            (r#"{"payment": {"error_rate": 5}}"#, "a share from 0 to 1"),
            (r#"{"*": {"latency_p95_s": "0.3"}}"#, "`*.latency_p95_s` must be a number of seconds"),
            (r#"{"*": {"latency_p95_s": 0}}"#, "above 0"),
        ] {
            let error = Slos::parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
