//! Plans: the queries that a question needs, each with its role, period, unit and explanation.

mod built;
mod comparison;
mod deployments;
mod draft;
mod errors;
mod evaluation;
mod finer;
mod ground;
mod health;
mod request;
#[rustfmt::skip]
mod said;
#[cfg(test)]
mod tests;
mod translation;
mod trend;
mod value;

use jiff::{Timestamp, tz::TimeZone};
use model::{Comparison, Intent, Understanding, Unit};

pub use self::evaluation::{Evaluation, Period, check_evaluation};
pub use self::request::ALL_SERVICES;
use self::request::Request;
use crate::{Catalog, PlanError, Question, Settings, Translation, text::enumerate};

/// The language of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    PromQl,
    LogQl,
    TraceQl,
}

impl Language {
    /// The wire form, and the name of a fenced block.
    pub fn name(self) -> &'static str {
        match self {
            Self::PromQl => "promql",
            Self::LogQl => "logql",
            Self::TraceQl => "traceql",
        }
    }
}

/// What kind of answer a plan leads to. An intent may have several: a question for the error rate
/// is answered in the same way whether it was asked as a metric or as an analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Errors,
    Value,
    Health,
    Comparison(ComparedBy),
    Trend,
    Deployments,
}

/// What stands side by side in a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComparedBy {
    /// Rows of one result, told apart by [`PlannedQuery::by`].
    Rows,
    /// [`Role::Value`] against [`Role::Baseline`].
    Periods,
}

/// What a query is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// The answer itself.
    Value,
    /// A further number beside it: another percentile, the maximum, the share of the limit.
    Companion,
    /// How many requests failed. No series means none did, when there are requests.
    Failures,
    /// How many requests there were.
    Total,
    /// The failures, or the value, told apart by something.
    Breakdown {
        /// `status`, `route`, …: what the rows are, in words.
        what: &'static str,
    },
    /// Over time, for a chart.
    Series,
    /// The same value in the period before, or in the one that is compared.
    Baseline,
    /// The value at the beginning and at the end of the period.
    First,
    Last,
    /// How many scrape targets are up, and how many there are.
    Up,
    Targets,
}

/// One query to run.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedQuery {
    pub role: Role,
    pub language: Language,
    pub query: String,
    pub evaluation: Evaluation,
    /// What is measured: `error_rate`, `latency_p95`, …
    pub metric: String,
    /// The same in words: `p95 latency`.
    pub title: String,
    /// What it is about: a service, a version, `all services`.
    pub label: String,
    /// The labels that tell the rows of the result apart; empty when there is one row.
    pub by: Vec<String>,
    pub unit: Unit,
    /// The value is so many of the unit each second, where the unit itself does not say so.
    pub per_second: bool,
    pub explanation: String,
}

/// A threshold in the unit of the value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    pub comparison: Comparison,
    pub value: f64,
}

/// What a question is about, spelled as the catalog has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// Empty when it is about all of them.
    pub services: Vec<String>,
    pub versions: Vec<String>,
    pub environments: Vec<String>,
    pub endpoint: Option<String>,
    /// Which responses count as failed, when the question says: `503`.
    pub status: Option<String>,
}

impl Subject {
    /// `payment`, `payment and checkout`, `all services`, `payment 2.0 in production`.
    pub fn name(&self) -> String {
        let mut name = match self.services.as_slice() {
            [] => "all services".to_owned(),
            services => enumerate(services, "and"),
        };
        for (word, part) in [
            (" version ", enumerate(&self.versions, "and")),
            (" in ", enumerate(&self.environments, "and")),
            (" at ", self.endpoint.clone().unwrap_or_default()),
        ] {
            if !part.is_empty() {
                name.push_str(word);
                name.push_str(&part);
            }
        }
        name
    }
}

/// What to run for a question.
#[derive(Debug, Clone)]
pub struct Plan {
    pub intent: Intent,
    pub shape: Shape,
    pub subject: Subject,
    pub period: Period,
    /// The period that [`Role::Baseline`] is about.
    pub baseline: Option<Period>,
    pub queries: Vec<PlannedQuery>,
    /// What the value is held against, when the question says.
    pub limit: Option<Limit>,
    /// What the person should know about how the question was read.
    pub notes: Vec<String>,
    /// The zone in which times are told.
    pub zone: TimeZone,
}

/// The queries for a question about metrics: those that its intent usually takes, or, where it says
/// more than these can hold, the one that it translates into.
///
/// Periods are whole seconds and end at `now` at the latest. A value over a period is evaluated at
/// its end, with its length as the window.
pub fn plan(
    question: &Question<'_>,
    catalog: &Catalog,
    settings: &Settings,
    now: Timestamp,
) -> Result<Plan, PlanError> {
    let usual = usual(question.understanding, catalog, settings, now);
    finer::plan(question, catalog, settings, now, &usual).map_or(usual, Ok)
}

/// The queries that an intent usually takes.
fn usual(
    understanding: &Understanding,
    catalog: &Catalog,
    settings: &Settings,
    now: Timestamp,
) -> Result<Plan, PlanError> {
    if catalog.is_empty() && understanding.intent.family() != model::Family::Talk {
        return Err(PlanError::Unsupported(
            "No metrics are known: the catalog is empty. Check that metrics are connected."
                .to_owned(),
        ));
    }
    let request = Request::read(understanding, catalog, settings, now)?;
    match understanding.intent {
        Intent::AnalyzeErrors => errors::plan(request),
        Intent::QueryMetrics if request.asks_for_errors() => errors::plan(request),
        Intent::QueryMetrics => value::plan(request),
        Intent::CheckHealth => health::plan(request),
        Intent::Compare => comparison::plan(request),
        Intent::AnalyzeTrend => trend::plan(request),
        Intent::QueryDeployments => deployments::plan(request),
        other => Err(PlanError::Unsupported(format!(
            "`{}` is not a question that a metric query answers.",
            other.name()
        ))),
    }
}

/// The query that answers a question about metrics.
pub(crate) fn metric_translation(
    question: &Question<'_>,
    catalog: &Catalog,
    settings: &Settings,
    now: Timestamp,
) -> Result<Translation, PlanError> {
    translation::translate(question, catalog, settings, now)
}
