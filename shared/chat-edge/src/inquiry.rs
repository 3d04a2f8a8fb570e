//! Texts that are read and not answered: their requests, checked, and what is said of them.

use contract::{
    nlp::{
        Alternative, CatalogNames, MAX_CATALOG_NAME_CHARS, MAX_CATALOG_NAMES, Problem, Understand,
        Understood,
    },
    query::{TranslateQuery, TranslatedQuery},
};
use conversation::inquiry::{TranslateError, Understood as DomainUnderstood};
use jiff::tz::TimeZone;
use kit::{Error, FieldProblem, Request};
use model::{Classified, ErrorClass, SessionId, public_message};
use module::ModuleError;
use nlp::{Reading, Vocabulary};
use query::{Language, Translation};

use crate::{
    input::{check_text, parsed, session_id, zone},
    wire::entities,
};

const QUESTION: &str = "natural_language";
const LANGUAGES: [Language; 3] = [Language::PromQl, Language::LogQl, Language::TraceQl];

/// A text to understand.
#[derive(Debug)]
pub struct ReadInquiry {
    pub text: String,
    pub session: Option<SessionId>,
    /// In the place of the tenant's own names.
    pub vocabulary: Option<Vocabulary>,
    pub zone: TimeZone,
}

impl ReadInquiry {
    pub fn of(request: &Request) -> Result<Self, Error> {
        let body: Understand = request.json()?;
        let mut problems = Vec::new();
        check_text("text", &body.text, &mut problems);
        let zone = zone(body.time_zone.as_deref(), &mut problems);
        if let Some(catalog) = &body.catalog {
            check_names("catalog.services", &catalog.services, &mut problems);
            check_names("catalog.versions", &catalog.versions, &mut problems);
            check_names("catalog.environments", &catalog.environments, &mut problems);
        }
        if !problems.is_empty() {
            return Err(Error::fields(problems));
        }
        let session = session_id(body.session_id.as_deref())?;
        let vocabulary = body.catalog.map(|CatalogNames { services, versions, environments }| {
            Vocabulary::new(services, versions, environments)
        });
        Ok(Self { text: body.text, session, vocabulary, zone })
    }
}

/// Looking a text's words up takes time for each name, so their number has a limit.
fn check_names(field: &str, names: &[String], problems: &mut Vec<FieldProblem>) {
    if names.len() > MAX_CATALOG_NAMES {
        let message = format!("{field} has more than {MAX_CATALOG_NAMES} names");
        problems.push(FieldProblem::new(field, "max_items", message));
    }
    if names.iter().any(|name| name.chars().nth(MAX_CATALOG_NAME_CHARS).is_some()) {
        let message = format!("{field} has a name longer than {MAX_CATALOG_NAME_CHARS} characters");
        problems.push(FieldProblem::new(field, "max_length", message));
    }
}

/// A question to turn into a query.
#[derive(Debug)]
pub struct ReadTranslation {
    pub text: String,
    pub language: Language,
    pub zone: TimeZone,
}

impl ReadTranslation {
    pub fn of(request: &Request) -> Result<Self, Error> {
        let body: TranslateQuery = request.json()?;
        let mut problems = Vec::new();
        check_text(QUESTION, &body.natural_language, &mut problems);
        let language = parsed(Some(&body.language), "language", &mut problems, language);
        let zone = zone(body.time_zone.as_deref(), &mut problems);
        match language {
            Some(language) if problems.is_empty() => {
                Ok(Self { text: body.natural_language, language, zone })
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

/// The answer to `POST /nlp/understand`.
pub fn understood(understood: &DomainUnderstood) -> Understood {
    let DomainUnderstood { reading, without_catalog, took: _ } = understood;
    let Reading { understanding, task, guesses, implied, problems, every_service: _ } = reading;
    let intent = understanding.intent;
    let alternatives = guesses
        .iter()
        .filter(|(other, _)| *other != intent)
        .map(|(other, confidence)| Alternative {
            intent: other.name().to_owned(),
            confidence: *confidence,
        })
        .collect();
    Understood {
        intent: intent.name().to_owned(),
        family: intent.family().name().to_owned(),
        confidence: understanding.confidence,
        alternatives,
        task: task.name().to_owned(),
        entities: entities(&understanding.entities),
        implied: entities(implied),
        problems: without_catalog
            .iter()
            .map(unavailable)
            .chain(problems.iter().map(problem))
            .collect(),
    }
}

fn unavailable(error: &ModuleError) -> Problem {
    Problem {
        kind: "catalog_unavailable".to_owned(),
        text: String::new(),
        reason: Some(public_message(error)),
        candidates: None,
    }
}

fn problem(problem: &nlp::Problem) -> Problem {
    match problem {
        nlp::Problem::Time { text, reason, .. } => Problem {
            kind: "time".to_owned(),
            text: text.clone(),
            reason: Some(reason.clone()),
            candidates: None,
        },
        nlp::Problem::AmbiguousService { text, candidates, .. } => Problem {
            kind: "ambiguous_service".to_owned(),
            text: text.clone(),
            reason: None,
            candidates: Some(candidates.clone()),
        },
    }
}

/// The answer to `POST /queries/translate`. What the question lacks is said of its field.
pub fn translated(
    translation: Result<Translation, TranslateError>,
) -> Result<TranslatedQuery, Error> {
    match translation {
        Ok(Translation { language, query, explanation, notes }) => {
            Ok(TranslatedQuery { query, language: language.name().to_owned(), explanation, notes })
        }
        Err(error @ TranslateError::NotConnected(_)) => Err(field("language", "connected", &error)),
        Err(error @ TranslateError::Question(_)) if error.class() == ErrorClass::Invalid => {
            Err(field(QUESTION, "answerable", &error))
        }
        Err(error) => Err(error.into()),
    }
}

fn field(name: &str, constraint: &'static str, error: &TranslateError) -> Error {
    Error::fields(vec![FieldProblem::new(name, constraint, public_message(error))])
}
