//! Text cut into tokens that know where they stand.
//!
//! Knows nothing of meanings: words here are only letters and digits between other signs.

use std::ops::Range;

/// What is read of an utterance; the rest is ignored, so that time is bounded.
pub const MAX_CHARS: usize = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    /// Begins with a digit: `24h`, `2.0.1`, `14:00`, `5xx`.
    Number,
    /// One sign that is neither letter nor digit.
    Sign,
}

#[derive(Debug, Clone)]
pub(crate) struct Token {
    /// Byte offsets into the source.
    pub(crate) span: Range<usize>,
    pub(crate) kind: Kind,
    /// Lower case, without apostrophes and without a possessive `'s`.
    pub(crate) raw: String,
    /// The known word that `raw` seems to be a slip of.
    pub(crate) corrected: Option<&'static str>,
    /// Nothing stands between this token and the one before.
    pub(crate) glued: bool,
}

impl Token {
    pub(crate) fn word(&self) -> &str {
        self.corrected.unwrap_or(&self.raw)
    }
}

/// The tokens of the first [`MAX_CHARS`] characters.
pub(crate) fn tokenise(source: &str) -> Vec<Token> {
    let limit = source.char_indices().nth(MAX_CHARS).map_or(source.len(), |(at, _)| at);
    let source = &source[..limit];
    let mut tokens: Vec<Token> = Vec::with_capacity(source.len() / 5 + 1);
    let mut position = 0;
    while let Some(first) = source[position..].chars().next() {
        if first.is_whitespace() {
            position += first.len_utf8();
            continue;
        }
        let kind = match first {
            c if c.is_ascii_digit() => Kind::Number,
            c if c.is_alphanumeric() => Kind::Word,
            _ => Kind::Sign,
        };
        let length = match kind {
            Kind::Sign => first.len_utf8(),
            Kind::Word | Kind::Number => word_length(&source[position..]),
        };
        let span = position..position + length;
        let raw = match kind {
            Kind::Sign => source[span.clone()].to_owned(),
            Kind::Word | Kind::Number => plain(&source[span.clone()]),
        };
        let glued = tokens.last().is_some_and(|token| token.span.end == position);
        position = span.end;
        tokens.push(Token { span, kind, raw, corrected: None, glued });
    }
    tokens
}

/// Letters and digits, apostrophes between letters, and `.` or `:` between digits.
fn word_length(text: &str) -> usize {
    let mut before = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let after = chars.peek().map(|&(_, next)| next);
        let joins = match c {
            '\'' | '’' => {
                before.is_some_and(char::is_alphabetic) && after.is_some_and(char::is_alphabetic)
            }
            '.' | ':' => {
                before.is_some_and(|c: char| c.is_ascii_digit())
                    && after.is_some_and(|c| c.is_ascii_digit())
            }
            _ => c.is_alphanumeric(),
        };
        if !joins {
            return at;
        }
        before = Some(c);
    }
    text.len()
}

fn plain(word: &str) -> String {
    let lower = word.to_lowercase();
    if word.is_ascii() && !word.contains('\'') {
        return lower;
    }
    let stripped = lower.strip_suffix("'s").or_else(|| lower.strip_suffix("’s")).unwrap_or(&lower);
    stripped.chars().filter(|c| !matches!(c, '\'' | '’')).collect()
}

/// The singular of an English noun, roughly; the same for both sides of a comparison, so that it
/// need not be right.
pub(crate) fn singular(word: &str) -> &str {
    if word.len() <= 3 || !word.is_ascii() {
        return word;
    }
    if ["ss", "us", "is"].iter().any(|end| word.ends_with(end)) {
        return word;
    }
    word.strip_suffix('s').unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_signs_are_told_apart() {
        for (text, expected) in [
            ("What's p99.9 of api-gateway?", "what|p99.9|of|api|-|gateway|?"),
            ("don’t 14:00-15:00, v2.0.1.", "dont|14:00|-|15:00|,|v2.0.1|."),
            ("payments' 5xx >80%", "payments|'|5xx|>|80|%"),
            ("naïve — Größe", "naïve|—|größe"),
            ("", ""),
        ] {
            let words: Vec<_> = tokenise(text).into_iter().map(|token| token.raw).collect();
            assert_eq!(words.join("|"), expected, "{text}");
        }
    }

    #[test]
    fn reading_stops_at_the_limit_on_a_character() {
        let tokens = tokenise(&"é".repeat(MAX_CHARS + 5));
        assert_eq!(tokens.len(), 1);
        assert_eq!(tokens[0].span, 0..2 * MAX_CHARS);
    }

    #[test]
    fn singulars_agree() {
        for (many, one) in [("orders", "order"), ("status", "status"), ("latencies", "latencie")] {
            assert_eq!(singular(many), one);
        }
    }
}
