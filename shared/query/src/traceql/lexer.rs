//! From text to tokens, once over and without looking back.

use super::ast::{Intrinsic, Literal, Reference, Scope, TimeUnit};
use super::{ast::Attribute, parse::SyntaxError};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// `{ } ( ) , |` and every operator.
    Symbol(&'static str),
    /// A bare word: `count`, `error`, `duration`.
    Word(String),
    Reference(Reference),
    /// A string, a number or a duration.
    Literal(Literal),
    End,
}

impl Token {
    /// As an error names it.
    pub(super) fn described(&self) -> String {
        match self {
            Self::Symbol(symbol) => format!("`{symbol}`"),
            Self::Word(word) => format!("`{word}`"),
            Self::Reference(reference) => format!("`{reference}`"),
            Self::Literal(literal) => format!("`{literal}`"),
            Self::End => "the end of the query".to_owned(),
        }
    }
}

/// The longest first, so that the first that fits is the right one.
const SYMBOLS: &[&str] = &[
    "!>>", "!<<", "&>>", "&<<", "&&", "||", ">>", "<<", ">=", "<=", "!=", "=~", "!~", "!>", "!<",
    "&>", "&<", "&~", "{", "}", "(", ")", ",", "|", "=", ">", "<", "~", "!", "+", "-", "*", "/",
    "%", "^",
];
/// What ends an attribute's name when it stands outside quotation marks.
const NAME_ENDS: &[char] = &['^', '{', '}', '(', ')', '=', '~', '!', '<', '>', '&', '|', ','];
/// What an attribute's name may begin with, besides letters.
const NAME_STARTS: &[char] = &['_', '@', '#', '$', '%', '*', '+', '?', ':', ';', '\'', '`', '"'];

/// The tokens with their byte offsets; the last is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, SyntaxError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip()?;
        let start = lexer.at;
        let token = lexer.token()?;
        let end = token == Token::End;
        tokens.push((token, start));
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Takes what holds of every character, and returns it.
    fn take_while(&mut self, holds: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|character| !holds(character)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn error(&self, position: usize, message: impl Into<String>) -> SyntaxError {
        SyntaxError { position, message: message.into() }
    }

    /// Blanks and comments.
    fn skip(&mut self) -> Result<(), SyntaxError> {
        loop {
            self.take_while(char::is_whitespace);
            if self.rest().starts_with("//") {
                self.take_while(|character| character != '\n');
            } else if self.rest().starts_with("/*") {
                let start = self.at;
                let length = self
                    .rest()
                    .find("*/")
                    .ok_or_else(|| self.error(start, "the comment has no end"))?;
                self.at += length + "*/".len();
            } else {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<Token, SyntaxError> {
        let Some(first) = self.peek() else { return Ok(Token::End) };
        let after = self.rest()[first.len_utf8()..].chars().next();
        match first {
            '"' | '`' => self.string().map(|text| Token::Literal(Literal::String(text))),
            '0'..='9' => self.number(),
            '.' if after.is_some_and(|next| next.is_ascii_digit()) => self.number(),
            '.' => {
                self.next();
                self.attribute(false, None)
            }
            'a'..='z' | 'A'..='Z' | '_' => self.word(),
            _ => {
                let symbol = SYMBOLS.iter().copied().find(|symbol| self.rest().starts_with(symbol));
                let symbol = symbol
                    .ok_or_else(|| self.error(self.at, format!("`{first}` is not expected")))?;
                self.at += symbol.len();
                Ok(Token::Symbol(symbol))
            }
        }
    }

    fn string(&mut self) -> Result<String, SyntaxError> {
        let start = self.at;
        if self.next() == Some('`') {
            let inside = self.take_while(|character| character != '`').to_owned();
            return match self.next() {
                Some(_) => Ok(inside),
                None => Err(self.error(start, "the string has no end")),
            };
        }
        let mut inside = String::new();
        loop {
            let at = self.at;
            match self.next() {
                Some('"') => return Ok(inside),
                Some('\\') => inside.push(match self.next() {
                    Some(same @ ('"' | '\\')) => same,
                    Some('n') => '\n',
                    Some('r') => '\r',
                    Some('t') => '\t',
                    _ => {
                        return Err(self.error(
                            at,
                            "that is not a valid escape; a backslash is written `\\\\`",
                        ));
                    }
                }),
                Some(other) => inside.push(other),
                None => return Err(self.error(start, "the string has no end")),
            }
        }
    }

    fn number(&mut self) -> Result<Token, SyntaxError> {
        let start = self.at;
        self.take_while(|character| character.is_ascii_digit());
        let fraction = self
            .rest()
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if fraction {
            self.next();
            self.take_while(|character| character.is_ascii_digit());
        }
        let digits = &self.text[start..self.at];
        let too_large =
            || SyntaxError { position: start, message: "the number is too large".to_owned() };
        let amount: f64 = digits.parse().map_err(|_| too_large())?;
        if !amount.is_finite() {
            return Err(too_large());
        }
        let unit = self
            .take_while(|character| character.is_alphanumeric() || matches!(character, '_' | 'µ'));
        if !unit.is_empty() {
            let unit = TimeUnit::from_word(unit).ok_or_else(|| {
                self.error(start, format!("`{unit}` is no unit; there are ns, us, ms, s, m and h"))
            })?;
            return Ok(Token::Literal(Literal::Duration(amount, unit)));
        }
        let literal = if fraction {
            Literal::Float(amount)
        } else {
            Literal::Integer(digits.parse().map_err(|_| too_large())?)
        };
        Ok(Token::Literal(literal))
    }

    fn word(&mut self) -> Result<Token, SyntaxError> {
        let start = self.at;
        let word =
            self.take_while(|character| character.is_ascii_alphanumeric() || character == '_');
        match self.peek() {
            Some('.') if word == "parent" => {
                self.next();
                let scope = Scope::ALL.iter().copied().find(|scope| {
                    self.rest().strip_prefix(scope.word()).is_some_and(|rest| rest.starts_with('.'))
                });
                if let Some(scope) = scope {
                    self.at += scope.word().len() + ".".len();
                }
                self.attribute(true, scope)
            }
            Some('.') => {
                let scope = Scope::from_word(word).ok_or_else(|| {
                    let scopes = "span, resource, event, link and instrumentation";
                    self.error(start, format!("there is no scope `{word}`; there are {scopes}"))
                })?;
                self.next();
                self.attribute(false, Some(scope))
            }
            Some(':') => {
                self.next();
                self.take_while(|character| character.is_ascii_alphanumeric());
                let written = &self.text[start..self.at];
                let intrinsic = Intrinsic::from_word(written).ok_or_else(|| {
                    self.error(start, format!("there is no intrinsic `{written}`"))
                })?;
                Ok(Token::Reference(Reference::Intrinsic(intrinsic)))
            }
            _ => Ok(match Intrinsic::from_word(word) {
                Some(intrinsic) => Token::Reference(Reference::Intrinsic(intrinsic)),
                None => Token::Word(word.to_owned()),
            }),
        }
    }

    /// The name of an attribute, in which parts may be quoted: `http."odd name".x`.
    fn attribute(&mut self, parent: bool, scope: Option<Scope>) -> Result<Token, SyntaxError> {
        let start = self.at;
        let begins = self
            .peek()
            .is_some_and(|first| first.is_ascii_alphabetic() || NAME_STARTS.contains(&first));
        if !begins {
            return Err(self.error(start, "the name of an attribute is expected"));
        }
        let mut name = String::new();
        while let Some(next) =
            self.peek().filter(|next| !next.is_whitespace() && !NAME_ENDS.contains(next))
        {
            let at = self.at;
            self.next();
            if next != '"' {
                name.push(next);
                continue;
            }
            loop {
                match self.next() {
                    Some('"') => break,
                    Some('\\') => match self.next() {
                        Some(same @ ('"' | '\\')) => name.push(same),
                        _ => {
                            return Err(self
                                .error(at, "a quoted name has no escapes but `\\\"` and `\\\\`"));
                        }
                    },
                    Some(other) => name.push(other),
                    None => return Err(self.error(at, "the quoted name has no end")),
                }
            }
        }
        Ok(Token::Reference(Reference::Attribute(Attribute { parent, scope, name })))
    }
}
