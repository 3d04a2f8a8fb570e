//! Health: a verdict, and the signals that it rests on.

use model::Unit;
use query::{PlannedQuery, Role};

use super::{
    markdown::{self, bold},
    number,
    report::{Report, capitalised},
    results::{Found, Reading},
};

/// What a share of failures is held against where no SLO is configured.
const USUAL_ERROR_RATE: f64 = 0.01;
/// A resource that is used more than this has no room left for a peak.
const STRAINED_SHARE: f64 = 0.9;

/// What a signal says.
#[derive(Debug, Clone, PartialEq)]
enum Finding {
    Good(String),
    Bad(String),
    /// There is nothing to hold it against.
    Neutral,
}

pub(super) fn write(report: &mut Report<'_>) {
    let grouped =
        report.results.first(&Role::Value).is_some_and(|(planned, _)| !planned.by.is_empty());
    if grouped { of_all(report) } else { of_one(report) }
}

fn of_one(report: &mut Report<'_>) {
    let service = report.service().unwrap_or_default().to_owned();
    let subject = report.subject();
    let up = report.results.reading(&Role::Up).number();
    let targets = report.results.reading(&Role::Targets).number();
    let results = report.results;
    let mut cells = Vec::new();
    let mut troubles = Vec::new();
    let mut read = 0;
    let mut unknown = Vec::new();
    if let (Some(up), Some(targets)) = (up, targets) {
        read += 1;
        report.fact(&subject, "targets_up", up, Unit::Count);
        report.fact(&subject, "targets", targets, Unit::Count);
        let told = |count| number::show(count, Unit::Count, false, "");
        if up < targets {
            troubles.push(format!("{} of {} targets are down", told(targets - up), told(targets)));
        }
        cells.push(vec![
            "targets up".to_owned(),
            format!("{} of {}", told(up), told(targets)),
            "–".to_owned(),
        ]);
    }
    for (planned, found) in results.all(&Role::Value) {
        let (told, finding) = match found.reading() {
            Reading::Number(value) => {
                read += 1;
                (report.value(planned, &subject, value), judge(report, &service, planned, value))
            }
            Reading::NotANumber => ("no requests".to_owned(), Finding::Neutral),
            Reading::Empty => {
                unknown.push(planned.title.as_str());
                ("no data".to_owned(), Finding::Neutral)
            }
            Reading::Unread => {
                unknown.push(planned.title.as_str());
                continue;
            }
        };
        let held = match finding {
            Finding::Good(limit) => format!("ok ({limit})"),
            Finding::Bad(limit) => {
                troubles.push(format!("its {} is {told}, {limit}", planned.title));
                bold(&limit)
            }
            Finding::Neutral => "–".to_owned(),
        };
        cells.push(vec![capitalised(&planned.title), told, held]);
    }
    let down = matches!((up, targets), (Some(up), Some(_)) if up == 0.0);
    report.say(verdict(&subject, read, down, &troubles, &unknown));
    if read > 0 {
        report.table(&["signal", "value", "held against"], &cells);
    }
    if report.slos.objective(&service, "error_rate").is_none() && read > 0 {
        report.say(format!(
            "No SLO is configured for its error rate; I held it against {}.",
            number::percent(USUAL_ERROR_RATE)
        ));
    }
    report.suggest(format!("What is the error rate of {service} in the last hour?"));
    report.suggest(format!("Which versions of {service} were deployed in the last 24 hours?"));
    report
        .suggest(format!("How has the p95 latency of {service} developed over the last 24 hours?"));
}

fn verdict(
    subject: &str,
    read: usize,
    down: bool,
    troubles: &[String],
    unknown: &[&str],
) -> String {
    let subject = bold(subject);
    if read == 0 {
        return format!("I cannot tell whether {subject} is healthy: there is no data on it.");
    }
    match (down, troubles) {
        (true, _) => format!("{subject} is {}: none of its targets is up.", bold("down")),
        (false, []) if unknown.is_empty() => format!("{subject} is {}.", bold("healthy")),
        (false, []) => format!(
            "{subject} looks {} by what could be read; nothing is known of its {}.",
            bold("healthy"),
            unknown.join(", ")
        ),
        (false, troubles) => format!("{subject} is {}: {}.", bold("degraded"), troubles.join("; ")),
    }
}

/// Holds a signal against its objective, or against what is usual.
fn judge(report: &Report<'_>, service: &str, planned: &PlannedQuery, value: f64) -> Finding {
    let limit = |limit: f64| number::show(limit, planned.unit, false, &planned.metric);
    if let Some(objective) = report.slos.objective(service, &planned.metric)
        && objective.unit == planned.unit
    {
        let words = format!("SLO {}", limit(objective.limit));
        return match (objective.met_by(value), objective.at_least) {
            (true, _) => Finding::Good(words),
            (false, false) => Finding::Bad(format!("over the {words}")),
            (false, true) => Finding::Bad(format!("under the {words}")),
        };
    }
    let usual = match (planned.metric.as_str(), planned.unit) {
        ("error_rate", _) => USUAL_ERROR_RATE,
        ("cpu_usage" | "memory_usage", Unit::Ratio) => STRAINED_SHARE,
        _ => return Finding::Neutral,
    };
    if value <= usual {
        Finding::Good(format!("up to {}", limit(usual)))
    } else {
        Finding::Bad(format!("over {}", limit(usual)))
    }
}

fn of_all(report: &mut Report<'_>) {
    let results = report.results;
    let signals: Vec<(&PlannedQuery, Found<'_>)> =
        results.all(&Role::Value).filter(|(_, found)| found.is_read()).collect();
    let mut services: Vec<String> = signals
        .iter()
        .flat_map(|(_, found)| found.series().iter().map(|series| found.name(series)))
        .collect();
    services.sort_unstable();
    services.dedup();
    if services.is_empty() {
        return report.say_no_data("health");
    }
    let mut degraded = Vec::new();
    let mut cells = Vec::new();
    for service in &services {
        let mut row = vec![markdown::name(service)];
        let mut troubles = Vec::new();
        for (planned, found) in &signals {
            let Some(value) = found.row(service) else {
                row.push("–".to_owned());
                continue;
            };
            let told = report.value(planned, service, value);
            match judge(report, service, planned, value) {
                Finding::Bad(limit) => {
                    troubles.push(format!("{} {told}, {limit}", planned.title));
                    row.push(bold(&told));
                }
                _ => row.push(told),
            }
        }
        if !troubles.is_empty() {
            degraded.push(format!("{}: {}", bold(&markdown::name(service)), troubles.join("; ")));
            report.suggest(format!("What is the error rate of {service} in the last hour?"));
        }
        cells.push(row);
    }
    let count = services.len();
    report.say(match degraded.len() {
        0 if count == 1 => format!("The one service, {}, is {}.", services[0], bold("healthy")),
        0 => format!("All {count} services are {}.", bold("healthy")),
        bad => format!(
            "{bad} of {count} services {} {}.\n\n- {}",
            if bad == 1 { "is" } else { "are" },
            bold("degraded"),
            degraded.join("\n- ")
        ),
    });
    let header: Vec<&str> = std::iter::once("service")
        .chain(signals.iter().map(|(planned, _)| planned.title.as_str()))
        .collect();
    report.table(&header, &cells);
    report.suggest(format!("Is {} healthy?", services[0]));
    report.suggest("Which service has the highest error rate?".to_owned());
}
