//! The parser: recursive descent over the tokens, in one pass. Nesting and the number of operators
//! are bounded, so that no text makes it, or what walks its tree, run deep.
//!
//! It takes what Loki 3 takes (<https://grafana.com/docs/loki/latest/query/>) and refuses what Loki
//! refuses before a query runs, down to the patterns inside strings.

mod filter;
mod log;
mod metric;
#[cfg(test)]
mod tests;

pub(crate) use self::log::narrows;
use super::{
    SyntaxError,
    ast::{Expr, MatchOperator, Matcher, Position},
    lexer::{self, Placed, Token},
    regex,
};

/// How deep parentheses and right-hand sides may nest.
const MAX_NESTING: usize = 64;
/// How many binary operators a query may have.
const MAX_OPERATORS: usize = 128;

/// Words that are never names of labels, in any case of letters.
const RESERVED: [&str; 24] = [
    "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "and", "or", "unless",
    "offset", "json", "logfmt", "regexp", "pattern", "unpack", "unwrap", "line_format",
    "label_format", "decolorize", "drop", "keep", "of", "variants",
];

/// Whether a name can stand where a label stands.
pub(crate) fn is_label(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    starts && name.bytes().all(word) && !is_reserved(name)
}

fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(word))
}

/// Reads a query.
pub(crate) fn parse(text: &str) -> Result<Expr, SyntaxError> {
    let tokens = lexer::tokens(text)?;
    let mut cursor = Cursor { tokens, at: 0, depth: 0, operators: 0 };
    let expression = cursor.expression(0)?;
    match cursor.peek() {
        Token::End => Ok(expression),
        _ => Err(cursor.unexpected("the end of the query")),
    }
}

struct Cursor<'a> {
    /// The last one is [`Token::End`].
    tokens: Vec<Placed<'a>>,
    at: usize,
    depth: usize,
    operators: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> &Token<'a> {
        self.ahead(0)
    }

    /// The token so many after the next one; the end, beyond it.
    fn ahead(&self, count: usize) -> &Token<'a> {
        self.tokens.get(self.at + count).map_or(&Token::End, |(token, _)| token)
    }

    /// Where the next token begins, in bytes.
    fn position(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |(_, position)| *position)
    }

    fn skip(&mut self) {
        self.at += 1;
    }

    fn next_is(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(next) if *next == symbol)
    }

    fn next_is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(next) if next.eq_ignore_ascii_case(word))
    }

    /// Takes the symbol if it comes next.
    fn take(&mut self, symbol: &str) -> bool {
        let found = self.next_is(symbol);
        self.at += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.next_is_word(word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<(), SyntaxError> {
        if self.take(symbol) { Ok(()) } else { Err(self.unexpected(&format!("`{symbol}`"))) }
    }

    fn unexpected(&self, wanted: &str) -> SyntaxError {
        let found = self.peek().name();
        SyntaxError::at(self.position(), format!("expected {wanted}, found {found}"))
    }

    /// Runs something one level deeper.
    fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, SyntaxError>,
    ) -> Result<T, SyntaxError> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            let message = format!("nested deeper than {MAX_NESTING} levels");
            return Err(SyntaxError::at(self.position(), message));
        }
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// The name of a label.
    fn label(&mut self) -> Result<&'a str, SyntaxError> {
        match *self.peek() {
            Token::Word(word) if !is_reserved(word) => {
                self.skip();
                Ok(word)
            }
            Token::Word(word) => Err(SyntaxError::at(
                self.position(),
                format!("expected the name of a label, found the keyword `{word}`"),
            )),
            _ => Err(self.unexpected("the name of a label")),
        }
    }

    fn next_is_label(&self) -> bool {
        matches!(self.peek(), Token::Word(word) if !is_reserved(word))
    }

    /// `(a, b)`; may be empty.
    fn labels(&mut self) -> Result<Vec<String>, SyntaxError> {
        self.expect("(")?;
        let mut labels = Vec::new();
        if self.take(")") {
            return Ok(labels);
        }
        loop {
            labels.push(self.label()?.to_owned());
            if !self.take(",") {
                self.expect(")")?;
                return Ok(labels);
            }
        }
    }

    fn text(&mut self) -> Result<String, SyntaxError> {
        match self.peek() {
            Token::Text(value) => {
                let value = value.clone();
                self.skip();
                Ok(value)
            }
            _ => Err(self.unexpected("a string")),
        }
    }

    /// A string that must fulfil something; what is wrong is said where it stands.
    fn text_that<T>(
        &mut self,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<(String, T), SyntaxError> {
        let position = self.position();
        let value = self.text()?;
        match read(&value) {
            Ok(facts) => Ok((value, facts)),
            Err(message) => Err(SyntaxError::at(position, message)),
        }
    }

    /// `=`, `!=`, `=~` or `!~`, where one comes next.
    fn match_operator(&self) -> Option<MatchOperator> {
        match self.peek() {
            Token::Symbol("=") => Some(MatchOperator::Equal),
            Token::Symbol("!=") => Some(MatchOperator::NotEqual),
            Token::Symbol("=~") => Some(MatchOperator::Regex),
            Token::Symbol("!~") => Some(MatchOperator::NotRegex),
            _ => None,
        }
    }

    /// `label="value"`.
    fn matcher(&mut self) -> Result<Matcher, SyntaxError> {
        let position = Position(self.position());
        let label = self.label()?.to_owned();
        let operator =
            self.match_operator().ok_or_else(|| self.unexpected("`=`, `!=`, `=~` or `!~`"))?;
        self.skip();
        let value = if operator.is_pattern() { self.text_that(regex_of)?.0 } else { self.text()? };
        Ok(Matcher { label, operator, value, position })
    }
}

fn regex_of(pattern: &str) -> Result<regex::Facts, String> {
    regex::read(pattern).map_err(|message| format!("not a regular expression: {message}"))
}
