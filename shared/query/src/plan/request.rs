//! A question read against the catalog: services spelled as the data spells them, periods clamped
//! to what can have been measured, metrics split from their statistics.

use jiff::Timestamp;
use model::{Comparison, EntityKind, EntityValue, Intent, TimeRange, Understanding, Unit};

use super::{Period, Subject};
use crate::{
    Catalog, PlanError, Settings, WithoutService,
    metric::{Asked, Dimension, Filters, Scope, Statistic, StatusFilter},
    text::words,
};

/// The value of a service entity that stands for every service.
pub const ALL_SERVICES: &str = "*";

/// The most things that are put side by side.
const MAX_SERVICES: usize = 10;

/// `topk(5)` or `bottomk(5)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ranking {
    pub(crate) operator: &'static str,
    pub(crate) count: u32,
}

/// A threshold as it was said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Threshold {
    pub(crate) comparison: Comparison,
    pub(crate) value: f64,
    pub(crate) unit: Unit,
}

/// A question, resolved.
pub(crate) struct Request<'a> {
    pub(crate) intent: Intent,
    pub(crate) catalog: &'a Catalog,
    pub(crate) settings: &'a Settings,
    pub(crate) now: Timestamp,
    pub(crate) filters: Filters,
    pub(crate) status: Option<StatusFilter>,
    /// In the order they were named, each with the statistic that goes with it.
    pub(crate) metrics: Vec<Asked>,
    pub(crate) ranking: Option<Ranking>,
    pub(crate) threshold: Option<Threshold>,
    periods: Vec<Period>,
    wants_all: bool,
    pub(crate) notes: Vec<String>,
}

impl<'a> Request<'a> {
    pub(crate) fn read(
        understanding: &Understanding,
        catalog: &'a Catalog,
        settings: &'a Settings,
        now: Timestamp,
    ) -> Result<Self, PlanError> {
        let mut notes = Vec::new();
        let mut filters = Filters::default();
        let mut wants_all = settings.without_service == WithoutService::All;
        for name in understanding.texts(EntityKind::Service).take(MAX_SERVICES) {
            if name == ALL_SERVICES {
                wants_all = true;
                continue;
            }
            let service = resolve_service(name, catalog, &mut notes)?;
            if !filters.services.contains(&service) {
                filters.services.push(service);
            }
        }
        filters.versions = unique(understanding.texts(EntityKind::Version));
        filters.environments = environments(understanding, catalog, &mut notes);
        if let Some(endpoint) = understanding.texts(EntityKind::Endpoint).next() {
            (filters.method, filters.path) = split_endpoint(endpoint);
        }
        let status = match understanding.texts(EntityKind::HttpStatus).next() {
            None => None,
            Some(text) => Some(StatusFilter::parse(text).ok_or_else(|| {
                PlanError::Unsupported(format!("`{text}` is not an HTTP status or class."))
            })?),
        };
        let periods = times(understanding)
            .map(|range| Period::asked(range, settings, now))
            .collect::<Result<Vec<_>, _>>()?;
        let (ranking, statistics) = aggregations(understanding);
        let threshold = understanding.entities.iter().find_map(|entity| match entity.value {
            EntityValue::Threshold { comparison, value, unit } => {
                Some(Threshold { comparison, value, unit })
            }
            _ => None,
        });
        let as_share = threshold.is_some_and(|threshold| threshold.unit == Unit::Ratio);
        let metrics = metrics(understanding, &statistics, as_share);
        Ok(Self {
            intent: understanding.intent,
            catalog,
            settings,
            now,
            filters,
            status,
            metrics,
            ranking,
            threshold,
            periods,
            wants_all,
            notes,
        })
    }

    pub(crate) fn asks_for_errors(&self) -> bool {
        matches!(self.metrics.as_slice(), [only] if only.key == "error_rate"
            && only.statistic == Statistic::Usual)
    }

    /// The first period named, or the last so many seconds.
    pub(crate) fn period(&self, otherwise_s: i64) -> Period {
        let named = self.periods.first().cloned();
        named.unwrap_or_else(|| Period::assumed(otherwise_s, self.now))
    }

    /// The second period named.
    pub(crate) fn second_period(&self) -> Option<Period> {
        self.periods.get(1).cloned()
    }

    pub(crate) fn scope<'b>(&'b self, by: &'b [Dimension]) -> Scope<'b> {
        Scope { filters: &self.filters, by, catalog: self.catalog }
    }

    /// Whether the question is about many services without naming them.
    pub(crate) fn is_wide(&self) -> bool {
        self.filters.services.is_empty()
            && (self.wants_all || self.ranking.is_some() || self.threshold.is_some())
    }

    /// Names the only service where there is only one; refuses where there are several and the
    /// question is about one.
    pub(crate) fn need_service(&mut self) -> Result<(), PlanError> {
        if !self.filters.services.is_empty() || self.is_wide() {
            return Ok(());
        }
        match self.catalog.services() {
            [only] => {
                self.filters.services.push(only.clone());
                Ok(())
            }
            candidates => Err(PlanError::MissingService { candidates: candidates.to_vec() }),
        }
    }

    pub(crate) fn subject(&self) -> Subject {
        let parts: Vec<&str> = [&self.filters.method, &self.filters.path]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        Subject {
            services: self.filters.services.clone(),
            versions: self.filters.versions.clone(),
            environments: self.filters.environments.clone(),
            endpoint: (!parts.is_empty()).then(|| parts.join(" ")),
            status: self.status.as_ref().map(StatusFilter::name),
        }
    }
}

/// The spelling of a service; part of a name is enough where only one service has it.
fn resolve_service(
    name: &str,
    catalog: &Catalog,
    notes: &mut Vec<String>,
) -> Result<String, PlanError> {
    if let Some(service) = catalog.spelling_of_service(name) {
        return Ok(service);
    }
    let asked = words(name);
    let holds = |service: &&String| {
        let own = words(service);
        !asked.is_empty() && asked.iter().all(|word| own.contains(word))
    };
    let candidates: Vec<String> = catalog.services().iter().filter(holds).cloned().collect();
    match candidates.as_slice() {
        [only] => {
            notes.push(format!("I took `{name}` to be the service `{only}`."));
            Ok(only.clone())
        }
        [] => Err(PlanError::UnknownService {
            name: name.to_owned(),
            nearest: catalog.nearest_services(name),
            known_services: catalog.services().to_vec(),
        }),
        _ => Err(PlanError::AmbiguousService { name: name.to_owned(), candidates }),
    }
}

/// The environments named. Where nothing in the catalog tells environments apart, there is one,
/// and the answer says that it was not narrowed.
fn environments(
    understanding: &Understanding,
    catalog: &Catalog,
    notes: &mut Vec<String>,
) -> Vec<String> {
    let named = unique(understanding.texts(EntityKind::Environment));
    if !named.is_empty() && catalog.environments().is_empty() {
        notes.push(format!(
            "The metrics do not tell environments apart, so this is not narrowed to {}.",
            named.join(" and ")
        ));
        return Vec::new();
    }
    named
}

fn split_endpoint(endpoint: &str) -> (Option<String>, Option<String>) {
    match endpoint.split_once(' ') {
        Some((method, path)) => (Some(method.to_uppercase()), Some(path.trim().to_owned())),
        None => (None, Some(endpoint.to_owned())),
    }
}

fn times(understanding: &Understanding) -> impl Iterator<Item = &TimeRange> {
    understanding.entities.iter().filter_map(|entity| match &entity.value {
        EntityValue::Time(range) => Some(range),
        _ => None,
    })
}

fn unique<'a>(values: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut unique: Vec<String> = Vec::new();
    for value in values {
        if !unique.iter().any(|known| known == value) {
            unique.push(value.to_owned());
        }
    }
    unique
}

fn aggregations(understanding: &Understanding) -> (Option<Ranking>, Vec<Statistic>) {
    let texts = || understanding.texts(EntityKind::Aggregation);
    (texts().find_map(parse_ranking), texts().filter_map(parse_statistic).collect())
}

fn parse_ranking(text: &str) -> Option<Ranking> {
    const MAX_RANKED: u32 = 50;
    ["topk", "bottomk"].into_iter().find_map(|operator| {
        let count = text.strip_prefix(operator)?.strip_prefix('(')?.strip_suffix(')')?;
        let count: u32 = count.trim().parse().ok()?;
        Some(Ranking { operator, count: count.clamp(1, MAX_RANKED) })
    })
}

fn parse_statistic(text: &str) -> Option<Statistic> {
    match text {
        "avg" | "mean" | "average" => Some(Statistic::Average),
        "max" | "maximum" | "peak" => Some(Statistic::Maximum),
        "min" | "minimum" => Some(Statistic::Minimum),
        "median" => Some(Statistic::Quantile(0.5)),
        "sum" | "count" | "total" => Some(Statistic::Sum),
        _ => {
            let digits = text.strip_prefix('p')?;
            // `p999` is short for `p99.9`.
            let percent: f64 = match digits.len() {
                3 if digits.starts_with("99") => digits.parse::<f64>().ok()? / 10.0,
                _ => digits.parse().ok()?,
            };
            // Rounded, so that 99.9 % is written 0.999 in the query.
            let quantile = (percent * 1e3).round() / 1e5;
            (0.0..=1.0).contains(&quantile).then_some(Statistic::Quantile(quantile))
        }
    }
}

/// The metrics named. `latency_p95` is latency with a statistic; a percentile alone is of latency;
/// several statistics of one metric are as many questions.
fn metrics(understanding: &Understanding, statistics: &[Statistic], as_share: bool) -> Vec<Asked> {
    let mut metrics: Vec<Asked> = Vec::new();
    for text in unique(understanding.texts(EntityKind::Metric)) {
        let (key, own) = match text.rsplit_once('_') {
            Some((key, suffix)) if parse_statistic(suffix).is_some() && key == "latency" => {
                (key.to_owned(), parse_statistic(suffix))
            }
            _ => (text.clone(), None),
        };
        let statistic = own.or(statistics.first().copied()).unwrap_or_default();
        metrics.push(Asked { key, statistic, as_share });
    }
    let only_quantiles = statistics.iter().all(|it| matches!(it, Statistic::Quantile(_)));
    if metrics.is_empty() && !statistics.is_empty() && only_quantiles {
        let statistic = statistics[0];
        metrics.push(Asked { key: "latency".to_owned(), statistic, as_share });
    }
    if let [only] = metrics.as_slice() {
        let further = statistics.iter().filter(|statistic| **statistic != only.statistic);
        let further = further.map(|statistic| Asked { statistic: *statistic, ..only.clone() });
        let further: Vec<Asked> = further.collect();
        metrics.extend(further);
    }
    metrics
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aggregations_are_read() {
        for (text, expected) in [
            ("p95", Some(Statistic::Quantile(0.95))),
            ("p99.9", Some(Statistic::Quantile(0.999))),
            ("p999", Some(Statistic::Quantile(0.999))),
            ("median", Some(Statistic::Quantile(0.5))),
            ("max", Some(Statistic::Maximum)),
            ("topk(5)", None),
            ("pods", None),
            ("p500", None),
        ] {
            assert_eq!(parse_statistic(text), expected, "{text}");
        }
        assert_eq!(parse_ranking("topk(5)"), Some(Ranking { operator: "topk", count: 5 }));
        assert_eq!(parse_ranking("bottomk(0)"), Some(Ranking { operator: "bottomk", count: 1 }));
        assert_eq!(parse_ranking("topk(x)"), None);
    }

    #[test]
    fn endpoints_may_have_a_method() {
        assert_eq!(split_endpoint("post /a"), (Some("POST".into()), Some("/a".into())));
        assert_eq!(split_endpoint("/a"), (None, Some("/a".into())));
    }
}
