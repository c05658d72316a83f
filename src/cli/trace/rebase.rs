use super::edited::{Opened, notes, write};
use crate::bytes::{parse_bytes, parse_integer};
use crate::cli::paths::file;
use crate::error::{Defect, Result};
use crate::trace::ParquetSink;
use crate::trace::edit::Rebase;
use clap::Args;
use std::path::PathBuf;

/// Move a trace to other addresses, or its processes to other ids
///
/// Every address, of accesses and of ranges, is moved by --by, which must be a multiple of 4096 bytes; by a multiple of
/// 2M or 1G, what can be a huge page stays the same.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Move everything up by a gigabyte, and process 1 to the id 7:
  analyze trace rebase app.parquet --by 1G --process 1=7 -o moved.parquet
  analyze trace rebase app.parquet --by -0x40000000 -o moved.parquet")]
pub struct RebaseArguments {
    /// A Parquet trace
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The Parquet file to write
    #[arg(short, long, value_name = "OUT.parquet", value_parser = file())]
    output: PathBuf,
    /// How far to move, in bytes: 1G, -64M, 0x7f0000000000
    #[arg(long, default_value = "0", value_name = "BYTES", value_parser = offset, allow_hyphen_values = true)]
    by: i64,
    /// Give process OLD the id NEW; may be repeated
    #[arg(long = "process", value_name = "OLD=NEW", value_parser = ids)]
    processes: Vec<(u32, u32)>,
}

fn offset(text: &str) -> Result<i64, String> {
    let (digits, sign) = text.strip_prefix('-').map_or((text, 1), |digits| (digits, -1));
    let bytes = match digits.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).map_err(|_| format!("0x and hexadecimal, not {text:?}"))?,
        None => parse_bytes(digits)?,
    };
    if !bytes.is_multiple_of(4096) {
        return Err(format!("a multiple of 4096 bytes, not {bytes}"));
    }
    i64::try_from(bytes).map(|bytes| sign * bytes).map_err(|_| "less than 2^63 bytes".to_string())
}

fn ids(text: &str) -> Result<(u32, u32), String> {
    let expected = || format!("OLD=NEW, two process ids below 2^32, not {text:?}");
    let id = |text: &str| parse_integer(text).ok().and_then(|id| u32::try_from(id).ok());
    let (old, new) = text.split_once('=').ok_or_else(expected)?;
    id(old).zip(id(new)).ok_or_else(expected)
}

impl RebaseArguments {
    pub fn run(self) -> Result<()> {
        let (trace, own) = Opened::open_one(&self.file, &self.output)?;
        let ids: String = self.processes.iter().map(|(old, new)| format!(" --process {old}={new}")).collect();
        let notes = notes(&trace, own, &format!("rebase --by {}{ids}", self.by));
        let sink = ParquetSink::create(&self.output, notes)?;
        let empty = |_: &Rebase| Defect::new(&self.file, "", "no rows to move").expected("a trace with rows");
        let moved = Rebase::new(trace, self.by, self.processes.iter().copied().collect());
        write(moved, sink, &self.output, |_| Vec::new(), empty)
    }
}
