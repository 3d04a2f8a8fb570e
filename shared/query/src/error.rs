//! Why a question could not be turned into a query, and why a query may not run. Every variant is
//! a sentence that can be shown to the person who asked.

use model::{Classified, ErrorClass};

use crate::text::enumerate;

const DAY_S: i64 = 86_400;

/// Why there is no plan for a question.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlanError {
    #[error("Which service do you mean?{}", known(candidates))]
    MissingService {
        /// The services there are.
        candidates: Vec<String>,
    },
    #[error("Which metric do you mean?{}", known(candidates))]
    MissingMetric {
        /// What the catalog can answer, in words.
        candidates: Vec<String>,
    },
    #[error("There is no service `{name}` in the metrics.{}", nearest_or(nearest, known_services))]
    UnknownService {
        name: String,
        /// The nearest first; may be empty.
        nearest: Vec<String>,
        /// All services, for when nothing is near.
        known_services: Vec<String>,
    },
    #[error("`{name}` could be {}. Which one do you mean?", enumerate(candidates, "or"))]
    AmbiguousService { name: String, candidates: Vec<String> },
    #[error("No metric here measures {asked}.{}", nearest_or(nearest, answerable))]
    UnknownMetric {
        asked: String,
        /// Names of the catalog, the nearest first; may be empty.
        nearest: Vec<String>,
        /// What the catalog can answer, in words, for when nothing is near.
        answerable: Vec<String>,
    },
    #[error("`{metric}` has no data for the service `{service}`.")]
    NotRecorded { metric: String, service: String },
    #[error("There is no {what} `{name}` in `{metric}`.{}", known(values))]
    UnknownValue {
        /// `version`, `environment`, `endpoint`, `status`, `method`.
        what: &'static str,
        name: String,
        metric: String,
        values: Vec<String>,
    },
    #[error("`{metric}` is not recorded by {what}, so it cannot be told apart.")]
    NoLabel { what: &'static str, metric: String },
    #[error("No attribute of the traces holds {asked}.{}", nearest_or(nearest, known_attributes))]
    UnknownAttribute {
        asked: String,
        /// Attributes of the catalog, the nearest first; may be empty.
        nearest: Vec<String>,
        /// All of them, for when nothing is near.
        known_attributes: Vec<String>,
    },
    #[error("No label or field of the logs holds {asked}.{}", nearest_or(nearest, known))]
    UnknownField {
        asked: String,
        /// Labels and fields of the catalog, the nearest first; may be empty.
        nearest: Vec<String>,
        /// All of them, for when nothing is near.
        known: Vec<String>,
    },
    #[error("There is no {what} `{name}` in the logs.{}", nearest_or(nearest, known))]
    NotInLogs {
        /// `service`, `namespace`, `region`, …
        what: &'static str,
        name: String,
        /// Values of the catalog, the nearest first; may be empty.
        nearest: Vec<String>,
        /// All of them, for when nothing is near.
        known: Vec<String>,
    },
    #[error("That is {} days; the longest period is {}.", range_s / DAY_S, max_s / DAY_S)]
    RangeTooLong { range_s: i64, max_s: i64 },
    #[error("That period has not begun yet, so there is nothing measured in it.")]
    FutureRange,
    #[error("{0}")]
    Unsupported(String),
    /// A query that we built did not pass the check: a mistake of ours.
    #[error("A query could not be built safely")]
    Rejected(#[source] CheckError),
}

impl Classified for PlanError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::UnknownService { .. }
            | Self::UnknownMetric { .. }
            | Self::NotRecorded { .. }
            | Self::UnknownAttribute { .. }
            | Self::UnknownField { .. }
            | Self::NotInLogs { .. }
            | Self::UnknownValue { .. } => ErrorClass::NotFound,
            Self::MissingService { .. }
            | Self::MissingMetric { .. }
            | Self::AmbiguousService { .. }
            | Self::NoLabel { .. }
            | Self::RangeTooLong { .. }
            | Self::FutureRange
            | Self::Unsupported(_) => ErrorClass::Invalid,
            Self::Rejected(_) => ErrorClass::Bug,
        }
    }
}

/// Why a query may not run. Positions are byte offsets into the query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    #[error("the query is not valid PromQL: {0}")]
    Syntax(String),
    #[error("the query is not valid {language}: {message}{}", at(*position))]
    Grammar { language: &'static str, message: String, position: Option<usize> },
    #[error("there is no attribute `{name}`{}.{}", at(*position), nearest_of(nearest))]
    UnknownAttribute { name: String, position: Option<usize>, nearest: Vec<String> },
    #[error("the query reads too many sets of spans; at most {max} are allowed")]
    TooManySpansets { max: usize },
    #[error("no log stream has the label `{label}`{}.{}", at(*position), nearest_or(nearest, known))]
    UnknownStreamLabel {
        label: String,
        position: Option<usize>,
        /// Labels of the catalog, the nearest first; may be empty.
        nearest: Vec<String>,
        /// All of them, for when nothing is near.
        known: Vec<String>,
    },
    #[error("the query reads no log stream")]
    NoStream,
    #[error("the query has what is not a valid escape{}", at(Some(*position)))]
    Escape { position: usize },
    #[error("the query has {bytes} bytes; at most {max} are allowed")]
    TooLong { bytes: usize, max: usize },
    #[error("the query is nested too deeply; at most {max} levels are allowed")]
    TooDeep { max: usize },
    #[error("the query reads too many series selectors; at most {max} are allowed")]
    TooManySelectors { max: usize },
    #[error("the query yields {0}; only vectors and scalars can be shown")]
    ValueType(&'static str),
    #[error("the query reads no metric or names no metric{}", at(*position))]
    NoMetric { position: Option<usize> },
    #[error("there is no metric `{name}`{}.{}", at(*position), nearest_of(nearest))]
    UnknownMetric { name: String, position: Option<usize>, nearest: Vec<String> },
    #[error("`{metric}` has no label `{label}`{}; it has {}", at(*position), enumerate(known, "and"))]
    UnknownLabel { metric: String, label: String, position: Option<usize>, known: Vec<String> },
    #[error(
        "`{metric}` has too many series (over {max}) to be read without a label matcher or an \
         aggregation"
    )]
    Unselective { metric: String, max: usize },
    #[error("the query has a regular expression of more than {max} bytes")]
    PatternTooLong { max: usize },
    #[error("the query reaches back {range_s} s; the longest is {} days", max_s / DAY_S)]
    RangeTooLong { range_s: i64, max_s: i64 },
    #[error("the query has a step of {step_s} s; the shortest is {min_s} s")]
    StepTooShort { step_s: i64, min_s: i64 },
    #[error("the query asks for {points} points per series; at most {max} are allowed")]
    TooManyPoints { points: i64, max: i64 },
    #[error("the query looks ahead of its evaluation time")]
    LooksAhead,
    #[error("the query pins a fixed time with `@`, which is not allowed")]
    FixedTime,
    #[error("the period ends before it begins")]
    EmptyPeriod,
}

impl Classified for CheckError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::UnknownMetric { .. }
            | Self::UnknownLabel { .. }
            | Self::UnknownStreamLabel { .. }
            | Self::UnknownAttribute { .. } => ErrorClass::NotFound,
            _ => ErrorClass::Invalid,
        }
    }
}

fn at(position: Option<usize>) -> String {
    position.map(|position| format!(" (at {position})")).unwrap_or_default()
}

fn nearest_of(nearest: &[String]) -> String {
    if nearest.is_empty() {
        return String::new();
    }
    let quoted: Vec<String> = nearest.iter().map(|name| format!("`{name}`")).collect();
    format!(" The nearest: {}.", quoted.join(", "))
}

fn nearest_or(nearest: &[String], otherwise: &[String]) -> String {
    if nearest.is_empty() { known(otherwise) } else { nearest_of(nearest) }
}

fn known(values: &[String]) -> String {
    /// How many are named before the rest is left out.
    const SHOWN: usize = 8;
    match values {
        [] => String::new(),
        few if few.len() <= SHOWN => format!(" There is {}.", enumerate(few, "and")),
        many => format!(" There is {}, and {} more.", many[..SHOWN].join(", "), many.len() - SHOWN),
    }
}
