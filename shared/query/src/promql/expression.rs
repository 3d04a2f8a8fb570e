//! Expressions as a tree, printed with the parentheses that precedence needs and no others.

use std::fmt::{self, Write as _};

use model::Comparison;

use super::Selector;

/// A comparison as PromQL writes it.
pub(crate) fn symbol(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "==",
        other => other.symbol(),
    }
}

/// A PromQL expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    Number(f64),
    /// A calculation of constants, as people write them: `4 * 3600`.
    Constant(String),
    Vector {
        selector: Selector,
        offset: Option<String>,
    },
    Range {
        selector: Selector,
        window: String,
        offset: Option<String>,
    },
    Subquery {
        inner: Box<Expression>,
        window: String,
        resolution: String,
    },
    Call {
        function: &'static str,
        arguments: Vec<Expression>,
    },
    Aggregate {
        operator: &'static str,
        parameter: Option<Box<Expression>>,
        by: Vec<String>,
        inner: Box<Expression>,
    },
    Binary {
        left: Box<Expression>,
        operator: &'static str,
        /// `on (a, b) group_left (c)`, or nothing.
        matching: String,
        right: Box<Expression>,
    },
}

impl Expression {
    pub(crate) fn vector(selector: Selector) -> Self {
        Self::Vector { selector, offset: None }
    }

    pub(crate) fn call(function: &'static str, arguments: Vec<Self>) -> Self {
        Self::Call { function, arguments }
    }

    pub(crate) fn aggregate(operator: &'static str, by: &[String], inner: Self) -> Self {
        Self::Aggregate { operator, parameter: None, by: by.to_vec(), inner: Box::new(inner) }
    }

    /// The first rows by value, of all or within each of these labels.
    pub(crate) fn ranked(operator: &'static str, count: u32, by: &[String], inner: Self) -> Self {
        let parameter = Some(Box::new(Self::Number(f64::from(count))));
        Self::Aggregate { operator, parameter, by: by.to_vec(), inner: Box::new(inner) }
    }

    pub(crate) fn binary(self, operator: &'static str, right: Self) -> Self {
        self.matched(operator, String::new(), right)
    }

    pub(crate) fn matched(self, operator: &'static str, matching: String, right: Self) -> Self {
        Self::Binary { left: Box::new(self), operator, matching, right: Box::new(right) }
    }

    /// Times a factor, written as people do: `x / 1000` rather than `x * 0.001`, and `100 * x` for
    /// a share in per cent.
    pub(crate) fn scaled(self, factor: f64) -> Self {
        if factor == 1.0 {
            self
        } else if factor >= 1.0 {
            Self::Number(factor).binary("*", self)
        } else {
            // Rounded away: what division leaves of a factor such as 1e-3.
            self.binary("/", Self::Number((1e9 / factor).round() / 1e9))
        }
    }

    /// In bits or in powers of 1024, as people write them.
    pub(crate) fn in_unit(self, bits: bool, base: f64) -> Self {
        let value = if bits { Self::Number(8.0).binary("*", self) } else { self };
        let power = (base.log2() / 10.0).round();
        let binary = !bits && power >= 1.0 && (1024_f64.powf(power) - base).abs() < 0.5;
        match (binary, power as i64) {
            (true, 1) => value.binary("/", Self::Number(1024.0)),
            (true, power) => value.binary("/", Self::Constant(format!("1024^{power}"))),
            (false, _) if base == 1.0 => value,
            (false, _) => value.binary("/", Self::Number(base)),
        }
    }

    /// So many times the value: `0.5 * x`.
    pub(crate) fn scaled_by(self, factor: f64) -> Self {
        if factor == 1.0 { self } else { Self::Number(factor).binary("*", self) }
    }

    /// How tightly the expression holds together; operators bind as in
    /// <https://prometheus.io/docs/prometheus/latest/querying/operators/#binary-operator-precedence>.
    fn precedence(&self) -> u8 {
        match self {
            Self::Binary { operator, .. } => match *operator {
                "or" => 1,
                "and" | "unless" => 2,
                ">" | "<" | ">=" | "<=" | "==" | "!=" => 3,
                "+" | "-" => 4,
                _ => 5,
            },
            Self::Constant(text) if text.contains(' ') => 5,
            _ => 9,
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => f.write_str(&number_text(*number)),
            Self::Constant(text) => f.write_str(text),
            Self::Vector { selector, offset } => {
                write!(f, "{selector}")?;
                write_offset(f, offset.as_deref())
            }
            Self::Range { selector, window, offset } => {
                write!(f, "{selector}[{window}]")?;
                write_offset(f, offset.as_deref())
            }
            Self::Subquery { inner, window, resolution } => {
                write_within(f, inner, 9)?;
                write!(f, "[{window}:{resolution}]")
            }
            Self::Call { function, arguments } => {
                write!(f, "{function}(")?;
                write_list(f, arguments)?;
                f.write_char(')')
            }
            Self::Aggregate { operator, parameter, by, inner } => {
                f.write_str(operator)?;
                if !by.is_empty() {
                    write!(f, " by ({}) ", by.join(", "))?;
                }
                f.write_char('(')?;
                if let Some(parameter) = parameter {
                    write!(f, "{parameter}, ")?;
                }
                write!(f, "{inner})")
            }
            Self::Binary { left, operator, matching, right } => {
                let own = self.precedence();
                write_within(f, left, own)?;
                write!(f, " {operator} ")?;
                if !matching.is_empty() {
                    write!(f, "{matching} ")?;
                }
                // Operators of one precedence are read from the left.
                write_within(f, right, own + 1)
            }
        }
    }
}

fn write_within(f: &mut fmt::Formatter<'_>, inner: &Expression, least: u8) -> fmt::Result {
    if inner.precedence() < least { write!(f, "({inner})") } else { write!(f, "{inner}") }
}

fn write_list(f: &mut fmt::Formatter<'_>, arguments: &[Expression]) -> fmt::Result {
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{argument}")?;
    }
    Ok(())
}

fn write_offset(f: &mut fmt::Formatter<'_>, offset: Option<&str>) -> fmt::Result {
    match offset {
        Some(offset) => write!(f, " offset {offset}"),
        None => Ok(()),
    }
}

/// Large round numbers the way they are said: `5e9`, not ten digits.
fn number_text(number: f64) -> String {
    const MANY: f64 = 1e6;
    if number.is_infinite() {
        return if number > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() };
    }
    if number.abs() >= MANY && number.fract() == 0.0 {
        let scientific = format!("{number:e}");
        let plain = format!("{number}");
        if scientific.len() < plain.len() {
            return scientific;
        }
    }
    format!("{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(name: &str) -> Expression {
        Expression::vector(Selector::new(name, Vec::new()))
    }

    #[test]
    fn parentheses_stand_where_they_are_needed() {
        let sum = vector("a").binary("+", vector("b"));
        for (expression, expected) in [
            (vector("h").binary("/", sum.clone()), "h / (a + b)"),
            (sum.clone().binary("+", vector("c")), "a + b + c"),
            (vector("c").binary("-", sum.clone()), "c - (a + b)"),
            (vector("a").binary("/", vector("b")).scaled(100.0), "100 * (a / b)"),
            (vector("a").scaled(1e-3), "a / 1000"),
            (vector("a").scaled(1e3).binary(">", Expression::Number(5e11)), "1000 * a > 5e11"),
            (
                Expression::aggregate("sum", &["x".to_owned()], sum)
                    .binary(">", Expression::Number(0.5))
                    .binary("and", vector("c")),
                "sum by (x) (a + b) > 0.5 and c",
            ),
            (Expression::ranked("topk", 3, &[], vector("a")), "topk(3, a)"),
        ] {
            assert_eq!(expression.to_string(), expected);
        }
    }

    #[test]
    fn subqueries_wrap_what_is_no_call() {
        let inner = vector("a").binary("/", vector("b"));
        let subquery = Expression::Subquery {
            inner: Box::new(inner),
            window: "1d".to_owned(),
            resolution: "5m".to_owned(),
        };
        assert_eq!(subquery.to_string(), "(a / b)[1d:5m]");
    }
}
