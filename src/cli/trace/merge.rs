use super::edited::{Inputs, at_least_one, write};
use crate::error::{Defect, Result};
use crate::trace::ParquetSink;
use crate::trace::edit::Merge;
use clap::Args;
use std::path::PathBuf;

/// Interleave traces as processes of one machine
///
/// The traces take turns, each for --quantum rows, until all have ended. Processes get new ids, from 1 in the order in
/// which they appear, so that none collide; the metadata says which became which. A trace holds no times: recordings
/// that do, those of drmemtrace, are merged by time when they are imported together.
#[derive(Debug, Args)]
pub struct MergeArguments {
    /// Parquet traces
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The Parquet file to write
    #[arg(short, long, value_name = "OUT.parquet")]
    output: PathBuf,
    /// How many rows a turn has
    #[arg(long, default_value = "100_000", value_name = "N", value_parser = at_least_one)]
    quantum: u64,
}

impl MergeArguments {
    pub fn run(self) -> Result<()> {
        let inputs = Inputs::open(&self.files, &self.output)?;
        let notes = inputs.notes(&format!("merge --quantum {}", self.quantum));
        let sink = ParquetSink::create(&self.output, notes)?;
        let processes = |merge: &Merge| {
            let numbered = (1..).zip(merge.processes());
            numbered.map(|(number, processes)| (format!("{number}.processes"), processes)).collect()
        };
        let empty = |_: &Merge| Defect::new(&self.output, "", "no rows to merge").expected("traces with rows");
        write(Merge::new(inputs.traces, self.quantum), sink, &self.output, processes, empty)
    }
}
