//! A child process that ends when we do.
//!
//! `kill_on_drop` is not enough: nothing is dropped when this process is killed or panics while
//! panicking, and a forgotten server keeps its port and its state. So the child runs under a small
//! shell (`leash.sh`) that watches a pipe which only we hold: the kernel closes it for us, however we
//! end. The shell and all below it are a process group of their own, so a Ctrl-C in the terminal
//! reaches us alone, and we end them in good order.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::process::{Child, ChildStdin, Command};

use super::{Error, Probe, wait_ready};

/// How long a program has to end after it was asked to, before it is killed. The local cloud takes
/// two seconds to write its state.
const GRACE: Duration = Duration::from_secs(10);
/// How long the shell may take beyond that.
const SHELL_MARGIN: Duration = Duration::from_secs(2);
/// How much of a log an error shows.
const TAIL_LINES: usize = 12;
const TAIL_BYTES: u64 = 16 * 1024;

/// What to run.
#[derive(Debug)]
pub struct Program {
    /// What people call it.
    pub name: &'static str,
    pub path: PathBuf,
    pub arguments: Vec<OsString>,
    /// All of its environment besides [`INHERITED`]: ours may hold credentials and proxies that a
    /// local program has no business with.
    pub environment: BTreeMap<String, OsString>,
    /// Both of its outputs are written here; what an earlier run wrote is replaced.
    pub log: PathBuf,
    /// How long it may take to end in good order.
    pub grace: Duration,
}

/// The variables that a program gets from our environment.
const INHERITED: [&str; 6] = ["PATH", "HOME", "USER", "LANG", "TMPDIR", "JAVA_HOME"];

impl Program {
    pub fn new(name: &'static str, path: impl Into<PathBuf>, log: impl Into<PathBuf>) -> Self {
        Self {
            name,
            path: path.into(),
            arguments: Vec::new(),
            environment: BTreeMap::new(),
            log: log.into(),
            grace: GRACE,
        }
    }

    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    #[must_use]
    pub fn arguments<I: IntoIterator<Item: Into<OsString>>>(mut self, arguments: I) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    #[must_use]
    pub fn variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }

    /// The beginning of a command line that sets those variables whose names are not a shell's, such
    /// as one that ends in the name of a function: some shells do not pass them on.
    fn assignments(&self) -> Vec<OsString> {
        let odd = |name: &&String| !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let mut command: Vec<OsString> = Vec::new();
        for name in self.environment.keys().filter(odd) {
            if command.is_empty() {
                command.push("/usr/bin/env".into());
            }
            let mut assignment = OsString::from(format!("{name}="));
            assignment.push(&self.environment[name]);
            command.push(assignment);
        }
        command
    }

    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }
}

/// A program that runs, and ends when this is dropped or this process dies.
#[derive(Debug)]
pub struct Leash {
    name: &'static str,
    log: PathBuf,
    grace: Duration,
    shell: Child,
    /// Nothing is written into it: that it is open is what keeps the program running. Not left in
    /// `shell`, which closes it as soon as somebody waits.
    pipe: ChildStdin,
}

impl Leash {
    pub fn start(program: Program) -> Result<Self, Error> {
        let log = create_log(&program.log)
            .map_err(|source| Error::File { path: program.log.clone(), source })?;
        let failed = |source| Error::Start { program: program.name.to_owned(), source };
        let mut shell = Command::new("/bin/sh")
            .arg("-c")
            .arg(include_str!("leash.sh"))
            .arg("leash")
            .arg(program.grace.as_millis().div_ceil(100).to_string())
            .args(program.assignments())
            .arg(&program.path)
            .args(&program.arguments)
            .env_clear()
            .envs(INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
            .envs(&program.environment)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().map_err(failed)?)
            .stderr(log)
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        let pipe = shell.stdin.take().ok_or_else(|| failed(io::ErrorKind::BrokenPipe.into()))?;
        Ok(Self { name: program.name, log: program.log, grace: program.grace, shell, pipe })
    }

    /// Where the program's output goes.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Waits until the program answers, or has ended, or takes too long.
    pub async fn wait_ready(&mut self, probe: &Probe) -> Result<(), Error> {
        let answered = tokio::select! {
            // Looked at first, so that an answer from another program on the same port does not count.
            biased;
            ended = self.shell.wait() => return Err(self.ended_error(ended)),
            answered = wait_ready(probe) => answered,
        };
        if answered {
            return Ok(());
        }
        Err(Error::NotReady {
            program: self.name.to_owned(),
            url: probe.url.clone(),
            waited: probe.timeout,
            log: self.log.clone(),
            tail: tail(&self.log),
        })
    }

    /// Waits until the program ends by itself, and says how.
    pub async fn ended(&mut self) -> Error {
        let ended = self.shell.wait().await;
        self.ended_error(ended)
    }

    /// Asks the program to end, kills it after its grace, and returns when it is gone.
    pub async fn stop(mut self) {
        drop(self.pipe);
        // The shell kills itself along with the rest, so this bound is for a broken shell only.
        let _ = tokio::time::timeout(self.grace + SHELL_MARGIN, self.shell.wait()).await;
    }

    fn ended_error(&self, ended: io::Result<ExitStatus>) -> Error {
        match ended {
            Ok(status) => Error::Ended {
                program: self.name.to_owned(),
                status: status.to_string(),
                log: self.log.clone(),
                tail: tail(&self.log),
            },
            Err(source) => Error::Start { program: self.name.to_owned(), source },
        }
    }
}

fn create_log(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // Appending, so that two writers do not overwrite each other's lines.
    File::create(path)?;
    File::options().append(true).open(path)
}

/// The last lines of a log; says so when there are none.
fn tail(path: &Path) -> String {
    let read = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
        let mut bytes = Vec::new();
        file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() {
        return "  (nothing)".to_owned();
    }
    lines[lines.len().saturating_sub(TAIL_LINES)..]
        .iter()
        .map(|line| format!("  {line}\n"))
        .collect()
}

#[cfg(test)]
#[path = "leash_test.rs"]
mod tests;
