//! Several series over time, a small line each, on one scale.

use contract::message::Series;

use super::{
    chart::{Canvas, axis, extent, name_columns},
    pad, pad_left,
    quantity::quantity,
    shorten, times, width,
};

const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const MAX_COLUMNS: usize = 48;
const MIN_COLUMNS: usize = 8;

pub(crate) fn draw(series: &[Series], unit: &str, canvas: &Canvas) -> String {
    let (low, high) = extent(series.iter());
    let scale = axis(low, high);
    let times = series.iter().flat_map(|series| series.points.iter().map(|point| point.0));
    let span = times.fold((f64::INFINITY, f64::NEG_INFINITY), |(first, last), time| {
        (first.min(time), last.max(time))
    });
    let names = name_columns(series.iter().map(|series| series.name.as_str()));
    let lasts: Vec<String> = series
        .iter()
        .map(|series| series.points.iter().rev().find_map(|point| point.1))
        .map(|last| last.map(|last| quantity(last, unit)).unwrap_or_default())
        .collect();
    let values = lasts.iter().map(|text| width(text)).max().unwrap_or(0);
    let columns = canvas.width.saturating_sub(names + values + 6).clamp(MIN_COLUMNS, MAX_COLUMNS);

    let mut out = String::new();
    for (index, (series, last)) in series.iter().zip(&lasts).enumerate() {
        let name = pad(&shorten(&series.name, names), names);
        let line = canvas.paint.series(index, &line(series, span, scale, columns));
        out.push_str(&format!("  {name}  {line}  {}\n", pad_left(last, values)));
    }
    let length = span.1 - span.0;
    let legend = format!(
        "  {} – {} · scale {} … {}",
        times::label(span.0, length, &canvas.zone),
        times::label(span.1, length, &canvas.zone),
        quantity(scale.0, unit),
        quantity(scale.1, unit),
    );
    format!("{out}{}\n", canvas.paint.dim(&shorten(&legend, canvas.width)))
}

/// The means of the points that fall into each column.
fn line(
    series: &Series,
    (first, last): (f64, f64),
    (bottom, top): (f64, f64),
    columns: usize,
) -> String {
    // Fewer points than columns: each has several.
    let columns_with_points = columns.min(series.points.len().max(1));
    let mut sums = vec![(0.0, 0u32); columns_with_points];
    for (time, value) in &series.points {
        let Some(value) = value else { continue };
        let part = if last > first { (time - first) / (last - first) } else { 0.0 };
        let at = ((part * columns_with_points as f64) as usize).min(columns_with_points - 1);
        sums[at].0 += value;
        sums[at].1 += 1;
    }
    (0..columns)
        .map(|column| match sums[column * columns_with_points / columns] {
            (_, 0) => ' ',
            (sum, count) => {
                let part = (sum / f64::from(count) - bottom) / (top - bottom);
                LEVELS[((part * LEVELS.len() as f64) as usize).min(LEVELS.len() - 1)]
            }
        })
        .collect()
}
