//! The numbers and the failures as text for people.

use evaluation::{
    DialogueReport, EntityReport, Failure, LanguageReport, QueryReport, Report, Score,
    UtteranceReport,
};

use crate::render::{clean, pad, pad_left, style::Paint};

/// As wide as the longest name of a type of entity.
const NAME_COLUMNS: usize = 26;
const NUMBER_COLUMNS: usize = 11;

pub(super) fn report(report: &Report, paint: Paint) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(report.utterances.as_ref().map(|part| utterances(part, paint)));
    parts.extend(report.dialogues.as_ref().map(|part| dialogues(part, paint)));
    parts.extend(report.queries.as_ref().map(|part| queries(part, paint)));
    parts.extend(report.latency_ms.map(|latency| {
        let head = head("latency per item", &["p50", "p99"], paint);
        let cells = [latency.p50, latency.p99].map(|ms| format!("{ms:.2} ms"));
        format!("{head}{}", row("", &cells))
    }));
    parts.join("\n")
}

fn utterances(report: &UtteranceReport, paint: Paint) -> String {
    let head = head(&format!("{} utterances", report.n), &[], paint);
    let rows = [
        ("accuracy in scope", percent(report.accuracy)),
        ("  with also_ok", percent(report.accuracy_also_ok)),
        ("macro F1", percent(report.macro_f1)),
        ("out of scope, recall", percent(report.oos_recall)),
        ("out of scope, false", percent(report.oos_false_rate)),
        ("calibration error", percent(report.ece)),
    ];
    let rows: String = rows.into_iter().map(|(name, value)| row(name, &[value])).collect();
    format!("{head}{rows}\n{}", entities(&report.entities, paint))
}

fn entities(report: &EntityReport, paint: Paint) -> String {
    let score = |name: &str, score: &Score| {
        row(name, &[score.precision, score.recall, score.f1].map(percent))
    };
    let types: String = report.by_type.iter().map(|(kind, by)| score(kind, by)).collect();
    let head = head("entities", &["precision", "recall", "F1"], paint);
    format!("{head}{}{types}", score("all", &report.all))
}

fn dialogues(report: &DialogueReport, paint: Paint) -> String {
    let head = head(&format!("{} dialogues, {} turns", report.n, report.turns), &[], paint);
    format!("{head}{}", row("turns right", &[percent(report.turn_accuracy)]))
}

fn queries(report: &QueryReport, paint: Paint) -> String {
    let head = head("queries", &["n", "parsed", "grounded", "tokens", "execution"], paint);
    let language = |name: &str, report: &Option<LanguageReport>| {
        report.as_ref().map_or_else(String::new, |report| {
            let shares =
                [report.parsed, report.grounded, report.token_match, report.execution_match];
            let cells: Vec<String> =
                std::iter::once(report.n.to_string()).chain(shares.map(percent)).collect();
            row(name, &cells)
        })
    };
    [("promql", &report.promql), ("logql", &report.logql), ("traceql", &report.traceql)]
        .into_iter()
        .fold(head, |text, (name, report)| text + &language(name, report))
}

fn head(name: &str, columns: &[&str], paint: Paint) -> String {
    let columns: String = columns.iter().map(|name| pad_left(name, NUMBER_COLUMNS)).collect();
    if columns.is_empty() {
        return format!("{}\n", paint.bold(name));
    }
    let space = " ".repeat((NAME_COLUMNS + 2).saturating_sub(name.len()));
    format!("{}{space}{}\n", paint.bold(name), paint.dim(&columns))
}

fn row(name: &str, cells: &[String]) -> String {
    let cells: String = cells.iter().map(|cell| pad_left(cell, NUMBER_COLUMNS)).collect();
    format!("  {}{cells}\n", pad(name, NAME_COLUMNS))
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

/// Without a line break at the end.
pub(super) fn failure(failure: &Failure, paint: Paint) -> String {
    let mut lines =
        vec![format!("{}  {}", paint.bold(&clean(&failure.place)), clean(&failure.text))];
    for reason in &failure.reasons {
        lines.push(format!("  {}", clean(&reason.about)));
        lines.push(format!("    {} {}", paint.dim("expected"), clean(&reason.expected)));
        lines.push(format!("    {} {}", paint.dim("got     "), clean(&reason.got)));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use evaluation::{LatencyReport, Reason};

    use super::*;

    #[test]
    fn the_numbers_stand_in_columns() {
        let score = |precision, recall, f1| Score { precision, recall, f1 };
        let all = Report {
            utterances: Some(UtteranceReport {
                n: 630,
                accuracy: Some(0.9123),
                accuracy_also_ok: Some(1.0),
                macro_f1: Some(0.5),
                oos_recall: None,
                oos_false_rate: Some(0.0),
                ece: Some(0.0349),
                entities: EntityReport {
                    all: score(Some(0.5), Some(0.25), Some(1.0 / 3.0)),
                    by_type: BTreeMap::from([("service", score(None, Some(0.0), Some(0.0)))]),
                },
            }),
            dialogues: Some(DialogueReport { n: 2, turns: 7, turn_accuracy: Some(3.0 / 7.0) }),
            queries: Some(QueryReport {
                promql: Some(LanguageReport {
                    n: 60,
                    parsed: Some(1.0),
                    grounded: Some(0.95),
                    token_match: Some(0.5),
                    execution_match: None,
                }),
                ..QueryReport::default()
            }),
            latency_ms: Some(LatencyReport { p50: 0.123, p99: 1.5 }),
        };
        insta::assert_snapshot!(report(&all, Paint::new(false)));
        assert_eq!(report(&Report::default(), Paint::new(false)), "");
    }

    #[test]
    fn a_failure_says_what_was_expected() {
        let failed = Failure {
            place: "d-1 turn 2".to_owned(),
            text: "and \u{1b}[31mprod?".to_owned(),
            reasons: vec![Reason {
                about: "service".to_owned(),
                expected: "auth".to_owned(),
                got: "nothing".to_owned(),
            }],
        };
        assert_eq!(
            failure(&failed, Paint::new(false)),
            "d-1 turn 2  and [31mprod?\n  service\n    expected auth\n    got      nothing"
        );
    }
}
