//! Arguments, progress, exit codes.

mod advise;
mod choices;
mod clock;
mod compare;
mod complaint;
mod demo;
mod denominator;
mod forecast;
mod grid;
mod memory;
mod numbers;
mod output;
mod paths;
mod pilot;
mod presets;
mod progress;
mod reproduce;
mod shell;
mod summary;
mod sweep;
mod table;
mod terminal;
mod trace;

use crate::error::{Defect, Result};
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser, Subcommand};
use std::path::Path;

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
    Trace(Box<trace::TraceCommand>),
    Demo(demo::DemoArguments),
    Reproduce(reproduce::ReproduceArguments),
    Advise(advise::AdviseArguments),
    Compare(compare::CompareArguments),
    Table(table::TableArguments),
    /// The built-in processors: geometry and prices, with their sources.
    #[command(subcommand)]
    Presets(presets::PresetsCommand),
    Completions(shell::CompletionsArguments),
    Man(shell::ManArguments),
}

pub use complaint::complain;

/// What to type first.
const NEXT: &str = "one of
    analyze demo                          a first picture, without any file
    analyze trace record --help           a trace of your own program
    analyze trace import --help           a trace of another tool
    analyze advise program.parquet        which technique and pages suit it
    analyze --config sweep.toml           a sweep: tables, charts, a report
    analyze table out/sweep               its results, filtered and sorted
    analyze compare baseline out/sweep    what has become better or worse
    analyze presets list                  the processors that are built in
    analyze reproduce                     the shipped sweeps, in a checkout
    analyze completions bash              completions for a shell
    analyze man                           the man page
    analyze help                          everything else";

impl Arguments {
    /// The arguments of the program; if they cannot be understood, it ends with what is wrong, and a tip where one is known.
    pub fn read() -> Arguments {
        Arguments::try_parse().unwrap_or_else(|mut error| {
            if let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand)
                && let Some(tip) = tip(word)
            {
                error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
            }
            error.exit()
        })
    }

    pub fn run(self) -> Result<()> {
        match self.command {
            Some(Command::Demo(arguments)) => arguments.run(),
            Some(Command::Reproduce(arguments)) => arguments.run(),
            Some(Command::Advise(arguments)) => arguments.run(),
            Some(Command::Compare(arguments)) => arguments.run(),
            Some(Command::Table(arguments)) => arguments.run(),
            Some(Command::Trace(command)) => (*command).run(),
            Some(Command::Presets(command)) => command.run(),
            Some(Command::Completions(arguments)) => arguments.run(Arguments::command()),
            Some(Command::Man(arguments)) => arguments.run(Arguments::command()),
            None => match &self.sweep.config {
                Some(config) => self.sweep.run(config).map(|_| ()),
                None => Err(Defect::new("command line", "", "nothing to do")
                    .expected("a sweep file or a verb")
                    .remedy(NEXT)
                    .into()),
            },
        }
    }
}

/// What was meant by a file in the place of a verb.
fn tip(word: &str) -> Option<String> {
    match Path::new(word).extension()?.to_str()? {
        "toml" => Some(format!("a sweep file is run by `analyze --config {word}`")),
        "parquet" => Some(format!("a trace is told of by `analyze advise {word}`, results by `analyze table {word}`")),
        "csv" => Some(format!("results are told of by `analyze table {word}`")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_arguments_every_verb_is_named() {
        for verb in Arguments::command().get_subcommands().map(|verb| verb.get_name().to_string()) {
            assert!(NEXT.contains(&format!("analyze {verb}")), "{verb}");
        }
    }
}
