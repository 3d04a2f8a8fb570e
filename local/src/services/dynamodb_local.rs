//! AWS's own DynamoDB Local, in memory. It rejects what the local cloud lets pass (table names, item
//! sizes, expressions), so the store's contract suite runs against both.

use std::path::PathBuf;

use super::{
    Error, Probe, Program, Service,
    install::{dynamodb_local, on_path},
    ready::choose_port,
};

#[derive(Debug, Clone)]
pub struct Options {
    /// For its log.
    pub dir: PathBuf,
    pub port: Option<u16>,
}

pub async fn start(options: &Options) -> Result<Service, Error> {
    let lib = dynamodb_local()?;
    let java = on_path("java").ok_or_else(|| Error::Missing {
        program: "java".to_owned(),
        remedy: "install Java 17 or newer (apt-get install openjdk-17-jre-headless)",
    })?;
    let port = choose_port(options.port)?;
    let url = format!("http://127.0.0.1:{port}");
    // It has no option for the interface and listens on all of them; what it holds is test data.
    let program = Program::new("dynamodb-local", java, options.dir.join("dynamodb-local.log"))
        .argument(format!("-Djava.library.path={}", lib.display()))
        .arguments(["-cp".to_owned(), format!("{}/*", lib.display())])
        .argument("software.amazon.dynamodb.services.local.main.ServerRunner")
        .arguments(["-inMemory", "-sharedDb", "-disableTelemetry", "-port"])
        .argument(port.to_string());
    // An unsigned request is an error to it, but one that only a running server gives.
    let probe = Probe::any_answer(&url);
    Service::start(program, url, probe).await
}
