use jiff::Timestamp;
use model::{Entity, EntityKind, EntityValue, Intent, Understanding};
use proptest::prelude::*;

use super::built;
use crate::{
    PlanError, Question, Settings,
    traceql::{TraceCatalog, parse::parse, translate::translate},
};

fn library() -> TraceCatalog {
    let attributes: &[(&str, &[&str])] = &[
        ("resource.service.name", &["loans", "shelves", "fines", "search-index", "notifier"]),
        ("resource.service.version", &["4.0", "4.1"]),
        ("resource.deployment.environment", &["production", "staging"]),
        ("resource.k8s.pod.name", &["loans-0"]),
        ("span.http.request.method", &["GET", "POST"]),
        ("span.http.response.status_code", &["200", "404", "500", "503"]),
        ("span.http.route", &["/books", "/loans/:id"]),
        ("span.db.system", &["postgresql", "redis"]),
        ("span.db.operation", &["SELECT", "INSERT"]),
        ("span.rpc.grpc.status_code", &["0", "14"]),
        ("span.rpc.method", &["Lend", "Return"]),
        ("span.messaging.destination.name", &["overdue", "returns"]),
        ("span.member.id", &["m-1"]),
        ("span.member.tier", &["student", "scholar"]),
        ("span.loan.days", &["14", "28"]),
        ("span.cache.hit", &["true", "false"]),
        ("event.exception.type", &["LockTimeoutException"]),
    ];
    let owned = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect();
    let intrinsics = ["duration", "name", "status", "kind", "rootServiceName", "traceDuration"];
    TraceCatalog {
        intrinsics: owned(&intrinsics),
        attributes: attributes
            .iter()
            .map(|(name, values)| ((*name).to_owned(), owned(values)))
            .collect(),
    }
}

fn understood(entities: Vec<Entity>) -> Understanding {
    Understanding { intent: Intent::QueryTraces, confidence: 1.0, entities }
}

fn asked(text: &str, catalog: &TraceCatalog) -> Result<String, PlanError> {
    let understanding = understood(Vec::new());
    let question = Question { text, understanding: &understanding };
    let settings = Settings::default();
    translate(&question, catalog, &settings, Timestamp::UNIX_EPOCH).map(|it| it.query)
}

#[track_caller]
fn check_all(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let query = asked(text, &library()).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(query, *expected, "{text}");
    }
}

#[test]
fn conditions_are_grounded_in_names_values_and_states() {
    check_all(&[
        (
            "loans spans slower than 2 seconds",
            "{ resource.service.name = \"loans\" && duration > 2s }",
        ),
        (
            "failed postgres selects in prod",
            "{ span.db.system = \"postgresql\" && span.db.operation = \"SELECT\" && resource.deployment.environment = \"production\" && status = error }",
        ),
        (
            "server spans of fines that did not fail",
            "{ resource.service.name = \"fines\" && kind = server && status != error }",
        ),
        (
            "503s from loans",
            "{ resource.service.name = \"loans\" && span.http.response.status_code = 503 }",
        ),
        (
            "4xx answers on /books",
            "{ span.http.response.status_code >= 400 && span.http.response.status_code < 500 && span.http.route = \"/books\" }",
        ),
        (
            "unavailable Lend rpcs",
            "{ span.rpc.grpc.status_code = 14 && span.rpc.method = \"Lend\" }",
        ),
        (
            "lock timeouts in shelves",
            "{ resource.service.name = \"shelves\" && event.exception.type = \"LockTimeoutException\" }",
        ),
        (
            "GET requests outside staging",
            "{ span.http.request.method = \"GET\" && resource.deployment.environment != \"staging\" }",
        ),
        ("fines or loans errors", "{ resource.service.name =~ \"fines|loans\" && status = error }"),
        (
            "errors or anything over 3s in fines",
            "{ resource.service.name = \"fines\" && (status = error || duration > 3s) }",
        ),
        (
            "member id m-77 with cache misses",
            "{ span.member.id = \"m-77\" && span.cache.hit = false }",
        ),
        (
            "loans spans with no member id",
            "{ resource.service.name = \"loans\" && span.member.id = nil }",
        ),
        (
            "loans of more than 20 days by scholars",
            "{ resource.service.name = \"loans\" && span.loan.days > 20 && span.member.tier = \"scholar\" }",
        ),
        (
            "consumers of the overdue topic",
            "{ kind = consumer && span.messaging.destination.name = \"overdue\" }",
        ),
        (
            "span.http.route=/books status>=500",
            "{ span.http.route = \"/books\" && span.http.response.status_code >= 500 }",
        ),
        ("spans named \"lend book\"", "{ name = \"lend book\" }"),
        ("paths starting with /admin", "{ span.http.route =~ \"/admin.*\" }"),
        ("shelvs spans", "{ resource.service.name = \"shelves\" }"),
        (
            "trace 4bf92f3577b34da6a3ce929d0e0e4736",
            "{ trace:id = \"4bf92f3577b34da6a3ce929d0e0e4736\" }",
        ),
        ("show me all traces", "{ }"),
    ]);
}

#[test]
fn parts_stand_to_one_another_as_the_words_say() {
    check_all(&[
        (
            "loans, somewhere below it a failed redis call",
            "{ resource.service.name = \"loans\" } >> { span.db.system = \"redis\" && status = error }",
        ),
        (
            "redis errors somewhere under loans",
            "{ resource.service.name = \"loans\" } >> { span.db.system = \"redis\" && status = error }",
        ),
        (
            "calls to fines from loans",
            "{ resource.service.name = \"loans\" } >> { resource.service.name = \"fines\" }",
        ),
        (
            "loans spans that call fines",
            "{ resource.service.name = \"loans\" } >> { resource.service.name = \"fines\" }",
        ),
        (
            "loans directly calls fines",
            "{ resource.service.name = \"loans\" } > { resource.service.name = \"fines\" }",
        ),
        (
            "fines spans that are direct children of a loans span",
            "{ resource.service.name = \"loans\" } > { resource.service.name = \"fines\" }",
        ),
        (
            "loans spans with a failed fines child",
            "{ resource.service.name = \"loans\" } > { resource.service.name = \"fines\" && status = error }",
        ),
        (
            "fines and shelves under the same parent",
            "{ resource.service.name = \"fines\" } ~ { resource.service.name = \"shelves\" }",
        ),
        (
            "loans spans upstream of fines errors",
            "{ resource.service.name = \"fines\" && status = error } << { resource.service.name = \"loans\" }",
        ),
        (
            "fines spans not under loans",
            "{ resource.service.name = \"loans\" } !>> { resource.service.name = \"fines\" }",
        ),
        (
            "traces that touch both loans and fines",
            "{ resource.service.name = \"loans\" } && { resource.service.name = \"fines\" }",
        ),
        (
            "traces with errors in both loans and fines",
            "{ resource.service.name = \"loans\" && status = error } && { resource.service.name = \"fines\" && status = error }",
        ),
        (
            "loans → fines → redis",
            "{ resource.service.name = \"loans\" } >> { resource.service.name = \"fines\" } >> { span.db.system = \"redis\" }",
        ),
        ("leaf spans of shelves", "{ } !< { resource.service.name = \"shelves\" }"),
        (
            "traces starting in loans that last over 10s",
            "{ rootServiceName = \"loans\" && traceDuration > 10s }",
        ),
        ("fines spans under load", "{ resource.service.name = \"fines\" }"),
    ]);
}

#[test]
fn pipelines_limit_measure_and_show() {
    check_all(&[
        ("traces with more than 3 errors", "{ status = error } | count() > 3"),
        ("traces with at least one fines span", "{ resource.service.name = \"fines\" }"),
        (
            "traces where fines runs ten or more selects",
            "{ resource.service.name = \"fines\" && span.db.operation = \"SELECT\" } | count() >= 10",
        ),
        (
            "traces whose redis calls average over 20 ms",
            "{ span.db.system = \"redis\" } | avg(duration) > 20ms",
        ),
        (
            "traces whose fines spans add up to over 2 s",
            "{ resource.service.name = \"fines\" } | sum(duration) > 2s",
        ),
        ("how many loans requests per second", "{ resource.service.name = \"loans\" } | rate()"),
        (
            "how many loans requests per route",
            "{ resource.service.name = \"loans\" } | count_over_time() by (span.http.route)",
        ),
        (
            "p95 of fines by version",
            "{ resource.service.name = \"fines\" } | quantile_over_time(duration, 0.95) by (resource.service.version)",
        ),
        (
            "50th, 90th and 99th percentile of fines",
            "{ resource.service.name = \"fines\" } | quantile_over_time(duration, 0.5, 0.9, 0.99)",
        ),
        (
            "top 5 routes by error rate",
            "{ status = error } | rate() by (span.http.route) | topk(5)",
        ),
        (
            "which pod has the most errors",
            "{ status = error } | rate() by (resource.k8s.pod.name) | topk(1)",
        ),
        ("average loan days per tier", "{ } | avg_over_time(span.loan.days) by (span.member.tier)"),
        (
            "distribution of fines durations",
            "{ resource.service.name = \"fines\" } | histogram_over_time(duration)",
        ),
        (
            "failing fines spans, with their route and pod",
            "{ resource.service.name = \"fines\" && status = error } | select(span.http.route, resource.k8s.pod.name)",
        ),
        (
            "what is different about failing fines spans",
            "{ resource.service.name = \"fines\" } | compare({ status = error })",
        ),
        (
            "services with more than 2 errors per trace, by service",
            "{ status = error } | by (resource.service.name) | count() > 2",
        ),
        (
            "fines errors in the last 30 minutes",
            "{ resource.service.name = \"fines\" && status = error }",
        ),
    ]);
}

#[test]
fn the_forms_that_the_catalog_lists_are_used() {
    let intrinsics = ["span:duration", "span:status", "trace:duration"].map(str::to_owned);
    let catalog = TraceCatalog { intrinsics: intrinsics.into(), ..library() };
    assert_eq!(
        asked("failed spans over 2s", &catalog).unwrap(),
        "{ span:status = error && span:duration > 2s }"
    );
    assert_eq!(asked("traces over 2s", &catalog).unwrap(), "{ trace:duration > 2s }");
}

#[test]
fn the_service_is_whatever_attribute_tells_services_apart() {
    let mut catalog = library();
    catalog.attributes.insert("resource.service.name".to_owned(), vec!["monolith".to_owned()]);
    let apps = ["loans", "fines"].map(str::to_owned);
    catalog.attributes.insert("resource.lib.app".to_owned(), apps.into());
    let query = asked("errors of fines by service", &catalog).unwrap();
    assert_eq!(
        query,
        "{ resource.lib.app = \"fines\" && status = error } | count_over_time() by (resource.lib.app)"
    );
}

#[test]
fn entities_that_no_sample_shows_are_added() {
    let text = "errors of reading in loans";
    let namespace = Entity {
        kind: EntityKind::Namespace,
        value: EntityValue::Text("reading".to_owned()),
        text: "reading".to_owned(),
        span: 10..17,
        confidence: 0.9,
    };
    let mut catalog = library();
    catalog.attributes.insert("resource.k8s.namespace.name".to_owned(), Vec::new());
    let understanding = understood(vec![namespace]);
    let question = Question { text, understanding: &understanding };
    let translation = |catalog| {
        translate(&question, catalog, &Settings::default(), Timestamp::UNIX_EPOCH).unwrap()
    };
    let known = translation(&catalog);
    assert_eq!(
        known.query,
        "{ resource.service.name = \"loans\" && resource.k8s.namespace.name = \"reading\" && status = error }"
    );
    let unknown = translation(&library());
    assert_eq!(unknown.query, "{ resource.service.name = \"loans\" && status = error }");
    assert!(unknown.notes[0].contains("`reading` is left out"), "{:?}", unknown.notes);
}

#[test]
fn what_is_not_there_is_said_with_what_comes_nearest() {
    for (text, expected) in [
        ("rate of errors by routte", "holds `routte`. The nearest: `span.http.route`"),
        ("rate of errors broken down by planet", "holds `planet`"),
        ("spans of the lones service", "no service `lones` in the metrics. The nearest: `loans`"),
        ("hello there", "holds what the question asks about"),
    ] {
        let error = asked(text, &library()).unwrap_or_else(|error| error.to_string());
        assert!(error.contains(expected), "{text}: {error}");
    }
    let empty = asked("errors", &TraceCatalog::default());
    assert!(matches!(empty, Err(PlanError::Unsupported(_))));
}

/// Words that make readers do something, and values that try to break out.
fn words() -> impl Strategy<Value = String> {
    let said = prop::sample::select(vec![
        "loans", "fines", "errors", "slower", "than", "over", "2", "500ms", "seconds", "by", "per",
        "service", "route", "p95", "top", "5", "with", "their", "below", "under", "calls", "from",
        "to", "and", "or", "not", "both", "traces", "whose", "child", "of", "siblings", "named",
        "average", "more", "status", "503", "5xx", "=", ">=", "no", "member", "id", "→", "the",
        "a", "same", "parent", "that", "which", "most", "rate", "second", "compare", "rest",
        "root", "leaf", "spans", "cache", "misses", "\"", "'", "`", ",", "?", "/books/*", "x-9",
        "“", "”",
    ]);
    let odd = prop_oneof![
        any::<String>(),
        Just("\"} | rate() //".to_owned()),
        Just("\" || true || \"".to_owned()),
        Just("`\n\\".to_owned())
    ];
    let word = prop_oneof![8 => said.prop_map(str::to_owned), 1 => odd];
    prop::collection::vec(word, 0..24).prop_map(|words| words.join(" "))
}

fn hostile() -> impl Strategy<Value = TraceCatalog> {
    let value = prop_oneof![
        any::<String>(),
        Just("\"} | rate() //".to_owned()),
        Just("a`b\nc\"d\\".to_owned()),
        Just("loans".to_owned()),
        Just("12".to_owned())
    ];
    let name = prop_oneof![
        Just("span.odd \"name\"".to_owned()),
        Just("resource.".to_owned()),
        Just("status".to_owned()),
        Just("name".to_owned()),
        Just("duration".to_owned()),
        any::<String>(),
        "(span|resource)\\.[a-z]{1,6}(\\.[a-z]{1,6})?"
    ];
    prop::collection::btree_map(name, prop::collection::vec(value, 0..4), 0..6).prop_map(|odd| {
        let mut catalog = library();
        catalog.attributes.extend(odd);
        catalog
    })
}

proptest! {
    #[test]
    fn what_is_built_reads_back_whatever_the_question_and_the_catalog(text in words(), catalog in hostile()) {
        let understanding = understood(Vec::new());
        let question = Question { text: &text, understanding: &understanding };
        if let Ok((query, _)) = built(&question, &catalog) {
            let printed = query.to_string();
            let parsed = parse(&printed);
            prop_assert!(parsed.is_ok(), "{} → {}: {:?}", text, printed, parsed);
            prop_assert_eq!(parsed.unwrap().query, query, "{}", printed);
        }
        let translated = translate(&question, &catalog, &Settings::default(), Timestamp::UNIX_EPOCH);
        prop_assert!(!matches!(translated, Err(PlanError::Rejected(_))), "{} → {:?}", text, translated);
    }

    #[test]
    fn a_quoted_value_is_one_value(value in "[^\"“”`'‘’«»\\s][^\"]{0,20}") {
        let query = asked(&format!("spans named \"{value}\""), &library()).unwrap();
        let stages = parse(&query).unwrap().query.pipeline.stages.len();
        prop_assert_eq!(stages, 1, "{}", query);
    }

    #[test]
    fn no_question_is_too_strange(text in prop::collection::vec(any::<char>(), 0..10_000)) {
        let _ = asked(&text.into_iter().collect::<String>(), &library());
    }
}
