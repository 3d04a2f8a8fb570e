//! `copilot completions`: what a shell needs to complete the command line.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::{cli::Cli, console::Console, error::Error};

pub(crate) fn run(console: &Console, shell: Shell) -> Result<(), Error> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "copilot", &mut script);
    console.print(&String::from_utf8_lossy(&script))
}
