//! Error rates: the share, the counts behind it, and what the failures are made of.

use model::Unit;
use query::Role;

use super::{
    markdown::{self, bold},
    number,
    report::{Report, limit_words, show},
    results::{Reading, Results, Row},
};

pub(super) fn write(report: &mut Report<'_>) {
    let Some((planned, found)) = report.results.first(&Role::Value) else { return };
    if planned.by.is_empty() { of_one(report) } else { side_by_side(report, &found.rows()) }
}

/// A failure that never happened has no series, which is none where there were requests.
fn failures(results: &Results<'_>) -> Option<f64> {
    let requests = results.reading(&Role::Total).number()?;
    match results.reading(&Role::Failures) {
        Reading::Number(failures) => Some(failures),
        Reading::Empty if requests > 0.0 => Some(0.0),
        _ => None,
    }
}

fn of_one(report: &mut Report<'_>) {
    let Some((planned, found)) = report.results.first(&Role::Value) else { return };
    let title = planned.title.clone();
    let subject = report.subject();
    let total = report.results.reading(&Role::Total);
    let failures = failures(report.results);
    let rate = match (found.reading(), failures, total.number()) {
        (Reading::Number(rate), ..) => rate,
        // The share could not be read, but what it is made of was.
        (Reading::Unread, Some(failures), Some(total)) if total > 0.0 => failures / total,
        (Reading::Unread, ..) => {
            report.say(format!("The {title} of {} could not be read.", bold(&subject)));
            return next(report);
        }
        (Reading::NotANumber, ..) | (_, _, Some(0.0)) => {
            report.say(format!(
                "{} received no requests in this period, so there is no {title}.",
                bold(&subject)
            ));
            return next(report);
        }
        (Reading::Empty, ..) => return report.say_no_data(&title),
    };

    let told = report.value(planned, &subject, rate);
    let mut sentence = format!("The {title} of {} was {}", bold(&subject), bold(&told));
    if let (Some(failures), Some(total)) = (failures, total.number()) {
        report.fact(&subject, "failures", failures, Unit::Count);
        report.fact(&subject, "requests", total, Unit::Count);
        let status = report.plan.subject.status.as_ref();
        let failed = status.map_or("failed".to_owned(), |status| format!("ended with {status}"));
        sentence.push_str(&format!(
            ": {} of {} requests {failed}",
            number::show(failures, Unit::Count, false, ""),
            number::show(total, Unit::Count, false, "")
        ));
    }
    sentence.push('.');
    let service = report.service().unwrap_or_default();
    let held = [
        report.against_limit(planned, rate),
        // An objective is for failures as such, not for one status.
        report
            .plan
            .subject
            .status
            .is_none()
            .then(|| report.against_objective(service, "error_rate", rate))
            .flatten(),
        report.since_before(rate),
    ];
    for held in held.into_iter().flatten() {
        sentence.push(' ');
        sentence.push_str(&held);
    }
    report.say(sentence);
    breakdowns(report);
    next(report);
}

fn breakdowns(report: &mut Report<'_>) {
    for what in ["status", "route"] {
        let Some((planned, found)) = report.results.first(&Role::Breakdown { what }) else {
            continue;
        };
        let rows: Vec<Row> = found.rows().into_iter().filter(|row| row.value > 0.0).collect();
        let all: f64 = rows.iter().map(|row| row.value).sum();
        // One status out of one is what was asked for.
        let asked_for = what == "status" && rows.len() == 1 && report.plan.subject.status.is_some();
        if rows.is_empty() || asked_for {
            continue;
        }
        let cells: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                report.fact(&row.name, "failures", row.value, Unit::Count);
                vec![
                    markdown::name(&row.name),
                    number::show(row.value, Unit::Count, false, ""),
                    number::percent(row.value / all),
                ]
            })
            .collect();
        report.table(&[what, &planned.title, "share of these"], &cells);
    }
}

fn side_by_side(report: &mut Report<'_>, rows: &[Row]) {
    let Some((planned, found)) = report.results.first(&Role::Value) else { return };
    let title = planned.title.clone();
    if !found.is_read() {
        report.say(format!("The {title} of {} could not be read.", report.subject()));
        return next(report);
    }
    match (rows, report.plan.limit) {
        ([], Some(limit)) => {
            report.say(format!("No service has an {title} {}.", limit_words(limit, planned)));
            return next(report);
        }
        ([], None) => return report.say_no_data(&title),
        ([first, ..], limit) => {
            let bound = limit.map_or(String::new(), |limit| {
                let services = if rows.len() == 1 { "service is" } else { "services are" };
                format!("{} {services} {}. ", rows.len(), limit_words(limit, planned))
            });
            report.say(format!(
                "{bound}The highest {title} is that of {}: {}.",
                bold(&markdown::name(&first.name)),
                bold(&show(planned, first.value))
            ));
        }
    }
    let count =
        |role: &Role, name: &str| report.results.first(role).and_then(|(_, found)| found.row(name));
    let mut cells = Vec::new();
    let mut facts = Vec::new();
    for row in rows {
        let requests = count(&Role::Total, &row.name);
        let failed = count(&Role::Failures, &row.name)
            .or_else(|| requests.filter(|_| row.value == 0.0).map(|_| 0.0));
        let told = |count: Option<f64>| {
            count.map_or("–".to_owned(), |count| number::show(count, Unit::Count, false, ""))
        };
        let objective = report.slos.objective(&row.name, "error_rate").map_or("–", |objective| {
            if objective.met_by(row.value) { "met" } else { "**missed**" }
        });
        facts.push((row.name.clone(), row.value));
        cells.push(vec![
            markdown::name(&row.name),
            show(planned, row.value),
            told(failed),
            told(requests),
            objective.to_owned(),
        ]);
    }
    for (name, value) in facts {
        report.fact(&name, &planned.metric, value, planned.unit);
    }
    report.table(&["service", &title, "failed", "requests", "SLO"], &cells);
    if let Some(first) = rows.first() {
        report.suggest(format!("What is the error rate of {} in the last hour?", first.name));
        report.suggest(format!("Is {} healthy?", first.name));
    }
    next(report);
}

fn next(report: &mut Report<'_>) {
    let Some(service) = report.service().map(str::to_owned) else {
        report.suggest("Are all services healthy?");
        return;
    };
    report.suggest(format!("Which versions of {service} were deployed in the last 24 hours?"));
    report.suggest(format!("What is the p95 latency of {service} in the last hour?"));
    report
        .suggest(format!("How has the error rate of {service} developed over the last 24 hours?"));
}
