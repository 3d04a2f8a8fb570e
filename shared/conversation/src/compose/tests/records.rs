//! Answers about logs and traces.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use module::{FoundTrace, LogLine, LogLines, TraceList};
use query::{Language, Period, Point, QueryResult, ResultSeries, ResultType, Translation};

use crate::{
    compose::{Answer, LookedUp, compose_records},
    wire::Yielded,
};

const LINES: &str = r#"{service="payment"} | json | level="error""#;

fn table(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn series(labels: &[(&str, &str)], values: &[f64]) -> ResultSeries {
    let end = 1_772_625_600.0;
    let count = values.len() as f64;
    let points = values
        .iter()
        .zip(1..)
        .map(|(value, at)| Point::new(end - 1_800.0 * (count - f64::from(at)), *value));
    ResultSeries { labels: table(labels), points: points.collect() }
}

fn numbers(result_type: ResultType, series: Vec<ResultSeries>) -> Yielded {
    Yielded::Numbers(QueryResult { result_type, series, warnings: Vec::new() })
}

fn line(text: &str, level: &str) -> LogLine {
    LogLine {
        time: "2026-03-04T11:59:58.12Z".parse().unwrap(),
        line: text.to_owned(),
        labels: table(&[("service", "payment")]),
        fields: table(&[("level", level)]),
    }
}

fn lines(lines: Vec<LogLine>) -> Yielded {
    Yielded::Lines(LogLines { lines, warnings: Vec::new() })
}

fn answer(
    (language, query, explanation): (Language, &str, &str),
    result: Result<Yielded, String>,
    count: Option<Result<Yielded, String>>,
) -> Answer {
    let parts = Ok(numbers(ResultType::Matrix, vec![series(&[], &[1_200.0, 34.0])]));
    let translation = Translation {
        language,
        query: query.to_owned(),
        explanation: explanation.to_owned(),
        notes: vec!["a note".to_owned()],
    };
    let period = Period {
        start: "2026-03-04T11:00:00Z".parse().unwrap(),
        end: "2026-03-04T12:00:00Z".parse().unwrap(),
        assumed: true,
        relative: None,
    };
    compose_records(&LookedUp {
        translation: &translation,
        period: &period,
        zone: &TimeZone::UTC,
        service: Some("payment"),
        result: &result,
        count: count.as_ref(),
        parts: Some(&parts),
    })
}

fn about_lines(result: Result<Yielded, String>, tally: Option<Result<Yielded, String>>) -> Answer {
    answer((Language::LogQl, LINES, "Lines where level is error"), result, tally)
}

#[track_caller]
fn says(answer: &Answer, parts: &[&str]) {
    for part in parts {
        assert!(answer.text.contains(part), "{part}\n\n{}", answer.text);
    }
}

#[test]
fn lines_are_counted_and_the_newest_shown() {
    let many: Vec<LogLine> = (0..40).map(|index| line(&format!("line {index}"), "error")).collect();
    let count = numbers(ResultType::Vector, vec![series(&[], &[1_234.0])]);
    let found = about_lines(Ok(lines(many)), Some(Ok(count)));
    says(
        &found,
        &[
            "Found **1,234** log lines where level is error.",
            "The newest 10 (UTC):",
            "```text\n03-04 11:59:58.120  error  payment  line 0\n",
            "Note: a note",
            "Period: 2026-03-04 11:00 to 12:00 UTC (the last hour; no period was named).",
            "```logql\n{service=\"payment\"} | json | level=\"error\"\n```",
        ],
    );
    assert!(!found.text.contains("line 10"), "{}", found.text);
    assert_eq!(found.facts[0].value, 1_234.0);
    let chart = found.visualization.unwrap();
    assert_eq!(chart.series[0].points.len(), 2);
    assert!(found.suggestions.iter().all(|it| it.contains("payment")), "{:?}", found.suggestions);
}

#[test]
fn without_a_count_what_was_fetched_is_the_least() {
    let some = vec![line("a", "error"), line("b", "warn"), line("c", "error")];
    for tally in [None, Some(Err("too slow".to_owned()))] {
        let found = about_lines(Ok(lines(some.clone())), tally);
        says(&found, &["at least 3", "Levels of the newest 3: 2 error, 1 warn."]);
        assert!(found.facts.is_empty());
    }
}

#[test]
fn a_line_cannot_break_out_of_its_block() {
    let evil = format!("```\n# {}\u{1b}[31m", "x".repeat(2_000));
    let found = about_lines(Ok(lines(vec![line(&evil, "a|b`\n")])), None);
    assert!(!found.text.contains('\u{1b}') && found.text.len() < 1_200, "{}", found.text);
    says(&found, &["````text\n", "…"]);
}

#[test]
fn nothing_is_said_with_what_was_looked_for() {
    let none = numbers(ResultType::Vector, Vec::new());
    let found = about_lines(Ok(lines(Vec::new())), Some(Ok(none.clone())));
    says(&found, &["**no log lines**", "Looked for: lines where level is error."]);
    assert_eq!(found.suggestions[0], "Show the logs of payment in the last 24 hours");
    let count = format!("sum(count_over_time({LINES} [1h]))");
    let asked = (Language::LogQl, count.as_str(), "Count of lines where level is error");
    let found = answer(asked, Ok(none), None);
    says(&found, &["**0**: nothing matches."]);
    assert_eq!(found.facts[0].value, 0.0);
    let asked = (Language::TraceQl, "{ }", "Spans");
    let found = answer(asked, Ok(Yielded::Traces(TraceList::default())), None);
    says(&found, &["**no traces**", "Looked for: spans."]);
    assert_eq!(found.suggestions[0], "Show the traces of payment in the last 24 hours");
}

#[test]
fn what_failed_is_said_to_have_failed() {
    let found = about_lines(Err("Loki does not answer.".to_owned()), None);
    says(&found, &["I could not read the logs: Loki does not answer.", "```logql"]);
    assert!(found.visualization.is_none());
}

#[test]
fn numbers_are_one_or_a_table_by_what_tells_them_apart() {
    let count = format!("sum by (route, x) (count_over_time({LINES} [1h]))");
    let asked = (Language::LogQl, count.as_str(), "Count of lines, by route");
    let of = |series| answer(asked, Ok(numbers(ResultType::Vector, series)), None);
    says(&of(vec![series(&[], &[1_234.0])]), &["**1,234**: count of lines, by route."]);
    let rows = vec![
        series(&[("route", "/a|b"), ("x", "1")], &[2.0]),
        series(&[("route", "/c"), ("x", "1")], &[7.0]),
        series(&[("route", ""), ("x", "1")], &[3.0]),
    ];
    let found = of(rows);
    let table = "| route | Value |\n|---|---|\n| /c | 7 |\n| (none) | 3 |\n| /a\\|b | 2 |";
    says(&found, &[table]);
    assert_eq!(found.facts[0].subject, "/c");
    assert_eq!(found.visualization.unwrap().series.len(), 3);
    // One row is still that of something.
    says(&of(vec![series(&[("route", "/c")], &[7.0])]), &["| route | Value |", "| /c | 7 |"]);
    let many = (0..30).map(|index| series(&[("route", &format!("/{index}"))], &[1.0])).collect();
    says(&of(many), &["… and 10 more."]);
}

#[test]
fn whether_there_are_none_is_a_yes_or_a_no() {
    let asked = (Language::LogQl, "absent_over_time({a=\"b\"}[1h])", "Whether there are no lines");
    let of = |series| answer(asked, Ok(numbers(ResultType::Vector, series)), None);
    says(&of(vec![series(&[("a", "b")], &[1.0])]), &["**Yes**, there are none."]);
    says(&of(Vec::new()), &["**No**, there are some."]);
}

#[test]
fn counts_of_spans_are_added_up_and_other_numbers_are_not() {
    let of = |query: &str, values: &[f64]| {
        let series = vec![series(&[("__name__", "x")], values)];
        let asked = (Language::TraceQl, query, "Spans");
        answer(asked, Ok(numbers(ResultType::Matrix, series)), None)
    };
    says(&of("{ } | count_over_time()", &[4.0, 3.0]), &["**7**: spans."]);
    says(&of("{ } | rate()", &[4.0, 3.0]), &["**3.5** on average: spans."]);
}

#[test]
fn traces_are_told_newest_first_with_the_slowest() {
    let trace = |id: &str, duration_ms| FoundTrace {
        trace_id: id.to_owned(),
        root_service: "payment".to_owned(),
        root_name: "POST /pay".to_owned(),
        start: "2026-03-04T11:59:58Z".parse().unwrap(),
        duration_ms,
        matched: 2,
        spans: Vec::new(),
    };
    let unknown =
        FoundTrace { root_service: String::new(), root_name: String::new(), ..trace("c", 1) };
    let traces = vec![trace("a", 12), trace("b", 2_040), unknown];
    let found = Yielded::Traces(TraceList { traces, warnings: vec!["a part is away".to_owned()] });
    let found = answer((Language::TraceQl, "{ }", "Spans"), Ok(found), None);
    says(
        &found,
        &[
            "Found **3** traces: spans.",
            "| 2026-03-04 11:59:58 UTC | a | payment: POST /pay | 12 ms | 2 |",
            "| c | not arrived yet | 1 ms |",
            "The slowest took **2.04 s**: b (payment: POST /pay).",
            "Warning: a part is away.",
            "```traceql\n{ }\n```",
        ],
    );
    let many = (0..50).map(|index| trace(&index.to_string(), 1)).collect();
    let found = Yielded::Traces(TraceList { traces: many, warnings: Vec::new() });
    let found = answer((Language::TraceQl, "{ }", "Spans"), Ok(found), None);
    says(&found, &["**at least 50** traces", "The newest 10:"]);
    assert!(found.facts.is_empty());
}
