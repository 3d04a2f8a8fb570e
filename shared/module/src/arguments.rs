//! Checks arguments against an operation's schema, and against what a schema cannot say.

use std::{collections::HashMap, sync::OnceLock};

use jiff::{SignedDuration, Timestamp};
use jsonschema::{Draft, ValidationError, Validator, error::ValidationErrorKind};
use serde_json::Value;

use crate::{
    ModuleError,
    error::ArgumentError,
    operation::{
        LOGS_LINES, LOGS_QUERY_RANGE, METRICS_QUERY_RANGE, TRACES_QUERY_RANGE, TRACES_SEARCH,
        operations,
    },
};

/// Far above any query a person or the query builder writes.
pub(crate) const MAX_QUERY_CHARS: usize = 8_192;
/// An RFC 3339 instant with nanoseconds and an offset has 35.
pub(crate) const MAX_TIME_CHARS: usize = 40;
/// One point a day.
pub(crate) const MAX_STEP_S: u64 = 86_400;
/// More lines than this nobody reads, and their text must fit into a function's answer.
pub(crate) const MAX_LINES: u64 = 1_000;
pub(crate) const MAX_TRACES: u64 = 100;
/// A quarter of a year of metrics.
const MAX_RANGE: SignedDuration = SignedDuration::from_hours(92 * 24);
/// Lines and spans are read, not looked up: Loki takes 30 days and an hour unless told otherwise.
const MAX_SCANNED_RANGE: SignedDuration = SignedDuration::from_hours(31 * 24);
/// Prometheus and Loki themselves refuse more points per series.
const MAX_POINTS: i64 = 11_000;
/// More would not help the one who reads it.
const MAX_DETAILS: usize = 10;

/// Whether `arguments` are what the operation `name` takes.
pub fn validate(name: &str, arguments: &Value) -> Result<(), ModuleError> {
    let validator = validators().get(name).ok_or_else(|| ModuleError::unknown_operation(name))?;
    let details: Vec<ArgumentError> = validator
        .iter_errors(arguments)
        .flat_map(|error| explain(&error))
        .take(MAX_DETAILS)
        .collect();
    if !details.is_empty() {
        return Err(ModuleError::InvalidArguments { operation: name.to_owned(), details });
    }
    match name {
        METRICS_QUERY_RANGE => {
            check_step(name, arguments, check_range(name, arguments, MAX_RANGE)?)
        }
        LOGS_QUERY_RANGE | TRACES_QUERY_RANGE => {
            check_step(name, arguments, check_range(name, arguments, MAX_SCANNED_RANGE)?)
        }
        LOGS_LINES | TRACES_SEARCH => check_range(name, arguments, MAX_SCANNED_RANGE).map(drop),
        _ => Ok(()),
    }
}

fn validators() -> &'static HashMap<&'static str, Validator> {
    static VALIDATORS: OnceLock<HashMap<&'static str, Validator>> = OnceLock::new();
    VALIDATORS.get_or_init(|| {
        operations()
            .iter()
            .map(|spec| {
                let validator = jsonschema::options()
                    .with_draft(Draft::Draft202012)
                    .should_validate_formats(true)
                    .build(&spec.arguments_schema)
                    .expect("every schema in the table compiles: a test walks them");
                (spec.name, validator)
            })
            .collect()
    })
}

/// One entry per field, so that whoever wrote the arguments can mend them at once. The offending
/// value is left out: it may be long, and may be somebody's data.
fn explain(error: &ValidationError<'_>) -> Vec<ArgumentError> {
    let entry = |field: &str, message: String| ArgumentError {
        field: field.to_owned(),
        message,
        constraint: error.kind().keyword().to_owned(),
    };
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            vec![entry(property.as_str().unwrap_or_default(), "is required".to_owned())]
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            unexpected.iter().map(|field| entry(field, "is not an argument".to_owned())).collect()
        }
        _ => {
            let path = error.instance_path().to_string();
            let field = path.trim_start_matches('/').replace('/', ".");
            vec![entry(&field, error.masked().to_string())]
        }
    }
}

/// The order of the instants and the length between them, which JSON Schema cannot say; gives the
/// length.
fn check_range(
    operation: &str,
    arguments: &Value,
    longest: SignedDuration,
) -> Result<SignedDuration, ModuleError> {
    let invalid = |field, message: String| {
        Err(ModuleError::invalid_argument(operation, field, "minimum", message))
    };
    let instant = |field| {
        arguments[field].as_str().and_then(|text| text.parse::<Timestamp>().ok()).ok_or_else(|| {
            let message = "is not an instant that we can represent";
            ModuleError::invalid_argument(operation, field, "format", message)
        })
    };
    let (start, end) = (instant("start")?, instant("end")?);
    let length = end.duration_since(start);
    if length <= SignedDuration::ZERO {
        return invalid("end", "must be later than start".to_owned());
    }
    if length > longest {
        let days = longest.as_hours() / 24;
        return invalid("start", format!("may be at most {days} days before end"));
    }
    Ok(length)
}

/// The number of points.
fn check_step(
    operation: &str,
    arguments: &Value,
    length: SignedDuration,
) -> Result<(), ModuleError> {
    // The schema admits whole numbers written as `15.0` as well.
    let step_s = arguments["step_s"].as_f64().unwrap_or(1.0).max(1.0);
    let fewest_s = length.as_secs() / MAX_POINTS + 1;
    if length.as_secs_f64() / step_s > MAX_POINTS as f64 {
        let message = format!("gives more than {MAX_POINTS} points; use {fewest_s} or more");
        return Err(ModuleError::invalid_argument(operation, "step_s", "minimum", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const START: &str = "2026-03-01T12:00:00Z";
    const END: &str = "2026-03-01T13:00:00Z";

    #[test]
    fn every_schema_is_a_valid_schema_of_its_draft() {
        for spec in operations() {
            assert!(
                jsonschema::draft202012::meta::is_valid(&spec.arguments_schema),
                "{}",
                spec.name
            );
            assert_eq!(spec.arguments_schema["additionalProperties"], false);
        }
        assert_eq!(validators().len(), operations().len());
    }

    #[test]
    fn good_arguments_pass() {
        for (name, arguments) in [
            ("metrics.query", json!({"query": "up", "time": START})),
            (
                "metrics.query",
                json!({"query": "up", "time": "2026-03-01T12:00:00.123456789+02:00"}),
            ),
            (
                "metrics.query_range",
                json!({"query": "up", "start": START, "end": END, "step_s": 15}),
            ),
            (
                "metrics.query_range",
                json!({"query": "up", "start": START, "end": END, "step_s": 15.0}),
            ),
            ("metrics.catalog", json!({})),
            ("logs.query", json!({"query": "rate({a=\"b\"}[1m])", "time": START})),
            ("logs.lines", json!({"query": "{a=\"b\"}", "start": START, "end": END})),
            (
                "logs.lines",
                json!({"query": "{}", "start": START, "end": END, "limit": 1000, "direction": "forward"}),
            ),
            ("traces.search", json!({"query": "{ }", "start": START, "end": END, "limit": 100})),
            ("identity.jwks", json!({})),
        ] {
            assert!(validate(name, &arguments).is_ok(), "{name} {arguments}");
        }
    }

    #[test]
    fn bad_arguments_name_the_field_and_the_rule() {
        let range = |start: &str, end: &str, step_s: Value| json!({"query": "up", "start": start, "end": end, "step_s": step_s});
        let long = "x".repeat(MAX_QUERY_CHARS + 1);
        for (name, arguments, field, constraint) in [
            ("metrics.query", json!({"query": "up"}), "time", "required"),
            ("metrics.query", json!({"query": "", "time": START}), "query", "minLength"),
            ("metrics.query", json!({"query": "  \n", "time": START}), "query", "pattern"),
            ("metrics.query", json!({"query": long, "time": START}), "query", "maxLength"),
            ("metrics.query", json!({"query": 1, "time": START}), "query", "type"),
            ("metrics.query", json!({"query": "up", "time": "yesterday"}), "time", "format"),
            ("metrics.query", json!({"query": "up", "time": "2026-03-01"}), "time", "format"),
            (
                "metrics.query",
                json!({"query": "up", "time": START, "url": "http://x"}),
                "url",
                "additionalProperties",
            ),
            ("metrics.query", json!("up"), "", "type"),
            ("metrics.query", json!(null), "", "type"),
            ("metrics.catalog", json!({"all": true}), "all", "additionalProperties"),
            (
                "logs.lines",
                json!({"query": "{}", "start": START, "end": END, "limit": 1001}),
                "limit",
                "maximum",
            ),
            (
                "logs.lines",
                json!({"query": "{}", "start": START, "end": END, "direction": "up"}),
                "direction",
                "enum",
            ),
            ("logs.lines", json!({"query": "{}", "start": END, "end": START}), "end", "minimum"),
            (
                "traces.search",
                json!({"query": "{}", "start": "2026-01-01T00:00:00Z", "end": START}),
                "start",
                "minimum",
            ),
            (
                "traces.search",
                json!({"query": "{}", "start": START, "end": END, "limit": 0}),
                "limit",
                "minimum",
            ),
            (
                "logs.query_range",
                range("2026-01-01T00:00:00Z", START, json!(86_400)),
                "start",
                "minimum",
            ),
            (
                "traces.query_range",
                range("2026-02-28T00:00:00Z", START, json!(1)),
                "step_s",
                "minimum",
            ),
            ("metrics.query_range", range(START, END, json!(0)), "step_s", "minimum"),
            ("metrics.query_range", range(START, END, json!(1.5)), "step_s", "type"),
            ("metrics.query_range", range(START, END, json!(86_401)), "step_s", "maximum"),
            ("metrics.query_range", range(END, START, json!(60)), "end", "minimum"),
            ("metrics.query_range", range(START, START, json!(60)), "end", "minimum"),
            (
                "metrics.query_range",
                range("2025-03-01T00:00:00Z", START, json!(86_400)),
                "start",
                "minimum",
            ),
            (
                "metrics.query_range",
                range("2026-02-28T00:00:00Z", START, json!(1)),
                "step_s",
                "minimum",
            ),
        ] {
            let Err(ModuleError::InvalidArguments { operation, details }) =
                validate(name, &arguments)
            else {
                panic!("{name} took {arguments}");
            };
            assert_eq!(operation, name);
            assert!(
                details.iter().any(|d| d.field == field && d.constraint == constraint),
                "{arguments}: {details:?}"
            );
            assert!(details.iter().all(|d| d.message.len() < 200), "{details:?}");
        }
    }

    #[test]
    fn a_step_that_is_too_small_is_told_which_one_would_do() {
        let mut arguments =
            json!({"query": "up", "start": "2026-02-01T00:00:00Z", "end": START, "step_s": 1});
        let error = validate("metrics.query_range", &arguments).unwrap_err().to_string();
        let suggested: u64 = error
            .rsplit("use ")
            .next()
            .and_then(|rest| rest.split(' ').next())
            .and_then(|number| number.parse().ok())
            .unwrap();
        arguments["step_s"] = json!(suggested);
        assert!(validate("metrics.query_range", &arguments).is_ok(), "{error}");
    }

    #[test]
    fn an_unknown_operation_is_said_to_be_one() {
        for name in ["", "metrics", "metrics_query", "METRICS.QUERY", "metrics.delete"] {
            assert!(
                matches!(
                    validate(name, &json!({})),
                    Err(ModuleError::UnknownOperation { operation }) if operation == name
                ),
                "{name}"
            );
        }
    }

    proptest! {
        #[test]
        fn whatever_passes_is_within_bounds(
            start_s in -4_000_000_000_i64..8_000_000_000,
            length_s in -100_i64..20_000_000,
            step_s in -10_i64..100_000,
        ) {
            let text = |seconds| Timestamp::from_second(seconds).unwrap().to_string();
            let arguments = json!({
                "query": "up",
                "start": text(start_s),
                "end": text(start_s + length_s),
                "step_s": step_s,
            });
            let fits = length_s > 0
                && length_s <= MAX_RANGE.as_secs()
                && (1..=MAX_STEP_S.cast_signed()).contains(&step_s)
                && length_s / step_s < MAX_POINTS;
            if fits {
                prop_assert!(validate("metrics.query_range", &arguments).is_ok());
            }
            if validate("metrics.query_range", &arguments).is_ok() {
                prop_assert!(length_s > 0 && length_s / step_s <= MAX_POINTS);
            }
        }
    }
}
