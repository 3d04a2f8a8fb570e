//! One question into one query, in a language of the asker's choice.

use jiff::Timestamp;

use crate::{
    Catalog, Indexed, Language, LogCatalog, PlanError, Question, Settings, TraceCatalog, logql,
    traceql,
};

/// What a tenant's systems record.
#[derive(Debug, Clone, Default)]
pub struct Catalogs {
    pub metrics: Catalog,
    pub logs: Indexed<LogCatalog>,
    pub traces: Indexed<TraceCatalog>,
}

/// A query that answers a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Translation {
    pub language: Language,
    pub query: String,
    /// One line.
    pub explanation: String,
    /// What the person should know about how the question was read.
    pub notes: Vec<String>,
}

/// The query that answers a question; it has passed the check of its language.
pub fn translate(
    language: Language,
    question: &Question<'_>,
    catalogs: &Catalogs,
    settings: &Settings,
    now: Timestamp,
) -> Result<Translation, PlanError> {
    match language {
        Language::PromQl => crate::metric_translation(question, &catalogs.metrics, settings, now),
        Language::LogQl => logql::translate(question, &catalogs.logs, settings, now),
        Language::TraceQl => traceql::translate(question, &catalogs.traces, settings, now),
    }
}
