//! How long understanding takes.

use std::time::{Duration, Instant};

use crate::report::LatencyReport;

#[derive(Debug, Default)]
pub(crate) struct Stopwatch(Vec<Duration>);

impl Stopwatch {
    pub(crate) fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let result = work();
        self.0.push(began.elapsed());
        result
    }

    pub(crate) fn report(mut self) -> Option<LatencyReport> {
        self.0.sort_unstable();
        let at = |percent: usize| {
            let rank = (self.0.len() * percent).div_ceil(100).max(1);
            self.0.get(rank - 1).map(|time| time.as_secs_f64() * 1_000.0)
        };
        Some(LatencyReport { p50: at(50)?, p99: at(99)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_the_nearest() {
        for (times, expected) in [
            (vec![], None),
            (vec![7], Some((7.0, 7.0))),
            (vec![3, 1, 2, 4], Some((2.0, 4.0))),
            ((1..=200).collect(), Some((100.0, 198.0))),
        ] {
            let watch = Stopwatch(times.into_iter().map(Duration::from_millis).collect());
            let report = watch.report().map(|report| (report.p50, report.p99));
            assert_eq!(report, expected);
        }
    }
}
