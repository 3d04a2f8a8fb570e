//! The one line that says what a query looks for.

use super::{
    spans::{Demand, What},
    structure::Structure,
};
use crate::{
    records::{Ask, Measure, Schema, described},
    text::enumerate,
    traceql::ast::SpansetOperator,
    wanted::Statistic,
};

/// What a query looks for, in a line: "Spans where service is payment and that failed, by route".
pub(super) fn explain(
    ask: &Ask,
    demands: &[Demand],
    structure: &Structure,
    either: &[(usize, usize)],
    schema: &Schema,
) -> String {
    let part = |second: bool| {
        let is_in = |at: usize| structure.is_second(at) == second;
        let conditions = ask.conditions.iter().filter(|it| is_in(it.at));
        let mut said: Vec<(usize, String)> =
            conditions.map(|it| (it.at, described(it, schema))).collect();
        said.extend(demands.iter().filter(|it| is_in(it.at)).map(|it| (it.at, demanded(it))));
        for (one, other) in either {
            let at = |place: usize| said.iter().position(|(at, _)| *at == place);
            let (Some(one), Some(other)) = (at(*one), at(*other)) else { continue };
            said[one].1 = format!("{} or {}", said[one].1, said[other].1);
            said.remove(other);
        }
        let said: Vec<String> = said.into_iter().map(|(_, text)| text).collect();
        if said.is_empty() {
            "spans".to_owned()
        } else {
            format!("spans where {}", enumerate(&said, "and"))
        }
    };
    let spans = match *structure {
        Structure::One => part(false),
        Structure::Leaf => format!("{}, with nothing below", part(false)),
        Structure::Two { operator, swapped, .. } => {
            let (first, second) = (part(false), part(true));
            let (upper, lower) = if swapped { (second, first) } else { (first, second) };
            format!("{lower}, {} {upper}", standing(operator))
        }
    };
    let mut text = format!("{}{spans}", measured(ask, schema));
    if !ask.by.is_empty() {
        let by: Vec<String> = ask.by.iter().map(|at| schema.fields[*at].name.clone()).collect();
        text.push_str(&format!(", by {}", enumerate(&by, "and")));
    }
    if let Some((comparison, value)) = ask.threshold {
        text.push_str(&format!(", where that is {} {value}", comparison.symbol()));
    }
    if let Some(rank) = ask.rank.filter(|_| ask.measure != Measure::Records) {
        text.push_str(&format!(
            "; the {} {}",
            rank.count,
            if rank.highest { "highest" } else { "lowest" }
        ));
    }
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    // A name of the catalog may hold anything; the explanation is one line.
    format!("{first}{}", letters.as_str()).replace(|c: char| c.is_control(), " ")
}

fn standing(operator: SpansetOperator) -> &'static str {
    match operator {
        SpansetOperator::Child => "directly below",
        SpansetOperator::Descendant => "somewhere below",
        SpansetOperator::Parent => "directly above",
        SpansetOperator::Ancestor => "somewhere above",
        SpansetOperator::Sibling => "beside",
        _ => "in one trace with",
    }
}

fn demanded(demand: &Demand) -> String {
    match &demand.what {
        What::Failed => "they failed".to_owned(),
        What::Succeeded => "they did not fail".to_owned(),
        What::Kind(kind) => format!("the kind is {}", kind.word()),
        What::Root(name) => format!("the trace begins with {name}"),
        What::NameBegins(text) => format!("the name begins with {text}"),
    }
}

fn measured(ask: &Ask, schema: &Schema) -> String {
    let name = |field: usize| &schema.fields[field].name;
    match ask.measure {
        Measure::Rate | Measure::Share | Measure::SumRate(_) => {
            "how many a second there are of ".to_owned()
        }
        Measure::Count | Measure::Distinct(_) => "how many there are of ".to_owned(),
        Measure::Histogram(field) => format!("how {} is distributed in ", name(field)),
        Measure::Statistic(Statistic::Quantile(rank), field) => {
            format!("p{} of {} in ", (rank * 1e5).round() / 1e3, name(field))
        }
        Measure::Statistic(Statistic::Mean, field) => format!("average {} of ", name(field)),
        Measure::Statistic(Statistic::Maximum, field) => format!("highest {} of ", name(field)),
        Measure::Statistic(Statistic::Minimum, field) => format!("lowest {} of ", name(field)),
        Measure::Statistic(Statistic::Total, field) => format!("sum of {} of ", name(field)),
        Measure::Records | Measure::Absent | Measure::Bytes | Measure::ByteRate => String::new(),
    }
}
