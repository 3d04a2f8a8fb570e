//! Brings a Prometheus data folder up to date with the shop's past.
//!
//! promtool reads its whole input once per block of two hours, so one file for a day would be read
//! a dozen times: each block gets a file of its own, and several are made at once.
//!
//! On a folder that has blocks already only what is missing after the last of them is made. What
//! the head of the database holds (write-ahead log and chunks) is younger than that block, would
//! overlap with what is made now, and says the same: it is removed.

use std::{
    fs,
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use model::Clock;
use serde::Deserialize;
use tokio::{process::Command, task::JoinSet};

use crate::{DeploymentLog, Error, Generator, HistoryRange, write_history};

/// The range of a fresh Prometheus block.
const BLOCK_SECONDS: i64 = 2 * 60 * 60;
/// Prometheus holds a lock on this file while it runs.
const LOCK: &str = "lock";
/// Not the name of a block, so Prometheus does not look into it.
const STAGING: &str = "backfill.tmp";
const HEAD_FOLDERS: [&str; 3] = ["wal", "chunks_head", "wbl"];
const MAX_STDERR_CHARS: usize = 500;
/// One promtool takes about 150 MB, so more processors are not always better.
const MAX_AT_ONCE: usize = 4;

/// What to do.
#[derive(Debug, Clone)]
pub struct Backfill {
    /// The folder of `--storage.tsdb.path`; created if need be.
    pub data: PathBuf,
    pub promtool: PathBuf,
    /// Overrides where the history begins.
    pub from: Option<Timestamp>,
    pub hours: u32,
    pub step_s: u32,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackfillReport {
    pub from: Timestamp,
    pub until: Timestamp,
    /// Whether blocks were there before, and the history continues them.
    pub continued: bool,
    pub samples: u64,
    pub blocks: usize,
}

/// The part of a block's `meta.json` that matters here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BlockMeta {
    min_time: i64,
    /// Exclusive.
    max_time: i64,
}

impl Backfill {
    /// Makes the missing blocks and puts them into the data folder.
    pub async fn run(
        &self,
        log: &DeploymentLog,
        clock: &dyn Clock,
    ) -> Result<BackfillReport, Error> {
        fs::create_dir_all(&self.data).map_err(Error::file(&self.data))?;
        // Held to the end, so that no Prometheus starts on the folder meanwhile.
        let _lock = self.lock()?;
        let staging = self.data.join(STAGING);
        remove_folder(&staging)?;

        let now = clock.now();
        let (from, continued) = self.begin(now)?;
        let range = HistoryRange::new(from, now, self.step_s)?;
        let work = Arc::new(Work {
            generator: Generator::default(),
            log: log.clone(),
            promtool: self.promtool.clone(),
            blocks: staging.join("blocks"),
            staging: staging.clone(),
        });
        fs::create_dir_all(&work.blocks).map_err(Error::file(&work.blocks))?;

        let last_boundary_s = range.last_s().div_euclid(BLOCK_SECONDS) * BLOCK_SECONDS;
        let (past, _) = range.split_at(last_boundary_s);
        let mut samples = work.make_all(past).await?;
        // The block that is still being filled comes last, up to the moment at which it is made, so
        // that live scrapes follow closely.
        let until = clock.now();
        let (_, recent) = HistoryRange::new(from, until, self.step_s)?.split_at(last_boundary_s);
        samples += work.make_all(recent).await?;

        for folder in HEAD_FOLDERS {
            remove_folder(&self.data.join(folder))?;
        }
        let blocks = self.adopt(&work.blocks)?;
        remove_folder(&staging)?;
        // Prometheus takes a lock file that is left for the trace of a crash.
        let lock_path = self.data.join(LOCK);
        fs::remove_file(&lock_path).map_err(Error::file(&lock_path))?;
        Ok(BackfillReport { from, until, continued, samples, blocks })
    }

    /// Takes the lock that Prometheus takes on its data.
    fn lock(&self) -> Result<fs::File, Error> {
        let path = self.data.join(LOCK);
        let file = fs::File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(Error::file(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => {
                Err(Error::PrometheusRunning { folder: self.data.clone() })
            }
            Err(fs::TryLockError::Error(source)) => Err(Error::File { path, source }),
        }
    }

    /// Where the history begins, and whether it continues one.
    fn begin(&self, now: Timestamp) -> Result<(Timestamp, bool), Error> {
        let wanted = match self.from {
            Some(from) => from,
            None => {
                now.saturating_sub(SignedDuration::from_hours(i64::from(self.hours))).unwrap_or(now)
            }
        };
        let blocks = blocks_in(&self.data)?;
        let Some(end_ms) = blocks.iter().map(|(_, meta)| meta.max_time).max() else {
            return Ok((wanted, false));
        };
        let end = Timestamp::from_millisecond(end_ms).unwrap_or(now);
        if end > now {
            let reason = format!(
                "{} has data up to {end}, which is after now ({now}); is the clock right?",
                self.data.display()
            );
            return Err(Error::InvalidRange { reason });
        }
        Ok((wanted.max(end), true))
    }

    /// Moves the new blocks into the data folder, oldest first: should this stop half-way, what is
    /// there has no hole, and the next run continues it.
    fn adopt(&self, blocks: &Path) -> Result<usize, Error> {
        let mut found = blocks_in(blocks)?;
        found.sort_by_key(|(_, meta)| meta.min_time);
        for (path, _) in &found {
            if let Some(name) = path.file_name() {
                let target = self.data.join(name);
                fs::rename(path, &target).map_err(Error::file(&target))?;
            }
        }
        Ok(found.len())
    }
}

/// What the tasks that make blocks share.
struct Work {
    generator: Generator,
    log: DeploymentLog,
    promtool: PathBuf,
    staging: PathBuf,
    blocks: PathBuf,
}

impl Work {
    /// Makes the blocks of a range, a few at a time.
    async fn make_all(self: &Arc<Self>, range: Option<HistoryRange>) -> Result<u64, Error> {
        let at_once = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_AT_ONCE);
        let mut samples = 0;
        let mut tasks: JoinSet<Result<u64, Error>> = JoinSet::new();
        let mut rest = range;
        while let Some(range) = rest {
            let boundary_s = (range.first_s().div_euclid(BLOCK_SECONDS) + 1) * BLOCK_SECONDS;
            let (part, remaining) = range.split_at(boundary_s);
            rest = remaining;
            if tasks.len() >= at_once {
                samples += finished(tasks.join_next().await)?;
            }
            if let Some(part) = part {
                let work = Arc::clone(self);
                tasks.spawn(async move { work.make(part).await });
            }
        }
        while !tasks.is_empty() {
            samples += finished(tasks.join_next().await)?;
        }
        Ok(samples)
    }

    async fn make(self: Arc<Self>, part: HistoryRange) -> Result<u64, Error> {
        let file = self.staging.join(format!("{}.om", part.first_s()));
        let (work, path) = (Arc::clone(&self), file.clone());
        let samples = tokio::task::spawn_blocking(move || -> Result<u64, Error> {
            let write = || -> io::Result<u64> {
                let mut output = BufWriter::new(fs::File::create(&path)?);
                let samples = write_history(&mut output, &work.generator, &work.log, part)?;
                output.flush()?;
                Ok(samples)
            };
            write().map_err(Error::file(&path))
        })
        .await
        .map_err(Error::TaskFailed)??;

        let output = Command::new(&self.promtool)
            .args(["tsdb", "create-blocks-from", "openmetrics", "--quiet"])
            .arg(&file)
            .arg(&self.blocks)
            .kill_on_drop(true)
            .output()
            .await
            .map_err(|source| Error::PromtoolMissing { program: self.promtool.clone(), source })?;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            let stderr = stderr.trim().chars().take(MAX_STDERR_CHARS).collect();
            return Err(Error::PromtoolFailed { stderr });
        }
        fs::remove_file(&file).map_err(Error::file(&file))?;
        Ok(samples)
    }
}

fn finished(
    result: Option<Result<Result<u64, Error>, tokio::task::JoinError>>,
) -> Result<u64, Error> {
    result.map_or(Ok(0), |joined| joined.map_err(Error::TaskFailed)?)
}

/// The blocks in a folder. What is not a block is passed over.
fn blocks_in(folder: &Path) -> Result<Vec<(PathBuf, BlockMeta)>, Error> {
    let mut blocks = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file(folder))? {
        let path = entry.map_err(Error::file(folder))?.path();
        let Ok(text) = fs::read_to_string(path.join("meta.json")) else { continue };
        let meta = serde_json::from_str(&text)
            .map_err(|error| Error::File { path: path.join("meta.json"), source: error.into() })?;
        blocks.push((path, meta));
    }
    Ok(blocks)
}

fn remove_folder(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::file(folder)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    struct FixedClock(Timestamp);

    impl Clock for FixedClock {
        fn now(&self) -> Timestamp {
            self.0
        }
    }

    /// Stands in for promtool: makes one "block" of a file, with the range of the file's samples.
    const PROMTOOL: &str = r##"set -eu
test "$1 $2 $3 $4" = "tsdb create-blocks-from openmetrics --quiet"
tail -n 1 "$5" | grep -q '^# EOF$'
block="$6/block-$(basename "$5" .om)"
mkdir "$block"
grep '^up{instance="auth-0"' "$5" | awk '
    NR == 1 { first = $3 }
    { last = $3 }
    END { printf "{\"minTime\": %d000, \"maxTime\": %d001}", first, last }' > "$block/meta.json"
"##;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn ms(text: &str) -> i64 {
        time(text).as_millisecond()
    }

    /// A program cannot be started while some process has it open for writing, which a child that
    /// another test is just starting may: one test at a time.
    static STARTING_PROGRAMS: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

    struct Fixture {
        folder: tempfile::TempDir,
        log: DeploymentLog,
        _alone: tokio::sync::MutexGuard<'static, ()>,
    }

    impl Fixture {
        async fn new() -> Self {
            let alone = STARTING_PROGRAMS.lock().await;
            let folder = tempfile::tempdir().unwrap();
            let log = DeploymentLog::seeded(time("2026-03-04T12:00:00Z"));
            let fixture = Self { folder, log, _alone: alone };
            fixture.install(PROMTOOL);
            fixture
        }

        fn promtool(&self) -> PathBuf {
            self.folder.path().join("promtool")
        }

        fn data(&self) -> PathBuf {
            self.folder.path().join("data")
        }

        fn install(&self, script: &str) {
            fs::write(self.promtool(), format!("#!/bin/sh\n{script}")).unwrap();
            fs::set_permissions(self.promtool(), fs::Permissions::from_mode(0o755)).unwrap();
        }

        async fn run(&self, now: &str) -> Result<BackfillReport, Error> {
            let backfill = Backfill {
                data: self.data(),
                promtool: self.promtool(),
                from: None,
                hours: 5,
                step_s: 300,
            };
            backfill.run(&self.log, &FixedClock(time(now))).await
        }

        /// The ranges of the blocks, in milliseconds.
        fn ranges(&self) -> Vec<(i64, i64)> {
            let blocks = blocks_in(&self.data()).unwrap();
            let mut ranges: Vec<(i64, i64)> =
                blocks.iter().map(|(_, meta)| (meta.min_time, meta.max_time)).collect();
            ranges.sort_unstable();
            ranges
        }
    }

    #[tokio::test]
    async fn an_empty_folder_gets_blocks_of_two_hours_up_to_now() {
        let fixture = Fixture::new().await;
        let report = fixture.run("2026-03-04T12:34:56Z").await.unwrap();
        assert!(!report.continued);
        assert_eq!(report.blocks, 4);
        assert_eq!(
            fixture.ranges(),
            [
                (ms("2026-03-04T07:35:00Z"), ms("2026-03-04T07:55:00Z") + 1),
                (ms("2026-03-04T08:00:00Z"), ms("2026-03-04T09:55:00Z") + 1),
                (ms("2026-03-04T10:00:00Z"), ms("2026-03-04T11:55:00Z") + 1),
                (ms("2026-03-04T12:00:00Z"), ms("2026-03-04T12:34:56Z") + 1),
            ]
        );
        let left: Vec<_> = fs::read_dir(fixture.data()).unwrap().collect();
        assert_eq!(left.len(), 4, "blocks only: {left:?}");
    }

    #[tokio::test]
    async fn a_folder_with_blocks_is_continued_without_its_head() {
        let fixture = Fixture::new().await;
        fixture.run("2026-03-04T12:34:56Z").await.unwrap();
        let before = fixture.ranges();
        fs::create_dir(fixture.data().join("wal")).unwrap();
        fs::write(fixture.data().join("wal/00000000"), "samples").unwrap();

        let report = fixture.run("2026-03-04T14:10:00Z").await.unwrap();
        assert!(report.continued);
        assert!(!fixture.data().join("wal").exists());
        let after = fixture.ranges();
        assert_eq!(after[..4], before[..]);
        assert!(after.is_sorted_by(|a, b| a.1 <= b.0), "blocks do not overlap: {after:?}");
        assert_eq!(after.last().unwrap().1, ms("2026-03-04T14:10:00Z") + 1);

        // Longer ago than the history reaches back: what lies between is not made.
        let report = fixture.run("2026-03-06T12:00:00Z").await.unwrap();
        assert_eq!(report.from, time("2026-03-06T07:00:00Z"));
        // A clock that was set back would overlap.
        let error = fixture.run("2026-03-06T11:00:00Z").await.unwrap_err();
        assert!(error.to_string().contains("clock"), "{error}");
    }

    #[tokio::test]
    async fn a_folder_in_use_is_left_alone() {
        let fixture = Fixture::new().await;
        fs::create_dir_all(fixture.data().join("wal")).unwrap();
        let held = fs::File::create(fixture.data().join(LOCK)).unwrap();
        held.lock().unwrap();
        let error = fixture.run("2026-03-04T12:34:56Z").await.unwrap_err();
        assert!(matches!(error, Error::PrometheusRunning { .. }), "{error}");
        assert!(fixture.data().join("wal").exists());
    }

    #[tokio::test]
    async fn a_promtool_that_fails_changes_nothing() {
        let fixture = Fixture::new().await;
        fs::create_dir_all(fixture.data().join("wal")).unwrap();
        fixture.install("echo 'no space left' >&2\nexit 1\n");
        let error = fixture.run("2026-03-04T12:34:56Z").await.unwrap_err();
        assert_eq!(error.to_string(), "promtool refused the history: no space left");
        assert!(fixture.ranges().is_empty());
        assert!(fixture.data().join("wal").exists());

        fs::remove_file(fixture.promtool()).unwrap();
        let error = fixture.run("2026-03-04T12:34:56Z").await.unwrap_err();
        assert!(matches!(error, Error::PromtoolMissing { .. }), "{error}");
        // What was half done does not stand in the way of the next attempt.
        fixture.install(PROMTOOL);
        assert_eq!(fixture.run("2026-03-04T12:34:56Z").await.unwrap().blocks, 4);
    }
}
