//! From a question to TraceQL, grounded in what the catalog says exists.
//!
//! The words are read from the sure to the vague: ids and codes, values of the catalog, names of
//! its attributes, states, numbers, and how the parts of the question stand to one another. Nothing
//! here knows a service or an attribute; what a query names came from the catalog or is an
//! intrinsic of TraceQL. A question's period is no part of a query: it goes with the request.

mod build;
mod conditions;
mod entities;
mod explain;
mod ground;
mod groups;
mod limits;
mod measure;
mod metrics;
mod naming;
mod recorded;
mod refusal;
mod roots;
mod selection;
mod structure;
mod synonyms;
#[cfg(test)]
mod tests;
mod words;

use jiff::Timestamp;

use self::{
    conditions::Reader,
    ground::{Ground, SURE},
    metrics::Rank,
};
use super::{
    TraceCatalog,
    ast::{Pipeline, Query, Reference},
    check::check,
};
use crate::{CheckError, Language, PlanError, Question, Settings, Translation};

/// Words that ask for a number over time and say little else.
const METRICS: &[&str] = &[
    "rate|rates",
    "throughput|rps|qps",
    "per|a|each second|sec",
    "how many",
    "number|count of",
    "p50|p75|p90|p95|p99|p999|median|percentile",
    "average|avg|mean|max|maximum|min|minimum",
    "distribution|histogram|heatmap",
    "how often",
    "over time",
    "trend",
];
const SUPERLATIVES: &[&str] = &[
    "most|least|slowest|fastest|highest|lowest",
    "worst|longest|shortest|busiest|biggest|largest",
];
/// Longer questions are read up to here.
const MAX_WORDS: usize = 200;

/// The query that answers a question about traces; it has passed [`check`].
pub(crate) fn translate(
    question: &Question<'_>,
    catalog: &TraceCatalog,
    settings: &Settings,
    _now: Timestamp,
) -> Result<Translation, PlanError> {
    let (query, notes) = built(question, catalog)?;
    let text = query.to_string();
    check(&text, catalog, &settings.bounds).map_err(|error| match error {
        // A question may well ask for more than is allowed.
        CheckError::TooLong { .. }
        | CheckError::TooDeep { .. }
        | CheckError::TooManySpansets { .. }
        | CheckError::PatternTooLong { .. } => {
            PlanError::Unsupported(format!("That asks for too much at once: {error}."))
        }
        error => PlanError::Rejected(error),
    })?;
    let explanation = explain::explanation(&query.pipeline);
    Ok(Translation { language: Language::TraceQl, query: text, explanation, notes })
}

/// The query as a tree, and what the person should know about how the question was read.
fn built(
    question: &Question<'_>,
    catalog: &TraceCatalog,
) -> Result<(Query, Vec<String>), PlanError> {
    if catalog.attributes.is_empty() && catalog.intrinsics.is_empty() {
        return Err(PlanError::Unsupported(
            "No traces are known: the catalog is empty. Check that traces are connected."
                .to_owned(),
        ));
    }
    let ground = Ground::new(catalog);
    let mut words = words::words(question.text);
    words.truncate(MAX_WORDS);
    let mut reader = Reader {
        taken: vec![false; words.len()],
        measures: measure::measures(&words),
        words,
        ground: &ground,
        conditions: Vec::new(),
        notes: Vec::new(),
    };
    let pipeline = read(&mut reader, question)?;
    Ok((Query { pipeline, hints: Vec::new() }, reader.notes))
}

/// Reads the question from the sure to the vague: each reader takes the words it understands from
/// those behind it.
fn read(reader: &mut Reader<'_, '_>, question: &Question<'_>) -> Result<Pipeline, PlanError> {
    for period in measure::periods(&reader.words) {
        reader.measures.retain(|it| it.words.end <= period.start || it.words.start >= period.end);
        reader.take(period);
    }
    let leaning = leaning(reader);
    let rank = reader.read_rank();
    let groups = rows(reader, &leaning, rank)?;
    let asked = reader.read_metric(!groups.is_empty(), rank);
    let selected = if asked.is_none() { reader.read_selection(&leaning) } else { Vec::new() };
    reader.read_conditions();
    reader.read_entities(question);
    reader.read_roots();
    let measured = asked.as_ref().map_or(&[][..], |asked| asked.words.as_slice());
    let limits = reader.read_limits(measured);
    reader.conditions.sort_by_key(|condition| condition.words.start);
    let special = reader.special_shape();
    let said = special.is_some() || asked.is_some() || !selected.is_empty() || !limits.is_empty();
    if reader.conditions.is_empty() && !said {
        refusal::unknown(reader, question)?;
    }
    refusal::unknown_service(reader)?;
    let is_metric = asked.is_some();
    let spansets = special.unwrap_or_else(|| reader.spansets(&reader.read_parts(is_metric)));
    Ok(build::assemble(spansets, &limits, groups, asked, rank, selected))
}

/// What the rows of the answer are told apart by.
fn rows(
    reader: &mut Reader<'_, '_>,
    leaning: &[String],
    rank: Option<Rank>,
) -> Result<Vec<Reference>, PlanError> {
    let hinted = reader.says(METRICS);
    let groups = reader.read_groups(leaning, hinted)?;
    if !groups.is_empty() {
        return Ok(groups);
    }
    let which = hinted || rank.is_some() || reader.says(SUPERLATIVES);
    let which = if which { reader.read_which(leaning) } else { None };
    let ranked = || rank.and_then(|_| reader.read_ranked(leaning));
    Ok(which.or_else(ranked).into_iter().collect())
}

/// The first words of the names of attributes that the question's words lead to: among attributes
/// that a name fits equally, those that belong together are meant.
fn leaning(reader: &Reader<'_, '_>) -> Vec<String> {
    let known = &reader.ground.known;
    let mut leaning = Vec::new();
    for word in reader.words.chunks(1) {
        let hits = reader.ground.hits(word).into_iter().filter(|hit| hit.strength > SURE);
        if !Ground::is_everyday(word) {
            leaning.extend(hits.filter_map(|hit| known[hit.known].first_stem().cloned()));
        }
        if known.iter().any(|known| known.first_stem() == Some(&word[0].stem)) {
            leaning.push(word[0].stem.clone());
        }
    }
    leaning
}
