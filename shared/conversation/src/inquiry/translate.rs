//! A question as one query, which is checked and not run.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};
use model::{Classified, Entity, EntityKind, ErrorClass};
use module::ModuleError;
use nlp::{Problem, Reading};
use query::{
    Catalog, Catalogs, Language, LogCatalog, PlanError, Question, Settings, TraceCatalog,
    Translation, WithoutService,
};

use super::{Inquiry, standalone::standalone};
use crate::{records::Sources, turn::Turns};

/// A question as a query.
#[derive(Debug)]
pub struct Translated {
    pub translation: Translation,
    /// For reading the question, without the catalog.
    pub took: Duration,
    /// The moment at which it was read.
    pub(crate) now: Timestamp,
    /// What was understood, and what the query can read.
    pub(crate) reading: Reading,
    pub(crate) sources: Sources,
}

/// Why there is no query for a question.
#[derive(Debug, thiserror::Error)]
pub enum TranslateError {
    #[error("{} queries need the {source}, and none are connected; bring a catalog that has them, or ask in `promql`",
        .language.name(), source = source_of(*.language))]
    NotConnected { language: Language },
    /// It cannot be turned into a query as it stands; the sentence says what is missing.
    #[error(transparent)]
    Question(PlanError),
    /// The catalog could not be read.
    #[error(transparent)]
    Catalog(#[from] ModuleError),
}

impl Classified for TranslateError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::NotConnected { .. } => ErrorClass::Invalid,
            Self::Question(error) => match error.class() {
                // The address is there; what the question names is not.
                ErrorClass::NotFound => ErrorClass::Invalid,
                class => class,
            },
            Self::Catalog(error) => error.class(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Catalog(error) => error.retry_after(),
            _ => None,
        }
    }
}

impl Turns {
    /// The one query that answers a question; it was checked, and not run.
    pub async fn translate(
        &self,
        inquiry: &Inquiry<'_>,
        text: &str,
        language: Language,
    ) -> Result<Translated, TranslateError> {
        let (catalog, sources) =
            futures::join!(self.catalog_of(inquiry), self.sources(inquiry, language));
        let sources = sources?;
        // Names help to read a question about logs; it can be read without.
        let catalog = catalog.ok();
        let brought = inquiry.catalog.as_ref().map(|brought| &brought.catalogs);
        if brought.is_some_and(|brought| !records(brought, language)) {
            return Err(TranslateError::NotConnected { language });
        }
        let widened = sources.vocabulary(catalog.as_deref());
        let vocabulary = widened.as_ref().or(catalog.as_ref().map(|catalog| &catalog.vocabulary));
        let now = self.clock.now();
        let (reading, took) = self.reading(inquiry, text, vocabulary, now);
        let translation = query_for(text, &reading, language, &sources, &inquiry.zone, now)
            .map_err(TranslateError::Question)?;
        Ok(Translated { translation, took, now, reading, sources })
    }
}

/// The one query that a question asks for, as it was read; it has passed the check of its language.
pub(crate) fn query_for(
    text: &str,
    reading: &Reading,
    language: Language,
    sources: &Sources,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<Translation, PlanError> {
    check_times(reading)?;
    let (said, understanding) = standalone(text, reading);
    let question = Question { text: &said, understanding: &understanding };
    let without_service =
        if reading.every_service { WithoutService::All } else { WithoutService::Ask };
    let settings = Settings { zone: zone.clone(), without_service, ..Settings::default() };
    let catalogs = sources.catalogs(reading);
    let mut translation = query::translate(language, &question, &catalogs, &settings, now)?;
    let services = match language {
        Language::PromQl => catalogs.metrics.services(),
        Language::LogQl | Language::TraceQl => sources.services(),
    };
    let mut notes = notes(reading, &translation.query)?;
    if let Some(name) = left_out(reading, &translation.query, services) {
        return Err(unknown(language, name, services, &catalogs.metrics));
    }
    translation.notes.append(&mut notes);
    Ok(translation)
}

/// Whether there is anything that a query of the language could read. Metrics say so themselves.
fn records(catalogs: &Catalogs, language: Language) -> bool {
    match language {
        Language::PromQl => true,
        Language::LogQl => *catalogs.logs != LogCatalog::default(),
        Language::TraceQl => *catalogs.traces != TraceCatalog::default(),
    }
}

fn source_of(language: Language) -> &'static str {
    match language {
        Language::PromQl => "metrics",
        Language::LogQl => "logs",
        Language::TraceQl => "traces",
    }
}

/// A period that does not exist leaves nothing to ask for.
fn check_times(reading: &Reading) -> Result<(), PlanError> {
    reading.problems.iter().try_for_each(|problem| match problem {
        Problem::Time { text, reason, .. } => {
            Err(PlanError::Unsupported(format!("“{text}”: {reason}")))
        }
        Problem::AmbiguousService { .. } => Ok(()),
    })
}

/// What is to be said beside the query, or why it may not stand: of several services none is
/// picked.
fn notes(reading: &Reading, query: &str) -> Result<Vec<String>, PlanError> {
    let mut notes = Vec::new();
    for problem in &reading.problems {
        let Problem::AmbiguousService { text, candidates, .. } = problem else { continue };
        if candidates.iter().filter(|name| mentions(query, name)).count() < 2 {
            let candidates = candidates.clone();
            return Err(PlanError::AmbiguousService { name: text.clone(), candidates });
        }
        let names: Vec<String> = candidates.iter().map(|name| format!("`{name}`")).collect();
        notes.push(format!("“{text}” could be any of {}.", names.join(", ")));
    }
    Ok(notes)
}

/// Says that there is no such service, and which there are.
fn unknown(language: Language, name: &str, services: &[String], metrics: &Catalog) -> PlanError {
    let (name, known) = (name.to_owned(), services.to_vec());
    match language {
        Language::PromQl => {
            let nearest = metrics.nearest_services(&name);
            PlanError::UnknownService { name, nearest, known_services: known }
        }
        Language::LogQl => {
            PlanError::NotInLogs { what: "service", name, nearest: Vec::new(), known }
        }
        Language::TraceQl => PlanError::UnknownAttribute {
            asked: format!("the service `{name}`"),
            nearest: Vec::new(),
            known_attributes: known,
        },
    }
}

/// A service that a query leaves out, although the words are sure to name one: what it yields would
/// be that of other services. Where no services are known, none is missed.
fn left_out<'a>(reading: &'a Reading, query: &str, known: &[String]) -> Option<&'a str> {
    let is_sure = |words: &str| {
        let words = words.to_lowercase();
        words.contains(['-', '_']) || words.ends_with("service") || words.ends_with("svc")
    };
    let services =
        reading.understanding.entities.iter().filter(|entity| entity.kind == EntityKind::Service);
    services
        .filter(|entity| is_sure(&entity.text))
        .filter_map(Entity::as_text)
        .find(|name| !known.is_empty() && !mentions(query, name))
}

/// Whether a query names a service, apart from case, separators and a trailing "service".
fn mentions(query: &str, name: &str) -> bool {
    let (query, name) = (key(query), key(name));
    let stem = ["service", "svc"].iter().find_map(|word| name.strip_suffix(word));
    query.contains(stem.filter(|stem| !stem.is_empty()).unwrap_or(&name))
}

/// The form in which names are compared.
pub(super) fn key(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_mentioned_in_any_spelling() {
        for (query, name, expected) in [
            ("sum(rate(x{service=\"payment\"}[5m]))", "payment", true),
            ("sum(rate(x{service=\"order-service\"}[5m]))", "order", true),
            ("sum(rate(x{app=\"UserProfile\"}[5m]))", "user-profile-service", true),
            ("redis_memory_used_bytes", "redis", true),
            ("sum(rate(x[5m]))", "payment", false),
            ("sum(rate(x[5m]))", "service", false),
        ] {
            assert_eq!(mentions(query, name), expected, "{query} {name}");
        }
    }
}
