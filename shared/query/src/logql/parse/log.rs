//! Selectors and pipelines.

use super::{Cursor, regex_of};
use crate::logql::{
    SyntaxError,
    ast::{
        Extraction, LabelFormat, LabelFormatValue, LineFilter, LineMatch, LineOperator, LogExpr,
        MatchOperator, Matcher, Parser, Pick, Position, Selector, Stage, Unwrap,
    },
    formats,
    lexer::Token,
    regex,
};

/// What stands behind a selector.
#[derive(Default)]
pub(super) struct Tail {
    pub(super) stages: Vec<Stage>,
    pub(super) unwrap: Option<Unwrap>,
}

impl Cursor<'_> {
    pub(super) fn log_expression(&mut self) -> Result<LogExpr, SyntaxError> {
        let selector = self.selector()?;
        let position = self.position();
        let tail = self.tail()?;
        if tail.unwrap.is_some() {
            let message = "`unwrap` belongs inside a range aggregation such as `avg_over_time`";
            return Err(SyntaxError::at(position, message));
        }
        Ok(LogExpr { selector, pipeline: tail.stages })
    }

    pub(super) fn selector(&mut self) -> Result<Selector, SyntaxError> {
        let position = Position(self.position());
        self.expect("{")?;
        let mut matchers = Vec::new();
        if !self.take("}") {
            loop {
                matchers.push(self.matcher()?);
                if !self.take(",") {
                    break;
                }
            }
            self.expect("}")?;
        }
        if !matchers.iter().any(narrows) {
            let message = "the selector takes every stream; it needs one label that is not empty, \
                           such as `app=\"checkout\"`";
            return Err(SyntaxError::at(position.0, message));
        }
        Ok(Selector { matchers, position })
    }

    /// The stages up to what is none.
    pub(super) fn tail(&mut self) -> Result<Tail, SyntaxError> {
        let mut tail = Tail::default();
        loop {
            if let Some(operator) = line_operator(self.peek()) {
                if tail.unwrap.is_some() {
                    return Err(self.unexpected("a range or a filter on labels"));
                }
                tail.stages.push(Stage::Line(self.line_filter(operator)?));
            } else if self.take("|") {
                match tail.unwrap.as_mut() {
                    Some(unwrap) => unwrap.filters.push(self.label_filter()?),
                    None if self.take_word("unwrap") => tail.unwrap = Some(self.unwrap()?),
                    None => tail.stages.push(self.stage()?),
                }
            } else {
                return Ok(tail);
            }
        }
    }

    fn line_filter(&mut self, operator: LineOperator) -> Result<LineFilter, SyntaxError> {
        let position = Position(self.position());
        self.skip();
        let mut any = vec![self.line_match(operator)?];
        while self.next_is_word("or") && self.line_match_follows() {
            self.skip();
            any.push(self.line_match(operator)?);
        }
        Ok(LineFilter { operator, any, position })
    }

    /// Whether what stands behind `or` is another text to look for.
    fn line_match_follows(&self) -> bool {
        match self.ahead(1) {
            Token::Text(_) => true,
            Token::Word(word) => {
                word.eq_ignore_ascii_case("ip") && *self.ahead(2) == Token::Symbol("(")
            }
            _ => false,
        }
    }

    fn line_match(&mut self, operator: LineOperator) -> Result<LineMatch, SyntaxError> {
        use LineOperator::{Contains, ContainsNot, Pattern, PatternNot, Regex, RegexNot};
        if self.next_is_word("ip") {
            if !matches!(operator, Contains | ContainsNot) {
                return Err(self.unexpected("a string; `ip` goes with `|=` and `!=`"));
            }
            return Ok(LineMatch::Ip(self.address()?));
        }
        let value = match operator {
            Contains | ContainsNot => self.text()?,
            Regex | RegexNot => self.text_that(regex_of)?.0,
            Pattern | PatternNot => self.text_that(formats::check_line_pattern)?.0,
        };
        Ok(LineMatch::Text(value))
    }

    /// `ip("10.0.0.0/8")`.
    pub(super) fn address(&mut self) -> Result<String, SyntaxError> {
        self.skip();
        self.expect("(")?;
        let (address, ()) = self.text_that(formats::check_address)?;
        self.expect(")")?;
        Ok(address)
    }

    /// A stage after its bar.
    fn stage(&mut self) -> Result<Stage, SyntaxError> {
        let Token::Word(word) = *self.peek() else {
            return Ok(Stage::Filter(self.label_filter()?));
        };
        let keyword = word.to_ascii_lowercase();
        let is_stage = matches!(
            keyword.as_str(),
            "json"
                | "logfmt"
                | "pattern"
                | "regexp"
                | "unpack"
                | "line_format"
                | "label_format"
                | "decolorize"
                | "drop"
                | "keep"
        );
        if !is_stage {
            return Ok(Stage::Filter(self.label_filter()?));
        }
        self.skip();
        Ok(match keyword.as_str() {
            "json" => Stage::Parse(Parser::Json(self.extractions(formats::check_json_path)?)),
            "logfmt" => self.logfmt()?,
            "pattern" => Stage::Parse(Parser::Pattern(self.text_that(formats::check_pattern)?.0)),
            "regexp" => Stage::Parse(Parser::Regexp(self.text_that(capturing)?.0)),
            "unpack" => Stage::Parse(Parser::Unpack),
            "line_format" => Stage::LineFormat(self.text_that(formats::check_template)?.0),
            "label_format" => Stage::LabelFormat(self.label_formats()?),
            "drop" => Stage::Drop(self.picks()?),
            "keep" => Stage::Keep(self.picks()?),
            _ => Stage::Decolorize,
        })
    }

    fn logfmt(&mut self) -> Result<Stage, SyntaxError> {
        let (mut strict, mut keep_empty) = (false, false);
        while let Token::Flag(name) = *self.peek() {
            match name {
                "strict" => strict = true,
                "keep-empty" => keep_empty = true,
                _ => return Err(self.unexpected("`--strict` or `--keep-empty`")),
            }
            self.skip();
        }
        let only = self.extractions(formats::check_logfmt_key)?;
        Ok(Stage::Parse(Parser::Logfmt { strict, keep_empty, only }))
    }

    /// `a, b="c"`; none when no label follows.
    fn extractions(
        &mut self,
        check: fn(&str) -> Result<(), String>,
    ) -> Result<Vec<Extraction>, SyntaxError> {
        let mut found = Vec::new();
        if !self.next_is_label() {
            return Ok(found);
        }
        loop {
            let label = self.label()?.to_owned();
            let from = if self.take("=") { self.text_that(check)?.0 } else { label.clone() };
            found.push(Extraction { label, from });
            if !self.take(",") {
                return Ok(found);
            }
        }
    }

    fn label_formats(&mut self) -> Result<Vec<LabelFormat>, SyntaxError> {
        let mut found: Vec<LabelFormat> = Vec::new();
        loop {
            let position = self.position();
            let label = self.label()?.to_owned();
            if found.iter().any(|format| format.label == label) {
                let message = format!("`{label}` is formatted twice in one stage");
                return Err(SyntaxError::at(position, message));
            }
            if label == "__error__" {
                return Err(SyntaxError::at(position, "`__error__` cannot be formatted"));
            }
            self.expect("=")?;
            let value = match self.peek() {
                Token::Text(_) => {
                    LabelFormatValue::Template(self.text_that(formats::check_template)?.0)
                }
                _ => LabelFormatValue::Rename(self.label()?.to_owned()),
            };
            found.push(LabelFormat { label, value });
            if !self.take(",") {
                return Ok(found);
            }
        }
    }

    /// The labels of `drop` and `keep`.
    fn picks(&mut self) -> Result<Vec<Pick>, SyntaxError> {
        let mut found = Vec::new();
        loop {
            let start = self.at;
            let label = self.label()?.to_owned();
            if self.match_operator().is_some() {
                self.at = start;
                found.push(Pick::Where(self.matcher()?));
            } else {
                found.push(Pick::Label(label));
            }
            if !self.take(",") {
                return Ok(found);
            }
        }
    }
}

/// Whether a matcher leaves out streams that lack its label.
pub(crate) fn narrows(matcher: &Matcher) -> bool {
    let matches_empty = || regex::read(&matcher.value).is_ok_and(|facts| facts.matches_empty);
    match matcher.operator {
        MatchOperator::Equal => !matcher.value.is_empty(),
        MatchOperator::NotEqual => matcher.value.is_empty(),
        MatchOperator::Regex => !matches_empty(),
        MatchOperator::NotRegex => matches_empty(),
    }
}

fn line_operator(token: &Token<'_>) -> Option<LineOperator> {
    match token {
        Token::Symbol("|=") => Some(LineOperator::Contains),
        Token::Symbol("!=") => Some(LineOperator::ContainsNot),
        Token::Symbol("|~") => Some(LineOperator::Regex),
        Token::Symbol("!~") => Some(LineOperator::RegexNot),
        Token::Symbol("|>") => Some(LineOperator::Pattern),
        Token::Symbol("!>") => Some(LineOperator::PatternNot),
        _ => None,
    }
}

fn capturing(pattern: &str) -> Result<(), String> {
    if regex_of(pattern)?.names.is_empty() {
        return Err("the expression names no group; write `(?P<name>…)`".to_owned());
    }
    Ok(())
}
