//! Filters on labels, and how `and`, `or` and commas bind in them.

use super::{Cursor, regex_of};
use crate::logql::{
    SyntaxError,
    ast::{Amount, Compare, CompareOperator, LabelFilter, MatchOperator, Matcher, Position},
    lexer::Token,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Connective {
    And,
    Or,
    /// A comma, or nothing at all: it takes everything on its right, so that `a, b or c` is
    /// `a and (b or c)`.
    Comma,
}

impl Connective {
    /// Whether an operator on the left takes what stands between it and one on its right.
    fn binds_before(self, next: Self) -> bool {
        match (self, next) {
            // Of commas and `and` the order makes no difference.
            (Self::Comma | Self::And, Self::Comma) | (Self::And | Self::Or, Self::Or) => true,
            (Self::And, Self::And) => true,
            (Self::Or, Self::And | Self::Comma) | (Self::Comma, Self::And | Self::Or) => false,
        }
    }
}

impl Cursor<'_> {
    /// A filter, as far as it goes.
    pub(super) fn label_filter(&mut self) -> Result<LabelFilter, SyntaxError> {
        self.nested(Self::label_filter_here)
    }

    fn label_filter_here(&mut self) -> Result<LabelFilter, SyntaxError> {
        let mut values = vec![self.label_condition()?];
        let mut waiting: Vec<Connective> = Vec::new();
        while let Some(connective) = self.connective() {
            while waiting.last().is_some_and(|last| last.binds_before(connective)) {
                reduce(&mut values, waiting.pop());
            }
            if waiting.len() >= super::MAX_NESTING {
                return Err(SyntaxError::at(self.position(), "too many conditions in one filter"));
            }
            waiting.push(connective);
            values.push(self.label_condition()?);
        }
        while let Some(connective) = waiting.pop() {
            reduce(&mut values, Some(connective));
        }
        values.pop().ok_or_else(|| self.unexpected("a condition"))
    }

    /// Takes what joins another condition to this one, if one follows.
    fn connective(&mut self) -> Option<Connective> {
        if self.take(",") {
            Some(Connective::Comma)
        } else if self.take_word("and") {
            Some(Connective::And)
        } else if self.take_word("or") {
            Some(Connective::Or)
        } else if self.next_is("(") || self.next_is_label() {
            Some(Connective::Comma)
        } else {
            None
        }
    }

    fn label_condition(&mut self) -> Result<LabelFilter, SyntaxError> {
        if self.take("(") {
            let inside = self.label_filter()?;
            self.expect(")")?;
            return Ok(inside);
        }
        let position = Position(self.position());
        let label = self.label()?.to_owned();
        let operator = match self.peek() {
            Token::Symbol(symbol) => *symbol,
            _ => "",
        };
        let compare = match operator {
            "=" | "==" => CompareOperator::Equal,
            "!=" => CompareOperator::NotEqual,
            ">" => CompareOperator::Above,
            ">=" => CompareOperator::AtLeast,
            "<" => CompareOperator::Below,
            "<=" => CompareOperator::AtMost,
            "=~" | "!~" => {
                let regex = operator == "=~";
                let operator = if regex { MatchOperator::Regex } else { MatchOperator::NotRegex };
                self.skip();
                let (value, _) = self.text_that(regex_of)?;
                return Ok(LabelFilter::Match(Matcher { label, operator, value, position }));
            }
            _ => return Err(self.unexpected("a comparison such as `=`, `=~` or `>`")),
        };
        self.skip();
        let negated = operator == "!=";
        if matches!(operator, "=" | "!=") {
            if let Token::Text(_) = self.peek() {
                let operator = if negated { MatchOperator::NotEqual } else { MatchOperator::Equal };
                let value = self.text()?;
                return Ok(LabelFilter::Match(Matcher { label, operator, value, position }));
            }
            if self.next_is_word("ip") {
                return Ok(LabelFilter::Ip { label, negated, address: self.address()? });
            }
        }
        Ok(LabelFilter::Compare(Compare { label, operator: compare, value: self.amount()? }))
    }

    fn amount(&mut self) -> Result<Amount, SyntaxError> {
        let start = self.position();
        let negative = self.next_is("-");
        let signed = negative || self.next_is("+");
        self.at += usize::from(signed);
        let sign = if negative { -1 } else { 1 };
        let adjacent = self.position() == start + 1;
        let amount = match *self.peek() {
            Token::Number(value) => Amount::Number(f64::from(sign) * value),
            Token::Duration(value) if !signed || (negative && adjacent) => {
                Amount::Nanoseconds(i64::from(sign) * value)
            }
            Token::Bytes(value) if !signed => Amount::Bytes(value),
            Token::Text(_) => {
                return Err(self.unexpected("a number, a duration or a size without quotes"));
            }
            _ => return Err(self.unexpected("a number, a duration or a size")),
        };
        self.skip();
        Ok(amount)
    }
}

/// Joins the last two values.
fn reduce(values: &mut Vec<LabelFilter>, connective: Option<Connective>) {
    let (Some(right), Some(left)) = (values.pop(), values.pop()) else { return };
    values.push(match connective {
        Some(Connective::Or) => LabelFilter::or(left, right),
        _ => LabelFilter::and(left, right),
    });
}

impl LabelFilter {
    /// Both, in one list where either is a list of such already.
    pub(crate) fn and(left: Self, right: Self) -> Self {
        let mut members = match left {
            Self::And(members) => members,
            other => vec![other],
        };
        match right {
            Self::And(more) => members.extend(more),
            other => members.push(other),
        }
        Self::And(members)
    }

    /// Either, in one list where one is a list of such already.
    pub(crate) fn or(left: Self, right: Self) -> Self {
        let mut members = match left {
            Self::Or(members) => members,
            other => vec![other],
        };
        match right {
            Self::Or(more) => members.extend(more),
            other => members.push(other),
        }
        Self::Or(members)
    }
}
