use super::counts::one_of;
use crate::bytes::parse_count;
use crate::cli::choices::chosen;
use crate::cli::output::{grouped, many, say, warn};
use crate::cli::paths::file;
use crate::error::{Defect, Result};
use crate::trace::import::Only;
use crate::trace::record::{Emulator, Ending, Recorded, Recording, SAMPLE_ACCESSES, Window, lackey, record};
use clap::{Args, ValueEnum};
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;

/// Run a program and record what it does to its memory
///
/// The program runs under QEMU's user-mode emulation (package qemu-user, no privileges), with its own standard input,
/// output and error. Its children, its threads and the programs that it starts are recorded into the same trace. Every
/// load and store, and the calls that map, unmap, protect, fork and exit, become rows while it runs. The exit code is
/// the program's (128 and the signal's number where one ended it); 2 and 1 are analyze's own for bad input and failure.
/// Ctrl-C ends the recording with what there is.
#[derive(Debug, Args)]
#[command(after_long_help = "\
  analyze trace record -o sort.parquet -- sort -n numbers.txt
  analyze trace record -o server.parquet --skip 500M --limit 20M -- ./server --port 8000
  analyze trace record -o pipe.parquet -- sh -c 'zcat log.gz | sort | uniq -c'")]
pub struct RecordArguments {
    /// The Parquet file to write
    #[arg(short, long, value_name = "OUT.parquet", value_parser = file())]
    output: PathBuf,
    /// Accesses to leave out at the start, such as 2_000_000 or 500M, one that crosses a 4 KiB boundary being two; calls
    /// are kept
    #[arg(long, value_name = "N", default_value = "0", value_parser = parse_count)]
    skip: u64,
    /// Accesses to keep at most; the recording ends there, and the program with it
    #[arg(long, value_name = "N", value_parser = limit)]
    limit: Option<u64>,
    /// Keep the first of every N windows of a million accesses, written 1/N
    #[arg(long, value_name = "1/N", value_parser = one_of)]
    sample: Option<u64>,
    /// Record instruction fetches too: one for each run of a translated block
    #[arg(long)]
    fetch: bool,
    /// Which accesses to keep: `data` is the default, `all` is --fetch
    #[arg(long, conflicts_with = "fetch", value_parser = chosen(Only::ALL.map(|it| (it.name(), it.meaning(), it))))]
    only: Option<Only>,
    /// Keep the time at which each batch of rows came in: `trace merge --by time` joins recordings made side by side
    #[arg(long)]
    times: bool,
    /// Compress as hard as other commands do: a file a third smaller, recorded several times slower
    #[arg(long)]
    small: bool,
    /// What runs the program
    #[arg(long, value_enum, default_value = "qemu")]
    with: With,
    /// QEMU's emulator [default: qemu-x86_64 on the path]
    #[arg(long, value_name = "FILE")]
    qemu: Option<PathBuf>,
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "PROGRAM")]
    command: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum With {
    /// QEMU's user-mode emulation, a few times slower than the program alone
    Qemu,
    /// Valgrind's lackey, a hundred times slower: one process, no calls
    Lackey,
}

/// At least 1.
fn limit(text: &str) -> Result<u64, String> {
    let limit = parse_count(text)?;
    if limit > 0 { Ok(limit) } else { Err("expected at least 1, since a trace has at least one access".into()) }
}

impl RecordArguments {
    pub fn run(self) -> Result<()> {
        let code = match self.with {
            With::Qemu => self.with_qemu()?,
            With::Lackey => self.with_lackey()?,
        };
        // The program's exit code is ours; nothing is left to be done or dropped.
        std::process::exit(code)
    }

    fn fetch(&self) -> bool {
        self.fetch || self.only == Some(Only::All)
    }

    fn with_qemu(self) -> Result<i32> {
        let emulator = Emulator::find(self.qemu.as_deref())?;
        let window = Window { skip: self.skip, limit: self.limit, sample: self.sample };
        let (fetch, quick) = (self.fetch(), !self.small);
        let (command, output) = (self.command, self.output.clone());
        let recorded = record(&Recording { command, output, window, fetch, times: self.times, quick }, &emulator)?;
        for left in &recorded.left {
            warn(format_args!("ran outside the recording: {left}"));
        }
        let Recorded { written, accesses, processes, split, ending, took, .. } = recorded;
        say(format_args!(
            "analyze: {}: {}, {} of them accesses, of {}, in {}; {:.1} s",
            self.output.display(),
            many(written.rows, "row"),
            grouped(accesses),
            many(processes.into(), "process"),
            many(written.bytes, "byte"),
            took.as_secs_f64()
        ));
        if split > 0 {
            say(format_args!("  {} split at a 4 KiB boundary", many(split, "access")));
        }
        if let Some(sample) = self.sample {
            say(format_args!("  1 of {} windows of {} accesses", grouped(sample), grouped(SAMPLE_ACCESSES)));
        }
        say(format_args!("  rows {}", written.digest));
        Ok(exit_code(ending))
    }

    fn with_lackey(self) -> Result<i32> {
        if self.skip > 0 || self.limit.is_some() || self.sample.is_some() || self.times {
            return Err(Defect::new("analyze trace record", "--with lackey", "--skip, --limit, --sample or --times")
                .expected("a recording of the whole run, without times")
                .remedy("leave them out")
                .into());
        }
        let only = if self.fetch() { Only::All } else { Only::Data };
        let (imported, ending) = lackey::record(&self.command, &self.output, only, &|_| {})?;
        let written = imported.written;
        say(format_args!(
            "analyze: {}: {} in {}\n  rows {}",
            self.output.display(),
            many(written.rows, "row"),
            many(written.bytes, "byte"),
            written.digest
        ));
        Ok(exit_code(ending))
    }
}

/// The program's, unless the recording ended first, which is then said.
fn exit_code(ending: Ending) -> i32 {
    match ending {
        Ending::Over(status) => return passed_on(status),
        Ending::Full => say("  the window is full: the program was ended"),
        Ending::Interrupted => say("  interrupted: this is what there was"),
    }
    0
}

/// What a shell would make of it; says so where it is not 0.
fn passed_on(status: ExitStatus) -> i32 {
    if !status.success() {
        say(format_args!("  the program ended with {status}"));
    }
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}
