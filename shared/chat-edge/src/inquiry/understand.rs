//! Texts to understand.

use std::sync::Arc;

use contract::nlp::{Alternative, Problem, Understand, Understood};
use conversation::{TenantCatalog, inquiry::Understood as DomainUnderstood};
use jiff::tz::TimeZone;
use kit::{Error, Request};
use model::{SessionId, public_message};
use module::ModuleError;
use nlp::Reading;

use super::catalog;
use crate::{
    input::{check_text, session_id, zone},
    wire::entities,
};

/// A text to understand.
#[derive(Debug)]
pub struct ReadInquiry {
    pub text: String,
    pub session: Option<SessionId>,
    /// In the place of what the tenant's own systems record.
    pub catalog: Option<Arc<TenantCatalog>>,
    pub zone: TimeZone,
}

impl ReadInquiry {
    pub fn of(request: &Request) -> Result<Self, Error> {
        let body: Understand = request.json()?;
        let mut problems = Vec::new();
        check_text("text", &body.text, &mut problems);
        let zone = zone(body.time_zone.as_deref(), &mut problems);
        let catalog = catalog::read(body.catalog, &mut problems);
        if !problems.is_empty() {
            return Err(Error::fields(problems));
        }
        let session = session_id(body.session_id.as_deref())?;
        Ok(Self { text: body.text, session, catalog, zone })
    }
}

/// The answer to `POST /nlp/understand`.
pub fn understood(understood: &DomainUnderstood) -> Understood {
    let DomainUnderstood { reading, without_catalog, took: _ } = understood;
    let Reading {
        understanding,
        task,
        guesses,
        implied,
        problems,
        every_service: _,
        corrections: _,
    } = reading;
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
