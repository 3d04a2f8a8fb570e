//! Trends: from where to where, how steadily, and the extremes with their times.

use query::{PlannedQuery, Role};

use super::{
    markdown::{self, bold},
    moment, number,
    report::{Report, show},
    results::Reading,
};

const HOUR_S: f64 = 3_600.0;
/// A line is worth telling when it explains so much of the variance.
const STEADY: f64 = 0.5;

pub(super) fn write(report: &mut Report<'_>) {
    let Some((planned, _)) = report.results.first(&Role::Value) else { return };
    if planned.by.is_empty() {
        of_one(report, planned)
    } else {
        side_by_side(report, planned)
    }
    next(report);
}

fn of_one(report: &mut Report<'_>, planned: &PlannedQuery) {
    let subject = report.subject();
    let results = report.results;
    let first = results.reading(&Role::First);
    let last = results.reading(&Role::Last);
    let whole = results.reading(&Role::Value);
    let title = &planned.title;
    match (first, last) {
        (Reading::Number(first), Reading::Number(last)) => {
            let change = number::change(first, last, planned.unit);
            let (from, to) = (show(planned, first), report.value(planned, &subject, last));
            report.fact(&subject, &format!("{}_first", planned.metric), first, planned.unit);
            let mut sentence = format!(
                "The {title} of {} went from {} at the beginning to {} at the end: {change}.",
                bold(&subject),
                bold(&from),
                bold(&to)
            );
            if let Reading::Number(whole) = whole {
                sentence
                    .push_str(&format!(" Over the whole period it was {}.", show(planned, whole)));
            }
            report.say(sentence);
        }
        _ => match whole {
            Reading::Number(whole) => {
                let told = report.value(planned, &subject, whole);
                report.say(format!(
                    "The {title} of {} was {} over the whole period; there is no data at {}.",
                    bold(&subject),
                    bold(&told),
                    match (first, last) {
                        (Reading::Number(_), _) => "its end",
                        (_, Reading::Number(_)) => "its beginning",
                        _ => "its ends",
                    }
                ));
            }
            Reading::Unread => {
                report.say(format!("The {title} of {} could not be read.", bold(&subject)));
            }
            _ => return report.say_no_data(title),
        },
    }
    course(report, planned);
}

/// The extremes and the slope of the series.
fn course(report: &mut Report<'_>, planned: &PlannedQuery) {
    let Some((_, found)) = report.results.first(&Role::Series) else { return };
    let Some(series) = found.series().first() else { return };
    let zone = report.plan.zone.clone();
    let points: Vec<(f64, f64)> =
        series.points.iter().filter_map(|point| Some((point.time_s, point.value?))).collect();
    let by_value = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
    let (Some(lowest), Some(highest)) =
        (points.iter().min_by(by_value), points.iter().max_by(by_value))
    else {
        return;
    };
    let at = |(time_s, value): &(f64, f64)| {
        format!("{} ({})", show(planned, *value), moment::at_second(*time_s, &zone))
    };
    let mut sentence = format!("Lowest {}, highest {}.", at(lowest), at(highest));
    if let Some(line) = fit(&points) {
        let subject = report.subject();
        report.fact(
            &subject,
            &format!("{}_per_hour", planned.metric),
            line.slope * HOUR_S,
            planned.unit,
        );
        let slope = show(planned, (line.slope * HOUR_S).abs());
        let direction = if line.slope > 0.0 { "rises" } else { "falls" };
        sentence.push(' ');
        sentence.push_str(&if line.determination >= STEADY && line.slope != 0.0 {
            format!("It {direction} steadily, by about {slope} an hour.")
        } else {
            "There is no steady rise or fall.".to_owned()
        });
    }
    report.say(sentence);
}

/// A straight line through points.
struct Line {
    /// Per second.
    slope: f64,
    /// The share of the variance that the line explains.
    determination: f64,
}

/// Least squares.
fn fit(points: &[(f64, f64)]) -> Option<Line> {
    const MIN_POINTS: usize = 5;
    if points.len() < MIN_POINTS {
        return None;
    }
    let count = points.len() as f64;
    let mean_time = points.iter().map(|(time, _)| time).sum::<f64>() / count;
    let mean_value = points.iter().map(|(_, value)| value).sum::<f64>() / count;
    let (mut across, mut times, mut values) = (0.0, 0.0, 0.0);
    for (time, value) in points {
        let (time, value) = (time - mean_time, value - mean_value);
        across += time * value;
        times += time * time;
        values += value * value;
    }
    if times == 0.0 {
        return None;
    }
    let determination = if values == 0.0 { 0.0 } else { across * across / (times * values) };
    Some(Line { slope: across / times, determination })
}

fn side_by_side(report: &mut Report<'_>, planned: &PlannedQuery) {
    let results = report.results;
    let (first, last) = (results.first(&Role::First), results.first(&Role::Last));
    let Some((_, last)) = last else { return };
    let rows = last.rows();
    if rows.is_empty() {
        return report.say_no_data(&planned.title);
    }
    let mut cells = Vec::new();
    let mut most: Option<(f64, String)> = None;
    for row in &rows {
        let before = first.as_ref().and_then(|(_, first)| first.row(&row.name));
        let change = before.map(|before| number::change(before, row.value, planned.unit));
        if let Some(before) = before.filter(|before| *before != 0.0)
            && change.as_ref().is_some_and(|change| change != number::UNCHANGED)
        {
            let size = ((row.value - before) / before).abs();
            if most.as_ref().is_none_or(|(most, _)| size > *most) {
                let name = bold(&markdown::name(&row.name));
                let change = change.clone().unwrap_or_default();
                most = Some((size, format!("{name} ({change})")));
            }
        }
        let told = report.value(planned, &row.name, row.value);
        cells.push(vec![
            markdown::name(&row.name),
            before.map_or("no data".to_owned(), |before| show(planned, before)),
            told,
            change.unwrap_or_else(|| "–".to_owned()),
        ]);
    }
    report.say(match most {
        Some((_, most)) => format!("The {} changed most for {most}.", planned.title),
        None if first.as_ref().is_some_and(|(_, first)| !first.series().is_empty()) => {
            format!("The {} did not change noticeably.", planned.title)
        }
        None => format!("There is no data on the {} at the beginning.", planned.title),
    });
    let things = planned.by.join(" and ");
    report.table(&[&things, "at the beginning", "at the end", "change"], &cells);
}

fn next(report: &mut Report<'_>) {
    match report.service().map(str::to_owned) {
        Some(service) => {
            report.suggest(format!(
                "Which versions of {service} were deployed in the last 24 hours?"
            ));
            report.suggest(format!("Is {service} healthy?"));
            report.suggest(format!("What is the error rate of {service} in the last hour?"));
        }
        None => report.suggest("Are all services healthy?"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_told_from_noise() {
        let rising: Vec<(f64, f64)> =
            (0..20).map(|at| (f64::from(at), 2.0 * f64::from(at))).collect();
        let line = fit(&rising).unwrap();
        assert!((line.slope - 2.0).abs() < 1e-9 && (line.determination - 1.0).abs() < 1e-9);
        let noise: Vec<(f64, f64)> = (0..20).map(|at| (f64::from(at), f64::from(at % 2))).collect();
        assert!(fit(&noise).unwrap().determination < STEADY);
        assert!(fit(&rising[..3]).is_none());
    }
}
