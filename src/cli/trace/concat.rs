use super::edited::{Opened, write};
use crate::cli::paths::file;
use crate::error::{Defect, Result};
use crate::trace::ParquetSink;
use crate::trace::edit::Concat;
use clap::Args;
use std::path::PathBuf;

/// Join traces, one after the other
///
/// Processes of the same id are one process that goes on, as in the parts of one recording; --renumber makes them
/// processes of their own. Nothing ends in between: what one trace leaves mapped stays mapped.
#[derive(Debug, Args)]
pub struct ConcatArguments {
    /// Parquet traces, in order
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The Parquet file to write
    #[arg(short, long, value_name = "OUT.parquet", value_parser = file())]
    output: PathBuf,
    /// Give every trace processes of its own, numbered from 1 in the order in which they appear
    #[arg(long)]
    renumber: bool,
}

impl ConcatArguments {
    pub fn run(self) -> Result<()> {
        let inputs = Opened::open(&self.files, &self.output)?;
        let left_out = inputs.times_left_out();
        let renumber = if self.renumber { " --renumber" } else { "" };
        let sink = ParquetSink::create(&self.output, inputs.notes(&format!("concat{renumber}")))?;
        let empty = |_: &Concat| Defect::new(&self.output, "", "no rows to join").expected("traces with rows");
        write(Concat::new(inputs.traces, self.renumber), sink, &self.output, |_| left_out.into_iter().collect(), empty)
    }
}
