//! How a service is doing, judged by what its metrics say of the last minutes.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::{
    DeploymentLog, Generator, Increase,
    catalog::{BUCKETS_SECONDS, Service},
};

const WINDOW: SignedDuration = SignedDuration::from_mins(5);
const DOWN_ERROR_RATIO: f64 = 0.50;
const DEGRADED_ERROR_RATIO: f64 = 0.03;
const DEGRADED_P95_SECONDS: f64 = 0.70;
const DEGRADED_USAGE_RATIO: f64 = 0.90;

/// The verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Ok,
    Degraded,
    Down,
}

/// A service's health, with the numbers it was judged by.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Health {
    pub service: &'static str,
    pub status: Status,
    /// Why it is not ok, in words.
    pub reasons: Vec<String>,
    pub version: String,
    pub deployed_at: Option<Timestamp>,
    pub replicas: u32,
    /// What the numbers cover: the last five minutes, or the time since the deployment where that
    /// is shorter.
    pub window_seconds: f64,
    pub requests_per_second: f64,
    /// Share of requests answered with 5xx; absent where there were none.
    pub error_ratio: Option<f64>,
    pub latency_p95_seconds: Option<f64>,
    /// Of the replica that uses most.
    pub cpu_usage_ratio: f64,
    pub memory_usage_ratio: f64,
    pub checked_at: Timestamp,
}

/// Judges a service as of now.
pub fn health(
    generator: &Generator,
    service: &'static Service,
    log: &DeploymentLog,
    now: Timestamp,
) -> Health {
    let deployed_at = log.of(service.name).next_back().map(|deployment| deployment.time);
    let window_begin = now.saturating_sub(WINDOW).unwrap_or(now);
    let from = deployed_at.map_or(window_begin, |time| time.max(window_begin)).min(now);
    let window_seconds = (now.as_millisecond() - from.as_millisecond()) as f64 / 1_000.0;
    let increase = generator.increase(service, log, from, now);

    let mut version = String::new();
    let (mut cpu_usage_ratio, mut memory_usage_ratio) = (0.0_f64, 0.0_f64);
    for replica in 0..service.replicas {
        let sample = generator.sample(service, replica, log, now);
        cpu_usage_ratio = cpu_usage_ratio.max(sample.cpu_thousandths as f64 / 1_000.0);
        let memory = sample.memory_bytes as f64 / service.memory_limit_bytes as f64;
        memory_usage_ratio = memory_usage_ratio.max(memory);
        version = sample.version;
    }

    let answered = increase.requests > 0.0;
    let mut health = Health {
        service: service.name,
        status: Status::Ok,
        reasons: Vec::new(),
        version,
        deployed_at,
        replicas: service.replicas,
        window_seconds,
        requests_per_second: if answered { increase.requests / window_seconds } else { 0.0 },
        error_ratio: answered.then(|| increase.failed / increase.requests),
        latency_p95_seconds: quantile(0.95, &increase),
        cpu_usage_ratio,
        memory_usage_ratio,
        checked_at: now,
    };
    health.judge();
    health
}

impl Health {
    fn judge(&mut self) {
        if let Some(ratio) = self.error_ratio.filter(|ratio| *ratio >= DEGRADED_ERROR_RATIO) {
            self.reasons.push(format!("{:.1} % of requests fail", ratio * 100.0));
        }
        if let Some(p95) = self.latency_p95_seconds.filter(|p95| *p95 >= DEGRADED_P95_SECONDS) {
            self.reasons.push(format!("p95 latency is {p95:.2} s"));
        }
        for (name, ratio) in [("CPU", self.cpu_usage_ratio), ("memory", self.memory_usage_ratio)] {
            if ratio >= DEGRADED_USAGE_RATIO {
                self.reasons.push(format!("a replica uses {:.0} % of its {name}", ratio * 100.0));
            }
        }
        self.status = match self.error_ratio {
            Some(ratio) if ratio >= DOWN_ERROR_RATIO => Status::Down,
            _ if self.reasons.is_empty() => Status::Ok,
            _ => Status::Degraded,
        };
    }
}

/// A quantile of the request durations, as PromQL's `histogram_quantile` computes it: linear within
/// the bucket, and the highest finite bound for what lies beyond it.
fn quantile(quantile: f64, increase: &Increase) -> Option<f64> {
    let count = increase.buckets.last().copied().filter(|count| *count > 0.0)?;
    let rank = quantile * count;
    let index = increase.buckets.iter().position(|cumulative| *cumulative >= rank)?;
    let Some(upper) = BUCKETS_SECONDS.get(index) else {
        return BUCKETS_SECONDS.last().copied();
    };
    let (lower, below) = match index.checked_sub(1) {
        Some(previous) => (BUCKETS_SECONDS[previous], increase.buckets[previous]),
        None => (0.0, 0.0),
    };
    Some(lower + (upper - lower) * (rank - below) / (increase.buckets[index] - below))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    fn at(time: &str) -> Timestamp {
        format!("2026-03-04T{time}Z").parse().unwrap()
    }

    fn check(log: &DeploymentLog, name: &str, time: &str) -> Health {
        health(&Generator::default(), catalog::service(name).unwrap(), log, at(time))
    }

    #[test]
    fn the_verdict_follows_the_troubles() {
        let log = DeploymentLog::seeded(at("12:00:00"));
        for (name, time, status, reason) in [
            ("payment", "11:00:00", Status::Ok, ""),
            ("payment", "09:30:00", Status::Degraded, "requests fail"),
            ("checkout", "09:50:00", Status::Degraded, "p95"),
            ("orders", "08:30:00", Status::Degraded, "CPU"),
            ("orders", "04:35:00", Status::Down, "requests fail"),
            ("auth", "08:55:00", Status::Degraded, "memory"),
            ("frontend", "09:50:00", Status::Ok, ""),
        ] {
            let health = check(&log, name, time);
            assert_eq!(health.status, status, "{name} at {time}: {health:?}");
            assert_eq!(health.reasons.is_empty(), reason.is_empty(), "{health:?}");
            assert!(health.reasons.iter().all(|text| text.contains(reason)), "{health:?}");
        }
    }

    #[test]
    fn a_bad_deployment_shows_within_seconds() {
        let mut log = DeploymentLog::seeded(at("12:00:00"));
        log.deploy("frontend", "6.0.0-bad", at("12:00:00")).unwrap();
        let none_yet = check(&log, "frontend", "12:00:00");
        assert_eq!((none_yet.status, none_yet.error_ratio), (Status::Ok, None));
        let health = check(&log, "frontend", "12:00:10");
        assert_eq!(health.status, Status::Degraded);
        assert_eq!(health.version, "6.0.0-bad");
        assert!((health.window_seconds - 10.0).abs() < 1e-9);
        assert!((health.error_ratio.unwrap() - 0.20).abs() < 1e-3, "{health:?}");
    }

    #[test]
    fn quantiles_interpolate_within_their_bucket() {
        let increase = |index: usize| {
            let mut increase = Increase { requests: 100.0, ..Increase::default() };
            increase.buckets[index..].fill(100.0);
            increase
        };
        assert_eq!(quantile(0.95, &Increase::default()), None);
        assert!((quantile(0.5, &increase(0)).unwrap() - 0.0025).abs() < 1e-9);
        assert!((quantile(0.5, &increase(2)).unwrap() - 0.0175).abs() < 1e-9);
        assert_eq!(quantile(0.5, &increase(BUCKETS_SECONDS.len())), Some(10.0));
    }
}
