//! What must not reach the parser, because it does not survive it or reads it as something else.
//! This looks at the text alone, before the parser does.

use std::time::Duration;

use crate::{Bounds, CheckError};

/// Refuses nesting, which would recurse as deep; escapes of characters beyond ASCII, which no valid
/// query has and the parser does not survive; and lengths of time that it cannot hold.
pub(super) fn guard(query: &str, bounds: &Bounds) -> Result<(), CheckError> {
    let bare = bare(query)?;
    nesting(&bare, bounds)?;
    lengths(&bare)
}

/// The query with blanks in place of strings and comments, every byte at its place.
fn bare(query: &str) -> Result<String, CheckError> {
    let mut bare = String::with_capacity(query.len());
    let mut hidden_by = None;
    let mut characters = query.char_indices();
    while let Some((position, character)) = characters.next() {
        let was_hidden = hidden_by.is_some();
        match (hidden_by, character) {
            (Some('"' | '\''), '\\') => match characters.next() {
                Some((_, next)) if next.is_ascii() => bare.push(' '),
                _ => return Err(CheckError::Escape { position }),
            },
            // To Prometheus the string ends here, to the parser it goes on.
            (Some('`'), '\\') => match characters.next() {
                Some((_, next)) if next != '`' => {
                    bare.extend(std::iter::repeat_n(' ', next.len_utf8()));
                }
                _ => return Err(CheckError::Escape { position }),
            },
            (Some('#'), '\n' | '\r') => hidden_by = None,
            (Some(quote), _) if quote != '#' && character == quote => hidden_by = None,
            (None, '"' | '\'' | '`' | '#') => hidden_by = Some(character),
            _ => {}
        }
        if was_hidden || hidden_by.is_some() {
            bare.extend(std::iter::repeat_n(' ', character.len_utf8()));
        } else {
            bare.push(character);
        }
    }
    Ok(bare)
}

fn nesting(bare: &str, bounds: &Bounds) -> Result<(), CheckError> {
    let mut depth = 0_usize;
    for character in bare.chars() {
        match character {
            '(' | '-' | '+' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > 4 * bounds.max_depth {
            return Err(CheckError::TooDeep { max: bounds.max_depth });
        }
    }
    Ok(())
}

/// Looks at what stands in square brackets or behind `offset`: the parser panics on numbers that
/// are too large for a length of time or none, and passes over parts of `1d5000000000s` that are too
/// large, which would step around every bound on the period.
fn lengths(bare: &str) -> Result<(), CheckError> {
    let mut in_brackets = false;
    let mut rest = bare;
    let mut after_offset = false;
    while let Some(first) = rest.chars().next() {
        let length = word(rest);
        if length > 0 {
            let (word, behind) = rest.split_at(length);
            if (in_brackets || after_offset) && !is_length(word) {
                return Err(CheckError::Syntax(format!(
                    "`{word}` is too long, or no length of time"
                )));
            }
            after_offset = word.eq_ignore_ascii_case("offset");
            rest = behind;
            continue;
        }
        match first {
            '[' => in_brackets = true,
            ']' => in_brackets = false,
            _ => {}
        }
        // `offset -1h`
        after_offset &= first.is_whitespace() || matches!(first, '-' | '+');
        rest = &rest[first.len_utf8()..];
    }
    Ok(())
}

/// The bytes of the number, duration or name that the text begins with.
fn word(text: &str) -> usize {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    let part = |from: usize| text.bytes().skip(from).take_while(is_part).count();
    let length = part(0);
    let is_decimal = text.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && !text.starts_with("0x")
        && !text.starts_with("0X");
    // The sign of `1e+30`.
    let signed = is_decimal
        && text[..length].ends_with(['e', 'E'])
        && text[length..].starts_with(['+', '-']);
    if signed { length + 1 + part(length + 1) } else { length }
}

/// Whether a word is a length of time that the parser can hold, or something that it will refuse.
fn is_length(word: &str) -> bool {
    match word.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).is_ok(),
        Err(_) => {
            let mut numbers = word.split(|c: char| !c.is_ascii_digit()).filter(|it| !it.is_empty());
            numbers.all(|number| number.parse::<u32>().is_ok())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(query: &str) -> Option<CheckError> {
        guard(query, &Bounds::default()).err()
    }

    #[test]
    fn what_the_parser_survives_passes() {
        for query in [
            "up offset 5m",
            "up offset -1e3",
            "up[1e+3:0x10]",
            "up[1w2d] offset 4294967295s",
            "up > 1e30 or up == Inf or up != NaN",
            "5000000000s",
            "job:nan:inf offset 5m",
            "up # [NaN]\n",
            r#"up{offset="x", a="[NaN] offset inf"}"#,
            "my_offset 1e30",
            "offset_of - 1e30",
        ] {
            assert_eq!(refusal(query), None, "{query}");
        }
    }

    #[test]
    fn lengths_that_the_parser_cannot_hold_are_refused() {
        for query in [
            "sum(rate(up[5m] offset 666666666666666666602))",
            "up offset NaN",
            "up OFFSET - Inf",
            "up offset # soon\n +inf",
            "up # it's\r offset nan",
            "up[1e20]",
            "up[5m:1e+20]",
            "up[5m:.1E21]",
            "up offset 5e+300",
            "rate(up[1d5000000000s])",
            "up offset 1h99999999999999999999ms",
        ] {
            let error = refusal(query).unwrap_or_else(|| panic!("{query} passes"));
            assert!(error.to_string().contains("no length of time"), "{query}: {error}");
        }
    }

    #[test]
    fn nesting_is_seen_behind_comments_and_strings_only() {
        let deep = "(".repeat(200);
        for (query, expected) in [
            (format!("# it's\n{deep}"), true),
            (format!("\"\\\"\" {deep}"), true),
            (format!("`\\\\` {deep}"), true),
            (format!("# {deep}"), false),
            (format!("'{deep}'"), false),
        ] {
            let is_refused = matches!(refusal(&query), Some(CheckError::TooDeep { .. }));
            assert_eq!(is_refused, expected, "{query}");
        }
        assert!(matches!(refusal("\"\\é\""), Some(CheckError::Escape { position: 1 })));
        assert!(matches!(
            refusal("`\\` + up + ` [NaN]`"),
            Some(CheckError::Escape { position: 1 })
        ));
        assert_eq!(refusal("# \\é"), None);
    }
}
