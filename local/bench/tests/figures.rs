//! The benchmarks run to their end and have a figure everywhere. What the figures are is not tested.

#![allow(clippy::unwrap_used, reason = "helpers of tests, outside of test functions")]

use std::{path::Path, process::Command};

use serde_json::Value;

fn each_summary(value: &Value, path: &str, found: &mut Vec<(String, u64, bool)>) {
    match value {
        Value::Object(fields) => {
            if let Some(n) = fields.get("n").and_then(Value::as_u64) {
                let measured = fields.values().all(|value| !value.is_null());
                found.push((path.to_owned(), n, measured));
            }
            for (name, value) in fields {
                each_summary(value, &format!("{path}.{name}"), found);
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                each_summary(value, &format!("{path}[{index}]"), found);
            }
        }
        _ => {}
    }
}

/// Runs the benchmark, and gives its report when every summary in it has a value.
fn report(arguments: &[&str], least_summaries: usize) -> Value {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("report.json");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(arguments)
        .arg("--out")
        .arg(&file)
        .arg("--root")
        .arg(root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();

    let mut summaries = Vec::new();
    each_summary(&report, "", &mut summaries);
    assert!(summaries.len() >= least_summaries, "{summaries:?}");
    for (path, n, measured) in summaries {
        assert!(n > 0, "{path} measured nothing");
        assert!(measured || !cfg!(target_os = "linux"), "{path} has no value");
    }
    report
}

#[test]
fn a_turn_has_every_figure() {
    // Three concurrencies twice and with store and own, over HTTP, four peers, chunks, calls, CPU.
    let report = report(&["turn", "--turns", "8"], 45);
    let calls = &report["aws_calls"];
    let warm = &calls["warm, in a session"];
    for operation in ["GetItem", "TransactWriteItems"] {
        assert!(warm["by_operation"][operation].as_f64() > Some(0.0), "{operation}: {calls}");
    }
    let first = &calls["first request of a process, in a session"];
    assert!(first["by_operation"]["GetItem"].as_f64() > Some(0.0), "a key is looked up: {calls}");
    assert_eq!(report["memory"]["turns"].as_array().map(Vec::len), Some(11));
}

#[test]
fn a_translation_has_every_figure() {
    // Three steps twice for three languages, and two readings of new processes.
    let report = report(&["translate", "--rounds", "2"], 20);
    for (language, figures) in report["languages"].as_object().unwrap() {
        let [asked, answered] = ["questions", "answered"].map(|count| figures[count].as_u64());
        // Refusals would be measured instead.
        assert!(answered > asked.map(|asked| asked / 2), "{language}: {answered:?} of {asked:?}");
    }
    assert!(report["models"]["bytes"]["intents.bin"].as_u64() > Some(0), "{}", report["models"]);
}
