//! The `chat` function in AWS Lambda.

use chat::Chat;
use chat_edge::{Cloud, Config, Deps, Ports};
use kit::{Service, config::Environment, logging, runtime};

#[tokio::main]
async fn main() -> Result<(), runtime::RuntimeError> {
    let config = Config::read(&Environment::from_process())?;
    logging::start("chat", &config.log_level, &logging::Destination::Stdout)?;
    let ports = Ports::in_cloud(&config, &Cloud::from_environment().await, None)?;
    let deps = Deps::new(&config, ports, chat::TURN_TIMEOUT)?;
    let settings = deps.settings(chat::TIMEOUT);
    runtime::run_buffered(Service::new(Chat { deps: deps.into() }, settings)).await
}
