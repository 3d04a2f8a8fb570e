//! What a leash promises, tried on small shell programs.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command as Blocking,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::*;

/// Longer than anything here takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// Names the folder in which [`a_process_with_a_child_on_a_leash`] works.
const FOLDER: &str = "LEASH_TEST_FOLDER";

fn shell(folder: &Path, script: &str) -> Program {
    Program::new("probe", "/bin/sh", folder.join("probe.log"))
        .arguments(["-c", script])
        .variable("FOLDER", folder)
        .grace(Duration::from_millis(500))
}

/// Looks again and again until there is something to see.
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited too long: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The process id that a script wrote with `echo $$ >$FOLDER/<name>`.
fn pid_in(folder: &Path, name: &str) -> u32 {
    wait_for(name, || {
        let text = fs::read_to_string(folder.join(name)).ok()?;
        text.ends_with('\n').then(|| text.trim().parse().unwrap())
    })
}

fn is_alive(pid: u32) -> bool {
    let state = Blocking::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().unwrap();
    let state = String::from_utf8(state.stdout).unwrap();
    // A zombie waits for its parent only.
    !state.trim().is_empty() && !state.starts_with('Z')
}

fn wait_until_gone(pid: u32) {
    wait_for("the process to end", || (!is_alive(pid)).then_some(()));
}

fn log_of(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join("probe.log")).unwrap()
}

#[tokio::test]
async fn a_program_that_ends_early_is_reported_with_its_last_words() {
    let many_lines = "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do echo line $i; done; exit 1";
    for (script, shown, hidden) in [
        (
            "echo to stdout; echo to stderr >&2; exit 3",
            &["exit status: 3", "to stdout", "to stderr"][..],
            "nothing",
        ),
        ("exit 0", &["exit status: 0", "(nothing)"], "to stdout"),
        (many_lines, &["exit status: 1", "line 14", "line 3\n"], "line 2\n"),
        ("no-such-program", &["exit status: 127", "not found"], "(nothing)"),
        ("kill -KILL $$", &["exit status: 137"], "exit status: 0"),
    ] {
        let folder = TempDir::new().unwrap();
        let mut leash = Leash::start(shell(folder.path(), script)).unwrap();
        // The address is nobody's, so only the end of the program can be noticed.
        let probe = Probe::success("http://127.0.0.1:9/").timeout(PATIENCE);
        let error = leash.wait_ready(&probe).await.unwrap_err().to_string();
        for words in shown {
            assert!(error.contains(words), "{script}: {words:?} is not in {error}");
        }
        assert!(!error.contains(hidden), "{script}: {hidden:?} is in {error}");
    }
}

#[tokio::test]
async fn a_program_that_never_answers_is_reported() {
    let folder = TempDir::new().unwrap();
    let mut leash = Leash::start(shell(folder.path(), "echo still here; exec sleep 600")).unwrap();
    let probe = Probe::success("http://127.0.0.1:9/").timeout(Duration::from_millis(300));
    let error = leash.wait_ready(&probe).await.unwrap_err();
    assert!(matches!(error, Error::NotReady { .. }), "{error}");
    assert!(error.to_string().contains("still here"), "{error}");
}

#[tokio::test]
async fn stopping_asks_first_and_kills_after_the_grace() {
    for (case, on_term, may_say_goodbye) in
        [("orderly", "echo goodbye; exit", true), ("stubborn", "", false)]
    {
        let folder = TempDir::new().unwrap();
        let script =
            format!("trap '{on_term}' TERM; echo $$ >$FOLDER/pid; while :; do sleep 0.05; done");
        let leash = Leash::start(shell(folder.path(), &script)).unwrap();
        let pid = pid_in(folder.path(), "pid");
        leash.stop().await;
        wait_until_gone(pid);
        assert_eq!(log_of(&folder).contains("goodbye"), may_say_goodbye, "{case}");
    }
}

#[tokio::test]
async fn what_the_program_started_ends_with_it() {
    for (case, script) in [
        ("stopped", "sleep 600 & echo $! >$FOLDER/child; wait"),
        ("ended by itself", "sleep 600 & echo $! >$FOLDER/child; exit 0"),
    ] {
        let folder = TempDir::new().unwrap();
        let leash = Leash::start(shell(folder.path(), script)).unwrap();
        let child = pid_in(folder.path(), "child");
        if case == "stopped" {
            assert!(is_alive(child), "{case}");
            leash.stop().await;
        }
        wait_until_gone(child);
    }
}

#[tokio::test]
async fn a_dropped_leash_ends_the_program() {
    let folder = TempDir::new().unwrap();
    let leash = Leash::start(shell(folder.path(), "echo $$ >$FOLDER/pid; exec sleep 600")).unwrap();
    let pid = pid_in(folder.path(), "pid");
    assert!(is_alive(pid));
    drop(leash);
    wait_until_gone(pid);
}

#[tokio::test]
async fn a_program_sees_little_of_our_environment() {
    let folder = TempDir::new().unwrap();
    let program = Program::new("probe", "/usr/bin/env", folder.path().join("probe.log"))
        .variable("PLAIN", "here")
        .variable("URL_OF_copilot-chat", "there");
    let mut leash = Leash::start(program).unwrap();
    leash.ended().await;
    let log = log_of(&folder);
    for variable in ["PATH=", "PLAIN=here", "URL_OF_copilot-chat=there"] {
        assert!(log.contains(variable), "{variable} is not in {log}");
    }
    assert!(env::var_os("CARGO_MANIFEST_DIR").is_some() && !log.contains("CARGO_"), "{log}");
}

#[tokio::test]
async fn signals_of_the_terminal_do_not_reach_the_program() {
    let folder = TempDir::new().unwrap();
    let leash = Leash::start(shell(folder.path(), "echo $$ >$FOLDER/pid; exec sleep 600")).unwrap();
    let group = |pid: u32| {
        Blocking::new("ps").args(["-o", "pgid=", "-p", &pid.to_string()]).output().unwrap().stdout
    };
    assert_ne!(group(pid_in(folder.path(), "pid")), group(std::process::id()));
    leash.stop().await;
}

#[test]
fn the_program_ends_however_we_end() {
    for signal in ["-KILL", "-TERM", "-ABRT"] {
        let folder = TempDir::new().unwrap();
        let mut parent = Blocking::new(env::current_exe().unwrap())
            .args(["--exact", "--ignored", "--nocapture"])
            .arg(
                concat!(module_path!(), "::a_process_with_a_child_on_a_leash")
                    .split_once("::")
                    .unwrap()
                    .1,
            )
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let pid = pid_in(folder.path(), "pid");
        assert!(is_alive(pid), "{signal}");
        Blocking::new("kill").args([signal, &parent.id().to_string()]).status().unwrap();
        parent.wait().unwrap();
        wait_until_gone(pid);
    }
}

/// Not a test of its own: what [`the_program_ends_however_we_end`] starts and kills.
#[tokio::test]
#[ignore = "started by another test"]
async fn a_process_with_a_child_on_a_leash() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else { return };
    let mut leash = Leash::start(shell(&folder, "echo $$ >$FOLDER/pid; exec sleep 600")).unwrap();
    leash.ended().await;
}
