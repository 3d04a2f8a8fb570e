//! The `shop` program: serves the shop, and makes its past for Prometheus.

use std::{
    fs,
    io::{self, BufWriter, Write as _},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use jiff::{SignedDuration, Timestamp};
use model::{Clock as _, SystemClock};
use shop::{Backfill, Generator, HistoryRange, LogPush, LokiTarget, Shop, StateFile};

/// How long requests in flight, and clients that never finish one, may hold up the end.
const STOP_GRACE: Duration = Duration::from_secs(2);

/// A shop of six services to watch: its metrics, logs, deployments, health and past.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve metrics, deployments and health until interrupted
    Serve {
        /// Address to listen on; port 0 takes a free one
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9400")]
        listen: SocketAddr,
        #[command(flatten)]
        state: State,
        /// Base URL of a Loki that gets the shop's logs
        #[arg(long, value_name = "URL")]
        loki: Option<reqwest::Url>,
        /// Tenant of that Loki (X-Scope-OrgID)
        #[arg(long, value_name = "ID", default_value = "demo")]
        loki_tenant: String,
        /// How far back the logs reach that it gets
        #[arg(long, value_name = "N", default_value_t = 6)]
        log_hours: u32,
    },
    /// Print the log lines of a period, one JSON object each: service, instance, time_ns, line
    Logs {
        /// Where the period begins, such as 2026-03-04T12:00:00Z
        #[arg(long, value_name = "TIME", value_parser = parse_time)]
        from: Timestamp,
        /// Where it ends
        #[arg(long, value_name = "TIME", default_value = "now", value_parser = parse_time)]
        until: Timestamp,
        #[command(flatten)]
        state: State,
    },
    /// Write the past as OpenMetrics text, for promtool
    History {
        #[command(flatten)]
        past: Past,
        /// Where the history ends: now, or a time such as 2026-03-04T12:00:00Z
        #[arg(long, value_name = "TIME", default_value = "now", value_parser = parse_time)]
        until: Timestamp,
        /// File to write; it is replaced
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
        #[command(flatten)]
        state: State,
    },
    /// Bring a Prometheus data folder up to date with the past, before Prometheus starts
    ///
    /// An empty folder gets the whole past. A folder with blocks gets what is missing after the last
    /// of them; what Prometheus had not yet written into blocks is made again.
    Backfill {
        #[command(flatten)]
        past: Past,
        /// Prometheus data folder (its --storage.tsdb.path)
        #[arg(long, value_name = "FOLDER")]
        data: PathBuf,
        /// The promtool program
        #[arg(long, value_name = "PROGRAM", default_value = "promtool")]
        promtool: PathBuf,
        #[command(flatten)]
        state: State,
    },
    /// Print a Prometheus configuration that scrapes the shop
    ScrapeConfig {
        /// Address that the shop listens on
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9400")]
        listen: SocketAddr,
    },
}

#[derive(Args)]
struct State {
    /// File that keeps the deployments; created if it is not there
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
}

#[derive(Args)]
struct Past {
    /// How far the history reaches back
    #[arg(long, value_name = "N", default_value_t = 26)]
    hours: u32,
    /// Where the history begins instead, such as 2026-03-04T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = parse_time, conflicts_with = "hours")]
    from: Option<Timestamp>,
    /// Seconds between samples
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=300))]
    step_seconds: u32,
}

fn parse_time(text: &str) -> Result<Timestamp, String> {
    if text == "now" {
        return Ok(SystemClock.now());
    }
    text.parse().map_err(|error: jiff::Error| error.to_string())
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The chain of causes on one line. Nothing is left to do where stderr is closed.
            let _ = writeln!(io::stderr(), "shop: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve { listen, state, loki, loki_tenant: tenant, log_hours: hours } => {
            let loki =
                loki.map(|url| LogPush::new(LokiTarget { url, tenant, hours })).transpose()?;
            serve(listen, StateFile::new(state.state), loki).await
        }
        Command::Logs { from, until, state } => logs(from, until, &StateFile::new(state.state)),
        Command::History { past, until, output, state } => {
            history(&past, until, &output, &StateFile::new(state.state))
        }
        Command::Backfill { past, data, promtool, state } => {
            backfill(past, data, promtool, &StateFile::new(state.state)).await
        }
        Command::ScrapeConfig { listen } => say(shop::scrape_config(listen).trim_end()),
    }
}

async fn serve(listen: SocketAddr, state: StateFile, loki: Option<LogPush>) -> anyhow::Result<()> {
    let shop = Arc::new(Shop::open(state, Arc::new(SystemClock))?);
    let listener = tokio::net::TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}; choose another with --listen"))?;
    let stop = stop_signal()?;
    say(&format!("ready http://{}", listener.local_addr()?))?;
    if let Some(loki) = loki {
        let shop = Arc::clone(&shop);
        tokio::spawn(async move { loki.run(shop).await });
    }
    let (stopping, stopped) = tokio::sync::oneshot::channel();
    let server = axum::serve(listener, shop::router(shop)).with_graceful_shutdown(async move {
        stop.await;
        // The receiver lives as long as the server does.
        let _ = stopping.send(());
    });
    let too_late = async move {
        match stopped.await {
            Ok(()) => tokio::time::sleep(STOP_GRACE).await,
            // Without a signal there is no limit.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        served = server => served?,
        () = too_late => {}
    }
    Ok(())
}

/// Ends when the process is asked to stop.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

fn logs(from: Timestamp, until: Timestamp, state: &StateFile) -> anyhow::Result<()> {
    let log = state.load_or_create(until)?;
    let lines =
        shop::log_lines(&Generator::default(), &log, from.as_millisecond(), until.as_millisecond());
    let mut stdout = BufWriter::new(io::stdout().lock());
    for line in lines {
        let (service, instance) = (line.service, line.instance());
        let time_ns = line.time_ns.to_string();
        let text = line.text;
        let object = serde_json::json!({"service": service, "instance": instance, "time_ns": time_ns, "line": text});
        writeln!(stdout, "{object}")?;
    }
    Ok(stdout.flush()?)
}

fn history(
    past: &Past,
    until: Timestamp,
    output: &PathBuf,
    state: &StateFile,
) -> anyhow::Result<()> {
    let begun = Instant::now();
    let log = state.load_or_create(until)?;
    let back = SignedDuration::from_hours(i64::from(past.hours));
    let from = past.from.map_or_else(|| until.checked_sub(back), Ok)?;
    let range = HistoryRange::new(from, until, past.step_seconds)?;
    let file =
        fs::File::create(output).with_context(|| format!("cannot write {}", output.display()))?;
    let mut writer = BufWriter::new(file);
    let samples = shop::write_history(&mut writer, &Generator::default(), &log, range)?;
    writer.flush()?;
    let seconds = begun.elapsed().as_secs_f64();
    say(&format!("{samples} samples from {from} to {until} in {seconds:.1} s"))
}

async fn backfill(
    past: Past,
    data: PathBuf,
    promtool: PathBuf,
    state: &StateFile,
) -> anyhow::Result<()> {
    let begun = Instant::now();
    let log = state.load_or_create(SystemClock.now())?;
    let Past { hours, from, step_seconds: step_s } = past;
    let report = Backfill { data, promtool, from, hours, step_s }.run(&log, &SystemClock).await?;
    let what = if report.continued { "continued" } else { "new" };
    say(&format!(
        "{what} history from {} to {}: {} samples in {} blocks, {:.1} s",
        report.from,
        report.until,
        report.samples,
        report.blocks,
        begun.elapsed().as_secs_f64()
    ))
}

/// Prints a line for whoever started the program, at once.
fn say(line: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()?;
    Ok(())
}
