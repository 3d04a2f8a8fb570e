//! What a query returned, in the shape that modules' answers are brought into.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResultType {
    Vector,
    Matrix,
    Scalar,
}

/// The outcome of one query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueryResult {
    pub result_type: ResultType,
    #[serde(default)]
    pub series: Vec<ResultSeries>,
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// One labelled series; of a vector or scalar it has one point.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ResultSeries {
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    pub points: Vec<Point>,
}

/// `[unix seconds, value]`; the value is null where PromQL has NaN or an infinity, which JSON has
/// no numbers for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "(f64, Option<f64>)", into = "(f64, Option<f64>)")]
pub struct Point {
    pub time_s: f64,
    pub value: Option<f64>,
}

impl Point {
    pub fn new(time_s: f64, value: f64) -> Self {
        (time_s, Some(value)).into()
    }
}

impl From<(f64, Option<f64>)> for Point {
    fn from((time_s, value): (f64, Option<f64>)) -> Self {
        Self { time_s, value: value.filter(|value| value.is_finite()) }
    }
}

impl From<Point> for (f64, Option<f64>) {
    fn from(point: Point) -> Self {
        (point.time_s, point.value)
    }
}

impl QueryResult {
    /// The value of a result with one series; `None` when there is no series or no number.
    pub fn value(&self) -> Option<f64> {
        self.series.first().and_then(ResultSeries::last)
    }
}

impl ResultSeries {
    /// The last value, when it is a number.
    pub fn last(&self) -> Option<f64> {
        self.points.last().and_then(|point| point.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_null() {
        let json =
            r#"{"result_type":"vector","series":[{"labels":{"a":"b"},"points":[[1.5,null]]}]}"#;
        let result: QueryResult = serde_json::from_str(json).unwrap();
        assert_eq!(result.value(), None);
        let result = QueryResult {
            result_type: ResultType::Matrix,
            series: vec![ResultSeries {
                labels: BTreeMap::new(),
                points: vec![Point::new(1.0, f64::NAN), Point::new(2.0, 3.0)],
            }],
            warnings: Vec::new(),
        };
        assert_eq!(result.value(), Some(3.0));
        assert_eq!(
            serde_json::to_string(&result).unwrap(),
            r#"{"result_type":"matrix","series":[{"labels":{},"points":[[1.0,null],[2.0,3.0]]}],"warnings":[]}"#
        );
    }
}
