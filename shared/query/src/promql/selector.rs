//! Vector selectors and their parts, printed so that every value reads back as it was.

use std::fmt::{self, Write as _};

/// How a matcher compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Regex,
    NotRegex,
}

/// One label matcher. The value is kept plain and quoted on printing only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Matcher {
    label: String,
    operator: Operator,
    value: String,
}

impl Matcher {
    pub(crate) fn equal(label: &str, value: &str) -> Self {
        Self::new(label, Operator::Equal, value.to_owned())
    }

    pub(crate) fn not_equal(label: &str, value: &str) -> Self {
        Self::new(label, Operator::NotEqual, value.to_owned())
    }

    /// `pattern` is a regular expression that we wrote; anything that came from outside must have
    /// gone through [`escape_regex`].
    pub(crate) fn pattern(label: &str, pattern: &str) -> Self {
        Self::new(label, Operator::Regex, pattern.to_owned())
    }

    /// Any of these values, literally.
    pub(crate) fn one_of(label: &str, values: &[String]) -> Self {
        match values {
            [only] => Self::equal(label, only),
            many => {
                let escaped: Vec<String> = many.iter().map(|value| escape_regex(value)).collect();
                Self::new(label, Operator::Regex, escaped.join("|"))
            }
        }
    }

    /// None of these values, literally.
    pub(crate) fn none_of(label: &str, values: &[String]) -> Self {
        Self::one_of(label, values).negated()
    }

    /// What this one does not match.
    pub(crate) fn negated(self) -> Self {
        let operator = match self.operator {
            Operator::Equal => Operator::NotEqual,
            Operator::NotEqual => Operator::Equal,
            Operator::Regex => Operator::NotRegex,
            Operator::NotRegex => Operator::Regex,
        };
        Self { operator, ..self }
    }

    fn new(label: &str, operator: Operator, value: String) -> Self {
        Self { label: label.to_owned(), operator, value }
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operator = match self.operator {
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Regex => "=~",
            Operator::NotRegex => "!~",
        };
        write!(f, "{}{operator}{}", self.label, quote(&self.value))
    }
}

/// A metric and the matchers that narrow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selector {
    pub(crate) metric: String,
    pub(crate) matchers: Vec<Matcher>,
}

impl Selector {
    pub(crate) fn new(metric: &str, matchers: Vec<Matcher>) -> Self {
        Self { metric: metric.to_owned(), matchers }
    }

    /// The same selector, narrowed further.
    pub(crate) fn with(&self, matcher: Matcher) -> Self {
        let mut narrowed = self.clone();
        narrowed.matchers.push(matcher);
        narrowed
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = is_metric_name(&self.metric);
        let named = (!plain).then(|| Matcher::equal("__name__", &self.metric));
        if plain {
            f.write_str(&self.metric)?;
        }
        let mut separator = '{';
        for matcher in named.iter().chain(&self.matchers) {
            write!(f, "{separator}{matcher}")?;
            separator = ',';
        }
        if separator == ',' { f.write_char('}') } else { Ok(()) }
    }
}

/// Names that PromQL takes as they stand; others go into a `__name__` matcher.
fn is_metric_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':'))
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'))
}

/// A double-quoted string literal, with the escapes of
/// <https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals>.
fn quote(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for character in value.chars() {
        match character {
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// The regular expression (RE2) that matches `value` and nothing else.
pub(crate) fn escape_regex(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// A duration as PromQL writes it: `1h`, `1h30m`, `45s`.
pub(crate) fn window(seconds: i64) -> String {
    let mut rest = seconds.max(1);
    let mut text = String::new();
    for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
        if rest >= length {
            // A whole number of days reads better than hours; 25 h does not read better as 1d1h.
            if unit == "d" && rest % length != 0 {
                continue;
            }
            let _ = write!(text, "{}{unit}", rest / length);
            rest %= length;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use promql_parser::{
        label::MatchOp,
        parser::{Expr, parse},
    };
    use proptest::prelude::*;

    use super::*;

    fn parsed(selector: &Selector) -> Vec<promql_parser::label::Matcher> {
        match parse(&selector.to_string()) {
            Ok(Expr::VectorSelector(selector)) => selector.matchers.matchers,
            other => panic!("{selector} is {other:?}"),
        }
    }

    #[test]
    fn windows_read_as_people_write_them() {
        for (seconds, expected) in [
            (3_600, "1h"),
            (5_400, "1h30m"),
            (86_400, "1d"),
            (90_000, "25h"),
            (45, "45s"),
            (0, "1s"),
        ] {
            assert_eq!(window(seconds), expected);
        }
    }

    #[test]
    fn unusual_metric_names_are_matched_by_name() {
        let selector = Selector::new("http.server.duration", vec![Matcher::equal("a", "b")]);
        assert_eq!(selector.to_string(), r#"{__name__="http.server.duration",a="b"}"#);
        assert_eq!(Selector::new("up", Vec::new()).to_string(), "up");
    }

    proptest! {
        #[test]
        fn any_value_reads_back_and_cannot_break_out(value in any::<String>()) {
            let selector = Selector::new("up", vec![Matcher::equal("service", &value)]);
            let matchers = parsed(&selector);
            prop_assert_eq!(matchers.len(), 1);
            prop_assert_eq!(&matchers[0].value, &value);
        }

        #[test]
        fn escaped_values_match_themselves_alone(
            values in proptest::collection::vec(any::<String>(), 2..4),
            other in any::<String>(),
        ) {
            let selector = Selector::new("up", vec![Matcher::one_of("service", &values)]);
            let matchers = parsed(&selector);
            prop_assert_eq!(matchers.len(), 1);
            let MatchOp::Re(pattern) = &matchers[0].op else { panic!("not a pattern") };
            for value in &values {
                // PromQL anchors with a dot that does not match line ends; `^(?:…)$` here is the same.
                prop_assert!(pattern.is_match(value), "{} {:?}", pattern, value);
            }
            prop_assert_eq!(pattern.is_match(&other), values.contains(&other));
        }
    }
}
