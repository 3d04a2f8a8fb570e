//! Questions, and whether the answers' numbers are what Prometheus says when somebody else asks it,
//! in other words.

use contract::message::{Answer, Query};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::{app::App, client::Client, world::prometheus_url};

/// The value of an expression of ours; the quoted query is not looked at for it.
async fn independent(expression: &str, at: Timestamp) -> f64 {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/api/v1/query", prometheus_url().await);
    let at = at.to_string();
    let url =
        reqwest::Url::parse_with_params(&url, &[("query", expression), ("time", &at)]).unwrap();
    let answer: Value = http.get(url).send().await.unwrap().json().await.unwrap();
    let value = answer["data"]["result"][0]["value"][1].as_str();
    value.unwrap_or_else(|| panic!("{expression}: {answer}")).parse().unwrap()
}

/// The last value of the series with the label's value; of the only series without a label.
fn stated(query: &Query, label: Option<(&str, &str)>) -> f64 {
    let series = query.result["series"].as_array().unwrap_or_else(|| panic!("{query:?}"));
    let found = match label {
        None => series.first(),
        Some((name, value)) => series.iter().find(|series| series["labels"][name] == value),
    };
    let found = found.unwrap_or_else(|| panic!("{label:?} in {query:?}"));
    found["points"].as_array().unwrap().last().unwrap()[1].as_f64().unwrap()
}

fn close(stated: f64, expected: f64) -> bool {
    (stated - expected).abs() <= 0.01 * expected.abs().max(1e-9)
}

fn queries(answer: &Answer) -> &[Query] {
    &answer.reply.details.as_ref().unwrap().queries
}

/// What an answer must have, whatever it is about.
fn whole(answer: &Answer, question: &str) {
    let main = queries(answer).first().unwrap_or_else(|| panic!("{question}: no query"));
    assert!(answer.reply.content.contains(&main.query), "{question}: the query is quoted");
    assert!(!answer.suggestions.is_empty(), "{question}: next steps");
    let details = answer.reply.details.as_ref().unwrap();
    assert!(details.visualization.is_some(), "{question}: a visualization");
    assert_eq!(answer.reply.status, "complete");
}

/// The length of the window that a question was answered for, in whole seconds.
fn window_s(answer: &Answer) -> i64 {
    let range = answer.entities.iter().find(|entity| entity.kind == "time_range").unwrap();
    let time =
        |field: &str| range.normalized[field].as_str().unwrap().parse::<Timestamp>().unwrap();
    time("end").duration_since(time("start")).as_secs()
}

/// One number for one service. `W` stands for the window that was understood.
async fn check_one(client: &Client, question: &str, expression: &str, window: Option<i64>) {
    let answer = client.ask(None, question).await;
    whole(&answer, question);
    let main = &queries(&answer)[0];
    let length = window.unwrap_or_else(|| window_s(&answer));
    let expected = independent(&expression.replace('W', &format!("{length}s")), main.end).await;
    let got = stated(main, None);
    assert!(close(got, expected), "{question}: {got} is not {expected}: {}", main.query);
}

const REQUESTS: &str = "http_requests_total";

fn errors(service: &str) -> String {
    format!(
        "sum(increase({REQUESTS}{{service=\"{service}\",status=~\"5.*\"}}[W])) / sum(increase({REQUESTS}{{service=\"{service}\"}}[W]))"
    )
}

fn quantile(q: f64, service: &str) -> String {
    format!(
        "histogram_quantile({q}, sum(increase(http_request_duration_seconds_bucket{{service=\"{service}\"}}[W])) by (le))"
    )
}

fn rate(service: &str) -> String {
    format!("sum(increase({REQUESTS}{{service=\"{service}\"}}[W])) / scalar(vector(SECONDS))")
}

fn cpu(service: &str) -> String {
    format!(
        "sum(avg_over_time(process_cpu_usage_ratio{{service=\"{service}\"}}[W])) / count(process_cpu_usage_ratio{{service=\"{service}\"}})"
    )
}

fn memory(service: &str) -> String {
    format!(
        "sum(avg_over_time(process_resident_memory_bytes{{service=\"{service}\"}}[W])) / count(process_resident_memory_bytes{{service=\"{service}\"}})"
    )
}

#[tokio::test]
async fn numbers_are_what_prometheus_says() {
    let client = App::on_local_cloud(&[]).await.new_tenant().await;
    let per_second =
        |service: &str, seconds: i64| rate(service).replace("SECONDS", &seconds.to_string());
    for (question, expression, window) in [
        (
            "What is the error rate for the payment service in the last hour?",
            errors("payment"),
            Some(3600),
        ),
        ("error rate of checkout, last 30 minutes", errors("checkout"), Some(1800)),
        ("whats the failure rate on orders over the past 2h", errors("orders"), Some(7200)),
        ("How many percent of frontend's requests failed yesterday?", errors("frontend"), None),
        ("errors for auth since 2 hours ago", errors("auth"), None),
        (
            "what share of api-gateway calls ended in a server error in the last 6 hours",
            errors("api-gateway"),
            Some(21_600),
        ),
        (
            "What is the p95 latency for the orders service in the last hour?",
            quantile(0.95, "orders"),
            Some(3600),
        ),
        ("p99 response time checkout past 3 hours", quantile(0.99, "checkout"), Some(10_800)),
        ("median latency for payments over the last day", quantile(0.5, "payment"), Some(86_400)),
        (
            "show 99th percentile latency of the frontend for the past 45 min",
            quantile(0.99, "frontend"),
            Some(2_700),
        ),
        ("how slow was auth yesterday at p95?", quantile(0.95, "auth"), None),
        (
            "requests per second on payment in the last hour",
            per_second("payment", 3600),
            Some(3600),
        ),
        (
            "traffic for api gateway over the last 4 hours",
            per_second("api-gateway", 14_400),
            Some(14_400),
        ),
        ("throughput of frontend, past 10 minutes", per_second("frontend", 600), Some(600)),
        ("Show me CPU usage for auth-service in the last hour", cpu("auth"), Some(3600)),
        ("orders cpu last 12h", cpu("orders"), Some(43_200)),
        ("cpu utilisation of checkout since yesterday", cpu("checkout"), None),
        ("memory usage of the auth service in the last 2 hours", memory("auth"), Some(7200)),
        ("how much RAM did frontend use over the past hour?", memory("frontend"), Some(3600)),
        ("mem consumption payment last 90 minutes", memory("payment"), Some(5_400)),
    ] {
        check_one(&client, question, &expression, window).await;
    }
}

/// Absolute times are resolved to what the words mean, in the speaker's zone.
#[tokio::test]
async fn periods_are_what_the_words_mean() {
    let client = App::on_local_cloud(&[]).await.new_tenant().await;
    for (question, zone, start, end) in [
        ("error rate of payment yesterday", "UTC", "-1d 00:00", "0d 00:00"),
        ("error rate of payment yesterday", "Asia/Tokyo", "-1d 00:00", "0d 00:00"),
        (
            "payment errors between 01:00 and 02:30 UTC yesterday",
            "Europe/Berlin",
            "-1d 01:00 UTC",
            "-1d 02:30 UTC",
        ),
    ] {
        let body = json!({ "content": question, "time_zone": zone });
        let (status, answer) = client.post("/api/v1/messages", &body).await;
        assert_eq!(status, 201, "{answer}");
        let range = answer["entities"]
            .as_array()
            .unwrap()
            .iter()
            .find(|entity| entity["type"] == "time_range");
        let normalized = &range.unwrap_or_else(|| panic!("{question}: {answer}"))["normalized"];
        for (field, expected) in [("start", start), ("end", end)] {
            let found: Timestamp = normalized[field].as_str().unwrap().parse().unwrap();
            assert_eq!(found, resolved(expected, zone), "{question} in {zone}: {field}");
        }
    }
}

/// `-1d 01:00 UTC`: days from today, a time, and a zone if not the speaker's.
fn resolved(text: &str, zone: &str) -> Timestamp {
    let parts: Vec<&str> = text.split(' ').collect();
    let zone = jiff::tz::TimeZone::get(parts.get(2).copied().unwrap_or(zone)).unwrap();
    let days: i64 = parts[0].trim_end_matches('d').parse().unwrap();
    let today = Timestamp::now().to_zoned(zone.clone()).date();
    let time: jiff::civil::Time = parts[1].parse().unwrap();
    let date = today.checked_add(jiff::Span::new().days(days)).unwrap();
    date.to_datetime(time).to_zoned(zone).unwrap().timestamp()
}

#[tokio::test]
async fn comparisons_hold_both_sides() {
    let client = App::on_local_cloud(&[]).await.new_tenant().await;
    for question in [
        "compare the error rates of payment and checkout over the last hour",
        "which of payment and checkout fails more often in the last hour?",
        "payment vs checkout error rate last hour",
    ] {
        let answer = client.ask(None, question).await;
        whole(&answer, question);
        assert_eq!(answer.intent, "compare", "{question}");
        for service in ["payment", "checkout"] {
            let expected =
                independent(&errors(service).replace('W', "1h"), queries(&answer)[0].end).await;
            let got = queries(&answer)
                .iter()
                .filter(|query| !query.result.is_null())
                .filter_map(|query| find(query, service))
                .any(|got| close(got, expected));
            assert!(got, "{question}: {service} {expected} {:?}", queries(&answer));
            assert!(answer.reply.content.contains(service));
        }
    }
}

fn find(query: &Query, service: &str) -> Option<f64> {
    let series = query.result["series"].as_array()?;
    let by_label = series.iter().any(|series| series["labels"]["service"] == service);
    let own = query.query.contains(&format!("service=\"{service}\""));
    (by_label || own).then(|| stated(query, by_label.then_some(("service", service))))
}

#[tokio::test]
async fn a_conversation_keeps_its_subject() {
    let client = App::on_local_cloud(&[]).await.new_tenant().await;
    let first =
        client.ask(None, "What is the error rate for the payment service in the last hour?").await;
    let session = Some(first.session_id.as_str());
    for (question, expression, window) in [
        ("and its p95?", quantile(0.95, "payment"), "1h"),
        ("same for checkout", quantile(0.95, "checkout"), "1h"),
        ("over the last 24h", quantile(0.95, "checkout"), "24h"),
        ("what about its cpu", cpu("checkout"), "24h"),
    ] {
        let answer = client.ask(session, question).await;
        let main = &queries(&answer)[0];
        let expected = independent(&expression.replace('W', window), main.end).await;
        let got = stated(main, None);
        assert!(close(got, expected), "{question}: {got} is not {expected}: {}", main.query);
    }
}

#[tokio::test]
async fn what_is_missing_is_asked_for_and_the_answer_understood() {
    let client = App::on_local_cloud(&[]).await.new_tenant().await;
    let asked = client.ask(None, "show me the error rate of the last hour").await;
    assert!(queries(&asked).is_empty());
    assert!(asked.reply.content.contains('?'), "{}", asked.reply.content);
    let answer = client.ask(Some(&asked.session_id), "Payment service").await;
    let main = &queries(&answer)[0];
    let expected = independent(&errors("payment").replace('W', "1h"), main.end).await;
    assert!(close(stated(main, None), expected), "{}", main.query);
}

#[tokio::test]
async fn what_does_not_exist_is_said_not_to_with_what_is_nearest() {
    let client = App::on_local_cloud(&[]).await.new_tenant().await;
    for (question, mentions) in [
        ("error rate of the chekcout-api service in the last hour", "checkout"),
        ("p95 latency for the billing service", "payment"),
        ("disk usage of payment in the last hour", "disk"),
    ] {
        let answer = client.ask(None, question).await;
        let text = &answer.reply.content;
        assert!(queries(&answer).is_empty() || text.contains("checkout"), "{question}: {text}");
        assert!(text.contains(mentions), "{question}: {text}");
    }
}

#[tokio::test]
async fn talk_is_answered_without_a_query() {
    let client = App::on_local_cloud(&[]).await.new_tenant().await;
    for (question, intent) in [
        ("hi there!", "small_talk"),
        ("thanks a lot", "small_talk"),
        ("what's a good recipe for lasagne?", "out_of_scope"),
        ("how should I structure a helm chart?", "general_question"),
    ] {
        let answer = client.ask(None, question).await;
        assert_eq!(answer.intent, intent, "{question}");
        assert!(queries(&answer).is_empty(), "{question}");
        assert!(!answer.reply.content.is_empty(), "{question}");
    }
}

/// The SLO is in the configuration; the answer holds the number against it.
#[tokio::test]
async fn the_answer_is_held_against_the_slo() {
    let slos = r#"{ "payment": { "error_rate": 0.00001 }, "frontend": { "error_rate": 0.9 } }"#;
    let client = App::on_local_cloud(&[("SLOS", slos)]).await.new_tenant().await;
    for (service, words) in [("payment", "misses"), ("frontend", "meets")] {
        let answer = client.ask(None, &format!("error rate of {service} in the last hour")).await;
        let text = &answer.reply.content;
        assert!(text.contains("SLO") && text.contains(words), "{text}");
    }
    let answer = client.ask(None, "error rate of auth in the last hour").await;
    assert!(!answer.reply.content.contains("SLO"), "{}", answer.reply.content);
}

/// The turn is answered and stored all the same.
#[tokio::test]
async fn a_metrics_server_that_is_not_there_is_said_to_be_unreachable() {
    let client =
        App::on_local_cloud(&[("PROMETHEUS_URL", "http://127.0.0.1:9")]).await.new_tenant().await;
    let answer = client.ask(None, "error rate of payment in the last hour").await;
    assert_eq!(answer.intent, "analyze_errors");
    assert!(answer.reply.content.contains("cannot reach the metrics"), "{}", answer.reply.content);
    assert!(queries(&answer).is_empty());
}
