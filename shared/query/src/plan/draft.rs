//! A plan in the making: every query that enters it has passed the check.

use model::Unit;

use super::{
    Evaluation, Language, Limit, Period, Plan, PlannedQuery, Role, Shape, request::Request,
};
use crate::{PlanError, check, check_evaluation, metric::Chosen, promql::window};

/// The most queries of one plan.
const MAX_QUERIES: usize = 24;
/// The window of a point on a chart; longer steps widen it, so that nothing falls between points.
const CHART_WINDOW_S: i64 = 300;
/// Charts show at least so much, also when the value is that of now.
const MIN_CHART_S: i64 = 1_800;
/// What a chart shows when the value is that of now.
const CHART_RANGE_S: i64 = 3_600;

/// What a query is, apart from its text and times.
pub(super) struct Described<'a> {
    pub(super) role: Role,
    pub(super) metric: &'a str,
    pub(super) title: &'a str,
    pub(super) by: &'a [String],
    pub(super) unit: Unit,
    pub(super) per_second: bool,
}

impl<'a> Described<'a> {
    pub(super) fn of(role: Role, chosen: &'a Chosen) -> Self {
        Self {
            role,
            metric: &chosen.key,
            title: &chosen.title,
            by: &chosen.by,
            unit: chosen.unit,
            per_second: chosen.per_second,
        }
    }

    pub(super) fn count(role: Role, title: &'a str, by: &'a [String]) -> Self {
        let unit = Unit::Count;
        Self { role, metric: "count", title, by, unit, per_second: false }
    }
}

pub(super) struct Draft<'a> {
    pub(super) request: Request<'a>,
    pub(super) period: Period,
    pub(super) baseline: Option<Period>,
    pub(super) limit: Option<Limit>,
    queries: Vec<PlannedQuery>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(request: Request<'a>, period: Period) -> Self {
        Self { request, period, baseline: None, limit: None, queries: Vec::new() }
    }

    pub(super) fn finish(self, shape: Shape) -> Plan {
        let Self { request, period, baseline, limit, queries } = self;
        Plan {
            intent: request.intent,
            shape,
            subject: request.subject(),
            period,
            baseline,
            queries,
            limit,
            notes: request.notes,
            zone: request.settings.zone.clone(),
        }
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.request.notes.contains(&note) {
            self.request.notes.push(note);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }

    /// Adds a query that was built, if it passes the check.
    pub(super) fn push(
        &mut self,
        described: Described<'_>,
        query: String,
        evaluation: Evaluation,
        explanation: String,
    ) -> Result<(), PlanError> {
        if self.queries.len() >= MAX_QUERIES {
            return Err(PlanError::Unsupported(
                "That is too much for one question; ask for fewer things at a time.".to_owned(),
            ));
        }
        let bounds = &self.request.settings.bounds;
        check(&query, self.request.catalog, bounds).map_err(PlanError::Rejected)?;
        check_evaluation(&evaluation, bounds).map_err(PlanError::Rejected)?;
        self.queries.push(PlannedQuery {
            role: described.role,
            language: Language::PromQl,
            query,
            evaluation,
            metric: described.metric.to_owned(),
            title: described.title.to_owned(),
            label: self.request.subject().name(),
            by: described.by.to_vec(),
            unit: described.unit,
            per_second: described.per_second,
            explanation,
        });
        Ok(())
    }

    /// The value over a period, at its end.
    pub(super) fn value(
        &mut self,
        role: Role,
        chosen: &Chosen,
        period: &Period,
    ) -> Result<(), PlanError> {
        let query = chosen.expression(period.length_s());
        let explanation = self.explain(chosen, period);
        self.push(Described::of(role, chosen), query, period.at_end(), explanation)
    }

    /// The value over the period before, if there are samples from its beginning on: what was
    /// recorded for a part of it only must not be compared with a whole.
    pub(super) fn baseline(&mut self, chosen: &Chosen, period: &Period) -> Result<(), PlanError> {
        let before = period.before();
        let length_s = before.length_s();
        let query = format!(
            "{} and on () count({} offset {})",
            chosen.expression(length_s),
            chosen.recipe.selector(),
            window(length_s)
        );
        let explanation =
            format!("{}, if it was recorded all the time", self.explain(chosen, &before));
        self.push(Described::of(Role::Baseline, chosen), query, before.at_end(), explanation)?;
        self.baseline = Some(before);
        Ok(())
    }

    /// The value over time. The value of "now" gets a chart of the last hour.
    pub(super) fn series(&mut self, chosen: &Chosen, period: &Period) -> Result<(), PlanError> {
        let (evaluation, window_s) = charted(period);
        let explanation = format!(
            "{} of {} over time, each point over {}, from `{}`",
            capitalised(&chosen.title),
            self.request.subject().name(),
            window(window_s),
            chosen.metric
        );
        let query = chosen.expression(window_s);
        self.push(Described::of(Role::Series, chosen), query, evaluation, explanation)
    }

    pub(super) fn explain(&self, chosen: &Chosen, period: &Period) -> String {
        let each = match chosen.by.as_slice() {
            [] => String::new(),
            labels => format!(" by {}", labels.join(" and ")),
        };
        format!(
            "{} of {}{each} over {}, from `{}`",
            capitalised(&chosen.title),
            self.request.subject().name(),
            window(period.length_s()),
            chosen.metric
        )
    }
}

/// When a chart of a period has its points, and over how long each is. A period that nobody named may
/// be too short for one.
pub(super) fn charted(period: &Period) -> (Evaluation, i64) {
    let short = period.assumed && period.length_s() < MIN_CHART_S;
    let shown = if short { period.at_least(CHART_RANGE_S) } else { period.clone() };
    let evaluation = shown.for_chart();
    let window_s = evaluation.step_s().unwrap_or_default().max(CHART_WINDOW_S);
    (evaluation, window_s)
}

pub(super) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        // `p95` is written small.
        Some('p') if characters.as_str().starts_with(|next: char| next.is_ascii_digit()) => {
            text.to_owned()
        }
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}
