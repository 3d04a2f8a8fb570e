//! Queries to run.

use contract::query::{QueryAnswer, RunQuery, Step, TimeRange};
use conversation::{
    inquiry::{Asked, Ran, RunError, Times},
    wire::Yielded,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use kit::{Error, FieldProblem, Request};
use model::{Classified, ErrorClass, SessionId, public_message};
use module::ModuleError;
use query::{CheckError, ResultType, Translation};
use serde_json::json;

use super::translate;
use crate::{
    input::{check_text, session_id, zone},
    wire::{LINES, TRACES, visualization},
};

const QUERY: &str = "query";
const QUESTION: &str = "natural_language";
const TIME_RANGE: &str = "time_range";
const STEP: &str = "step";
const UNITS_S: [(&str, i64); 5] =
    [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400), ("w", 7 * 86_400)];

/// A query to run, or a question to turn into one first.
#[derive(Debug)]
pub struct ReadQuery {
    text: String,
    is_question: bool,
    pub times: Times,
    pub session: Option<SessionId>,
    pub zone: TimeZone,
}

impl ReadQuery {
    /// Periods back from now are so from `now`.
    pub fn of(request: &Request, now: Timestamp) -> Result<Self, Error> {
        Self::read(request.json()?, now)
    }

    fn read(body: RunQuery, now: Timestamp) -> Result<Self, Error> {
        let mut problems = Vec::new();
        let (text, is_question) = match (body.query, body.natural_language) {
            (Some(query), None) => (query, false),
            (None, Some(question)) => (question, true),
            (query, _) => {
                let message = match query {
                    None => "either `query` or `natural_language` is needed",
                    Some(_) => "`query` and `natural_language` exclude each other",
                };
                return Err(Error::fields(vec![FieldProblem::new(QUERY, "one_of", message)]));
            }
        };
        check_text(if is_question { QUESTION } else { QUERY }, &text, &mut problems);
        let zone = zone(body.time_zone.as_deref(), &mut problems);
        let times = times(body.time_range.as_ref(), body.step.as_ref(), now)
            .map_err(|problem| problems.push(problem));
        match times {
            Ok(times) if problems.is_empty() => {
                let session = session_id(body.session_id.as_deref())?;
                Ok(Self { text, is_question, times, session, zone })
            }
            _ => Err(Error::fields(problems)),
        }
    }

    pub fn asked(&self) -> Asked<'_> {
        match self.is_question {
            true => Asked::Question(&self.text),
            false => Asked::Query(&self.text),
        }
    }
}

fn times(
    range: Option<&TimeRange>,
    step: Option<&Step>,
    now: Timestamp,
) -> Result<Times, FieldProblem> {
    let step_s = match step {
        None => None,
        Some(Step::Seconds(seconds)) => Some(i64::from(*seconds)),
        Some(Step::Length(text)) => Some(seconds(text).ok_or_else(|| {
            FieldProblem::new(STEP, "format", "step must be a length such as `30s` or `5m`")
        })?),
    };
    let Some(range) = range else {
        return match step_s {
            None => Ok(Times::Now),
            Some(_) => {
                Err(FieldProblem::new(STEP, "requires", "a step divides a `time_range`; give one"))
            }
        };
    };
    let (start, end) = match range {
        TimeRange::Length(text) => back(text, now)?,
        TimeRange::Relative(period) => back(&period.relative, now)?,
        // What is still to come has not been measured.
        TimeRange::Absolute(period) => (period.start, period.end.unwrap_or(now).min(now)),
    };
    if start >= now {
        let message = "that period has not begun yet, so there is nothing measured in it";
        return Err(FieldProblem::new(TIME_RANGE, "past", message));
    }
    if start >= end {
        let message = "the period must end behind its start";
        return Err(FieldProblem::new(TIME_RANGE, "order", message));
    }
    Ok(Times::Over { start, end, step_s })
}

fn back(text: &str, now: Timestamp) -> Result<(Timestamp, Timestamp), FieldProblem> {
    let start = seconds(text)
        .filter(|length_s| *length_s > 0)
        .and_then(|length_s| now.checked_sub(SignedDuration::from_secs(length_s)).ok());
    match start {
        Some(start) => Ok((start, now)),
        None => {
            let message = "time_range must be a length such as `30m`, `6h` or `7d`";
            Err(FieldProblem::new(TIME_RANGE, "format", message))
        }
    }
}

/// `90` for `90s`, `5400` for `1h30m`, as Prometheus writes lengths.
fn seconds(text: &str) -> Option<i64> {
    let mut rest = text.trim();
    let mut total_s: Option<i64> = None;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let count: i64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let (unit, unit_s) = UNITS_S.iter().find(|(unit, _)| rest.starts_with(unit))?;
        rest = &rest[unit.len()..];
        total_s = Some(total_s.unwrap_or(0).checked_add(count.checked_mul(*unit_s)?)?);
    }
    total_s
}

/// The answer to `POST /queries/…`. What is wrong with the request is said of its field.
pub fn ran(ran: Result<Ran, RunError>) -> Result<QueryAnswer, Error> {
    let Ran { translation, run, result, visualization: hint } = ran.map_err(refusal)?;
    let Translation { language, query, explanation, notes } = translation;
    let (start, end, step_s) = run.times();
    let warnings = result.warnings().to_vec();
    let (result_type, data) = match result {
        Yielded::Numbers(result) => (type_name(result.result_type), json!(result.series)),
        Yielded::Lines(found) => (LINES, json!(found.lines)),
        Yielded::Traces(found) => (TRACES, json!(found.traces)),
    };
    Ok(QueryAnswer {
        query,
        language: language.name().to_owned(),
        result_type: result_type.to_owned(),
        data,
        explanation,
        visualization: hint.as_ref().map(visualization),
        notes,
        warnings,
        start,
        end,
        step: step_s.and_then(|step_s| u64::try_from(step_s).ok()),
    })
}

fn type_name(result_type: ResultType) -> &'static str {
    match result_type {
        ResultType::Vector => "vector",
        ResultType::Matrix => "matrix",
        ResultType::Scalar => "scalar",
    }
}

fn refusal(error: RunError) -> Error {
    if error.class() != ErrorClass::Invalid {
        return error.into();
    }
    let message = public_message(&error);
    let (field, constraint) = match error {
        RunError::Question(error) => return translate::refusal(error, QUESTION),
        RunError::Query(_) => (QUERY, "runnable"),
        RunError::Times(CheckError::StepTooShort { .. } | CheckError::TooManyPoints { .. }) => {
            (STEP, "minimum")
        }
        RunError::Times(_) => (TIME_RANGE, "maximum"),
        RunError::StepOfRecords => (STEP, "excluded"),
        // The module parsed it, and found that it cannot be evaluated.
        RunError::Module(ModuleError::Rejected { .. }) => (QUERY, "runnable"),
        RunError::Module(error) => return error.into(),
    };
    Error::fields(vec![FieldProblem::new(field, constraint, message)])
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const NOW: &str = "2026-03-01T12:00:00Z";

    fn read(body: Value) -> Result<ReadQuery, String> {
        let now = NOW.parse().unwrap();
        let body: RunQuery = serde_json::from_value(body).map_err(|error| error.to_string())?;
        ReadQuery::read(body, now).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn lengths_are_read_as_prometheus_writes_them() {
        for (text, expected) in [
            ("30s", Some(30)),
            ("5m", Some(300)),
            ("1h30m", Some(5_400)),
            ("7d", Some(604_800)),
            ("1w", Some(604_800)),
            ("0s", Some(0)),
            ("", None),
            ("5", None),
            ("m", None),
            ("-5m", None),
            ("5 m", None),
            ("5ms", None),
            ("1y", None),
            ("99999999999999999999s", None),
            ("9223372036854775807w", None),
            ("５m", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn times_are_what_was_asked_for() {
        let over = |start: &str, end: &str, step_s| Times::Over {
            start: start.parse().unwrap(),
            end: end.parse().unwrap(),
            step_s,
        };
        for (range, step, expected) in [
            (Value::Null, Value::Null, Times::Now),
            (json!("1h"), Value::Null, over("2026-03-01T11:00:00Z", NOW, None)),
            (json!({ "relative": "2d" }), json!(60), over("2026-02-27T12:00:00Z", NOW, Some(60))),
            (
                json!({ "start": "2026-03-01T11:30:00+01:00" }),
                json!("5m"),
                over("2026-03-01T10:30:00Z", NOW, Some(300)),
            ),
            // What is to come is left out.
            (
                json!({ "start": "2026-03-01T11:00:00Z", "end": "2026-03-02T00:00:00Z" }),
                Value::Null,
                over("2026-03-01T11:00:00Z", NOW, None),
            ),
        ] {
            let body = json!({ "query": "up", "time_range": range, "step": step });
            assert_eq!(read(body.clone()).unwrap().times, expected, "{body}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (body, says) in [
            (json!({}), "either `query` or `natural_language`"),
            (json!({ "query": "up", "text": "up" }), "exclude each other"),
            (json!({ "query": " " }), "query must not be empty"),
            (json!({ "text": "" }), "natural_language must not be empty"),
            (json!({ "query": "up", "step": 60 }), "give one"),
            (json!({ "query": "up", "time_range": "1h", "step": "5 m" }), "step must be a length"),
            (json!({ "query": "up", "time_range": "1h", "step": -5 }), "a step is a number"),
            (json!({ "query": "up", "time_range": "yesterday" }), "time_range must be a length"),
            (json!({ "query": "up", "time_range": "0s" }), "time_range must be a length"),
            (json!({ "query": "up", "time_range": { "relative": 5 } }), "a period is"),
            (json!({ "query": "up", "time_range": { "start": "9am" } }), "a period is"),
            (
                json!({ "query": "up", "time_range": { "start": "2026-03-01T12:00:01Z" } }),
                "not begun",
            ),
            (
                json!({ "query": "up", "time_range":
                    { "start": "2026-02-01T00:00:00Z", "end": "2026-01-01T00:00:00Z" } }),
                "must end behind its start",
            ),
            (json!({ "query": "up", "time_zone": "Middle/Earth" }), "time_zone"),
        ] {
            let error = read(body.clone()).unwrap_err();
            assert!(error.contains(says), "{body}: {error}");
        }
    }
}
