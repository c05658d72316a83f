use super::chunks::each_chunk;
use crate::cli::output::{grouped, many, print};
use crate::error::{Error, Result};
use crate::trace::summary::{Summary, TimeSpan};
use crate::trace::{Op, ParquetSource};
use crate::words::one_line;
use clap::Args;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Say what is in a trace: rows, processes, pages touched, notes
#[derive(Debug, Args)]
pub struct InfoArguments {
    /// Parquet traces
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl InfoArguments {
    pub fn run(self) -> Result<()> {
        for path in &self.files {
            let mut source = ParquetSource::open(path)?;
            let mut summary = Summary::default();
            each_chunk(&mut source, "reading", |rows, times| {
                summary.add(rows);
                summary.add_times(times.unwrap_or_default());
                Ok(())
            })?;
            let bytes = std::fs::metadata(path)
                .map_err(|error| Error::failed(format!("read the size of {}", path.display()), error))?
                .len();
            print(|out| show(out, path, &summary, bytes, source.notes()))?;
        }
        Ok(())
    }
}

fn show(
    out: &mut dyn Write,
    path: &Path,
    summary: &Summary,
    bytes: u64,
    notes: &BTreeMap<String, String>,
) -> io::Result<()> {
    writeln!(out, "{}", one_line(&path.display().to_string()))?;
    let mut line = |name: &str, value: String| writeln!(out, "  {name:<16} {value}");
    line("rows", grouped(summary.rows()))?;
    for op in Op::ALL {
        if summary.rows_of(op) > 0 {
            line(&format!("  {}", op.name()), grouped(summary.rows_of(op)))?;
        }
    }
    line("processes", grouped(summary.processes() as u64))?;
    line("threads", grouped(summary.threads() as u64))?;
    let touched = summary.touched();
    line("4K pages touched", grouped(touched.pages()))?;
    line("2M pages touched", grouped(touched.pages_2m()))?;
    line("1G pages touched", grouped(touched.pages_1g()))?;
    line("footprint", format!("{} bytes (4K pages touched)", grouped(touched.bytes())))?;
    if let Some(TimeSpan { earliest, latest, late }) = summary.times() {
        let seconds = (latest - earliest) as f64 / 1e9;
        line("time", format!("{seconds:.6} s, from {} to {} ns", grouped(earliest), grouped(latest)))?;
        if late > 0 {
            line("  late", format!("{}, of a time before that of a row ahead", many(late, "row")))?;
        }
    }
    let each = bytes as f64 / summary.accesses().max(1) as f64;
    line("on disk", format!("{} bytes, {each:.2} an access", grouped(bytes)))?;
    for (key, value) in notes {
        line(&one_line(key), one_line(value).into_owned())?;
    }
    Ok(())
}
