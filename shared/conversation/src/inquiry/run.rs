//! Queries that are run by themselves: those that people write, and those that questions become.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use model::{Classified, ErrorClass};
use module::{ModuleError, OperationCall};
use query::{Bounds, CheckError, Evaluation, Language, Translation, check_evaluation};

use super::{Inquiry, TranslateError};
use crate::{
    compose::{self, Visualization},
    operation::{self, Run},
    records::{Checked, DEFAULT_S, Lookup, Yields, step_s_of},
    turn::{Measured, Turns},
    wire::Yielded,
};

/// What is to be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked<'a> {
    /// As a person wrote it.
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
    pub run: Run,
    pub result: Yielded,
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
    /// Lines and traces are found between two moments, and not in steps.
    #[error("a step is for numbers; this query finds records")]
    StepOfRecords,
    /// The catalog that a written query is held to could not be read, or the query was not run.
    #[error(transparent)]
    Module(#[from] ModuleError),
}

impl Classified for RunError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Question(error) => error.class(),
            // Also where it names what does not exist: the address does.
            Self::Query(_) | Self::Times(_) | Self::StepOfRecords => ErrorClass::Invalid,
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
    /// Runs a query, after it has passed the check that every query passes. What that took is added
    /// to `measured`, also where it fails.
    pub async fn query(
        &self,
        inquiry: &Inquiry<'_>,
        asked: Asked<'_>,
        language: Language,
        times: Times,
        measured: &mut Measured,
    ) -> Result<Ran, RunError> {
        let now = self.clock.now();
        // Times that cannot be are refused before anything is asked for.
        check_times(times, now)?;
        let (translation, yields, of_question) = match asked {
            Asked::Query(query) => {
                let (translation, yields) = self.written(inquiry, query, language).await?;
                (translation, yields, None)
            }
            Asked::Question(text) => {
                let translated = self.translate(inquiry, text, language).await?;
                measured.understanding = translated.took;
                if language == Language::PromQl {
                    (translated.translation, NUMBERS, None)
                } else {
                    let Lookup { translation, yields, run, .. } =
                        Lookup::of(translated).map_err(TranslateError::Question)?;
                    (translation, yields, Some(run))
                }
            }
        };
        let run = run(language, yields, times, of_question, now)?;
        let (operation, arguments) = operation::of(language, &translation.query, &run);
        let call = OperationCall {
            tenant: inquiry.tenant.clone(),
            operation: operation.to_owned(),
            arguments,
            request_id: inquiry.request_id.to_owned(),
            traceparent: inquiry.traceparent.map(str::to_owned),
            timeout: operation::TIMEOUT,
        };
        let began = Instant::now();
        let result = self.operations.run(&call).await;
        let result = result.and_then(|value| operation::yielded(language, &run, value));
        measured.operations.push((call.operation, result.is_ok(), began.elapsed()));
        let result = result?;
        let title = match asked {
            Asked::Query(query) => query,
            Asked::Question(_) => &translation.explanation,
        };
        let visualization =
            result.numbers().and_then(|numbers| compose::draw_result(title, numbers));
        Ok(Ran { translation, run, result, visualization })
    }

    /// A query of a person's, held to what the tenant's own systems record.
    async fn written(
        &self,
        inquiry: &Inquiry<'_>,
        query: &str,
        language: Language,
    ) -> Result<(Translation, Yields), RunError> {
        let sources = self.sources(inquiry, language).await?;
        let Checked { yields, names } =
            sources.check(language, query, &Bounds::default()).map_err(RunError::Query)?;
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let reads = if names.is_empty() {
            String::new()
        } else {
            format!("; it reads {}", names.join(", "))
        };
        let translation = Translation {
            language,
            query: query.to_owned(),
            explanation: format!("As written{reads}"),
            notes: Vec::new(),
        };
        Ok((translation, yields))
    }
}

const NUMBERS: Yields = Yields::Numbers { lookback_s: None };

/// How a query is run at the times that were asked for; without any, when its question says.
fn run(
    language: Language,
    yields: Yields,
    times: Times,
    of_question: Option<Run>,
    now: Timestamp,
) -> Result<Run, RunError> {
    let is_over_time = yields == Yields::Records || language == Language::TraceQl;
    let last_hour = || (now - SignedDuration::from_secs(DEFAULT_S), now);
    let (start, end, step_s) = match times {
        Times::Now => match of_question {
            Some(run) => return Ok(run),
            None if !is_over_time => return Ok(Run::Evaluated(Evaluation::Instant { at: now })),
            None => (last_hour().0, now, None),
        },
        Times::Over { start, end, step_s } => (start, end, step_s),
    };
    if yields == Yields::Records {
        return match step_s {
            None => Ok(Run::Newest { start, end }),
            Some(_) => Err(RunError::StepOfRecords),
        };
    }
    let step_s = step_s.unwrap_or_else(|| step_s_of(end.as_second() - start.as_second()));
    Ok(Run::Evaluated(Evaluation::Range { start, end, step_s }))
}

/// Whether anything may be run at these times.
fn check_times(times: Times, now: Timestamp) -> Result<(), RunError> {
    let evaluation = match times {
        Times::Now => Evaluation::Instant { at: now },
        Times::Over { start, end, step_s } => {
            let step_s = step_s.unwrap_or_else(|| step_s_of(end.as_second() - start.as_second()));
            Evaluation::Range { start, end, step_s }
        }
    };
    check_evaluation(&evaluation, &Bounds::default()).map_err(RunError::Times)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_query_is_run_as_what_it_yields_can_be() {
        let now = at(10_000);
        let over = |step_s| Times::Over { start: at(0), end: at(3_600), step_s };
        let range = |start, end, step_s| {
            Run::Evaluated(Evaluation::Range { start: at(start), end: at(end), step_s })
        };
        let newest = |start, end| Run::Newest { start: at(start), end: at(end) };
        let instant = Run::Evaluated(Evaluation::Instant { at: now });
        let asked = newest(9_000, 9_500);
        for (language, yields, times, of_question, expected) in [
            (Language::PromQl, NUMBERS, Times::Now, None, Some(instant)),
            (Language::PromQl, NUMBERS, over(None), None, Some(range(0, 3_600, 45))),
            (Language::PromQl, NUMBERS, over(Some(7)), None, Some(range(0, 3_600, 7))),
            (Language::LogQl, NUMBERS, Times::Now, None, Some(instant)),
            (Language::LogQl, Yields::Records, Times::Now, None, Some(newest(6_400, 10_000))),
            (Language::LogQl, Yields::Records, Times::Now, Some(asked), Some(asked)),
            (Language::LogQl, Yields::Records, over(None), Some(asked), Some(newest(0, 3_600))),
            (Language::LogQl, Yields::Records, over(Some(60)), None, None),
            (Language::TraceQl, NUMBERS, Times::Now, None, Some(range(6_400, 10_000, 45))),
            (Language::TraceQl, Yields::Records, Times::Now, None, Some(newest(6_400, 10_000))),
        ] {
            let found = run(language, yields, times, of_question, now);
            assert_eq!(found.ok(), expected, "{language:?} {yields:?} {times:?}");
        }
    }

    #[test]
    fn periods_are_bounded_before_anything_is_asked_for() {
        let over = |end, step_s| Times::Over { start: at(0), end: at(end), step_s };
        for (times, expected) in [
            (Times::Now, true),
            (over(31 * 86_400, None), true),
            (over(32 * 86_400, None), false),
            (over(3_600, Some(1)), false),
        ] {
            assert_eq!(check_times(times, at(0)).is_ok(), expected, "{times:?}");
        }
    }
}
