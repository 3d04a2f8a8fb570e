//! Evaluation: of what is built in and of files, and what is said of files that are wrong.

use std::fs;

use serde_json::{Value, json};

use crate::{
    run::{Home, Ran},
    server::{Reply, Server},
};

const UTTERANCES: &str = r#"{"id":"u1","text":"hello there","intent":"small_talk","entities":[]}
{"id":"u2","text":"bake me a chocolate cake","intent":"out_of_scope","entities":[]}
"#;
const CATALOGS: &str = r#"{"shop":{"prometheus":{"labels":{"process_cpu_usage_ratio":{"service":["orders","cart"]}}}}}"#;
const QUERIES: &str = r#"{"id":"q1","language":"promql","text":"what is the cpu usage of orders right now?","catalog":"shop","expected":"expected_query","must_mention":["process_cpu_usage_ratio"],"must_not":["rate("]}
"#;

/// Runs `copilot eval` with files by name in a home of their own; the home keeps what is written.
async fn eval(files: &[(&str, &str)], arguments: &[&str]) -> (Home, Ran) {
    let home = Home::new();
    let path = |name: &str| home.0.path().join(name).to_str().unwrap().to_owned();
    for (name, text) in files {
        fs::write(path(name), text).unwrap();
    }
    let is_file = |argument: &str| argument.ends_with(".json") || argument.ends_with(".jsonl");
    let arguments: Vec<String> = std::iter::once("eval".to_owned())
        .chain(arguments.iter().map(|argument| match is_file(argument) {
            true => path(argument),
            false => (*argument).to_owned(),
        }))
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ran = home.run(None, &arguments, "").await;
    (home, ran)
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn the_built_in_split_is_measured_without_a_server() {
    let (_home, ran) = eval(&[], &["--json"]).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(keys(&report), ["utterances", "dialogues", "queries", "latency_ms"]);
    assert_eq!(
        keys(&report["utterances"]),
        [
            "n", "accuracy", "accuracy_also_ok", "macro_f1", "oos_recall", "oos_false_rate", "ece",
            "entities"
        ]
    );
    assert_eq!(keys(&report["utterances"]["entities"]), ["precision", "recall", "f1", "by_type"]);
    assert_eq!(keys(&report["dialogues"]), ["n", "turns", "turn_accuracy"]);
    assert_eq!(keys(&report["queries"]), ["promql", "logql", "traceql"]);
    for language in ["promql", "logql", "traceql"] {
        let report = &report["queries"][language];
        assert_eq!(keys(report), ["n", "parsed", "grounded", "token_match", "execution_match"]);
        assert_eq!(report["execution_match"], Value::Null);
    }
    assert_eq!(keys(&report["latency_ms"]), ["p50", "p99"]);
}

#[tokio::test]
async fn files_are_measured_and_predictions_written() {
    let dialogue = r#"{"id":"d1","turns":[{"text":"hello there","intent":"explain","resolved_entities":[{"type":"service","normalized":"auth"}]},{"text":"thanks","intent":"small_talk","resolved_entities":[]}]}"#;
    let (home, ran) = eval(
        &[("u.jsonl", UTTERANCES), ("d.jsonl", dialogue)],
        &[
            "--utterances", "u.jsonl", "--dialogues", "d.jsonl", "--show-failures",
            "--predictions", "p.jsonl",
        ],
    )
    .await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    for part in ["2 utterances", "1 dialogues, 2 turns", "d1 turn 0  hello there", "expected auth"]
    {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    assert!(!ran.stdout.contains("promql"), "{}", ran.stdout);
    let written = fs::read_to_string(home.0.path().join("p.jsonl")).unwrap();
    let lines: Vec<Value> =
        written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let places: Vec<_> = lines.iter().map(|line| (&line["id"], line.get("turn"))).collect();
    let (first, second) = (json!(0), json!(1));
    assert_eq!(
        places,
        [
            (&json!("u1"), None),
            (&json!("u2"), None),
            (&json!("d1"), Some(&first)),
            (&json!("d1"), Some(&second)),
        ]
    );
    assert_eq!(keys(&lines[0]), ["id", "intent", "confidence", "entities"]);
}

#[tokio::test]
async fn queries_are_run_beside_the_expected_ones() {
    let vector = |value: &str| {
        let element = json!({ "metric": { "service": "orders" }, "value": [1.0, value] });
        let data = json!({ "resultType": "vector", "result": [element] });
        Reply::Json(200, json!({ "status": "success", "data": data }))
    };
    for (value, expected) in [("3", json!(1.0)), ("4", json!(0.0))] {
        let server = Server::start(move |seen, _| {
            assert_eq!(seen.path, "/prefix/api/v1/query");
            vector(if seen.query.contains("expected_query") { "3" } else { value })
        })
        .await;
        let url = format!("{}/prefix/", server.url);
        let (_home, ran) = eval(
            &[("q.jsonl", QUERIES), ("c.json", CATALOGS)],
            &[
                "--queries", "q.jsonl", "--catalogs", "c.json", "--prometheus", &url, "--json",
                "--show-failures",
            ],
        )
        .await;
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(report["utterances"], Value::Null);
        assert_eq!(report["queries"]["logql"], Value::Null);
        assert_eq!(report["queries"]["promql"]["execution_match"], expected);
        assert_eq!(ran.stderr.contains("yields 4, not 3"), value == "4", "{}", ran.stderr);
    }
}

#[tokio::test]
async fn wrong_data_is_named_with_its_line() {
    let files = [
        ("u.jsonl", UTTERANCES),
        ("q.jsonl", QUERIES),
        ("c.json", CATALOGS),
        ("empty.jsonl", "\n\n"),
        ("broken.jsonl", "\n{\"id\":\"u1\",\"text\":\"x\"}\n"),
        ("other.json", "{\"store\":{}}"),
    ];
    for (arguments, says) in [
        (&["--utterances", "broken.jsonl"][..], "broken.jsonl:2: missing field `intent`"),
        (&["--utterances", "empty.jsonl"], "empty.jsonl holds no utterances"),
        (&["--dialogues", "empty.jsonl"], "empty.jsonl holds no dialogues"),
        (&["--dialogues", "u.jsonl"], "u.jsonl:1: missing field `turns`"),
        (&["--utterances", "missing.jsonl"], "missing.jsonl"),
        (
            &["--queries", "q.jsonl", "--catalogs", "other.json"],
            "q.jsonl:1: there is no catalog `shop`",
        ),
        (&["--queries", "q.jsonl"], "--catalogs"),
        (&["--catalogs", "c.json"], "--queries"),
        (&["--prometheus", "ftp://x"], "only http and https"),
    ] {
        let (_home, ran) = eval(&files, arguments).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?} {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{arguments:?} {}", ran.stderr);
    }
}

#[tokio::test]
async fn predictions_that_cannot_be_written_fail() {
    let arguments = ["--utterances", "u.jsonl", "--predictions", "missing/p.jsonl"];
    let (_home, ran) = eval(&[("u.jsonl", UTTERANCES)], &arguments).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("cannot write") && ran.stderr.contains("missing/p.jsonl"));
}

#[tokio::test]
async fn a_prometheus_that_is_none_is_told() {
    let server = Server::start(|_, _| Reply::Json(200, json!("hello"))).await;
    for (url, says) in
        [(server.url.as_str(), "not what a Prometheus says"), ("http://127.0.0.1:1", "refused")]
    {
        let (_home, ran) = eval(&[], &["--prometheus", url]).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains(says), "{}", ran.stderr);
    }
}

#[tokio::test]
async fn a_prometheus_that_falls_silent_gives_no_numbers() {
    let server = Server::start(|_, before| match before {
        0 => Reply::Json(
            200,
            json!({ "status": "success", "data": { "resultType": "vector", "result": [] } }),
        ),
        _ => Reply::Json(503, json!({ "status": "error", "error": "shutting down" })),
    })
    .await;
    let (_home, ran) = eval(
        &[("q.jsonl", QUERIES), ("c.json", CATALOGS)],
        &["--queries", "q.jsonl", "--catalogs", "c.json", "--prometheus", &server.url],
    )
    .await;
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("shutting down"), "{}", ran.stderr);
}
