//! The one line that says what a query reads.

use crate::{
    records::{Ask, Measure, Schema},
    text::enumerate,
    wanted::Statistic,
};

/// What a query reads, in a line: "Count of lines where service is payment and level is error, by
/// pod, over 15m".
pub(super) fn explain(ask: &Ask, schema: &Schema) -> String {
    let mut text = subject(ask, schema);
    let conditions = conditions(ask, schema);
    if !conditions.is_empty() {
        text.push_str(" where ");
        text.push_str(&enumerate(&conditions, "and"));
    }
    if !ask.by.is_empty() {
        let by: Vec<String> = ask.by.iter().map(|at| schema.fields[*at].name.clone()).collect();
        text.push_str(&format!(", by {}", enumerate(&by, "and")));
    }
    if ask.measure != Measure::Records {
        text.push_str(&format!(", over {}", ask.window.text));
        if let Some(ended) = &ask.ended {
            text.push_str(&format!(" that ended {} ago", ended.text));
        }
    }
    if let Some(earlier) = &ask.compared {
        text.push_str(&format!(", as a multiple of the same {} earlier", earlier.text));
    }
    if let Some((comparison, value)) = ask.threshold {
        text.push_str(&format!(", where it is {} {value}", comparison.symbol()));
    }
    if let Some(rank) = ask.rank.filter(|_| ask.measure != Measure::Records) {
        let which = if rank.highest { "highest" } else { "lowest" };
        text.push_str(&format!("; the {} {which}", rank.count));
    }
    // A name of the catalog may hold anything; the explanation is one line.
    text.replace(|c: char| c.is_control(), " ")
}

fn subject(ask: &Ask, schema: &Schema) -> String {
    let name = |field: usize| &schema.fields[field].name;
    match ask.measure {
        Measure::Records => "Lines".to_owned(),
        Measure::Count => "Count of lines".to_owned(),
        Measure::Rate => "Lines per second".to_owned(),
        Measure::Bytes => "Bytes of lines".to_owned(),
        Measure::ByteRate => "Bytes of lines per second".to_owned(),
        Measure::Share => "Share of the lines".to_owned(),
        Measure::Absent => "Whether there are no lines".to_owned(),
        Measure::Distinct(field) => format!("Number of distinct values of {}", name(field)),
        Measure::SumRate(field) => format!("Sum per second of {} in lines", name(field)),
        Measure::Histogram(field) => format!("p95 of {} in lines", name(field)),
        Measure::Statistic(statistic, field) => {
            let statistic = match statistic {
                Statistic::Quantile(rank) => format!("p{}", (rank * 1e5).round() / 1e3),
                Statistic::Mean => "Average".to_owned(),
                Statistic::Maximum => "Maximum".to_owned(),
                Statistic::Minimum => "Minimum".to_owned(),
                Statistic::Total => "Sum".to_owned(),
            };
            format!("{statistic} of {} in lines", name(field))
        }
    }
}

fn conditions(ask: &Ask, schema: &Schema) -> Vec<String> {
    let mut said: Vec<String> = ask
        .conditions
        .iter()
        .map(|condition| crate::records::described(condition, schema))
        .collect();
    for text in &ask.texts {
        let holds = if text.negated { "the line does not hold" } else { "the line holds" };
        said.push(format!("{holds} “{}”", text.any.join("” or “")));
    }
    said
}
