//! A number that may answer the question, with how well it would.

use model::Unit;

use super::measured::{Measured, Source};
use crate::plan::said::{ASKS_FOR_TIME, OF_SIZE, OF_TIME, THINGS};
use crate::wanted::Statistic;
use crate::{
    catalog::Scale,
    plan::ground::{Bound, Ground},
};

/// A way to answer.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) measured: Measured,
    pub(crate) by: Vec<String>,
    /// The rows within which others are ranked.
    pub(crate) within: Vec<String>,
    /// Of the value as it is recorded.
    pub(crate) scale: Scale,
    pub(crate) per_second: bool,
    /// How well each word of the question is explained.
    pub(crate) explains: Vec<f32>,
    /// How well the kind of metric fits the kind of question; 0 is as it should be.
    pub(crate) fit: f32,
    /// What the names say that nobody asked for.
    pub(crate) surplus: f32,
    /// The series that are read, for the explanation.
    pub(crate) metrics: Vec<String>,
    /// What is computed, in words: "rate", "95th percentile".
    pub(crate) what: String,
    /// A 0 or 1 that says whether something holds; `false` where the question asks for the
    /// opposite.
    pub(crate) state: Option<bool>,
    /// How much the metric is like the one that people mean by such words.
    pub(crate) likeness: f32,
    /// How many dimensions that the question names are missing.
    pub(crate) unmet: usize,
    /// The rows are those of a noun: "which queues …".
    pub(crate) by_noun: bool,
    /// The rows are held against a limit or ranked one by one.
    pub(crate) has_rows: bool,
}

impl Draft {
    pub(crate) fn new(measured: Measured, bound: &Bound, named: &[f32], surplus: f32) -> Self {
        /// A series that has a value itself is better than one that must be joined for it.
        const JOINED: f32 = -0.1;
        const LACKING: f32 = -0.12;
        let only_narrows = bound.join.as_ref().is_some_and(|join| join.labels.is_empty());
        Self {
            measured,
            by: bound.by.clone(),
            within: bound.within.clone(),
            scale: Scale::base(Unit::None),
            per_second: false,
            explains: crate::plan::ground::together(named, &bound.explains),
            fit: if only_narrows { JOINED } else { 0.0 }
                + if bound.lacks_noun { LACKING } else { 0.0 },
            surplus,
            metrics: vec![bound.series.clone()],
            what: String::new(),
            state: None,
            likeness: 0.0,
            unmet: bound.unmet,
            by_noun: bound.by_noun,
            has_rows: false,
        }
    }

    pub(crate) fn scaled(self, scale: Scale) -> Self {
        Self { scale, ..self }
    }

    pub(crate) fn fitting(self, fit: f32) -> Self {
        Self { fit: self.fit + fit, ..self }
    }

    pub(crate) fn called(self, what: impl Into<String>) -> Self {
        Self { what: what.into(), ..self }
    }

    /// How well this answers the question: higher is better.
    pub(crate) fn score(&self, ground: &Ground<'_>) -> f32 {
        const PER_UNMET: f32 = 0.15;
        ground.coverage(&self.explains) + self.fit + self.unit_fit(ground) + self.likeness
            - self.surplus
            - PER_UNMET * self.unmet as f32
    }

    /// The same, with the rows of one thing brought together.
    pub(crate) fn gathered(&self, ground: &Ground<'_>) -> Self {
        const MOST: usize = 3;
        let Some(labels) = self.metrics.first().and_then(|series| ground.catalog.labels(series))
        else {
            return self.clone();
        };
        let by: Vec<String> = THINGS
            .iter()
            .filter(|name| labels.contains_key(**name))
            .take(MOST)
            .map(|name| (*name).to_owned())
            .collect();
        Self { measured: self.measured.clone().gathered(), by, ..self.clone() }
    }

    /// Whether the value is of the unit that the question says it has.
    fn unit_fit(&self, ground: &Ground<'_>) -> f32 {
        const OF_LIMIT: f32 = -0.25;
        const OF_VALUE: f32 = -0.15;
        const RIGHT: f32 = 0.06;
        let wanted = ground.wanted;
        if self.scale.unit == Unit::None
            && matches!(self.measured, Measured::Fixed(_) | Measured::Absent(_))
        {
            return 0.0;
        }
        let own = if self.per_second && self.scale.unit == Unit::Count {
            Unit::PerSecond
        } else {
            self.scale.unit
        };
        let fit = |said: Unit, wrong: f32| match (said, own) {
            (said, own) if said == own => RIGHT,
            (Unit::Seconds, Unit::None) if wrong == OF_LIMIT => 0.7 * wrong,
            // Nothing is known of the unit.
            (Unit::Seconds | Unit::Bytes | Unit::Cores, Unit::None) => wrong / 3.0,
            (Unit::Ratio, Unit::None) => wrong / 2.0,
            _ => wrong,
        };
        let shares = self.what == "share within the limit";
        let limits = wanted.limits.iter().filter_map(|limit| limit.unit());
        let of_limits: f32 =
            limits.map(|said| if shares { 0.0 } else { fit(said, OF_LIMIT) }).sum();
        let compares = wanted.periods.compared.is_some();
        let unasked = wanted.limits.is_empty()
            && wanted.cues.shown.is_none()
            && match self.scale.unit {
                Unit::Bytes => !wanted.words.has(OF_SIZE),
                Unit::Seconds if !self.per_second => {
                    !wanted.words.has(OF_TIME)
                        && !matches!(wanted.statistic, Some(Statistic::Quantile(_)))
                }
                _ => false,
            };
        let timed = wanted.words.has(ASKS_FOR_TIME)
            && !matches!(self.scale.unit, Unit::Seconds | Unit::Ratio);
        let of_unasked = if timed {
            OF_VALUE
        } else if unasked {
            -0.05
        } else {
            0.0
        };
        let of_value = match wanted.cues.shown {
            Some(said) if said.unit == Unit::Ratio && compares => 0.0,
            Some(said) => fit(said.unit, OF_VALUE),
            None => 0.0,
        };
        of_limits + of_value + of_unasked
    }
}

/// The source of a bound series.
pub(crate) fn source(bound: &Bound) -> Source {
    Source { selector: bound.selector(), join: bound.join.clone() }
}
