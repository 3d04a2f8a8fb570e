//! What holds of every plan, whatever is asked of whatever catalog.

use std::collections::BTreeMap;

use promql_parser::{
    label::{MatchOp, Matchers},
    parser::{Expr, parse},
    util::{ExprVisitor, walk_expr},
};
use proptest::prelude::*;

use super::{now, planned, questions::asked, understood};
use crate::{Bounds, Catalog, PlanError, Settings, check, check_evaluation, fixtures, plan::usual};

/// What questions are made of.
const SAID: &[&str] = &[
    "how many", "requests", "per second", "p95", "latency", "of", "payment", "checkout", "ledger",
    "by", "route", "per pod", "which", "pods", "services", "more than", "80%", "of their",
    "memory", "limit", "in the last hour", "last week", "than yesterday", "failed", "errors",
    "5xx", "share", "error budget", "burn", "will", "be full", "in 4 hours", "no longer",
    "any more", "disk", "top 5", "the slowest", "twice", "at least", "exactly", "one", "not",
    "without", "but no", "minus", "cpu", "ago", "since", "restart", "queue", "\"", "'", "{", "}",
    "a quarter", "10.0.0.1:8080", "/orders", "90 days", "increase", "average", "99.9%", "and why",
    "right now", "left", "heap", "mb/s",
];

struct Selectors(Vec<(Option<String>, Matchers)>);

impl ExprVisitor for Selectors {
    type Error = ();

    fn pre_visit(&mut self, expression: &Expr) -> Result<bool, ()> {
        match expression {
            Expr::VectorSelector(selector) => {
                self.0.push((selector.name.clone(), selector.matchers.clone()));
            }
            Expr::MatrixSelector(matrix) => {
                self.0.push((matrix.vs.name.clone(), matrix.vs.matchers.clone()));
            }
            _ => {}
        }
        Ok(true)
    }
}

fn selectors(query: &str) -> Vec<(Option<String>, Matchers)> {
    let mut selectors = Selectors(Vec::new());
    walk_expr(&mut selectors, &parse(query).unwrap()).unwrap();
    selectors.0
}

fn with_service(service: &str) -> Catalog {
    let labels = |extra: &[(&str, &str)]| -> BTreeMap<String, Vec<String>> {
        [("service", service), ("service_of_others", "x")]
            .iter()
            .chain(extra)
            .map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()]))
            .collect()
    };
    Catalog::new(
        BTreeMap::new(),
        BTreeMap::from([
            ("http_requests_total".to_owned(), labels(&[("status", "200")])),
            ("process_cpu_usage_ratio".to_owned(), labels(&[])),
        ]),
    )
}

proptest! {
    #[test]
    fn a_service_name_cannot_break_out(service in "\\PC{1,20}|[\"\\\\{}=~,()\n]{1,8}[a-z]?") {
        prop_assume!(service != "*" && service != "unknown");
        let catalog = with_service(&service);
        let mut question = understood("analyze_errors service=x");
        question.entities[0].value = model::EntityValue::Text(service.clone());
        let plan = usual(&question, &catalog, &Settings::default(), now()).unwrap();
        prop_assert!(plan.queries.len() > 3);
        for planned in &plan.queries {
            for (name, matchers) in selectors(&planned.query) {
                prop_assert_eq!(name.as_deref(), Some("http_requests_total"));
                let services: Vec<_> =
                    matchers.matchers.iter().filter(|it| it.name == "service").collect();
                prop_assert_eq!(services.len(), 1);
                prop_assert_eq!(&services[0].op, &MatchOp::Equal);
                prop_assert_eq!(&services[0].value, &service);
                prop_assert!(matchers.matchers.len() <= 2, "{}", planned.query);
            }
        }
    }

    #[test]
    fn every_query_passes_the_check(
        catalog in 0..4_usize,
        intent in prop::sample::select(vec![
            "query_metrics", "analyze_errors", "check_health", "compare", "analyze_trend",
            "query_deployments", "small_talk",
        ]),
        entities in prop::collection::vec(prop::sample::select(vec![
            "service=payment", "service=checkout", "service=order-service", "service=ledger",
            "service=nobody", "service=*", "metric=latency", "metric=latency_p95",
            "metric=cpu_usage", "metric=memory_usage", "metric=error_rate", "metric=request_rate",
            "metric=disk_usage", "metric=availability", "metric=heap_usage", "metric=warp_factor",
            "agg=max", "agg=avg", "agg=p99.9", "agg=topk(5)", "agg=bottomk(3)", "agg=sum",
            "time=5m", "time=1h", "time=31d", "time=-3h..-2h", "time=1h..2h", "version=2.0.0",
            "version=1.4.2", "environment=prod", "environment=staging", "status=503",
            "status=4xx", "status=oops", "endpoint=GET~/orders", "endpoint=/charge",
            "threshold=>0.8:ratio", "threshold=<0.5:s", "threshold=>1000:count",
            "threshold=>1e9:bytes",
        ]), 0..6),
    ) {
        let catalog =
            [fixtures::shop, fixtures::istio, fixtures::spring, fixtures::node][catalog]();
        let question = format!("{intent} {}", entities.join(" "));
        if let Ok(plan) = planned(&question, &catalog) {
            prop_assert!(!plan.queries.is_empty());
            prop_assert!(plan.period.end <= now());
            for planned in &plan.queries {
                let checked = check(&planned.query, &catalog, &Bounds::default());
                prop_assert!(checked.is_ok(), "{question}: {}: {checked:?}", planned.query);
                prop_assert_eq!(check_evaluation(&planned.evaluation, &Bounds::default()), Ok(()));
                prop_assert!(!planned.explanation.is_empty() && !planned.title.is_empty());
            }
        }
    }

    #[test]
    fn any_question_becomes_a_query_of_the_catalog_or_none(
        catalog in 0..4_usize,
        pieces in prop::collection::vec(prop_oneof![
            3 => prop::sample::select(SAID.to_vec()).prop_map(str::to_owned),
            1 => "\\PC{1,12}",
            1 => any::<String>(),
        ], 1..14),
    ) {
        let catalog =
            [fixtures::shop, fixtures::istio, fixtures::spring, fixtures::node][catalog]();
        let text = pieces.join(" ");
        let query = match asked(&text, &catalog) {
            Ok(query) => query,
            Err(error) => {
                prop_assert!(!matches!(error, PlanError::Rejected(_)), "{text}: {error:?}");
                return Ok(());
            }
        };
        prop_assert!(check(&query, &catalog, &Bounds::default()).is_ok(), "{text}: {query}");
        for (name, matchers) in selectors(&query) {
            let labels = name.as_deref().and_then(|name| catalog.labels(name));
            let labels = labels.ok_or_else(|| TestCaseError::fail(query.clone()))?;
            for matcher in &matchers.matchers {
                // A value is one that the catalog has, whole and quoted, or a status by its class.
                let values = labels.get(&matcher.name).map_or(&[][..], Vec::as_slice);
                let known = values.contains(&matcher.value)
                    || !matches!(matcher.op, MatchOp::Equal | MatchOp::NotEqual)
                    || matcher.value.is_empty()
                    || matcher.value.bytes().all(|byte| byte.is_ascii_digit());
                prop_assert!(known, "{text}: {query}: {matcher:?}");
            }
        }
    }

    #[test]
    fn no_entity_is_too_strange(text in any::<String>(), kind in 0..8_usize) {
        let mut question =
            understood("query_metrics service=payment metric=latency agg=p95 version=1 \
                        environment=a status=503 endpoint=/a");
        let kind = kind % question.entities.len();
        question.entities[kind].value = model::EntityValue::Text(text);
        let _ = usual(&question, &fixtures::shop(), &Settings::default(), now());
    }
}

#[test]
fn the_same_question_has_the_same_plan() {
    let queries = || {
        let plan = planned("check_health service=payment", &fixtures::istio()).unwrap();
        plan.queries.into_iter().map(|query| query.query).collect::<Vec<_>>()
    };
    assert_eq!(queries(), queries());
}

#[test]
fn an_empty_catalog_is_said_to_be_empty() {
    let error = planned("analyze_errors service=payment", &Catalog::default()).unwrap_err();
    assert!(error.to_string().contains("catalog is empty"), "{error}");
}
