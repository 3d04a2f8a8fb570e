//! Golden answers: a question, what its queries return, and the answer as it is read.

mod records;
mod scenario;

use jiff::{Timestamp, tz::TimeZone};
use model::Intent;
use nlp::{Focus, Moment, Vocabulary};
use query::{Question, Role, Settings};

use self::scenario::{Scenario, number, rows, scenario};

/// A result of the query with this role and metric.
const VALUE: Role = Role::Value;

#[test]
fn an_error_rate_with_everything_behind_it() {
    scenario("analyze_errors service=payment time=1h")
        .with(VALUE, "error_rate", number(0.0126))
        .with(Role::Failures, "", number(378.2))
        .with(Role::Total, "", number(30_012.4))
        .with(
            Role::Breakdown { what: "status" },
            "",
            rows(&[("status=500", 300.0), ("status=503", 78.2)]),
        )
        .with(
            Role::Breakdown { what: "route" },
            "",
            rows(&[("route=/charge", 378.2), ("route=/health", 0.0)]),
        )
        .with(Role::Baseline, "", number(0.0042))
        .with(Role::Series, "", rows(&[("", 0.01)]))
        .is("error_rate.md");
}

#[test]
fn no_failure_is_not_no_data() {
    scenario("analyze_errors service=auth time=1h")
        .with(VALUE, "", number(0.0))
        .with(Role::Total, "", number(1_200.0))
        .is("no_failures.md");
}

#[test]
fn no_request_is_not_no_failure() {
    scenario("analyze_errors service=auth time=1h")
        .with(VALUE, "", number(f64::NAN))
        .with(Role::Total, "", number(0.0))
        .is("no_requests.md");
}

#[test]
fn no_data_is_said_plainly() {
    scenario("analyze_errors service=auth time=1h").is("no_data.md");
}

#[test]
fn what_could_not_be_read_is_named() {
    scenario("analyze_errors service=payment time=1h")
        .failing(VALUE, "", "Prometheus did not answer within 15 s")
        .with(Role::Failures, "", number(20.0))
        .with(Role::Total, "", number(1_000.0))
        .failing(Role::Breakdown { what: "route" }, "", "Prometheus did not answer within 15 s")
        .failing(Role::Series, "", "too many | samples\n# x")
        .is("partial.md");
}

#[test]
fn nothing_could_be_read() {
    let mut all = scenario("query_metrics service=payment metric=cpu_usage time=1h");
    for role in [VALUE, Role::Companion, Role::Baseline, Role::Series] {
        all = all.failing(role, "", "Prometheus cannot be reached.");
    }
    all.is("nothing_read.md");
}

#[test]
fn error_rates_side_by_side() {
    let services =
        |values: [f64; 2]| rows(&[("service=payment", values[0]), ("service=checkout", values[1])]);
    scenario("analyze_errors agg=topk(2)")
        .with(VALUE, "", services([0.0, 0.031]))
        .with(Role::Failures, "", rows(&[("service=checkout", 31.0)]))
        .with(Role::Total, "", services([2_000.0, 1_000.0]))
        .is("error_rates.md");
}

#[test]
fn none_over_the_threshold() {
    scenario("query_metrics metric=cpu_usage threshold=>0.8").is("none_above.md");
}

#[test]
fn some_over_the_threshold() {
    scenario("query_metrics metric=cpu_usage threshold=>0.8")
        .with(VALUE, "", rows(&[("service=checkout", 0.91), ("service=auth", 0.83)]))
        .is("some_above.md");
}

#[test]
fn a_latency_with_its_other_percentiles() {
    scenario("query_metrics service=payment metric=latency time=30m")
        .with(VALUE, "latency_p95", number(0.1824))
        .with(Role::Companion, "latency_p50", number(0.0241))
        .with(Role::Companion, "latency_p99", number(1.234))
        .with(Role::Baseline, "", number(0.05))
        .is("latency.md");
}

#[test]
fn a_service_in_trouble() {
    scenario("check_health service=payment")
        .with(VALUE, "error_rate", number(0.02))
        .with(VALUE, "latency_p95", number(0.2))
        .with(VALUE, "request_rate", number(41.7))
        .with(VALUE, "cpu_usage", number(0.95))
        .with(VALUE, "memory_usage", number(0.4))
        .with(Role::Up, "", number(2.0))
        .with(Role::Targets, "", number(3.0))
        .is("degraded.md");
}

#[test]
fn a_service_that_is_down() {
    scenario("check_health service=auth")
        .with(Role::Up, "", number(0.0))
        .with(Role::Targets, "", number(2.0))
        .is("down.md");
}

#[test]
fn a_service_of_which_little_is_known() {
    scenario("check_health service=auth")
        .with(VALUE, "error_rate", number(0.001))
        .with(Role::Up, "", number(2.0))
        .with(Role::Targets, "", number(2.0))
        .failing(VALUE, "latency_p95", "the query took too long")
        .is("little_known.md");
}

#[test]
fn all_services() {
    let services =
        |values: [f64; 2]| rows(&[("service=payment", values[0]), ("service=auth", values[1])]);
    scenario("check_health")
        .with(VALUE, "error_rate", services([0.02, 0.0]))
        .with(VALUE, "latency_p95", services([0.2, 0.03]))
        .with(VALUE, "cpu_usage", rows(&[("service=auth", 0.2)]))
        .is("all_services.md");
}

#[test]
fn services_compared() {
    scenario("compare service=payment service=checkout metric=error_rate time=1h")
        .with(VALUE, "", rows(&[("service=payment", 0.004), ("service=checkout", 0.001)]))
        .is("services_compared.md");
}

#[test]
fn periods_compared() {
    scenario("compare service=payment metric=request_rate time=-1h..0h time=-25h..-24h")
        .with(VALUE, "", number(50.0))
        .with(Role::Baseline, "", number(40.0))
        .is("periods_compared.md");
}

#[test]
fn a_trend() {
    let rising: Vec<(f64, f64)> =
        (0..24).map(|hour| (f64::from(hour) * 3_600.0, 100.0 + f64::from(hour))).collect();
    scenario("analyze_trend service=payment metric=request_rate time=24h")
        .with(VALUE, "", number(111.5))
        .with(Role::First, "", number(100.5))
        .with(Role::Last, "", number(122.5))
        .with(Role::Series, "", vec![(String::new(), rising)])
        .is("trend.md");
}

#[test]
fn a_rollout() {
    let seen = |from: i32, to: i32| {
        (from..=to).map(|minute| (f64::from(minute) * 60.0 - 7_200.0, 3.0)).collect::<Vec<_>>()
    };
    scenario("query_deployments service=payment time=2h")
        .with(VALUE, "", rows(&[("service=payment,version=1.4.2", 3.0)]))
        .with(
            Role::Series,
            "",
            vec![
                ("service=payment,version=1.4.1".to_owned(), seen(0, 59)),
                ("service=payment,version=1.4.2".to_owned(), seen(60, 120)),
            ],
        )
        .is("rollout.md");
}

#[test]
fn names_from_outside_stay_names() {
    let hostile = "service=**x** | [click](http://evil)\n# Heading";
    scenario("query_metrics metric=cpu_usage agg=topk(3)")
        .with(VALUE, "", rows(&[(hostile, 0.5)]))
        .is("hostile_names.md");
}

#[test]
fn charts_are_bounded() {
    let series = (0..30)
        .map(|service| {
            let points = (0..5_000).map(|at| (f64::from(at) * 60.0, f64::from(service))).collect();
            (format!("service=s{service}"), points)
        })
        .collect();
    let answer = scenario("query_metrics metric=request_rate agg=topk(50)")
        .with(Role::Series, "", series)
        .answer();
    let chart = answer.visualization.unwrap();
    assert_eq!(chart.series.len(), 10);
    assert_eq!(chart.series[0].name, "s29");
    assert!(chart.series.iter().all(|series| series.points.len() <= 240));
}

/// Every question that is offered is understood, and leads to a plan.
#[test]
fn suggestions_are_understood() {
    let catalog = scenario::shop();
    let now = Timestamp::from_second(scenario::NOW_S).unwrap();
    let moment = Moment { now, zone: &TimeZone::UTC };
    let vocabulary =
        Vocabulary::new(catalog.services().to_vec(), Vec::<String>::new(), Vec::<String>::new());
    let questions = [
        "analyze_errors service=payment",
        "analyze_errors agg=topk(2)",
        "query_metrics service=payment metric=latency",
        "query_metrics service=payment metric=cpu_usage",
        "query_metrics service=payment metric=memory_usage",
        "query_metrics service=payment metric=request_rate",
        "query_metrics metric=cpu_usage agg=topk(2)",
        "check_health service=payment",
        "check_health",
        "compare service=payment service=checkout",
        "analyze_trend service=payment metric=request_rate",
        "analyze_trend metric=request_rate",
        "query_deployments service=payment",
        "query_deployments",
    ];
    let mut offered: Vec<String> = match super::talk(Intent::SmallTalk, "hello") {
        super::Reply::Fixed(answer) | super::Reply::Knowledge(answer) => answer.suggestions,
        super::Reply::Measured | super::Reply::Recorded(_) => Vec::new(),
    };
    for question in questions {
        offered.extend(scenario(question).answer().suggestions);
        let found = scenario(question).with(
            VALUE,
            "",
            rows(&[("service=payment,version=1.4.2", 0.5), ("service=auth,version=1.4.1", 0.1)]),
        );
        offered.extend(found.answer().suggestions);
    }
    offered.sort_unstable();
    offered.dedup();
    assert!(offered.len() > 10);
    for text in offered {
        let reading = nlp::understand(&text, &vocabulary, &moment);
        let reading = nlp::resolve(reading, &text, &Focus::default(), &moment);
        let understanding = reading.to_act_on();
        let question = Question { text: &text, understanding: &understanding };
        let plan = query::plan(&question, &catalog, &Settings::default(), now);
        assert!(plan.is_ok(), "{text}: {:?} {:?}", reading.understanding, plan.err());
    }
}

#[test]
fn missing_results_do_no_harm() {
    let scenario: Scenario = scenario("check_health service=payment");
    let answer = super::compose(&scenario.plan, &[], &super::Slos::default());
    assert!(answer.text.contains("could not read"), "{}", answer.text);
}
