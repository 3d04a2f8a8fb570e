//! Expressions over one span: `duration > 1s && !(status = ok)`.

use super::{Parser, SyntaxError};
use crate::traceql::{
    ast::{Arithmetic, Comparison, Field, Kind, Literal, Logic, Operator, Status},
    lexer::Token,
};

/// The higher, the tighter; [`Arithmetic::Power`] alone groups to the right.
pub(super) fn precedence(operator: Operator) -> u8 {
    match operator {
        Operator::Logic(Logic::Or) => 1,
        Operator::Logic(Logic::And) => 2,
        Operator::Comparison(_) => 3,
        Operator::Arithmetic(Arithmetic::Add | Arithmetic::Subtract) => 4,
        Operator::Arithmetic(Arithmetic::Multiply | Arithmetic::Divide | Arithmetic::Modulo) => 5,
        Operator::Arithmetic(Arithmetic::Power) => 6,
    }
}

fn operator(token: &Token) -> Option<Operator> {
    let Token::Symbol(symbol) = token else { return None };
    Logic::from_symbol(symbol)
        .map(Operator::Logic)
        .or_else(|| Comparison::from_symbol(symbol).map(Operator::Comparison))
        .or_else(|| Arithmetic::from_symbol(symbol).map(Operator::Arithmetic))
}

impl Parser {
    pub(super) fn field(&mut self) -> Result<Field, SyntaxError> {
        self.field_above(0)
    }

    /// As much as binds tighter than `floor`.
    fn field_above(&mut self, floor: u8) -> Result<Field, SyntaxError> {
        let mut left = self.field_operand()?;
        while let Some(operator) = operator(self.peek()).filter(|it| precedence(*it) > floor) {
            self.at += 1;
            self.operator()?;
            let level = precedence(operator);
            let right = if operator == Operator::Arithmetic(Arithmetic::Power) {
                self.nested(|parser| parser.field_above(level - 1))?
            } else {
                self.field_above(level)?
            };
            if let (
                Operator::Comparison(Comparison::Matches | Comparison::MatchesNot),
                Field::Literal(Literal::String(pattern)),
            ) = (operator, &right)
            {
                self.longest_pattern = self.longest_pattern.max(pattern.len());
            }
            left = Field::Binary(Box::new(left), operator, Box::new(right));
        }
        Ok(left)
    }

    fn field_operand(&mut self) -> Result<Field, SyntaxError> {
        if self.accept("(") {
            let inside = self.nested(Self::field)?;
            self.expect(")")?;
            return Ok(inside);
        }
        if self.accept("!") {
            return Ok(Field::Not(Box::new(self.nested(Self::field_operand)?)));
        }
        if self.accept("-") {
            return Ok(Field::Minus(Box::new(self.nested(Self::field_operand)?)));
        }
        match self.peek() {
            Token::Reference(_) => Ok(Field::Reference(self.reference()?)),
            _ => Ok(Field::Literal(self.literal()?)),
        }
    }

    pub(super) fn literal(&mut self) -> Result<Literal, SyntaxError> {
        let literal = match self.peek() {
            Token::Literal(literal) => Some(literal.clone()),
            Token::Word(word) => keyword(word),
            _ => None,
        };
        let Some(literal) = literal else {
            return Err(match self.peek() {
                Token::Word(word) => self.error(format!(
                    "`{word}` is no value and no intrinsic; an attribute has a scope, as in \
                     `span.{word}`, and text is quoted"
                )),
                _ => self.expected("an attribute, an intrinsic or a value"),
            });
        };
        self.at += 1;
        Ok(literal)
    }
}

fn keyword(word: &str) -> Option<Literal> {
    match word {
        "true" => Some(Literal::Boolean(true)),
        "false" => Some(Literal::Boolean(false)),
        "nil" => Some(Literal::Nil),
        "minInt" => Some(Literal::MinInt),
        "maxInt" => Some(Literal::MaxInt),
        _ => Status::from_word(word)
            .map(Literal::Status)
            .or_else(|| Kind::from_word(word).map(Literal::Kind)),
    }
}
