//! From a question to a TraceQL query, grounded in what the catalog says exists.
//!
//! [`Reader`] reads the question against the attributes of the catalog; [`spans`] adds what only
//! spans have (kinds, failures, roots), [`structure`] tells which condition belongs to which set
//! of spans, and [`build`] makes a tree of it, which prints itself. [`super::check`] has the last
//! word.

mod build;
mod either;
mod explain;
mod phrases;
mod spans;
mod structure;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::Timestamp;

use super::{TraceCatalog, check};
use crate::{
    CheckError, Indexed, Language, PlanError, Question, Settings, Translation,
    records::{Known, Part, Reader, Schema, Signal},
};

/// The query that answers a question about traces; it has passed the check.
///
/// The period is not in the query: whoever runs it sends it along.
pub(crate) fn translate(
    question: &Question<'_>,
    catalog: &Indexed<TraceCatalog>,
    settings: &Settings,
    now: Timestamp,
) -> Result<Translation, PlanError> {
    if catalog.attributes.is_empty() {
        return Err(PlanError::Unsupported(
            "No attributes of traces are known: the catalog is empty. Check that traces are \
             connected."
                .to_owned(),
        ));
    }
    let schema = catalog.schema(schema);
    let mut reader = Reader::new(Signal::Traces, *question, schema, now);
    let demands = spans::read(&mut reader);
    let structure = structure::read(&reader, &demands);
    let either = either::read(&reader, &demands);
    let ask = reader.ask(settings)?;
    let query = build::build(&ask, &demands, &structure, &either, schema).to_string();
    check(&query, catalog, &settings.bounds).map_err(refused)?;
    let explanation = explain::explain(&ask, &demands, &structure, &either, schema);
    Ok(Translation { language: Language::TraceQl, query, explanation, notes: Vec::new() })
}

/// What there is of a type of two values, sampled or not.
static BOOLEANS: LazyLock<[String; 2]> = LazyLock::new(|| ["false", "true"].map(ToOwned::to_owned));

/// What spans have.
fn schema(catalog: &TraceCatalog) -> Schema {
    const NONE: &[String] = &[];
    let attributes = catalog.attributes.iter().map(|(name, samples)| {
        let (scope, said) = name.split_once('.').unwrap_or(("span", name));
        let part = if scope == "resource" { Part::Source } else { Part::Record };
        Known {
            name,
            written: name.clone(),
            said,
            part,
            values: match samples.kind() {
                Some("bool" | "boolean") => BOOLEANS.as_slice(),
                _ => samples.values(),
            },
            kind: samples.kind(),
            after: None,
        }
    });
    let usual = ["duration", "name"].into_iter();
    let usual = usual.filter(|name| catalog.intrinsics.iter().all(|known| known != name));
    let intrinsics = catalog.intrinsics.iter().map(String::as_str).chain(usual).map(|name| Known {
        name,
        written: name.to_owned(),
        said: name,
        part: Part::Intrinsic,
        values: NONE,
        kind: name.to_lowercase().ends_with("duration").then_some("duration"),
        after: None,
    });
    Schema::new(attributes.chain(intrinsics).collect())
}

/// A question can hold more than a query may; anything else is a mistake of ours.
fn refused(error: CheckError) -> PlanError {
    match error {
        CheckError::TooLong { .. } => PlanError::Unsupported(
            "That is too much for one query; ask for less at a time.".to_owned(),
        ),
        other => PlanError::Rejected(other),
    }
}
