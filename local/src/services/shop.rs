//! The demo shop: a process of its own, built with this one.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::{Error, Probe, Program, Service, install::prometheus_program, ready::choose_port};

#[derive(Debug, Clone)]
pub struct Options {
    /// For its log and its state.
    pub dir: PathBuf,
    pub port: Option<u16>,
    /// The `shop` program.
    pub program: PathBuf,
    /// A Loki that gets its logs.
    pub loki: Option<Logs>,
}

/// Where the shop's logs go.
#[derive(Debug, Clone)]
pub struct Logs {
    /// Base URL of a Loki.
    pub url: String,
    pub tenant: String,
}

impl Options {
    fn state(&self) -> PathBuf {
        self.dir.join("shop.json")
    }
}

pub async fn start(options: &Options) -> Result<Service, Error> {
    let port = choose_port(options.port)?;
    let url = format!("http://127.0.0.1:{port}");
    let mut program = Program::new("shop", &options.program, options.dir.join("shop.log"))
        .arguments(["serve", "--listen"])
        .argument(format!("127.0.0.1:{port}"))
        .argument("--state")
        .argument(options.state());
    if let Some(Logs { url, tenant }) = &options.loki {
        program = program.arguments(["--loki", url, "--loki-tenant", tenant]);
    }
    Service::start(program, url.clone(), Probe::success(format!("{url}/health"))).await
}

/// Gives a Prometheus data folder the shop's past, or what is missing of it. Prometheus must not be
/// running on it.
pub async fn backfill(options: &Options, data: &Path) -> Result<String, Error> {
    let promtool = prometheus_program("promtool", "PROMTOOL_BIN")?;
    let mut command = Command::new(&options.program);
    command.arg("backfill").arg("--data").arg(data).arg("--promtool").arg(promtool);
    command.arg("--state").arg(options.state());
    run(command).await
}

/// A Prometheus configuration that scrapes the shop.
pub async fn scrape_config(options: &Options, shop: &Service) -> Result<String, Error> {
    let address = shop.url().trim_start_matches("http://");
    let mut command = Command::new(&options.program);
    command.args(["scrape-config", "--listen", address]);
    run(command).await
}

async fn run(mut command: Command) -> Result<String, Error> {
    let program = "shop".to_owned();
    let output = command
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|source| Error::Start { program: program.clone(), source })?;
    if !output.status.success() {
        return Err(Error::Failed {
            program,
            status: output.status.to_string(),
            output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        });
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
