//! The tokens of LogQL. The whole text is read once, from left to right.

use super::{SyntaxError, quantity};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    /// A name, a keyword or a function: which of them, the place in the query decides.
    Word(&'a str),
    /// A string, unquoted.
    Text(String),
    Number(f64),
    /// Nanoseconds.
    Duration(i64),
    Bytes(u64),
    /// Milliseconds of `[5m]`.
    Range(i64),
    Symbol(&'static str),
    /// `--strict`.
    Flag(&'a str),
    End,
}

/// The longest first, where one begins another.
const SYMBOLS: [&str; 27] = [
    "|=", "|~", "|>", "!=", "!~", "!>", "=~", "==", ">=", "<=", "{", "}", "(", ")", ",", "=", "|",
    ">", "<", "+", "-", "*", "/", "%", "^", ".", "]",
];

impl Token<'_> {
    /// What it is called in a message.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Word(word) => format!("`{word}`"),
            Self::Text(_) => "a string".to_owned(),
            Self::Number(_) => "a number".to_owned(),
            Self::Duration(_) => "a duration".to_owned(),
            Self::Bytes(_) => "a size in bytes".to_owned(),
            Self::Range(_) => "a range in brackets".to_owned(),
            Self::Symbol(symbol) => format!("`{symbol}`"),
            Self::Flag(name) => format!("`--{name}`"),
            Self::End => "the end of the query".to_owned(),
        }
    }
}

/// A token and where it begins.
pub(super) type Placed<'a> = (Token<'a>, usize);

/// The tokens of a query; the last one is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Placed<'_>>, SyntaxError> {
    let mut found = Vec::new();
    let mut at = 0;
    if let Some(position) = text.find('\0') {
        // Loki refuses it even inside strings, where it must be written as an escape.
        return Err(SyntaxError::at(position, "there is a NUL character"));
    }
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        match first {
            ' ' | '\t' | '\r' | '\n' => {
                at += 1;
                continue;
            }
            '#' => {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            _ => {}
        }
        let (token, length) = token(rest, first).map_err(|message| SyntaxError::at(at, message))?;
        found.push((token, at));
        at += length;
    }
    found.push((Token::End, text.len()));
    Ok(found)
}

/// The token at the beginning of `rest`, which is not blank, and its length in bytes.
fn token(rest: &str, first: char) -> Result<(Token<'_>, usize), String> {
    if first == '"' {
        return quoted(rest);
    }
    if first == '`' {
        let length = rest[1..].find('`').ok_or("the string is not closed")? + 2;
        // Raw strings drop carriage returns, as Go's do.
        let value = rest[1..length - 1].replace('\r', "");
        return Ok((Token::Text(value), length));
    }
    if first == '[' {
        let length = rest.find(']').ok_or("the range is not closed by `]`")? + 1;
        let inside = &rest[1..length - 1];
        let milliseconds = quantity::range(inside).ok_or_else(|| {
            format!("`{}` is not a range such as `5m` or `1h30m`", shortened(inside))
        })?;
        return Ok((Token::Range(milliseconds), length));
    }
    if starts_number(rest) {
        return number(rest);
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let length = word_length(rest);
        return Ok((Token::Word(&rest[..length]), length));
    }
    if let Some(name) = rest.strip_prefix("--").filter(|name| name.starts_with(char::is_alphabetic))
    {
        let length = name
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-'))
            .unwrap_or(name.len());
        return Ok((Token::Flag(&name[..length]), length + 2));
    }
    match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
        Some(symbol) => Ok((Token::Symbol(symbol), symbol.len())),
        None => Err(format!("`{}` has no meaning here", first.escape_debug())),
    }
}

fn word_length(rest: &str) -> usize {
    rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len())
}

fn starts_number(rest: &str) -> bool {
    let digits = rest.strip_prefix('.').unwrap_or(rest);
    digits.starts_with(|c: char| c.is_ascii_digit())
}

/// A number, or a number with units: a duration or a size.
fn number(rest: &str) -> Result<(Token<'_>, usize), String> {
    let plain = number_length(rest);
    let in_unit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | 'µ');
    if !rest[plain..].starts_with(in_unit) {
        let value = rest[..plain].parse::<f64>().ok().filter(|value| value.is_finite());
        let value = value.ok_or_else(|| format!("`{}` is not a number", &rest[..plain]))?;
        return Ok((Token::Number(value), plain));
    }
    let length = rest.find(|c: char| !in_unit(c)).unwrap_or(rest.len());
    let text = &rest[..length];
    let token = quantity::duration(text)
        .map(Token::Duration)
        .or_else(|| quantity::bytes(text).map(Token::Bytes))
        .ok_or_else(|| format!("`{}` is not a number, a duration or a size", shortened(text)))?;
    Ok((token, length))
}

/// The length of digits with an optional fraction and exponent.
fn number_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let digits =
        |from: usize| from + bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent_end = digits(signed.min(bytes.len()));
        if exponent_end > signed {
            end = exponent_end;
        }
    }
    end
}

/// A double-quoted string with the escapes of Go.
fn quoted(rest: &str) -> Result<(Token<'_>, usize), String> {
    let mut value: Vec<u8> = Vec::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                let value = String::from_utf8(value)
                    .map_err(|_| "the string is not valid UTF-8".to_owned())?;
                return Ok((Token::Text(value), at + 1));
            }
            '\n' => break,
            '\\' => {
                let length = escape(&rest[at + 1..], &mut value).ok_or(
                    "the string has what is not a valid escape; use `\\\\` for a backslash",
                )?;
                // Escapes are ASCII, so bytes and characters are the same.
                for _ in 0..length {
                    characters.next();
                }
            }
            other => value.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Err("the string is not closed".to_owned())
}

/// Adds what an escape stands for; the length of what follows the backslash.
fn escape(rest: &str, value: &mut Vec<u8>) -> Option<usize> {
    let (radix, digits, skipped, code) = match rest.bytes().next()? {
        b'a' => return single(7, value),
        b'b' => return single(8, value),
        b'f' => return single(12, value),
        b'n' => return single(b'\n', value),
        b'r' => return single(b'\r', value),
        b't' => return single(b'\t', value),
        b'v' => return single(11, value),
        b'\\' => return single(b'\\', value),
        b'"' => return single(b'"', value),
        b'x' => (16, 2, 1, false),
        b'u' => (16, 4, 1, true),
        b'U' => (16, 8, 1, true),
        b'0'..=b'7' => (8, 3, 0, false),
        _ => return None,
    };
    let number = rest.get(skipped..skipped + digits)?;
    if !number.bytes().all(|byte| char::from(byte).is_digit(radix)) {
        return None;
    }
    let number = u32::from_str_radix(number, radix).ok()?;
    if code {
        let character = char::from_u32(number)?;
        value.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    } else {
        value.push(u8::try_from(number).ok()?);
    }
    Some(skipped + digits)
}

fn single(byte: u8, value: &mut Vec<u8>) -> Option<usize> {
    value.push(byte);
    Some(1)
}

/// The beginning of what a message quotes.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 24;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text[..end].escape_debug()),
        None => text.escape_debug().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> String {
        match tokens(text) {
            Ok(tokens) => {
                let names: Vec<String> = tokens.iter().map(|(token, _)| token.name()).collect();
                names[..names.len() - 1].join(" ")
            }
            Err(error) => format!("{}: {}", error.position, error.message),
        }
    }

    #[test]
    fn text_becomes_tokens() {
        for (text, expected) in [
            ("{a=\"b\"}", "`{` `a` `=` a string `}`"),
            ("|= |~ |> != !~ !> | == =~", "`|=` `|~` `|>` `!=` `!~` `!>` `|` `==` `=~`"),
            ("1 1.5 .5 5. 1e3 1E-3", "a number a number a number a number a number a number"),
            ("5m 1.5s 10KB [1h]", "a duration a duration a size in bytes a range in brackets"),
            ("a # b\n c", "`a` `c`"),
            ("logfmt --strict --keep-empty", "`logfmt` `--strict` `--keep-empty`"),
            ("a-1", "`a` `-` a number"),
            ("", ""),
            ("5ss", "0: `5ss` is not a number, a duration or a size"),
            ("1e400", "0: `1e400` is not a number"),
            ("a \"b", "2: the string is not closed"),
            ("\"a\nb\"", "0: the string is not closed"),
            ("`a", "0: the string is not closed"),
            ("[5m", "0: the range is not closed by `]`"),
            ("[5x]", "0: `5x` is not a range such as `5m` or `1h30m`"),
            ("\"a\0b\"", "2: there is a NUL character"),
            ("é", "0: `é` has no meaning here"),
            ("\"\\d\"", "0: the string has what is not a valid escape; use `\\\\` for a backslash"),
            ("\"\\xff\"", "0: the string is not valid UTF-8"),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }

    #[test]
    fn strings_are_unquoted() {
        for (text, expected) in [
            (r#""a\"b\\c""#, "a\"b\\c"),
            (r#""\a\b\f\n\r\t\v""#, "\u{7}\u{8}\u{c}\n\r\t\u{b}"),
            (r#""\x41\101\u00e9\U0001F600""#, "AAé😀"),
            (r#""\xc3\xa9""#, "é"),
            ("`a\\d\"\r\nb`", "a\\d\"\nb"),
            ("\"\"", ""),
        ] {
            let token = tokens(text).unwrap().swap_remove(0).0;
            assert_eq!(token, Token::Text(expected.to_owned()), "{text}");
        }
        for text in [r#""\u{1}""#, r#""\ud800""#, r#""\400""#, r#""\x4""#, r#""\é""#, r#""\'""#] {
            assert!(tokens(text).is_err(), "{text}");
        }
    }
}
