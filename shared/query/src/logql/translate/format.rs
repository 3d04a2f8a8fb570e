//! The line format of a catalog: what makes fields of lines.

use crate::logql::{
    ast::Parser,
    formats::{self, Piece, pattern_pieces},
    regex,
};

/// The parser for a line format, and the pattern where that is one.
pub(super) fn parser_of(format: &str) -> (Option<Parser>, Option<String>) {
    let trimmed = format.trim();
    let lower = trimmed.to_lowercase();
    let keyword = lower.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    match keyword {
        "json" => (Some(Parser::Json(Vec::new())), None),
        "logfmt" => {
            (Some(Parser::Logfmt { strict: false, keep_empty: false, only: Vec::new() }), None)
        }
        "unpack" | "packed" => (Some(Parser::Unpack), None),
        "regexp" | "regex" => {
            let pattern = unquoted(&trimmed[keyword.len()..]);
            let captures = regex::read(pattern).is_ok_and(|facts| !facts.names.is_empty());
            (captures.then(|| Parser::Regexp(pattern.to_owned())), None)
        }
        _ => {
            let pattern = if keyword == "pattern" { &trimmed[keyword.len()..] } else { trimmed };
            let pattern = unquoted(pattern);
            let valid = formats::check_pattern(pattern).is_ok();
            (valid.then(|| Parser::Pattern(pattern.to_owned())), valid.then(|| pattern.to_owned()))
        }
    }
}

fn unquoted(text: &str) -> &str {
    let text = text.trim().trim_start_matches([':', '=']).trim();
    ['`', '"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(text)
}

/// The text behind a capture of a pattern: `ms` of `took=<took>ms`.
pub(super) fn literal_after<'p>(pattern: &'p str, name: &str) -> Option<&'p str> {
    let pieces = pattern_pieces(pattern);
    let at = pieces.iter().position(|piece| *piece == Piece::Capture(name))?;
    match pieces.get(at + 1) {
        Some(Piece::Literal(text)) if text.starts_with(char::is_alphabetic) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_become_parsers() {
        for (format, expected) in [
            ("json", "Some(Json([]))"),
            ("JSON lines", "Some(Json([]))"),
            ("logfmt", "Some(Logfmt { strict: false, keep_empty: false, only: [] })"),
            ("pattern <a> <b>", "Some(Pattern(\"<a> <b>\"))"),
            ("pattern: `<a> \"<b>\"`", "Some(Pattern(\"<a> \\\"<b>\\\"\"))"),
            ("<a> - <b>", "Some(Pattern(\"<a> - <b>\"))"),
            ("regexp (?P<a>x)", "Some(Regexp(\"(?P<a>x)\"))"),
            ("unstructured", "None"),
            ("pattern <_>", "None"),
            ("", "None"),
        ] {
            assert_eq!(format!("{:?}", parser_of(format).0), expected, "{format}");
        }
    }
}
