//! Questions to turn into queries.

use std::sync::Arc;

use contract::query::{TranslateQuery, TranslatedQuery};
use conversation::{
    TenantCatalog,
    inquiry::{TranslateError, Translated},
};
use jiff::tz::TimeZone;
use kit::{Error, FieldProblem, Request};
use model::{Classified, ErrorClass, SessionId, public_message};
use query::{Language, Translation};

use super::catalog;
use crate::input::{check_text, parsed, session_id, zone};

const TEXT: &str = "text";
const LANGUAGES: [Language; 3] = [Language::PromQl, Language::LogQl, Language::TraceQl];

/// A question to turn into a query.
#[derive(Debug)]
pub struct ReadTranslation {
    pub text: String,
    pub language: Language,
    pub session: Option<SessionId>,
    /// In the place of what the tenant's own systems record.
    pub catalog: Option<Arc<TenantCatalog>>,
    pub zone: TimeZone,
}

impl ReadTranslation {
    pub fn of(request: &Request) -> Result<Self, Error> {
        let body: TranslateQuery = request.json()?;
        let mut problems = Vec::new();
        check_text(TEXT, &body.text, &mut problems);
        let language = parsed(Some(&body.language), "language", &mut problems, language);
        let zone = zone(body.time_zone.as_deref(), &mut problems);
        let catalog = catalog::read(body.catalog, &mut problems);
        match language {
            Some(language) if problems.is_empty() => {
                let session = session_id(body.session_id.as_deref())?;
                Ok(Self { text: body.text, language, session, catalog, zone })
            }
            _ => Err(Error::fields(problems)),
        }
    }
}

fn language(name: &str) -> Result<Language, String> {
    LANGUAGES
        .into_iter()
        .find(|language| language.name() == name)
        .ok_or_else(|| "language must be `promql`, `logql` or `traceql`".to_owned())
}

/// The answer to `POST /queries/translate`. What the question lacks is said of its field.
pub fn translated(
    translated: Result<Translated, TranslateError>,
) -> Result<TranslatedQuery, Error> {
    match translated {
        Ok(Translated { translation, .. }) => {
            let Translation { language, query, explanation, notes } = translation;
            Ok(TranslatedQuery { query, language: language.name().to_owned(), explanation, notes })
        }
        Err(error) => Err(refusal(error, TEXT)),
    }
}

/// `text` is the field that has the question.
pub(super) fn refusal(error: TranslateError, text: &str) -> Error {
    let (field, constraint) = match &error {
        TranslateError::NotConnected { .. } => ("language", "connected"),
        TranslateError::Question(_) if error.class() == ErrorClass::Invalid => (text, "answerable"),
        _ => return error.into(),
    };
    Error::fields(vec![FieldProblem::new(field, constraint, public_message(&error))])
}
