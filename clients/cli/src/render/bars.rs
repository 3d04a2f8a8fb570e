//! A bar for each value, in eighths of a character.

use super::{
    chart::{Canvas, name_columns},
    pad, pad_left,
    quantity::quantity,
    shorten, width,
};

const MAX_COLUMNS: usize = 40;
const MIN_COLUMNS: usize = 6;
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

pub(crate) fn draw(values: &[(&str, f64)], unit: &str, canvas: &Canvas) -> String {
    let names = name_columns(values.iter().map(|(name, _)| *name));
    let texts: Vec<String> = values.iter().map(|(_, value)| quantity(*value, unit)).collect();
    let text_columns = texts.iter().map(|text| width(text)).max().unwrap_or(0);
    let columns =
        canvas.width.saturating_sub(names + text_columns + 6).clamp(MIN_COLUMNS, MAX_COLUMNS);
    let greatest = values.iter().fold(0.0f64, |greatest, (_, value)| greatest.max(value.abs()));
    values
        .iter()
        .zip(&texts)
        .enumerate()
        .map(|(index, ((name, value), text))| {
            let name = pad(&shorten(name, names), names);
            let bar = canvas.paint.series(index, &bar(value.abs(), greatest, columns));
            format!("  {name}  {}  {bar}", pad_left(text, text_columns)).trim_end().to_owned()
                + "\n"
        })
        .collect()
}

fn bar(value: f64, greatest: f64, columns: usize) -> String {
    if greatest <= 0.0 {
        return String::new();
    }
    let eighths = (value / greatest * (columns * 8) as f64).round() as usize;
    // What is there at all is seen.
    let eighths = if value > 0.0 { eighths.max(1) } else { 0 };
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_in_proportion() {
        for (value, expected) in [(8.0, "████"), (4.0, "██"), (1.0, "▌"), (0.001, "▏"), (0.0, "")]
        {
            assert_eq!(bar(value, 8.0, 4), expected, "{value}");
        }
        assert_eq!(bar(0.0, 0.0, 4), "");
    }
}
