//! Loki: log lines by tenant.

use std::path::PathBuf;

use super::{Error, Probe, Program, Service, free_port, install::loki_program, ready::choose_port};

#[derive(Debug, Clone)]
pub struct Options {
    /// For its log and its configuration.
    pub dir: PathBuf,
    pub port: Option<u16>,
    pub storage: PathBuf,
}

pub async fn start(options: &Options) -> Result<Service, Error> {
    let program = loki_program()?;
    let port = choose_port(options.port)?;
    let url = format!("http://127.0.0.1:{port}");
    let file = |path: &PathBuf, result: std::io::Result<()>| {
        result.map_err(|source| Error::File { path: path.clone(), source })
    };
    file(&options.storage, std::fs::create_dir_all(&options.storage))?;
    let storage = std::path::absolute(&options.storage)
        .map_err(|source| Error::File { path: options.storage.clone(), source })?;
    // In double quotes YAML takes JSON's escapes.
    let storage = serde_json::Value::from(storage.to_string_lossy()).to_string();
    let config = options.dir.join("loki.yml");
    let text = include_str!("loki.yaml")
        .replace("{http_port}", &port.to_string())
        .replace("{grpc_port}", &free_port()?.to_string())
        .replace("{storage}", storage.trim_matches('"'));
    file(&config, std::fs::write(&config, text))?;
    let program = Program::new("loki", program, options.dir.join("loki.log"))
        .argument(format!("-config.file={}", config.display()));
    Service::start(program, url.clone(), Probe::success(format!("{url}/ready"))).await
}
