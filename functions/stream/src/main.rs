//! The `stream` function in AWS Lambda.

use chat_edge::{Cloud, Config, Deps, Ports};
use kit::{Service, config::Environment, logging, runtime};
use stream::EventStreams;

#[tokio::main]
async fn main() -> Result<(), runtime::RuntimeError> {
    let config = Config::read(&Environment::from_process())?;
    logging::start("stream", &config.log_level, &logging::Destination::Stdout)?;
    let ports = Ports::in_cloud(&config, &Cloud::from_environment().await, None)?;
    let deps = Deps::new(&config, ports, stream::TURN_TIMEOUT)?;
    let settings = deps.settings(stream::TIMEOUT);
    runtime::run_streaming(Service::new(EventStreams { deps: deps.into() }, settings)).await
}
