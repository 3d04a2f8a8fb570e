//! Numbers over time out of spans: rates, counts, quantiles, averages, and what ranks them.

mod quantile;
mod rank;

use std::ops::Range;

pub(super) use self::rank::Rank;
use super::{conditions::Reader, ground::SURE, measure::Amount};
use crate::traceql::ast::{Aggregate, Literal, MetricFunction, Reference};

/// The number over time that a question asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    pub(super) function: MetricFunction,
    /// Where the words of each function stand, so that a limit on it is told from one on spans.
    pub(super) words: Vec<Range<usize>>,
}

const RATE: &[&str] = &[
    "rate|rates",
    "throughput|rps|qps|tps",
    "per|a|each|every second|sec",
    "per minute|hour",
    "requests/s|calls/s|spans/s|errors/s|req/s|ops/s",
    "/s|/sec",
    "how often",
    "frequency",
];
/// "rate limit" and the like are no rates.
const NO_RATE: &[&str] = &["rate limit|limits|limited|limiting|limiter"];
const OTHER_RATES: &[&str] = &["exchange|sampling|interest rate|rates"];
const COUNT: &[&str] =
    &["how many", "number|numbers|count|counts|tally|volume of", "count|counts", "a|the? tally"];
const HISTOGRAM: &[&str] = &[
    "distribution|distributions|histogram|histograms|heatmap|heat-map",
    "heat map",
    "spread of",
    "distributed",
];
const COMPARE: &[&str] = &[
    "what|how is|are|makes|make different|differ|apart|special|common? about?",
    "what|how do|does different|differ|apart|special|common? about?",
    "what|how sets|distinguishes|differentiates different|differ? about?",
    "what|how sets|distinguishes|differentiates apart|special|common? about?",
    "compare|compared|contrast",
    "what|how do|does",
    "what distinguishes|differentiates|separates|differs",
    "what sets|makes",
];
const SPECIAL: &[&str] = &[
    "what|what's|anything is|are|makes? special|different|unusual about|with|of|in",
    "what|what's|anything is|are|makes? unique|odd about|with|of|in",
    "what|what's|anything is|are|makes? peculiar|distinctive about|with|of|in",
];
const DIFFERS: &[&str] = &[
    "different|differ|differs|differently",
    "apart",
    "distinguishes|distinguish|differentiates|separates",
    "from|with|to|against|and the? rest|others|other|baseline",
    "vs|versus the? rest|others|healthy|normal",
];
const AVERAGE: &[&str] = &["average|averaged|averages|avg|mean"];
const MAXIMUM: &[&str] = &["max|maximum|peak", "worst case|latency|duration|time", "worst-case"];
const MINIMUM: &[&str] = &["min|minimum", "best case|latency|duration|time"];
const LONGEST: &[&str] = &["longest|slowest|highest|largest|biggest|longest-running"];
const SHORTEST: &[&str] = &["shortest|fastest|lowest|smallest|quickest"];
const SUM: &[&str] = &["total|sum|summed|cumulative|overall|combined"];
/// What is counted in total.
const COUNTED: &[&str] = &["request|requests|span|spans|call|calls|error|errors|count"];
/// What follows a function of durations.
const DURATIONS: &[&str] = &[
    "of? the|its|their? response|span|request? time|times|latency",
    "of? the|its|their? response|span|request? latencies|duration|durations",
    "of? the|its|their? call|end-to-end|query? time|times|latency",
    "of? the|its|their? call|end-to-end|query? latencies|duration|durations",
];
const TREND: &[&str] = &[
    "over time",
    "trend|trends|trended",
    "plot|graph|chart|timeline|timeseries|time-series",
    "time series",
];

/// Words that may be an aggregate over time, and whether they are one of rows only: "the slowest
/// spans" are searched for, "the slowest routes" are measured.
const AGGREGATES: &[(Aggregate, &[&str], bool)] = &[
    (Aggregate::Average, AVERAGE, false),
    (Aggregate::Maximum, MAXIMUM, false),
    (Aggregate::Minimum, MINIMUM, false),
    (Aggregate::Maximum, LONGEST, true),
    (Aggregate::Minimum, SHORTEST, true),
    (Aggregate::Sum, SUM, false),
];
/// Superlatives that are about time by themselves.
const SPEEDS: &[&str] =
    &["slowest", "fastest", "quickest", "longest", "shortest", "longest-running"];

impl Reader<'_, '_> {
    /// The function that the words ask for, with its words used up. `split` says that results are
    /// told apart, which search results are not.
    pub(super) fn read_metric(&mut self, split: bool, rank: Option<Rank>) -> Option<Asked> {
        self.comparison_asked()
            .or_else(|| self.quantiles_asked())
            .or_else(|| self.histogram_asked())
            .or_else(|| self.rate_asked())
            .or_else(|| self.aggregate_asked(split || rank.is_some()))
            .or_else(|| self.count_asked())
            .or_else(|| self.trend_asked())
            .or_else(|| self.function_of_rows(split, rank))
    }

    fn asked(&mut self, function: MetricFunction, words: Vec<Range<usize>>) -> Asked {
        for words in &words {
            self.take(words.clone());
        }
        Asked { function, words }
    }

    fn quantiles_asked(&mut self) -> Option<Asked> {
        let quantiles = self.quantiles();
        let words: Vec<Range<usize>> = quantiles.iter().map(|(words, _)| words.clone()).collect();
        let mut values: Vec<f64> = quantiles.into_iter().map(|(_, value)| value).collect();
        values.dedup();
        let field = self.measured_field(&words)?;
        let values = values.into_iter().map(Literal::Float).collect();
        Some(self.asked(MetricFunction::Quantile(field, values), words))
    }

    fn histogram_asked(&mut self) -> Option<Asked> {
        let words = vec![self.first(HISTOGRAM)?];
        let field = self.measured_field(&words)?;
        Some(self.asked(MetricFunction::Histogram(field), words))
    }

    fn rate_asked(&mut self) -> Option<Asked> {
        let is_rate = |at: usize| {
            let words = at..at + self.fits(at, RATE)?;
            let other = self.fits(at, NO_RATE).is_some()
                || at > 0 && self.fits(at - 1, OTHER_RATES).is_some();
            (!other && self.is_open(&words)).then_some(words)
        };
        let words: Vec<Range<usize>> = (0..self.words.len()).filter_map(is_rate).collect();
        (!words.is_empty()).then(|| self.asked(MetricFunction::Rate, words))
    }

    /// "average", "slowest", "total", where no number is held against them.
    fn aggregate_asked(&mut self, rows: bool) -> Option<Asked> {
        let says_duration = self.says(&["time|duration|durations|latency|latencies|long"]);
        for (aggregate, patterns, of_rows) in AGGREGATES {
            let words = self.first(patterns).filter(|words| !self.is_limited(words));
            let Some(words) = words.filter(|_| rows || !of_rows) else { continue };
            let field = self.measured_field(std::slice::from_ref(&words))?;
            let of_duration = field == self.ground.duration();
            let timed = says_duration || SPEEDS.contains(&self.lower(words.start));
            let function = match aggregate {
                // "highest error rate" and "total requests" are no durations.
                _ if *of_rows && of_duration && !timed => continue,
                Aggregate::Sum if of_duration && !says_duration => {
                    if !self.says(COUNTED) {
                        continue;
                    }
                    MetricFunction::CountOverTime
                }
                aggregate => MetricFunction::OverTime(*aggregate, field),
            };
            return Some(self.asked(function, vec![words]));
        }
        None
    }

    fn count_asked(&mut self) -> Option<Asked> {
        let words = self.first(COUNT)?;
        let counts = !self.is_limited(&words) && !self.counts_recorded(&words);
        counts.then(|| self.asked(MetricFunction::CountOverTime, vec![words]))
    }

    fn trend_asked(&mut self) -> Option<Asked> {
        let words = self.first(TREND)?;
        Some(self.asked(MetricFunction::Rate, vec![words]))
    }

    /// What is counted where rows are asked for and nothing else.
    fn function_of_rows(&mut self, split: bool, rank: Option<Rank>) -> Option<Asked> {
        let counts = |amount| matches!(amount, Amount::Number(_));
        let limited = self.measures.iter().any(|measure| counts(measure.amount));
        let function = match (split, rank) {
            (true, Some(_)) => MetricFunction::Rate,
            (true, None) if !limited && !self.says(&["trace|traces"]) => {
                MetricFunction::CountOverTime
            }
            _ => return None,
        };
        Some(self.asked(function, Vec::new()))
    }

    /// The first place where one of the patterns fits words that are not used yet.
    fn first(&self, patterns: &[&str]) -> Option<Range<usize>> {
        (0..self.words.len()).find_map(|at| {
            let words = at..at + self.fits(at, patterns)?;
            self.is_open(&words).then_some(words)
        })
    }

    /// Whether words may say what is measured: a service may be called "rates".
    fn is_open(&self, words: &Range<usize>) -> bool {
        self.is_free(words.clone())
            && !self.is_measured(words)
            && !self.ground.is_value(&self.words[words.clone()])
    }

    /// "the number of nights", where each span records one.
    fn counts_recorded(&self, words: &Range<usize>) -> bool {
        let noun = self.words.get(words.end..words.end + 1);
        let recorded = noun.is_some_and(|noun| self.ground.number_named(noun, 0.9).is_some());
        let shown = ["and", "the", "with", "its", "their"].contains(&self.before(words.start, 1));
        recorded && shown && self.before(words.end, 1) == "of"
    }

    /// What is measured: the attribute of numbers that is named beside the functions, else the
    /// duration; `None` without a function.
    fn measured_field(&mut self, functions: &[Range<usize>]) -> Option<Reference> {
        const REACH: usize = 6;
        const MOST_WORDS: usize = 3;
        let (first, last) = (functions.first()?.start, functions.last()?.end);
        if self.fits(last, DURATIONS).is_some() {
            return Some(self.ground.duration());
        }
        let near = first.saturating_sub(MOST_WORDS)..self.words.len().min(last + REACH);
        let mut best: Option<(f64, usize, Range<usize>)> = None;
        for start in near.clone() {
            for count in 1..=MOST_WORDS.min(near.end - start) {
                let words = start..start + count;
                let overlaps = |it: &Range<usize>| it.start < words.end && words.start < it.end;
                if !self.is_free(words.clone()) || functions.iter().any(overlaps) {
                    continue;
                }
                let spoken = &self.words[words.clone()];
                let is_value = self
                    .ground
                    .hits(spoken)
                    .iter()
                    .any(|hit| hit.strength > SURE && !hit.value.starts_with('/'));
                let named = self.ground.number_named(spoken, 0.8).filter(|_| !is_value);
                let Some((known, score)) = named else { continue };
                let weight = score + 0.05 * count as f64;
                if best.as_ref().is_none_or(|(other, ..)| weight > *other) {
                    best = Some((weight, known, words));
                }
            }
        }
        let Some((_, known, words)) = best else { return Some(self.ground.duration()) };
        self.take(words);
        Some(self.ground.reference(known))
    }

    /// "what is different about failed checkouts": the conditions become the selection.
    fn comparison_asked(&mut self) -> Option<Asked> {
        let words = match self.first(SPECIAL) {
            Some(words) => words,
            None => {
                let words = self.first(COMPARE)?;
                (words.start..self.words.len())
                    .find_map(|at| Some(at..at + self.fits(at, DIFFERS)?))?
            }
        };
        self.take(words);
        let function = MetricFunction::Compare { selection: None, limits: None };
        Some(Asked { function, words: Vec::new() })
    }

    /// Whether a number is held against what the words name, so that traces are searched for.
    fn is_limited(&self, words: &Range<usize>) -> bool {
        const REACH: usize = 7;
        self.measures.iter().any(|measure| {
            let before =
                measure.words.start >= words.end && measure.words.start - words.end <= REACH;
            let after = words.start >= measure.words.end && words.start - measure.words.end <= 3;
            before || after
        })
    }
}
