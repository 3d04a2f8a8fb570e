//! What a number in the question limits: a span's duration, an attribute, or a number about all the
//! spans of a trace.

use std::ops::Range;

use super::{
    conditions::{Condition, Reader},
    ground::numeric,
    measure::{Amount, Measure},
    recorded::{in_unit, unit_of},
    words::Word,
};
use crate::traceql::ast::{
    Aggregate, Comparison, Field, Intrinsic, Literal, Reference, Scalar, TimeUnit,
};

const METRIC_LIMIT: &str =
    "The limit on the measured value is not in the query: Tempo 2 does not compare a metric.";

/// A limit on a number about all the spans found in a trace.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TraceLimit {
    pub(super) left: Scalar,
    pub(super) comparison: Comparison,
    pub(super) right: Literal,
}

const AVERAGE: &[&str] =
    &["average|averaged|averages|averaging|avg|mean", "on average", "typically"];
const SUM: &[&str] = &[
    "add|adds|adding|added|sum|sums|summing|summed up? to?",
    "in total|sum|all|aggregate",
    "total|totals|totalling|totaling|totalled",
    "altogether|combined|cumulative|cumulatively",
    "collectively|accumulated|accumulating|summed",
    "together",
    "aggregate",
];
const MAXIMUM: &[&str] = &["longest|slowest|max|maximum|peak|biggest|largest|highest"];
const MINIMUM: &[&str] = &["shortest|fastest|min|minimum|smallest|lowest|quickest"];
const WHOLE_TRACE: &[&str] = &[
    "end to end",
    "from start|beginning to end|finish",
    "whole|entire|full|complete|overall trace|traces|request|requests|transaction",
    "whole|entire|full|complete|overall transactions|duration|time",
    "whole|entire|full|complete|overall latency|thing|journey",
    "total trace",
    "trace duration|durations|length|latency|time",
    "overall",
    "as a whole",
    "traces|trace as a whole",
    "duration|length of the? whole|entire? trace|traces",
];
const TOTAL_LENGTH: &[&str] = &["total length|duration|time|latency"];
/// What may stand between "traces" and its limit.
const FILLERS: &[&str] = &[
    "that|which|who|whose",
    "take|takes|took|taking|taken|last|lasts|lasted|lasting|run|runs|ran",
    "running|are|is|were|was|be|being|with|have|has|had|having|of",
    "a|an|the|all|any|some|recent|duration|durations|length|time|latency|longer",
    "start|starts|starting|started|begin|begins|beginning|began|rooted|root|entry",
    "entered|entering|originating|via|through|by|from|at|and|service",
    "slower|in|for|need|needs|needed|needing|exceed|exceeding|going|go|went|on",
];
/// How far from a number the word may be that says how it was made.
const REACH: usize = 8;

impl Reader<'_, '_> {
    /// Settles what each measure limits; what concerns whole traces is returned. `measured` are the
    /// words of a metric, whose value cannot be limited.
    pub(super) fn read_limits(&mut self, measured: &[Range<usize>]) -> Vec<TraceLimit> {
        let mut limits = Vec::new();
        for measure in std::mem::take(&mut self.measures) {
            let noun = measure.noun.as_ref();
            let own = measure.words.start..noun.map_or(measure.words.end, |noun| noun.start);
            if !self.is_free(own) {
                continue;
            }
            if measured.iter().any(|words| self.limits_metric(words, &measure)) {
                self.notes.push(METRIC_LIMIT.to_owned());
            } else {
                match measure.amount {
                    Amount::Time(..) => self.time_limit(&measure, &mut limits),
                    Amount::Number(_) => self.number_limit(&measure, &mut limits),
                    Amount::Bytes(_) => self.bytes_limit(&measure),
                }
            }
            self.take(measure.words.clone());
        }
        limits
    }

    /// Whether a measure is held against a metric that is named right before it: "p95 above 2 s".
    fn limits_metric(&self, metric: &Range<usize>, measure: &Measure) -> bool {
        const NEAR: usize = 4;
        let start = measure.words.start;
        let close = metric.end <= start && start - metric.end <= NEAR;
        let pauses =
            |word: &Word<'_>| word.breaks || matches!(word.lower.as_str(), "of" | "for" | "from");
        close && !self.words[metric.end..start].iter().any(pauses)
    }

    fn time_limit(&mut self, measure: &Measure, limits: &mut Vec<TraceLimit>) {
        let named = self.number_named(measure);
        let named = named.map(|(known, words)| (self.ground.reference(known), words));
        if let Some((reference, words)) = named
            && let Some(unit) = unit_of(&reference)
        {
            self.take(words);
            self.push_range(measure, &reference, |amount| numeric(in_unit(amount, unit)));
            return;
        }
        // Metres and minutes are both written "m".
        let is_minutes = matches!(measure.amount, Amount::Time(_, TimeUnit::Minutes));
        if let Some(reference) = self.recorded_in(measure).filter(|_| is_minutes) {
            self.push_range(measure, &reference, |amount| numeric(amount.plain()));
            return;
        }
        let whole = self.is_about_trace(measure);
        let alone =
            self.conditions.is_empty() || self.conditions.iter().any(|it| is_root(&it.subject));
        let total = whole || alone && self.says(TOTAL_LENGTH);
        match self.aggregate_near(&measure.words) {
            // "a total time of 5 s" is said of traces too.
            Some(Aggregate::Sum) if total => self.limit_trace(measure),
            Some(aggregate) => {
                let left = Scalar::Aggregate(aggregate, Field::Reference(self.ground.duration()));
                push_limits(measure, &left, limits);
            }
            None if whole => self.limit_trace(measure),
            None => {
                let duration = self.ground.duration();
                self.push_range(measure, &duration, |amount| Field::Literal(literal(amount)));
            }
        }
    }

    fn limit_trace(&mut self, measure: &Measure) {
        let duration =
            self.ground.intrinsic(&[Intrinsic::TraceDuration, Intrinsic::TraceWholeDuration]);
        self.push_range(measure, &duration, |amount| Field::Literal(literal(amount)));
    }

    fn number_limit(&mut self, measure: &Measure, limits: &mut Vec<TraceLimit>) {
        if let Some((known, words)) = self.number_named(measure) {
            let reference = self.ground.reference(known);
            self.take(words);
            match self.aggregate_near(&measure.words) {
                Some(aggregate) => {
                    let left = Scalar::Aggregate(aggregate, Field::Reference(reference));
                    push_limits(measure, &left, limits);
                }
                None => self.push_range(measure, &reference, |amount| numeric(amount.plain())),
            }
        } else if let Some(reference) =
            self.recorded_in(measure).or_else(|| self.amount_meant(measure))
        {
            self.push_range(measure, &reference, |amount| numeric(amount.plain()));
        } else {
            push_limits(measure, &Scalar::Count, limits);
        }
    }

    fn bytes_limit(&mut self, measure: &Measure) {
        match self.size_meant(measure) {
            Some(reference) => {
                self.push_range(measure, &reference, |amount| numeric(amount.plain()));
            }
            None => self.notes.push("No attribute of the traces holds a size.".to_owned()),
        }
    }

    fn push_range(
        &mut self,
        measure: &Measure,
        subject: &Reference,
        value: impl Fn(Amount) -> Field,
    ) {
        let condition = |comparison, amount| Condition {
            words: measure.words.clone(),
            subject: subject.clone(),
            comparison,
            value: value(amount),
        };
        self.push(condition(measure.comparison, measure.amount));
        if let Some(to) = measure.to {
            self.push(condition(Comparison::AtMost, to));
        }
    }

    /// Whether the words near a number say that it is about many spans at once.
    pub(super) fn aggregate_near(&self, words: &Range<usize>) -> Option<Aggregate> {
        let from = words.start.saturating_sub(REACH);
        let to = self.words.len().min(words.end + 4);
        let near = |patterns: &[&str]| {
            (from..to).any(|at| {
                self.fits(at, patterns)
                    .is_some_and(|taken| at + taken <= words.start || at >= words.end)
            })
        };
        [
            (Aggregate::Average, AVERAGE),
            (Aggregate::Sum, SUM),
            (Aggregate::Maximum, MAXIMUM),
            (Aggregate::Minimum, MINIMUM),
        ]
        .into_iter()
        .find(|(_, patterns)| near(patterns))
        .map(|(aggregate, _)| aggregate)
    }

    /// Whether a length of time is that of whole traces: said so, or "traces" stands right before.
    fn is_about_trace(&self, measure: &Measure) -> bool {
        let from = measure.words.start.saturating_sub(REACH);
        let to = self.words.len().min(measure.words.end + 4);
        if (from..to).any(|at| self.fits(at, WHOLE_TRACE).is_some()) {
            return true;
        }
        let mut at = measure.words.start;
        while at > 0 {
            at -= 1;
            if matches!(self.lower(at), "trace" | "traces") {
                return !matches!(self.before(at, 1), "per" | "each" | "every");
            }
            let of_trace = self.taken[at]
                && self
                    .conditions
                    .iter()
                    .any(|condition| condition.words.contains(&at) && is_root(&condition.subject));
            if !of_trace && (self.fits(at, FILLERS).is_none() || self.words[at + 1].breaks) {
                return false;
            }
        }
        false
    }
}

/// Whether something is the same for every span of a trace.
pub(super) fn is_of_trace(reference: &Reference) -> bool {
    let duration =
        [Intrinsic::TraceDuration, Intrinsic::TraceWholeDuration].map(Reference::Intrinsic);
    is_root(reference) || duration.contains(reference)
}

fn is_root(reference: &Reference) -> bool {
    matches!(
        reference,
        Reference::Intrinsic(
            Intrinsic::RootName
                | Intrinsic::RootServiceName
                | Intrinsic::TraceRootName
                | Intrinsic::TraceRootService
        )
    )
}

fn push_limits(measure: &Measure, left: &Scalar, limits: &mut Vec<TraceLimit>) {
    // "at least one" says no more than that there are such spans.
    let any = measure.comparison == Comparison::AtLeast && measure.amount == Amount::Number(1.0);
    if *left == Scalar::Count && any && measure.to.is_none() {
        return;
    }
    let ends =
        [Some((measure.comparison, measure.amount)), measure.to.map(|to| (Comparison::AtMost, to))];
    for (comparison, amount) in ends.into_iter().flatten() {
        limits.push(TraceLimit { left: left.clone(), comparison, right: literal(amount) });
    }
}

fn literal(amount: Amount) -> Literal {
    match amount {
        Amount::Time(value, unit) => Literal::Duration(value, unit),
        Amount::Number(value) | Amount::Bytes(value) if value.fract() == 0.0 => {
            Literal::Integer(value as i64)
        }
        Amount::Number(value) | Amount::Bytes(value) => Literal::Float(value),
    }
}
