use super::counts::{at_least_one, one_of};
use super::edited::{Opened, notes, write};
use crate::bytes::parse_count;
use crate::cli::choices::chosen;
use crate::cli::output::grouped;
use crate::cli::paths::file;
use crate::error::{Defect, Result};
use crate::trace::ParquetSink;
use crate::trace::edit::{Counted, Cut, Selection};
use clap::Args;
use std::path::PathBuf;

/// Keep a part of a trace, or windows of it
///
/// Calls that the kept part depends on are kept too. At the start of the part stands a map row for each range that is
/// mapped there, in place of the calls that were skipped; processes that ended before are gone. Between windows every
/// map, unmap, protect, fork and exit is kept, and only accesses are left out.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Leave out the start-up of a program, and keep the next hundred million accesses:
  analyze trace cut app.parquet --skip 20M --limit 100M -o part.parquet
Keep a tenth of it, in windows of a million accesses:
  analyze trace cut app.parquet --sample 1/10 -o sampled.parquet")]
pub struct CutArguments {
    /// A Parquet trace
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The Parquet file to write
    #[arg(short, long, value_name = "OUT.parquet", value_parser = file())]
    output: PathBuf,
    /// How many accesses to leave out at the start
    #[arg(long, default_value = "0", value_name = "N", value_parser = parse_count)]
    skip: u64,
    /// How many accesses to keep at most [default: all]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    limit: Option<u64>,
    /// Keep the first of every N windows
    #[arg(long, default_value = "1/1", value_name = "1/N", value_parser = one_of)]
    sample: u64,
    /// How many accesses make a window
    #[arg(long, default_value = "1_000_000", value_name = "N", value_parser = at_least_one)]
    window: u64,
    /// What --skip, --limit and --window count
    #[arg(long, default_value = "accesses", value_parser = chosen(Counted::ALL.map(|it| (it.name(), it.meaning(), it))))]
    count: Counted,
}

impl CutArguments {
    pub fn run(self) -> Result<()> {
        let (trace, own) = Opened::open_one(&self.file, &self.output)?;
        let notes = notes(&trace, own, &self.done());
        let sink = ParquetSink::create(&self.output, notes)?;
        let selection = Selection {
            counted: self.count,
            skip: self.skip,
            limit: self.limit.unwrap_or(u64::MAX),
            every: self.sample,
            length: self.window,
        };
        let empty = |cut: &Cut| {
            let found = format!("only {} {}", grouped(cut.seen()), self.count.name());
            Defect::new(&self.file, "", found)
                .expected(format!("more than the {} that --skip leaves out", grouped(self.skip)))
        };
        write(Cut::new(trace.source, selection), sink, &self.output, |_| Vec::new(), empty)
    }

    /// The command, as the metadata has it.
    fn done(&self) -> String {
        let mut done = format!("cut --count {} --skip {}", self.count.name(), self.skip);
        if let Some(limit) = self.limit {
            done += &format!(" --limit {limit}");
        }
        if self.sample > 1 {
            done += &format!(" --sample 1/{} --window {}", self.sample, self.window);
        }
        done
    }
}
