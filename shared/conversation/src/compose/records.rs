//! The answer to a question about logs or traces: how many there are, the most telling ones, or the
//! numbers; what was looked for, the query, and what to ask next.

use jiff::tz::TimeZone;
use model::Unit;
use query::{Language, Period, QueryResult, ResultSeries, ResultType, Translation};

use super::{Answer, Fact, Visualization, chart, lines, markdown, moment, number, traces};
use crate::wire::Yielded;

const MAX_ROWS: usize = 20;
const MAX_SUGGESTIONS: usize = 3;

/// A query on logs or traces with what came back.
#[derive(Debug, Clone, Copy)]
pub struct LookedUp<'a> {
    pub translation: &'a Translation,
    pub period: &'a Period,
    pub zone: &'a TimeZone,
    /// The only service that it is about.
    pub service: Option<&'a str>,
    /// A query that failed has the reason.
    pub result: &'a Result<Yielded, String>,
    /// How many lines there are, where only the newest were fetched.
    pub count: Option<&'a Result<Yielded, String>>,
    /// The same in each part of the period.
    pub parts: Option<&'a Result<Yielded, String>>,
}

/// What an answer says, before what every answer ends with.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) paragraphs: Vec<String>,
    pub(super) facts: Vec<Fact>,
    pub(super) visualization: Option<Visualization>,
    /// There is nothing, so that other questions are offered.
    pub(super) is_nothing: bool,
}

/// The answer from what a query on logs or traces returned.
pub fn compose_records(looked_up: &LookedUp<'_>) -> Answer {
    let said = match looked_up.result {
        Ok(Yielded::Numbers(result)) => numbers(looked_up, result),
        Ok(Yielded::Lines(found)) => lines::say(looked_up, found),
        Ok(Yielded::Traces(found)) => traces::say(looked_up, found),
        Err(reason) => failed(looked_up, reason),
    };
    let Said { mut paragraphs, facts, visualization, is_nothing } = said;
    let Translation { language, query, notes, .. } = looked_up.translation;
    paragraphs.extend(notes.iter().map(|note| format!("Note: {note}")));
    if let Ok(yielded) = looked_up.result {
        let warnings = yielded.warnings().iter();
        paragraphs.extend(
            warnings
                .map(|it| format!("Warning: {}.", markdown::sentence(it.trim_end_matches('.')))),
        );
    }
    let period = moment::period(looked_up.period, looked_up.zone);
    paragraphs.push(format!("Period: {period}{}.", moment::origin(looked_up.period)));
    paragraphs.push(format!("Query:\n\n{}", markdown::query_block(*language, query)));
    Answer {
        text: paragraphs.join("\n\n"),
        visualization,
        suggestions: suggestions(looked_up, is_nothing),
        facts,
    }
}

impl LookedUp<'_> {
    /// What the records are called.
    pub(super) fn records(&self) -> &'static str {
        match self.translation.language {
            Language::TraceQl => "traces",
            Language::LogQl | Language::PromQl => "log lines",
        }
    }

    /// What was looked for, in the middle of a sentence.
    pub(super) fn sought(&self) -> String {
        let text = markdown::sentence(self.translation.explanation.trim_end_matches('.'));
        let mut letters = text.chars();
        match letters.next() {
            Some(first) if !letters.as_str().starts_with(char::is_uppercase) => {
                first.to_lowercase().chain(letters).collect()
            }
            _ => text,
        }
    }

    /// Says that there is nothing, what was looked for, and what may have some.
    pub(super) fn nothing(&self, what: &str) -> Said {
        let paragraphs = vec![
            format!("{what} Looked for: {}.", self.sought()),
            "A longer period or fewer conditions may find some.".to_owned(),
        ];
        Said { paragraphs, is_nothing: true, ..Said::default() }
    }
}

fn failed(looked_up: &LookedUp<'_>, reason: &str) -> Said {
    let what = match looked_up.translation.language {
        Language::TraceQl => "traces",
        Language::LogQl | Language::PromQl => "logs",
    };
    let reason = markdown::sentence(reason.trim_end_matches('.'));
    let text =
        format!("I could not read the {what}: {reason}. Looked for: {}.", looked_up.sought());
    Said { paragraphs: vec![text], ..Said::default() }
}

/// What a number is of a series with several points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Summed {
    /// Each point counts what is new since the one before.
    Total,
    /// The last one.
    Last,
    Mean,
}

fn numbers(looked_up: &LookedUp<'_>, result: &QueryResult) -> Said {
    let counts = looked_up.translation.query.contains("count_over_time(");
    let summed = match (result.result_type, looked_up.translation.language) {
        (ResultType::Matrix, Language::TraceQl) if counts => Summed::Total,
        (ResultType::Matrix, _) => Summed::Mean,
        _ => Summed::Last,
    };
    let by = by(&result.series);
    let mut rows: Vec<(String, f64)> = result
        .series
        .iter()
        .filter_map(|series| Some((name(series, &by), value(series, summed)?)))
        .collect();
    if looked_up.translation.query.starts_with("absent_over_time(") {
        return absent(looked_up, !rows.is_empty());
    }
    if rows.is_empty() {
        let none =
            if counts { "**0**: nothing matches." } else { "There is **nothing to measure**." };
        let mut said = looked_up.nothing(none);
        if counts {
            said.facts.push(fact("", 0.0));
        }
        return said;
    }
    // The highest first, which is what people look for.
    rows.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let subject = |name: &str| if by.is_empty() { String::new() } else { name.to_owned() };
    let facts = rows.iter().map(|(name, value)| fact(&subject(name), *value)).collect();
    let paragraphs = match rows.as_slice() {
        [(_, value)] if by.is_empty() => vec![single(looked_up, *value, summed)],
        rows => table(looked_up, &by, rows, summed),
    };
    let title = markdown::sentence(&looked_up.translation.explanation);
    let visualization = chart::draw_result(&title, result);
    Said { paragraphs, facts, visualization, is_nothing: false }
}

/// The labels that rows are told apart by; of a single row, all that it has.
fn by(series: &[ResultSeries]) -> Vec<&str> {
    match series {
        [only] => {
            only.labels.keys().map(String::as_str).filter(|it| !it.starts_with("__")).collect()
        }
        several => chart::telling(several),
    }
}

fn name(series: &ResultSeries, by: &[&str]) -> String {
    let values = by.iter().filter_map(|label| series.labels.get(*label));
    let values: Vec<&str> = values.map(String::as_str).filter(|it| !it.is_empty()).collect();
    if values.is_empty() { "(none)".to_owned() } else { values.join(" ") }
}

fn absent(looked_up: &LookedUp<'_>, is_absent: bool) -> Said {
    let text = if is_absent { "**Yes**, there are none." } else { "**No**, there are some." };
    let paragraphs = vec![format!("{text} Looked for: {}.", looked_up.sought())];
    Said { paragraphs, is_nothing: is_absent, ..Said::default() }
}

fn fact(subject: &str, value: f64) -> Fact {
    Fact { subject: subject.to_owned(), metric: "value".to_owned(), value, unit: Unit::None }
}

fn value(series: &ResultSeries, summed: Summed) -> Option<f64> {
    let values: Vec<f64> = series.points.iter().filter_map(|point| point.value).collect();
    let last = *values.last()?;
    Some(match summed {
        Summed::Total => values.iter().sum(),
        Summed::Last => last,
        Summed::Mean => values.iter().sum::<f64>() / values.len() as f64,
    })
}

fn single(looked_up: &LookedUp<'_>, value: f64, summed: Summed) -> String {
    let mean = if summed == Summed::Mean { " on average" } else { "" };
    format!("**{}**{mean}: {}.", number::digits(value), looked_up.sought())
}

fn table(
    looked_up: &LookedUp<'_>,
    by: &[&str],
    rows: &[(String, f64)],
    summed: Summed,
) -> Vec<String> {
    let first = if by.is_empty() { "What".to_owned() } else { markdown::name(&by.join(" ")) };
    let column = if summed == Summed::Mean { "Mean" } else { "Value" };
    let cells = |(name, value): &(String, f64)| vec![markdown::name(name), number::digits(*value)];
    let shown: Vec<Vec<String>> = rows.iter().take(MAX_ROWS).map(cells).collect();
    let mut paragraphs = vec![format!("{}.", super::report::capitalised(&looked_up.sought()))];
    paragraphs.push(markdown::table(&[first.as_str(), column], &shown));
    if rows.len() > MAX_ROWS {
        paragraphs.push(format!("… and {} more.", rows.len() - MAX_ROWS));
    }
    paragraphs
}

/// Questions that the copilot understands, as the person could ask them.
fn suggestions(looked_up: &LookedUp<'_>, is_nothing: bool) -> Vec<String> {
    let of = |service: &str| format!(" of {}", service.replace(char::is_control, " "));
    let of = looked_up.service.map(of).unwrap_or_default();
    let longer = match looked_up.period.length_s() {
        ..3_600 => "hour",
        3_600..86_400 => "24 hours",
        _ => "7 days",
    };
    let mut offered = match (looked_up.translation.language, is_nothing) {
        (Language::TraceQl, true) => vec![format!("Show the traces{of} in the last {longer}")],
        (Language::TraceQl, false) => vec![
            format!("Show the failed traces{of} in the last hour"),
            format!("Show the slowest traces{of} in the last hour"),
        ],
        (_, true) => vec![format!("Show the logs{of} in the last {longer}")],
        (_, false) => vec![
            format!("How many log lines{of} are there by level in the last hour?"),
            format!("Show the error logs{of} in the last hour"),
        ],
    };
    if let Some(service) = looked_up.service {
        offered.push(format!("Is {} healthy?", service.replace(char::is_control, " ")));
    }
    offered.truncate(MAX_SUGGESTIONS);
    offered
}
