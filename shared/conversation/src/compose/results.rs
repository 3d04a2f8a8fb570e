//! Results found by what they were asked for.

use query::{Plan, PlannedQuery, QueryResult, ResultSeries, Role};

/// A plan's queries with what they returned.
pub(super) struct Results<'a> {
    asked: Vec<(&'a PlannedQuery, Option<&'a Result<QueryResult, String>>)>,
}

/// What one query yielded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Reading {
    Number(f64),
    /// There is a series, but its value is not a number: zero divided by zero.
    NotANumber,
    /// There is no series.
    Empty,
    /// The query failed, or was not asked.
    Unread,
}

impl Reading {
    pub(super) fn number(self) -> Option<f64> {
        match self {
            Self::Number(value) => Some(value),
            _ => None,
        }
    }
}

/// One row of a result.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) value: f64,
}

impl<'a> Results<'a> {
    pub(super) fn new(plan: &'a Plan, results: &'a [Result<QueryResult, String>]) -> Self {
        let asked = plan.queries.iter().enumerate();
        Self { asked: asked.map(|(index, query)| (query, results.get(index))).collect() }
    }

    pub(super) fn all_failed(&self) -> bool {
        self.asked.iter().all(|(_, result)| !matches!(result, Some(Ok(_))))
    }

    /// The queries that failed, each with the reason.
    pub(super) fn failed(&self) -> impl Iterator<Item = (&'a PlannedQuery, &'a str)> {
        self.asked.iter().filter_map(|(planned, result)| match result {
            Some(Err(reason)) => Some((*planned, reason.as_str())),
            None => Some((*planned, "no result came back")),
            Some(Ok(_)) => None,
        })
    }

    /// What the modules warned of, each once.
    pub(super) fn warnings(&self) -> Vec<&'a str> {
        let mut warnings: Vec<&str> = self
            .asked
            .iter()
            .filter_map(|(_, result)| result.as_ref()?.as_ref().ok())
            .flat_map(|result| result.warnings.iter().map(String::as_str))
            .collect();
        warnings.sort_unstable();
        warnings.dedup();
        warnings
    }

    pub(super) fn all(&self, role: &Role) -> impl Iterator<Item = (&'a PlannedQuery, Found<'a>)> {
        let role = role.clone();
        self.asked
            .iter()
            .filter(move |(planned, _)| planned.role == role)
            .map(|(planned, result)| (*planned, Found { planned, result: *result }))
    }

    pub(super) fn first(&self, role: &Role) -> Option<(&'a PlannedQuery, Found<'a>)> {
        self.all(role).next()
    }

    /// The result of a role for one metric.
    pub(super) fn of(&self, role: &Role, metric: &str) -> Option<Found<'a>> {
        self.all(role).find(|(planned, _)| planned.metric == metric).map(|(_, found)| found)
    }

    pub(super) fn reading(&self, role: &Role) -> Reading {
        self.first(role).map_or(Reading::Unread, |(_, found)| found.reading())
    }
}

/// What one query returned.
#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    planned: &'a PlannedQuery,
    result: Option<&'a Result<QueryResult, String>>,
}

impl<'a> Found<'a> {
    pub(super) fn series(&self) -> &'a [ResultSeries] {
        match self.result {
            Some(Ok(result)) => &result.series,
            _ => &[],
        }
    }

    pub(super) fn is_read(&self) -> bool {
        matches!(self.result, Some(Ok(_)))
    }

    pub(super) fn reading(&self) -> Reading {
        match self.result {
            Some(Ok(result)) => match (result.series.first(), result.value()) {
                (None, _) => Reading::Empty,
                (Some(_), None) => Reading::NotANumber,
                (Some(_), Some(value)) => Reading::Number(value),
            },
            _ => Reading::Unread,
        }
    }

    /// The rows with a number, the highest first; equal ones by name.
    pub(super) fn rows(&self) -> Vec<Row> {
        let mut rows: Vec<Row> = self
            .series()
            .iter()
            .filter_map(|series| Some(Row { name: self.name(series), value: series.last()? }))
            .collect();
        rows.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.name.cmp(&b.name)));
        rows
    }

    pub(super) fn row(&self, name: &str) -> Option<f64> {
        self.series().iter().find(|series| self.name(series) == name).and_then(ResultSeries::last)
    }

    /// What a series is about: the values of the labels that tell it apart.
    pub(super) fn name(&self, series: &ResultSeries) -> String {
        let values: Vec<&str> = self
            .planned
            .by
            .iter()
            .filter_map(|label| series.labels.get(label))
            .map(String::as_str)
            .collect();
        if values.is_empty() { self.planned.label.clone() } else { values.join(" ") }
    }
}
