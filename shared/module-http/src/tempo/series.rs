//! Numbers over time: from Tempo's form to that of the operations.

use query::{Point, QueryResult, ResultSeries, ResultType};
use serde::Deserialize;

use super::proto::{Attribute, Number, Status, by_name};
use crate::{envelope::said, series::keep_most};

const MS_PER_S: f64 = 1_000.0;

#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    series: Vec<Series>,
    #[serde(default)]
    status: Status,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct Series {
    #[serde(default)]
    labels: Vec<Attribute>,
    #[serde(default)]
    samples: Vec<Sample>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sample {
    #[serde(default)]
    timestamp_ms: Number<i64>,
    /// Left out where it is zero.
    #[serde(default)]
    value: Number<f64>,
}

pub(super) fn convert(answer: Answer) -> QueryResult {
    let Answer { series, status, message } = answer;
    let mut warnings = Vec::new();
    if status.is_partial() {
        warnings.push("not all of the store was searched".to_owned());
        warnings.extend(said((!message.is_empty()).then_some(message)));
    }
    let point =
        |sample: Sample| Point::new(sample.timestamp_ms.0 as f64 / MS_PER_S, sample.value.0);
    let mut series: Vec<ResultSeries> = series
        .into_iter()
        .map(|Series { labels, samples }| ResultSeries {
            labels: by_name(labels),
            points: samples.into_iter().map(point).collect(),
        })
        .filter(|series| !series.points.is_empty())
        .collect();
    keep_most(&mut series, &mut warnings);
    QueryResult { result_type: ResultType::Matrix, series, warnings }
}
