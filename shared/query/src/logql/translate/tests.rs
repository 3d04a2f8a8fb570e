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

/// Another catalog: streams by namespace and file, no label of the environment, plain access logs.
fn edge() -> LogCatalog {
    serde_json::from_value(json!({
        "labels": {
            "namespace": ["shop-prod", "shop-test", "search", "payments"],
            "app": ["search-api", "payments-web", "payments-batch", "sms-gw"],
            "stream": ["access", "error", "audit-trail"]
        },
        "line_format": "json",
        "fields": {
            "severity": ["DEBUG", "INFO", "WARNING", "ERROR"],
            "message": ["lock conflict", "OIDC token rejected", "retry scheduled"],
            "status": ["200", "409", "500"],
            "path": ["/orders", "/blog/wp-admin/x"],
            "elapsed_ms": ["41"],
            "query_time": ["0.020"],
            "attempt": ["1", "4"],
            "agent": ["Bingbot/2.0", "curl/8.4.0"],
            "fault": ["TimeoutError", "StorageError", "ParseError"],
            "idp": ["campus"],
            "result_code": ["SVC_XTHROTTLED", "SVC_OK"],
            "login_outcome": ["success", "failure"],
            "author": ["j.doe"],
            "mail_domain": ["gmail.com", "shop.example"],
            "body_size": ["512"],
            "voucher": ["summer", "staff"],
            "reason": ["quota_exceeded", "sanctions_hit"],
            "amount": ["120.5", "98000"],
            "error_code": ["STOCK_CONFLICT"]
        }
    }))
    .unwrap()
}

#[test]
fn ways_of_speaking_become_queries() {
    let understanding =
        Understanding { intent: Intent::QueryLogs, confidence: 1.0, entities: vec![] };
    let catalog = edge().into();
    for (text, expected) in [
        // A service goes before a namespace that is called alike, unless several are, or it is said.
        ("search warnings", r#"{app="search-api"} | json | severity="WARNING""#),
        ("payments warnings", r#"{namespace="payments"} | json | severity="WARNING""#),
        ("warnings in the search namespace", r#"{namespace="search"} | json | severity="WARNING""#),
        ("warnings in prod", r#"{namespace="shop-prod"} | json | severity="WARNING""#),
        ("sms gateway lines without debug", r#"{app="sms-gw"} | json | severity!="DEBUG""#),
        ("warning+error of search", r#"{app="search-api"} | json | severity=~"WARNING|ERROR""#),
        ("500 and above", r#"{stream="access"} | json | status >= 500"#),
        ("lock conflicts of search", r#"{app="search-api"} |= "lock conflict""#),
        (
            "OIDC rejections by identity provider in an hour",
            r#"sum by (idp) (count_over_time({app=~".+"} |= "OIDC token rejected" | json [1h]))"#,
        ),
        ("search queries over 2 s", r#"{app="search-api"} | json | query_time > 2"#),
        ("search requests over 2 s", r#"{app="search-api"} | json | elapsed_ms > 2000"#),
        ("search on a third or later attempt", r#"{app="search-api"} | json | attempt >= 3"#),
        ("search, any attempt after the first", r#"{app="search-api"} | json | attempt > 1"#),
        ("search without bingbot or curl", r#"{app="search-api"} != "Bingbot" != "curl""#),
        ("wp-admin in search", r#"{app="search-api"} |= "wp-admin""#),
        ("search where the json is malformed", r#"{app="search-api"} | json | __error__!="""#),
        ("search throttling", r#"{app="search-api"} | json | result_code="SVC_XTHROTTLED""#),
        ("search 500s, no, 409s", r#"{app="search-api"} | json | status = 409"#),
        (
            "storage or parse errors of search",
            r#"{app="search-api"} | json | fault=~"StorageError|ParseError""#,
        ),
        ("search \"timeout\", case does not matter", r#"{app="search-api"} |~ "(?i)timeout""#),
        ("search running out of memory", r#"{app="search-api"} |~ "(?i)out of memory""#),
        (
            "failed attempts of search per hour",
            r#"sum(count_over_time({app="search-api"} | json | login_outcome="failure" [1h]))"#,
        ),
        ("search calls 400 ms and up", r#"{app="search-api"} | json | elapsed_ms >= 400"#),
        ("search lines of j.doe", r#"{app="search-api"} | json | author="j.doe""#),
        ("search, except info", r#"{app="search-api"} | json | severity!="INFO""#),
        (
            "search, no debug or warnings",
            r#"{app="search-api"} | json | severity!~"DEBUG|WARNING""#,
        ),
        ("search bodies over 10 KB", r#"{app="search-api"} | json | body_size > 10000"#),
        ("search lines to gmail", r#"{app="search-api"} | json | mail_domain="gmail.com""#),
        (
            "search lines because of sanctions",
            r#"{app="search-api"} | json | reason="sanctions_hit""#,
        ),
        ("search transfers above 50000", r#"{app="search-api"} | json | amount > 50000"#),
        ("search stock conflicts", r#"{app="search-api"} | json | error_code="STOCK_CONFLICT""#),
        ("search lines with no voucher", r#"{app="search-api"} | json | voucher="""#),
        ("audit log of production", r#"{stream="audit-trail", namespace="shop-prod"}"#),
        (
            "search warnings per 10 minutes, counted",
            r#"sum(count_over_time({app="search-api"} | json | severity="WARNING" [10m]))"#,
        ),
        (
            "show the warnings of all apps in production",
            r#"{namespace="shop-prod"} | json | severity="WARNING""#,
        ),
        ("everything written by the search api", r#"{app="search-api"}"#),
    ] {
        let question = Question { text, understanding: &understanding };
        let asked =
            translate(&question, &catalog, &Settings::default(), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(asked.query, expected, "{text}");
    }
}

fn plant() -> LogCatalog {
    serde_json::from_value(json!({
        "labels": {
            "job": ["nginx", "emqx", "sshd", "mailer", "alarm-manager", "search-service"],
            "host": ["web01", "lb02"]
        },
        "line_format": "logfmt",
        "fields": {
            "msg": ["mail bounced", "feed imported"],
            "event": ["alarm_raised", "heartbeat"],
            "path": ["/basket"],
            "status": ["200", "404"],
            "duration": ["12ms"],
            "recipient_domain": ["web.de"],
            "exception": ["PDOException"],
            "results": "number"
        }
    }))
    .unwrap()
}

#[test]
fn who_writes_it_and_what_is_found_is_read() {
    let understanding =
        Understanding { intent: Intent::QueryLogs, confidence: 1.0, entities: vec![] };
    let catalog = plant().into();
    for (text, expected) in [
        // What is asked for is written by who is called after it.
        ("bounced mails", r#"{job="mailer"} |= "mail bounced""#),
        (
            "alarms raised on web01",
            r#"{job="alarm-manager", host="web01"} | logfmt | event="alarm_raised""#,
        ),
        ("imported feeds", r#"{job=~".+"} |= "feed imported""#),
        // Programs by what they are, and what they are known to write.
        ("MQTT broker lines on web01", r#"{job="emqx", host="web01"}"#),
        (
            "failed ssh password attempts on lb02",
            r#"{job="sshd", host="lb02"} |= "Failed password""#,
        ),
        ("searches that found nothing at all", r#"{job="search-service"} | logfmt | results = 0"#),
        ("searches that came up empty", r#"{job="search-service"} | logfmt | results = 0"#),
        (
            "search service lines per second by exception, leave out those that have none",
            r#"sum by (exception) (rate({job="search-service"} | logfmt | exception!="" [5m]))"#,
        ),
        (
            "404s per minute... no, per second, for each path on nginx, the worst ten",
            r#"topk(10, sum by (path) (rate({job="nginx"} | logfmt | status = 404 [5m])))"#,
        ),
    ] {
        let question = Question { text, understanding: &understanding };
        let asked =
            translate(&question, &catalog, &Settings::default(), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(asked.query, expected, "{text}");
    }
}

#[test]
fn levels_are_text_beside_what_happened_where_lines_have_none() {
    let catalog: LogCatalog = serde_json::from_value(json!({
        "labels": {"app": ["ingress", "postgres"]},
        "line_format": "unstructured",
        "fields": {}
    }))
    .unwrap();
    let understanding =
        Understanding { intent: Intent::QueryLogs, confidence: 1.0, entities: vec![] };
    let text = "certificate errors of ingress";
    let question = Question { text, understanding: &understanding };
    let asked =
        translate(&question, &catalog.into(), &Settings::default(), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(asked.query, r#"{app="ingress"} |~ "(?i)error" |~ "(?i)certificate""#);
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
