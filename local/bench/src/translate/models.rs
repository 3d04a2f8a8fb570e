//! What the models of understanding weigh, and what they cost a process that has just started.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use jiff::{Timestamp, tz::TimeZone};
use nlp::{Moment, Vocabulary, understand};
use serde::{Deserialize, Serialize};

use crate::{
    machine::resident_mib,
    stats::{Summary, rounded},
};

const DATA: &str = "shared/nlp/data";
const QUESTION: &str = "What is the error rate of the payment service in the last hour?";

/// See the module.
#[derive(Debug, Serialize)]
pub(super) struct Models {
    /// By file; each is in the binary as it is.
    bytes: BTreeMap<String, u64>,
    total_bytes: u64,
    /// In processes that have understood nothing before.
    first_understanding: Summary,
    second_understanding: Summary,
    /// What the first of one process adds to the memory that is in RAM, in the middle of all.
    resident_growth_mib: Option<f64>,
}

/// What a new process says of its first two readings.
#[derive(Debug, Serialize, Deserialize)]
struct Cold {
    first: Duration,
    second: Duration,
    growth_mib: Option<f64>,
}

/// Weighs the files of the checkout, and starts so many processes.
pub(super) fn measure(root: &Path, processes: usize) -> anyhow::Result<Models> {
    let bytes = weigh(&root.join(DATA))?;
    let program = std::env::current_exe().context("this program has no path")?;
    let mut cold = Vec::with_capacity(processes);
    for _ in 0..processes {
        let output = Command::new(&program).arg("cold").output()?;
        ensure!(output.status.success(), "a new process ended with {}", output.status);
        cold.push(serde_json::from_slice::<Cold>(&output.stdout)?);
    }
    let mut growth: Vec<f64> = cold.iter().filter_map(|cold| cold.growth_mib).collect();
    growth.sort_unstable_by(f64::total_cmp);
    Ok(Models {
        total_bytes: bytes.values().sum(),
        bytes,
        first_understanding: Summary::of(cold.iter().map(|cold| cold.first)),
        second_understanding: Summary::of(cold.iter().map(|cold| cold.second)),
        resident_growth_mib: growth.get(growth.len() / 2).copied(),
    })
}

/// What the new process does: as JSON, how long its first two readings took.
pub(crate) fn cold() -> anyhow::Result<String> {
    let vocabulary = Vocabulary::new(["payment", "checkout"], ["2.0"], ["production"]);
    let moment = Moment { now: Timestamp::now(), zone: &TimeZone::UTC };
    let read = || {
        let began = Instant::now();
        std::hint::black_box(understand(QUESTION, &vocabulary, &moment));
        began.elapsed()
    };
    let before = resident_mib();
    let first = read();
    let growth_mib = before.zip(resident_mib()).map(|(before, after)| rounded(after - before));
    Ok(serde_json::to_string(&Cold { first, second: read(), growth_mib })?)
}

fn weigh(folder: &Path) -> anyhow::Result<BTreeMap<String, u64>> {
    let mut bytes = BTreeMap::new();
    for file in fs::read_dir(folder).with_context(|| format!("{} is missing", folder.display()))? {
        let file = file?;
        let name = file.file_name().to_string_lossy().into_owned();
        if name.ends_with(".bin") {
            bytes.insert(name, file.metadata()?.len());
        }
    }
    Ok(bytes)
}
