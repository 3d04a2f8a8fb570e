//! Numbers about sets of spans: `avg(duration) > 2 * 500ms`.

use super::{Parser, SyntaxError, field::precedence};
use crate::traceql::{
    ast::{Aggregate, Arithmetic, Comparison, Literal, Operator, Scalar},
    lexer::Token,
};

/// Whether a stage that begins with the token is a comparison of scalars.
pub(super) fn begins(token: &Token) -> bool {
    match token {
        Token::Literal(literal) => is_number(literal),
        Token::Word(word) => word == "count" || Aggregate::from_word(word).is_some(),
        Token::Symbol(symbol) => *symbol == "-",
        _ => false,
    }
}

fn is_number(literal: &Literal) -> bool {
    matches!(literal, Literal::Integer(_) | Literal::Float(_) | Literal::Duration(..))
}

impl Parser {
    pub(super) fn scalar(&mut self) -> Result<Scalar, SyntaxError> {
        let first = self.scalar_operand()?;
        self.scalar_after(first, 0)
    }

    /// As much as binds tighter than `floor`, with its first operand read.
    pub(super) fn scalar_after(
        &mut self,
        mut left: Scalar,
        floor: u8,
    ) -> Result<Scalar, SyntaxError> {
        while let Some((operator, level)) = self.arithmetic().filter(|(_, level)| *level > floor) {
            self.at += 1;
            self.operator()?;
            let right = self.scalar_operand()?;
            let right = if operator == Arithmetic::Power {
                self.nested(|parser| parser.scalar_after(right, level - 1))?
            } else {
                self.scalar_after(right, level)?
            };
            left = Scalar::Binary(Box::new(left), operator, Box::new(right));
        }
        Ok(left)
    }

    fn arithmetic(&self) -> Option<(Arithmetic, u8)> {
        let Token::Symbol(symbol) = self.peek() else { return None };
        let operator = Arithmetic::from_symbol(symbol)?;
        Some((operator, precedence(Operator::Arithmetic(operator))))
    }

    fn scalar_operand(&mut self) -> Result<Scalar, SyntaxError> {
        if self.accept("(") {
            let inside = self.nested(Self::scalar)?;
            self.expect(")")?;
            return Ok(inside);
        }
        if self.accept("-") {
            return Ok(Scalar::Minus(self.number()?));
        }
        let Token::Word(word) = self.peek().clone() else {
            return Ok(Scalar::Literal(self.number()?));
        };
        if word == "count" {
            self.at += 1;
            self.expect("(")?;
            self.expect(")")?;
            return Ok(Scalar::Count);
        }
        let aggregate = Aggregate::from_word(&word)
            .ok_or_else(|| self.expected("`count()`, `avg`, `min`, `max`, `sum` or a number"))?;
        self.at += 1;
        self.expect("(")?;
        let field = self.nested(Self::field)?;
        self.expect(")")?;
        Ok(Scalar::Aggregate(aggregate, field))
    }

    fn number(&mut self) -> Result<Literal, SyntaxError> {
        match self.peek() {
            Token::Literal(literal) if is_number(literal) => {
                let literal = literal.clone();
                self.at += 1;
                Ok(literal)
            }
            _ => Err(self.expected("`count()`, `avg`, `min`, `max`, `sum` or a number")),
        }
    }

    /// A comparison of numbers: a pattern is none.
    pub(super) fn comparison(&mut self) -> Result<Comparison, SyntaxError> {
        let found = match self.peek() {
            Token::Symbol(symbol) => Comparison::from_symbol(symbol),
            _ => None,
        };
        let found = found.filter(|it| !matches!(it, Comparison::Matches | Comparison::MatchesNot));
        let found = found.ok_or_else(|| self.expected("a comparison such as `> 3`"))?;
        self.at += 1;
        Ok(found)
    }
}
