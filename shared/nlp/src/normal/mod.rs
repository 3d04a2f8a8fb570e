//! What the words of an entity mean, once it is known where it stands and of what kind it is: its
//! normalised value, by the rules of the taxonomy.

mod measure;
mod name;
pub(crate) mod schedule;

use std::ops::Range;

use model::{EntityKind, EntityValue};

use crate::{entities::environment::canonical, scan::Scan};

/// The normalised value of the tokens as an entity of the kind; `None` where they cannot be one.
pub(crate) fn value(scan: &Scan, kind: EntityKind, tokens: Range<usize>) -> Option<EntityValue> {
    let written = scan.slice(tokens.clone());
    let text = match kind {
        EntityKind::Threshold => return measure::threshold(scan, tokens),
        EntityKind::Quantity => return measure::quantity(scan, tokens),
        EntityKind::Duration => return measure::duration(scan, tokens),
        EntityKind::RequiresApproval => return Some(EntityValue::Said),
        EntityKind::Schedule => schedule::cron(scan, tokens).unwrap_or_else(|| written.to_owned()),
        EntityKind::Service if name::is_dimension(written) => return None,
        EntityKind::Service => name::service(written),
        EntityKind::Metric => name::metric(scan, tokens),
        EntityKind::Aggregation => name::aggregation(scan, tokens)?,
        EntityKind::Environment => {
            canonical(&name::bare(written, name::ENVIRONMENT_WORDS).to_lowercase()).to_owned()
        }
        EntityKind::Version => name::bare(written, name::VERSION_WORDS).to_owned(),
        EntityKind::Severity => name::severity(scan, tokens)?,
        EntityKind::IncidentStatus => name::incident_status(scan, tokens)?,
        EntityKind::LogLevel => name::log_level(scan, tokens)?,
        EntityKind::HttpStatus => name::http_status(scan, tokens)?,
        EntityKind::ErrorCode => name::error_code(written),
        EntityKind::Endpoint => name::bare(written, name::ENDPOINT_WORDS).to_owned(),
        EntityKind::User => name::user(written),
        EntityKind::Team => name::slug(name::bare(written, name::TEAM_WORDS)),
        EntityKind::WorkflowName => name::slug(name::bare(written, name::WORKFLOW_WORDS)),
        EntityKind::Region
        | EntityKind::Cluster
        | EntityKind::Namespace
        | EntityKind::Pod
        | EntityKind::Container
        | EntityKind::Host
        | EntityKind::TraceId
        | EntityKind::SpanId
        | EntityKind::IncidentId
        | EntityKind::WorkflowId => name::bare(written, name::PLACE_WORDS).to_owned(),
        EntityKind::TimeRange
        | EntityKind::CodeSymbol
        | EntityKind::FilePath
        | EntityKind::Language
        | EntityKind::TestFramework => written.to_owned(),
    };
    (!text.is_empty()).then_some(EntityValue::Text(text))
}
