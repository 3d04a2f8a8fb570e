//! Picks the drawing for a visualization: one series over time as a line, several as sparklines,
//! one value each as bars or as plain values.

use contract::message::{Series, Visualization};
use jiff::tz::TimeZone;

use super::{
    bars, clean, line_chart, pad, pad_left, quantity::quantity, shorten, sparkline, style::Paint,
    width,
};

/// More are not told apart; the rest is counted.
const MAX_SERIES: usize = 12;
const MAX_NAME_COLUMNS: usize = 28;

/// How and where to draw.
#[derive(Debug, Clone)]
pub(crate) struct Canvas {
    pub(crate) width: usize,
    pub(crate) paint: Paint,
    pub(crate) zone: TimeZone,
}

/// The drawing, with a line end; `None` where there is nothing to draw.
pub(crate) fn draw(visualization: &Visualization, canvas: &Canvas) -> Option<String> {
    let unit = visualization.unit.as_str();
    let all: Vec<Series> = visualization.series.iter().filter_map(drawable).collect();
    let series = &all[..all.len().min(MAX_SERIES)];
    let longest = series.iter().map(|series| series.points.len()).max()?;
    let body = match visualization.kind.as_str() {
        "bar" => bars::draw(&latest(series), unit, canvas),
        "line" if longest < 2 => bars::draw(&latest(series), unit, canvas),
        "line" if series.len() == 1 => line_chart::draw(&series[0], unit, canvas),
        "line" => sparkline::draw(series, unit, canvas),
        _ => values(&latest(series), unit, canvas),
    };
    let title = clean(&visualization.title).replace('\n', " ");
    let title = canvas.paint.bold(&shorten(&title, canvas.width));
    let mut out = if title.is_empty() { body } else { format!("{title}\n{body}") };
    if all.len() > series.len() {
        let more = format!("… and {} more", all.len() - series.len());
        out.push_str(&canvas.paint.dim(&more));
        out.push('\n');
    }
    Some(out)
}

/// A copy with a harmless name and points in order; `None` when it has no value.
fn drawable(series: &Series) -> Option<Series> {
    let mut points: Vec<_> = series
        .points
        .iter()
        .filter(|(time, _)| time.is_finite())
        .map(|(time, value)| (*time, value.filter(|value| value.is_finite())))
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let name = clean(&series.name).replace('\n', " ");
    points.iter().any(|(_, value)| value.is_some()).then_some(Series { name, points })
}

/// Each series with its last value.
fn latest(series: &[Series]) -> Vec<(&str, f64)> {
    series
        .iter()
        .filter_map(|series| {
            let value = series.points.iter().rev().find_map(|(_, value)| *value)?;
            Some((series.name.as_str(), value))
        })
        .collect()
}

/// Columns for the names of series.
pub(crate) fn name_columns<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.map(width).max().unwrap_or(0).min(MAX_NAME_COLUMNS)
}

fn values(values: &[(&str, f64)], unit: &str, canvas: &Canvas) -> String {
    let columns = name_columns(values.iter().map(|(name, _)| *name));
    let texts: Vec<String> = values.iter().map(|(_, value)| quantity(*value, unit)).collect();
    let value_columns = texts.iter().map(|text| width(text)).max().unwrap_or(0);
    values
        .iter()
        .zip(&texts)
        .map(|((name, _), text)| {
            let name = pad(&shorten(name, columns), columns);
            format!("  {name}  {}\n", canvas.paint.bold(&pad_left(text, value_columns)))
        })
        .collect()
}

/// The least and the greatest value.
pub(crate) fn extent<'a>(series: impl Iterator<Item = &'a Series>) -> (f64, f64) {
    series
        .flat_map(|series| series.points.iter().filter_map(|(_, value)| *value))
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        })
}

/// The axis for values between `low` and `high`: from zero unless that would flatten the curve.
pub(crate) fn axis(low: f64, high: f64) -> (f64, f64) {
    let bottom = if low >= 0.0 && low <= high * 0.6 { 0.0 } else { low };
    if high > bottom {
        return (bottom, high);
    }
    // A flat line stands in the middle.
    let half = if high == 0.0 { 1.0 } else { high.abs() / 2.0 };
    (high - half, high + half)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn canvas(width: usize) -> Canvas {
        Canvas { width, paint: Paint::new(false), zone: TimeZone::UTC }
    }

    pub(crate) fn series(name: &str, values: &[Option<f64>]) -> Series {
        let points = values
            .iter()
            .enumerate()
            .map(|(index, value)| (1_750_000_000.0 + 60.0 * index as f64, *value))
            .collect();
        Series { name: name.to_owned(), points }
    }

    fn drawn(kind: &str, unit: &str, series: Vec<Series>) -> Option<String> {
        let visualization = Visualization {
            kind: kind.to_owned(),
            title: "Error rate of payment".to_owned(),
            unit: unit.to_owned(),
            series,
        };
        draw(&visualization, &canvas(60))
    }

    #[test]
    fn one_series_is_a_line() {
        let values: Vec<_> = (0..60)
            .map(|at| (at != 30).then(|| 0.03 + 0.02 * (f64::from(at) / 8.0).sin()))
            .collect();
        insta::assert_snapshot!(drawn("line", "ratio", vec![series("payment", &values)]).unwrap());
    }

    #[test]
    fn several_series_are_sparklines() {
        let ramp: Vec<_> = (0..40).map(|at| Some(f64::from(at) / 100.0)).collect();
        let gap: Vec<_> = (0..40).map(|at| (at % 20 < 10).then_some(0.2)).collect();
        insta::assert_snapshot!(
            drawn("line", "seconds", vec![series("payment", &ramp), series("checkout", &gap)])
                .unwrap()
        );
    }

    #[test]
    fn single_values_are_bars_or_plain() {
        let series = || {
            vec![
                series("500 Internal Server Error", &[Some(120.0)]),
                series("503", &[Some(67.0)]),
                series("504", &[Some(0.0)]),
            ]
        };
        insta::assert_snapshot!(drawn("bar", "count", series()).unwrap());
        insta::assert_snapshot!(drawn("stat", "count", series()).unwrap());
    }

    #[test]
    fn nothing_to_draw() {
        assert_eq!(drawn("line", "ratio", vec![]), None);
        assert_eq!(drawn("line", "ratio", vec![series("a", &[None, None])]), None);
        assert_eq!(drawn("bar", "ratio", vec![series("a", &[])]), None);
    }

    #[test]
    fn too_many_series_are_counted() {
        let many = (0..15).map(|at| series(&format!("s{at}"), &[Some(1.0)])).collect();
        assert!(drawn("bar", "none", many).unwrap().ends_with("… and 3 more\n"));
    }

    #[test]
    fn drawings_keep_to_their_width() {
        let values: Vec<_> = (0..500).map(|at| Some(1e6 + f64::from(at))).collect();
        for kind in ["line", "bar", "stat", "table"] {
            for count in [1, 3] {
                let name = "a very long name of a series that nobody can read";
                let all = (0..count).map(|_| series(name, &values)).collect();
                let text = drawn(kind, "bytes", all).unwrap();
                assert!(text.lines().all(|line| width(line) <= 60), "{text}");
            }
        }
    }

    #[test]
    fn the_axis_begins_at_zero_unless_that_flattens_the_curve() {
        for (low, high, expected) in [
            (0.01, 0.05, (0.0, 0.05)),
            (90.0, 100.0, (90.0, 100.0)),
            (-5.0, 5.0, (-5.0, 5.0)),
            (4.0, 4.0, (2.0, 6.0)),
            (0.0, 0.0, (-1.0, 1.0)),
        ] {
            assert_eq!(axis(low, high), expected);
        }
    }
}
