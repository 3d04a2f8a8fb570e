//! `copilot`: asks the copilot from a terminal.

mod answer;
mod cli;
mod client;
mod command;
mod config;
mod console;
mod error;
mod render;
mod request;
mod response;
mod retry;
mod sse;
mod turn;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{
    cli::{Cli, Command, Global},
    client::Client,
    command::{
        ask, chat, completions, config as config_command, eval, sessions, status, translate,
        understand,
    },
    console::Console,
    error::Error,
};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let console = Console::new(&cli.global);
    let result = run(&console, cli).await;
    console.stop_progress();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console.error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

async fn run(console: &Console, cli: Cli) -> Result<(), Error> {
    let global = cli.global;
    match cli.command {
        Command::Ask(arguments) => ask::run(&connect(console, &global)?, arguments).await,
        Command::Chat(arguments) => chat::run(&connect(console, &global)?, arguments).await,
        Command::Sessions(arguments) => sessions::run(&connect(console, &global)?, arguments).await,
        Command::Status(arguments) => status::run(&connect(console, &global)?, &arguments).await,
        Command::Config(arguments) => config_command::run(console, &global, arguments.command),
        Command::Understand(arguments) => {
            understand::run(&connect(console, &global)?, arguments).await
        }
        Command::Translate(arguments) => {
            translate::run(&connect(console, &global)?, arguments).await
        }
        Command::Eval(arguments) => eval::run(console, &arguments).await,
        Command::Completions { shell } => completions::run(console, shell),
    }
}

fn connect(console: &Console, global: &Global) -> Result<Client, Error> {
    let settings = config::resolve(global)?;
    for warning in &settings.warnings {
        console.warn(warning);
    }
    Client::new(settings, console.clone())
}
