//! `analyze trace …`

mod chunks;
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

use crate::error::Result;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum TraceCommand {
    Record(record::RecordArguments),
    Import(Box<import::ImportArguments>),
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
