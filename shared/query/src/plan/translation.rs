//! One question into one PromQL query, in the style of an instant query.

use jiff::Timestamp;

use super::{
    Language,
    built::{Built, build},
};
use crate::wanted::Wanted;
use crate::{
    Catalog, CheckError, PlanError, Question, Settings, Translation, check, metric::answerable,
    promql::Expression, text::enumerate,
};

/// The query that answers a question; it has passed the check.
pub(super) fn translate(
    question: &Question<'_>,
    catalog: &Catalog,
    settings: &Settings,
    now: Timestamp,
) -> Result<Translation, PlanError> {
    if catalog.is_empty() {
        return Err(PlanError::Unsupported(
            "No metrics are known: the catalog is empty. Check that metrics are connected."
                .to_owned(),
        ));
    }
    let wanted = Wanted::read(question, now);
    let built = build(&wanted, catalog);
    let mut refused = None;
    for built in built {
        let refusal = match passes(&built.expression, catalog, settings) {
            Ok(query) => return Ok(translation(&wanted, built, query)),
            Err(error) => error,
        };
        // Too many rows to show each: the ones that tell things apart are kept.
        if let (CheckError::Unselective { .. }, Some(fewer)) = (&refusal, &built.fewer_rows)
            && let Ok(query) = passes(fewer, catalog, settings)
        {
            return Ok(translation(&wanted, built, query));
        }
        refused = refused.or(Some(refusal));
    }
    match refused {
        Some(error) => Err(PlanError::Rejected(error)),
        None => Err(unknown(question, catalog)),
    }
}

fn passes(
    expression: &Expression,
    catalog: &Catalog,
    settings: &Settings,
) -> Result<String, CheckError> {
    let query = expression.to_string();
    check(&query, catalog, &settings.bounds).map(|_| query)
}

fn translation(wanted: &Wanted, built: Built, query: String) -> Translation {
    let metrics: Vec<String> = built.metrics.iter().map(|name| format!("`{name}`")).collect();
    let by = if built.by.is_empty() {
        String::new()
    } else {
        format!(" by {}", enumerate(&built.by, "and"))
    };
    let over =
        if wanted.has_window() { format!(" over {}", wanted.window().text) } else { String::new() };
    let explanation = format!("The {} from {}{by}{over}", built.what, enumerate(&metrics, "and"));
    Translation { language: Language::PromQl, query, explanation, notes: Vec::new() }
}

fn unknown(question: &Question<'_>, catalog: &Catalog) -> PlanError {
    PlanError::UnknownMetric {
        asked: question.text.trim().to_owned(),
        nearest: Vec::new(),
        answerable: answerable(catalog),
    }
}
