//! Questions on one catalog, one row per thing that is read, and any text at all.

use jiff::Timestamp;
use model::{Intent, Understanding};
use proptest::prelude::*;
use serde_json::json;

use super::translate;
use crate::{Indexed, Question, Samples, Settings, TraceCatalog, Translation, check_traceql};

fn catalog() -> TraceCatalog {
    serde_json::from_value(json!({
        "intrinsics": ["duration", "name", "status", "kind", "rootName", "rootServiceName", "traceDuration", "statusMessage"],
        "attributes": {
            "resource.service.name": ["checkout", "payment", "api-gateway", "storefront-php"],
            "resource.service.version": ["2.0.1", "2.1.0"],
            "resource.deployment.environment": ["prod", "staging"],
            "span.http.request.method": ["GET", "POST"],
            "span.http.response.status_code": ["200", "404", "503"],
            "span.http.route": ["/cart", "/pay"],
            "span.db.system": ["postgresql", "redis"],
            "span.cache.hit": ["true", "false"],
            "span.retry.count": ["0", "4"],
            "span.payment.amount": ["12.5", "900"],
            "span.messaging.destination.name": ["orders", "emails"],
            "span.user.tier": ["free", "gold", "member"],
            "span.search.result_count": [0, 20],
            "span.shop.stock_hit": ["true", "false"],
            "span.search.hits_found": [0, 40],
            "span.db.sql.table": ["shop_stocklevel", "shop_user"],
            "span.job.step": ["sharpen_v2"],
            "span.job.operation": ["vm.migrate", "vm.resize"],
            "span.messaging.batch.message_count": [1, 500],
            "span.server.address": ["api.psp.example", "mail.example"],
            "span.upload.size_mb": [3, 700],
            "span.job.resumed": "bool",
            "span.command.type": ["breaker_open", "breaker_close", "setpoint"],
            "span.command.outcome": ["confirmed", "timeout"]
        }
    }))
    .unwrap()
}

fn ask(text: &str) -> Translation {
    let understanding =
        Understanding { intent: Intent::QueryTraces, confidence: 1.0, entities: vec![] };
    let question = Question { text, understanding: &understanding };
    translate(&question, &catalog().into(), &Settings::default(), Timestamp::UNIX_EPOCH)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn questions_become_queries() {
    for (text, expected) in [
        (
            "failed spans of checkout in production",
            r#"{ resource.service.name = "checkout" && resource.deployment.environment = "prod" && status = error }"#,
        ),
        (
            "checkout spans over 2s that didn't error",
            r#"{ resource.service.name = "checkout" && duration > 2s && status != error }"#,
        ),
        (
            "server spans of payment slower than half a second",
            r#"{ resource.service.name = "payment" && kind = server && duration > 500ms }"#,
        ),
        (
            "whole traces over 5 seconds that begin in the gateway",
            r#"{ rootServiceName = "api-gateway" && traceDuration > 5s }"#,
        ),
        (
            "POSTs to /pay with a 5xx",
            r#"{ span.http.request.method = "POST" && span.http.route = "/pay" && span.http.response.status_code >= 500 }"#,
        ),
        (
            "payment calls retried more than 3 times",
            r#"{ resource.service.name = "payment" && span.retry.count > 3 }"#,
        ),
        (
            "cache misses in checkout",
            r#"{ resource.service.name = "checkout" && span.cache.hit = false }"#,
        ),
        (
            "consumers of the orders queue",
            r#"{ kind = consumer && span.messaging.destination.name = "orders" }"#,
        ),
        ("traces with more than 20 redis calls", r#"{ span.db.system = "redis" } | count() > 20"#),
        (
            "traces where checkout spans average over 300 ms",
            r#"{ resource.service.name = "checkout" } | avg(duration) > 300ms"#,
        ),
        (
            "checkout requests where payment failed somewhere below",
            r#"{ resource.service.name = "checkout" } >> { resource.service.name = "payment" && status = error }"#,
        ),
        (
            "failed payment spans that are a direct child of a checkout span",
            r#"{ resource.service.name = "checkout" } > { resource.service.name = "payment" && status = error }"#,
        ),
        (
            "checkout and payment called side by side under the same parent",
            r#"{ resource.service.name = "checkout" } ~ { resource.service.name = "payment" }"#,
        ),
        (
            "error spans per second by service",
            r#"{ status = error } | rate() by (resource.service.name)"#,
        ),
        (
            "p99 of payment by route",
            r#"{ resource.service.name = "payment" } | quantile_over_time(duration, 0.99) by (span.http.route)"#,
        ),
        (
            "top 5 services by number of failed spans",
            r#"{ status = error } | count_over_time() by (resource.service.name) | topk(5)"#,
        ),
        (
            "payment errors, show the route and the user tier too",
            r#"{ resource.service.name = "payment" && status = error } | select(span.http.route, span.user.tier)"#,
        ),
        (
            "payment spans without a route",
            r#"{ resource.service.name = "payment" && span.http.route = nil }"#,
        ),
        (
            "payments of version 2.1.0 with an amount above 500",
            r#"{ resource.service.name = "payment" && resource.service.version = "2.1.0" && span.payment.amount > 500 }"#,
        ),
        (
            "does checkout call anything directly that fails",
            r#"{ resource.service.name = "checkout" } > { status = error }"#,
        ),
        (
            "GET requests of checkout that erred, on Postgres, no, on Redis",
            r#"{ resource.service.name = "checkout" && span.http.request.method = "GET" && span.db.system = "redis" && status = error }"#,
        ),
        (
            "traces that begin with POST /pay and have more than 20 redis calls",
            r#"{ rootName = "POST /pay" && span.db.system = "redis" } | count() > 20"#,
        ),
        (
            "payment traces over 3 s all in all",
            r#"{ resource.service.name = "payment" && traceDuration > 3s }"#,
        ),
        (
            "checkout with no hits",
            r#"{ resource.service.name = "checkout" && span.search.hits_found = 0 }"#,
        ),
        (
            "stock misses in checkout",
            r#"{ resource.service.name = "checkout" && span.shop.stock_hit = false }"#,
        ),
        (
            "checkout files above one gigabyte",
            r#"{ resource.service.name = "checkout" && span.upload.size_mb > 1000 }"#,
        ),
        (
            "payment calls that needed a second attempt, errors only",
            r#"{ resource.service.name = "payment" && span.retry.count >= 2 && status = error }"#,
        ),
        (
            "a payment span failed: show the checkout spans above it",
            r#"{ resource.service.name = "payment" && status = error } << { resource.service.name = "checkout" }"#,
        ),
        (
            "payment calls on a host ending in psp.example",
            r#"{ resource.service.name = "payment" && span.server.address =~ ".*psp\\.example" }"#,
        ),
        ("updates of the stock level table", r#"{ span.db.sql.table = "shop_stocklevel" }"#),
        ("sharpens over 2 s", r#"{ span.job.step = "sharpen_v2" && duration > 2s }"#),
        (
            "checkout errors of gold members",
            r#"{ resource.service.name = "checkout" && span.user.tier = "gold" && status = error }"#,
        ),
        (
            "checkout without results",
            r#"{ resource.service.name = "checkout" && span.search.result_count = 0 }"#,
        ),
        (
            "traces where checkout publishes to orders and payment fails downstream",
            r#"{ resource.service.name = "checkout" && kind = producer && span.messaging.destination.name = "orders" } >> { resource.service.name = "payment" && status = error }"#,
        ),
        ("batches of 500 messages", r#"{ span.messaging.batch.message_count = 500 }"#),
        ("migrations that failed", r#"{ span.job.operation = "vm.migrate" && status = error }"#),
        (
            "traces that begin in the gateway and take longer than a minute",
            r#"{ rootServiceName = "api-gateway" && traceDuration > 1m }"#,
        ),
        (
            "payment spans right below a checkout span that failed",
            r#"{ resource.service.name = "checkout" } > { resource.service.name = "payment" && status = error }"#,
        ),
        (
            "a redis call and a postgresql call under the same parent",
            r#"{ span.db.system = "redis" } ~ { span.db.system = "postgresql" }"#,
        ),
    ] {
        assert_eq!(ask(text).query, expected, "{text}");
    }
}

#[test]
fn what_is_left_unsaid_or_said_otherwise_is_read() {
    for (text, expected) in [
        (
            "404s in the shop frontend",
            r#"{ resource.service.name = "storefront-php" && span.http.response.status_code = 404 }"#,
        ),
        (
            "calls out to the psp host over a second",
            r#"{ kind = client && span.server.address = "api.psp.example" && duration > 1s }"#,
        ),
        (
            "resumed checkout spans",
            r#"{ resource.service.name = "checkout" && span.job.resumed = true }"#,
        ),
        (
            "checkout came up empty",
            r#"{ resource.service.name = "checkout" && span.search.result_count = 0 }"#,
        ),
        (
            "checkout without a single hit",
            r#"{ resource.service.name = "checkout" && span.search.hits_found = 0 }"#,
        ),
        (
            "messages put on the orders queue",
            r#"{ kind = producer && span.messaging.destination.name = "orders" }"#,
        ),
        (
            "messages taken off the orders queue",
            r#"{ kind = consumer && span.messaging.destination.name = "orders" }"#,
        ),
        (
            "payment spans that fail with a timeout message",
            r#"{ resource.service.name = "payment" && statusMessage =~ ".*timeout.*" && status = error }"#,
        ),
        (
            "payment errors with \"connection refused\" in the status description",
            r#"{ resource.service.name = "payment" && statusMessage =~ ".*connection refused.*" && status = error }"#,
        ),
        (
            "request rate of checkout per route... no, per user tier",
            r#"{ resource.service.name = "checkout" } | rate() by (span.user.tier)"#,
        ),
        (
            "checkout errors or any checkout span above 10 seconds",
            r#"{ resource.service.name = "checkout" && (status = error || duration > 10s) }"#,
        ),
        (
            "payment spans over 2 s or failed",
            r#"{ resource.service.name = "payment" && (duration > 2s || status = error) }"#,
        ),
        (
            "payment spans of 500 or higher",
            r#"{ resource.service.name = "payment" && span.http.response.status_code >= 500 }"#,
        ),
        (
            "failed payment spans that have no children",
            r#"{ } !< { resource.service.name = "payment" && status = error }"#,
        ),
        (
            "payment spans that call nothing further",
            r#"{ } !< { resource.service.name = "payment" }"#,
        ),
        (
            "payment spans whose immediate parent is checkout",
            r#"{ resource.service.name = "checkout" } > { resource.service.name = "payment" }"#,
        ),
        (
            "return the checkout spans that have a failing payment call anywhere below them",
            r#"{ resource.service.name = "payment" && status = error } << { resource.service.name = "checkout" }"#,
        ),
        (
            "checkout commands without a reply in time",
            r#"{ resource.service.name = "checkout" && span.command.outcome = "timeout" }"#,
        ),
        (
            "every breaker command of checkout",
            r#"{ resource.service.name = "checkout" && span.command.type =~ "breaker_.*" }"#,
        ),
        (
            "payment spans over 1 s in traces started by checkout",
            r#"{ resource.service.name = "payment" && rootServiceName = "checkout" && duration > 1s }"#,
        ),
        (
            "payment spans nobody tagged with a route",
            r#"{ resource.service.name = "payment" && span.http.route = nil }"#,
        ),
        (
            "traces with more than five failed rtu.poll spans",
            r#"{ name = "rtu.poll" && status = error } | count() > 5"#,
        ),
    ] {
        assert_eq!(ask(text).query, expected, "{text}");
    }
}

#[test]
fn explanations_are_one_line_about_what_is_looked_for() {
    let translation = ask("error spans per second by service");
    assert_eq!(
        translation.explanation,
        "How many a second there are of spans where they failed, by resource.service.name"
    );
}

proptest! {
    #[test]
    fn any_text_becomes_a_query_that_passes_the_check_or_a_refusal(
        text in "(?s).{0,300}",
        value in "\\PC{0,40}",
    ) {
        let mut catalog = catalog();
        catalog
            .attributes
            .insert("resource.service.name".to_owned(), Samples::Values(vec![value.clone(), "checkout".to_owned()]));
        let catalog = Indexed::from(catalog);
        let understanding =
            Understanding { intent: Intent::QueryTraces, confidence: 1.0, entities: vec![] };
        for text in [text.clone(), format!("spans of {value} slower than 2s {text}")] {
            let question = Question { text: &text, understanding: &understanding };
            let asked = translate(&question, &catalog, &Settings::default(), Timestamp::UNIX_EPOCH);
            if let Ok(translation) = asked {
                let bounds = Settings::default().bounds;
                let checked = check_traceql(&translation.query, &catalog, &bounds);
                prop_assert!(checked.is_ok(), "{}: {checked:?}", translation.query);
                prop_assert!(!translation.explanation.contains('\n'));
            } else if let Err(crate::PlanError::Rejected(error)) = asked {
                prop_assert!(false, "{text}: {error}");
            }
        }
    }
}
