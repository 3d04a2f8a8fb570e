//! The small languages inside LogQL's strings: patterns, paths into fields, templates, addresses.
//! Each function says what is wrong, or nothing.

use std::net::IpAddr;

/// A piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Literal(&'a str),
    /// `<name>`; `_` takes what is there and leaves it.
    Capture(&'a str),
}

/// The pieces of a pattern such as `<ip> - <_> "<method>"`.
pub(super) fn pattern_pieces(pattern: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut literal = 0;
    let mut at = 0;
    while let Some(open) = pattern[at..].find('<').map(|found| at + found) {
        let inside = &pattern[open + 1..];
        let length = inside
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .filter(|end| inside[*end..].starts_with('>'));
        let name = length.map(|length| &inside[..length]);
        let named = |name: &&str| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if let Some(name) = name.filter(named) {
            if literal < open {
                pieces.push(Piece::Literal(&pattern[literal..open]));
            }
            pieces.push(Piece::Capture(name));
            at = open + name.len() + 2;
            literal = at;
        } else {
            at = open + 1;
        }
    }
    if literal < pattern.len() {
        pieces.push(Piece::Literal(&pattern[literal..]));
    }
    pieces
}

/// The pattern of `| pattern "…"`.
pub(super) fn check_pattern(pattern: &str) -> Result<(), String> {
    let pieces = pattern_pieces(pattern);
    let names: Vec<&str> = names(&pieces).filter(|name| *name != "_").collect();
    if names.is_empty() {
        return Err("the pattern captures nothing; name a part like `<status>`".to_owned());
    }
    let mut sorted = names;
    sorted.sort_unstable();
    if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("the pattern captures `{}` twice", twice[0]));
    }
    check_apart(&pieces)
}

/// The pattern of `|> "…"`, which names nothing.
pub(super) fn check_line_pattern(pattern: &str) -> Result<(), String> {
    let pieces = pattern_pieces(pattern);
    if let Some(name) = names(&pieces).find(|name| *name != "_") {
        return Err(format!("a pattern filter captures nothing; write `<_>` for `<{name}>`"));
    }
    check_apart(&pieces)
}

fn names<'a>(pieces: &[Piece<'a>]) -> impl Iterator<Item = &'a str> {
    pieces.iter().filter_map(|piece| match piece {
        Piece::Capture(name) => Some(*name),
        Piece::Literal(_) => None,
    })
}

fn check_apart(pieces: &[Piece<'_>]) -> Result<(), String> {
    let touching = |pair: &[Piece<'_>]| matches!(pair, [Piece::Capture(_), Piece::Capture(_)]);
    if pieces.windows(2).any(touching) {
        return Err("nothing stands between two captures of the pattern".to_owned());
    }
    Ok(())
}

/// A path into a JSON document: `request.headers["User-Agent"]`, `items[0].name`.
pub(super) fn check_json_path(path: &str) -> Result<(), String> {
    let wrong = || format!("`{}` is no path such as `a.b[0]`", path.escape_debug());
    let mut rest = path.trim();
    let mut first = true;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let digits = inside.bytes().take_while(u8::is_ascii_digit).count();
            let length = if digits > 0 { Some(digits) } else { quoted_length(inside) };
            rest = inside[length.ok_or_else(wrong)?..].strip_prefix(']').ok_or_else(wrong)?;
        } else {
            let name = if first { rest } else { rest.strip_prefix('.').ok_or_else(wrong)? };
            rest = &name[name_length(name).ok_or_else(wrong)?..];
        }
        first = false;
    }
    Ok(())
}

/// The key of a logfmt pair, quoted where it is no plain name.
pub(super) fn check_logfmt_key(key: &str) -> Result<(), String> {
    let trimmed = key.trim();
    let whole = |length: Option<usize>| length == Some(trimmed.len());
    if whole(name_length(trimmed)) || whole(quoted_length(trimmed)) {
        return Ok(());
    }
    Err(format!("`{}` is no key of a logfmt line", key.escape_debug()))
}

fn name_length(text: &str) -> Option<usize> {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    starts.then_some(end)
}

fn quoted_length(text: &str) -> Option<usize> {
    text.strip_prefix('"')?.find('"').map(|end| end + 2)
}

/// A template of Go: every action must end.
pub(super) fn check_template(template: &str) -> Result<(), String> {
    let mut rest = template;
    while let Some((_, action)) = rest.split_once("{{") {
        rest = match action.split_once("}}") {
            Some((_, after)) => after,
            None => return Err("`{{` is not closed by `}}` in the template".to_owned()),
        };
    }
    Ok(())
}

/// `10.0.0.1`, `10.0.0.0/8`, `10.0.0.1-10.0.0.9`, and the same of version 6.
pub(super) fn check_address(text: &str) -> Result<(), String> {
    let address = |text: &str| text.parse::<IpAddr>().ok();
    let range = || {
        let (from, to) = text.split_once('-')?;
        address(from).zip(address(to))
    };
    let network = || {
        let (base, length) = text.split_once('/')?;
        let bits = if address(base)?.is_ipv4() { 32 } else { 128 };
        length.parse::<u8>().ok().filter(|length| *length <= bits)
    };
    if address(text).is_some() || range().is_some() || network().is_some() {
        return Ok(());
    }
    Err(format!("`{}` is no address, network or range of addresses", text.escape_debug()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_split_into_pieces() {
        use Piece::{Capture, Literal};
        assert_eq!(
            pattern_pieces("<ip> - <_> took=<took>ms"),
            [
                Capture("ip"),
                Literal(" - "),
                Capture("_"),
                Literal(" took="),
                Capture("took"),
                Literal("ms")
            ]
        );
        assert_eq!(
            pattern_pieces("<<a>> <1> < b>"),
            [Literal("<"), Capture("a"), Literal("> <1> < b>")]
        );
        assert_eq!(pattern_pieces(""), []);
    }

    #[test]
    fn what_is_inside_strings_is_checked() {
        type Check = fn(&str) -> Result<(), String>;
        let tables: [(Check, &[&str], &[&str]); 6] = [
            (check_pattern, &["<ip> <_>", "a<b>c", "<a>>"], &["", "a", "<_>", "<a><b>", "<a> <a>"]),
            (check_line_pattern, &["<_>foo<_>", "foo", ""], &["<_><_>", "<a> b"]),
            (
                check_json_path,
                &["a", "a.b", "a[0].b", "[0]", "a[\"x y\"].c", " a.b "],
                &["", "a..b", "a-b", "0", "a b", "a.0", "a[x]", "[", ".a", "a[\"b]", "a."],
            ),
            (check_logfmt_key, &["a", "\"a b\""], &["", "a b", "a.b", "1", "\"a"]),
            (check_template, &["", "{{.a}} {{ .b }}", "}}"], &["{{.a", "{{.a}} {{"]),
            (
                check_address,
                &["10.0.0.1", "10.0.0.0/8", "::1", "fe80::/10", "10.0.0.1-10.0.0.9"],
                &["x", "10.0.0.0/33", "10.0.0.1-", "1.2.3", ""],
            ),
        ];
        for (number, (check, good, bad)) in tables.into_iter().enumerate() {
            for text in good {
                assert_eq!(check(text), Ok(()), "{number}: {text}");
            }
            for text in bad {
                assert!(check(text).is_err(), "{number}: {text}");
            }
        }
    }
}
