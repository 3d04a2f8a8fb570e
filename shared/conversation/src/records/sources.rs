//! What the queries of a language can read, as far as a question needs it.

use std::{borrow::Cow, sync::Arc};

use model::{Entity, EntityKind};
use module::ModuleError;
use nlp::{Reading, Vocabulary};
use query::{
    Bounds, Catalog, Catalogs, CheckError, Indexed, Language, LogCatalog, Samples, TraceCatalog,
};

use crate::{catalog::TenantCatalog, inquiry::Inquiry, log_sources::LogSources, turn::Turns};

const NOTHING: [&str; 0] = [];
/// The attribute that names the service of a span, by OpenTelemetry's conventions.
const SERVICE_ATTRIBUTE: &str = "resource.service.name";

/// What a tenant's systems record that a language queries.
#[derive(Debug)]
pub(crate) enum Sources {
    /// The metrics; or everything, where it came with an inquiry.
    Whole(Arc<TenantCatalog>),
    Logs(Arc<LogSources>),
    Traces(Arc<Indexed<TraceCatalog>>),
}

/// What is known of a query that may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checked {
    pub(crate) yields: Yields,
    /// The metrics, labels or attributes that it reads.
    pub(crate) names: Vec<String>,
}

/// What a query comes back with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Yields {
    Numbers {
        /// How far back of its evaluation it reads, where the query itself says so alone.
        lookback_s: Option<i64>,
    },
    /// Lines or traces.
    Records,
}

impl Turns {
    /// What a query of the language can read: the catalog that came with the inquiry, else what the
    /// tenant's own system says.
    pub(crate) async fn sources(
        &self,
        inquiry: &Inquiry<'_>,
        language: Language,
    ) -> Result<Sources, ModuleError> {
        let Inquiry { tenant, request_id, traceparent, .. } = inquiry;
        if let Some(brought) = &inquiry.catalog {
            return Ok(Sources::Whole(Arc::clone(brought)));
        }
        Ok(match language {
            Language::PromQl => Sources::Whole(self.catalog_of(inquiry).await?),
            Language::LogQl => Sources::Logs(
                self.catalogs.logs.get(tenant, request_id, *traceparent).await?.catalog,
            ),
            Language::TraceQl => Sources::Traces(
                self.catalogs.traces.get(tenant, request_id, *traceparent).await?.catalog,
            ),
        })
    }
}

impl Sources {
    /// The services that these record, which a question may name.
    pub(crate) fn services(&self) -> &[String] {
        match self {
            Self::Whole(_) => &[],
            Self::Logs(logs) => logs.services(),
            Self::Traces(traces) => {
                traces.attributes.get(SERVICE_ATTRIBUTE).map_or(&[], Samples::values)
            }
        }
    }

    /// The vocabulary of a catalog and of these, where these record services that it has not.
    pub(crate) fn vocabulary(&self, catalog: Option<&TenantCatalog>) -> Option<Vocabulary> {
        let services = self.services();
        match catalog {
            Some(catalog) => catalog.widened(services),
            None if services.is_empty() => None,
            None => Some(Vocabulary::new(services, NOTHING, NOTHING)),
        }
    }

    /// What a question is translated with: of the logs, what the services write that it names.
    pub(crate) fn catalogs(&self, reading: &Reading) -> Cow<'_, Catalogs> {
        match self {
            Self::Whole(catalog) => Cow::Borrowed(&catalog.catalogs),
            Self::Logs(logs) => {
                let logs = logs.of(&self.named(reading));
                Cow::Owned(Catalogs { logs, ..Catalogs::default() })
            }
            Self::Traces(traces) => {
                Cow::Owned(Catalogs { traces: Indexed::clone(traces), ..Catalogs::default() })
            }
        }
    }

    /// Holds a query to what there is and to the bounds.
    pub(crate) fn check(
        &self,
        language: Language,
        query: &str,
        bounds: &Bounds,
    ) -> Result<Checked, CheckError> {
        let (yields, names) = match language {
            Language::PromQl => {
                let checked = query::check(query, self.metrics().as_ref(), bounds)?;
                (Yields::Numbers { lookback_s: None }, checked.metrics)
            }
            Language::LogQl => {
                let checked = query::check_logql(query, self.logs().as_ref(), bounds)?;
                let lookback_s = Some(checked.lookback_s);
                let numbers = checked.numbers;
                (
                    if numbers { Yields::Numbers { lookback_s } } else { Yields::Records },
                    checked.labels,
                )
            }
            Language::TraceQl => {
                let checked = query::check_traceql(query, self.traces().as_ref(), bounds)?;
                let numbers = Yields::Numbers { lookback_s: None };
                (if checked.is_metric { numbers } else { Yields::Records }, checked.attributes)
            }
        };
        Ok(Checked { yields, names })
    }

    fn metrics(&self) -> Cow<'_, Catalog> {
        match self {
            Self::Whole(catalog) => Cow::Borrowed(&catalog.catalogs.metrics),
            Self::Logs(_) | Self::Traces(_) => Cow::Owned(Catalog::default()),
        }
    }

    fn logs(&self) -> Cow<'_, LogCatalog> {
        match self {
            Self::Whole(catalog) => Cow::Borrowed(&catalog.catalogs.logs),
            Self::Logs(logs) => Cow::Borrowed(&logs.all),
            Self::Traces(_) => Cow::Owned(LogCatalog::default()),
        }
    }

    fn traces(&self) -> Cow<'_, TraceCatalog> {
        match self {
            Self::Whole(catalog) => Cow::Borrowed(&catalog.catalogs.traces),
            Self::Traces(traces) => Cow::Borrowed(traces),
            Self::Logs(_) => Cow::Owned(TraceCatalog::default()),
        }
    }

    /// The services of the question that these record.
    fn named<'a>(&self, reading: &'a Reading) -> Vec<&'a str> {
        let entities = reading.understanding.entities.iter();
        entities
            .filter(|entity| entity.kind == EntityKind::Service)
            .filter_map(Entity::as_text)
            .filter(|name| self.services().iter().any(|known| known == name))
            .collect()
    }
}
