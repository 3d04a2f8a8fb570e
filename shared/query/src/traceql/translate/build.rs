//! From what is asked to the query, as a tree: no text of a question is ever TraceQL.

use model::Comparison as Compared;

use super::{
    spans::{Demand, What},
    structure::Structure,
};
use crate::{
    promql::escape_regex,
    records::{
        Ask, Condition, Field as RecordField, Form, Measure, Part, Role, Schema, Test, alternatives,
    },
    traceql::ast::{
        Aggregate, Attribute, Comparison, Field, Intrinsic, Literal, Logic, Metric, MetricFunction,
        Operator, Pipeline, Query, Reference, Scalar, Scope, SpansetOperator, Spansets, Stage,
        Status, TimeUnit,
    },
    wanted::Statistic,
};

pub(super) fn build(
    ask: &Ask,
    demands: &[Demand],
    structure: &Structure,
    either: &[(usize, usize)],
    schema: &Schema,
) -> Query {
    let builder = Builder { ask, either, schema };
    let spansets = builder.spansets(demands, structure);
    let mut stages = vec![Stage::Spansets(spansets)];
    let by: Vec<Reference> = ask.by.iter().map(|field| builder.reference(*field)).collect();
    let threshold = ask.threshold.map(|(comparison, value)| (compared(comparison), value));
    match (ask.measure, threshold) {
        (Measure::Count | Measure::Share, Some((comparison, value))) => {
            if !by.is_empty() {
                stages.push(Stage::Group(by.into_iter().map(Field::Reference).collect()));
            }
            stages.push(Stage::Filter(Scalar::Count, comparison, Scalar::Literal(number(value))));
        }
        (Measure::Statistic(statistic, field), Some((comparison, value))) => {
            let (aggregate, of) = (aggregate(statistic), builder.reference(field));
            let left = Scalar::Aggregate(aggregate, Field::Reference(of));
            let right = Scalar::Literal(builder.amount(field, value));
            stages.push(Stage::Filter(left, comparison, right));
        }
        (measure, _) => {
            if let Some(function) = builder.function(measure) {
                let ranked = !by.is_empty();
                stages.push(Stage::Metric(Metric { function, by }));
                if let Some(rank) = ask.rank.filter(|_| ranked) {
                    stages.push(Stage::Rank { top: rank.highest, count: i64::from(rank.count) });
                }
            }
        }
    }
    if !ask.shown_fields.is_empty() && !stages.iter().any(|stage| matches!(stage, Stage::Metric(_)))
    {
        stages.push(Stage::Select(
            ask.shown_fields.iter().map(|field| builder.reference(*field)).collect(),
        ));
    }
    Query { pipeline: Pipeline { stages }, hints: Vec::new() }
}

/// A condition of a query, where it goes among others, and where the question says it.
struct Placed {
    place: u8,
    at: usize,
    field: Field,
}

fn put(fields: &mut Vec<Placed>, place: u8, at: usize, field: Field) {
    if !fields.iter().any(|known| known.field == field) {
        fields.push(Placed { place, at, field });
    }
}

struct Builder<'a> {
    ask: &'a Ask,
    /// The places of demands of which one is enough.
    either: &'a [(usize, usize)],
    schema: &'a Schema,
}

impl Builder<'_> {
    fn spansets(&self, demands: &[Demand], structure: &Structure) -> Spansets {
        let set = |second: bool, fails: bool| {
            let is_in = |at: usize| structure.is_second(at) == second;
            let conditions = self.ask.conditions.iter().filter(|it| is_in(it.at));
            let demands = demands.iter().filter(|it| is_in(it.at));
            let fails = fails.then_some(Demand { what: What::Failed, at: 0 });
            Spansets::Filter(self.all(conditions.collect(), demands.chain(&fails).collect()))
        };
        match *structure {
            Structure::One => set(false, false),
            Structure::Leaf => Spansets::Combined(
                Box::new(Spansets::Filter(None)),
                SpansetOperator::NotParent,
                Box::new(set(false, false)),
            ),
            Structure::Two { operator, swapped, both_failed, .. } => {
                let (first, second) = (set(false, both_failed), set(true, false));
                let (left, right) = if swapped { (second, first) } else { (first, second) };
                Spansets::Combined(Box::new(left), operator, Box::new(right))
            }
        }
    }

    /// Everything that is demanded of one set of spans: services first, how they went last, as
    /// people write it.
    fn all(&self, conditions: Vec<&Condition>, demands: Vec<&Demand>) -> Option<Field> {
        let mut fields: Vec<Placed> = Vec::new();
        let conditions = alternatives(conditions);
        for condition in &conditions {
            let field = &self.schema.fields[condition.field];
            let place = match (field.role, field.part) {
                (Some(Role::Service), _) => 0,
                _ if field.name == "rootServiceName" => 0,
                (_, Part::Source) => 1,
                (_, Part::Record) => 3,
                (_, Part::Intrinsic) => 4,
            };
            put(&mut fields, place, condition.at, self.condition(condition));
        }
        for demand in demands {
            let (place, field) = match &demand.what {
                What::Failed => (5, equal(intrinsic("status"), Literal::Status(Status::Error))),
                What::Succeeded => {
                    let error = Literal::Status(Status::Error);
                    (5, comparison(intrinsic("status"), Comparison::NotEqual, error))
                }
                What::Kind(kind) => (2, equal(intrinsic("kind"), Literal::Kind(*kind))),
                What::Root(name) => {
                    (0, equal(intrinsic("rootName"), Literal::String(name.clone())))
                }
                What::NameBegins(text) => {
                    let pattern = Literal::String(format!("{}.*", escape_regex(text)));
                    (2, comparison(intrinsic("name"), Comparison::Matches, pattern))
                }
            };
            put(&mut fields, place, demand.at, field);
        }
        for (one, other) in self.either {
            let at = |said: usize| fields.iter().position(|placed| placed.at == said);
            let (Some(one), Some(other)) = (at(*one), at(*other)) else { continue };
            let of_other = fields[other].field.clone();
            let of_one = fields[one].field.clone();
            fields[one].field = binary(of_one, Operator::Logic(Logic::Or), of_other);
            fields.remove(other);
        }
        fields.sort_by_key(|placed| placed.place);
        fields.into_iter().map(|placed| placed.field).reduce(and)
    }

    fn condition(&self, condition: &Condition) -> Field {
        let reference = self.reference(condition.field);
        let field = &self.schema.fields[condition.field];
        let equals = if condition.negated { Comparison::NotEqual } else { Comparison::Equal };
        match &condition.test {
            Test::Is(values) => match values.as_slice() {
                [only] => comparison(reference, equals, literal(field, only)),
                many => {
                    let escaped: Vec<String> =
                        many.iter().map(|value| escape_regex(value)).collect();
                    let matches = if condition.negated {
                        Comparison::MatchesNot
                    } else {
                        Comparison::Matches
                    };
                    if field.is_number() {
                        let each = many.iter().map(|value| {
                            comparison(reference.clone(), equals, literal(field, value))
                        });
                        let logic = if condition.negated { Logic::And } else { Logic::Or };
                        return each
                            .reduce(|a, b| binary(a, Operator::Logic(logic), b))
                            .unwrap_or(Field::Literal(Literal::Boolean(true)));
                    }
                    comparison(reference, matches, Literal::String(escaped.join("|")))
                }
            },
            Test::Begins(_) | Test::Ends(_) | Test::Has(_) => {
                let matches =
                    if condition.negated { Comparison::MatchesNot } else { Comparison::Matches };
                comparison(
                    reference,
                    matches,
                    Literal::String(condition.test.pattern().unwrap_or_default()),
                )
            }
            Test::Class(hundreds) => {
                let low = f64::from(*hundreds) * 100.0;
                let least = if condition.negated { Comparison::Below } else { Comparison::AtLeast };
                let from = comparison(reference.clone(), least, number(low));
                if *hundreds == 5 {
                    return from;
                }
                let below = if condition.negated { Comparison::AtLeast } else { Comparison::Below };
                let logic = if condition.negated { Logic::Or } else { Logic::And };
                binary(
                    from,
                    Operator::Logic(logic),
                    comparison(reference, below, number(low + 100.0)),
                )
            }
            Test::Compare(operator, value) => {
                comparison(reference, compared(*operator), self.amount(condition.field, *value))
            }
            // Spans have no networks; the address is compared as it is.
            Test::Within(network) => comparison(reference, equals, literal(field, network)),
            Test::Present => {
                let nil = if condition.negated { Comparison::Equal } else { Comparison::NotEqual };
                comparison(reference, nil, Literal::Nil)
            }
        }
    }

    fn function(&self, measure: Measure) -> Option<MetricFunction> {
        Some(match measure {
            Measure::Records | Measure::Absent | Measure::Bytes | Measure::ByteRate => return None,
            Measure::Rate | Measure::Share | Measure::SumRate(_) => MetricFunction::Rate,
            Measure::Count | Measure::Distinct(_) => MetricFunction::CountOverTime,
            Measure::Histogram(field) => MetricFunction::Histogram(self.reference(field)),
            Measure::Statistic(Statistic::Quantile(rank), field) => {
                let mut ranks = vec![rank];
                ranks.extend(self.ask.quantiles.iter().filter(|other| **other != rank));
                MetricFunction::Quantile(
                    self.reference(field),
                    ranks.into_iter().map(Literal::Float).collect(),
                )
            }
            Measure::Statistic(statistic, field) => {
                MetricFunction::OverTime(aggregate(statistic), self.reference(field))
            }
        })
    }

    fn reference(&self, field: usize) -> Reference {
        let written = &self.schema.fields[field].written;
        if let Some(intrinsic) = Intrinsic::from_word(written) {
            return Reference::Intrinsic(intrinsic);
        }
        let scoped = written
            .split_once('.')
            .and_then(|(scope, name)| Some((Scope::from_word(scope)?, name)));
        let (scope, name) = match scoped {
            Some((scope, name)) => (Some(scope), name),
            None => (None, written.trim_start_matches('.')),
        };
        Reference::Attribute(Attribute { parent: false, scope, name: name.to_owned() })
    }

    /// A number of the base unit as a field holds it.
    fn amount(&self, field: usize, value: f64) -> Literal {
        match self.schema.fields[field].form {
            Form::Duration => duration(value),
            // What division leaves of 0.3 / 0.001.
            Form::Number(Some((_, factor))) => number((value / factor * 1e6).round() / 1e6),
            Form::Number(None) | Form::Text | Form::Size => number(value),
        }
    }
}

fn intrinsic(word: &str) -> Reference {
    Reference::Intrinsic(Intrinsic::from_word(word).unwrap_or(Intrinsic::Name))
}

fn aggregate(statistic: Statistic) -> Aggregate {
    match statistic {
        Statistic::Maximum => Aggregate::Maximum,
        Statistic::Minimum => Aggregate::Minimum,
        Statistic::Total => Aggregate::Sum,
        Statistic::Mean | Statistic::Quantile(_) => Aggregate::Average,
    }
}

fn compared(comparison: Compared) -> Comparison {
    match comparison {
        Compared::Above => Comparison::Above,
        Compared::AtLeast => Comparison::AtLeast,
        Compared::Below => Comparison::Below,
        Compared::AtMost => Comparison::AtMost,
        Compared::Equal => Comparison::Equal,
    }
}

fn literal(field: &RecordField, value: &str) -> Literal {
    match value {
        "true" | "false"
            if field.values.iter().all(|known| matches!(&**known, "true" | "false")) =>
        {
            Literal::Boolean(value == "true")
        }
        _ if field.is_number() => {
            value.parse::<f64>().map_or_else(|_| Literal::String(value.to_owned()), number)
        }
        _ => Literal::String(value.to_owned()),
    }
}

fn number(value: f64) -> Literal {
    let value = value.abs();
    if value.fract() == 0.0 && value < 9e15 {
        Literal::Integer(value as i64)
    } else {
        Literal::Float(value)
    }
}

/// The largest unit that keeps the number short: `500ms`, `1.5s`, `2m`.
fn duration(seconds: f64) -> Literal {
    let seconds = seconds.abs();
    let whole = |unit_s: f64| seconds >= unit_s && (seconds / unit_s).fract() == 0.0;
    if whole(3_600.0) {
        Literal::Duration(seconds / 3_600.0, TimeUnit::Hours)
    } else if whole(60.0) {
        Literal::Duration(seconds / 60.0, TimeUnit::Minutes)
    } else if seconds >= 1.0 {
        Literal::Duration((seconds * 1e6).round() / 1e6, TimeUnit::Seconds)
    } else if seconds >= 1e-3 {
        Literal::Duration((seconds * 1e9).round() / 1e6, TimeUnit::Milliseconds)
    } else {
        Literal::Duration((seconds * 1e9).round() / 1e3, TimeUnit::Microseconds)
    }
}

fn equal(reference: Reference, literal: Literal) -> Field {
    comparison(reference, Comparison::Equal, literal)
}

fn comparison(reference: Reference, operator: Comparison, literal: Literal) -> Field {
    binary(Field::Reference(reference), Operator::Comparison(operator), Field::Literal(literal))
}

fn and(left: Field, right: Field) -> Field {
    binary(left, Operator::Logic(Logic::And), right)
}

fn binary(left: Field, operator: Operator, right: Field) -> Field {
    Field::Binary(Box::new(left), operator, Box::new(right))
}
