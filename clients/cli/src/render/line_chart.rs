//! One series over time, drawn with braille dots: two by four in each character.

use contract::message::Series;

use super::{
    chart::{Canvas, axis, extent},
    pad_left,
    quantity::quantity,
    times, width,
};

const ROWS: usize = 7;
const DOTS_X: usize = 2;
const DOTS_Y: usize = 4;
const MAX_PLOT_COLUMNS: usize = 72;
const MIN_PLOT_COLUMNS: usize = 10;
/// Where the bit of a dot is, by column and row (Unicode, "Braille Patterns").
const BITS: [[u32; DOTS_Y]; DOTS_X] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

struct Plot {
    columns: usize,
    cells: Vec<u32>,
}

impl Plot {
    fn set(&mut self, x: usize, y: usize) {
        let cell = y / DOTS_Y * self.columns + x / DOTS_X;
        if let Some(cell) = self.cells.get_mut(cell) {
            *cell |= BITS[x % DOTS_X][y % DOTS_Y];
        }
    }

    fn row(&self, row: usize) -> String {
        self.cells[row * self.columns..(row + 1) * self.columns]
            .iter()
            .map(|bits| match bits {
                0 => ' ',
                bits => char::from_u32(0x2800 + bits).unwrap_or(' '),
            })
            .collect()
    }
}

pub(crate) fn draw(series: &Series, unit: &str, canvas: &Canvas) -> String {
    let (low, high) = extent(std::iter::once(series));
    let (bottom, top) = axis(low, high);
    let labels = [top, f64::midpoint(top, bottom), bottom].map(|value| quantity(value, unit));
    let margin = labels.iter().map(|label| width(label)).max().unwrap_or(0);
    let columns = canvas.width.saturating_sub(margin + 4).clamp(MIN_PLOT_COLUMNS, MAX_PLOT_COLUMNS);
    let (first, last) = span(series);
    let plot = plot(series, (first, last), (bottom, top), columns);

    let mut out = String::new();
    for row in 0..ROWS {
        let (label, tick) = match row {
            0 => (labels[0].as_str(), '┤'),
            _ if row == ROWS / 2 => (labels[1].as_str(), '┤'),
            _ if row == ROWS - 1 => (labels[2].as_str(), '┤'),
            _ => ("", '│'),
        };
        let axis = canvas.paint.dim(&format!("  {} {tick}", pad_left(label, margin)));
        let dots = plot.row(row);
        let dots = canvas.paint.series(0, dots.trim_end());
        out.push_str(&format!("{axis}{dots}\n"));
    }
    let (from, to) = (
        times::label(first, last - first, &canvas.zone),
        times::label(last, last - first, &canvas.zone),
    );
    let between = columns.saturating_sub(width(&from) + width(&to)).max(1);
    let times = format!("{}{from}{}{to}", " ".repeat(margin + 4), " ".repeat(between));
    let values = format!(
        "{}min {} · max {} · last {}",
        " ".repeat(margin + 4),
        quantity(low, unit),
        quantity(high, unit),
        series
            .points
            .iter()
            .rev()
            .find_map(|point| point.1)
            .map(|last| quantity(last, unit))
            .unwrap_or_default(),
    );
    format!("{out}{}\n{}\n", canvas.paint.dim(&times), canvas.paint.dim(&values))
}

fn span(series: &Series) -> (f64, f64) {
    let first = series.points.first().map_or(0.0, |point| point.0);
    let last = series.points.last().map_or(0.0, |point| point.0);
    (first, last)
}

fn plot(
    series: &Series,
    (first, last): (f64, f64),
    (bottom, top): (f64, f64),
    columns: usize,
) -> Plot {
    let mut plot = Plot { columns, cells: vec![0; columns * ROWS] };
    let (width, height) = ((columns * DOTS_X - 1) as f64, (ROWS * DOTS_Y - 1) as f64);
    let dot = |(time, value): (f64, f64)| {
        let x = if last > first { (time - first) / (last - first) * width } else { 0.0 };
        (x.round() as usize, ((top - value) / (top - bottom) * height).round() as usize)
    };
    let mut before: Option<(usize, usize)> = None;
    for (time, value) in &series.points {
        // A gap in the data stays a gap.
        let Some(value) = value else {
            before = None;
            continue;
        };
        let to = dot((*time, *value));
        connect(&mut plot, before.unwrap_or(to), to);
        before = Some(to);
    }
    plot
}

/// A line of dots without holes.
fn connect(plot: &mut Plot, from: (usize, usize), to: (usize, usize)) {
    let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1)).max(1);
    for step in 0..=steps {
        let part = step as f64 / steps as f64;
        let between =
            |a: usize, b: usize| (a as f64 + (b as f64 - a as f64) * part).round() as usize;
        plot.set(between(from.0, to.0), between(from.1, to.1));
    }
}
