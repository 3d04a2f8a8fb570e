//! Comparisons: metrics as rows, what is compared as columns.

use query::{ComparedBy, PlannedQuery, Role};

use super::{
    markdown::{self, bold},
    moment, number,
    report::{Report, capitalised, show},
    results::{Found, Reading},
};

pub(super) fn write(report: &mut Report<'_>, compared: ComparedBy) {
    match compared {
        ComparedBy::Rows => rows(report),
        ComparedBy::Periods => periods(report),
    }
    next(report);
}

fn rows(report: &mut Report<'_>) {
    let results = report.results;
    let metrics: Vec<(&PlannedQuery, Found<'_>)> =
        results.all(&Role::Value).filter(|(_, found)| found.is_read()).collect();
    let mut sides: Vec<String> = metrics
        .iter()
        .flat_map(|(_, found)| found.series().iter().map(|series| found.name(series)))
        .collect();
    sides.sort_unstable();
    sides.dedup();
    if sides.is_empty() {
        let title = metrics.first().map_or("metrics", |(planned, _)| planned.title.as_str());
        return report.say_no_data(title);
    }
    if let Some((planned, found)) = metrics.first()
        && let Some(sentence) = headline(planned, found)
    {
        report.say(sentence);
    }
    let mut cells = Vec::new();
    for (planned, found) in &metrics {
        let mut row = vec![capitalised(&planned.title)];
        for side in &sides {
            row.push(match found.row(side) {
                Some(value) => report.value(planned, side, value),
                None => "no data".to_owned(),
            });
        }
        cells.push(row);
    }
    let named: Vec<String> = sides.iter().map(|side| markdown::name(side)).collect();
    let header: Vec<&str> =
        std::iter::once("metric").chain(named.iter().map(String::as_str)).collect();
    report.table(&header, &cells);
    say_absent(report, &sides);
}

/// The highest against the lowest.
fn headline(planned: &PlannedQuery, found: &Found<'_>) -> Option<String> {
    let rows = found.rows();
    let (highest, lowest) = (rows.first()?, rows.last()?);
    if rows.len() < 2 {
        return None;
    }
    let named = |name: &str| bold(&markdown::name(name));
    if show(planned, highest.value) == show(planned, lowest.value) {
        return Some(format!(
            "The {} is the same, {}.",
            planned.title,
            bold(&show(planned, highest.value))
        ));
    }
    let times = if lowest.value > 0.0 {
        format!(", {} times as high", number::digits(highest.value / lowest.value))
    } else {
        String::new()
    };
    Some(format!(
        "{} has the higher {}: {} against {} of {}{times}.",
        named(&highest.name),
        planned.title,
        bold(&show(planned, highest.value)),
        bold(&show(planned, lowest.value)),
        named(&lowest.name)
    ))
}

/// Names what was asked for and has no row.
fn say_absent(report: &mut Report<'_>, sides: &[String]) {
    let subject = &report.plan.subject;
    let lists = [&subject.services, &subject.versions, &subject.environments];
    let absent: Vec<String> = lists
        .into_iter()
        .filter(|names| names.len() > 1)
        .flatten()
        .filter(|name| !sides.iter().any(|side| side.contains(name.as_str())))
        .map(|name| bold(&markdown::name(name)))
        .collect();
    if !absent.is_empty() {
        report.say(format!("There is no data on {} in this period.", absent.join(" and ")));
    }
}

fn periods(report: &mut Report<'_>) {
    let Some(baseline) = report.plan.baseline.as_ref() else { return };
    let zone = &report.plan.zone;
    let header = [
        "metric".to_owned(),
        moment::period(&report.plan.period, zone),
        moment::period(baseline, zone),
        "change".to_owned(),
    ];
    let results = report.results;
    let mut cells = Vec::new();
    let mut first_change = None;
    for (planned, found) in results.all(&Role::Value) {
        let before = results.of(&Role::Baseline, &planned.metric);
        for (name, now) in values(&found, planned) {
            let then = before.and_then(|before| match planned.by.is_empty() {
                true => before.reading().number(),
                false => before.row(&name),
            });
            let told_now = report.value(planned, &name, now);
            let told_then = then.map_or("no data".to_owned(), |then| show(planned, then));
            let change =
                then.map_or("–".to_owned(), |then| number::change(then, now, planned.unit));
            let title = match planned.by.is_empty() {
                true => capitalised(&planned.title),
                false => format!("{} of {}", planned.title, markdown::name(&name)),
            };
            if then.is_some() && first_change.is_none() {
                first_change = Some(format!(
                    "The {} of {} is {}, {} against {} in the earlier period.",
                    planned.title,
                    bold(&markdown::name(&name)),
                    change,
                    bold(&told_now),
                    bold(&told_then)
                ));
            }
            cells.push(vec![title, told_now, told_then, change]);
        }
    }
    if cells.is_empty() {
        return report.say_no_data("metrics");
    }
    report.say(first_change.unwrap_or_else(|| {
        "There is no data for the earlier period, so there is nothing to compare with.".to_owned()
    }));
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    report.table(&header, &cells);
}

fn values(found: &Found<'_>, planned: &PlannedQuery) -> Vec<(String, f64)> {
    if planned.by.is_empty() {
        return match found.reading() {
            Reading::Number(value) => vec![(planned.label.clone(), value)],
            _ => Vec::new(),
        };
    }
    found.rows().into_iter().map(|row| (row.name, row.value)).collect()
}

fn next(report: &mut Report<'_>) {
    let services = report.plan.subject.services.clone();
    for service in services.iter().take(2) {
        report.suggest(format!("Is {service} healthy?"));
    }
    match services.first() {
        Some(service) => report
            .suggest(format!("Which versions of {service} were deployed in the last 24 hours?")),
        None => report.suggest("Are all services healthy?"),
    }
}
