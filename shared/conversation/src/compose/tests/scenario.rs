//! A plan whose queries return what a test says, and the file that holds the expected answer.

use jiff::Timestamp;
use model::{Comparison, Entity, EntityKind, EntityValue, Intent, TimeRange, Understanding, Unit};
use query::{
    Catalog, Plan, Point, QueryResult, Question, ResultSeries, ResultType, Role, Settings,
};
use serde_json::{Value, json};

use crate::compose::{Answer, Slos, compose};

/// 2025-11-20 12:00 UTC.
pub(super) const NOW_S: i64 = 1_763_640_000;
/// Set to anything to write the files anew, for review in the diff.
const UPDATE: &str = "UPDATE_ANSWERS";

/// Series: labels as `name=value,…`, and points at seconds from now.
pub(super) type Series = Vec<(String, Vec<(f64, f64)>)>;

pub(super) fn number(value: f64) -> Series {
    rows(&[("", value)])
}

pub(super) fn rows(values: &[(&str, f64)]) -> Series {
    values.iter().map(|(labels, value)| ((*labels).to_owned(), vec![(0.0, *value)])).collect()
}

pub(super) struct Scenario {
    pub(super) plan: Plan,
    results: Vec<Result<QueryResult, String>>,
}

/// A question, written as `intent kind=value …`, none of whose queries returns a series.
pub(super) fn scenario(question: &str) -> Scenario {
    let now = Timestamp::from_second(NOW_S).unwrap();
    let question = Question { text: "", understanding: &understood(question) };
    let plan = query::plan(&question, &shop(), &Settings::default(), now).unwrap();
    let results = plan.queries.iter().map(|_| Ok(result(Vec::new()))).collect();
    Scenario { plan, results }
}

impl Scenario {
    /// What the queries of a role return; an empty metric stands for all.
    pub(super) fn with(self, role: Role, metric: &str, series: Series) -> Self {
        self.set(role, metric, Ok(result(series)))
    }

    pub(super) fn failing(self, role: Role, metric: &str, reason: &str) -> Self {
        self.set(role, metric, Err(reason.to_owned()))
    }

    fn set(mut self, role: Role, metric: &str, result: Result<QueryResult, String>) -> Self {
        let mut found = false;
        for (planned, slot) in self.plan.queries.iter().zip(&mut self.results) {
            if planned.role == role && (metric.is_empty() || planned.metric == metric) {
                *slot = result.clone();
                found = true;
            }
        }
        assert!(found, "the plan has no {role:?} {metric}");
        self
    }

    pub(super) fn answer(&self) -> Answer {
        let slos = r#"{"*": {"error_rate": 0.01}, "payment": {"latency_p95_s": 0.3}}"#;
        compose(&self.plan, &self.results, &Slos::parse(slos).unwrap())
    }

    /// Holds the answer to a file beside this one.
    pub(super) fn is(&self, file: &str) {
        let path = format!("{}/src/compose/tests/{file}", env!("CARGO_MANIFEST_DIR"));
        let answer = self.answer();
        let chart = answer.visualization.map_or("no chart".to_owned(), |chart| {
            let series: Vec<String> = chart
                .series
                .iter()
                .map(|series| format!("{} ({})", series.name, series.points.len()))
                .collect();
            let (kind, unit) = (chart.kind.name(), chart.unit.name());
            format!("{kind}, {unit}, {}: {}", chart.title, series.join("; "))
        });
        let actual = format!(
            "{}\n\n---\n\n{chart}\n\n{}\n",
            answer.text,
            answer.suggestions.iter().map(|it| format!("- {it}\n")).collect::<String>()
        );
        if std::env::var_os(UPDATE).is_some() {
            std::fs::write(&path, &actual).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(actual, golden, "{file}");
    }
}

fn result(series: Series) -> QueryResult {
    let series = series
        .into_iter()
        .map(|(labels, points)| ResultSeries {
            labels: labels
                .split(',')
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            points: points
                .into_iter()
                .map(|(offset_s, value)| Point::new(NOW_S as f64 + offset_s, value))
                .collect(),
        })
        .collect();
    QueryResult { result_type: ResultType::Vector, series, warnings: Vec::new() }
}

pub(super) fn shop() -> Catalog {
    let identity = json!({
        "service": ["payment", "checkout", "auth"], "version": ["1.4.1", "1.4.2"],
        "instance": ["10.0.0.1:80"], "job": ["shop"],
    });
    let with = |extra: Value| {
        let mut labels = identity.clone();
        for (name, values) in extra.as_object().unwrap() {
            labels[name.as_str()] = values.clone();
        }
        labels
    };
    serde_json::from_value(json!({
        "metadata": {"http_request_duration_seconds": [{"type": "histogram"}]},
        "labels": {
            "http_requests_total": with(json!({"route": ["/charge"], "status": ["200", "500"]})),
            "http_request_duration_seconds_bucket": with(json!({"le": ["1", "+Inf"]})),
            "http_request_duration_seconds_sum": identity,
            "http_request_duration_seconds_count": identity,
            "process_cpu_usage_ratio": identity,
            "process_resident_memory_bytes": identity,
            "process_memory_limit_bytes": identity,
            "build_info": identity,
            "up": {"instance": ["10.0.0.1:80"], "job": ["shop"]},
        },
    }))
    .unwrap()
}

fn understood(question: &str) -> Understanding {
    let mut words = question.split_whitespace();
    let intent = Intent::from_name(words.next().unwrap()).unwrap();
    let entities = words.map(|word| {
        let (kind, value) = word.split_once('=').unwrap();
        let text = EntityValue::Text(value.to_owned());
        let (kind, value) = match kind {
            "time" => (EntityKind::TimeRange, EntityValue::Time(time(value))),
            "agg" => (EntityKind::Aggregation, text),
            "threshold" => (
                EntityKind::Threshold,
                EntityValue::Threshold {
                    comparison: Comparison::Above,
                    value: value.trim_start_matches('>').parse().unwrap(),
                    unit: Unit::Ratio,
                },
            ),
            kind => (EntityKind::from_name(kind).unwrap(), text),
        };
        Entity { kind, value, text: String::new(), span: 0..0, confidence: 1.0 }
    });
    Understanding { intent, confidence: 1.0, entities: entities.collect() }
}

/// `1h` back from now, or `-25h..-24h`.
fn time(text: &str) -> TimeRange {
    let seconds = |text: &str| {
        let number: i64 = text[..text.len() - 1].parse().unwrap();
        number * if text.ends_with('h') { 3_600 } else { 60 }
    };
    let at = |offset_s: i64| Timestamp::from_second(NOW_S + offset_s).unwrap();
    match text.split_once("..") {
        Some((start, end)) => {
            TimeRange { start: at(seconds(start)), end: at(seconds(end)), relative: None }
        }
        None => {
            TimeRange { start: at(-seconds(text)), end: at(0), relative: Some(text.to_owned()) }
        }
    }
}
