//! Numbers out of measurements: quantiles, time covered by intervals, and how many of them lie one
//! behind the other.

use std::time::{Duration, Instant};

use serde::Serialize;

/// The middle and the worst hundredth of `n` durations.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Summary {
    pub(crate) n: usize,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

impl Summary {
    pub(crate) fn of(durations: impl IntoIterator<Item = Duration>) -> Self {
        let mut sorted: Vec<Duration> = durations.into_iter().collect();
        sorted.sort_unstable();
        Self { n: sorted.len(), p50_ms: quantile(&sorted, 50), p99_ms: quantile(&sorted, 99) }
    }
}

/// The nearest rank: a value that was measured, never one between two.
fn quantile(sorted: &[Duration], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).map_or(f64::NAN, |duration| ms(*duration))
}

/// Milliseconds with three decimals.
pub(crate) fn ms(duration: Duration) -> f64 {
    rounded(duration.as_secs_f64() * 1000.0)
}

/// With three decimals, which is more than anything here is exact to.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// From when to when something was under way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) from: Instant,
    pub(crate) to: Instant,
}

/// The time during which at least one was under way.
pub(crate) fn covered(mut spans: Vec<Span>) -> Duration {
    spans.sort_unstable_by_key(|span| span.from);
    let mut sum = Duration::ZERO;
    let mut until: Option<Instant> = None;
    for Span { from, to } in spans {
        let from = until.map_or(from, |until| until.max(from));
        sum += to.saturating_duration_since(from);
        until = Some(until.map_or(to, |until| until.max(to)));
    }
    sum
}

/// How many were one behind the other: the longest chain of which none overlaps another.
pub(crate) fn depth(mut spans: Vec<Span>) -> usize {
    spans.sort_unstable_by_key(|span| span.to);
    let mut chain = 0;
    let mut until: Option<Instant> = None;
    for span in spans {
        if until.is_none_or(|until| span.from >= until) {
            chain += 1;
            until = Some(span.to);
        }
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(bounds_ms: &[(u64, u64)]) -> Vec<Span> {
        let zero = Instant::now();
        let at = |ms| zero + Duration::from_millis(ms);
        bounds_ms.iter().map(|&(from, to)| Span { from: at(from), to: at(to) }).collect()
    }

    #[test]
    fn quantiles_are_of_what_was_measured() {
        let summary = Summary::of((1..=200).rev().map(Duration::from_millis));
        assert_eq!((summary.n, summary.p50_ms, summary.p99_ms), (200, 100.0, 198.0));
        let one = Summary::of([Duration::from_micros(1500)]);
        assert_eq!((one.p50_ms, one.p99_ms), (1.5, 1.5));
        assert!(Summary::of([]).p50_ms.is_nan());
    }

    #[test]
    fn spans_are_covered_once_and_chained() {
        for (bounds_ms, covered_ms, longest) in [
            (&[][..], 0, 0),
            (&[(0, 10)], 10, 1),
            (&[(0, 10), (10, 15)], 15, 2),
            (&[(0, 10), (2, 4), (5, 12)], 12, 2),
            (&[(20, 30), (0, 10), (1, 9)], 20, 2),
            (&[(0, 10), (0, 10), (0, 10)], 10, 1),
        ] {
            let case = format!("{bounds_ms:?}");
            assert_eq!(covered(spans(bounds_ms)).as_millis(), covered_ms, "{case}");
            assert_eq!(depth(spans(bounds_ms)), longest, "{case}");
        }
    }
}
