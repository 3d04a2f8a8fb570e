//! What a text means and which query it asks for, without answering it: nothing is stored, nothing
//! is run.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::tz::TimeZone;
use model::{Classified, ErrorClass, TenantId};
use module::ModuleError;
use nlp::{Focus, MAX_CHARS, Moment, Problem, Reading, Vocabulary};
use query::{Language, PlanError, Question, Settings, Translation, WithoutService};

use crate::{catalog::TenantCatalog, session::Session, state, turn::Turns};

/// A text to read.
#[derive(Debug, Clone)]
pub struct Inquiry<'a> {
    pub tenant: &'a TenantId,
    /// Of a text longer than [`MAX_CHARS`] only the beginning is read.
    pub text: &'a str,
    /// The conversation that it would be said in.
    pub session: Option<&'a Session>,
    /// The speaker's.
    pub zone: TimeZone,
    pub request_id: &'a str,
    pub traceparent: Option<&'a str>,
}

/// How a text was read.
#[derive(Debug)]
pub struct Understood {
    pub reading: Reading,
    /// For reading it, without the catalog.
    pub took: Duration,
    /// Why the tenant's names were not there to read it with.
    pub without_catalog: Option<ModuleError>,
}

/// Why there is no query for a question.
#[derive(Debug, thiserror::Error)]
pub enum TranslateError {
    #[error("{} queries need the {}, which are not connected yet; `promql` can be asked for",
        .0.name(), source_of(*.0))]
    NotConnected(Language),
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
            Self::NotConnected(_) => ErrorClass::Invalid,
            Self::Question(error) => match error.class() {
                // The address is there; what the question names is not.
                ErrorClass::NotFound => ErrorClass::Invalid,
                class => class,
            },
            Self::Catalog(error) => error.class(),
        }
    }
}

fn source_of(language: Language) -> &'static str {
    match language {
        Language::PromQl => "metrics",
        Language::LogQl => "logs",
        Language::TraceQl => "traces",
    }
}

impl Turns {
    /// Reads the text as a turn would; with `vocabulary` in the place of the tenant's own names.
    pub async fn understand(
        &self,
        inquiry: &Inquiry<'_>,
        vocabulary: Option<&Vocabulary>,
    ) -> Understood {
        let (catalog, without_catalog) = match vocabulary {
            Some(_) => (None, None),
            None => match self.catalog_of(inquiry).await {
                Ok(catalog) => (Some(catalog), None),
                Err(error) => (None, Some(error)),
            },
        };
        let own = catalog.as_ref().map(|catalog| &catalog.vocabulary);
        let began = Instant::now();
        let reading = self.reading(inquiry, vocabulary.or(own));
        Understood { reading, took: began.elapsed(), without_catalog }
    }

    /// The one query that answers the text; it was checked, and not run.
    pub async fn translate(
        &self,
        inquiry: &Inquiry<'_>,
        language: Language,
    ) -> Result<Translation, TranslateError> {
        if language != Language::PromQl {
            return Err(TranslateError::NotConnected(language));
        }
        let catalog = self.catalog_of(inquiry).await?;
        let reading = self.reading(inquiry, Some(&catalog.vocabulary));
        let understanding = reading.to_act_on();
        let question = Question { text: beginning(inquiry.text), understanding: &understanding };
        let without_service =
            if reading.every_service { WithoutService::All } else { WithoutService::Ask };
        let zone = inquiry.zone.clone();
        let settings = Settings { zone, without_service, ..Settings::default() };
        let mut notes = notes(&reading.problems)?;
        let mut translation =
            query::translate(language, &question, &catalog.catalogs, &settings, self.clock.now())
                .map_err(TranslateError::Question)?;
        translation.notes.append(&mut notes);
        Ok(translation)
    }

    async fn catalog_of(&self, inquiry: &Inquiry<'_>) -> Result<Arc<TenantCatalog>, ModuleError> {
        let Inquiry { tenant, request_id, traceparent, .. } = inquiry;
        let found = self.catalogs.get(tenant, request_id, *traceparent).await?;
        Ok(found.catalog)
    }

    fn reading(&self, inquiry: &Inquiry<'_>, vocabulary: Option<&Vocabulary>) -> Reading {
        let state = inquiry.session.and_then(|session| session.state.as_deref());
        let moment = Moment { now: self.clock.now(), zone: &inquiry.zone };
        read(inquiry.text, vocabulary, &state::decode(state), &moment)
    }
}

/// Reads a text in its conversation. Without a vocabulary no names are known.
pub(crate) fn read(
    text: &str,
    vocabulary: Option<&Vocabulary>,
    focus: &Focus,
    moment: &Moment<'_>,
) -> Reading {
    let nothing_known = Vocabulary::default();
    let reading = nlp::understand(text, vocabulary.unwrap_or(&nothing_known), moment);
    nlp::resolve(reading, text, focus, moment)
}

/// What is to be said of the problems beside the query. A period that does not exist leaves nothing
/// to ask for.
fn notes(problems: &[Problem]) -> Result<Vec<String>, TranslateError> {
    problems
        .iter()
        .map(|problem| match problem {
            Problem::Time { text, reason, .. } => {
                Err(TranslateError::Question(PlanError::Unsupported(format!("“{text}”: {reason}"))))
            }
            Problem::AmbiguousService { text, candidates, .. } => {
                let names: Vec<String> =
                    candidates.iter().map(|name| format!("`{name}`")).collect();
                Ok(format!("“{text}” could be any of {}.", names.join(", ")))
            }
        })
        .collect()
}

/// As much of a text as is read.
fn beginning(text: &str) -> &str {
    text.char_indices().nth(MAX_CHARS).map_or(text, |(end, _)| &text[..end])
}
