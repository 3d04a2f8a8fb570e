//! The line format of a catalog: what makes fields of lines.

use crate::{
    LogCatalog,
    logql::{
        ast::{Parser, Pick, Stage},
        formats::{self, Piece, pattern_pieces},
        regex,
    },
};

/// What makes fields of lines in a format, and the pattern where that is one.
pub(super) fn stages_of(format: &str) -> (Vec<Stage>, Option<String>) {
    if format == LogCatalog::JSON_AND_LOGFMT {
        // A parser that does not fit leaves no field and says so in labels of its own; without
        // these, the other can go next.
        let own = ["__error__", "__error_details__"].map(|label| Pick::Label(label.to_owned()));
        let parse = |format: &str| parser_of(format).0.map(Stage::Parse);
        let stages = [parse("json"), Some(Stage::Drop(own.into())), parse("logfmt")];
        return (stages.into_iter().flatten().collect(), None);
    }
    let (parser, pattern) = parser_of(format);
    (parser.map(Stage::Parse).into_iter().collect(), pattern)
}

/// The parser for a line format, and the pattern where that is one.
fn parser_of(format: &str) -> (Option<Parser>, Option<String>) {
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
    fn two_formats_are_read_one_behind_the_other() {
        let written = |format: &str| {
            let (stages, pattern) = stages_of(format);
            assert_eq!(pattern, None, "{format}");
            stages.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        let both = "| json | drop __error__, __error_details__ | logfmt";
        assert_eq!(written(LogCatalog::JSON_AND_LOGFMT), both);
        assert_eq!(written("json"), "| json");
        assert_eq!(written("unstructured"), "");
    }

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
