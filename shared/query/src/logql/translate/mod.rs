//! From a question to a LogQL query, grounded in what the catalog says exists.
//!
//! [`Reader`] reads the question against the labels and fields of the catalog; [`build`] makes a
//! tree of what is asked, which prints itself; [`super::check`] has the last word.

mod build;
mod explain;
mod format;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

use super::{catalog::LogCatalog, check::check, parse::is_label};
use crate::{
    CheckError, Indexed, Language, PlanError, Question, Settings, Translation,
    records::{Known, Part, Reader, Schema, Signal},
};

/// The query that answers a question about logs; it has passed the check.
///
/// A question for lines becomes a selector with filters, whose period the request carries; any
/// other has its period in it.
pub(crate) fn translate(
    question: &Question<'_>,
    catalog: &Indexed<LogCatalog>,
    settings: &Settings,
    now: Timestamp,
) -> Result<Translation, PlanError> {
    if catalog.labels.is_empty() {
        return Err(PlanError::Unsupported(
            "No log streams are known: the catalog is empty. Check that logs are connected."
                .to_owned(),
        ));
    }
    let schema = catalog.schema(schema);
    let (parsing, _) = format::stages_of(&catalog.line_format);
    let ask = Reader::new(Signal::Logs, *question, schema, now).ask(settings)?;
    let query = build::build(&ask, schema, &parsing)?.to_string();
    check(&query, catalog, &settings.bounds).map_err(refused)?;
    let explanation = explain::explain(&ask, schema);
    Ok(Translation { language: Language::LogQl, query, explanation, notes: Vec::new() })
}

/// What lines have.
fn schema(catalog: &LogCatalog) -> Schema {
    let (parsing, pattern) = format::stages_of(&catalog.line_format);
    let mut known: Vec<Known<'_>> = Vec::new();
    for (name, values) in &catalog.labels {
        known.push(Known {
            name,
            written: name.clone(),
            said: name,
            part: Part::Source,
            values,
            kind: None,
            after: None,
        });
    }
    for (name, samples) in &catalog.fields {
        let written = sanitised(name);
        if parsing.is_empty() || !is_label(&written) {
            continue;
        }
        known.push(Known {
            name,
            written,
            said: name,
            part: Part::Record,
            values: samples.values(),
            kind: samples.kind(),
            after: pattern.as_deref().and_then(|pattern| format::literal_after(pattern, name)),
        });
    }
    Schema::new(known)
}

/// Parsers make underscores of what is no letter or digit.
fn sanitised(name: &str) -> String {
    let mut label: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if label.starts_with(|c: char| c.is_ascii_digit()) {
        label.insert(0, '_');
    }
    label
}

/// A question can hold more than a query may; anything else is a mistake of ours.
fn refused(error: CheckError) -> PlanError {
    match error {
        CheckError::TooLong { .. } | CheckError::PatternTooLong { .. } => PlanError::Unsupported(
            "That is too much text to look for in one query; ask for less at a time.".to_owned(),
        ),
        CheckError::RangeTooLong { range_s, max_s } => PlanError::RangeTooLong { range_s, max_s },
        other => PlanError::Rejected(other),
    }
}
