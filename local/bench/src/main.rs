//! Benchmarks of the copilot. They measure and say; no test depends on a figure.

mod aim;
mod calls;
mod chunks;
mod cloud;
mod copilot;
mod endurance;
mod latency;
mod load;
mod machine;
mod peers;
mod provider;
mod proxy;
mod sizes;
mod stats;
mod timed;
mod translate;
mod turn;

use std::{
    io::Write as _,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use kit::logging;

/// Measures the copilot on this machine.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A chat turn: latency, calls to AWS, chunks of a stream, CPU and memory (use scripts/bench)
    Turn {
        /// Turns of each figure in memory; a fifth of it on the local cloud, five times for memory
        #[arg(long, default_value = "2000")]
        turns: NonZeroUsize,
        /// Write the JSON there instead of to standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// The checkout
        #[arg(long, value_name = "FOLDER", default_value = ".", hide = true)]
        root: PathBuf,
    },
    /// From a question's words to PromQL, LogQL and TraceQL, and the models (use scripts/bench)
    Translate {
        /// How often each question is asked
        #[arg(long, default_value = "50")]
        rounds: NonZeroUsize,
        /// Write the JSON there instead of to standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// The checkout
        #[arg(long, value_name = "FOLDER", default_value = ".", hide = true)]
        root: PathBuf,
    },
    /// What `translate` starts to see a new process understand for the first time
    #[command(hide = true)]
    Cold,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    // A function writes its log and metrics, so that is part of what a turn costs; nobody reads it.
    let nowhere = logging::Destination::File("/dev/null".into());
    logging::start("bench", "info", &nowhere)?;
    let (report, out) = match command {
        Command::Turn { turns, out, root } => (turn::run(&root, turns.get()).await?, out),
        Command::Translate { rounds, out, root } => (translate::run(&root, rounds.get())?, out),
        Command::Cold => (translate::cold()?, None),
    };
    match out {
        Some(file) => write(&file, &report),
        None => Ok(writeln!(std::io::stdout(), "{report}")?),
    }
}

fn write(file: &Path, report: &str) -> anyhow::Result<()> {
    std::fs::write(file, format!("{report}\n"))
        .with_context(|| format!("{} cannot be written", file.display()))
}
