//! The pure function at the heart of the shop: a replica's counters and gauges at any moment, from
//! the time and the deployments alone. It keeps day tables in memory, which change nothing but
//! speed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;

use crate::{
    catalog::Service,
    day::{
        BUCKET_COUNT, DayTable, MILLIONTHS, MS_PER_DAY, MS_PER_MINUTE, Quality, columns,
        traffic_factor,
    },
    deployment::DeploymentLog,
    lifetime::{Run, run_at, runs_between},
    noise::{Stream, noise},
    trouble::{self, Effect},
};

/// Day tables kept: all replicas over today and yesterday, with room for a version of each quality.
/// A table takes about 0.7 MB.
const MAX_TABLES: usize = 72;
const LEAK_FROM: f64 = 0.30;
const LEAK_TO: f64 = 0.98;

/// What a replica's metrics say at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    pub version: String,
    pub started_ms: i64,
    /// One per route, in the catalog's order.
    pub routes: Vec<RouteCounters>,
    /// Share of the CPU in use, in thousandths.
    pub cpu_thousandths: u64,
    pub memory_bytes: u64,
}

/// The counters of one route since the process started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteCounters {
    /// One per status, in the order of [`crate::Route::statuses`].
    pub by_status: Vec<u64>,
    /// Cumulative, one per bound of [`crate::BUCKETS_SECONDS`] and `+Inf`, which is the count.
    pub buckets: Vec<u64>,
    pub sum_ms: u64,
}

/// By how much a service's counters grow between two moments, all replicas and routes together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Increase {
    pub requests: f64,
    /// Requests answered with a status of 500 or more.
    pub failed: f64,
    /// Sum of all request durations.
    pub seconds: f64,
    /// Cumulative histogram, as in [`RouteCounters::buckets`].
    pub buckets: [f64; BUCKET_COUNT],
}

type TableKey = (&'static str, u32, Quality, i64);

/// Computes samples and increases.
#[derive(Debug, Default)]
pub struct Generator {
    tables: Mutex<HashMap<TableKey, Arc<DayTable>>>,
}

impl Generator {
    /// What the metrics of a replica say at a moment.
    pub fn sample(
        &self,
        service: &'static Service,
        replica: u32,
        log: &DeploymentLog,
        at: Timestamp,
    ) -> Sample {
        let at_ms = at.as_millisecond();
        let run = run_at(service, replica, log, at_ms);
        Sample {
            version: run.version.to_owned(),
            started_ms: run.started_ms,
            routes: self.counters(service, replica, &run, at_ms),
            cpu_thousandths: cpu_thousandths(service, replica, at_ms),
            memory_bytes: memory_bytes(service, replica, run.started_ms, at_ms),
        }
    }

    /// The counters of a process at a moment at which it runs, or at which it has just ended.
    pub(crate) fn counters(
        &self,
        service: &'static Service,
        replica: u32,
        run: &Run<'_>,
        at_ms: i64,
    ) -> Vec<RouteCounters> {
        let growth = self.growth(service, replica, Quality::of(run.version), run.started_ms, at_ms);
        let mut rest = growth.as_slice();
        service
            .routes
            .iter()
            .map(|route| {
                let (own, others) = rest.split_at(columns(route));
                rest = others;
                RouteCounters::from_millionths(own, 1 + route.failures.len())
            })
            .collect()
    }

    /// By how much a service's counters truly grow from one moment to another, across restarts and
    /// deployments: what a monitoring system should say, short of what its scrapes miss.
    pub fn increase(
        &self,
        service: &'static Service,
        log: &DeploymentLog,
        from: Timestamp,
        to: Timestamp,
    ) -> Increase {
        let mut increase = Increase::default();
        for replica in 0..service.replicas {
            let runs =
                runs_between(service, replica, log, from.as_millisecond(), to.as_millisecond());
            for (run, from_ms, to_ms) in runs {
                let quality = Quality::of(run.version);
                increase.add(service, &self.growth(service, replica, quality, from_ms, to_ms));
            }
        }
        increase
    }

    /// The growth of each column between two moments at which the same version runs.
    fn growth(
        &self,
        service: &'static Service,
        replica: u32,
        quality: Quality,
        from_ms: i64,
        to_ms: i64,
    ) -> Vec<u64> {
        let mut totals = vec![0; service.routes.iter().map(columns).sum()];
        let mut from_ms = from_ms;
        while from_ms < to_ms {
            let day = from_ms.div_euclid(MS_PER_DAY);
            let midnight_ms = day * MS_PER_DAY;
            let until_ms = to_ms.min(midnight_ms + MS_PER_DAY);
            self.table(service, replica, quality, day).add_growth(
                from_ms - midnight_ms,
                until_ms - midnight_ms,
                &mut totals,
            );
            from_ms = until_ms;
        }
        totals
    }

    fn table(
        &self,
        service: &'static Service,
        replica: u32,
        quality: Quality,
        day: i64,
    ) -> Arc<DayTable> {
        let key = (service.name, replica, quality, day);
        if let Some(table) = self.lock().get(&key) {
            return Arc::clone(table);
        }
        // Built outside of the lock: two threads may build the same table, and it is the same.
        let table = Arc::new(DayTable::build(service, replica, quality, day));
        let mut tables = self.lock();
        if tables.len() >= MAX_TABLES {
            tables.clear();
        }
        tables.insert(key, Arc::clone(&table));
        table
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<TableKey, Arc<DayTable>>> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RouteCounters {
    fn from_millionths(columns: &[u64], statuses: usize) -> Self {
        let whole = |value: &u64| value / MILLIONTHS;
        let by_status: Vec<u64> = columns[..statuses].iter().map(whole).collect();
        // Each status is rounded down on its own; the count follows from them, so that counters
        // and histogram agree to the request.
        let count: u64 = by_status.iter().sum();
        let mut buckets: Vec<u64> = columns[statuses..statuses + BUCKET_COUNT]
            .iter()
            .map(|value| whole(value).min(count))
            .collect();
        buckets[BUCKET_COUNT - 1] = count;
        Self { by_status, buckets, sum_ms: columns[statuses + BUCKET_COUNT] / 1_000 }
    }
}

impl Increase {
    fn add(&mut self, service: &Service, growth: &[u64]) {
        let unit = |value: u64| value as f64 / MILLIONTHS as f64;
        let mut rest = growth;
        for route in service.routes {
            let (own, others) = rest.split_at(columns(route));
            rest = others;
            let (by_status, durations) = own.split_at(1 + route.failures.len());
            for (status, value) in route.statuses().zip(by_status) {
                self.requests += unit(*value);
                if status >= 500 {
                    self.failed += unit(*value);
                }
            }
            for (total, value) in self.buckets.iter_mut().zip(durations) {
                *total += unit(*value);
            }
            self.seconds += unit(durations[BUCKET_COUNT]);
        }
    }
}

fn minute_of(at_ms: i64) -> (i64, u32) {
    let day = at_ms.div_euclid(MS_PER_DAY);
    let minute = at_ms.rem_euclid(MS_PER_DAY) / MS_PER_MINUTE;
    (day, u32::try_from(minute).unwrap_or_default())
}

fn cpu_thousandths(service: &Service, replica: u32, at_ms: i64) -> u64 {
    let (day, minute) = minute_of(at_ms);
    // A third of the load is there without any traffic.
    let load = 0.35 + 0.65 * traffic_factor(service, replica, day, minute);
    let chance = 0.02 * noise(Stream::Cpu, service.name, replica, day, minute);
    let mut ratio = service.cpu_ratio * load + chance;
    for effect in trouble::effects(service, replica, minute) {
        if let Effect::Cpu(at_least) = effect {
            ratio = ratio.max(at_least + chance);
        }
    }
    (ratio.clamp(0.01, 0.99) * 1_000.0).round() as u64
}

fn memory_bytes(service: &Service, replica: u32, started_ms: i64, at_ms: i64) -> u64 {
    let (day, minute) = minute_of(at_ms);
    let chance = 0.01 * noise(Stream::Memory, service.name, replica, day, minute);
    let ratio = match trouble::memory_leak(service, replica) {
        Some(leak) => {
            let age = (at_ms - started_ms) as f64;
            let life = f64::from(leak.every_minutes) * MS_PER_MINUTE as f64;
            LEAK_FROM + (LEAK_TO - LEAK_FROM) * (age / life)
        }
        None => service.memory_ratio,
    };
    ((ratio + chance).clamp(0.05, 0.99) * service.memory_limit_bytes as f64).round() as u64
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, ToSpan};
    use proptest::prelude::*;

    use super::*;
    use crate::{SERVICES, catalog};

    fn now() -> Timestamp {
        "2026-03-04T12:00:00Z".parse().unwrap()
    }

    fn at(minute_of_day: i64) -> Timestamp {
        "2026-03-04T00:00:00Z".parse::<Timestamp>().unwrap() + minute_of_day.minutes()
    }

    fn growth_over(log: &DeploymentLog, name: &str, from: Timestamp, minutes: i64) -> Increase {
        let service = catalog::service(name).unwrap();
        Generator::default().increase(service, log, from, from + minutes.minutes())
    }

    fn error_ratio(increase: &Increase) -> f64 {
        increase.failed / increase.requests
    }

    #[test]
    fn a_bad_version_fails_a_fifth_and_is_three_times_as_slow() {
        let usual = DeploymentLog::seeded(now());
        for service in SERVICES {
            let mut bad = usual.clone();
            // 12:05 is outside of every trouble that changes traffic, errors or latency.
            bad.deploy(service.name, "9.9.9-bad", at(725)).unwrap();
            let before = growth_over(&usual, service.name, at(725), 10);
            let after = growth_over(&bad, service.name, at(725), 10);
            let name = service.name;
            assert!((before.requests / after.requests - 1.0).abs() < 1e-9, "{name}");
            assert!(error_ratio(&before) < 0.02, "{name} {}", error_ratio(&before));
            assert!((error_ratio(&after) - 0.20).abs() < 1e-6, "{name} {}", error_ratio(&after));
            assert!((after.seconds / before.seconds - 3.0).abs() < 1e-6, "{name}");
        }
    }

    #[test]
    fn any_hour_of_payment_has_errors_of_several_kinds() {
        let log = DeploymentLog::seeded(now());
        let service = catalog::service("payment").unwrap();
        for hour in 0..24 {
            let growth = growth_over(&log, "payment", at(hour * 60), 60);
            assert!((0.010..0.05).contains(&error_ratio(&growth)), "{hour}: {growth:?}");
        }
        let sample = Generator::default().sample(service, 0, &log, now());
        for (index, status) in service.routes[0].statuses().enumerate() {
            assert!(sample.routes[0].by_status[index] > 50, "{status}");
        }
    }

    #[test]
    fn troubles_show_in_the_numbers() {
        let log = DeploymentLog::seeded(now());
        let mean = |name, minute| {
            let growth = growth_over(&log, name, at(minute), 5);
            growth.seconds / growth.requests
        };
        let ratio = |name, minute| error_ratio(&growth_over(&log, name, at(minute), 5));
        assert!(ratio("payment", 385) > 0.08 && ratio("payment", 400) < 0.03);
        assert!(ratio("orders", 270) > 0.60 && ratio("orders", 276) < 0.01);
        assert!(mean("checkout", 585) > 3.5 * mean("checkout", 570));
        let requests = |minute| growth_over(&log, "api-gateway", at(minute), 5).requests;
        assert!(requests(332) > 2.0 * requests(320));

        let generator = Generator::default();
        let gauge = |name, replica, minute| {
            generator.sample(catalog::service(name).unwrap(), replica, &log, at(minute))
        };
        assert!(gauge("orders", 1, 500).cpu_thousandths > 930);
        assert!(gauge("orders", 1, 460).cpu_thousandths < 800);
        let memory = |minute| gauge("auth", 1, minute).memory_bytes as f64 / (512.0 * 1_048_576.0);
        assert!(memory(539) > 0.9, "just before it is killed");
        assert!(memory(541) < 0.4, "just after");
        assert_eq!(gauge("auth", 1, 540).routes[0].by_status, [0, 0, 0, 0]);
    }

    #[test]
    fn an_increase_spans_restarts_deployments_and_midnight() {
        let mut log = DeploymentLog::seeded(now());
        log.deploy("checkout", "4.0.0-bad", at(800)).unwrap();
        log.deploy("checkout", "4.0.0", at(900)).unwrap();
        let whole = growth_over(&log, "checkout", at(-300), 1_500);
        let mut parts = Increase::default();
        for (from, minutes) in [(-300, 7), (-293, 1_093), (800, 63), (863, 337)] {
            let part = growth_over(&log, "checkout", at(from), minutes);
            parts.requests += part.requests;
            parts.failed += part.failed;
        }
        assert!((whole.requests - parts.requests).abs() < 1e-3);
        assert!((whole.failed - parts.failed).abs() < 1e-3);
    }

    #[test]
    fn a_counter_starts_from_zero_with_each_process() {
        let mut log = DeploymentLog::seeded(now());
        let service = catalog::service("payment").unwrap();
        let deployed = log.deploy("payment", "2.5.0", at(725)).unwrap();
        let generator = Generator::default();
        let before = generator.sample(service, 2, &log, deployed.time - 1.millisecond());
        let start = generator.sample(service, 2, &log, deployed.time);
        assert_eq!((before.version.as_str(), start.version.as_str()), ("2.4.0", "2.5.0"));
        assert!(before.routes[0].by_status[0] > 1_000);
        assert!(start.routes.iter().all(|route| route.by_status.iter().sum::<u64>() == 0));
        assert_eq!(start.started_ms, deployed.time.as_millisecond());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn counters_never_fall_while_a_process_runs(
            service in 0..SERVICES.len(),
            replica in 0_u32..2,
            offset_ms in 0_i64..48 * 3_600_000,
            later_ms in 0_i64..7_200_000,
        ) {
            let service = &SERVICES[service];
            let log = DeploymentLog::seeded(now());
            let generator = Generator::default();
            let first_at = now() - SignedDuration::from_millis(offset_ms);
            let second_at = first_at + SignedDuration::from_millis(later_ms);
            let first = generator.sample(service, replica, &log, first_at);
            let second = generator.sample(service, replica, &log, second_at);
            prop_assert!(second.started_ms >= first.started_ms);
            for route in &second.routes {
                prop_assert!(route.buckets.is_sorted());
                prop_assert_eq!(route.buckets.last().copied(), Some(route.by_status.iter().sum()));
            }
            if second.started_ms == first.started_ms {
                for (one, other) in first.routes.iter().zip(&second.routes) {
                    prop_assert!(one.by_status.iter().zip(&other.by_status).all(|(a, b)| a <= b));
                    prop_assert!(one.buckets.iter().zip(&other.buckets).all(|(a, b)| a <= b));
                    prop_assert!(one.sum_ms <= other.sum_ms);
                }
            }
        }
    }
}
