//! Markdown within a line: code, strong, emphasis, links, escapes.
//!
//! A subset of CommonMark that never mistakes names such as `http_requests_total` for emphasis. Says
//! also how far a line that is still being written is settled, so that it can be shown early.

use super::style::Style;

/// A mark that does not close within so much text is taken for plain characters, so that a stray
/// one does not hold up the line.
const MAX_HELD_BYTES: usize = 400;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) text: String,
    pub(crate) style: Style,
}

/// A mark whose end has not come.
struct Open;

enum Mark<'a> {
    Code(&'a str),
    Strong(&'a str),
    Emphasis(&'a str),
    Link { label: &'a str, address: &'a str },
    Escaped(char),
}

/// The spans of a whole line, or of a settled part of one.
pub(crate) fn parse(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    parse_into(text, Style::default(), &mut spans);
    spans
}

fn parse_into(text: &str, style: Style, spans: &mut Vec<Span>) {
    let mut plain = String::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let before = text[..at].chars().next_back();
        match mark(&text[at..], before) {
            Ok(Some((Mark::Escaped(c), length))) => {
                plain.push(c);
                at += length;
            }
            Ok(Some((mark, length))) => {
                flush(&mut plain, style, spans);
                push_mark(&mark, style, spans);
                at += length;
            }
            Ok(None) | Err(Open) => {
                let length = run_length(&text[at..], c);
                plain.push_str(&text[at..at + length]);
                at += length;
            }
        }
    }
    flush(&mut plain, style, spans);
}

fn push_mark(mark: &Mark<'_>, style: Style, spans: &mut Vec<Span>) {
    match mark {
        Mark::Code(code) => {
            spans.push(Span { text: (*code).to_owned(), style: Style { code: true, ..style } });
        }
        Mark::Strong(inner) => parse_into(inner, Style { bold: true, ..style }, spans),
        Mark::Emphasis(inner) => parse_into(inner, Style { italic: true, ..style }, spans),
        Mark::Link { label, address } => {
            parse_into(label, style, spans);
            if label != address {
                let text = format!(" ({address})");
                spans.push(Span { text, style: Style { dim: true, ..style } });
            }
        }
        Mark::Escaped(c) => spans.push(Span { text: c.to_string(), style }),
    }
}

fn flush(plain: &mut String, style: Style, spans: &mut Vec<Span>) {
    if !plain.is_empty() {
        spans.push(Span { text: std::mem::take(plain), style });
    }
}

/// How many bytes of a line that is still being written cannot look different whatever follows.
/// Always ends behind white space, so no word is cut.
pub(crate) fn settled(text: &str) -> usize {
    let mut settled = 0;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let before = text[..at].chars().next_back();
        match mark(&text[at..], before) {
            Ok(Some((_, length))) => at += length,
            Err(Open) if text.len() - at <= MAX_HELD_BYTES => return settled,
            Ok(None) | Err(Open) => {
                at += run_length(&text[at..], c);
                if c.is_whitespace() {
                    settled = at;
                }
            }
        }
    }
    settled
}

/// Marks that mean nothing are passed over as a run: the second star of two is not a mark either.
fn run_length(rest: &str, c: char) -> usize {
    if matches!(c, '`' | '*' | '_') {
        return rest.len() - rest.trim_start_matches(c).len();
    }
    c.len_utf8()
}

/// The mark that `rest` begins with, and its length.
fn mark(rest: &str, before: Option<char>) -> Result<Option<(Mark<'_>, usize)>, Open> {
    match rest.as_bytes().first() {
        Some(b'`') => code(rest).map(Some),
        Some(b'\\') => match rest[1..].chars().next() {
            None => Err(Open),
            Some(c) if c.is_ascii_punctuation() => Ok(Some((Mark::Escaped(c), 2))),
            Some(_) => Ok(None),
        },
        Some(b'*' | b'_') => emphasis(rest, before),
        Some(b'[') => link(rest),
        _ => Ok(None),
    }
}

fn code(rest: &str) -> Result<(Mark<'_>, usize), Open> {
    let ticks = run_length(rest, '`');
    let mut at = ticks;
    while let Some(found) = rest[at..].find('`') {
        let start = at + found;
        let run = run_length(&rest[start..], '`');
        if run == ticks {
            let inner = &rest[ticks..start];
            let trimmed = inner.strip_prefix(' ').and_then(|inner| inner.strip_suffix(' '));
            let inner = trimmed.filter(|inner| !inner.trim().is_empty()).unwrap_or(inner);
            return Ok((Mark::Code(inner), start + run));
        }
        at = start + run;
    }
    Err(Open)
}

fn emphasis(rest: &str, before: Option<char>) -> Result<Option<(Mark<'_>, usize)>, Open> {
    let underscore = rest.starts_with('_');
    let run = run_length(rest, if underscore { '_' } else { '*' });
    let Some(after) = rest[run..].chars().next() else { return Err(Open) };
    let inside_word = underscore && before.is_some_and(char::is_alphanumeric);
    if run > 2 || after.is_whitespace() || inside_word {
        return Ok(None);
    }
    let delimiter = &rest[..run];
    let mut at = run;
    while let Some(found) = rest[at..].find(delimiter) {
        let start = at + found;
        let length = run_length(&rest[start..], if underscore { '_' } else { '*' });
        let end = start + length;
        let touches = !rest[..start].ends_with(char::is_whitespace);
        let word_goes_on =
            underscore && rest[end..].chars().next().is_some_and(char::is_alphanumeric);
        if length == run && touches && !word_goes_on {
            let inner = &rest[run..start];
            let mark = if run == 2 { Mark::Strong(inner) } else { Mark::Emphasis(inner) };
            return Ok(Some((mark, end)));
        }
        at = end;
    }
    Err(Open)
}

fn link(rest: &str) -> Result<Option<(Mark<'_>, usize)>, Open> {
    let Some(close) = rest.find(']') else { return Err(Open) };
    match rest[close + 1..].chars().next() {
        None => Err(Open),
        Some('(') => {
            let start = close + 2;
            let Some(length) = rest[start..].find([')', ' ']) else { return Err(Open) };
            let (label, address) = (&rest[1..close], &rest[start..start + length]);
            if !rest[start + length..].starts_with(')') || address.is_empty() {
                return Ok(None);
            }
            Ok(Some((Mark::Link { label, address }, start + length + 1)))
        }
        Some(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `**x**` for bold, `/x/` for italic, `‹x›` for code, `~x~` for dim.
    fn shown(text: &str) -> String {
        parse(text)
            .into_iter()
            .map(|Span { text, style }| {
                let text = if style.code { format!("‹{text}›") } else { text };
                let text = if style.italic { format!("/{text}/") } else { text };
                let text = if style.dim { format!("~{text}~") } else { text };
                if style.bold { format!("**{text}**") } else { text }
            })
            .collect()
    }

    #[test]
    fn marks_are_found_and_names_left_alone() {
        for (text, expected) in [
            ("plain", "plain"),
            ("**5.2 %** of *all*", "**5.2 %** of /all/"),
            ("__bold__ and _soft_", "**bold** and /soft/"),
            ("http_requests_total and a_b_", "http_requests_total and a_b_"),
            ("`rate(x[5m]) * 2`", "‹rate(x[5m]) * 2›"),
            ("`` a`b ``", "‹a`b›"),
            ("2 * 3 * 4", "2 * 3 * 4"),
            ("a \\*b\\*", "a *b*"),
            ("C:\\temp", "C:\\temp"),
            ("**a `x` b**", "**a ****‹x›**** b**"),
            ("[docs](https://x.y/z)", "docs~ (https://x.y/z)~"),
            ("sum[5m] [x]", "sum[5m] [x]"),
            ("open `code", "open `code"),
            ("open **bold", "open **bold"),
            ("***", "***"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn only_what_cannot_change_is_settled() {
        for (text, expected) in [
            ("The rate", "The "),
            ("The rate ", "The rate "),
            ("is **5.2", "is "),
            ("is **5.2 %** of", "is **5.2 %** "),
            ("run `sum by", "run "),
            ("a [link", "a "),
            ("2 * 3 is", "2 * 3 "),
            ("", ""),
        ] {
            assert_eq!(&text[..settled(text)], expected, "{text}");
        }
        let stray = format!("a *b {}", "word ".repeat(200));
        assert!(settled(&stray) > 500, "a stray mark does not hold up the line for ever");
    }
}
