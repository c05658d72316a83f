//! Arguments, progress, exit codes.

mod advise;
mod compare;
mod grid;
mod numbers;
mod output;
mod presets;
mod progress;
mod reproduce;
mod summary;
mod sweep;
mod table;
mod terminal;
mod trace;

use crate::error::{Defect, Result};
use clap::{Parser, Subcommand};

/// What address translation costs under each kind of memory virtualization.
///
/// Replays memory traces through models of native paging, shadow paging, nested paging (EPT/NPT) and paravirtual paging, and
/// says what each costs: `analyze --config sweep.toml`.
#[derive(Debug, Parser)]
#[command(name = "analyze", version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(flatten)]
    sweep: sweep::SweepArguments,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring traces in, make them, look at them.
    #[command(subcommand)]
    Trace(trace::TraceCommand),
    Reproduce(reproduce::ReproduceArguments),
    Advise(advise::AdviseArguments),
    Compare(compare::CompareArguments),
    Table(table::TableArguments),
    /// The built-in processors: geometry and prices, with their sources.
    #[command(subcommand)]
    Presets(presets::PresetsCommand),
}

pub use output::say;

impl Arguments {
    pub fn run(self) -> Result<()> {
        match self.command {
            Some(Command::Reproduce(arguments)) => arguments.run(),
            Some(Command::Advise(arguments)) => arguments.run(),
            Some(Command::Compare(arguments)) => arguments.run(),
            Some(Command::Table(arguments)) => arguments.run(),
            Some(Command::Trace(command)) => command.run(),
            Some(Command::Presets(command)) => command.run(),
            None => match &self.sweep.config {
                Some(config) => self.sweep.run(config).map(|_| ()),
                None => Err(Defect::new("command line", "", "nothing to do")
                    .expected("--config FILE, or one of the verbs `trace` and `presets`")
                    .remedy("analyze --config analysis/quickstart.toml runs a first sweep; analyze help says more")
                    .into()),
            },
        }
    }
}
