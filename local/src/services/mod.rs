//! The programs that a developer's machine runs beside the copilot: the local cloud, Prometheus,
//! Loki, and what only tests use (DynamoDB Local, fake language models, a proxy that injects faults).
//!
//! Each is a real program, started on a free loopback port and awaited until it answers. All of them
//! are on a [`Leash`]: they end when we do, however we end. Where each is installed is the business
//! of `scripts/install`; this module only looks there, and says what to run when nothing is there.

pub mod aimock;
pub mod dynamodb_local;
mod error;
mod install;
mod leash;
pub mod loki;
pub mod microburst;
pub mod ministack;
pub mod prometheus;
mod ready;
pub mod shop;

use std::path::Path;

pub use error::Error;
pub use install::{python, venv_program};
pub use leash::{Leash, Program};
pub use ready::{Probe, free_port, wait_ready};

/// A running program and where it answers.
#[derive(Debug)]
pub struct Service {
    url: String,
    leash: Leash,
}

impl Service {
    /// Starts the program and waits until the probe is answered.
    async fn start(program: Program, url: String, probe: Probe) -> Result<Self, Error> {
        let mut leash = Leash::start(program)?;
        leash.wait_ready(&probe).await?;
        Ok(Self { url, leash })
    }

    /// The base URL, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the program's output goes.
    pub fn log(&self) -> &Path {
        self.leash.log()
    }

    /// Waits until the program ends by itself, and says how.
    pub async fn ended(&mut self) -> Error {
        self.leash.ended().await
    }

    /// Ends the program in good order and waits until it is gone.
    pub async fn stop(self) {
        self.leash.stop().await;
    }
}
