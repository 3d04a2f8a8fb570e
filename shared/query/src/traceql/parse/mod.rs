//! From text to a tree: recursive descent with operators by precedence, in linear time and with
//! bounded nesting.
//!
//! The grammar is that of <https://grafana.com/docs/tempo/latest/traceql/>. Between operators the
//! usual order holds, arithmetic before comparison before `&&` before `||`; printing adds the
//! parentheses that make it plain.

mod field;
mod metric;
mod pipeline;
mod scalar;
#[cfg(test)]
mod tests;

use super::{
    ast::{Literal, Query, Reference},
    lexer::{Token, tokens},
};

/// Brackets within brackets; each costs a few frames of the stack.
const MAX_NESTING: usize = 48;
/// Operators of one query: a chain of them is a tree as deep as it is long.
const MAX_OPERATORS: usize = 400;

/// Where a text stops being TraceQL, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// A byte offset.
    pub(crate) position: usize,
    /// What was expected, as the rest of a sentence.
    pub(crate) message: String,
}

/// A query, and where it names what.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parsed {
    pub(crate) query: Query,
    /// Everything of spans that the query names, with its byte offset, in order.
    pub(crate) references: Vec<(Reference, usize)>,
    /// How many `{ … }` there are.
    pub(crate) spansets: usize,
    /// The deepest nesting of brackets and signs.
    pub(crate) nesting: usize,
    /// The bytes of the longest regular expression.
    pub(crate) longest_pattern: usize,
}

pub(crate) fn parse(text: &str) -> Result<Parsed, SyntaxError> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
        operators: 0,
        references: Vec::new(),
        spansets: 0,
        nesting: 0,
        longest_pattern: 0,
    };
    let pipeline = parser.pipeline(None, true)?;
    let hints = parser.hints()?;
    if parser.peek() != &Token::End {
        return Err(parser.expected("an operator, `|` or the end"));
    }
    let Parser { references, spansets, nesting, longest_pattern, .. } = parser;
    Ok(Parsed { query: Query { pipeline, hints }, references, spansets, nesting, longest_pattern })
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    at: usize,
    depth: usize,
    operators: usize,
    references: Vec<(Reference, usize)>,
    spansets: usize,
    nesting: usize,
    longest_pattern: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.ahead(0)
    }

    fn ahead(&self, count: usize) -> &Token {
        self.tokens.get(self.at + count).map_or(&Token::End, |(token, _)| token)
    }

    fn position(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |(_, position)| *position)
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn is(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(found) if *found == symbol)
    }

    /// Takes the symbol if it is next.
    fn accept(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<(), SyntaxError> {
        if self.accept(symbol) { Ok(()) } else { Err(self.expected(&format!("`{symbol}`"))) }
    }

    fn expected(&self, what: &str) -> SyntaxError {
        self.error(format!("{what} is expected, not {}", self.peek().described()))
    }

    fn error(&self, message: String) -> SyntaxError {
        SyntaxError { position: self.position(), message }
    }

    /// Runs a reader one level further down.
    fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, SyntaxError>,
    ) -> Result<T, SyntaxError> {
        self.depth += 1;
        self.nesting = self.nesting.max(self.depth);
        if self.depth > MAX_NESTING {
            return Err(self.error(format!("at most {MAX_NESTING} levels of nesting are allowed")));
        }
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Counts an operator.
    fn operator(&mut self) -> Result<(), SyntaxError> {
        self.operators += 1;
        if self.operators > MAX_OPERATORS {
            return Err(self.error(format!("at most {MAX_OPERATORS} operators are allowed")));
        }
        Ok(())
    }

    fn reference(&mut self) -> Result<Reference, SyntaxError> {
        let position = self.position();
        match self.peek().clone() {
            Token::Reference(reference) => {
                self.at += 1;
                self.references.push((reference.clone(), position));
                Ok(reference)
            }
            _ => Err(self.expected(
                "an attribute such as `span.http.route` or an intrinsic such as `duration`",
            )),
        }
    }

    /// One or more, with commas between.
    fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, SyntaxError>,
    ) -> Result<Vec<T>, SyntaxError> {
        let mut items = vec![item(self)?];
        while self.accept(",") {
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn integer(&mut self) -> Result<i64, SyntaxError> {
        match self.peek() {
            Token::Literal(Literal::Integer(integer)) => {
                let integer = *integer;
                self.at += 1;
                Ok(integer)
            }
            _ => Err(self.expected("a whole number")),
        }
    }

    /// `with (most_recent=true, span_sample=0.1)`
    fn hints(&mut self) -> Result<Vec<(String, Literal)>, SyntaxError> {
        if !matches!(self.peek(), Token::Word(word) if word == "with") {
            return Ok(Vec::new());
        }
        self.at += 1;
        self.expect("(")?;
        let hints = self.list(|parser| {
            let Token::Word(name) = parser.peek().clone() else {
                return Err(parser.expected("the name of a hint"));
            };
            parser.at += 1;
            parser.expect("=")?;
            Ok((name, parser.literal()?))
        })?;
        self.expect(")")?;
        Ok(hints)
    }
}
