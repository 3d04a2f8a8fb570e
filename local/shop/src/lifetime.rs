//! When the processes of the shop start: with each deployment, and by the clock. What they count
//! is not known here.

use crate::{
    catalog::Service,
    day::MS_PER_MINUTE,
    deployment::DeploymentLog,
    trouble::{self, MINUTES_PER_DAY},
};

/// Replicas are recycled once a night, each ten minutes after the one before it.
const NIGHTLY_RECYCLE_MINUTE: u32 = 3 * 60;
const RECYCLE_STAGGER_MINUTES: u32 = 10;

/// The life of one process: it counts from zero when it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run<'log> {
    pub version: &'log str,
    pub started_ms: i64,
}

/// The process that runs at a moment.
pub(crate) fn run_at<'log>(
    service: &Service,
    replica: u32,
    log: &'log DeploymentLog,
    at_ms: i64,
) -> Run<'log> {
    let (version, deployed_ms) = log.deployed_at(service, at_ms);
    let recycled_ms = neighbour_recycle(service, replica, at_ms, Direction::Back);
    Run { version, started_ms: deployed_ms.max(recycled_ms) }
}

/// The processes that run between two moments, each with the part of the range it runs in.
pub(crate) fn runs_between<'log>(
    service: &Service,
    replica: u32,
    log: &'log DeploymentLog,
    from_ms: i64,
    to_ms: i64,
) -> Vec<(Run<'log>, i64, i64)> {
    let mut runs = Vec::new();
    let mut from_ms = from_ms;
    while from_ms < to_ms {
        let recycled = neighbour_recycle(service, replica, from_ms, Direction::Forward);
        let deployed = log.next_deployment_ms(service, from_ms).unwrap_or(i64::MAX);
        let until_ms = recycled.min(deployed).min(to_ms);
        runs.push((run_at(service, replica, log, from_ms), from_ms, until_ms));
        from_ms = until_ms;
    }
    runs
}

#[derive(Clone, Copy)]
enum Direction {
    Back,
    Forward,
}

/// The last time at or before a moment, or the first after it, at which a replica is restarted by
/// the clock: at its memory limit if it leaks, else once a night.
fn neighbour_recycle(service: &Service, replica: u32, at_ms: i64, direction: Direction) -> i64 {
    let (first_minute, every_minutes) = match trouble::memory_leak(service, replica) {
        Some(leak) => (leak.first_minute, leak.every_minutes),
        None => (NIGHTLY_RECYCLE_MINUTE + RECYCLE_STAGGER_MINUTES * replica, MINUTES_PER_DAY),
    };
    let first_ms = i64::from(first_minute) * MS_PER_MINUTE;
    let every_ms = i64::from(every_minutes) * MS_PER_MINUTE;
    let last_ms = first_ms + (at_ms - first_ms).div_euclid(every_ms) * every_ms;
    match direction {
        Direction::Back => last_ms,
        Direction::Forward => last_ms + every_ms,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::catalog;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn a_process_starts_with_a_deployment_or_by_the_clock() {
        let log = DeploymentLog::seeded("2026-03-04T12:00:00Z".parse().unwrap());
        for (name, replica, at, version, started) in [
            ("payment", 0, "2026-03-04T12:00:00Z", "2.4.0", "2026-03-04T03:00:00Z"),
            ("payment", 2, "2026-03-04T03:19:59.999Z", "2.4.0", "2026-03-03T16:00:00Z"),
            ("payment", 2, "2026-03-04T03:20:00Z", "2.4.0", "2026-03-04T03:20:00Z"),
            ("checkout", 1, "2026-03-04T12:00:00Z", "3.1.1", "2026-03-04T07:00:00Z"),
            ("auth", 0, "2026-03-04T12:00:00Z", "1.8.2", "2026-03-04T07:00:00Z"),
            ("auth", 1, "2026-03-04T12:00:00Z", "1.8.2", "2026-03-04T09:00:00Z"),
            ("auth", 2, "2026-03-04T00:00:00Z", "1.8.2", "2026-03-03T23:00:00Z"),
        ] {
            let run = run_at(catalog::service(name).unwrap(), replica, &log, ms(at));
            assert_eq!(run, Run { version, started_ms: ms(started) }, "{name}-{replica} at {at}");
        }
    }

    #[test]
    fn runs_cover_the_range_without_a_hole() {
        let log = DeploymentLog::seeded("2026-03-04T12:00:00Z".parse().unwrap());
        let (from, to) = (ms("2026-03-03T10:00:00Z"), ms("2026-03-04T12:00:00Z"));
        let runs = runs_between(catalog::service("checkout").unwrap(), 0, &log, from, to);
        let versions: Vec<&str> = runs.iter().map(|(run, ..)| run.version).collect();
        assert_eq!(versions, ["3.0.9", "3.1.0-bad", "3.0.9", "3.0.9", "3.1.1"]);
        assert_eq!((runs[0].1, runs[4].2), (from, to));
        assert!(runs.windows(2).all(|pair| pair[0].2 == pair[1].1));
        assert!(runs[1..].iter().all(|(run, begin, _)| run.started_ms == *begin));
    }
}
