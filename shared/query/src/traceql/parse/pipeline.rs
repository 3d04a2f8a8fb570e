//! Pipelines and their stages, and sets of spans with the operators between them.

use super::{Parser, SyntaxError, metric, scalar};
use crate::traceql::{
    ast::{Field, Pipeline, Scalar, SpansetOperator, Spansets, Stage},
    lexer::Token,
};

/// What a pair of parentheses at the head of a stage held: the same bracket opens a number and a
/// set of spans.
enum Bracketed {
    Spansets(Spansets),
    Scalar(Scalar),
}

/// The higher, the tighter.
pub(super) fn spanset_precedence(operator: SpansetOperator) -> u8 {
    match operator {
        SpansetOperator::Or => 1,
        SpansetOperator::And => 2,
        _ => 3,
    }
}

impl Parser {
    /// Stages up to what is no stage; the first may have been read. Metrics, and what goes with
    /// them, stand at the end of the outermost pipeline only.
    pub(super) fn pipeline(
        &mut self,
        first: Option<Stage>,
        outermost: bool,
    ) -> Result<Pipeline, SyntaxError> {
        let mut stages = Vec::new();
        match first {
            Some(stage) => stages.push(stage),
            None => self.stages(&mut stages, outermost)?,
        }
        while self.accept("|") {
            self.operator()?;
            self.stages(&mut stages, outermost)?;
        }
        Ok(Pipeline { stages })
    }

    /// Reads a stage, with the threshold that may stand behind a metric.
    fn stages(&mut self, stages: &mut Vec<Stage>, outermost: bool) -> Result<(), SyntaxError> {
        let position = self.position();
        let stage = self.stage()?;
        let has_metric = stages.iter().any(|stage| matches!(stage, Stage::Metric(_)));
        let wrong = match stage {
            Stage::Metric(_) if !outermost => Some("a metric cannot stand in parentheses"),
            Stage::Metric(_) if has_metric => Some("a query has one metric at most"),
            Stage::Rank { .. } if !has_metric => {
                Some("`topk` and `bottomk` rank a metric, and there is none before")
            }
            Stage::Metric(_) | Stage::Rank { .. } => None,
            _ if has_metric => Some("only `topk`, `bottomk` and comparisons can follow a metric"),
            _ => None,
        };
        if let Some(wrong) = wrong {
            return Err(SyntaxError { position, message: wrong.to_owned() });
        }
        let is_metric = matches!(stage, Stage::Metric(_) | Stage::Rank { .. });
        stages.push(stage);
        if is_metric && self.compares() {
            self.operator()?;
            let comparison = self.comparison()?;
            stages.push(Stage::Threshold(comparison, self.scalar_literal()?));
        }
        Ok(())
    }

    fn compares(&self) -> bool {
        [">", ">=", "<", "<=", "=", "!="].iter().any(|symbol| self.is(symbol))
    }

    /// A number, with a sign or without.
    fn scalar_literal(&mut self) -> Result<Scalar, SyntaxError> {
        match self.scalar()? {
            number @ (Scalar::Literal(_) | Scalar::Minus(_)) => Ok(number),
            _ => Err(self.expected("a number")),
        }
    }

    fn stage(&mut self) -> Result<Stage, SyntaxError> {
        if self.is("(") {
            return match self.bracketed()? {
                Bracketed::Scalar(left) => self.scalar_filter(left),
                Bracketed::Spansets(left) => Ok(Stage::Spansets(self.spansets_after(left, 0)?)),
            };
        }
        if self.is("{") {
            let first = self.spanset_operand()?;
            return Ok(Stage::Spansets(self.spansets_after(first, 0)?));
        }
        if scalar::begins(self.peek()) {
            let left = self.scalar()?;
            return self.compared(left);
        }
        let Token::Word(word) = self.peek().clone() else {
            return Err(self.expected("`{` or a function"));
        };
        match word.as_str() {
            "by" => {
                self.at += 1;
                self.expect("(")?;
                let fields = self.nested(|parser| parser.list(Self::field))?;
                self.expect(")")?;
                Ok(Stage::Group(fields))
            }
            "select" => {
                self.at += 1;
                Ok(Stage::Select(self.references()?))
            }
            "coalesce" => {
                self.at += 1;
                self.expect("(")?;
                self.expect(")")?;
                Ok(Stage::Coalesce)
            }
            "topk" => self.rank(true),
            "bottomk" => self.rank(false),
            word if metric::names(word) => Ok(Stage::Metric(self.metric()?)),
            _ => Err(self.expected("`{` or a function")),
        }
    }

    fn scalar_filter(&mut self, first: Scalar) -> Result<Stage, SyntaxError> {
        let left = self.scalar_after(first, 0)?;
        self.compared(left)
    }

    fn compared(&mut self, left: Scalar) -> Result<Stage, SyntaxError> {
        let comparison = self.comparison()?;
        Ok(Stage::Filter(left, comparison, self.scalar()?))
    }

    /// As much as binds tighter than `floor`, with its first operand read.
    fn spansets_after(&mut self, mut left: Spansets, floor: u8) -> Result<Spansets, SyntaxError> {
        while let Some(operator) = self.spanset_operator(floor) {
            self.at += 1;
            self.operator()?;
            let right = self.spanset_operand()?;
            let right = self.spansets_after(right, spanset_precedence(operator))?;
            left = Spansets::Combined(Box::new(left), operator, Box::new(right));
        }
        Ok(left)
    }

    fn spanset_operator(&self, floor: u8) -> Option<SpansetOperator> {
        let Token::Symbol(symbol) = self.peek() else { return None };
        SpansetOperator::from_symbol(symbol)
            .filter(|operator| spanset_precedence(*operator) > floor)
    }

    fn spanset_operand(&mut self) -> Result<Spansets, SyntaxError> {
        if !self.is("(") {
            return Ok(Spansets::Filter(self.filter()?));
        }
        match self.bracketed()? {
            Bracketed::Spansets(spansets) => Ok(spansets),
            Bracketed::Scalar(_) => Err(self.expected("a comparison")),
        }
    }

    /// `{ … }`
    pub(super) fn filter(&mut self) -> Result<Option<Field>, SyntaxError> {
        self.expect("{")?;
        self.spansets += 1;
        if self.accept("}") {
            return Ok(None);
        }
        let field = self.nested(Self::field)?;
        self.expect("}")?;
        Ok(Some(field))
    }

    fn bracketed(&mut self) -> Result<Bracketed, SyntaxError> {
        self.expect("(")?;
        self.nested(|parser| {
            let first = if parser.is("(") {
                match parser.bracketed()? {
                    Bracketed::Spansets(first) => {
                        Some(Stage::Spansets(parser.spansets_after(first, 0)?))
                    }
                    Bracketed::Scalar(first) => {
                        let scalar = parser.scalar_after(first, 0)?;
                        if parser.accept(")") {
                            return Ok(Bracketed::Scalar(scalar));
                        }
                        Some(parser.compared(scalar)?)
                    }
                }
            } else if scalar::begins(parser.peek()) {
                let scalar = parser.scalar()?;
                if parser.accept(")") {
                    return Ok(Bracketed::Scalar(scalar));
                }
                Some(parser.compared(scalar)?)
            } else {
                None
            };
            let mut pipeline = parser.pipeline(first, false)?;
            parser.expect(")")?;
            Ok(Bracketed::Spansets(match pipeline.stages.pop() {
                // Parentheses around a set of spans only say in which order to read.
                Some(Stage::Spansets(alone)) if pipeline.stages.is_empty() => alone,
                last => {
                    pipeline.stages.extend(last);
                    Spansets::Wrapped(Box::new(pipeline))
                }
            }))
        })
    }
}
