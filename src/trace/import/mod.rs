//! Traces of other tools to rows.

mod csv;
mod lackey;

use super::check::{self, Sequence, Unsound};
use super::input::{Lines, shown};
use super::parquet::{ParquetSink, Written};
use super::{Op, Row};
use crate::error::{Defect, Error, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// A format that can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Valgrind's `--tool=lackey --trace-mem=yes`
    Lackey,
    /// Named columns op, address and, if there, length, process, thread
    Csv,
}

impl Format {
    pub const ALL: [Format; 2] = [Format::Lackey, Format::Csv];

    pub const fn name(self) -> &'static str {
        match self {
            Format::Lackey => "lackey",
            Format::Csv => "csv",
        }
    }

    /// What the format leaves open and the import takes for granted.
    pub const fn assumed(self) -> &'static str {
        match self {
            Format::Lackey => {
                "one process (1), threads unknown (0), no calls that map or unmap; M is a load, then a store"
            }
            Format::Csv => "a missing length is 1 byte, a missing process or thread 0",
        }
    }

    /// The format whose lines look like the first lines of `block`, if only one does.
    fn told_by(block: &[u8]) -> Option<Format> {
        let mut lines = block.split_inclusive(|&byte| byte == b'\n').filter(|line| !lackey::is_remark(line));
        let first = lines.next()?;
        if lackey::is_reference(first) { Some(Format::Lackey) } else { csv::is_header(first).then_some(Format::Csv) }
    }
}

/// Which accesses to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Only {
    /// Loads and stores; instruction fetches are dropped
    Data,
    /// Every access
    All,
}

/// What an import made.
#[derive(Clone, Debug)]
pub struct Imported {
    pub format: Format,
    pub compression: &'static str,
    pub written: Written,
    /// Accesses that crossed a 4 KiB boundary and became two rows or more.
    pub split: u64,
    /// Fetches dropped.
    pub dropped: u64,
}

/// Longest access, in bytes: above what any instruction moves, so that a wrong length does not become a million rows.
const MOST_BYTES: u64 = 1 << 16;
const PAGE_BYTES: u64 = 4096;

/// A line that is no row of its format.
struct BadLine {
    /// Lines before it in the block.
    index: u64,
    unsound: Unsound,
}

/// Takes the rows that a format finds: drops, checks and splits them.
struct Rows {
    rows: Vec<Row>,
    sequence: Sequence,
    only: Only,
    split: u64,
    dropped: u64,
}

impl Rows {
    fn new(only: Only) -> Rows {
        Rows { rows: Vec::new(), sequence: Sequence::default(), only, split: 0, dropped: 0 }
    }

    fn push(&mut self, row: Row) -> Result<(), Unsound> {
        check::row(&row)?;
        if !self.sequence.continues(row.process) || !row.op.is_access() {
            self.sequence.check(&row)?;
        }
        if row.op == Op::Fetch && self.only == Only::Data {
            self.dropped += 1;
        } else if check::crosses_page(&row) {
            return self.push_split(row);
        } else {
            self.rows.push(row);
        }
        Ok(())
    }

    fn push_split(&mut self, mut row: Row) -> Result<(), Unsound> {
        if row.length > MOST_BYTES {
            return Err(Unsound {
                found: format!("an access of {} bytes", row.length),
                expected: "an access of at most 65536 bytes",
            });
        }
        let last = row.address.checked_add(row.length - 1);
        if !last.is_some_and(check::is_canonical) {
            return Err(Unsound {
                found: format!("an access of {} bytes at {:#x}", row.length, row.address),
                expected: "an access that ends where page tables reach",
            });
        }
        self.split += 1;
        while row.length > 0 {
            let here = row.length.min(PAGE_BYTES - row.address % PAGE_BYTES);
            self.rows.push(Row { length: here, ..row });
            row.length -= here;
            row.address = row.address.wrapping_add(here);
        }
        Ok(())
    }
}

/// What to make of an input.
#[derive(Clone, Debug)]
pub struct Import {
    /// The format; told by the first lines where it is not given.
    pub format: Option<Format>,
    pub only: Only,
    /// Notes for the metadata, beside those that the import makes itself.
    pub notes: BTreeMap<String, String>,
}

/// Imports `input` to the Parquet file `output`, which appears only if all went well. `progress` is told the rows so far.
///
/// # Errors
/// [`Error::Input`] for a line that is no row, an unsound row, a stream that is cut off, an input without accesses, or
/// a format that the first lines do not tell; [`Error::Failed`] if the output cannot be written.
pub fn import(mut input: Lines, how: &Import, output: &Path, progress: &dyn Fn(u64)) -> Result<Imported> {
    let format = match how.format {
        Some(format) => format,
        None => tell_format(&mut input)?,
    };
    let mut parse = parser(format);
    let mut rows = Rows::new(how.only);
    let mut sink = ParquetSink::create(output, notes(&input, format, how))?;
    let mut count = 0;
    while let Some(block) = input.block()? {
        if let Err(BadLine { index, unsound }) = parse(block, &mut rows) {
            let line = block.split(|&byte| byte == b'\n').nth(index as usize).unwrap_or_default();
            let found = format!("{}: {}", shown(line), unsound.found);
            return Err(input.defect(index, found).expected(unsound.expected).into());
        }
        sink.extend(&rows.rows)?;
        count += rows.rows.len() as u64;
        rows.rows.clear();
        progress(count);
    }
    if count == 0 {
        return Err(empty(&input, &rows));
    }
    let (split, dropped, compression) = (rows.split, rows.dropped, input.compression().name());
    Ok(Imported { format, compression, written: sink.finish()?, split, dropped })
}

type Parse = Box<dyn FnMut(&[u8], &mut Rows) -> Result<(), BadLine>>;

fn parser(format: Format) -> Parse {
    match format {
        Format::Lackey => Box::new(lackey::parse),
        Format::Csv => {
            let mut table = csv::Table::default();
            Box::new(move |block, rows| table.parse(block, rows))
        }
    }
}

fn tell_format(input: &mut Lines) -> Result<Format> {
    let Some(block) = input.block()? else {
        return Err(Defect::new(input.name(), "", "no lines").expected("a trace").into());
    };
    let (format, length) = (Format::told_by(block), block.len());
    let first = shown(block.split(|&byte| byte == b'\n').next().unwrap_or_default());
    input.put_back(length);
    format.ok_or_else(|| {
        let names = Format::ALL.map(Format::name).join(" or ");
        Defect::new(input.name(), "line 1", format!("cannot tell the format from {first}"))
            .expected("a line of Valgrind's lackey such as \" L 1ffefff8,8\", or a CSV header with op and address")
            .remedy(format!("name it: --format {names}"))
            .into()
    })
}

fn notes(input: &Lines, format: Format, how: &Import) -> BTreeMap<String, String> {
    let only = match how.only {
        Only::Data => "loads and stores",
        Only::All => "every access",
    };
    let source = format!("{} ({}, {})", input.name(), format.name(), input.compression().name());
    let assumed = format!("{}; an access that crosses a 4 KiB boundary is split there", format.assumed());
    let own = [("source", source), ("only", only.to_string()), ("assumed", assumed)];
    let mut notes: BTreeMap<_, _> = own.map(|(key, value)| (key.to_string(), value)).into();
    notes.extend(how.notes.clone());
    notes
}

fn empty(input: &Lines, rows: &Rows) -> Error {
    let defect = Defect::new(input.name(), "", "no row to import").expected("at least one access");
    match rows.dropped {
        0 => defect.into(),
        dropped => defect.remedy(format!("`--only all` keeps its {dropped} instruction fetches")).into(),
    }
}
