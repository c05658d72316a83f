use crate::bytes::parse_count;
use crate::cli::output::print;
use crate::error::Result;
use crate::trace::{Op, ParquetSource, Row, Source};
use clap::Args;
use std::io::{self, Write};
use std::path::PathBuf;

/// Show the first rows of a trace
#[derive(Debug, Args)]
pub struct HeadArguments {
    /// A Parquet trace
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How many rows
    #[arg(short = 'n', long, default_value = "10", value_name = "N", value_parser = parse_count)]
    rows: u64,
}

impl HeadArguments {
    pub fn run(self) -> Result<()> {
        let mut source = ParquetSource::open(&self.file)?;
        let mut rows = Vec::new();
        let mut shown = 0;
        while shown < self.rows {
            let filled = source.fill(&mut rows);
            rows.truncate((self.rows - shown).try_into().unwrap_or(usize::MAX));
            print(|out| show(out, shown, &rows, source.times()))?;
            shown += rows.len() as u64;
            if shown < self.rows {
                filled?;
            }
            if rows.is_empty() {
                break;
            }
        }
        Ok(())
    }
}

fn show(out: &mut dyn Write, first: u64, rows: &[Row], times: Option<&[u64]>) -> io::Result<()> {
    let last = |text: Option<String>| text.map_or(String::new(), |text| format!(" {text:>20}"));
    if first == 0 {
        writeln!(
            out,
            "{:>10}  {:<7} {:>18} {:>10} {:>8} {:>8}{}",
            "row",
            "op",
            "address",
            "length",
            "process",
            "thread",
            last(times.map(|_| "time".to_string()))
        )?;
    }
    for (index, row) in rows.iter().enumerate() {
        let number = first + index as u64;
        let time = last(times.map(|times| times[index].to_string()));
        let Row { op, address, length, process, thread } = row;
        // A fork's length is not a number of bytes but the child.
        let length = if *op == Op::Fork { format!("child {length}") } else { length.to_string() };
        writeln!(out, "{number:>10}  {:<7} {address:>#18x} {length:>10} {process:>8} {thread:>8}{time}", op.name())?;
    }
    Ok(())
}
