//! Texts that are no messages: what they mean, which query they ask for, and what that query
//! yields. Nothing of it is stored.

mod run;
mod standalone;
mod translate;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::tz::TimeZone;
use model::TenantId;
use module::ModuleError;
use nlp::{Focus, Moment, Reading, Vocabulary};

pub use self::{
    run::{Asked, Ran, RunError, Times},
    translate::{TranslateError, Translated},
};
pub(crate) use self::{standalone::standalone, translate::query_for};
use crate::{catalog::TenantCatalog, session::Session, state, turn::Turns};

/// Who asks, and in which circumstances.
#[derive(Debug, Clone)]
pub struct Inquiry<'a> {
    pub tenant: &'a TenantId,
    /// The conversation that it would be said in.
    pub session: Option<&'a Session>,
    /// In the place of what the tenant's own systems record.
    pub catalog: Option<Arc<TenantCatalog>>,
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

impl Turns {
    /// Reads a text as a turn would. Of one longer than [`nlp::MAX_CHARS`] only the beginning is
    /// read.
    pub async fn understand(&self, inquiry: &Inquiry<'_>, text: &str) -> Understood {
        let (catalog, without_catalog) = match self.catalog_of(inquiry).await {
            Ok(catalog) => (Some(catalog), None),
            Err(error) => (None, Some(error)),
        };
        let vocabulary = catalog.as_ref().map(|catalog| &catalog.vocabulary);
        let (reading, took) = self.reading(inquiry, text, vocabulary);
        Understood { reading, took, without_catalog }
    }

    /// The catalog that came with the inquiry, else the tenant's own.
    pub(crate) async fn catalog_of(
        &self,
        inquiry: &Inquiry<'_>,
    ) -> Result<Arc<TenantCatalog>, ModuleError> {
        if let Some(brought) = &inquiry.catalog {
            return Ok(Arc::clone(brought));
        }
        let Inquiry { tenant, request_id, traceparent, .. } = inquiry;
        let found = self.catalogs.metrics.get(tenant, request_id, *traceparent).await?;
        Ok(found.catalog)
    }

    fn reading(
        &self,
        inquiry: &Inquiry<'_>,
        text: &str,
        vocabulary: Option<&Vocabulary>,
    ) -> (Reading, Duration) {
        let state = inquiry.session.and_then(|session| session.state.as_deref());
        let moment = Moment { now: self.clock.now(), zone: &inquiry.zone };
        let began = Instant::now();
        let reading = read(text, vocabulary, &state::decode(state), &moment);
        (reading, began.elapsed())
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
