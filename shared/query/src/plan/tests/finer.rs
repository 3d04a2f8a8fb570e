//! Questions that say more than the usual plan of their intent holds, and such that do not.

use super::{lines, now, understood};
use crate::{Question, Settings, Shape, fixtures, plan};

/// The queries for the words, which were understood so.
fn planned(text: &str, understanding: &str) -> (Shape, Vec<String>) {
    let question = Question { text, understanding: &understood(understanding) };
    let plan = plan(&question, &fixtures::shop(), &Settings::default(), now()).unwrap();
    (plan.shape, lines(&plan))
}

#[test]
fn what_the_usual_plan_leaves_out_is_asked_for() {
    for (text, understanding, expected) in [
        (
            "error rate of payment by version in the last hour",
            "analyze_errors service=payment time=1h",
            r#"sum by (version) (rate(http_requests_total{service="payment",status=~"5.."}[1h])) / sum by (version) (rate(http_requests_total{service="payment"}[1h]))"#,
        ),
        (
            "Break down the responses of checkout by status code for the last 6 hours",
            "analyze_errors service=checkout time=6h",
            r#"sum by (status) (increase(http_requests_total{service="checkout"}[6h]))"#,
        ),
        (
            "cpu usage per replica for checkout, last 30m",
            "query_metrics service=checkout metric=cpu_usage time=30m",
            r#"avg by (instance) (avg_over_time(process_cpu_usage_ratio{service="checkout"}[30m]))"#,
        ),
        (
            "p95 latency of checkout over the last 3 hours, break that down by route",
            "query_metrics service=checkout metric=latency_p95 time=3h",
            r#"histogram_quantile(0.95, sum by (le, route) (rate(http_request_duration_seconds_bucket{service="checkout"}[3h])))"#,
        ),
        (
            "what percentage of payment requests were successful in the last day?",
            "analyze_errors service=payment time=1d",
            r#"sum(rate(http_requests_total{service="payment",status!~"5.."}[1d])) / sum(rate(http_requests_total{service="payment"}[1d]))"#,
        ),
    ] {
        let (shape, queries) = planned(text, understanding);
        assert_eq!(shape, Shape::Value, "{text}");
        assert!(queries[0].ends_with(&format!(": {expected}")), "{text}: {queries:#?}");
    }
}

#[test]
fn the_usual_plan_stays_where_it_holds_everything() {
    for (text, understanding) in [
        (
            "what is the error rate of payment in the last hour?",
            "analyze_errors service=payment metric=error_rate time=1h",
        ),
        (
            "error rate of checkout by status, last hour",
            "analyze_errors service=checkout metric=error_rate time=1h",
        ),
        ("p95 latency of checkout", "query_metrics service=checkout metric=latency_p95"),
        ("is payment down to 2 requests", "query_metrics service=payment metric=request_rate"),
        ("compare payment and auth per instance", "compare service=payment service=auth"),
    ] {
        let question = Question { text: "", understanding: &understood(understanding) };
        let usual = plan(&question, &fixtures::shop(), &Settings::default(), now()).unwrap();
        assert_eq!(planned(text, understanding).1, lines(&usual), "{text}");
    }
}
