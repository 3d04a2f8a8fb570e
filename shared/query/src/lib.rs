//! From what was understood, and the catalog of what a tenant's systems record, to bounded queries.
//!
//! [`plan`] never names a metric of its own: it ranks the catalog by words, kinds, units and
//! labels, builds the queries that the intent needs, and holds each of them to [`check`], which
//! also serves for queries that people and models write. This crate does no input or output, and
//! knows nothing of conversations or of how an answer reads.
//!
//! PromQL is the one language so far; [`Language`], [`Evaluation`] and [`Bounds`] are made for
//! siblings.

mod catalog;
mod error;
#[cfg(test)]
mod fixtures;
mod indexed;
mod logql;
mod metric;
mod plan;
mod promql;
mod question;
mod records;
mod result;
mod samples;
mod settings;
mod text;
mod traceql;
mod translate;
mod vocabulary;
mod wanted;

pub use self::catalog::{Catalog, Metadata};
pub use self::error::{CheckError, PlanError};
pub use self::indexed::Indexed;
pub use self::logql::{Checked as CheckedLogQl, LogCatalog, check as check_logql};
pub(crate) use self::plan::metric_translation;
pub use self::plan::{
    ALL_SERVICES, ComparedBy, Evaluation, Language, Limit, Period, Plan, PlannedQuery, Role, Shape,
    Subject, check_evaluation, plan,
};
pub use self::promql::{Checked, check};
pub use self::question::Question;
pub use self::result::{Point, QueryResult, ResultSeries, ResultType};
pub use self::samples::Samples;
pub use self::settings::{Bounds, Settings, WithoutService};
pub use self::traceql::{Checked as CheckedTraceQl, TraceCatalog, check as check_traceql};
pub use self::translate::{Catalogs, Translation, translate};
