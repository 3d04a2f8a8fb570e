//! The shop's logs: like its metrics a pure function of the time and of what was deployed when, so
//! that any part of them can be made again, and the lines agree with the counters to the request.
//!
//! Of requests that succeed one in [`SUCCESS_EVERY`] is logged, as busy services do; those that fail
//! are logged all. Some services write JSON, some logfmt ([`Service::log_format`]).

mod line;
mod push;
mod texts;

pub use line::{LogLine, SUCCESS_EVERY};
pub use push::{LogPush, LokiTarget};

use crate::{Generator, SERVICES, Service, deployment::DeploymentLog, lifetime::runs_between};

/// Lines are made for parts of time of this length, counted from the epoch: whoever asks for the same
/// time gets the same lines. Within a minute, because rates are constant within one.
pub(crate) const WINDOW_MS: i64 = 5_000;

/// The lines of all services between two moments, both rounded down to a window's beginning, by
/// service, replica and time.
pub fn log_lines(
    generator: &Generator,
    log: &DeploymentLog,
    from_ms: i64,
    until_ms: i64,
) -> Vec<LogLine> {
    let replicas =
        SERVICES.iter().flat_map(|service| (0..service.replicas).map(move |one| (service, one)));
    replicas
        .flat_map(|(service, replica)| {
            replica_lines(generator, log, (service, replica), from_ms, until_ms)
        })
        .collect()
}

fn replica_lines(
    generator: &Generator,
    log: &DeploymentLog,
    (service, replica): (&'static Service, u32),
    from_ms: i64,
    until_ms: i64,
) -> Vec<LogLine> {
    let mut lines = Vec::new();
    let mut window_ms = window_of(from_ms);
    while window_ms < window_of(until_ms) {
        let next_ms = window_ms + WINDOW_MS;
        for (run, begin_ms, end_ms) in runs_between(service, replica, log, window_ms, next_ms) {
            let first = lines.len();
            line::add_lines(&mut lines, generator, service, replica, &run, begin_ms..end_ms);
            lines[first..].sort_by_key(|line| line.time_ns);
        }
        window_ms = next_ms;
    }
    lines
}

/// The beginning of the window that a moment is in.
pub(crate) fn window_of(at_ms: i64) -> i64 {
    at_ms.div_euclid(WINDOW_MS) * WINDOW_MS
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use serde_json::Value;

    use super::*;
    use crate::{catalog, catalog::LogFormat};

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn deployments() -> DeploymentLog {
        DeploymentLog::seeded("2026-03-04T12:00:00Z".parse().unwrap())
    }

    fn between(from: &str, until: &str) -> Vec<LogLine> {
        log_lines(&Generator::default(), &deployments(), ms(from), ms(until))
    }

    #[test]
    fn failures_agree_with_the_counters_to_the_request() {
        // In it: the card provider's trouble of payment, and no restart.
        let (from, until) = ("2026-03-04T09:15:00Z", "2026-03-04T09:25:00Z");
        let lines = between(from, until);
        let generator = Generator::default();
        let log = deployments();
        for service in SERVICES.iter().filter(|service| service.log_format == LogFormat::Json) {
            for replica in 0..service.replicas {
                let sample =
                    |at: &str| generator.sample(service, replica, &log, at.parse().unwrap());
                let (before, after) = (sample(from), sample(until));
                let mut logged: BTreeMap<(String, u64), u64> = BTreeMap::new();
                for line in &lines {
                    if line.service == service.name && line.replica == replica {
                        let line: Value = serde_json::from_str(&line.text).unwrap();
                        let route = format!(
                            "{} {}",
                            line["method"].as_str().unwrap(),
                            line["route"].as_str().unwrap()
                        );
                        *logged.entry((route, line["status"].as_u64().unwrap())).or_default() += 1;
                    }
                }
                for (index, route) in service.routes.iter().enumerate() {
                    for (column, status) in route.statuses().enumerate() {
                        let counted = after.routes[index].by_status[column]
                            - before.routes[index].by_status[column];
                        let key = (format!("{} {}", route.method, route.path), status.into());
                        let found = logged.get(&key).copied().unwrap_or_default();
                        if column > 0 {
                            assert_eq!(found, counted, "{} {key:?}", service.name);
                        } else {
                            assert!(found.abs_diff(counted / SUCCESS_EVERY) <= 1, "{key:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_same_time_has_the_same_lines_however_it_is_cut() {
        let whole = between("2026-03-04T11:58:00Z", "2026-03-04T12:02:00Z");
        let mut parts = between("2026-03-04T11:58:00Z", "2026-03-04T11:59:33Z");
        parts.extend(between("2026-03-04T11:59:33Z", "2026-03-04T12:02:04.999Z"));
        let key = |line: &LogLine| (line.service, line.replica, line.time_ns, line.text.clone());
        let mut parts: Vec<_> = parts.iter().map(key).collect();
        let mut all: Vec<_> = whole.iter().map(key).collect();
        parts.sort();
        all.sort();
        assert_eq!(parts, all);
        assert!(all.len() > 1_000, "{}", all.len());
    }

    #[test]
    fn restarts_are_told() {
        let lines = between("2026-03-04T08:59:00Z", "2026-03-04T09:01:00Z");
        let killed: Vec<&LogLine> =
            lines.iter().filter(|line| line.text.contains("memory limit")).collect();
        let [killed] = killed.as_slice() else { panic!("{killed:?}") };
        assert_eq!((killed.service, killed.replica), ("auth", 1));
        assert_eq!(killed.time_ns, i128::from(ms("2026-03-04T09:00:00Z")) * 1_000_000);
        assert!(lines.iter().any(|line| {
            line.service == "auth"
                && line.text.contains("process started")
                && line.text.contains("1.8.2")
        }));
    }

    #[test]
    fn a_bad_version_shows_in_its_lines() {
        let mut log = deployments();
        log.deploy("frontend", "6.0.0-bad", "2026-03-04T12:00:00Z".parse().unwrap()).unwrap();
        let lines = log_lines(
            &Generator::default(),
            &log,
            ms("2026-03-04T12:00:00Z"),
            ms("2026-03-04T12:01:00Z"),
        );
        let of = |part: &str| {
            let wanted = |line: &&LogLine| line.service == "frontend" && line.text.contains(part);
            lines.iter().filter(wanted).count()
        };
        assert!(of("level=error") > 5 * of("level=info"), "{} {}", of("error"), of("info"));
        assert!(of("version=6.0.0-bad") >= of("level="));
        assert!(catalog::service("frontend").unwrap().log_format == LogFormat::Logfmt);
    }
}
