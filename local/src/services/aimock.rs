//! Fake language models: aimock speaks the wire formats of OpenAI and others from JSON fixtures.

use std::path::PathBuf;

use super::{Error, Probe, Program, Service, install::aimock, ready::choose_port};

#[derive(Debug, Clone)]
pub struct Options {
    /// For its log.
    pub dir: PathBuf,
    pub port: Option<u16>,
    /// A folder of fixtures, or one file.
    pub fixtures: PathBuf,
    /// Any other flag, such as `--chaos-drop=0.5` or `--strict`.
    pub flags: Vec<String>,
}

/// Starts it. The base URL for an OpenAI-compatible client is the service's with `/v1`.
pub async fn start(options: &Options) -> Result<Service, Error> {
    let program = aimock()?;
    let port = choose_port(options.port)?;
    let url = format!("http://127.0.0.1:{port}");
    let program = Program::new("aimock", program, options.dir.join("aimock.log"))
        .argument(format!("--port={port}"))
        .argument("--host=127.0.0.1")
        .argument("--fixtures")
        .argument(&options.fixtures)
        .arguments(&options.flags);
    let probe = Probe::success(format!("{url}/health"));
    Service::start(program, url, probe).await
}
