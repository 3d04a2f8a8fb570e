//! A field of records: where it is kept, what it is for, and how its numbers are written.

use std::{fmt, ops::Deref};

use model::Unit;

use crate::{logql::quantity, text, vocabulary::stem, wanted::unit_of};

/// Where a field is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// A label of a stream of log lines, or of the resource that spans come from.
    Source,
    /// In the record itself.
    Record,
    /// What every span has of itself.
    Intrinsic,
}

/// What a field is for, where questions can mean it without naming it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    Service,
    Environment,
    Level,
    /// A three-digit status.
    Status,
    /// The status of a gRPC call, by number.
    GrpcStatus,
    Method,
    Path,
    Duration,
    Size,
    Message,
    Error,
    TraceId,
    Database,
}

/// How a field writes its values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Form {
    Text,
    /// A number; of a unit it is so much of the base unit: `(Seconds, 0.001)`.
    Number(Option<(Unit, f64)>),
    /// A duration with its unit: `350ms`.
    Duration,
    /// A size with its unit: `10KB`.
    Size,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    /// As the catalog has it.
    pub(crate) name: String,
    /// As a query writes it.
    pub(crate) written: String,
    pub(crate) part: Part,
    pub(crate) values: Vec<Value>,
    pub(crate) role: Option<Role>,
    pub(crate) form: Form,
}

/// A value that a field is known to have, with its words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Value {
    text: String,
    pub(crate) words: Vec<String>,
    pub(crate) stems: Vec<String>,
}

impl Value {
    fn new(text: &str) -> Self {
        let words = text::words(text);
        let stems = words.iter().map(|word| stem(word)).collect();
        Self { text: text.to_owned(), words, stems }
    }

    pub(crate) fn has_stem(&self, stem: &str) -> bool {
        self.stems.iter().any(|own| own == stem)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Deref for Value {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

/// What a catalog tells of a field.
pub(crate) struct Known<'a> {
    pub(crate) name: &'a str,
    pub(crate) written: String,
    /// The part of the name that people say.
    pub(crate) said: &'a str,
    pub(crate) part: Part,
    pub(crate) values: &'a [String],
    /// A word for the type, where there are no samples.
    pub(crate) kind: Option<&'a str>,
    /// What stands behind the value in a line: the `ms` of `took=<took>ms`.
    pub(crate) after: Option<&'a str>,
}

impl Field {
    pub(crate) fn new(known: Known<'_>) -> Self {
        let words = text::words(known.said);
        // Intrinsics are what they are called: the status of a span is no number.
        let role = (known.part != Part::Intrinsic).then(|| role(&words, known.values)).flatten();
        let form = form(&words, role, &known);
        Self {
            name: known.name.to_owned(),
            written: known.written,
            part: known.part,
            values: known.values.iter().map(|value| Value::new(value)).collect(),
            role,
            form,
        }
    }

    pub(crate) fn is_number(&self) -> bool {
        self.form != Form::Text
    }

    /// Whether its samples are all there is to know of its values.
    pub(crate) fn holds(&self, value: &str) -> bool {
        self.values.iter().any(|known| **known == *value)
    }

    /// The unit of its numbers.
    pub(crate) fn unit(&self) -> Option<Unit> {
        match self.form {
            Form::Text => None,
            Form::Number(unit) => unit.map(|(unit, _)| unit),
            Form::Duration => Some(Unit::Seconds),
            Form::Size => Some(Unit::Bytes),
        }
    }
}

/// Names of fields by what they are for, run together; the likeliest first. A name may also end in
/// one: `http_response_status_code`.
const ROLES: &[(Role, &[&str])] = &[
    (
        Role::Service,
        &[
            "service", "servicename", "app", "application", "component", "svc", "microservice",
            "container", "job", "workload", "unit",
        ],
    ),
    (
        Role::Environment,
        &["env", "environment", "deploymentenvironment", "deploymentenvironmentname", "stage"],
    ),
    (
        Role::Level,
        &["level", "severity", "loglevel", "lvl", "sev", "severitytext", "detectedlevel"],
    ),
    (Role::GrpcStatus, &["grpcstatuscode", "grpccode", "grpcstatus", "rpcgrpcstatuscode"]),
    (
        Role::Status,
        &[
            "status", "statuscode", "httpstatus", "httpstatuscode", "responsecode",
            "responsestatus", "code", "rc", "httpcode", "sc",
        ],
    ),
    (Role::Method, &["method", "httpmethod", "verb", "requestmethod", "httprequestmethod"]),
    (
        Role::Path,
        &[
            "path", "route", "uri", "url", "httproute", "requestpath", "requesturi", "endpoint",
            "httptarget", "urlpath", "httpurl",
        ],
    ),
    (
        Role::Duration,
        &[
            "duration", "latency", "elapsed", "took", "responsetime", "requesttime", "rt",
            "timetaken", "processingtime", "totaltime", "dur",
        ],
    ),
    (
        Role::Size,
        &[
            "bytes", "size", "responsebytes", "responsesize", "sz", "len", "bodybytes",
            "bodybytessent", "bytessent", "length", "contentlength", "respbytes",
        ],
    ),
    (Role::Message, &["msg", "message", "text", "log", "body"]),
    (
        Role::Error,
        &[
            "error", "err", "exception", "errormessage", "exceptiontype", "errortype",
            "exceptionclass",
        ],
    ),
    (Role::TraceId, &["traceid", "trace", "xtraceid"]),
    (Role::Database, &["dbsystem", "dbsystemname"]),
];

/// Units that end names: `duration_ms`.
fn without_unit(words: &[String]) -> &[String] {
    match words {
        [rest @ .., last]
            if !rest.is_empty()
                && name_unit(last).is_some_and(|(unit, _)| unit == Unit::Seconds) =>
        {
            rest
        }
        all => all,
    }
}

fn role(words: &[String], values: &[String]) -> Option<Role> {
    let bare = without_unit(words).concat();
    let exact =
        ROLES.iter().find(|(_, names)| names.contains(&bare.as_str())).map(|(role, _)| *role);
    let code = |value: &String| {
        value.len() == 3
            && value.starts_with(['1', '2', '3', '4', '5'])
            && value.bytes().all(|byte| byte.is_ascii_digit())
    };
    let coded = (values.len() > 1 && values.iter().all(code)).then_some(Role::Status);
    let role =
        exact.or(coded).or_else(|| takes_time(words).then_some(Role::Duration)).or_else(|| {
            let ends =
                |name: &&str| name.len() > 4 && bare.len() > name.len() && bare.ends_with(*name);
            ROLES.iter().find(|(_, names)| names.iter().any(ends)).map(|(role, _)| *role)
        })?;
    match role {
        // `status: ok` and `code: E11` are no status codes, and neither is `duration: long`.
        Role::Status if !values.is_empty() && !values.iter().any(code) => None,
        Role::Duration if words.iter().any(|word| matches!(word.as_str(), "count" | "id")) => None,
        role => Some(role),
    }
}

/// `query_time` and `waitTime` are durations, `start_time` is a point in time.
fn takes_time(words: &[String]) -> bool {
    const POINTS: &[&str] = &[
        "start", "end", "event", "create", "created", "update", "updated", "expiry", "log",
        "local", "date", "finish", "begin", "arrival", "departure", "unix", "server", "observed",
        "modified",
    ];
    matches!(without_unit(words), [.., what, last] if last == "time" && !POINTS.contains(&what.as_str()))
}

/// How usual a name is for its role: the less, the more.
pub(super) fn rank(field: &Field, role: Role, words: &[String]) -> usize {
    let bare = without_unit(words).concat();
    let names = ROLES.iter().find(|(known, _)| *known == role).map_or(&[][..], |(_, names)| names);
    let place = names.iter().position(|name| *name == bare);
    place.unwrap_or(names.len() + usize::from(field.part != Part::Source) + words.len())
}

/// Names of what is told apart by numbers and never measured.
const NAMED_BY_NUMBER: &[&str] = &["id", "ids", "uuid", "version", "release", "revision", "build"];

fn form(words: &[String], role: Option<Role>, known: &Known<'_>) -> Form {
    if words.last().is_some_and(|last| NAMED_BY_NUMBER.contains(&last.as_str())) {
        return Form::Text;
    }
    let kind = known.kind.unwrap_or_default().to_lowercase();
    let says = |names: &[&str]| names.iter().any(|name| kind.contains(name));
    let values = known.values;
    let all = |test: fn(&str) -> bool| !values.is_empty() && values.iter().all(|value| test(value));
    if all(|value| !is_number(value) && quantity::duration(value).is_some()) {
        return Form::Duration;
    }
    if all(|value| !is_number(value) && quantity::bytes(value).is_some()) {
        return Form::Size;
    }
    let measured = matches!(role, Some(Role::Duration | Role::Size | Role::Status));
    let numeric = ["num", "int", "float", "double", "long", "counter", "duration", "bytes"];
    let unsampled = values.is_empty() && (measured || says(&numeric));
    if !unsampled && !all(is_number) {
        return Form::Text;
    }
    let named = words.iter().rev().find_map(|word| name_unit(word));
    let unit = known.after.and_then(|after| name_unit(&leading_word(after))).or(named);
    if values.is_empty() && says(&["duration"]) && unit.is_none() {
        return Form::Duration;
    }
    let unit = unit.or_else(|| name_unit(&leading_word(&kind)));
    Form::Number(match role {
        Some(Role::Duration) => Some(unit.unwrap_or((Unit::Seconds, guessed_scale(values)))),
        Some(Role::Size) => Some(unit.unwrap_or((Unit::Bytes, 1.0))),
        Some(Role::Status | Role::GrpcStatus) => None,
        _ => unit,
    })
}

fn is_number(value: &str) -> bool {
    value.parse::<f64>().is_ok_and(f64::is_finite)
}

fn leading_word(text: &str) -> String {
    let word = text.split(|c: char| !c.is_alphanumeric() && c != 'µ').next();
    word.unwrap_or_default().to_lowercase()
}

/// The unit that a word of a name says.
fn name_unit(word: &str) -> Option<(Unit, f64)> {
    // These letters say nothing in a name.
    if matches!(
        word,
        "m" | "d"
            | "h"
            | "w"
            | "b"
            | "core"
            | "cores"
            | "day"
            | "days"
            | "week"
            | "month"
            | "year"
            | "quarter"
    ) {
        return None;
    }
    unit_of(word).filter(|(unit, _)| matches!(unit, Unit::Seconds | Unit::Bytes))
}

/// Seconds have fractions; whole numbers above a few are milliseconds.
fn guessed_scale(values: &[String]) -> f64 {
    let fraction = values.iter().any(|value| value.contains('.'));
    let mut numbers = values.iter().filter_map(|value| value.parse::<f64>().ok());
    if fraction && !numbers.any(|value| value >= 100.0) { 1.0 } else { 1e-3 }
}

/// What people say of a field: its name without the unit.
pub(super) fn bare(said: &str) -> String {
    let words = text::words(said);
    let bare = without_unit(&words);
    if bare.len() < words.len() { bare.join("_") } else { said.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, values: &[&str], kind: Option<&str>, after: Option<&str>) -> Field {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        Field::new(Known {
            name,
            written: name.to_owned(),
            said: name,
            part: Part::Record,
            values: &values,
            kind,
            after,
        })
    }

    #[test]
    fn forms_of_values_are_told() {
        const MS: Form = Form::Number(Some((Unit::Seconds, 1e-3)));
        const SECONDS: Form = Form::Number(Some((Unit::Seconds, 1.0)));
        for (name, values, kind, after, expected) in [
            ("took", &["5"][..], None, Some("ms peer="), MS),
            ("duration_ms", &["12"], None, None, MS),
            ("latency_seconds", &[], Some("number"), None, SECONDS),
            ("duration", &["350ms", "1.8s"], None, None, Form::Duration),
            ("elapsed", &["0.12", "1.5"], None, None, SECONDS),
            ("rt", &["1200", "7"], None, None, MS),
            ("wait", &[], Some("duration"), None, Form::Duration),
            ("size", &["12KB"], None, None, Form::Size),
            ("bytes", &[], Some("int"), None, Form::Number(Some((Unit::Bytes, 1.0)))),
            ("status", &["200"], None, None, Form::Number(None)),
            ("retries", &["0", "3"], None, None, Form::Number(None)),
            ("msg", &["x"], None, None, Form::Text),
            ("user", &[], Some("string"), None, Form::Text),
            ("service_version", &["2024.1", "2024.2"], None, None, Form::Text),
            ("course_id", &["2041"], None, None, Form::Text),
            ("size_mb", &["120"], None, None, Form::Number(Some((Unit::Bytes, 1e6)))),
        ] {
            assert_eq!(field(name, values, kind, after).form, expected, "{name}");
        }
    }

    #[test]
    fn roles_are_told_by_names_and_values() {
        for (name, values, expected) in [
            ("service_name", &["a"][..], Some(Role::Service)),
            ("http.response.status_code", &["200"], Some(Role::Status)),
            ("status", &["ok", "failed"], None),
            ("code", &["E11"], None),
            ("query_time", &["0.2"], Some(Role::Duration)),
            ("wait_time_ms", &["2"], Some(Role::Duration)),
            ("start_time", &["1700000000"], None),
            ("elapsed_ms", &["3"], Some(Role::Duration)),
            ("sev", &["E"], Some(Role::Level)),
            ("rpc.grpc.status_code", &["4"], Some(Role::GrpcStatus)),
            ("country", &["DE"], None),
        ] {
            assert_eq!(field(name, values, None, None).role, expected, "{name}");
        }
    }
}
