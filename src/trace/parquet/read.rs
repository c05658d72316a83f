//! A Parquet file to rows, a slice at a time.

use super::form::{check_version, columns, damaged, notes, open_file, refuse_other_formats};
use super::guard::guarded;
use super::slice::{check_pages, decode};
use super::times::Times;
use super::{COLUMNS, GROUP_ROWS, LENGTH, TIME};
use crate::error::{Defect, Result};
use crate::trace::check::{self, Sequence, Unsound};
use crate::trace::{CHUNK_ROWS, Op, Row, Source};
use polars::io::SerReader;
use polars::io::parquet::metadata::FileMetadataRef;
use polars::io::parquet::read::ParquetReader;
use polars::prelude::{DataFrame, PolarsResult};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// The rows of a Parquet file that has the columns of a trace, whatever its other columns and their order. Holds about
/// a million rows in memory at a time, however long the file and its row groups are.
pub struct ParquetSource {
    path: PathBuf,
    file: File,
    metadata: FileMetadataRef,
    notes: BTreeMap<String, String>,
    columns: Vec<String>,
    times: Option<Times>,
    /// Whether lengths are read only where they mean something: with calls.
    lengths_of_calls_only: bool,
    sequence: Sequence,
    slice: Slice,
    /// The next slice: its row group and the first row in it. No group: at the end.
    next: (usize, usize),
    /// Rows yielded, which is also the number of the next row.
    yielded: u64,
}

/// The rows decoded and not yet all yielded.
#[derive(Default)]
struct Slice {
    frame: DataFrame,
    /// Rows of the frame that were yielded.
    used: usize,
}

impl ParquetSource {
    /// Opens a trace and checks its form; its rows are checked as they are read.
    ///
    /// # Errors
    /// [`Error::Input`](crate::error::Error::Input) if it is no Parquet file, or a damaged one, or lacks the columns of a trace, or has no rows;
    /// [`Error::Failed`](crate::error::Error::Failed) if it cannot be read.
    pub fn open(path: &Path) -> Result<ParquetSource> {
        let mut file = open_file(path)?;
        refuse_other_formats(path, &mut file)?;
        let mut reader = ParquetReader::new(open_file(path)?);
        let metadata =
            guarded(|| reader.get_metadata().cloned()).map_err(|cause| damaged(path, String::new(), &cause))?;
        let schema = guarded(|| reader.schema()).map_err(|cause| damaged(path, String::new(), &cause))?;
        let columns = columns(path, |name| schema.get(name).map(|field| format!("{:?}", field.dtype())))?;
        let notes = notes(&metadata);
        check_version(path, &notes)?;
        let promised = metadata.row_groups.iter().map(|group| group.num_rows()).sum::<usize>();
        if promised != metadata.num_rows {
            let cause = format!("{} rows, but {promised} in its row groups", metadata.num_rows);
            return Err(damaged(path, String::new(), &cause));
        }
        if metadata.num_rows == 0 {
            return Err(Defect::new(path, "", "a trace without rows").expected("at least one row").into());
        }
        // A column of another type is another program's, and as good as none.
        let timed = schema.get(TIME).is_some_and(|field| format!("{:?}", field.dtype()) == "UInt64");
        let times = if timed { Some(Times::new(path, open_file(path)?, metadata.clone())) } else { None };
        Ok(ParquetSource {
            path: path.to_path_buf(),
            times,
            file,
            metadata,
            notes,
            columns,
            lengths_of_calls_only: false,
            sequence: Sequence::default(),
            slice: Slice::default(),
            next: (0, 0),
            yielded: 0,
        })
    }

    /// Leaves unread what a replay does not need: there are then no times, every thread is 0, and so is the length of an
    /// access where about a million rows hold no call.
    pub fn for_replay(mut self) -> ParquetSource {
        self.columns.retain(|column| column != "thread");
        self.lengths_of_calls_only = true;
        self.times = None;
        self
    }

    /// The key-value metadata of the file.
    pub fn notes(&self) -> &BTreeMap<String, String> {
        &self.notes
    }

    /// Decodes the next slice into `self.slice`; leaves it empty at the end.
    fn advance(&mut self) -> Result<()> {
        self.slice = Slice::default();
        let (group, start) = std::mem::replace(&mut self.next, (usize::MAX, 0));
        let Some(row_group) = self.metadata.row_groups.get(group) else {
            return Ok(());
        };
        let rows = row_group.num_rows().saturating_sub(start).min(GROUP_ROWS);
        let frame = guarded(|| self.decode(group, start, rows))
            .map_err(|cause| damaged(&self.path, format!("row {} or after", self.yielded), &cause))?;
        self.refuse_nulls(&frame)?;
        self.next = if start + rows == row_group.num_rows() { (group + 1, 0) } else { (group, start + rows) };
        self.slice = Slice { frame, used: 0 };
        Ok(())
    }

    fn decode(&self, group: usize, start: usize, rows: usize) -> Result<DataFrame, String> {
        if start == 0 {
            check_pages(&self.file, &self.metadata, &self.columns, group)?;
        }
        let (later, first): (Vec<_>, Vec<_>) =
            self.columns.iter().cloned().partition(|name| self.lengths_of_calls_only && name == LENGTH);
        let mut frame = decode(&self.file, &self.metadata, &first, group, start, rows)?;
        if !later.is_empty() && holds_calls(&frame).map_err(|cause| cause.to_string())? {
            let lengths = decode(&self.file, &self.metadata, &later, group, start, rows)?;
            frame.hstack_mut(lengths.columns()).map_err(|cause| cause.to_string())?;
        }
        Ok(frame)
    }

    fn refuse_nulls(&self, frame: &DataFrame) -> Result<()> {
        let Some(column) = frame.columns().iter().find(|column| column.null_count() > 0) else {
            return Ok(());
        };
        let first = column.is_null().iter().position(|null| null == Some(true)).unwrap_or_default();
        Err(Defect::new(
            &self.path,
            format!("row {}", self.yielded + first as u64),
            format!("column `{}` is null", column.name()),
        )
        .expected("a value in every row")
        .into())
    }
}

impl Source for ParquetSource {
    /// After an unsound row, of which the error tells, `rows` holds those before it, and the next call goes on behind
    /// it. Behind a place that cannot be decoded there is nothing.
    fn fill(&mut self, rows: &mut Vec<Row>) -> Result<()> {
        rows.clear();
        self.times.iter_mut().for_each(Times::clear);
        while self.slice.used == self.slice.frame.height() {
            if self.next.0 >= self.metadata.row_groups.len() {
                return Ok(());
            }
            self.advance()?;
        }
        let Slice { frame, used } = &mut self.slice;
        let end = frame.height().min(*used + CHUNK_ROWS);
        let lanes = Lanes::of(frame, *used..end)
            .map_err(|cause| damaged(&self.path, format!("row {} or after", self.yielded), &cause.to_string()))?;
        let outcome = lanes.append(rows, &mut self.sequence);
        let unsound_row = self.yielded + rows.len() as u64;
        let taken = rows.len() + usize::from(outcome.is_err());
        *used += taken;
        self.yielded += taken as u64;
        if let Some(times) = &mut self.times {
            times.take(rows.len(), taken)?;
        }
        outcome.map_err(|Unsound { found, expected }| {
            Defect::new(&self.path, format!("row {unsound_row}"), found).expected(expected).into()
        })
    }

    fn expected_rows(&self) -> Option<u64> {
        Some(self.metadata.num_rows as u64)
    }

    fn times(&self) -> Option<&[u64]> {
        self.times.as_ref().map(Times::taken)
    }
}

/// The columns of some rows, side by side.
struct Lanes<'a> {
    op: &'a [u8],
    address: &'a [u64],
    length: &'a [u64],
    process: &'a [u32],
    thread: &'a [u32],
}

/// Rows that are checked together.
const BATCH_ROWS: usize = 256;

/// What a column holds that is missing, or was not read.
static ZEROS: ([u32; CHUNK_ROWS], [u64; CHUNK_ROWS]) = ([0; CHUNK_ROWS], [0; CHUNK_ROWS]);

/// Whether any op is no access, or none at all.
fn holds_calls(frame: &DataFrame) -> PolarsResult<bool> {
    let ops = frame.column(COLUMNS[0])?.u8()?.cont_slice()?;
    Ok(ops.iter().fold(0, |most, &op| most.max(op)) > Op::Fetch as u8)
}

impl<'a> Lanes<'a> {
    fn of(frame: &'a DataFrame, range: std::ops::Range<usize>) -> PolarsResult<Lanes<'a>> {
        let [op, address, length, process, thread] = COLUMNS;
        let u32s = |name: &str| -> PolarsResult<&'a [u32]> {
            match frame.column(name) {
                Ok(column) => Ok(&column.u32()?.cont_slice()?[range.clone()]),
                Err(_) => Ok(&ZEROS.0[..range.len()]),
            }
        };
        let length = match frame.column(length) {
            Ok(column) => &column.u64()?.cont_slice()?[range.clone()],
            Err(_) => &ZEROS.1[..range.len()],
        };
        Ok(Lanes {
            op: &frame.column(op)?.u8()?.cont_slice()?[range.clone()],
            address: &frame.column(address)?.u64()?.cont_slice()?[range.clone()],
            length,
            process: u32s(process)?,
            thread: u32s(thread)?,
        })
    }

    /// Appends the rows up to the first unsound one; where it fails, `rows.len()` tells which one that was.
    fn append(&self, rows: &mut Vec<Row>, sequence: &mut Sequence) -> Result<(), Unsound> {
        rows.reserve(self.op.len());
        let mut start = 0;
        while start < self.op.len() {
            let end = self.op.len().min(start + BATCH_ROWS);
            let batch = self.part(start..end);
            if batch.is_plain(sequence) {
                rows.extend((0..batch.op.len()).map(|index| batch.access(index)));
            } else {
                batch.append_one_by_one(rows, sequence)?;
            }
            start = end;
        }
        Ok(())
    }

    fn part(&self, range: std::ops::Range<usize>) -> Lanes<'a> {
        Lanes {
            op: &self.op[range.clone()],
            address: &self.address[range.clone()],
            length: &self.length[range.clone()],
            process: &self.process[range.clone()],
            thread: &self.thread[range],
        }
    }

    /// Whether all rows are sound accesses of the process that the rows before were about: true of nearly all rows of
    /// real traces. Looks at each column by itself, which the compiler turns into vector instructions.
    fn is_plain(&self, sequence: &Sequence) -> bool {
        let accesses = self.op.iter().fold(0, |most, &op| most.max(op)) <= Op::Fetch as u8;
        let canonical = self.address.iter().fold(true, |all, &address| all & check::is_canonical(address));
        let process = self.process[0];
        let same = self.process.iter().fold(0, |differ, &other| differ | (other ^ process)) == 0;
        accesses && canonical && same && sequence.continues(process)
    }

    /// A row that is known to be an access.
    fn access(&self, index: usize) -> Row {
        Row {
            op: match self.op[index] {
                0 => Op::Load,
                1 => Op::Store,
                _ => Op::Fetch,
            },
            address: self.address[index],
            length: self.length[index],
            process: self.process[index],
            thread: self.thread[index],
        }
    }

    fn append_one_by_one(&self, rows: &mut Vec<Row>, sequence: &mut Sequence) -> Result<(), Unsound> {
        for (index, &number) in self.op.iter().enumerate() {
            let Some(op) = Op::from_number(number) else {
                return Err(Unsound { found: format!("op {number}"), expected: "an op from 0 (load) to 7 (exit)" });
            };
            let row = Row { op, ..self.access(index) };
            check::row(&row)?;
            if !(op.is_access() && sequence.continues(row.process)) {
                sequence.check(&row)?;
            }
            rows.push(row);
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
