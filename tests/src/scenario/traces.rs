//! Traces, asked for in words and in TraceQL, of a server that answers as Tempo documents.

use contract::message::{Answer, Query};
use jiff::Timestamp;
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

use crate::support::{app::App, client::Client};

const TRACES: &str = "/api/v1/queries/traces";

fn queries(answer: &Answer) -> &[Query] {
    &answer.reply.details.as_ref().unwrap().queries
}

fn text_value(text: &str) -> Value {
    json!({ "stringValue": text })
}

/// A Tempo with three traces of payment, none of which is checkout's.
async fn tempo() -> MockServer {
    let server = MockServer::start().await;
    let values = |texts: &[&str]| {
        let values = texts.iter().map(|text| json!({ "type": "string", "value": text }));
        json!({ "tagValues": values.collect::<Vec<_>>() })
    };
    let tags = json!({ "scopes": [
        { "name": "resource", "tags": ["service.name"] },
        { "name": "span", "tags": ["http.status_code"] },
        { "name": "intrinsic", "tags": ["duration", "kind", "name", "status"] },
    ] });
    let answers = [
        ("/api/v2/search/tags", tags),
        ("/api/v2/search/tag/resource.service.name/values", values(&["payment", "checkout"])),
        ("/api/v2/search/tag/span.http.status_code/values", values(&["200", "500"])),
    ];
    for (at, body) in answers {
        Mock::given(method("GET"))
            .and(path(at))
            .respond_with(ResponseTemplate::new(200).set_body_json(body))
            .mount(&server)
            .await;
    }
    Mock::given(method("GET")).and(path("/api/search")).respond_with(search).mount(&server).await;
    Mock::given(method("GET"))
        .and(path("/api/metrics/query_range"))
        .respond_with(over_time)
        .mount(&server)
        .await;
    server
}

fn parameter(request: &Request, name: &str) -> String {
    let found = request.url.query_pairs().find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn search(request: &Request) -> ResponseTemplate {
    let begun_s = Timestamp::now().as_second() - 60;
    let one = |index: i64, duration_ms: u64| {
        let start = format!("{}000000000", begun_s - index);
        json!({
            "traceID": format!("2f3e0cee77ae5dc9c17ade3689eb2e5{index}"),
            "rootServiceName": "payment",
            "rootTraceName": "POST /charges",
            "startTimeUnixNano": start,
            "durationMs": duration_ms,
            "spanSets": [{ "matched": 2, "spans": [{
                "spanID": "563d623c76514f8e",
                "startTimeUnixNano": start,
                "durationNanos": "446979497",
                "attributes": [{ "key": "status", "value": text_value("error") }],
            }] }],
        })
    };
    let traces = match parameter(request, "q").contains("checkout") {
        true => vec![],
        false => vec![one(1, 557), one(2, 2_040), one(3, 12)],
    };
    let metrics = json!({ "completedJobs": 1, "totalJobs": 1 });
    ResponseTemplate::new(200).set_body_json(json!({ "traces": traces, "metrics": metrics }))
}

fn over_time(request: &Request) -> ResponseTemplate {
    let start: i64 = parameter(request, "start").parse().unwrap_or_default();
    // Tempo takes seconds, and longer numbers as nanoseconds.
    let start_s = if start > 10_000_000_000 { start / 1_000_000_000 } else { start };
    let sample = |index: i64, value: f64| json!({ "timestampMs": format!("{}000", start_s + index * 60), "value": value });
    let series = |name: &str, values: [f64; 3]| {
        json!({
            "labels": [{ "key": "resource.service.name", "value": text_value(name) }],
            "samples": [sample(0, values[0]), sample(1, values[1]), sample(2, values[2])],
        })
    };
    let body = json!({ "series": [series("payment", [4.0, 0.0, 3.0]), series("checkout", [1.0, 1.0, 0.0])] });
    ResponseTemplate::new(200).set_body_json(body)
}

async fn client() -> (MockServer, Client) {
    let tempo = tempo().await;
    let url = tempo.uri();
    let client = App::on_local_cloud(&[("TEMPO_URL", &url)]).await.new_tenant().await;
    (tempo, client)
}

#[tokio::test]
async fn traces_are_found_and_told() {
    let (_tempo, client) = client().await;
    let answer = client.ask(None, "Show the failed traces of payment in the last hour").await;
    let text = &answer.reply.content;
    assert_eq!(answer.intent, "query_traces", "{text}");
    let [found] = queries(&answer) else { panic!("{text}") };
    assert_eq!(found.language, "traceql");
    assert!(found.query.contains("payment") && found.query.contains("error"), "{}", found.query);
    assert_eq!(found.end.duration_since(found.start).as_secs(), 3_600);
    assert_eq!(found.result["traces"].as_array().unwrap().len(), 3);
    for part in [
        "**3** traces",
        "2f3e0cee77ae5dc9c17ade3689eb2e51",
        "payment: POST /charges",
        "557 ms",
        "The slowest took **2.04 s**",
        &format!("```traceql\n{}\n```", found.query),
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!answer.suggestions.is_empty());

    let answer = client.ask(None, "show the failed traces of checkout in the last hour").await;
    let text = &answer.reply.content;
    assert!(text.contains("no traces") && text.contains("checkout"), "{text}");
}

#[tokio::test]
async fn spans_are_counted_over_time() {
    let (_tempo, client) = client().await;
    let question = "How many spans per service in the last hour?";
    let (status, answer) = client.post(TRACES, &json!({ "natural_language": question })).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["result_type"], "matrix", "{answer}");
    assert!(answer["step"].is_number() && answer["visualization"]["kind"] == "line", "{answer}");
    assert_eq!(answer["data"].as_array().unwrap().len(), 2);

    let question = "rate of spans per service in the traces of the last hour";
    let answer = client.ask(None, question).await;
    let text = &answer.reply.content;
    let first = queries(&answer).first().unwrap_or_else(|| panic!("{}: {text}", answer.intent));
    assert_eq!((first.language.as_str(), first.step.is_some()), ("traceql", true), "{text}");
    assert!(text.contains("| payment | 2.33 |") && text.contains("| checkout | 0.667 |"), "{text}");
}

#[tokio::test]
async fn traceql_is_run_as_it_is_written() {
    let (_tempo, client) = client().await;
    let query = r#"{ resource.service.name = "payment" && span.http.status_code = 500 }"#;
    let (status, answer) = client.post(TRACES, &json!({ "query": query })).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(
        (&answer["language"], &answer["result_type"]),
        (&json!("traceql"), &json!("traces"))
    );
    assert_eq!(answer["data"].as_array().unwrap().len(), 3);
    assert_eq!(answer["data"][0]["matched"], 2);
    assert_eq!(answer["visualization"], Value::Null);

    let rate = json!({ "query": "{ } | rate() by (resource.service.name)", "time_range": "1h", "step": 60 });
    let (status, answer) = client.post(TRACES, &rate).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!((&answer["result_type"], &answer["step"]), (&json!("matrix"), &json!(60)));
    assert_eq!(answer["visualization"]["kind"], "line");

    let asked = json!({ "natural_language": "failed spans of payment in the last 2 hours" });
    let (status, answer) = client.post(TRACES, &asked).await;
    assert_eq!(status, 200, "{answer}");
    let time = |field: &str| answer[field].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert_eq!(time("end").duration_since(time("start")).as_secs(), 7_200, "{answer}");
}
