//! What a question asks of records, in terms of a schema's fields.

use model::Comparison;

use super::Schema;
use crate::{
    promql::escape_regex,
    text::enumerate,
    wanted::{Length, Rank, Said, Statistic},
};

/// Something that a record must fulfil.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    /// An index into the schema's fields.
    pub(crate) field: usize,
    pub(crate) test: Test,
    pub(crate) negated: bool,
    /// The place of the word that says so.
    pub(crate) at: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    /// One of these, literally.
    Is(Vec<String>),
    /// It begins with this, ends with it, or has it somewhere.
    Begins(String),
    Ends(String),
    Has(String),
    /// Held against a number of the base unit.
    Compare(Comparison, f64),
    /// `5` for 500 to 599.
    Class(u16),
    /// It is an address of this network: `10.8.0.0/16`.
    Within(String),
    /// There is a value.
    Present,
}

/// Text that a line must hold: one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) any: Vec<String>,
    pub(crate) negated: bool,
    /// Whatever the case.
    pub(crate) any_case: bool,
}

/// What is made of the records.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Measure {
    /// The records themselves.
    Records,
    Count,
    /// How many there are each second.
    Rate,
    /// How many bytes they have, and how many each second.
    Bytes,
    ByteRate,
    /// Which part of all records those asked for are.
    Share,
    /// Whether there are none.
    Absent,
    /// A number in the records: an index into the schema's fields.
    Statistic(Statistic, usize),
    /// A sum of a field each second.
    SumRate(usize),
    /// How many values a field has.
    Distinct(usize),
    /// How a number in the records is distributed.
    Histogram(usize),
}

/// A question, read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ask {
    pub(crate) conditions: Vec<Condition>,
    pub(crate) texts: Vec<Text>,
    /// Only lines that their parser could not read.
    pub(crate) unparsed: bool,
    /// What rows are told apart by: indexes into the schema's fields.
    pub(crate) by: Vec<usize>,
    pub(crate) measure: Measure,
    pub(crate) rank: Option<Rank>,
    /// What the measure is held against, in its base unit.
    pub(crate) threshold: Option<(Comparison, f64)>,
    pub(crate) window: Length,
    /// How long ago the window ended.
    pub(crate) ended: Option<Length>,
    /// The same so long before stands beside it.
    pub(crate) compared: Option<Length>,
    /// The unit that the value is wanted in.
    pub(crate) shown: Option<Said>,
    /// Every quantile that is asked for.
    pub(crate) quantiles: Vec<f64>,
    /// Fields that are to be shown with the records.
    pub(crate) shown_fields: Vec<usize>,
}

impl Test {
    /// The pattern that a whole value must match, where the test is one of its text.
    pub(crate) fn pattern(&self) -> Option<String> {
        match self {
            Self::Begins(text) => Some(format!("{}.*", escape_regex(text))),
            Self::Ends(text) => Some(format!(".*{}", escape_regex(text))),
            Self::Has(text) => Some(format!(".*{}.*", escape_regex(text))),
            Self::Is(_) | Self::Compare(..) | Self::Class(_) | Self::Within(_) | Self::Present => {
                None
            }
        }
    }
}

/// A record has one value of a field, so several that are asked for are alternatives; of those left
/// out each is a condition of its own or one of several, which is the same.
pub(crate) fn alternatives(conditions: Vec<&Condition>) -> Vec<Condition> {
    let mut merged: Vec<Condition> = Vec::new();
    for condition in conditions {
        let same = merged
            .iter_mut()
            .find(|known| known.field == condition.field && known.negated == condition.negated);
        match (same, &condition.test) {
            (Some(Condition { test: Test::Is(values), .. }), Test::Is(more)) => {
                let new = more
                    .iter()
                    .filter(|value| !values.contains(value))
                    .cloned()
                    .collect::<Vec<_>>();
                values.extend(new);
            }
            _ => merged.push(condition.clone()),
        }
    }
    merged
}

/// A condition in words: "level is error", "status is 5xx".
pub(crate) fn described(condition: &Condition, schema: &Schema) -> String {
    let name = &schema.fields[condition.field].name;
    let not = if condition.negated { "not " } else { "" };
    match &condition.test {
        Test::Is(values) => format!("{name} is {not}{}", enumerate(values, "or")),
        Test::Begins(text) => format!("{name} does {not}begin with {text}"),
        Test::Within(network) => format!("{name} is {not}in {network}"),
        Test::Ends(text) => format!("{name} does {not}end with {text}"),
        Test::Has(text) => format!("{name} has {not}{text} in it"),
        Test::Class(hundreds) => format!("{name} is {not}{hundreds}xx"),
        Test::Present if condition.negated => format!("there is no {name}"),
        Test::Present => format!("there is a {name}"),
        Test::Compare(comparison, value) => {
            format!("{name} is {not}{} {value}", comparison.symbol())
        }
    }
}
