//! A real Prometheus, and what fills it with history.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::{Error, Probe, Program, Service, install::prometheus_program, ready::choose_port};

#[derive(Debug, Clone)]
pub struct Options {
    /// For its log.
    pub dir: PathBuf,
    pub port: Option<u16>,
    pub config: PathBuf,
    pub storage: PathBuf,
}

pub async fn start(options: &Options) -> Result<Service, Error> {
    let program = prometheus_program("prometheus", "PROMETHEUS_BIN")?;
    let port = choose_port(options.port)?;
    let url = format!("http://127.0.0.1:{port}");
    let flag = |name: &str, value: &Path| format!("--{name}={}", value.display());
    let program = Program::new("prometheus", program, options.dir.join("prometheus.log"))
        .arguments([
            flag("config.file", &options.config),
            flag("storage.tsdb.path", &options.storage),
            format!("--web.listen-address=127.0.0.1:{port}"),
        ]);
    let probe = Probe::success(format!("{url}/-/ready"));
    Service::start(program, url, probe).await
}

/// Turns a file in the OpenMetrics text format, with timestamps, into blocks of the storage folder.
/// Prometheus finds them when it starts, or within a minute when it runs.
pub async fn backfill(openmetrics: &Path, storage: &Path) -> Result<(), Error> {
    let promtool = prometheus_program("promtool", "PROMTOOL_BIN")?;
    std::fs::create_dir_all(storage)
        .map_err(|source| Error::File { path: storage.to_owned(), source })?;
    let output = Command::new(promtool)
        .args(["tsdb", "create-blocks-from", "openmetrics", "--quiet"])
        .arg(openmetrics)
        .arg(storage)
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|source| Error::Start { program: "promtool".to_owned(), source })?;
    if output.status.success() {
        return Ok(());
    }
    Err(Error::Failed {
        program: "promtool".to_owned(),
        status: output.status.to_string(),
        output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}
