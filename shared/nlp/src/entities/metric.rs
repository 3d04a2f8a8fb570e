//! Metrics that we know by name, with the percentile that belongs to them.

use std::{ops::Range, sync::LazyLock};

use model::EntityKind;

use crate::{
    entities::statistic::{percentile_at, percentiles},
    lexicon::{ASKED_METRICS, ERROR_RATE, IMPLIED_METRICS, LATENCY, METRICS, WEAK_METRICS, lists},
    phrases::Phrases,
    scan::Scan,
};

static NAMED: LazyLock<Phrases<&'static str>> = LazyLock::new(|| Phrases::new(METRICS));
static WEAK: LazyLock<Phrases<&'static str>> = LazyLock::new(|| Phrases::new(WEAK_METRICS));
static ASKED: LazyLock<Phrases<&'static str>> = LazyLock::new(|| Phrases::new(ASKED_METRICS));
static IMPLIED: LazyLock<Phrases<&'static str>> = LazyLock::new(|| Phrases::new(IMPLIED_METRICS));

/// What may stand between a percentile and the metric it belongs to: "p95 of the latency".
const GLUE: &str = "of the for at - _ ( in a on request http , :";
/// What may stand between two percentiles that share a metric: "p95 and p99 latency".
const LIST: &str = "and & / , + or vs versus plus the";
const MAX_GLUE: usize = 3;
/// "what share of requests to checkout failed".
const SHARES: &str = "portion percentage percent % share fraction proportion ratio rate pct";
const FAILING: &[&str] = &["fail", "error", "5xx", "unsuccessful", "blow"];

pub(crate) fn recognise(scan: &mut Scan) {
    let mut metrics = matches(scan, &NAMED);
    let ranks = percentiles(scan);
    let fails = (0..scan.len()).any(|at| speaks_of_failure(scan.word(at)));
    if metrics.is_empty() {
        metrics.extend(share_of_failures(scan));
    }
    if metrics.is_empty() && ranks.is_empty() && !fails && !scan.has(EntityKind::HttpStatus) {
        metrics = matches(scan, &WEAK);
    }
    take_all(scan, &metrics, &ranks);
    if metrics.is_empty() && ranks.is_empty() {
        let mut implied = matches(scan, &IMPLIED);
        if implied.is_empty() && matches!(scan.word(0), "is" | "are" | "was" | "were") {
            implied = matches(scan, &ASKED);
        }
        for (key, tokens) in implied {
            scan.take_text(EntityKind::Metric, key, tokens, 0.6);
        }
    }
}

fn matches(scan: &Scan, phrases: &Phrases<&'static str>) -> Vec<(&'static str, Range<usize>)> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < scan.len() {
        index = match phrases.longest_at(&scan.tokens, index) {
            Some((key, end)) if scan.all_free(index..end) => {
                found.push((key, index..end));
                end
            }
            _ => index + 1,
        };
    }
    found
}

/// A percentile beside a latency makes one metric of the two; alone it is an aggregation.
fn take_all(scan: &mut Scan, metrics: &[(&str, Range<usize>)], ranks: &[(String, Range<usize>)]) {
    let mut merged = vec![false; ranks.len()];
    for (key, tokens) in metrics {
        let own: Vec<usize> = if *key == LATENCY { belonging(scan, tokens, ranks) } else { vec![] };
        let mut whole = tokens.clone();
        for (position, &rank) in own.iter().enumerate() {
            merged[rank] = true;
            let (name, span) = &ranks[rank];
            let nearest = position + 1 == own.len();
            let span = if nearest {
                whole = whole.start.min(span.start)..whole.end.max(span.end);
                whole.clone()
            } else {
                span.clone()
            };
            scan.take_text(EntityKind::Metric, format!("{LATENCY}_{name}"), span, 0.97);
        }
        if own.is_empty() {
            scan.take_text(EntityKind::Metric, *key, tokens.clone(), 0.95);
        }
    }
    for ((name, tokens), merged) in ranks.iter().zip(merged) {
        if !merged && scan.all_free(tokens.clone()) {
            scan.take_text(EntityKind::Aggregation, name.clone(), tokens.clone(), 0.95);
        }
    }
}

/// The percentiles that belong to a latency, the nearest last.
fn belonging(scan: &Scan, metric: &Range<usize>, ranks: &[(String, Range<usize>)]) -> Vec<usize> {
    let mut own = Vec::new();
    let mut edge = metric.start;
    for (index, (_, tokens)) in ranks.iter().enumerate().rev() {
        let links = if own.is_empty() { GLUE } else { LIST };
        if tokens.end <= edge && linked(scan, tokens.end..edge, links) {
            own.insert(0, index);
            edge = tokens.start;
        }
    }
    if !own.is_empty() {
        return own;
    }
    let mut edge = metric.end;
    for (index, (_, tokens)) in ranks.iter().enumerate() {
        let links = if own.is_empty() { GLUE } else { LIST };
        if tokens.start >= edge && linked(scan, edge..tokens.start, links) {
            own.insert(0, index);
            edge = tokens.end;
        }
    }
    own
}

fn linked(scan: &Scan, between: Range<usize>, links: &str) -> bool {
    between.len() <= MAX_GLUE && between.into_iter().all(|at| lists(links, scan.word(at)))
}

fn share_of_failures(scan: &Scan) -> Option<(&'static str, Range<usize>)> {
    let share = (0..scan.len()).find(|&at| scan.is_free(at) && lists(SHARES, scan.word(at)))?;
    (share + 1..scan.len())
        .any(|at| speaks_of_failure(scan.word(at)))
        .then_some((ERROR_RATE, share..share + 1))
}

fn speaks_of_failure(word: &str) -> bool {
    FAILING.iter().any(|stem| word.starts_with(stem))
}

/// Whether the words at a token name a metric or a statistic.
pub(crate) fn begins_at(scan: &Scan, index: usize) -> bool {
    NAMED.longest_at(&scan.tokens, index).is_some() || percentile_at(scan, index).is_some()
}

/// Whether the token belongs to a metric that is found already.
pub(crate) fn is_metric(scan: &Scan, index: usize) -> bool {
    scan.tokens.get(index).is_some_and(|token| {
        scan.entities.iter().any(|entity| {
            entity.kind == EntityKind::Metric && entity.span.contains(&token.span.start)
        })
    })
}
