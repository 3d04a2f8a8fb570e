//! One question into one PromQL query, in the style of an instant query.

use jiff::Timestamp;

use super::{
    Language,
    built::{Answers, Built},
};
use crate::wanted::{Length, Periods, Wanted};
use crate::{
    Bounds, Catalog, CheckError, PlanError, Question, Settings, Translation, check,
    metric::answerable, promql::Expression, text::enumerate,
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
    let mut wanted = Wanted::read(question, now);
    let notes: Vec<String> = shorten(&mut wanted.periods, &settings.bounds).into_iter().collect();
    let answers = Answers::find(&wanted, catalog);
    for built in answers.built() {
        let refusal = match passes(&built.expression, catalog, settings) {
            Ok(query) => return Ok(translation(&wanted, built, query, notes)),
            Err(error) => error,
        };
        // Too many rows to show each: the ones that tell things apart are kept.
        if let (CheckError::Unselective { .. }, Some(fewer)) = (&refusal, &built.fewer_rows)
            && let Ok(query) = passes(fewer, catalog, settings)
        {
            return Ok(translation(&wanted, built, query, notes));
        }
    }
    let nearest = answers.nearest();
    // What can be answered at all is said only where nothing is near.
    let answerable = if nearest.is_empty() { answerable(catalog) } else { Vec::new() };
    Err(PlanError::UnknownMetric { asked: question.text.trim().to_owned(), nearest, answerable })
}

/// Holds the periods to what a query may reach back, and says so.
fn shorten(periods: &mut Periods, bounds: &Bounds) -> Option<String> {
    let mut shortened = false;
    let mut hold = |length: &mut Length, max_s: i64| {
        if length.seconds > max_s {
            *length = Length::of(max_s);
            shortened = true;
        }
    };
    let reach_s = bounds.max_lookback_s - bounds.max_range_s;
    periods.windows.iter_mut().for_each(|window| hold(window, bounds.max_range_s));
    periods.ended.iter_mut().chain(&mut periods.compared).for_each(|back| hold(back, reach_s));
    let days = bounds.max_range_s / 86_400;
    shortened.then(|| format!("The period is longer than can be read; I look at {days} days."))
}

fn passes(
    expression: &Expression,
    catalog: &Catalog,
    settings: &Settings,
) -> Result<String, CheckError> {
    let query = expression.to_string();
    check(&query, catalog, &settings.bounds).map(|_| query)
}

fn translation(wanted: &Wanted, built: Built, query: String, notes: Vec<String>) -> Translation {
    let metrics: Vec<String> = built.metrics.iter().map(|name| format!("`{name}`")).collect();
    let by = if built.by.is_empty() {
        String::new()
    } else {
        format!(" by {}", enumerate(&built.by, "and"))
    };
    let over =
        if wanted.has_window() { format!(" over {}", wanted.window().text) } else { String::new() };
    let explanation = format!("The {} from {}{by}{over}", built.what, enumerate(&metrics, "and"));
    Translation { language: Language::PromQl, query, explanation, notes }
}
