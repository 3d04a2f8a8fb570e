//! Series as the result of a query: from the form that Prometheus and Loki have to that of the
//! operations.

use std::collections::BTreeMap;

use module::ModuleError;
use query::{Point, QueryResult, ResultSeries, ResultType};
use serde::{Deserialize, de::IgnoredAny};

use crate::http::malformed;

/// More series than this help nobody; the rest is left out, with a warning.
pub const MAX_SERIES: usize = 1_000;

#[derive(Debug, Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
pub(crate) enum Data {
    Vector(Vec<VectorSeries>),
    Matrix(Vec<MatrixSeries>),
    Scalar(Sample),
    String(IgnoredAny),
}

#[derive(Debug, Deserialize)]
pub(crate) struct VectorSeries {
    metric: BTreeMap<String, String>,
    value: Option<Sample>,
    histogram: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct MatrixSeries {
    metric: BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<Sample>,
    #[serde(default)]
    histograms: Vec<IgnoredAny>,
}

/// Unix seconds, and a number in text because JSON has no NaN and no infinity.
#[derive(Debug, Deserialize)]
pub(crate) struct Sample(f64, String);

/// Which results a request can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// At an instant an expression gives a vector or a scalar; a range selector gives a matrix.
    Instant,
    /// Over a range it is always a matrix.
    Range,
}

/// Converts, leaves out what the operations' form cannot hold, and says so in `warnings`.
pub(crate) fn convert(
    module: &str,
    expected: Expected,
    data: Data,
    mut warnings: Vec<String>,
) -> Result<QueryResult, ModuleError> {
    let point = |sample: Sample| sample.point(module);
    let mut histograms = 0;
    let (result_type, mut series) = match (data, expected) {
        (Data::Vector(list), Expected::Instant) => {
            let mut series = Vec::with_capacity(list.len().min(MAX_SERIES));
            for VectorSeries { metric, value, histogram } in list {
                histograms += usize::from(histogram.is_some());
                if let Some(value) = value {
                    series.push(ResultSeries { labels: metric, points: vec![point(value)?] });
                }
            }
            (ResultType::Vector, series)
        }
        (Data::Matrix(list), _) => {
            let mut series = Vec::with_capacity(list.len().min(MAX_SERIES));
            for MatrixSeries { metric, values, histograms: native } in list {
                histograms += usize::from(!native.is_empty());
                if !values.is_empty() {
                    let points = values.into_iter().map(point).collect::<Result<_, _>>()?;
                    series.push(ResultSeries { labels: metric, points });
                }
            }
            (ResultType::Matrix, series)
        }
        (Data::Scalar(sample), Expected::Instant) => (
            ResultType::Scalar,
            vec![ResultSeries { labels: BTreeMap::new(), points: vec![point(sample)?] }],
        ),
        (Data::String(_), Expected::Instant) => {
            return Err(ModuleError::rejected(module, "the query gives a text, not numbers"));
        }
        (_, Expected::Range) => {
            return Err(malformed(module, "a range query was not answered with a matrix"));
        }
    };
    keep_most(&mut series, &mut warnings);
    if histograms > 0 {
        warnings.push(format!(
            "{histograms} series hold native histograms, which are left out; use \
             histogram_quantile, histogram_count or histogram_sum"
        ));
    }
    Ok(QueryResult { result_type, series, warnings })
}

/// Leaves out the series that are too many, and says so.
pub(crate) fn keep_most(series: &mut Vec<ResultSeries>, warnings: &mut Vec<String>) {
    if series.len() > MAX_SERIES {
        warnings.push(format!("more than {MAX_SERIES} series match; the others are left out"));
        series.truncate(MAX_SERIES);
    }
}

impl Sample {
    /// NaN and the infinities become null, for which the point's type sees.
    fn point(self, module: &str) -> Result<Point, ModuleError> {
        let value: f64 =
            self.1.parse().map_err(|_| malformed(module, "a sample's value is not a number"))?;
        Ok(Point::new(self.0, value))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(expected: Expected, data: Value) -> Result<Value, ModuleError> {
        let data: Data = serde_json::from_value(data).unwrap();
        convert("Prometheus", expected, data, Vec::new())
            .map(|result| serde_json::to_value(result).unwrap())
    }

    #[test]
    fn every_type_of_result_is_converted() {
        for (expected, data, result) in [
            (
                Expected::Instant,
                json!({"resultType": "vector", "result": [
                    {"metric": {"service": "a"}, "value": [1.5, "2.25"]},
                    {"metric": {}, "value": [1, "NaN"]}
                ]}),
                json!({"result_type": "vector", "warnings": [], "series": [
                    {"labels": {"service": "a"}, "points": [[1.5, 2.25]]},
                    {"labels": {}, "points": [[1.0, null]]}
                ]}),
            ),
            (
                Expected::Range,
                json!({"resultType": "matrix", "result": [
                    {"metric": {"a": "b"}, "values": [[1, "+Inf"], [2, "-Inf"], [3, "1e-3"]]}
                ]}),
                json!({"result_type": "matrix", "warnings": [], "series": [
                    {"labels": {"a": "b"}, "points": [[1.0, null], [2.0, null], [3.0, 0.001]]}
                ]}),
            ),
            (
                Expected::Instant,
                json!({"resultType": "matrix", "result": []}),
                json!({"result_type": "matrix", "warnings": [], "series": []}),
            ),
            (
                Expected::Instant,
                json!({"resultType": "scalar", "result": [7, "42"]}),
                json!({"result_type": "scalar", "warnings": [], "series": [
                    {"labels": {}, "points": [[7.0, 42.0]]}
                ]}),
            ),
        ] {
            assert_eq!(check(expected, data).unwrap(), result);
        }
    }

    #[test]
    fn native_histograms_are_left_out_with_a_warning() {
        let native = json!([1, {"count": "3", "sum": "4.5", "buckets": [[0, "1", "2", "3"]]}]);
        for (expected, data, left) in [
            (
                Expected::Instant,
                json!({"resultType": "vector", "result": [
                    {"metric": {"n": "1"}, "histogram": native},
                    {"metric": {"n": "2"}, "value": [1, "1"]}
                ]}),
                1,
            ),
            (
                Expected::Range,
                json!({"resultType": "matrix", "result": [
                    {"metric": {"n": "1"}, "histograms": [native]}
                ]}),
                0,
            ),
        ] {
            let result = check(expected, data).unwrap();
            assert_eq!(result["series"].as_array().unwrap().len(), left);
            assert!(result["warnings"][0].as_str().unwrap().starts_with("1 series hold native"));
        }
    }

    #[test]
    fn series_above_the_limit_are_left_out_with_a_warning() {
        let one = json!({"metric": {}, "value": [1, "1"]});
        let result = check(
            Expected::Instant,
            json!({"resultType": "vector", "result": vec![one; MAX_SERIES + 5]}),
        )
        .unwrap();
        assert_eq!(result["series"].as_array().unwrap().len(), MAX_SERIES);
        assert_eq!(result["warnings"][0], "more than 1000 series match; the others are left out");
    }

    #[test]
    fn what_cannot_be_a_result_is_said() {
        for (expected, data, kind) in [
            (Expected::Instant, json!({"resultType": "string", "result": [1, "x"]}), "rejected"),
            (Expected::Range, json!({"resultType": "scalar", "result": [1, "1"]}), "bad_response"),
            (Expected::Range, json!({"resultType": "vector", "result": []}), "bad_response"),
            (
                Expected::Instant,
                json!({"resultType": "scalar", "result": [1, "x"]}),
                "bad_response",
            ),
        ] {
            let error = check(expected, data).unwrap_err();
            assert_eq!(module::ErrorWire::from(&error).kind.name(), kind);
        }
    }
}
