//! `analyze trace …`

mod concat;
mod counts;
mod cut;
mod edited;
mod head;
mod import;
mod info;
mod merge;
mod rebase;
mod record;
mod synth;
mod validate;

use super::output::rows_bar;
use crate::error::Result;
use crate::trace::{Row, Source};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum TraceCommand {
    Record(record::RecordArguments),
    Import(import::ImportArguments),
    Synth(synth::SynthArguments),
    Cut(cut::CutArguments),
    Merge(merge::MergeArguments),
    Concat(concat::ConcatArguments),
    Rebase(rebase::RebaseArguments),
    Info(info::InfoArguments),
    Head(head::HeadArguments),
    Validate(validate::ValidateArguments),
}

impl TraceCommand {
    pub fn run(self) -> Result<()> {
        match self {
            TraceCommand::Record(arguments) => arguments.run(),
            TraceCommand::Import(arguments) => arguments.run(),
            TraceCommand::Synth(arguments) => arguments.run(),
            TraceCommand::Cut(arguments) => arguments.run(),
            TraceCommand::Merge(arguments) => arguments.run(),
            TraceCommand::Concat(arguments) => arguments.run(),
            TraceCommand::Rebase(arguments) => arguments.run(),
            TraceCommand::Info(arguments) => arguments.run(),
            TraceCommand::Head(arguments) => arguments.run(),
            TraceCommand::Validate(arguments) => arguments.run(),
        }
    }
}

/// Hands every chunk of `source`, with its times if it has any, to `each`, with progress under the name of what is being
/// done.
fn each_chunk(
    source: &mut dyn Source,
    doing: &str,
    mut each: impl FnMut(&[Row], Option<&[u64]>) -> Result<()>,
) -> Result<()> {
    let bar = rows_bar(source.expected_rows(), doing);
    let mut rows = Vec::new();
    loop {
        source.fill(&mut rows)?;
        if rows.is_empty() {
            bar.finish_and_clear();
            return Ok(());
        }
        each(&rows, source.times())?;
        bar.inc(rows.len() as u64);
    }
}
