//! Deployments: what runs, and when that changed, read off the times at which versions were seen.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use query::{Evaluation, Point, ResultSeries, Role};

use super::{
    chart,
    markdown::{self, bold},
    moment, number,
    report::Report,
};
use model::Unit;

/// A version that is not seen for less than this was not scraped, not taken away.
const MAX_GAP_S: f64 = 600.0;
/// A version that comes and one that goes within this time are one roll-out.
const ROLLOUT_S: f64 = 1_800.0;
/// Changes that a table names at most; the latest are the interesting ones.
const MAX_CHANGES: usize = 20;

/// A version of a service from when it was first seen to when it was last.
#[derive(Debug, Clone, PartialEq)]
struct Stay {
    service: String,
    version: String,
    from_s: f64,
    to_s: f64,
}

/// A version that came in place of others.
#[derive(Debug, Clone, PartialEq)]
struct Change {
    at_s: f64,
    service: String,
    before: Vec<String>,
    after: String,
}

pub(super) fn write(report: &mut Report<'_>) {
    running(report);
    changes(report);
    match report.service().map(str::to_owned) {
        Some(service) => {
            report.suggest(format!("What is the error rate of {service} in the last hour?"));
            report.suggest(format!("Is {service} healthy?"));
        }
        None => report.suggest("Are all services healthy?"),
    }
}

/// The service and the version of a series, by the labels of the query in this order.
fn parts(series: &ResultSeries, by: &[String]) -> Option<(String, String)> {
    let [service, version] = by else { return None };
    Some((series.labels.get(service)?.clone(), series.labels.get(version)?.clone()))
}

fn running(report: &mut Report<'_>) {
    let Some((planned, found)) = report.results.first(&Role::Value) else { return };
    if !found.is_read() {
        return report.say("Which versions run now could not be read.");
    }
    let counted = planned.title == "instances";
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for series in found.series() {
        let Some((service, version)) = parts(series, &planned.by) else { continue };
        let count = series.last().unwrap_or_default();
        if counted {
            report.fact(&format!("{service} {version}"), "instances", count, Unit::Count);
        }
        let instances = if counted {
            let word = if count == 1.0 { "instance" } else { "instances" };
            format!(" ({} {word})", number::show(count, Unit::Count, false, ""))
        } else {
            String::new()
        };
        let told = format!("{}{instances}", bold(&markdown::name(&version)));
        versions.entry(service).or_default().push(told);
    }
    match versions.len() {
        0 => report.say_no_data("versions"),
        1 => {
            for (service, running) in versions {
                report.say(format!(
                    "{} runs {}.",
                    bold(&markdown::name(&service)),
                    running.join(" and ")
                ));
            }
        }
        _ => {
            let cells: Vec<Vec<String>> = versions
                .into_iter()
                .map(|(service, running)| vec![markdown::name(&service), running.join(", ")])
                .collect();
            report.table(&["service", "version"], &cells);
        }
    }
}

fn changes(report: &mut Report<'_>) {
    let Some((planned, found)) = report.results.first(&Role::Series) else { return };
    let Evaluation::Range { start, end, step_s } = planned.evaluation else { return };
    if !found.is_read() {
        return;
    }
    let stays: Vec<Stay> = found
        .series()
        .iter()
        .filter_map(|series| Some((parts(series, &planned.by)?, series)))
        .flat_map(|((service, version), series)| stays(&service, &version, series, step_s))
        .collect();
    if stays.is_empty() {
        return;
    }
    // Where the records begin within the period, what is seen first was not new then.
    let first_seen_s = stays.iter().map(|stay| stay.from_s).fold(f64::INFINITY, f64::min);
    let begin_s = first_seen_s.max(start.as_second() as f64);
    let range = (begin_s, end.as_second() as f64, step_s as f64);
    let mut changes = found_changes(&stays, range);
    let zone = report.plan.zone.clone();
    if begin_s > start.as_second() as f64 + step_s as f64 {
        report.say(format!("Nothing is recorded before {}.", moment::at_second(begin_s, &zone)));
    }
    if changes.is_empty() {
        report.say("No version changed in this period.");
    } else {
        let number = changes.len();
        changes.truncate(MAX_CHANGES);
        let cells: Vec<Vec<String>> = changes.iter().map(|it| told(it, &zone)).collect();
        let times = if number == 1 { "change" } else { "changes" };
        report.say(format!("{number} {times} in this period, the latest first:"));
        report.table(&["seen at", "service", "before", "after"], &cells);
        report.say(format!(
            "Times are those at which a version was first seen, to within {}.",
            moment::length(step_s)
        ));
    }
    let named = found.series().iter().map(|series| (found.name(series), series.points.clone()));
    report.show(chart::table("Versions over time", named.collect::<Vec<(String, Vec<Point>)>>()));
}

fn told(change: &Change, zone: &TimeZone) -> Vec<String> {
    let before = match change.before.as_slice() {
        [] => "–".to_owned(),
        versions => markdown::name(&versions.join(", ")),
    };
    vec![
        moment::at_second(change.at_s, zone),
        markdown::name(&change.service),
        before,
        bold(&markdown::name(&change.after)),
    ]
}

/// The times without a gap in which a version was seen.
fn stays(service: &str, version: &str, series: &ResultSeries, step_s: i64) -> Vec<Stay> {
    let longest_gap_s = (2.0 * step_s as f64).max(MAX_GAP_S);
    let mut stays: Vec<Stay> = Vec::new();
    for point in series.points.iter().filter(|point| point.value.is_some_and(|it| it > 0.0)) {
        match stays.last_mut() {
            Some(stay) if point.time_s - stay.to_s <= longest_gap_s => stay.to_s = point.time_s,
            _ => stays.push(Stay {
                service: service.to_owned(),
                version: version.to_owned(),
                from_s: point.time_s,
                to_s: point.time_s,
            }),
        }
    }
    stays
}

/// Versions that came after the period began, with those of the same service that went about then;
/// the latest first. What was there when the period began did not change.
fn found_changes(stays: &[Stay], (start_s, end_s, step_s): (f64, f64, f64)) -> Vec<Change> {
    let mut changes: Vec<Change> = stays
        .iter()
        .filter(|stay| stay.from_s > start_s + step_s)
        .map(|came| {
            let mut before: Vec<String> = stays
                .iter()
                .filter(|other| other.service == came.service && other.version != came.version)
                .filter(|other| other.from_s < came.from_s && other.to_s < end_s - step_s)
                .filter(|other| (other.to_s - came.from_s).abs() <= ROLLOUT_S)
                .map(|other| other.version.clone())
                .collect();
            before.dedup();
            Change {
                at_s: came.from_s,
                service: came.service.clone(),
                before,
                after: came.version.clone(),
            }
        })
        .collect();
    changes.sort_by(|a, b| {
        b.at_s
            .total_cmp(&a.at_s)
            .then_with(|| a.service.cmp(&b.service))
            .then_with(|| a.after.cmp(&b.after))
    });
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(seen: &[(i32, i32)]) -> ResultSeries {
        let points = seen
            .iter()
            .flat_map(|(from, to)| (*from..=*to).step_by(60))
            .map(|second| Point::new(f64::from(second), 1.0))
            .collect();
        ResultSeries { points, ..ResultSeries::default() }
    }

    fn changed(versions: &[(&str, &[(i32, i32)])]) -> Vec<(f64, Vec<String>, String)> {
        let stays: Vec<Stay> = versions
            .iter()
            .flat_map(|(version, seen)| stays("payment", version, &series(seen), 60))
            .collect();
        let changes = found_changes(&stays, (0.0, 36_000.0, 60.0));
        changes.into_iter().map(|change| (change.at_s, change.before, change.after)).collect()
    }

    #[test]
    fn a_rollout_is_one_change() {
        let old = "1.0".to_owned();
        for (versions, expected) in [
            (&[("1.0", &[(0, 36_000)][..])][..], vec![]),
            (
                &[("1.0", &[(0, 18_000)]), ("2.0", &[(17_940, 36_000)])],
                vec![(17_940.0, vec![old.clone()], "2.0".to_owned())],
            ),
            // A canary beside the old version replaces nothing.
            (
                &[("1.0", &[(0, 36_000)]), ("2.0", &[(18_000, 36_000)])],
                vec![(18_000.0, vec![], "2.0".to_owned())],
            ),
            // A short gap is a missed scrape.
            (&[("1.0", &[(0, 9_000), (9_300, 36_000)])], vec![]),
            // There and back.
            (
                &[("1.0", &[(0, 9_000), (18_000, 36_000)]), ("2.0", &[(9_060, 17_940)])],
                vec![
                    (18_000.0, vec!["2.0".to_owned()], old.clone()),
                    (9_060.0, vec![old.clone()], "2.0".to_owned()),
                ],
            ),
        ] {
            assert_eq!(changed(versions), expected, "{versions:?}");
        }
    }
}
