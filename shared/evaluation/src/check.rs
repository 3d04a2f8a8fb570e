//! Whether a query parses and names only what its catalog has, by the checks of `query`.

use query::{Bounds, Catalogs, CheckError, Language};

/// What the check of its language says of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) parsed: bool,
    pub(crate) grounded: bool,
    /// What is wrong.
    pub(crate) problem: Option<String>,
}

pub(crate) fn check(language: Language, query: &str, catalogs: &Catalogs) -> Verdict {
    let outcome = match language {
        Language::PromQl => query::check(query, &catalogs.metrics, &unbounded()).map(drop),
        Language::TraceQl => query::check_traceql(query, &catalogs.traces, &unbounded()).map(drop),
        Language::LogQl => query::check_logql(query, &catalogs.logs, &unbounded()).map(drop),
    };
    match outcome {
        Ok(()) => Verdict { parsed: true, grounded: true, problem: None },
        Err(error) => {
            Verdict { parsed: parses(&error), grounded: false, problem: Some(error.to_string()) }
        }
    }
}

/// What a query costs is not the question here.
fn unbounded() -> Bounds {
    Bounds {
        max_range_s: i64::MAX,
        max_lookback_s: i64::MAX,
        min_step_s: 0,
        max_points: i64::MAX,
        max_selectors: usize::MAX,
        max_series: usize::MAX,
        ..Bounds::default()
    }
}

fn parses(error: &CheckError) -> bool {
    !matches!(
        error,
        CheckError::Syntax(_)
            | CheckError::Grammar { .. }
            | CheckError::Escape { .. }
            | CheckError::TooLong { .. }
            | CheckError::TooDeep { .. }
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_does_not_parse_is_not_grounded_either() {
        let metrics = json!({ "labels": { "up": { "job": ["a"] } } });
        let traces = json!({ "attributes": { "span.http.route": ["/a"] } });
        let logs = json!({ "labels": { "app": ["a"] }, "line_format": "json", "fields": {} });
        let catalogs = Catalogs {
            metrics: serde_json::from_value(metrics).unwrap(),
            traces: serde_json::from_value(traces).unwrap(),
            logs: serde_json::from_value(logs).unwrap(),
        };
        for (language, query, expected) in [
            (Language::PromQl, "up{job=\"a\"}", (true, true)),
            (Language::PromQl, "sum(max_over_time(up[90d]))", (true, true)),
            (Language::PromQl, "sum(up", (false, false)),
            (Language::PromQl, "sum(down)", (true, false)),
            (Language::PromQl, "up{pod=\"a\"}", (true, false)),
            (Language::LogQl, "{app=\"a\"} |= `x`", (true, true)),
            (Language::LogQl, "sum(rate({app=\"a\"}[90d]))", (true, true)),
            (Language::LogQl, "{app=\"a\"} |=", (false, false)),
            (Language::LogQl, "{pod=\"a\"}", (true, false)),
            (Language::TraceQl, "{ span.http.route = \"/a\" }", (true, true)),
            (Language::TraceQl, "{ span.http.route = }", (false, false)),
            (Language::TraceQl, "{ span.http.method = \"GET\" }", (true, false)),
        ] {
            let verdict = check(language, query, &catalogs);
            assert_eq!((verdict.parsed, verdict.grounded), expected, "{query}");
            assert_eq!(verdict.problem.is_none(), verdict.grounded);
        }
    }
}
