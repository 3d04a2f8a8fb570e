//! The `local` program: the copilot on one machine, and keys for the copilot anywhere.

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use chat_edge::Cloud;
use clap::{Parser, Subcommand};
use jiff::Timestamp;
use local::{dev, keys, progress::Progress};
use model::{Role, TenantId};

/// Runs the copilot on this machine, and issues API keys.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Bring everything up: local cloud, demo shop, Prometheus, Loki and the copilot (use scripts/dev)
    Dev {
        /// Port of the copilot on 127.0.0.1; 0 takes a free one
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Forget what earlier runs kept
        #[arg(long)]
        reset: bool,
        /// Have the shop write its logs into LOKI_URL wherever that is
        #[arg(long)]
        logs: bool,
        /// Ask one question, print the answer, and exit with its exit code
        #[arg(long, value_name = "QUESTION")]
        ask: Option<String>,
        /// Where state is kept between runs
        #[arg(long, value_name = "FOLDER", default_value = ".local")]
        state: PathBuf,
        /// The checkout
        #[arg(long, value_name = "FOLDER", default_value = ".", hide = true)]
        root: PathBuf,
        /// Seconds that have passed before this program was started
        #[arg(long, value_name = "SECONDS", default_value_t = 0, hide = true)]
        elapsed: u64,
    },
    /// Issue an API key, printed once, into the table of a deployment (AWS credentials are needed)
    Key {
        /// The table: the stack's output TableName
        #[arg(long)]
        table: String,
        /// Whose key it is: 1 to 32 of a-z, 0-9 and -
        #[arg(long)]
        tenant: TenantId,
        /// viewer, developer, devops or admin
        #[arg(long, default_value = "admin", value_parser = parse_role)]
        role: Role,
        /// What the key is for
        #[arg(long, default_value = "first key")]
        name: String,
    },
}

fn parse_role(text: &str) -> Result<Role, String> {
    match Role::from_name(text) {
        Some(role @ (Role::Viewer | Role::Developer | Role::Devops | Role::Admin)) => Ok(role),
        _ => Err("a role is viewer, developer, devops or admin".to_owned()),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse().command).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<u8> {
    match command {
        Command::Dev { port, reset, logs, ask, state, root, elapsed } => {
            let options = dev::Options { root, state, port, reset, logs, ask };
            dev::run(options, Progress::new(elapsed)).await
        }
        Command::Key { table, tenant, role, name } => {
            let store = Cloud::from_environment().await.keys(&table);
            let key = keys::create(store.as_ref(), tenant, role, &name, Timestamp::now()).await?;
            writeln!(std::io::stdout(), "{}", key.reveal())?;
            Ok(0)
        }
    }
}
