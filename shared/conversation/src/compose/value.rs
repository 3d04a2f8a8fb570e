//! The value of a metric: one number with what belongs to it, or rows side by side.

use model::Unit;
use query::Role;

use super::{
    markdown::{self, bold},
    number,
    report::{Report, limit_words, show},
    results::Reading,
};

/// Rows that a table has at most; the rest is counted.
const MAX_ROWS: usize = 20;

pub(super) fn write(report: &mut Report<'_>) {
    let Some((planned, _)) = report.results.first(&Role::Value) else { return };
    if planned.by.is_empty() { of_one(report) } else { side_by_side(report) }
}

fn of_one(report: &mut Report<'_>) {
    let Some((planned, found)) = report.results.first(&Role::Value) else { return };
    let subject = report.subject();
    let title = planned.title.clone();
    let value = match found.reading() {
        Reading::Number(value) => value,
        Reading::Unread => {
            report.say(format!("The {title} of {} could not be read.", bold(&subject)));
            return next(report, &planned.metric);
        }
        Reading::NotANumber if planned.metric.starts_with("latency") => {
            report.say(format!(
                "{} received no requests in this period, so there is no {title}.",
                bold(&subject)
            ));
            return next(report, &planned.metric);
        }
        Reading::NotANumber | Reading::Empty => return report.say_no_data(&title),
    };
    let told = report.value(planned, &subject, value);
    let was = if title == "requests" || title == "restarts" { "were" } else { "was" };
    let mut sentence = format!("The {title} of {} {was} {}", bold(&subject), bold(&told));
    let companions: Vec<String> = report
        .results
        .all(&Role::Companion)
        .chain(report.results.all(&Role::Total))
        .filter_map(|(planned, found)| Some((planned, found.reading().number()?)))
        .map(|(planned, value)| {
            let told = show(planned, value);
            match planned.role {
                Role::Total => format!("{told} {} in all", planned.title),
                _ => format!("{} {told}", planned.title),
            }
        })
        .collect();
    if !companions.is_empty() {
        sentence.push_str(&format!(" ({})", companions.join(", ")));
    }
    sentence.push('.');
    let service = report.service().unwrap_or_default();
    let held = [
        report.against_limit(planned, value),
        report.against_objective(service, &planned.metric, value),
        report.since_before(value),
    ];
    for held in held.into_iter().flatten() {
        sentence.push(' ');
        sentence.push_str(&held);
    }
    report.say(sentence);
    companion_facts(report, &subject);
    next(report, &planned.metric);
}

fn companion_facts(report: &mut Report<'_>, subject: &str) {
    let results = report.results;
    for role in [Role::Companion, Role::Total] {
        for (planned, found) in results.all(&role) {
            if let Reading::Number(value) = found.reading() {
                let metric =
                    if role == Role::Total { "requests".to_owned() } else { slug(&planned.title) };
                report.fact(subject, &metric, value, planned.unit);
            }
        }
    }
}

/// `maximum CPU usage` → `maximum_cpu_usage`.
fn slug(title: &str) -> String {
    title.to_lowercase().replace(' ', "_")
}

fn side_by_side(report: &mut Report<'_>) {
    let Some((planned, found)) = report.results.first(&Role::Value) else { return };
    let title = planned.title.clone();
    let things = planned.by.join(" and ");
    if !found.is_read() {
        report.say(format!("The {title} of {} could not be read.", report.subject()));
        return next(report, &planned.metric);
    }
    let mut rows = found.rows();
    if planned.query.starts_with("bottomk") {
        rows.reverse();
    }
    match (rows.first(), report.plan.limit) {
        (None, Some(limit)) => {
            report.say(format!("No {things} has a {title} {}.", limit_words(limit, planned)));
            return next(report, &planned.metric);
        }
        (None, None) => return report.say_no_data(&title),
        (Some(first), limit) => {
            let extreme = if planned.query.starts_with("bottomk") { "lowest" } else { "highest" };
            let bound = limit.map_or(String::new(), |limit| {
                let are = if rows.len() == 1 { " is" } else { "s are" };
                format!("{} {things}{are} {}. ", rows.len(), limit_words(limit, planned))
            });
            report.say(format!(
                "{bound}The {extreme} {title} is that of {}: {}.",
                bold(&markdown::name(&first.name)),
                bold(&show(planned, first.value))
            ));
            let first = first.name.clone();
            if report.plan.subject.services.is_empty() && planned.by.len() == 1 {
                report.suggest(format!("Is {first} healthy?"));
                report.suggest(format!("What is the error rate of {first} in the last hour?"));
            }
        }
    }
    let mut cells = Vec::new();
    for row in rows.iter().take(MAX_ROWS) {
        let told = report.value(planned, &row.name, row.value);
        cells.push(vec![markdown::name(&row.name), told]);
    }
    report.table(&[&things, &title], &cells);
    if rows.len() > MAX_ROWS {
        let more = number::show((rows.len() - MAX_ROWS) as f64, Unit::Count, false, "");
        report.say(format!("{more} more are not shown."));
    }
    next(report, &planned.metric);
}

fn next(report: &mut Report<'_>, metric: &str) {
    let Some(service) = report.service().map(str::to_owned) else {
        report.suggest("Are all services healthy?");
        return;
    };
    // A phrase of the person's own is not repeated back: only what is sure to be understood.
    let known = ["latency", "cpu_usage", "memory_usage", "request_rate"];
    if let Some(key) = known.iter().find(|key| metric.starts_with(**key)) {
        let words = match *key {
            "cpu_usage" => "CPU usage".to_owned(),
            "latency" => "p95 latency".to_owned(),
            other => other.replace('_', " "),
        };
        report
            .suggest(format!("How has the {words} of {service} developed over the last 24 hours?"));
    }
    report.suggest(format!("What is the error rate of {service} in the last hour?"));
    report.suggest(format!("Is {service} healthy?"));
}
