//! From what is asked to the query, as a tree: no text of a question is ever LogQL.

use model::{Comparison, Unit};

use crate::{
    PlanError,
    logql::{
        ast::{
            Aggregation, Amount, Binary, BinaryOperator, Compare, CompareOperator, Conversion,
            Expr, Grouping, LabelFilter, LineFilter, LineMatch, LineOperator, LogExpr,
            MatchOperator, Matcher, MetricExpr, Modifier, Position, RangeAggregation,
            RangeOperator, Selector, Spelling, Stage, Unwrap, VectorOperator,
        },
        parse::narrows,
    },
    promql::escape_regex,
    records::{Ask, Condition, Form, Measure, Part, Role, Schema, Test, Text, alternatives},
    wanted::{Length, Statistic},
};

const NANOSECONDS_PER_S: i64 = 1_000_000_000;

pub(super) fn build(ask: &Ask, schema: &Schema, parsing: &[Stage]) -> Result<Expr, PlanError> {
    let builder = Builder { ask, schema, parsing };
    let log = builder.log(true)?;
    let metric = match ask.measure {
        Measure::Records => return Ok(Expr::Log(builder.formatted(log))),
        Measure::Count => builder.summed(RangeOperator::CountOverTime, log),
        Measure::Rate => builder.summed(RangeOperator::Rate, log),
        Measure::Bytes => builder.summed(RangeOperator::BytesOverTime, log),
        Measure::ByteRate => builder.summed(RangeOperator::BytesRate, log),
        Measure::Absent => builder.range(RangeOperator::AbsentOverTime, log, None, None),
        Measure::Share => {
            let whole = builder.log(false)?;
            let part = builder.summed(RangeOperator::CountOverTime, log);
            let whole = builder.summed(RangeOperator::CountOverTime, whole);
            binary(BinaryOperator::Divide, part, whole)
        }
        Measure::Statistic(statistic, field) => builder.statistic(statistic, field, log),
        // Lines have no buckets; the quantile that people look at first stands for them.
        Measure::Histogram(field) => builder.statistic(Statistic::Quantile(0.95), field, log),
        Measure::SumRate(field) => {
            let range = builder.range(RangeOperator::Rate, log, Some(field), None);
            builder.sum(range)
        }
        Measure::Distinct(field) => builder.distinct(field, log),
    };
    Ok(Expr::Metric(builder.finished(metric)?))
}

struct Builder<'a> {
    ask: &'a Ask,
    schema: &'a Schema,
    /// What makes fields of lines; empty where lines have none.
    parsing: &'a [Stage],
}

impl Builder<'_> {
    fn is_label(&self, field: usize) -> bool {
        self.schema.fields[field].part == Part::Source
    }

    /// Whether a condition is what makes the part of a share, and not what it is a share of.
    fn makes_part(&self, condition: &Condition) -> bool {
        let field = &self.schema.fields[condition.field];
        field.part != Part::Source || field.role == Some(Role::Level)
    }

    /// The lines asked for; all that a share is taken of when `filtered` is false.
    fn log(&self, filtered: bool) -> Result<LogExpr, PlanError> {
        let used =
            self.ask.conditions.iter().filter(|it| filtered || !self.makes_part(it)).collect();
        let used = alternatives(used);
        let (labels, fields): (Vec<&Condition>, Vec<&Condition>) =
            used.iter().partition(|condition| self.is_label(condition.field));
        let mut matchers: Vec<Matcher> = labels.into_iter().map(|it| self.matcher(it)).collect();
        let mut stages = Vec::new();
        if filtered {
            stages.extend(self.ask.texts.iter().flat_map(line_filters).map(Stage::Line));
        }
        let unparsed = filtered && self.ask.unparsed && !self.parsing.is_empty();
        let parses = unparsed || !fields.is_empty() || self.reads_fields(filtered);
        if parses {
            stages.extend_from_slice(self.parsing);
        }
        stages.extend(fields.into_iter().map(|condition| Stage::Filter(self.filter(condition))));
        if unparsed {
            let failed = one_of("__error__", &[String::new()], true);
            stages.push(Stage::Filter(LabelFilter::Match(failed)));
        }
        if !matchers.iter().any(narrows) {
            matchers.push(self.any_stream(&matchers)?);
        }
        let selector = Selector { matchers, position: Position::default() };
        Ok(LogExpr { selector, pipeline: stages })
    }

    /// Whether fields of lines are needed besides those of conditions.
    fn reads_fields(&self, filtered: bool) -> bool {
        let measured = match self.ask.measure {
            Measure::Statistic(_, field)
            | Measure::Distinct(field)
            | Measure::SumRate(field)
            | Measure::Histogram(field) => !self.is_label(field),
            _ => false,
        };
        let shown = self.ask.measure == Measure::Records
            && self.ask.shown_fields.iter().any(|field| !self.is_label(*field));
        measured && filtered || shown || self.ask.by.iter().any(|field| !self.is_label(*field))
    }

    /// Only the fields that are asked for.
    fn formatted(&self, mut log: LogExpr) -> LogExpr {
        if !self.ask.shown_fields.is_empty() {
            let names = self
                .ask
                .shown_fields
                .iter()
                .map(|field| format!("{{{{.{}}}}}", self.schema.fields[*field].written));
            log.pipeline.push(Stage::LineFormat(names.collect::<Vec<_>>().join(" ")));
        }
        log
    }

    /// Loki reads no query that selects every stream, so one label must be there.
    fn any_stream(&self, matchers: &[Matcher]) -> Result<Matcher, PlanError> {
        let taken = |label: &str| matchers.iter().any(|matcher| matcher.label == label);
        let by_role = [Role::Service, Role::Environment]
            .into_iter()
            .flat_map(|role| self.schema.with(role))
            .copied();
        let all = 0..self.schema.fields.len();
        let found = by_role
            .chain(all)
            .find(|at| self.is_label(*at) && !taken(&self.schema.fields[*at].written));
        let found = found.ok_or_else(|| {
            PlanError::Unsupported(
                "No labels of log streams are known; name the service.".to_owned(),
            )
        })?;
        let field = &self.schema.fields[found];
        let (operator, value) = match field.values.as_slice() {
            [only] if field.role == Some(Role::Service) => (MatchOperator::Equal, only.to_string()),
            _ => (MatchOperator::Regex, ".+".to_owned()),
        };
        Ok(Matcher { label: field.written.clone(), operator, value, position: Position::default() })
    }

    fn matcher(&self, condition: &Condition) -> Matcher {
        let field = &self.schema.fields[condition.field];
        let (operator, value) = match &condition.test {
            Test::Is(values) => return one_of(&field.written, values, condition.negated),
            Test::Begins(_) | Test::Ends(_) | Test::Has(_) => {
                (MatchOperator::Regex, condition.test.pattern().unwrap_or_default())
            }
            Test::Class(hundreds) => (MatchOperator::Regex, format!("{hundreds}..")),
            // A label of streams is compared as text.
            Test::Within(network) => (MatchOperator::Equal, network.clone()),
            Test::Present => (MatchOperator::NotEqual, String::new()),
            Test::Compare(comparison, value) => {
                // Labels of streams are text; of a status the first digits tell.
                (MatchOperator::Regex, codes_that(operator(*comparison), *value))
            }
        };
        let operator = if condition.negated { negation(operator) } else { operator };
        Matcher { label: field.written.clone(), operator, value, position: Position::default() }
    }

    fn filter(&self, condition: &Condition) -> LabelFilter {
        let field = &self.schema.fields[condition.field];
        let label = field.written.clone();
        let negated = condition.negated;
        let number = |values: &[String]| match values {
            [only] if field.is_number() => only.parse::<f64>().ok(),
            _ => None,
        };
        let compare = |operator, value| {
            LabelFilter::Compare(Compare { label: label.clone(), operator, value })
        };
        match &condition.test {
            Test::Is(values) => match number(values) {
                Some(value) => {
                    let operator =
                        if negated { CompareOperator::NotEqual } else { CompareOperator::Equal };
                    compare(operator, Amount::Number(value))
                }
                None => LabelFilter::Match(one_of(&label, values, negated)),
            },
            Test::Compare(comparison, value) => {
                let operator = operator(*comparison);
                let operator = if negated { opposite(operator) } else { operator };
                compare(operator, amount(field.form, *value))
            }
            Test::Class(hundreds) => {
                let low = f64::from(*hundreds) * 100.0;
                let (from, below) = (Amount::Number(low), Amount::Number(low + 100.0));
                match (negated, *hundreds) {
                    // Nothing answers with more than 599.
                    (false, 5) => compare(CompareOperator::AtLeast, from),
                    (true, 5) => compare(CompareOperator::Below, from),
                    (false, _) => LabelFilter::and(
                        compare(CompareOperator::AtLeast, from),
                        compare(CompareOperator::Below, below),
                    ),
                    (true, _) => LabelFilter::or(
                        compare(CompareOperator::Below, from),
                        compare(CompareOperator::AtLeast, below),
                    ),
                }
            }
            Test::Within(network) => LabelFilter::Ip { label, negated, address: network.clone() },
            Test::Begins(_) | Test::Ends(_) | Test::Has(_) | Test::Present => {
                LabelFilter::Match(self.matcher(condition))
            }
        }
    }

    fn range(
        &self,
        operator: RangeOperator,
        log: LogExpr,
        unwrap: Option<usize>,
        grouping: Option<Grouping>,
    ) -> MetricExpr {
        let ended_s = self.ask.ended.as_ref().map_or(0, |ended| ended.seconds);
        let offset = ended_s.saturating_mul(NANOSECONDS_PER_S);
        let parameter = match self.ask.measure {
            Measure::Statistic(Statistic::Quantile(rank), _) => Some(rank),
            Measure::Histogram(_) => Some(0.95),
            _ => None,
        };
        MetricExpr::Range(Box::new(RangeAggregation {
            operator,
            parameter: parameter.filter(|_| operator == RangeOperator::QuantileOverTime),
            log,
            unwrap: unwrap.map(|field| self.unwrap(field)),
            range_ms: self.ask.window.seconds.saturating_mul(1_000),
            spelling: Spelling(Some(self.ask.window.text.clone())),
            offset: (offset > 0).then_some(offset),
            grouping,
            position: Position::default(),
        }))
    }

    fn unwrap(&self, field: usize) -> Unwrap {
        let field = &self.schema.fields[field];
        let conversion = match field.form {
            Form::Duration => Some(Conversion::Duration),
            Form::Size => Some(Conversion::Bytes),
            Form::Number(_) | Form::Text => None,
        };
        let no_error = one_of("__error__", &[String::new()], false);
        let filters = vec![LabelFilter::Match(no_error)];
        Unwrap { label: field.written.clone(), conversion, filters }
    }

    fn grouping(&self) -> Grouping {
        let labels = self.ask.by.iter().map(|at| self.schema.fields[*at].written.clone()).collect();
        Grouping { without: false, labels }
    }

    /// `sum by (…) (…)` of something over the period.
    fn summed(&self, operator: RangeOperator, log: LogExpr) -> MetricExpr {
        let range = self.range(operator, log, None, None);
        self.sum(range)
    }

    fn sum(&self, inner: MetricExpr) -> MetricExpr {
        let grouping = self.grouping();
        let grouping = (!grouping.labels.is_empty()).then_some(grouping);
        aggregate(VectorOperator::Sum, None, inner, grouping)
    }

    fn statistic(&self, statistic: Statistic, field: usize, log: LogExpr) -> MetricExpr {
        let operator = match statistic {
            Statistic::Quantile(_) => RangeOperator::QuantileOverTime,
            Statistic::Mean => RangeOperator::AvgOverTime,
            Statistic::Maximum => RangeOperator::MaxOverTime,
            Statistic::Minimum => RangeOperator::MinOverTime,
            Statistic::Total => RangeOperator::SumOverTime,
        };
        // Without a grouping each combination of fields would be a series of its own.
        let grouping = operator.takes_grouping().then(|| self.grouping());
        let summed = grouping.is_none();
        let range = self.range(operator, log, Some(field), grouping);
        if summed { self.sum(range) } else { range }
    }

    fn distinct(&self, field: usize, log: LogExpr) -> MetricExpr {
        let mut grouping = self.grouping();
        let outer = (!grouping.labels.is_empty()).then(|| grouping.clone());
        grouping.labels.push(self.schema.fields[field].written.clone());
        let range = self.range(RangeOperator::CountOverTime, log, None, None);
        let each = aggregate(VectorOperator::Sum, None, range, Some(grouping));
        aggregate(VectorOperator::Count, None, each, outer)
    }

    /// With the earlier period, the unit, the threshold and the ranking around it.
    fn finished(&self, metric: MetricExpr) -> Result<MetricExpr, PlanError> {
        let mut metric = metric;
        if let Some(earlier) = &self.ask.compared {
            let ended_s = self.ask.ended.as_ref().map_or(0, |ended| ended.seconds);
            let before = Ask {
                ended: Some(Length::of(ended_s.saturating_add(earlier.seconds))),
                compared: None,
                rank: None,
                threshold: None,
                shown: None,
                ..self.ask.clone()
            };
            if let Expr::Metric(before) = build(&before, self.schema, self.parsing)? {
                metric = binary(BinaryOperator::Divide, metric, before);
            }
        }
        let divisor = self.divisor();
        if self.ask.measure == Measure::Share && self.is_percent() {
            metric = binary(BinaryOperator::Multiply, MetricExpr::Literal(100.0), metric);
        } else if divisor > 1.0 {
            metric = binary(BinaryOperator::Divide, metric, MetricExpr::Literal(divisor));
        }
        if let Some((comparison, value)) = self.ask.threshold {
            let scale =
                if self.ask.measure == Measure::Share && self.is_percent() { 100.0 } else { 1.0 };
            metric =
                binary(threshold_operator(comparison), metric, MetricExpr::Literal(value * scale));
        }
        if let Some(rank) = self.ask.rank {
            let operator =
                if rank.highest { VectorOperator::Topk } else { VectorOperator::Bottomk };
            metric = aggregate(operator, Some(rank.count), metric, None);
        }
        Ok(metric)
    }

    fn is_percent(&self) -> bool {
        self.ask.shown.is_some_and(|said| said.unit == Unit::Ratio)
    }

    /// What the number is divided by to be in the unit asked for.
    fn divisor(&self) -> f64 {
        let Some(shown) = self.ask.shown.filter(|_| self.ask.threshold.is_none()) else {
            return 1.0;
        };
        let unit = match self.ask.measure {
            Measure::Bytes | Measure::ByteRate => Some((Unit::Bytes, 1.0)),
            Measure::Statistic(_, field) | Measure::SumRate(field) => {
                match self.schema.fields[field].form {
                    Form::Number(unit) => unit,
                    // Conversions yield seconds and bytes.
                    Form::Duration => Some((Unit::Seconds, 1.0)),
                    Form::Size => Some((Unit::Bytes, 1.0)),
                    Form::Text => None,
                }
            }
            _ => None,
        };
        match unit {
            Some((unit, factor)) if unit == shown.unit => shown.factor / factor,
            _ => 1.0,
        }
    }
}

/// A value of the base unit as a field writes it.
fn amount(form: Form, value: f64) -> Amount {
    match form {
        Form::Duration => Amount::Nanoseconds((value * 1e9).round() as i64),
        Form::Size => Amount::Bytes(value.max(0.0).round() as u64),
        // What division leaves of 0.3 / 0.001.
        Form::Number(Some((_, factor))) => Amount::Number((value / factor * 1e6).round() / 1e6),
        Form::Number(None) | Form::Text => Amount::Number(value),
    }
}

fn operator(comparison: Comparison) -> CompareOperator {
    match comparison {
        Comparison::Above => CompareOperator::Above,
        Comparison::AtLeast => CompareOperator::AtLeast,
        Comparison::Below => CompareOperator::Below,
        Comparison::AtMost => CompareOperator::AtMost,
        Comparison::Equal => CompareOperator::Equal,
    }
}

fn threshold_operator(comparison: Comparison) -> BinaryOperator {
    match comparison {
        Comparison::Above => BinaryOperator::Above,
        Comparison::AtLeast => BinaryOperator::AtLeast,
        Comparison::Below => BinaryOperator::Below,
        Comparison::AtMost => BinaryOperator::AtMost,
        Comparison::Equal => BinaryOperator::Equal,
    }
}

fn aggregate(
    operator: VectorOperator,
    parameter: Option<u32>,
    inner: MetricExpr,
    grouping: Option<Grouping>,
) -> MetricExpr {
    MetricExpr::Aggregate(Box::new(Aggregation { operator, parameter, inner, grouping }))
}

fn binary(operator: BinaryOperator, left: MetricExpr, right: MetricExpr) -> MetricExpr {
    MetricExpr::Binary(Box::new(Binary { operator, left, right, modifier: Modifier::default() }))
}

/// One of these values, literally.
fn one_of(label: &str, values: &[String], negated: bool) -> Matcher {
    let (operator, value) = match values {
        [only] => (MatchOperator::Equal, only.clone()),
        many => {
            let escaped: Vec<String> = many.iter().map(|value| escape_regex(value)).collect();
            (MatchOperator::Regex, escaped.join("|"))
        }
    };
    let operator = if negated { negation(operator) } else { operator };
    Matcher { label: label.to_owned(), operator, value, position: Position::default() }
}

fn negation(operator: MatchOperator) -> MatchOperator {
    match operator {
        MatchOperator::Equal => MatchOperator::NotEqual,
        MatchOperator::NotEqual => MatchOperator::Equal,
        MatchOperator::Regex => MatchOperator::NotRegex,
        MatchOperator::NotRegex => MatchOperator::Regex,
    }
}

fn opposite(operator: CompareOperator) -> CompareOperator {
    match operator {
        CompareOperator::Equal => CompareOperator::NotEqual,
        CompareOperator::NotEqual => CompareOperator::Equal,
        CompareOperator::Above => CompareOperator::AtMost,
        CompareOperator::AtLeast => CompareOperator::Below,
        CompareOperator::Below => CompareOperator::AtLeast,
        CompareOperator::AtMost => CompareOperator::Above,
    }
}

/// The pattern of three-digit codes that compare so: `4..|5..` for at least 400.
fn codes_that(operator: CompareOperator, limit: f64) -> String {
    let fits = |code: u16| {
        let code = f64::from(code);
        match operator {
            CompareOperator::Equal => code == limit,
            CompareOperator::NotEqual => code != limit,
            CompareOperator::Above => code > limit,
            CompareOperator::AtLeast => code >= limit,
            CompareOperator::Below => code < limit,
            CompareOperator::AtMost => code <= limit,
        }
    };
    let mut parts = Vec::new();
    for hundred in 1..6_u16 {
        let codes: Vec<u16> =
            (hundred * 100..hundred * 100 + 100).filter(|code| fits(*code)).collect();
        if codes.len() == 100 {
            parts.push(format!("{hundred}.."));
            continue;
        }
        for ten in 0..10_u16 {
            let start = hundred * 100 + ten * 10;
            let codes: Vec<u16> = (start..start + 10).filter(|code| fits(*code)).collect();
            match codes.as_slice() {
                [] => {}
                all if all.len() == 10 => parts.push(format!("{hundred}{ten}.")),
                some => parts.extend(some.iter().map(u16::to_string)),
            }
        }
    }
    parts.join("|")
}

/// The filters of a line; texts none of which may occur are one filter each.
fn line_filters(text: &Text) -> Vec<LineFilter> {
    let filter = |operator, text: String| LineFilter {
        operator,
        any: vec![LineMatch::Text(text)],
        position: Position::default(),
    };
    let (plain, pattern) = if text.negated {
        (LineOperator::ContainsNot, LineOperator::RegexNot)
    } else {
        (LineOperator::Contains, LineOperator::Regex)
    };
    let escaped = || text.any.iter().map(|text| escape_regex(text)).collect::<Vec<_>>().join("|");
    match text.any.as_slice() {
        _ if text.any_case => vec![filter(pattern, format!("(?i){}", escaped()))],
        [only] => vec![filter(plain, only.clone())],
        all if text.negated => all.iter().map(|text| filter(plain, text.clone())).collect(),
        _ => vec![filter(pattern, escaped())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_stream_labels_become_patterns() {
        for (operator, limit, expected) in [
            (CompareOperator::AtLeast, 500.0, "5.."),
            (CompareOperator::AtLeast, 400.0, "4..|5.."),
            (CompareOperator::Above, 499.0, "5.."),
            (CompareOperator::Equal, 404.0, "404"),
            (CompareOperator::AtLeast, 595.0, "595|596|597|598|599"),
            (CompareOperator::Below, 120.0, "10.|11."),
        ] {
            assert_eq!(codes_that(operator, limit), expected);
        }
    }
}
