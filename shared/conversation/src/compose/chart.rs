//! Charts: which result is drawn, and how, within what a client can draw.

use model::Unit;
use query::{Point, Role};

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
    let mut series: Vec<(f64, ChartSeries)> = found
        .series()
        .iter()
        .filter(|series| is_picked(&found.name(series)))
        .filter(|series| series.points.len() >= MIN_POINTS)
        .map(|series| {
            let points = thinned(&series.points);
            (mean(&points), ChartSeries { name: found.name(series), points })
        })
        .collect();
    // The busiest are kept; among equals the name decides, so that a chart does not flicker.
    series.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
    series.truncate(MAX_SERIES);
    let series: Vec<ChartSeries> = series.into_iter().map(|(_, series)| series).collect();
    let any = series.iter().any(|series| series.points.iter().any(|it| it.value.is_some()));
    any.then(|| Visualization {
        kind: ChartKind::Line,
        title: title(&planned.title, subject, planned.per_second),
        unit: planned.unit,
        series,
    })
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
