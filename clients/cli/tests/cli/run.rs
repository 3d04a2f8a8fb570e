//! Runs the program in an environment of its own.

use std::process::Stdio;

use tempfile::TempDir;
use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, Command},
};

pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A home with nothing in it but what the test puts there.
pub(crate) struct Home(pub(crate) TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn spawn(&self, url: Option<&str>, arguments: &[&str]) -> Child {
        self.spawn_with(url, &[], arguments)
    }

    pub(crate) fn spawn_with(
        &self,
        url: Option<&str>,
        environment: &[(&str, &str)],
        arguments: &[&str],
    ) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_copilot"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.0.path())
            .env("TZ", "Europe/Berlin")
            .env("COLUMNS", "72")
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(url) = url {
            command.env("COPILOT_URL", url);
        }
        command.spawn().unwrap()
    }

    pub(crate) async fn run(&self, url: Option<&str>, arguments: &[&str], stdin: &str) -> Ran {
        finish(self.spawn(url, arguments), stdin).await
    }
}

/// Writes `stdin` and waits for the end.
pub(crate) async fn finish(mut child: Child, stdin: &str) -> Ran {
    let mut pipe = child.stdin.take().unwrap();
    // A program that does not read its input may have closed it.
    let _ = pipe.write_all(stdin.as_bytes()).await;
    drop(pipe);
    let output = child.wait_with_output().await.unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) async fn copilot(url: &str, arguments: &[&str]) -> Ran {
    Home::new().run(Some(url), arguments, "").await
}
