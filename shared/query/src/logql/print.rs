//! LogQL in its one spelling: what reads back as the same tree.

use std::fmt::{self, Display, Formatter, Write as _};

use super::{
    ast::{
        Aggregation, Amount, Binary, BinaryOperator, Compare, CompareOperator, Expr, Extraction,
        Grouping, LabelFilter, LabelFormatValue, LineFilter, LineMatch, LineOperator, LogExpr,
        MatchOperator, Matcher, MetricExpr, Modifier, Parser, Pick, RangeAggregation, Selector,
        Stage, Unwrap,
    },
    quantity::{print_bytes, print_duration, print_range},
};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(log) => log.fmt(f),
            Self::Metric(metric) => metric.fmt(f),
        }
    }
}

impl Display for LogExpr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.selector.fmt(f)?;
        self.pipeline.iter().try_for_each(|stage| write!(f, " {stage}"))
    }
}

impl Display for Selector {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('{')?;
        list(f, &self.matchers)?;
        f.write_char('}')
    }
}

impl Display for MatchOperator {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Regex => "=~",
            Self::NotRegex => "!~",
        })
    }
}

impl Display for Matcher {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.label, self.operator, Quoted(&self.value))
    }
}

impl Display for Stage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(filter) => filter.fmt(f),
            Self::Parse(parser) => write!(f, "| {parser}"),
            Self::Filter(filter) => write!(f, "| {filter}"),
            Self::LineFormat(template) => write!(f, "| line_format {}", Quoted(template)),
            Self::LabelFormat(formats) => {
                f.write_str("| label_format ")?;
                joined(f, formats, |f, format| match &format.value {
                    LabelFormatValue::Rename(from) => write!(f, "{}={from}", format.label),
                    LabelFormatValue::Template(template) => {
                        write!(f, "{}={}", format.label, Quoted(template))
                    }
                })
            }
            Self::Decolorize => f.write_str("| decolorize"),
            Self::Drop(picks) => {
                f.write_str("| drop ")?;
                list(f, picks)
            }
            Self::Keep(picks) => {
                f.write_str("| keep ")?;
                list(f, picks)
            }
        }
    }
}

impl Display for Pick {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) => f.write_str(label),
            Self::Where(matcher) => matcher.fmt(f),
        }
    }
}

impl Display for LineFilter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self.operator {
            LineOperator::Contains => "|=",
            LineOperator::ContainsNot => "!=",
            LineOperator::Regex => "|~",
            LineOperator::RegexNot => "!~",
            LineOperator::Pattern => "|>",
            LineOperator::PatternNot => "!>",
        })?;
        for (index, one) in self.any.iter().enumerate() {
            f.write_str(if index == 0 { " " } else { " or " })?;
            match one {
                LineMatch::Text(text) => Quoted(text).fmt(f)?,
                LineMatch::Ip(address) => write!(f, "ip({})", Quoted(address))?,
            }
        }
        Ok(())
    }
}

impl Display for Parser {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(only) => {
                f.write_str("json")?;
                extractions(f, only)
            }
            Self::Logfmt { strict, keep_empty, only } => {
                f.write_str("logfmt")?;
                f.write_str(if *strict { " --strict" } else { "" })?;
                f.write_str(if *keep_empty { " --keep-empty" } else { "" })?;
                extractions(f, only)
            }
            Self::Pattern(pattern) => write!(f, "pattern {}", Quoted(pattern)),
            Self::Regexp(pattern) => write!(f, "regexp {}", Quoted(pattern)),
            Self::Unpack => f.write_str("unpack"),
        }
    }
}

fn extractions(f: &mut Formatter<'_>, only: &[Extraction]) -> fmt::Result {
    f.write_str(if only.is_empty() { "" } else { " " })?;
    joined(f, only, |f, extraction| {
        if extraction.label == extraction.from {
            return f.write_str(&extraction.label);
        }
        write!(f, "{}={}", extraction.label, Quoted(&extraction.from))
    })
}

impl Display for LabelFilter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let all = |f: &mut Formatter<'_>, members: &[Self], word: &str| {
            for (index, member) in members.iter().enumerate() {
                f.write_str(if index == 0 { "" } else { word })?;
                match member {
                    Self::And(_) | Self::Or(_) => write!(f, "({member})")?,
                    _ => member.fmt(f)?,
                }
            }
            Ok(())
        };
        match self {
            Self::Match(matcher) => matcher.fmt(f),
            Self::Compare(compare) => compare.fmt(f),
            Self::Ip { label, negated, address } => {
                let operator = if *negated { "!=" } else { "=" };
                write!(f, "{label}{operator}ip({})", Quoted(address))
            }
            Self::And(members) => all(f, members, " and "),
            Self::Or(members) => all(f, members, " or "),
        }
    }
}

impl Display for Compare {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let operator = match self.operator {
            CompareOperator::Equal => "=",
            CompareOperator::NotEqual => "!=",
            CompareOperator::Above => ">",
            CompareOperator::AtLeast => ">=",
            CompareOperator::Below => "<",
            CompareOperator::AtMost => "<=",
        };
        write!(f, "{} {operator} {}", self.label, amount(self.value))
    }
}

/// A number, a duration or a size.
pub(crate) fn amount(amount: Amount) -> String {
    match amount {
        Amount::Number(value) => value.to_string(),
        Amount::Nanoseconds(value) => print_duration(value),
        Amount::Bytes(value) => print_bytes(value),
    }
}

impl Display for MetricExpr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => write!(f, "{value}"),
            Self::Vector(value) => write!(f, "vector({value})"),
            Self::Range(range) => range.fmt(f),
            Self::Aggregate(aggregation) => aggregation.fmt(f),
            Self::Binary(binary) => binary.fmt(f),
            Self::LabelReplace(replace) => {
                write!(f, "label_replace({}", replace.inner)?;
                for text in [&replace.target, &replace.replacement, &replace.source] {
                    write!(f, ", {}", Quoted(text))?;
                }
                write!(f, ", {})", Quoted(&replace.pattern))
            }
        }
    }
}

impl Display for RangeAggregation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.operator.name())?;
        if let Some(parameter) = self.parameter {
            write!(f, "{parameter}, ")?;
        }
        self.log.fmt(f)?;
        if let Some(unwrap) = &self.unwrap {
            write!(f, " | {unwrap}")?;
        }
        let bare = self.log.pipeline.is_empty() && self.unwrap.is_none();
        write!(
            f,
            "{}[{}]",
            if bare { "" } else { " " },
            self.spelling.0.clone().unwrap_or_else(|| print_range(self.range_ms))
        )?;
        if let Some(offset) = self.offset {
            write!(f, " offset {}", print_duration(offset))?;
        }
        f.write_char(')')?;
        match &self.grouping {
            Some(grouping) => write!(f, " {grouping}"),
            None => Ok(()),
        }
    }
}

impl Display for Unwrap {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.conversion {
            Some(conversion) => write!(f, "unwrap {}({})", conversion.name(), self.label)?,
            None => write!(f, "unwrap {}", self.label)?,
        }
        self.filters.iter().try_for_each(|filter| write!(f, " | {filter}"))
    }
}

impl Display for Aggregation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.operator.name())?;
        if let Some(grouping) = &self.grouping {
            write!(f, " {grouping} ")?;
        }
        f.write_char('(')?;
        if let Some(parameter) = self.parameter {
            write!(f, "{parameter}, ")?;
        }
        write!(f, "{})", self.inner)
    }
}

impl Display for Grouping {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self.without { "without " } else { "by " })?;
        parenthesised(f, &self.labels)
    }
}

impl Display for Binary {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        operand(f, &self.left, self.operator, true)?;
        write!(f, " {}{} ", self.operator.name(), self.modifier)?;
        operand(f, &self.right, self.operator, false)
    }
}

/// A side of an operator, in parentheses where the tree would read otherwise without.
fn operand(
    f: &mut Formatter<'_>,
    side: &MetricExpr,
    around: BinaryOperator,
    left: bool,
) -> fmt::Result {
    let plain = match side {
        MetricExpr::Binary(inner) => {
            let (own, outer) = (inner.operator.precedence(), around.precedence());
            own > outer || (own == outer && left != (around == BinaryOperator::Power))
        }
        _ => true,
    };
    if plain { side.fmt(f) } else { write!(f, "({side})") }
}

impl Display for Modifier {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self.returns_bool { " bool" } else { "" })?;
        let Some(matching) = &self.matching else { return Ok(()) };
        f.write_str(if matching.ignoring { " ignoring " } else { " on " })?;
        parenthesised(f, &matching.labels)?;
        let Some(group) = &matching.group else { return Ok(()) };
        f.write_str(if group.right { " group_right " } else { " group_left " })?;
        // Always with its list: a parenthesis that follows would be taken for it.
        parenthesised(f, &group.include)
    }
}

fn list<T: Display>(f: &mut Formatter<'_>, items: &[T]) -> fmt::Result {
    joined(f, items, |f, item| item.fmt(f))
}

fn parenthesised(f: &mut Formatter<'_>, labels: &[String]) -> fmt::Result {
    f.write_char('(')?;
    list(f, labels)?;
    f.write_char(')')
}

fn joined<T>(
    f: &mut Formatter<'_>,
    items: &[T],
    print: impl Fn(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        f.write_str(if index == 0 { "" } else { ", " })?;
        print(f, item)?;
    }
    Ok(())
}

/// A string literal: in backticks where that spares escapes, else in double quotes with the escapes
/// of Go.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let strange = |c: char| c.is_control() || matches!(c, '`' | '\u{feff}');
        if self.0.contains(['"', '\\']) && !self.0.contains(strange) {
            return write!(f, "`{}`", self.0);
        }
        f.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '\\' => f.write_str("\\\\")?,
                '"' => f.write_str("\\\"")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                other if strange(other) && other != '`' => {
                    write!(f, "\\u{:04x}", u32::from(other))?;
                }
                other => f.write_char(other)?,
            }
        }
        f.write_char('"')
    }
}
