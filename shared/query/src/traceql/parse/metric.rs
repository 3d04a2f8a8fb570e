//! What makes numbers over time out of spans: `quantile_over_time(duration, 0.95) by (name)`.

use super::{Parser, SyntaxError};
use crate::traceql::{
    ast::{Aggregate, CompareLimits, Literal, Metric, MetricFunction, Reference, Stage},
    lexer::Token,
};

/// Whether a word names a function whose result is a metric.
pub(super) fn names(word: &str) -> bool {
    matches!(word, "rate" | "compare") || word.ends_with("_over_time")
}

impl Parser {
    pub(super) fn metric(&mut self) -> Result<Metric, SyntaxError> {
        let Token::Word(word) = self.next() else { return Err(self.expected("a function")) };
        self.expect("(")?;
        let function = match word.as_str() {
            "rate" => MetricFunction::Rate,
            "count_over_time" => MetricFunction::CountOverTime,
            "histogram_over_time" => MetricFunction::Histogram(self.reference()?),
            "quantile_over_time" => {
                let reference = self.reference()?;
                self.expect(",")?;
                MetricFunction::Quantile(reference, self.list(Self::quantile)?)
            }
            "compare" => self.compare()?,
            _ => {
                let aggregate = word.strip_suffix("_over_time").and_then(Aggregate::from_word);
                let aggregate = aggregate.ok_or_else(|| {
                    self.at -= 2;
                    self.error(format!("there is no function `{word}`"))
                })?;
                MetricFunction::OverTime(aggregate, self.reference()?)
            }
        };
        self.expect(")")?;
        let splits = !matches!(function, MetricFunction::Compare { .. });
        let by = if splits && matches!(self.peek(), Token::Word(word) if word == "by") {
            self.at += 1;
            self.references()?
        } else {
            Vec::new()
        };
        Ok(Metric { function, by })
    }

    /// `(span.http.route, name)`
    pub(super) fn references(&mut self) -> Result<Vec<Reference>, SyntaxError> {
        self.expect("(")?;
        let references = self.list(Self::reference)?;
        self.expect(")")?;
        Ok(references)
    }

    fn quantile(&mut self) -> Result<Literal, SyntaxError> {
        match self.peek() {
            Token::Literal(literal @ (Literal::Float(_) | Literal::Integer(_))) => {
                let literal = literal.clone();
                self.at += 1;
                Ok(literal)
            }
            _ => Err(self.expected("a quantile such as `0.95`")),
        }
    }

    fn compare(&mut self) -> Result<MetricFunction, SyntaxError> {
        let selection = self.filter()?;
        if !self.accept(",") {
            return Ok(MetricFunction::Compare { selection, limits: None });
        }
        let top = self.integer()?;
        let mut between = None;
        if self.accept(",") {
            let begin = self.integer()?;
            self.expect(",")?;
            between = Some((begin, self.integer()?));
        }
        Ok(MetricFunction::Compare { selection, limits: Some(CompareLimits { top, between }) })
    }

    /// `topk(5)`
    pub(super) fn rank(&mut self, top: bool) -> Result<Stage, SyntaxError> {
        self.at += 1;
        self.expect("(")?;
        let count = self.integer()?;
        self.expect(")")?;
        Ok(Stage::Rank { top, count })
    }
}
