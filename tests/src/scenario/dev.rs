//! `scripts/dev` from the point where everything is built.

use std::{
    net::TcpListener,
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
    time::timeout,
};

use crate::support::world::{program, root};

const LIMIT: Duration = Duration::from_secs(120);

fn dev(state: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program("local"));
    command.arg("dev").arg("--root").arg(root()).arg("--state").arg(state).args(arguments);
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

async fn run(state: &Path, arguments: &[&str]) -> Output {
    timeout(LIMIT, dev(state, arguments).output()).await.unwrap().unwrap()
}

#[tokio::test]
async fn one_question_is_answered_and_everything_ends() {
    let state = tempfile::tempdir().unwrap();
    let question = "What is the error rate for the payment service in the last hour?";
    let output = run(state.path(), &["--port", "0", "--ask", question]).await;
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{err}");
    assert!(out.contains("```promql") && out.contains("payment"), "{out}");
    for step in ["local cloud at", "shop at", "Prometheus at", "Loki at", "deployed"] {
        assert!(err.contains(step), "{err}");
    }
}

#[tokio::test]
async fn a_port_in_use_is_said_with_what_to_do() {
    let state = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(state.path(), &["--port", &port]).await;
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(err.contains(&port) && err.contains("--port"), "{err}");
}

/// Without Prometheus it comes up, and the copilot says that metrics are unreachable. Ctrl-C ends
/// it, and what it kept is there the next time.
#[tokio::test]
async fn it_runs_without_prometheus_and_keeps_its_key() {
    let state = tempfile::tempdir().unwrap();
    let mut keys = Vec::new();
    for _ in 0..2 {
        let mut child = dev(state.path(), &["--port", "0"])
            .env("PROMETHEUS_BIN", "/nowhere/prometheus")
            .env("PROMTOOL_BIN", "/nowhere/promtool")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = timeout(LIMIT, lines.next_line()).await.unwrap().unwrap().unwrap_or_default();
        assert!(ready.starts_with("ready http://127.0.0.1:"), "{ready}");
        let key = lines.next_line().await.unwrap().unwrap();
        keys.push(key.strip_prefix("key   ").unwrap().to_owned());
        let output = Command::new(program("copilot"))
            .args(["ask", "error rate of payment in the last hour"])
            .env("COPILOT_URL", ready.strip_prefix("ready ").unwrap())
            .env("COPILOT_API_KEY", &keys[0])
            .output()
            .await
            .unwrap();
        let answer = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(answer.contains("cannot reach the metrics"), "{answer}");

        let pid = child.id().unwrap().to_string();
        Command::new("kill").args(["-INT", &pid]).status().await.unwrap();
        let status = timeout(LIMIT, child.wait()).await.unwrap().unwrap();
        assert_eq!(status.code(), Some(0));
    }
    assert_eq!(keys[0], keys[1], "the table is kept between runs");
}
