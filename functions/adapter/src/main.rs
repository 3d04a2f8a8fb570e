//! The `adapter` function in AWS Lambda.

use adapter::{Config, Deps, handle};
use kit::{config::Environment, logging, runtime};

#[tokio::main]
async fn main() -> Result<(), runtime::RuntimeError> {
    let config = Config::read(&Environment::from_process())?;
    logging::start("adapter", &config.log_level, &logging::Destination::Stdout)?;
    let deps = Deps::new(&config)?;
    runtime::run_invoked(|request| handle(&deps, request)).await
}
