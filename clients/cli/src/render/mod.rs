//! Answers as text for a terminal. Pure: takes wire types and widths, gives strings; nothing here
//! prints.

pub(crate) mod bars;
pub(crate) mod chart;
pub(crate) mod flow;
pub(crate) mod inline;
pub(crate) mod line_chart;
pub(crate) mod markdown;
pub(crate) mod quantity;
pub(crate) mod sparkline;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod times;

use unicode_width::UnicodeWidthStr as _;

/// Text without what could take over the terminal (escape sequences) or show it in another order
/// than it is in (bidirectional controls). Answers quote logs and labels that anybody may have
/// written.
pub(crate) fn clean(text: &str) -> String {
    text.chars().filter_map(harmless).collect()
}

fn harmless(c: char) -> Option<char> {
    match c {
        '\n' | '\t' => Some(c),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        _ if c.is_control() => None,
        _ => Some(c),
    }
}

/// Columns that plain text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// At most `columns` wide, with `…` where something was left out.
pub(crate) fn shorten(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut short = String::new();
    for c in text.chars() {
        if width(&short) + width(c.encode_utf8(&mut [0; 4])) + 1 > columns {
            break;
        }
        short.push(c);
    }
    short.push('…');
    short
}

/// Filled up with spaces on the right.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Filled up with spaces on the left.
pub(crate) fn pad_left(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_power() {
        assert_eq!(clean("a\x1b[31mb\x07\u{9b}1m\tc\nd\r"), "a[31mb1m\tc\nd");
        assert_eq!(clean("x\u{202e}y"), "xy");
        assert_eq!(clean("größe 漢字 🚀"), "größe 漢字 🚀");
    }

    #[test]
    fn shortened_text_fits() {
        for (text, columns, expected) in [
            ("payment", 7, "payment"),
            ("payment", 4, "pay…"),
            ("漢字漢字", 5, "漢字…"),
            ("漢字", 2, "…"),
        ] {
            assert_eq!(shorten(text, columns), expected);
        }
    }
}
