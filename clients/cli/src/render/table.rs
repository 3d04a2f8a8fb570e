//! Markdown tables in aligned columns, made to fit.

use super::{
    flow::Flow,
    inline::{self, Span},
    style::{Paint, Style},
    width,
};

const GAP: usize = 2;
/// A column is not made narrower than this to fit the terminal.
const MIN_COLUMN: usize = 6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Align {
    Left,
    Right,
    Center,
}

/// The table that `lines` are; `None` when they are none, for want of a row of dashes.
pub(crate) fn render(lines: &[String], total_width: usize, paint: Paint) -> Option<String> {
    let (head, delimiter) = (cells(lines.first()?), cells(lines.get(1)?));
    let alignments: Vec<Option<Align>> =
        delimiter.iter().map(|cell| alignment(cell)).collect::<Option<_>>()?;
    let columns = head.len();
    if columns == 0 || alignments.len() != columns {
        return None;
    }
    let mut rows: Vec<Vec<Vec<Span>>> = Vec::new();
    for line in std::iter::once(&lines[0]).chain(&lines[2..]) {
        let mut row: Vec<_> = cells(line).iter().map(|cell| inline::parse(cell)).collect();
        row.resize(columns, Vec::new());
        rows.push(row);
    }
    for span in rows[0].iter_mut().flatten() {
        span.style = Style { bold: true, ..span.style };
    }
    let alignments: Vec<Align> = (0..columns)
        .map(|column| alignments[column].unwrap_or_else(|| natural(&rows[1..], column)))
        .collect();
    let widths = fit(&rows, columns, total_width);
    let mut out = String::new();
    for (index, row) in rows.iter().enumerate() {
        out.push_str(&render_row(row, &widths, &alignments, paint));
        if index == 0 {
            let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
            out.push_str(&paint.dim(&rule.join(&" ".repeat(GAP))));
            out.push('\n');
        }
    }
    Some(out)
}

/// The cells of a row; `\|` does not end one.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let mut cells = vec![String::new()];
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        let Some(cell) = cells.last_mut() else { break };
        match c {
            '\\' if characters.next_if_eq(&'|').is_some() => cell.push('|'),
            '|' => cells.push(String::new()),
            _ => cell.push(c),
        }
    }
    if cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// `Some(None)`: a cell of a delimiter row that does not say.
fn alignment(cell: &str) -> Option<Option<Align>> {
    let dashes = cell.trim_matches(':');
    if dashes.is_empty() || dashes.chars().any(|c| c != '-') {
        return None;
    }
    Some(match (cell.starts_with(':'), cell.ends_with(':')) {
        (true, true) => Some(Align::Center),
        (false, true) => Some(Align::Right),
        (true, false) => Some(Align::Left),
        (false, false) => None,
    })
}

/// Numbers to the right, all else to the left.
fn natural(rows: &[Vec<Vec<Span>>], column: usize) -> Align {
    let numeric = rows.iter().all(|row| {
        let text: String = row[column].iter().map(|span| span.text.as_str()).collect();
        text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '–'))
    });
    if numeric && !rows.is_empty() { Align::Right } else { Align::Left }
}

fn cell_width(cell: &[Span]) -> usize {
    cell.iter().map(|span| width(&span.text)).sum()
}

/// The columns' widths: as wide as their content, the widest made narrower until all fit.
fn fit(rows: &[Vec<Vec<Span>>], columns: usize, total_width: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().map(|row| cell_width(&row[column])).max().unwrap_or(0).max(1))
        .collect();
    let available = total_width.saturating_sub(GAP * (columns - 1));
    while widths.iter().sum::<usize>() > available {
        let Some(widest) = widths.iter_mut().max().filter(|widest| **widest > MIN_COLUMN) else {
            break;
        };
        *widest -= 1;
    }
    widths
}

fn render_row(row: &[Vec<Span>], widths: &[usize], alignments: &[Align], paint: Paint) -> String {
    let wrapped: Vec<Vec<(String, usize)>> =
        row.iter().zip(widths).map(|(cell, width)| wrap(cell, *width, paint)).collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    let mut out = String::new();
    for index in 0..height {
        let mut line = String::new();
        for (column, lines) in wrapped.iter().enumerate() {
            let (text, text_width) = lines.get(index).cloned().unwrap_or_default();
            let space = widths[column].saturating_sub(text_width);
            let before = match alignments[column] {
                Align::Left => 0,
                Align::Right => space,
                Align::Center => space / 2,
            };
            let gap = if column == 0 { 0 } else { GAP };
            line.push_str(&" ".repeat(gap + before));
            line.push_str(&text);
            line.push_str(&" ".repeat(space - before));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The lines of a cell with their widths.
fn wrap(cell: &[Span], columns: usize, paint: Paint) -> Vec<(String, usize)> {
    let broken: Vec<Span> = cell
        .iter()
        .map(|span| Span { text: break_words(&span.text, columns), style: span.style })
        .collect();
    let plain = Flow::new(columns, 0).push(&broken, Paint::new(false));
    let painted = Flow::new(columns, 0).push(&broken, paint);
    plain
        .lines()
        .zip(painted.lines())
        .map(|(plain, text)| (text.to_owned(), width(plain)))
        .collect()
}

/// A space where a word would stick out of its column.
fn break_words(text: &str, columns: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for c in text.chars() {
        let taken = width(c.encode_utf8(&mut [0; 4]));
        if c.is_whitespace() {
            column = 0;
        } else if column + taken > columns {
            out.push(' ');
            column = taken;
        } else {
            column += taken;
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render_text(text: &str, columns: usize) -> Option<String> {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        render(&lines, columns, Paint::new(false))
    }

    #[test]
    fn columns_are_aligned() {
        let text = "| service | errors | note |\n|---|---|:-:|\n| payment | 5.2 % | **bad** |\n| 漢字 | 10 % |";
        assert_eq!(
            render_text(text, 80).unwrap(),
            "service  errors  note\n───────  ──────  ────\npayment   5.2 %  bad\n漢字       10 %\n"
        );
    }

    #[test]
    fn a_wide_table_is_wrapped_within_its_cells() {
        let text = "| query | n |\n|-|-|\n| sum(rate(http_requests_total[5m])) by x | 1 |";
        let table = render_text(text, 20).unwrap();
        assert!(table.lines().all(|line| width(line) <= 20), "{table}");
        let expected = "query              n\n─────────────────  ─\nsum(rate(http_req  1\nuests_total[5m]))\nby x\n";
        assert_eq!(table, expected);
    }

    #[test]
    fn without_a_row_of_dashes_it_is_no_table() {
        assert_eq!(render_text("| a | b |\n| c | d |", 80), None);
        assert_eq!(render_text("| a |", 80), None);
        assert_eq!(render_text("| a |\n|---|---|", 80), None);
    }

    #[test]
    fn an_escaped_bar_stays_in_its_cell() {
        assert_eq!(cells(r"| a \| b | c |"), ["a | b", "c"]);
    }
}
