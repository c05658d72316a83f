use super::counts::at_least_one;
use super::edited::{Opened, write};
use crate::cli::output::many;
use crate::cli::paths::file;
use crate::error::{Defect, Result};
use crate::trace::ParquetSink;
use crate::trace::edit::{Merge, Order};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Interleave traces as processes of one machine
///
/// The traces take turns, each for --quantum rows, until all have ended; or, by time, the row with the lowest time comes
/// next. The order of rows within a trace never changes. Processes get new ids, from 1 in the order in which they
/// appear, so that none collide; the metadata says which became which.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Two programs that were recorded at the same time, by the same clock:
  analyze trace merge server.parquet client.parquet --by time -o both.parquet
Two that were recorded one after the other, as if they had started together:
  analyze trace merge a.parquet b.parquet --by elapsed -o both.parquet

Imports of drmemtrace, of perf script, and of CSV with a column of times write times.")]
pub struct MergeArguments {
    /// Parquet traces
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The Parquet file to write
    #[arg(short, long, value_name = "OUT.parquet", value_parser = file())]
    output: PathBuf,
    /// What decides whose row comes next
    #[arg(long, value_enum, default_value = "turns")]
    by: By,
    /// How many rows a turn has [default: 100_000]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    quantum: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum By {
    /// Turns of --quantum rows
    Turns,
    /// The column `time`, of traces recorded by one clock; at the same time, the trace named first
    Time,
    /// The same, counted from the first row of each trace
    Elapsed,
}

/// Rows in a turn where nothing else is asked for.
const QUANTUM: u64 = 100_000;

impl MergeArguments {
    pub fn run(self) -> Result<()> {
        let (order, done) = self.order()?;
        let inputs = Opened::open(&self.files, &self.output)?;
        let (notes, left_out) = (inputs.notes(&done), inputs.times_left_out());
        let merge = Merge::new(inputs.traces, order)?;
        let sink = ParquetSink::create(&self.output, notes)?;
        let by_time = self.by != By::Turns;
        let said = |merge: &Merge| {
            let mut said: Vec<_> = left_out.into_iter().collect();
            for (number, (processes, late)) in (1..).zip(merge.processes().zip(merge.late())) {
                said.push((format!("{number}.processes"), processes));
                if by_time && late > 0 {
                    let late = format!("{}, of a time before that of a row ahead", many(late, "row"));
                    said.push((format!("{number}.late"), late));
                }
            }
            if by_time && merge.is_apart() {
                let apart = "no two traces overlap: each follows another; --by elapsed begins them together";
                said.push(("times".to_string(), apart.to_string()));
            }
            said
        };
        let empty = |_: &Merge| Defect::new(&self.output, "", "no rows to merge").expected("traces with rows");
        write(merge, sink, &self.output, said, empty)
    }

    /// What was asked for, and as the metadata has it.
    fn order(&self) -> Result<(Order, String)> {
        let quantum = self.quantum.unwrap_or(QUANTUM);
        let order = match self.by {
            By::Turns => return Ok((Order::Turns(quantum), format!("merge --quantum {quantum}"))),
            By::Time => (Order::Time, "merge --by time".to_string()),
            By::Elapsed => (Order::Elapsed, "merge --by elapsed".to_string()),
        };
        match self.quantum {
            None => Ok(order),
            Some(_) => Err(Defect::new("analyze trace merge", "--quantum", "a merge by time has no turns")
                .remedy("leave --quantum or --by out")
                .into()),
        }
    }
}
