//! Queries that are run by themselves: those that people write, and those that questions become.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use model::{Classified, ErrorClass};
use module::{ModuleError, OperationCall};
use query::{
    Bounds, CheckError, Checked, Evaluation, Language, QueryResult, Translation, check_evaluation,
};

use super::{Inquiry, TranslateError};
use crate::{
    compose::{self, Visualization},
    operation,
    turn::{Measured, Turns},
};

/// About how many points a result over time has when nobody says.
const POINTS: i64 = 120;
/// The usual scrape interval: between two scrapes there is nothing new.
const SCRAPE_S: i64 = 15;

/// What is to be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked<'a> {
    /// PromQL as a person wrote it.
    Query(&'a str),
    /// What is to become a query first.
    Question(&'a str),
}

/// When a query is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    Now,
    /// In steps over a period; without a step, so that a chart is filled.
    Over {
        start: Timestamp,
        end: Timestamp,
        step_s: Option<i64>,
    },
}

/// A query with what it yielded.
#[derive(Debug)]
pub struct Ran {
    pub translation: Translation,
    pub evaluation: Evaluation,
    pub result: QueryResult,
    pub visualization: Option<Visualization>,
}

/// Why a query yielded nothing.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Question(#[from] TranslateError),
    /// What a person wrote may not run.
    #[error(transparent)]
    Query(CheckError),
    /// The query may run, but not at these times.
    #[error(transparent)]
    Times(CheckError),
    /// The catalog that a written query is held to could not be read, or the query was not run.
    #[error(transparent)]
    Module(#[from] ModuleError),
}

impl Classified for RunError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Question(error) => error.class(),
            // Also where it names what does not exist: the address does.
            Self::Query(_) | Self::Times(_) => ErrorClass::Invalid,
            Self::Module(error) => error.class(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Question(error) => error.retry_after(),
            Self::Module(error) => error.retry_after(),
            _ => None,
        }
    }
}

impl Turns {
    /// Runs a query for metrics, after it has passed the check that every query passes. What that
    /// took is added to `measured`, also where it fails.
    pub async fn query_metrics(
        &self,
        inquiry: &Inquiry<'_>,
        asked: Asked<'_>,
        times: Times,
        measured: &mut Measured,
    ) -> Result<Ran, RunError> {
        let bounds = Bounds::default();
        let evaluation = evaluation(times, self.clock.now());
        check_evaluation(&evaluation, &bounds).map_err(RunError::Times)?;
        let translation = match asked {
            Asked::Query(query) => self.written(inquiry, query, &bounds).await?,
            Asked::Question(text) => {
                let translated = self.translate(inquiry, text, Language::PromQl).await?;
                measured.understanding = translated.took;
                translated.translation
            }
        };
        let (operation, arguments) = operation::metrics(&translation.query, &evaluation);
        let call = OperationCall {
            tenant: inquiry.tenant.clone(),
            operation: operation.to_owned(),
            arguments,
            request_id: inquiry.request_id.to_owned(),
            traceparent: inquiry.traceparent.map(str::to_owned),
            timeout: operation::TIMEOUT,
        };
        let began = Instant::now();
        let result = self.operations.run(&call).await.and_then(operation::metrics_result);
        measured.operations.push((call.operation, result.is_ok(), began.elapsed()));
        let result = result?;
        let title = match asked {
            Asked::Query(query) => query,
            Asked::Question(_) => &translation.explanation,
        };
        let visualization = compose::draw_result(title, &result);
        Ok(Ran { translation, evaluation, result, visualization })
    }

    /// A query of a person's, held to the tenant's own catalog.
    async fn written(
        &self,
        inquiry: &Inquiry<'_>,
        query: &str,
        bounds: &Bounds,
    ) -> Result<Translation, RunError> {
        let catalog = self.catalog_of(inquiry).await?;
        let Checked { metrics, .. } =
            query::check(query, &catalog.catalogs.metrics, bounds).map_err(RunError::Query)?;
        let metrics: Vec<String> = metrics.iter().map(|name| format!("`{name}`")).collect();
        Ok(Translation {
            language: Language::PromQl,
            query: query.to_owned(),
            explanation: format!("As written; it reads {}", metrics.join(", ")),
            notes: Vec::new(),
        })
    }
}

fn evaluation(times: Times, now: Timestamp) -> Evaluation {
    match times {
        Times::Now => Evaluation::Instant { at: now },
        Times::Over { start, end, step_s } => {
            let step_s = step_s.unwrap_or_else(|| step_s_of(end.as_second() - start.as_second()));
            Evaluation::Range { start, end, step_s }
        }
    }
}

/// A multiple of the scrape interval that makes at most [`POINTS`] steps.
fn step_s_of(length_s: i64) -> i64 {
    let least_s = length_s.max(0) / POINTS + 1;
    (least_s + SCRAPE_S - 1) / SCRAPE_S * SCRAPE_S
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_fill_a_chart_and_stay_within_bounds() {
        for (length_s, step_s) in
            [(0, 15), (60, 15), (3_600, 45), (86_400, 735), (31 * 86_400, 22_335), (-5, 15)]
        {
            assert_eq!(step_s_of(length_s), step_s, "{length_s}");
            assert!(length_s / step_s <= POINTS);
        }
    }

    #[test]
    fn a_step_that_is_named_is_kept() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let over = |step_s| Times::Over { start: at(0), end: at(3_600), step_s };
        assert_eq!(evaluation(over(Some(7)), at(0)).step_s(), Some(7));
        assert_eq!(evaluation(over(None), at(0)).step_s(), Some(45));
        assert_eq!(evaluation(Times::Now, at(5)), Evaluation::Instant { at: at(5) });
    }
}
