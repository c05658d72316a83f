use crate::cli::choices::chosen;
use crate::cli::output::{many, print, rows_bar};
use crate::cli::paths::file;
use crate::error::Result;
use crate::trace::Op;
use crate::trace::import::{Choices, CsvColumns, Format, Import, Imported, Only, Pattern, files, import};
use crate::trace::input::Input;
use crate::trace::overwrite;
use clap::Args;
use std::path::PathBuf;

/// Turn another tool's trace into a Parquet trace
///
/// The input may be plain or compressed with gzip, zstd, xz, lzma, lz4 or bzip2, or be a zip archive; that and the format are
/// told by its content. An access that crosses a 4 KiB boundary is split in two. What was taken for granted where a
/// format leaves something open stands in the trace, and `analyze trace info` shows it. The output appears only once all
/// of the input was read and found sound.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Record a program and import it, without a file between:
  valgrind --tool=lackey --trace-mem=yes --log-fd=9 PROGRAM 9>&1 >/dev/null |
    analyze trace import --format lackey --only data - -o program.parquet

A recording of DynamoRIO is a folder of files, one for each thread, which are merged by time:
  analyze trace import drmemtrace.app.123.4567.dir -o app.parquet

Samples of a whole machine, which are not all accesses:
  perf mem record -a -- sleep 10
  perf script -F pid,tid,time,event,addr,data_src | analyze trace import - -o samples.parquet

CSV needs a header that names op and address and, where known, length, process, thread and time.
An op is load, store, fetch, map, unmap, protect, fork or exit, or 0 to 7 in that order.
Numbers are decimal, or hexadecimal after 0x; a time is in nanoseconds:
  op,address,length
  load,0x7f0000001000,8
Columns of other names are pointed to, or positions from 0 where there is no header;
with :hex, numbers are hexadecimal without 0x too:
  analyze trace import accesses.csv --columns op=kind,address=vaddr -o out.parquet
  analyze trace import accesses.csv --columns op=2,address=0:hex -o out.parquet

Fields may be parted by commas, semicolons, tabs or blanks. Lines of any other form are described,
field by field, with {} for a word that means nothing:
  analyze trace import own.txt --pattern '{process} {op:R|W} {address:x} {length}' -o out.parquet")]
pub struct ImportArguments {
    /// The trace to import, - for standard input; or folders or files of one drmemtrace recording
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<PathBuf>,
    /// The Parquet file to write
    #[arg(short, long, value_name = "OUT.parquet", value_parser = file())]
    output: PathBuf,
    /// Its format [default: told by the content]
    #[arg(long, value_parser = chosen(Format::ALL.map(|it| (it.name(), it.meaning(), it))))]
    format: Option<Format>,
    /// Where the columns of a CSV file are, such as op=2,address=0
    #[arg(long, value_name = "COLUMN=PLACE,…", value_parser = CsvColumns::parse)]
    columns: Option<CsvColumns>,
    /// What a line looks like, such as '{process} {op:R|W} {address:x} {length}'
    #[arg(long, value_name = "LINE", value_parser = Pattern::parse)]
    pattern: Option<Pattern>,
    /// What an access is where nothing says whether it loads or stores
    #[arg(long, value_parser = chosen([Op::Load, Op::Store].map(|op| (op.name(), OP_MEANING[usize::from(op == Op::Store)], op))))]
    op: Option<Op>,
    /// Take tags off addresses: bits 56 to 63 become what bit 55 is
    #[arg(long)]
    strip_tags: bool,
    /// Refuse what is left out and counted otherwise, such as accesses of 0 bytes
    #[arg(long)]
    strict: bool,
    /// Keep the whole records of an input that is cut off
    #[arg(long)]
    salvage: bool,
    /// Which accesses to keep
    #[arg(long, default_value = "all", value_parser = chosen(Only::ALL.map(|it| (it.name(), it.meaning(), it))))]
    only: Only,
    /// A note for the file's metadata, such as command="sort -n numbers.txt"; may be repeated
    #[arg(long = "note", value_name = "KEY=TEXT", value_parser = note)]
    notes: Vec<(String, String)>,
}

const OP_MEANING: [&str; 2] = ["Every such access is a load", "Every such access is a store"];

fn note(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=TEXT")?;
    Ok((key.to_string(), value.to_string()))
}

impl ImportArguments {
    pub fn run(self) -> Result<()> {
        let files = files(&self.inputs)?;
        overwrite::refuse(&self.output, &files)?;
        let inputs = files.iter().map(|file| Input::open(file)).collect::<Result<_>>()?;
        let notes = self.notes.into_iter().collect();
        let choices = Choices { only: self.only, op: self.op, strip_tags: self.strip_tags, strict: self.strict };
        let (format, columns, pattern, salvage) = (self.format, self.columns, self.pattern, self.salvage);
        let how = Import { format, columns, pattern, choices, salvage, notes };
        let bar = rows_bar(None, "importing");
        let imported = import(inputs, &how, &self.output, &|rows| bar.set_position(rows));
        bar.finish_and_clear();
        let Imported { format, packing, written, split, dropped, found } = imported?;
        print(|out| {
            writeln!(
                out,
                "{}: {} in {}",
                self.output.display(),
                many(written.rows, "row"),
                many(written.bytes, "byte")
            )?;
            writeln!(out, "  read as {}, {packing}", format.name())?;
            if dropped > 0 {
                writeln!(out, "  {} left out", many(dropped, "fetch"))?;
            }
            if split > 0 {
                writeln!(out, "  {} split at a 4 KiB boundary", many(split, "access"))?;
            }
            for (key, text) in &found {
                writeln!(out, "  {key}: {text}")?;
            }
            writeln!(out, "  rows {}", written.digest)
        })
    }
}
