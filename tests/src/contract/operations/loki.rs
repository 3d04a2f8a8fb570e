//! The adapter with a real Loki that has the shop's lines, held against the lines themselves.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use model::TenantId;
use module::{
    ErrorWire, LOGS_CATALOG, LOGS_LINES, LOGS_QUERY, LOGS_QUERY_RANGE, LogLines, TRACES_SEARCH,
};
use query::{LogCatalog, QueryResult, Samples};
use serde_json::json;
use shop::LogLine;
use tokio::sync::OnceCell;

use super::{Backend, logs_have_their_forms, wrong_arguments_are_refused};
use crate::{
    services,
    support::{
        shared,
        shop_logs::{ShopLogs, fields},
    },
};

const TEMPO: &str = "http://127.0.0.1:1";

async fn logged() -> &'static ShopLogs {
    static LOGGED: OnceCell<ShopLogs> = OnceCell::const_new();
    LOGGED.get_or_init(|| shared(ShopLogs::push("logs", 10))).await
}

async fn backend(tenant: &TenantId, end: Timestamp) -> Backend {
    let environment = [("LOKI_URL", services::loki().await), ("TEMPO_URL", TEMPO)];
    Backend::adapter(&environment, tenant.clone(), end)
}

#[tokio::test]
async fn loki_keeps_the_contract() {
    let logged = logged().await;
    let backend = backend(&logged.tenant, logged.end).await;
    logs_have_their_forms(&backend).await;
    wrong_arguments_are_refused(&backend).await;
}

#[tokio::test]
async fn the_catalog_is_that_of_the_lines() {
    let logged = logged().await;
    let backend = backend(&logged.tenant, logged.end).await;
    let value = backend.run(LOGS_CATALOG, json!({})).await.unwrap();
    assert!(value.get("warnings").is_none(), "{value}");
    assert_eq!(value["service_label"], "service");
    let by_service: BTreeMap<String, LogCatalog> =
        serde_json::from_value(value["by_service"].clone()).unwrap();
    assert_eq!(by_service.len(), shop::SERVICES.len());
    for service in shop::SERVICES {
        let format = match service.log_format {
            shop::LogFormat::Json => "json",
            shop::LogFormat::Logfmt => "logfmt",
        };
        let found = &by_service[service.name];
        assert_eq!(found.line_format, format, "{}", service.name);
        let own: BTreeSet<String> = logged
            .lines
            .iter()
            .filter(|line| line.service == service.name)
            .flat_map(|line| fields(line).into_keys())
            .collect();
        assert!(found.fields.keys().all(|field| own.contains(field)), "{:?}", found.fields);
        assert!(found.fields.contains_key("duration_ms"), "{:?}", found.fields);
        // Among the newest lines there may be no error, and it is asked for most.
        let levels = serde_json::to_value(&found.fields["level"]).unwrap();
        assert!(levels.as_array().unwrap().contains(&json!("error")), "{}: {levels}", service.name);
        assert!(found.fields.contains_key("error"), "{:?}", found.fields);
        assert_eq!(found.fields["trace_id"], Samples::Kind("string".to_owned()));
        assert_eq!(found.fields["time"], Samples::Kind("time".to_owned()));
    }
    let all: LogCatalog = serde_json::from_value(value).unwrap();
    assert_eq!(all.line_format, "json");
    assert_eq!(all.labels["instance"].len(), 16);
}

#[tokio::test]
async fn counts_are_those_of_the_lines() {
    let logged = logged().await;
    let backend = backend(&logged.tenant, logged.end).await;
    let count = |wanted: &dyn Fn(&LogLine) -> bool| {
        logged.lines.iter().filter(|line| wanted(line)).count() as f64
    };
    let field = |line: &LogLine, name: &str| fields(line).remove(name).unwrap_or_default();
    let of = |line: &LogLine, service: &str| line.service == service;
    for (query, expected) in [
        (r#"count_over_time({service="payment"}[10m])"#, count(&|line| of(line, "payment"))),
        (
            r#"count_over_time({service="payment"} |= "card provider" [10m])"#,
            count(&|line| of(line, "payment") && line.text.contains("card provider")),
        ),
        (
            r#"count_over_time({service="auth"} | json | status = 401 [10m])"#,
            count(&|line| of(line, "auth") && field(line, "status") == "401"),
        ),
        (
            r#"count_over_time({service="frontend"} | logfmt | route = "/search" [10m])"#,
            count(&|line| of(line, "frontend") && field(line, "route") == "/search"),
        ),
        (
            r#"count_over_time({service=~"orders|checkout"} | json | level =~ "warn|error" [10m])"#,
            count(&|line| {
                (of(line, "orders") || of(line, "checkout")) && field(line, "level") != "info"
            }),
        ),
        (
            r#"count_over_time({service="api-gateway"} | logfmt | duration_ms > 100 [10m])"#,
            count(&|line| {
                of(line, "api-gateway")
                    && field(line, "duration_ms").parse::<f64>().is_ok_and(|ms| ms > 100.0)
            }),
        ),
        // Both formats at once: a parser that does not fit must not leave its error behind.
        (
            r#"count_over_time({service=~".+"} | json | drop __error__, __error_details__ | logfmt | level = "error" [10m])"#,
            count(&|line| field(line, "level") == "error"),
        ),
    ] {
        let query = format!("sum({query})");
        let found: QueryResult = backend.read(LOGS_QUERY, backend.instant(&query)).await;
        let value = found.series.first().and_then(|series| series.points[0].value);
        assert_eq!(value.unwrap_or_default(), expected, "{query}");
        assert!(found.warnings.is_empty());
    }
}

#[tokio::test]
async fn numbers_by_field_and_over_time_are_those_of_the_lines() {
    let logged = logged().await;
    let backend = backend(&logged.tenant, logged.end).await;
    let query =
        r#"sum by (status) (count_over_time({service="auth"} | json | status != "" [10m]))"#;
    let found: QueryResult = backend.read(LOGS_QUERY, backend.instant(query)).await;
    let mut expected: BTreeMap<String, f64> = BTreeMap::new();
    for line in logged.lines.iter().filter(|line| line.service == "auth") {
        if let Some(status) = fields(line).remove("status") {
            *expected.entry(status).or_default() += 1.0;
        }
    }
    let by_status: BTreeMap<String, f64> = found
        .series
        .iter()
        .map(|series| (series.labels["status"].clone(), series.points[0].value.unwrap()))
        .collect();
    assert_eq!(by_status, expected);

    // Loki moves the ends of a period to multiples of the step, and these are whole minutes.
    let query = r#"sum(count_over_time({service="payment"}[1m]))"#;
    let mut arguments = backend.stepped(query);
    arguments["start"] = json!(backend.end - SignedDuration::from_mins(1));
    arguments["step_s"] = json!(60);
    let found: QueryResult = backend.read(LOGS_QUERY_RANGE, arguments).await;
    let points: Vec<f64> =
        found.series[0].points.iter().map(|point| point.value.unwrap()).collect();
    let in_part = |part: i64| {
        let until_ns = i128::from(backend.end.as_second() - 60 * part) * 1_000_000_000;
        let period = until_ns - 60_000_000_000..until_ns;
        let lines = logged.lines.iter().filter(|line| line.service == "payment");
        lines.filter(|line| period.contains(&line.time_ns)).count() as f64
    };
    assert_eq!(points, [in_part(1), in_part(0)]);
}

#[tokio::test]
async fn lines_come_in_order_and_no_more_than_wanted() {
    let logged = logged().await;
    let backend = backend(&logged.tenant, logged.end).await;
    let mut own: Vec<&LogLine> =
        logged.lines.iter().filter(|line| line.text.contains("failed")).collect();
    own.sort_by_key(|line| line.time_ns);
    assert!(own.len() > 20, "{}", own.len());
    for (direction, limit) in [("forward", 7), ("backward", 7), ("backward", 1_000)] {
        let mut arguments = backend.range(r#"{service=~".+"} |= "failed""#);
        arguments["direction"] = json!(direction);
        arguments["limit"] = json!(limit);
        let found: LogLines = backend.read(LOGS_LINES, arguments).await;
        let times: Vec<i128> = found.lines.iter().map(|line| line.time.as_nanosecond()).collect();
        let mut expected: Vec<i128> = own.iter().map(|line| line.time_ns).collect();
        if direction == "backward" {
            expected.reverse();
        }
        expected.truncate(limit);
        assert_eq!(times, expected, "{direction} {limit}");
        assert_eq!(found.warnings.is_empty(), own.len() < limit, "{:?}", found.warnings);
    }
}

#[tokio::test]
async fn tenants_do_not_see_one_another_s_lines() {
    let logged = logged().await;
    let other: TenantId = format!("other-{}", std::process::id()).parse().unwrap();
    let backend = backend(&other, logged.end).await;
    let found: LogLines = backend.read(LOGS_LINES, backend.range(r#"{service="payment"}"#)).await;
    assert!(found.lines.is_empty(), "{found:?}");
    let catalog: LogCatalog = backend.read(LOGS_CATALOG, json!({})).await;
    assert_eq!(catalog, LogCatalog::default());
}

#[tokio::test]
async fn what_loki_or_we_refuse_is_said_as_what_it_is() {
    let logged = logged().await;
    let backend = backend(&logged.tenant, logged.end).await;
    for (query, kind, words) in [
        (r#"{service="payment""#, "invalid_arguments", "not valid LogQL"),
        (r#"{service=~".*"}"#, "invalid_arguments", "takes every stream"),
        (r#"{service="payment"} |~ "(""#, "rejected", ""),
        (r#"rate({service="payment"}[1m])"#, "invalid_arguments", "gives numbers"),
    ] {
        let error = backend.run(LOGS_LINES, backend.range(query)).await.unwrap_err();
        let wire = ErrorWire::from(&error);
        // What our parser finds, Loki need not be asked.
        assert!([kind, "invalid_arguments"].contains(&wire.kind.name()), "{query}: {error:?}");
        assert!(error.to_string().contains(words), "{query}: {error}");
    }
    let mut long = backend.range(r#"{service="payment"}"#);
    long["start"] = json!(backend.end - SignedDuration::from_hours(30 * 24 + 20));
    let error = backend.run(LOGS_LINES, long).await.unwrap_err();
    assert!(error.to_string().contains("refused the request: the query time range"), "{error}");
    assert!(error.to_string().starts_with("Loki at http://"), "{error}");

    let error = backend.run(TRACES_SEARCH, backend.range("{ }")).await.unwrap_err();
    assert_eq!(error.to_string(), format!("Tempo at {TEMPO} does not answer"));
}
