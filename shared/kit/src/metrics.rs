//! Metrics as lines in CloudWatch's embedded metric format: printing one is all there is to it, so
//! measuring costs no call.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::logging::write_line;

const NAMESPACE: &str = "CopilotAgent";

/// The unit CloudWatch shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Count,
    Seconds,
    None,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Seconds => "Seconds",
            Self::None => "None",
        }
    }
}

/// One value under the metric's name; the names are those of the product's contract.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric {
    pub name: &'static str,
    pub value: f64,
    pub unit: Unit,
}

impl Metric {
    pub const fn count(name: &'static str, value: f64) -> Self {
        Self { name, value, unit: Unit::Count }
    }

    pub const fn seconds(name: &'static str, value: f64) -> Self {
        Self { name, value, unit: Unit::Seconds }
    }

    pub const fn plain(name: &'static str, value: f64) -> Self {
        Self { name, value, unit: Unit::None }
    }
}

/// Prints values that share their dimensions. Dimensions must have few values: a service, a route, a
/// status class, never a tenant or an id.
pub fn record(now: Timestamp, dimensions: &[(&'static str, &str)], metrics: &[Metric]) {
    if metrics.is_empty() {
        return;
    }
    write_line(&line(now, dimensions, metrics));
}

fn line(now: Timestamp, dimensions: &[(&'static str, &str)], metrics: &[Metric]) -> Value {
    let names: Vec<&str> = dimensions.iter().map(|(name, _)| *name).collect();
    let definitions: Vec<Value> = metrics
        .iter()
        .map(|metric| json!({ "Name": metric.name, "Unit": metric.unit.name() }))
        .collect();
    let mut line = Map::new();
    line.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": [names], "Metrics": definitions }],
        }),
    );
    line.extend(dimensions.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
    line.extend(metrics.iter().map(|metric| (metric.name.to_owned(), json!(metric.value))));
    Value::Object(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_declares_each_value_it_holds() {
        let line = line(
            Timestamp::UNIX_EPOCH,
            &[("service", "chat")],
            &[
                Metric::count("messages_total", 1.0),
                Metric::seconds("nlp_request_duration_seconds", 0.5),
            ],
        );
        assert_eq!(line["service"], "chat");
        assert_eq!(line["messages_total"], 1.0);
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Dimensions"], json!([["service"]]));
        assert_eq!(
            directive["Metrics"][1],
            json!({ "Name": "nlp_request_duration_seconds", "Unit": "Seconds" })
        );
    }
}
