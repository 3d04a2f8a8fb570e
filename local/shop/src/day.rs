//! One day of one replica, integrated minute by minute: how much each counter has grown since
//! midnight UTC. Rates are constant within a minute, so any moment is a linear interpolation.
//!
//! Everything is counted in whole millionths: sums are then exact, monotone, and the same on every
//! machine, which floating point sums are not.

use std::f64::consts::{PI, TAU};

use crate::{
    catalog::{BUCKETS_SECONDS, Route, Service},
    noise::{Stream, noise},
    trouble::{self, Effect, MINUTES_PER_DAY},
};

pub(crate) const MILLIONTHS: u64 = 1_000_000;
pub(crate) const MS_PER_MINUTE: i64 = 60_000;
pub(crate) const MS_PER_DAY: i64 = MS_PER_MINUTE * MINUTES_PER_DAY as i64;

/// Finite buckets and `+Inf`.
pub(crate) const BUCKET_COUNT: usize = BUCKETS_SECONDS.len() + 1;

/// The shape of the log-logistic latency distribution: p95 is 2.3 times the median, p99 3.7 times.
const LATENCY_SHAPE: f64 = 3.5;
/// A version with this suffix is bad, in the two ways that follow.
const BAD_SUFFIX: &str = "-bad";
const BAD_FAILURE_RATIO: f64 = 0.20;
const BAD_SLOWNESS: f64 = 3.0;
/// However many troubles coincide, some requests succeed.
const MAX_FAILURE_RATIO: f64 = 0.95;
const PEAK_MINUTE: f64 = 15.0 * 60.0;
const WEEKEND_TRAFFIC: f64 = 0.8;

/// How well a version behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Quality {
    Good,
    Bad,
}

impl Quality {
    pub(crate) fn of(version: &str) -> Self {
        if version.ends_with(BAD_SUFFIX) { Self::Bad } else { Self::Good }
    }
}

/// How many columns a route has: a counter per status, the buckets, and the sum of durations.
pub(crate) fn columns(route: &Route) -> usize {
    1 + route.failures.len() + BUCKET_COUNT + 1
}

/// The growth of every counter of one replica over one day.
#[derive(Debug)]
pub(crate) struct DayTable {
    width: usize,
    /// One row per minute boundary, the first all zero; a row has the columns of each route in
    /// turn. Requests count in millionths, durations in microseconds.
    rows: Vec<u64>,
}

impl DayTable {
    pub(crate) fn build(service: &Service, replica: u32, quality: Quality, day: i64) -> Self {
        let width = service.routes.iter().map(columns).sum();
        let mut rows = vec![0; width];
        rows.reserve(width * MINUTES_PER_DAY as usize);
        let mut totals = vec![0_u64; width];
        for minute in 0..MINUTES_PER_DAY {
            let conditions = Conditions::of(service, replica, quality, day, minute);
            let mut column = 0;
            for route in service.routes {
                let next = column + columns(route);
                conditions.add_minute(route, &mut totals[column..next]);
                column = next;
            }
            rows.extend_from_slice(&totals);
        }
        Self { width, rows }
    }

    /// Adds the growth between two moments of the day, in milliseconds since midnight, to `totals`.
    pub(crate) fn add_growth(&self, from_ms: i64, to_ms: i64, totals: &mut [u64]) {
        let from = Position::of(from_ms);
        let to = Position::of(to_ms);
        for (column, total) in totals.iter_mut().enumerate() {
            *total += self.value(column, to) - self.value(column, from);
        }
    }

    fn value(&self, column: usize, position: Position) -> u64 {
        let index = position.minute * self.width + column;
        let before = self.rows[index];
        if position.ms == 0 {
            return before;
        }
        let grown = self.rows[index + self.width] - before;
        before + grown * position.ms / MS_PER_MINUTE.unsigned_abs()
    }
}

#[derive(Clone, Copy)]
struct Position {
    minute: usize,
    ms: u64,
}

impl Position {
    fn of(ms_of_day: i64) -> Self {
        let ms = ms_of_day.clamp(0, MS_PER_DAY);
        Self {
            minute: usize::try_from(ms / MS_PER_MINUTE).unwrap_or_default(),
            ms: (ms % MS_PER_MINUTE).unsigned_abs(),
        }
    }
}

/// Traffic of a replica in a minute relative to its mean: the time of day, the day of the week,
/// chance, and trouble.
pub(crate) fn traffic_factor(service: &Service, replica: u32, day: i64, minute: u32) -> f64 {
    let phase = (f64::from(minute) - PEAK_MINUTE) / f64::from(MINUTES_PER_DAY) * TAU;
    // The epoch was a Thursday; Sunday is 0 and Saturday 6.
    let weekend = matches!((day + 4).rem_euclid(7), 0 | 6);
    let mut factor = 1.0 + service.daily_swing * phase.cos();
    factor *= if weekend { WEEKEND_TRAFFIC } else { 1.0 };
    factor *= 1.0 + 0.08 * noise(Stream::DayTraffic, service.name, 0, day, 0);
    factor *= 1.0 + 0.05 * noise(Stream::MinuteTraffic, service.name, replica, day, minute);
    for effect in trouble::effects(service, replica, minute) {
        if let Effect::Traffic(times) = effect {
            factor *= times;
        }
    }
    factor
}

/// By how much the latency of a replica is multiplied at a moment.
pub(crate) fn latency_factor(service: &Service, replica: u32, quality: Quality, at_ms: i64) -> f64 {
    let day = at_ms.div_euclid(MS_PER_DAY);
    let minute = u32::try_from(at_ms.rem_euclid(MS_PER_DAY) / MS_PER_MINUTE).unwrap_or_default();
    Conditions::of(service, replica, quality, day, minute).latency
}

/// The duration below which a share of requests is, 0 to 1, of those with a median; the inverse of
/// the distribution that fills the buckets.
pub(crate) fn latency_quantile_seconds(median_seconds: f64, share: f64) -> f64 {
    let share = share.clamp(0.000_1, 0.999_9);
    median_seconds * (share / (1.0 - share)).powf(1.0 / LATENCY_SHAPE)
}

/// What a minute is like for one replica.
struct Conditions {
    /// Requests of the replica in the minute, all routes.
    requests: f64,
    /// What the usual error ratios are multiplied by.
    errors: f64,
    latency: f64,
    extra_failures: Vec<(u16, f64)>,
    quality: Quality,
}

impl Conditions {
    fn of(service: &Service, replica: u32, quality: Quality, day: i64, minute: u32) -> Self {
        let chance = |stream, replica, minute| noise(stream, service.name, replica, day, minute);
        let per_minute = service.requests_per_second * 60.0 / f64::from(service.replicas);
        let mut conditions = Self {
            requests: per_minute * traffic_factor(service, replica, day, minute),
            errors: (1.0 + 0.15 * chance(Stream::DayErrors, 0, 0))
                * (1.0 + 0.25 * chance(Stream::MinuteErrors, replica, minute)),
            latency: (1.0 + 0.08 * chance(Stream::DayLatency, 0, 0))
                * (1.0 + 0.04 * chance(Stream::MinuteLatency, replica, minute)),
            extra_failures: Vec::new(),
            quality,
        };
        if quality == Quality::Bad {
            conditions.latency *= BAD_SLOWNESS;
        }
        for effect in trouble::effects(service, replica, minute) {
            match effect {
                Effect::Slow(times) => conditions.latency *= times,
                Effect::Fails { status, ratio } => conditions.extra_failures.push((status, ratio)),
                Effect::Traffic(_) | Effect::Cpu(_) | Effect::LeaksMemory => {}
            }
        }
        conditions
    }

    fn add_minute(&self, route: &Route, totals: &mut [u64]) {
        let requests = millionths(self.requests * route.share);
        let mut succeeded = requests;
        let ratios = self.failure_ratios(route);
        for (total, ratio) in totals[1..].iter_mut().zip(&ratios) {
            let failed = millionths(self.requests * route.share * ratio).min(succeeded);
            *total += failed;
            succeeded -= failed;
        }
        totals[0] += succeeded;

        let median = route.median_seconds * self.latency;
        let durations = &mut totals[1 + ratios.len()..];
        for (total, bound) in durations.iter_mut().zip(BUCKETS_SECONDS) {
            let share = 1.0 / (1.0 + (bound / median).powf(-LATENCY_SHAPE));
            *total += millionths(self.requests * route.share * share).min(requests);
        }
        durations[BUCKET_COUNT - 1] += requests;
        // The mean of a log-logistic distribution.
        let mean = median * (PI / LATENCY_SHAPE) / (PI / LATENCY_SHAPE).sin();
        durations[BUCKET_COUNT] += millionths(self.requests * route.share * mean);
    }

    /// The share of requests that ends in each of the route's failures.
    fn failure_ratios(&self, route: &Route) -> Vec<f64> {
        let mut ratios: Vec<f64> = route
            .failures
            .iter()
            .map(|(status, usual)| {
                let extra = self.extra_failures.iter().filter(|(other, _)| other == status);
                usual * self.errors + extra.map(|(_, ratio)| ratio).sum::<f64>()
            })
            .collect();
        let is_server_error = |index: usize| route.failures[index].0 >= 500;
        if self.quality == Quality::Bad {
            let server_errors: f64 =
                (0..ratios.len()).filter(|index| is_server_error(*index)).map(|i| ratios[i]).sum();
            let times = (BAD_FAILURE_RATIO / server_errors).max(1.0);
            for (index, ratio) in ratios.iter_mut().enumerate() {
                if is_server_error(index) {
                    *ratio *= times;
                }
            }
        }
        let excess = ratios.iter().sum::<f64>() / MAX_FAILURE_RATIO;
        if excess > 1.0 {
            ratios.iter_mut().for_each(|ratio| *ratio /= excess);
        }
        ratios
    }
}

fn millionths(value: f64) -> u64 {
    (value * MILLIONTHS as f64).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{self, SERVICES};

    const DAY: i64 = 20_412;

    #[test]
    fn rows_never_fall_and_requests_equal_the_histogram() {
        for service in SERVICES {
            let table = DayTable::build(service, 1, Quality::Good, DAY);
            for (row, next) in
                table.rows.chunks(table.width).zip(table.rows[table.width..].chunks(table.width))
            {
                assert!(row.iter().zip(next).all(|(a, b)| a <= b), "{}", service.name);
                let mut column = 0;
                for route in service.routes {
                    let statuses = 1 + route.failures.len();
                    let counted: u64 = next[column..column + statuses].iter().sum();
                    let buckets = &next[column + statuses..column + statuses + BUCKET_COUNT];
                    assert!(buckets.is_sorted(), "{} {}", service.name, route.path);
                    assert_eq!(buckets[BUCKET_COUNT - 1], counted);
                    column += columns(route);
                }
            }
        }
    }

    #[test]
    fn every_route_can_fail_by_the_server() {
        for route in SERVICES.iter().flat_map(|service| service.routes) {
            assert!(route.failures.iter().any(|(status, ratio)| *status >= 500 && *ratio > 0.0));
        }
    }

    #[test]
    fn traffic_peaks_in_the_afternoon() {
        let service = catalog::service("frontend").unwrap();
        let hour = |hour: u32| -> f64 {
            (hour * 60..hour * 60 + 60).map(|minute| traffic_factor(service, 0, DAY, minute)).sum()
        };
        assert!(hour(15) > 2.0 * hour(3));
    }
}
