//! Questions on one catalog, one row per thing that is read, and any text at all.

use jiff::Timestamp;
use model::{Intent, Understanding};
use proptest::prelude::*;
use serde_json::json;

use super::translate;
use crate::{Indexed, LogCatalog, Question, Settings, Translation, check_logql};

fn catalog() -> LogCatalog {
    serde_json::from_value(json!({
        "labels": {
            "service": ["checkout", "payment", "api-gateway", "quote\"; drop"],
            "env": ["prod", "staging"],
            "pod": ["checkout-7d9f-x2k4q"]
        },
        "line_format": "json",
        "fields": {
            "level": ["info", "warn", "error", "fatal"],
            "status": ["200", "404", "503"],
            "route": ["/cart", "/pay"],
            "method": ["GET", "POST"],
            "duration_ms": ["12", "2750"],
            "bytes": ["512"],
            "user_id": "string",
            "msg": ["request done", "card declined"],
            "attempt": ["1", "3"]
        }
    }))
    .unwrap()
}

fn ask(text: &str) -> Translation {
    let understanding =
        Understanding { intent: Intent::QueryLogs, confidence: 1.0, entities: vec![] };
    let question = Question { text, understanding: &understanding };
    translate(&question, &catalog().into(), &Settings::default(), Timestamp::UNIX_EPOCH)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn questions_become_queries() {
    for (text, expected) in [
        (
            "error lines of checkout in production",
            r#"{service="checkout", env="prod"} | json | level="error""#,
        ),
        (
            "warnings or worse from payment",
            r#"{service="payment"} | json | level=~"warn|error|fatal""#,
        ),
        ("payment logs without the debug noise", r#"{service="payment"} | json | level!="debug""#),
        (
            "lines of the gateway saying \"connection refused\"",
            r#"{service="api-gateway"} |= "connection refused""#,
        ),
        ("anything about timeouts in checkout", r#"{service="checkout"} |~ "(?i)timeout""#),
        (
            "checkout logs without those from the k6-loadtest agent",
            r#"{service="checkout"} != "k6-loadtest""#,
        ),
        (
            "checkout requests slower than 2 seconds",
            r#"{service="checkout"} | json | duration_ms > 2000"#,
        ),
        (
            "checkout requests between 1 and 3 seconds",
            r#"{service="checkout"} | json | duration_ms >= 1000 | duration_ms <= 3000"#,
        ),
        (
            "POSTs to /pay that got a 503",
            r#"{service=~".+"} | json | method="POST" | route="/pay" | status = 503"#,
        ),
        (
            "5xx per second by route for checkout",
            r#"sum by (route) (rate({service="checkout"} | json | status >= 500 [5m]))"#,
        ),
        (
            "how many errors did each service log in prod in the last 15 minutes",
            r#"sum by (service) (count_over_time({env="prod"} | json | level="error" [15m]))"#,
        ),
        (
            "top 5 routes of checkout by 404s in the past hour",
            r#"topk(5, sum by (route) (count_over_time({service="checkout"} | json | status = 404 [1h])))"#,
        ),
        (
            "p95 request time of payment per route, 10 minutes",
            r#"quantile_over_time(0.95, {service="payment"} | json | unwrap duration_ms | __error__="" [10m]) by (route)"#,
        ),
        (
            "what share of payment's lines are errors?",
            r#"sum(count_over_time({service="payment"} | json | level="error" [5m])) / sum(count_over_time({service="payment"}[5m]))"#,
        ),
        (
            "bytes of logs per second by service",
            r#"sum by (service) (bytes_rate({service=~".+"}[5m]))"#,
        ),
        ("has payment gone silent for 15 minutes", r#"absent_over_time({service="payment"}[15m])"#),
        (
            "pods that logged more than 100 errors in 5 minutes",
            r#"sum by (pod) (count_over_time({service=~".+"} | json | level="error" [5m])) > 100"#,
        ),
        (
            "what did user u-55213 do in checkout",
            r#"{service="checkout"} | json | user_id="u-55213""#,
        ),
        (
            "payment errors, print just the route and the message",
            r#"{service="payment"} | json | level="error" | line_format "{{.route}} {{.msg}}""#,
        ),
        ("payment lines where a card was declined", r#"{service="payment"} |= "card declined""#),
        (
            "payment calls on their attempt of 3 or more",
            r#"{service="payment"} | json | attempt >= 3"#,
        ),
    ] {
        assert_eq!(ask(text).query, expected, "{text}");
    }
}

#[test]
fn explanations_are_one_line_about_what_is_read() {
    let translation = ask("5xx per second by route for checkout");
    assert_eq!(
        translation.explanation,
        "Lines per second where service is checkout and status is 5xx, by route, over 5m"
    );
}

#[test]
fn values_of_the_catalog_cannot_leave_their_quotes() {
    let query = ask("errors of quote\"; drop").query;
    assert!(check_logql(&query, &catalog(), &Settings::default().bounds).is_ok(), "{query}");
}

#[test]
fn an_empty_catalog_is_said() {
    let understanding =
        Understanding { intent: Intent::QueryLogs, confidence: 1.0, entities: vec![] };
    let question = Question { text: "errors", understanding: &understanding };
    let none = LogCatalog::default();
    let error = translate(&question, &none.into(), &Settings::default(), Timestamp::UNIX_EPOCH);
    assert!(error.unwrap_err().to_string().contains("No log streams are known"));
}

proptest! {
    #[test]
    fn any_text_becomes_a_query_that_passes_the_check_or_a_refusal(
        text in "(?s).{0,300}",
        value in "\\PC{0,40}",
    ) {
        let mut catalog = catalog();
        catalog.labels.insert("service".to_owned(), vec![value.clone(), "checkout".to_owned()]);
        let catalog = Indexed::from(catalog);
        let understanding =
            Understanding { intent: Intent::QueryLogs, confidence: 1.0, entities: vec![] };
        for text in [text.clone(), format!("errors of {value} per {text}")] {
            let question = Question { text: &text, understanding: &understanding };
            let asked = translate(&question, &catalog, &Settings::default(), Timestamp::UNIX_EPOCH);
            if let Ok(translation) = asked {
                let checked = check_logql(&translation.query, &catalog, &Settings::default().bounds);
                prop_assert!(checked.is_ok(), "{}: {checked:?}", translation.query);
                prop_assert!(!translation.explanation.contains('\n'));
            } else if let Err(crate::PlanError::Rejected(error)) = asked {
                prop_assert!(false, "{text}: {error}");
            }
        }
    }
}
