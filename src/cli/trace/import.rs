use crate::cli::output::{grouped, print, rows_bar};
use crate::error::Result;
use crate::trace::import::{Format, Import, Imported, Only, import};
use crate::trace::input::Lines;
use clap::Args;
use std::path::PathBuf;

/// Turn another tool's trace into a Parquet trace
///
/// The input may be plain or compressed with gzip, zstd or xz, which is told by its content. An access that crosses a
/// 4 KiB boundary is split in two. The output appears only once all of the input was read and found sound.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Record a program and import it, without a file between:
  valgrind --tool=lackey --trace-mem=yes --log-fd=9 PROGRAM 9>&1 >/dev/null |
    analyze trace import --format lackey --only data - -o program.parquet

CSV needs a header that names op and address and, where known, length, process and thread.
An op is load, store, fetch, map, unmap, protect, fork or exit, or 0 to 7 in that order.
Numbers are decimal, or hexadecimal after 0x:
  op,address,length
  load,0x7f0000001000,8")]
pub struct ImportArguments {
    /// The trace to import; - is standard input
    #[arg(value_name = "FILE")]
    input: PathBuf,
    /// The Parquet file to write
    #[arg(short, long, value_name = "OUT.parquet")]
    output: PathBuf,
    /// Its format [default: told by the first line]
    #[arg(long)]
    format: Option<Format>,
    /// Which accesses to keep
    #[arg(long, default_value = "all")]
    only: Only,
    /// A note for the file's metadata, such as command="sort -n numbers.txt"; may be repeated
    #[arg(long = "note", value_name = "KEY=TEXT", value_parser = note)]
    notes: Vec<(String, String)>,
}

fn note(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=TEXT")?;
    Ok((key.to_string(), value.to_string()))
}

impl ImportArguments {
    pub fn run(self) -> Result<()> {
        let lines = Lines::open(&self.input)?;
        let how = Import { format: self.format, only: self.only, notes: self.notes.into_iter().collect() };
        let bar = rows_bar(None, "importing");
        let imported = import(lines, &how, &self.output, &|rows| bar.set_position(rows));
        bar.finish_and_clear();
        let Imported { format, compression, written, split, dropped } = imported?;
        print(|out| {
            writeln!(
                out,
                "{}: {} rows in {} bytes",
                self.output.display(),
                grouped(written.rows),
                grouped(written.bytes)
            )?;
            writeln!(out, "  read as {}, {compression}", format.name())?;
            if dropped > 0 {
                writeln!(out, "  {} fetches left out", grouped(dropped))?;
            }
            if split > 0 {
                writeln!(out, "  {} accesses split at a 4 KiB boundary", grouped(split))?;
            }
            writeln!(out, "  {}", written.digest)
        })
    }
}
