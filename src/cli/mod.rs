//! Arguments, progress, exit codes.

mod output;
mod trace;

use crate::error::Result;
use clap::{Parser, Subcommand};

/// What address translation costs under each kind of memory virtualization.
#[derive(Debug, Parser)]
#[command(name = "analyze", version)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring traces in, make them, look at them.
    #[command(subcommand)]
    Trace(trace::TraceCommand),
}

impl Arguments {
    pub fn run(self) -> Result<()> {
        match self.command {
            Command::Trace(command) => command.run(),
        }
    }
}
