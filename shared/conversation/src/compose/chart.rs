//! Charts: which result is drawn, and how, within what a client can draw.

use std::collections::BTreeSet;

use model::Unit;
use query::{Point, QueryResult, ResultSeries, ResultType, Role};

use super::{ChartKind, ChartSeries, Visualization, markdown, results::Results};

const MAX_SERIES: usize = 10;
const MAX_POINTS: usize = 240;
/// A line needs two points.
const MIN_POINTS: usize = 2;

/// The series over time where there is one; else the values side by side; else the number.
pub(super) fn draw(results: &Results<'_>, subject: &str) -> Option<Visualization> {
    line(results, subject).or_else(|| values(results, subject))
}

fn line(results: &Results<'_>, subject: &str) -> Option<Visualization> {
    let (planned, found) = results.first(&Role::Series)?;
    // Where the answer picks rows out, the chart shows those.
    let picked: Vec<String> = results.first(&Role::Value).map_or_else(Vec::new, |(_, values)| {
        values.rows().into_iter().map(|row| row.name).collect()
    });
    let is_picked = |name: &String| picked.is_empty() || picked.contains(name);
    let series = found.series().iter().map(|series| (found.name(series), series));
    let series = lines(series.filter(|(name, _)| is_picked(name)))?;
    let title = title(&planned.title, subject, planned.per_second);
    Some(Visualization { kind: ChartKind::Line, title, unit: planned.unit, series })
}

/// The busiest series that make a line, if any of them has a number.
fn lines<'a>(series: impl Iterator<Item = (String, &'a ResultSeries)>) -> Option<Vec<ChartSeries>> {
    let mut series: Vec<(f64, ChartSeries)> = series
        .filter(|(_, series)| series.points.len() >= MIN_POINTS)
        .map(|(name, series)| {
            let points = thinned(&series.points);
            (mean(&points), ChartSeries { name, points })
        })
        .collect();
    // Among equals the name decides, so that a chart does not flicker.
    series.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
    series.truncate(MAX_SERIES);
    let series: Vec<ChartSeries> = series.into_iter().map(|(_, series)| series).collect();
    let any = series.iter().any(|series| series.points.iter().any(|it| it.value.is_some()));
    any.then_some(series)
}

/// The result of a query that is no part of a plan: nothing is known of it but what came back.
pub fn draw_result(title: &str, result: &QueryResult) -> Option<Visualization> {
    let names = names(title, &result.series);
    let named = names.into_iter().zip(&result.series);
    let (kind, series) = match result.result_type {
        ResultType::Matrix => (ChartKind::Line, lines(named)?),
        ResultType::Vector | ResultType::Scalar => side_by_side(named)?,
    };
    Some(Visualization { kind, title: title.to_owned(), unit: Unit::None, series })
}

/// The last value of each series, the highest first.
fn side_by_side<'a>(
    series: impl Iterator<Item = (String, &'a ResultSeries)>,
) -> Option<(ChartKind, Vec<ChartSeries>)> {
    let mut rows: Vec<(f64, ChartSeries)> = series
        .filter_map(|(name, series)| {
            let points = vec![*series.points.last()?];
            Some((series.last()?, ChartSeries { name, points }))
        })
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
    rows.truncate(MAX_SERIES);
    let kind = match rows.len() {
        0 => return None,
        1 => ChartKind::Stat,
        _ => ChartKind::Bar,
    };
    Some((kind, rows.into_iter().map(|(_, series)| series).collect()))
}

/// Each series by the values of the labels that tell it from the others; `alone` where none do.
pub(super) fn names(alone: &str, series: &[ResultSeries]) -> Vec<String> {
    let telling = telling(series);
    series
        .iter()
        .map(|series| {
            let values = telling.iter().filter_map(|label| series.labels.get(*label));
            let values: Vec<&str> = values.map(String::as_str).collect();
            if values.is_empty() { alone.to_owned() } else { values.join(" ") }
        })
        .collect()
}

/// The labels that tell the series apart.
pub(super) fn telling(series: &[ResultSeries]) -> Vec<&str> {
    let labels: BTreeSet<&String> = series.iter().flat_map(|series| series.labels.keys()).collect();
    let differs = |label: &&String| {
        let mut values = series.iter().map(|series| series.labels.get(*label));
        let first = values.next();
        values.any(|value| Some(value) != first)
    };
    labels.into_iter().filter(differs).map(String::as_str).collect()
}

fn values(results: &Results<'_>, subject: &str) -> Option<Visualization> {
    let (planned, found) = results.first(&Role::Value)?;
    let time_s = found.series().first()?.points.last()?.time_s;
    let series: Vec<ChartSeries> = found
        .rows()
        .into_iter()
        .take(MAX_SERIES)
        .map(|row| ChartSeries { name: row.name, points: vec![Point::new(time_s, row.value)] })
        .collect();
    let kind = match series.len() {
        0 => return None,
        1 => ChartKind::Stat,
        _ => ChartKind::Bar,
    };
    let title = title(&planned.title, subject, planned.per_second);
    Some(Visualization { kind, title, unit: planned.unit, series })
}

/// A table for what has no numbers worth drawing.
pub(super) fn table(title: &str, names: Vec<(String, Vec<Point>)>) -> Option<Visualization> {
    let series: Vec<ChartSeries> = names
        .into_iter()
        .take(MAX_SERIES)
        .map(|(name, points)| ChartSeries { name, points: thinned(&points) })
        .collect();
    (!series.is_empty()).then(|| Visualization {
        kind: ChartKind::Table,
        title: title.to_owned(),
        unit: Unit::Count,
        series,
    })
}

fn title(what: &str, subject: &str, per_second: bool) -> String {
    let rate = if per_second { " per second" } else { "" };
    format!("{}{rate}: {}", super::report::capitalised(what), markdown::name(subject))
}

/// At most so many points: every so-manieth, and always the last.
fn thinned(points: &[Point]) -> Vec<Point> {
    let stride = points.len().div_ceil(MAX_POINTS).max(1);
    points.iter().rev().step_by(stride).rev().copied().collect()
}

fn mean(points: &[Point]) -> f64 {
    let values: Vec<f64> = points.iter().filter_map(|point| point.value).collect();
    if values.is_empty() { f64::MIN } else { values.iter().sum::<f64>() / values.len() as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Labels<'a> = &'a [(&'a str, &'a str)];

    fn result(result_type: ResultType, series: &[(Labels<'_>, &[f64])]) -> QueryResult {
        let series = series.iter().map(|(labels, values)| ResultSeries {
            labels: labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            points: values.iter().zip(1..).map(|(v, at)| Point::new(f64::from(at), *v)).collect(),
        });
        QueryResult { result_type, series: series.collect(), warnings: Vec::new() }
    }

    #[test]
    fn a_bare_result_is_drawn_by_what_it_is() {
        let payment = &[("job", "shop"), ("service", "payment")][..];
        let orders = &[("job", "shop"), ("service", "orders")][..];
        for (result_type, series, expected) in [
            (ResultType::Scalar, &[(&[][..], &[2.0][..])][..], Some((ChartKind::Stat, &["t"][..]))),
            (ResultType::Vector, &[(payment, &[2.0])], Some((ChartKind::Stat, &["t"]))),
            (
                ResultType::Vector,
                &[(payment, &[2.0]), (orders, &[3.0])],
                Some((ChartKind::Bar, &["orders", "payment"])),
            ),
            (
                ResultType::Matrix,
                &[(payment, &[2.0, 9.0]), (orders, &[3.0, 3.0])],
                Some((ChartKind::Line, &["payment", "orders"])),
            ),
            (ResultType::Matrix, &[(payment, &[2.0])], None),
            (ResultType::Vector, &[(payment, &[f64::NAN])], None),
            (ResultType::Vector, &[], None),
        ] {
            let drawn = draw_result("t", &result(result_type, series));
            let found = drawn.as_ref().map(|drawn| {
                let names = drawn.series.iter().map(|series| series.name.as_str());
                (drawn.kind, names.collect::<Vec<_>>())
            });
            assert_eq!(found, expected.map(|(kind, names)| (kind, names.to_vec())));
        }
    }

    #[test]
    fn thinning_keeps_the_last_point_and_the_limit() {
        for length in [1, 2, 239, 240, 241, 1_000, 11_000] {
            let points: Vec<Point> =
                (0..length).map(|second| Point::new(f64::from(second), 1.0)).collect();
            let thin = thinned(&points);
            assert!(thin.len() <= MAX_POINTS, "{length}: {}", thin.len());
            assert_eq!(thin.last(), points.last());
            assert!(thin.windows(2).all(|pair| pair[0].time_s < pair[1].time_s));
        }
    }
}
