//! Numbers made from lines: aggregations over ranges and series, operators, literals.

use super::{Cursor, MAX_OPERATORS, log::Tail};
use crate::logql::{
    SyntaxError,
    ast::{
        Aggregation, Binary, BinaryOperator, Conversion, Expr, Group, Grouping, LabelReplace,
        LogExpr, Matching, MetricExpr, Modifier, Position, RangeAggregation, RangeOperator,
        Spelling, Unwrap, VectorOperator,
    },
    lexer::Token,
};

impl Cursor<'_> {
    /// An expression whose operators bind at least as tightly as `least`.
    pub(super) fn expression(&mut self, least: u8) -> Result<Expr, SyntaxError> {
        let start = self.position();
        let mut left = self.nested(Self::operand)?;
        while let Some(operator) = self.binary_operator(least) {
            self.operators += 1;
            if self.operators > MAX_OPERATORS {
                let message = format!("more than {MAX_OPERATORS} operators");
                return Err(SyntaxError::at(self.position(), message));
            }
            let position = self.position();
            self.skip();
            let modifier = self.modifier()?;
            let right_start = self.position();
            let tighter = operator.precedence() + u8::from(operator != BinaryOperator::Power);
            let right = self.nested(|cursor| cursor.expression(tighter))?;
            let left_side = numbers(left, start)?;
            let right_side = numbers(right, right_start)?;
            let literal = |side: &MetricExpr| matches!(side, MetricExpr::Literal(_));
            if operator.is_set() && (literal(&left_side) || literal(&right_side)) {
                let message = format!("`{}` joins vectors, not numbers", operator.name());
                return Err(SyntaxError::at(position, message));
            }
            let binary = Binary { operator, left: left_side, right: right_side, modifier };
            left = Expr::Metric(MetricExpr::Binary(Box::new(binary)));
        }
        Ok(left)
    }

    fn binary_operator(&self, least: u8) -> Option<BinaryOperator> {
        let name = match self.peek() {
            Token::Symbol(symbol) => symbol,
            Token::Word(word) => word,
            _ => return None,
        };
        BinaryOperator::from_name(name).filter(|operator| operator.precedence() >= least)
    }

    fn metric(&mut self) -> Result<MetricExpr, SyntaxError> {
        let start = self.position();
        numbers(self.expression(0)?, start)
    }

    fn operand(&mut self) -> Result<Expr, SyntaxError> {
        match *self.peek() {
            Token::Symbol("{") => self.log_expression().map(Expr::Log),
            Token::Symbol("(") => {
                self.skip();
                let inside = self.expression(0)?;
                self.expect(")")?;
                Ok(inside)
            }
            Token::Symbol("-") => {
                self.skip();
                Ok(Expr::Metric(MetricExpr::Literal(-self.number()?)))
            }
            Token::Symbol("+") => {
                self.skip();
                Ok(Expr::Metric(MetricExpr::Literal(self.number()?)))
            }
            Token::Number(value) => {
                self.skip();
                Ok(Expr::Metric(MetricExpr::Literal(value)))
            }
            Token::Word(word) => self.call(word).map(Expr::Metric),
            _ => Err(self.unexpected("a selector such as `{app=\"checkout\"}` or a function")),
        }
    }

    fn number(&mut self) -> Result<f64, SyntaxError> {
        let Token::Number(value) = *self.peek() else {
            return Err(self.unexpected("a number"));
        };
        self.skip();
        Ok(value)
    }

    fn call(&mut self, name: &str) -> Result<MetricExpr, SyntaxError> {
        let position = self.position();
        let unknown = |cursor: &Self| cursor.unexpected("a selector or the name of a function");
        let opens = *self.ahead(1) == Token::Symbol("(");
        if let Some(operator) = VectorOperator::from_name(name) {
            let grouped = matches!(self.ahead(1), Token::Word(word)
                if word.eq_ignore_ascii_case("by") || word.eq_ignore_ascii_case("without"));
            if !opens && !grouped {
                return Err(unknown(self));
            }
            self.skip();
            return self.aggregation(operator, position);
        }
        if !opens {
            return Err(unknown(self));
        }
        if let Some(operator) = RangeOperator::from_name(name) {
            self.skip();
            return self.range_aggregation(operator, Position(position));
        }
        if name.eq_ignore_ascii_case("vector") {
            self.skip();
            self.expect("(")?;
            let value = self.number()?;
            self.expect(")")?;
            return Ok(MetricExpr::Vector(value));
        }
        if name.eq_ignore_ascii_case("label_replace") {
            self.skip();
            return self.label_replace();
        }
        Err(unknown(self))
    }

    fn label_replace(&mut self) -> Result<MetricExpr, SyntaxError> {
        self.expect("(")?;
        let inner = self.metric()?;
        let mut texts = [String::new(), String::new(), String::new()];
        for text in &mut texts {
            self.expect(",")?;
            *text = self.text()?;
        }
        self.expect(",")?;
        let (pattern, _) = self.text_that(super::regex_of)?;
        self.expect(")")?;
        let [target, replacement, source] = texts;
        let replace = LabelReplace { inner, target, replacement, source, pattern };
        Ok(MetricExpr::LabelReplace(Box::new(replace)))
    }

    /// `by (…)` or `without (…)`, where one follows.
    fn grouping(&mut self) -> Result<Option<Grouping>, SyntaxError> {
        let without = self.next_is_word("without");
        if !without && !self.next_is_word("by") {
            return Ok(None);
        }
        self.skip();
        Ok(Some(Grouping { without, labels: self.labels()? }))
    }

    fn aggregation(
        &mut self,
        operator: VectorOperator,
        position: usize,
    ) -> Result<MetricExpr, SyntaxError> {
        let name = operator.name();
        let before = self.grouping()?;
        self.expect("(")?;
        let parameter = match (self.peek(), self.ahead(1)) {
            (Token::Number(value), Token::Symbol(",")) => Some(*value),
            _ => None,
        };
        if parameter.is_some() {
            self.at += 2;
        }
        let parameter = match parameter {
            Some(_) if !operator.takes_parameter() => {
                return Err(SyntaxError::at(position, format!("`{name}` takes no number")));
            }
            Some(value) if value < 1.0 || value.fract() != 0.0 || value > f64::from(u32::MAX) => {
                let message = format!("`{name}` takes a whole number of at least 1");
                return Err(SyntaxError::at(position, message));
            }
            None if operator.takes_parameter() => {
                let message = format!("`{name}` needs a number first: `{name}(10, …)`");
                return Err(SyntaxError::at(position, message));
            }
            parameter => parameter.map(|value| value as u32),
        };
        let inner = self.metric()?;
        self.expect(")")?;
        let grouping = match before {
            Some(grouping) => Some(grouping),
            None => self.grouping()?,
        };
        if grouping.is_some() && !operator.takes_grouping() {
            return Err(SyntaxError::at(position, format!("`{name}` cannot be grouped")));
        }
        Ok(MetricExpr::Aggregate(Box::new(Aggregation { operator, parameter, inner, grouping })))
    }

    fn range_aggregation(
        &mut self,
        operator: RangeOperator,
        position: Position,
    ) -> Result<MetricExpr, SyntaxError> {
        let name = operator.name();
        self.expect("(")?;
        let parameter = match *self.peek() {
            Token::Number(value) => {
                self.skip();
                self.expect(",")?;
                Some(value)
            }
            _ => None,
        };
        let takes_parameter = operator == RangeOperator::QuantileOverTime;
        if parameter.is_some() != takes_parameter {
            let message = if takes_parameter {
                format!("`{name}` needs a rank first: `{name}(0.95, …)`")
            } else {
                format!("`{name}` takes no number")
            };
            return Err(SyntaxError::at(position.0, message));
        }
        let ranged = self.nested(Self::log_range)?;
        let Some((range_ms, offset)) = ranged.range else {
            return Err(self.unexpected("a range such as `[5m]`"));
        };
        self.expect(")")?;
        let grouping = self.grouping()?;
        let wrong = match (&ranged.unwrap, &grouping) {
            (Some(_), _) if !operator.takes_unwrap() => Some("works on lines, not on `unwrap`"),
            (None, _) if !operator.takes_lines() => Some("needs `| unwrap` of a label"),
            (_, Some(_)) if !operator.takes_grouping() => {
                Some("cannot be grouped; put `sum by (…) (…)` around it")
            }
            _ => None,
        };
        if let Some(wrong) = wrong {
            return Err(SyntaxError::at(position.0, format!("`{name}` {wrong}")));
        }
        let Ranged { log, unwrap, .. } = ranged;
        let range = RangeAggregation {
            operator,
            parameter,
            log,
            unwrap,
            range_ms,
            spelling: Spelling::default(),
            offset,
            grouping,
            position,
        };
        Ok(MetricExpr::Range(Box::new(range)))
    }

    /// Lines and their range, which may stand behind the selector or behind the whole pipeline, and
    /// outside of parentheses around either.
    fn log_range(&mut self) -> Result<Ranged, SyntaxError> {
        if self.take("(") {
            let mut inside = self.nested(Self::log_range)?;
            self.expect(")")?;
            if inside.range.is_none() {
                inside.range = self.range()?;
            }
            return Ok(inside);
        }
        let selector = self.selector()?;
        let before = self.tail()?;
        let range = self.range()?;
        let bare = before.stages.is_empty() && before.unwrap.is_none();
        let tail = if range.is_some() && bare { self.tail()? } else { before };
        let Tail { stages, unwrap } = tail;
        Ok(Ranged { log: LogExpr { selector, pipeline: stages }, unwrap, range })
    }

    /// `[5m]` with its offset, where one follows.
    fn range(&mut self) -> Result<Option<(i64, Option<i64>)>, SyntaxError> {
        let Token::Range(range_ms) = *self.peek() else { return Ok(None) };
        self.skip();
        if !self.take_word("offset") {
            return Ok(Some((range_ms, None)));
        }
        let sign = self.position();
        let negative = self.take("-");
        if negative && self.position() != sign + 1 {
            return Err(self.unexpected("a duration right behind its sign"));
        }
        let sign = if negative { -1 } else { 1 };
        let Token::Duration(nanoseconds) = *self.peek() else {
            return Err(self.unexpected("a duration"));
        };
        self.skip();
        Ok(Some((range_ms, Some(sign * nanoseconds))))
    }

    /// The label after `| unwrap`; its filters come later.
    pub(super) fn unwrap(&mut self) -> Result<Unwrap, SyntaxError> {
        let conversion = match *self.peek() {
            Token::Word(word) if *self.ahead(1) == Token::Symbol("(") => {
                Conversion::from_name(word)
            }
            _ => None,
        };
        if conversion.is_none() {
            let label = self.label()?.to_owned();
            return Ok(Unwrap { label, conversion, filters: Vec::new() });
        }
        self.at += 2;
        let label = self.label()?.to_owned();
        self.expect(")")?;
        Ok(Unwrap { label, conversion, filters: Vec::new() })
    }

    fn modifier(&mut self) -> Result<Modifier, SyntaxError> {
        let returns_bool = self.take_word("bool");
        let ignoring = self.next_is_word("ignoring");
        if !ignoring && !self.next_is_word("on") {
            return Ok(Modifier { returns_bool, matching: None });
        }
        self.skip();
        let labels = self.labels()?;
        let right = self.next_is_word("group_right");
        let group = if right || self.next_is_word("group_left") {
            self.skip();
            let include = if self.next_is("(") { self.labels()? } else { Vec::new() };
            Some(Group { right, include })
        } else {
            None
        };
        Ok(Modifier { returns_bool, matching: Some(Matching { ignoring, labels, group }) })
    }
}

/// Lines, what is unwrapped of them, and the range with its offset, where it was found.
struct Ranged {
    log: LogExpr,
    unwrap: Option<Unwrap>,
    range: Option<(i64, Option<i64>)>,
}

fn numbers(expression: Expr, position: usize) -> Result<MetricExpr, SyntaxError> {
    match expression {
        Expr::Metric(metric) => Ok(metric),
        Expr::Log(_) => Err(SyntaxError::at(
            position,
            "these are log lines where numbers are needed; count them with `count_over_time`",
        )),
    }
}
