//! The past as OpenMetrics text, for `promtool tsdb create-blocks-from openmetrics`: what Prometheus
//! would have scraped had it been there, with the labels that the scrape configuration adds.

use std::{fmt::Write as _, io};

use jiff::Timestamp;

use crate::{
    DeploymentLog, Error, Generator, SERVICES,
    catalog::Service,
    lifetime::runs_between,
    scrape_config::{JOB, SCRAPE_INTERVAL_S, instance},
    series::{FAMILIES, Value, series, values},
};

/// More samples of one series would take more memory than a demo should.
const MAX_SAMPLES_PER_SERIES: i64 = 20_000;
/// The last minutes have samples as dense as live scrapes are. A rate over a window in which the
/// density changes comes out a few per cent low, and this keeps the change away from now.
const DENSE_SECONDS: i64 = 15 * 60;

/// Which moments the history has samples of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryRange {
    from_s: i64,
    until_s: i64,
    step_s: i64,
    /// Where the whole history ends, of which this may be a part.
    end_s: i64,
}

impl HistoryRange {
    /// Samples from the first moment to the last, both included, on multiples of the step, and
    /// denser in the last minutes.
    pub fn new(from: Timestamp, until: Timestamp, step_s: u32) -> Result<Self, Error> {
        let range = Self {
            // Whole seconds within the range.
            from_s: -(-from.as_millisecond()).div_euclid(1_000),
            until_s: until.as_millisecond().div_euclid(1_000),
            step_s: i64::from(step_s),
            end_s: until.as_millisecond().div_euclid(1_000),
        };
        let invalid = |reason: String| Err(Error::InvalidRange { reason });
        if step_s == 0 {
            return invalid("The step must be at least one second".to_owned());
        }
        if range.from_s > range.until_s {
            return invalid(format!("The history would begin ({from}) after its end ({until})"));
        }
        if (range.until_s - range.from_s) / range.step_s > MAX_SAMPLES_PER_SERIES {
            return invalid(format!(
                "The history would have more than {MAX_SAMPLES_PER_SERIES} samples of each series; \
                 take a longer step or a shorter time"
            ));
        }
        Ok(range)
    }

    /// The part of this range before a moment, and the part from it on.
    pub(crate) fn split_at(self, at_s: i64) -> (Option<Self>, Option<Self>) {
        let before = Self { until_s: self.until_s.min(at_s - 1), ..self };
        let after = Self { from_s: self.from_s.max(at_s), ..self };
        let unless_empty = |range: Self| (range.from_s <= range.until_s).then_some(range);
        (unless_empty(before), unless_empty(after))
    }

    pub(crate) fn first_s(self) -> i64 {
        self.from_s
    }

    pub(crate) fn last_s(self) -> i64 {
        self.until_s
    }

    /// The moments sampled: the steps, the very last moment (so that live scrapes follow closely),
    /// and the starts of processes (so that no counter appears out of nowhere).
    fn moments(self, starts_ms: impl Iterator<Item = i64>) -> Vec<i64> {
        let dense_from_s = self.from_s.max(self.end_s - DENSE_SECONDS);
        let mut moments: Vec<i64> = multiples(self.from_s, self.until_s, self.step_s).collect();
        moments.extend(multiples(dense_from_s, self.until_s, self.step_s.min(SCRAPE_INTERVAL_S)));
        if self.until_s == self.end_s {
            moments.push(self.end_s);
        }
        let starts_s = starts_ms.map(|start_ms| -(-start_ms).div_euclid(1_000));
        moments.extend(starts_s.filter(|start_s| (self.from_s..=self.until_s).contains(start_s)));
        moments.sort_unstable();
        moments.dedup();
        moments
    }
}

/// The multiples of a step from one moment to another.
fn multiples(from_s: i64, until_s: i64, step_s: i64) -> impl Iterator<Item = i64> {
    let first = from_s + (-from_s).rem_euclid(step_s);
    (0..=MAX_SAMPLES_PER_SERIES)
        .map(move |index| first + index * step_s)
        .take_while(move |moment_s| *moment_s <= until_s)
}

/// The samples of one replica while it runs one version.
struct Stretch {
    service: &'static Service,
    version: String,
    /// The labels that a scrape adds, with the closing brace and the space before the value.
    tail: String,
    /// Unix seconds, written as they end a line.
    moments: Vec<String>,
    /// One list per moment, in the order of the series.
    values: Vec<Vec<Value>>,
}

/// Writes the history of the whole shop; returns how many samples it has.
pub fn write_history(
    output: &mut impl io::Write,
    generator: &Generator,
    log: &DeploymentLog,
    range: HistoryRange,
) -> io::Result<u64> {
    let mut stretches = Vec::new();
    for service in SERVICES {
        for replica in 0..service.replicas {
            add_stretches(&mut stretches, generator, log, range, service, replica);
        }
    }
    let mut samples = write_up(output, &stretches)?;
    for family in 0..FAMILIES.len() {
        samples += write_family(output, &stretches, family)?;
    }
    output.write_all(b"# EOF\n")?;
    Ok(samples)
}

fn add_stretches(
    stretches: &mut Vec<Stretch>,
    generator: &Generator,
    log: &DeploymentLog,
    range: HistoryRange,
    service: &'static Service,
    replica: u32,
) {
    // The end is included, and a run's is not.
    let until_ms = range.until_s * 1_000 + 1;
    let runs = runs_between(service, replica, log, range.from_s * 1_000, until_ms);
    let tail = format!(r#",instance="{}",job="{JOB}"}} "#, instance(service.name, replica));
    for moment_s in range.moments(runs.iter().map(|(run, ..)| run.started_ms)) {
        let Ok(at) = Timestamp::from_second(moment_s) else { continue };
        let sample = generator.sample(service, replica, log, at);
        let continues = stretches
            .last()
            .is_some_and(|last: &Stretch| last.tail == tail && last.version == sample.version);
        if !continues {
            stretches.push(Stretch {
                service,
                version: sample.version.clone(),
                tail: tail.clone(),
                moments: Vec::new(),
                values: Vec::new(),
            });
        }
        if let Some(last) = stretches.last_mut() {
            last.moments.push(format!(" {moment_s}\n"));
            last.values.push(values(service, &sample));
        }
    }
}

/// `up` is what Prometheus itself records of each scrape.
fn write_up(output: &mut impl io::Write, stretches: &[Stretch]) -> io::Result<u64> {
    output.write_all(b"# TYPE up gauge\n")?;
    let mut samples = 0;
    let mut text = String::new();
    for stretch in stretches {
        text.clear();
        for moment in &stretch.moments {
            let _ = write!(text, "up{{{}1{moment}", stretch.tail.trim_start_matches(','));
            samples += 1;
        }
        output.write_all(text.as_bytes())?;
    }
    Ok(samples)
}

fn write_family(
    output: &mut impl io::Write,
    stretches: &[Stretch],
    index: usize,
) -> io::Result<u64> {
    let family = &FAMILIES[index];
    // OpenMetrics names a counter without the suffix that its samples have.
    let name = family.name.strip_suffix("_total").unwrap_or(family.name);
    write!(output, "# TYPE {name} {}\n# HELP {name} {}\n", family.kind, family.help)?;
    let mut samples = 0;
    let mut text = String::new();
    for stretch in stretches {
        let list = series(stretch.service, &stretch.version);
        for (column, one) in list.iter().enumerate().filter(|(_, one)| one.family == index) {
            text.clear();
            for (moment, values) in stretch.moments.iter().zip(&stretch.values) {
                text.push_str(&one.head);
                text.push_str(&stretch.tail);
                values[column].write_to(&mut text);
                text.push_str(moment);
                samples += 1;
            }
            output.write_all(text.as_bytes())?;
        }
    }
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use jiff::ToSpan;

    use super::*;
    use crate::exposition;

    fn now() -> Timestamp {
        "2026-03-04T12:34:56.789Z".parse().unwrap()
    }

    fn history(log: &DeploymentLog, range: HistoryRange) -> String {
        let mut output = Vec::new();
        let samples = write_history(&mut output, &Generator::default(), log, range).unwrap();
        let text = String::from_utf8(output).unwrap();
        assert_eq!(text.lines().filter(|line| !line.starts_with('#')).count() as u64, samples);
        text
    }

    /// Series to its samples, in the order of the text.
    fn parse(text: &str) -> BTreeMap<&str, Vec<(i64, &str)>> {
        let mut all: BTreeMap<&str, Vec<(i64, &str)>> = BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (series, rest) = line.split_at(line.find("} ").unwrap() + 1);
            let (value, moment) = rest.trim_start().split_once(' ').unwrap();
            all.entry(series).or_default().push((moment.parse().unwrap(), value));
        }
        all
    }

    #[test]
    fn history_says_what_a_scrape_at_the_moment_would_have() {
        let log = DeploymentLog::seeded(now());
        let range = HistoryRange::new(now() - 30.minutes(), now(), 30).unwrap();
        let text = history(&log, range);
        let all = parse(&text);
        let mut compared = 0;
        for service in SERVICES {
            for replica in 0..service.replicas {
                let name = instance(service.name, replica);
                for moment_s in [(range.until_s - 1_200) / 30 * 30, range.until_s] {
                    let at = Timestamp::from_second(moment_s).unwrap();
                    let sample = Generator::default().sample(service, replica, &log, at);
                    let scrape = exposition(service, &sample);
                    for line in scrape.lines().filter(|line| !line.starts_with('#')) {
                        let (series, value) = line.rsplit_once("} ").unwrap();
                        let series = format!(r#"{series},instance="{name}",job="shop"}}"#);
                        let samples = all.get(series.as_str()).expect(&series);
                        assert!(samples.contains(&(moment_s, value)), "{series} {value}");
                        compared += 1;
                    }
                }
            }
        }
        assert_eq!(compared, 2 * (all.len() - 16), "every series but the 16 of up");
    }

    #[test]
    fn time_rises_within_each_series_and_is_dense_at_the_end() {
        let log = DeploymentLog::seeded(now());
        let text = history(&log, HistoryRange::new(now() - 26.hours(), now(), 300).unwrap());
        assert!(text.ends_with("\n# EOF\n"));
        let all = parse(&text);
        for (series, samples) in &all {
            assert!(samples.is_sorted_by(|a, b| a.0 < b.0), "{series}");
        }
        let up = &all[r#"up{instance="auth-0",job="shop"}"#];
        let last_s = now().as_second();
        assert_eq!(up.last(), Some(&(last_s, "1")));
        assert_eq!(up.iter().filter(|(moment, _)| *moment > last_s - 900).count(), 181);
    }

    #[test]
    fn a_process_begins_with_nearly_nothing_counted() {
        let mut log = DeploymentLog::seeded(now());
        let deployed = log.deploy("orders", "2.1.0", now() + 5.minutes()).unwrap();
        let until = now() + 30.minutes();
        let text = history(&log, HistoryRange::new(now(), until, 30).unwrap());
        let all = parse(&text);
        let series = all.iter().find(|(series, _)| {
            series.starts_with("http_requests_total{") && series.contains(r#"version="2.1.0""#)
        });
        let (moment_s, value) = series.unwrap().1[0];
        // Deployed within a second, and sampled at its end.
        assert_eq!(moment_s, deployed.time.as_second() + 1);
        assert!(value.parse::<u64>().unwrap() < 10);
    }

    #[test]
    fn parts_make_the_whole() {
        let log = DeploymentLog::seeded(now());
        let whole = HistoryRange::new(now() - 1.hour(), now(), 60).unwrap();
        let (first, second) = whole.split_at(now().as_second() - 1_800);
        let (first, second) = (history(&log, first.unwrap()), history(&log, second.unwrap()));
        let parts: BTreeSet<&str> = first.lines().chain(second.lines()).collect();
        let text = history(&log, whole);
        assert_eq!(parts, text.lines().collect());
        assert_eq!(whole.split_at(0), (None, Some(whole)));
    }

    #[test]
    fn a_range_that_makes_no_sense_is_refused() {
        for (from, step_s) in [(now() + 1.minute(), 30), (now() - 2_000.hours(), 30), (now(), 0)] {
            let error = HistoryRange::new(from, now(), step_s).unwrap_err();
            assert!(matches!(error, Error::InvalidRange { .. }), "{error}");
        }
    }
}
