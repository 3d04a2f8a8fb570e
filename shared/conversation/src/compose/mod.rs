//! Answers from results, without a language model: the number with its unit, what it rests on, what
//! it is held against, the query behind it, and what to ask next.
//!
//! Pure functions: they know plans and results, and nothing of models, streams or stores.

mod chart;
mod comparison;
mod deployments;
mod errors;
mod health;
mod lines;
mod markdown;
mod moment;
mod number;
mod problem;
mod records;
mod report;
mod results;
mod slo;
mod talk;
#[cfg(test)]
mod tests;
mod traces;
mod trend;
mod value;

use model::Unit;
use query::{Plan, Point, QueryResult, Shape};

pub use self::chart::draw_result;
pub use self::markdown::quote;
pub use self::problem::{compose_problem, misread, unreachable};
pub use self::records::{LookedUp, compose_records};
pub use self::slo::{SloError, Slos};
pub use self::talk::{Reply, WITHOUT_MODEL, talk, unsure};
use self::{report::Report, results::Results};

/// What is said, shown and offered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Markdown.
    pub text: String,
    pub visualization: Option<Visualization>,
    /// Questions that the copilot understands, as the person could ask them.
    pub suggestions: Vec<String>,
    /// The numbers in the text, for those who need them as numbers.
    pub facts: Vec<Fact>,
}

/// One number of an answer, in a base unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// A service, a version, a status, …
    pub subject: String,
    /// `error_rate`, `latency_p95`, `requests`, …
    pub metric: String,
    pub value: f64,
    pub unit: Unit,
}

/// A hint on how to draw the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Visualization {
    pub kind: ChartKind,
    pub title: String,
    pub unit: Unit,
    /// At most 10, each of at most 240 points.
    pub series: Vec<ChartSeries>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartKind {
    /// Values over time.
    Line,
    /// One value per series, side by side.
    Bar,
    Table,
    /// One number.
    Stat,
}

impl ChartKind {
    /// The wire form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Bar => "bar",
            Self::Table => "table",
            Self::Stat => "stat",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct ChartSeries {
    pub name: String,
    pub points: Vec<Point>,
}

/// The answer to a plan from what its queries returned, in the plan's order; a query that failed
/// has the reason.
///
/// What is missing is said to be missing, and the rest is answered.
pub fn compose(plan: &Plan, results: &[Result<QueryResult, String>], slos: &Slos) -> Answer {
    let results = Results::new(plan, results);
    let mut report = Report::new(plan, &results, slos);
    if results.all_failed() {
        report.say(format!("I could not read the metrics for {}.", report.subject()));
        return report.finish();
    }
    match plan.shape {
        Shape::Errors => errors::write(&mut report),
        Shape::Value => value::write(&mut report),
        Shape::Health => health::write(&mut report),
        Shape::Comparison(compared) => comparison::write(&mut report, compared),
        Shape::Trend => trend::write(&mut report),
        Shape::Deployments => deployments::write(&mut report),
    }
    report.finish()
}
