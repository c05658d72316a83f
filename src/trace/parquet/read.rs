//! A Parquet file to rows, a slice at a time.

use super::fault::Fault;
use super::form::{self, check_version, columns, is_timed};
use super::slice::Slices;
use super::times::Times;
use super::{COLUMNS, TIME};
use crate::address::{Gva, Level};
use crate::error::{Defect, Result};
use crate::trace::check::{self, Sequence, Unsound};
use crate::trace::{CHUNK_ROWS, Columns, Op, Row, Source};
use polars::prelude::{DataFrame, PolarsError, PolarsResult};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The rows of a Parquet file that has the columns of a trace, whatever its other columns and their order. Holds about
/// a million rows in memory at a time, however long the file and its row groups are.
pub struct ParquetSource {
    path: PathBuf,
    notes: BTreeMap<String, String>,
    rows: u64,
    slices: Slices,
    times: Option<Times>,
    sequence: Sequence,
    slice: DataFrame,
    /// Rows of the slice that were yielded.
    used: usize,
    /// Rows yielded, which is also the number of the next row.
    yielded: u64,
}

impl ParquetSource {
    /// Opens a trace and checks its form; its rows are checked as they are read.
    ///
    /// # Errors
    /// [`Error::Input`](crate::error::Error::Input) if it is no Parquet file, or a damaged one, or lacks the columns of a trace, or has no rows;
    /// [`Error::Failed`](crate::error::Error::Failed) if it cannot be read.
    pub fn open(path: &Path) -> Result<ParquetSource> {
        let opened = form::open(path)?;
        let columns = columns(path, &opened)?;
        let notes = opened.notes.clone();
        check_version(path, &notes)?;
        let rows = opened.metadata.num_rows as u64;
        if rows == 0 {
            return Err(Defect::new(path, "", "a trace without rows").expected("at least one row").into());
        }
        let timed = is_timed(&opened);
        let slices = Slices::new(path.to_path_buf(), opened, columns);
        Ok(ParquetSource {
            path: path.to_path_buf(),
            times: timed.then(|| Times::new(slices.beside(TIME))),
            notes,
            rows,
            slices,
            sequence: Sequence::default(),
            slice: DataFrame::default(),
            used: 0,
            yielded: 0,
        })
    }

    /// Leaves unread what a replay does not need: there are then no times, every thread is 0 unless columns ask for threads from
    /// the first row on, and the length of an access is 0 where about a million rows hold no call.
    pub fn for_replay(mut self) -> ParquetSource {
        self.slices.leave_out_what_no_replay_needs();
        self.times = None;
        self
    }

    /// The key-value metadata of the file.
    pub fn notes(&self) -> &BTreeMap<String, String> {
        &self.notes
    }

    /// After an unsound row, of which the error tells, `rows` holds those before it, and the next call goes on behind
    /// it. Behind a place that cannot be decoded there is nothing.
    fn take(&mut self, rows: &mut impl Rows) -> Result<()> {
        self.times.iter_mut().for_each(Times::clear);
        while self.used == self.slice.height() {
            self.slice = DataFrame::default();
            self.used = 0;
            let Some(slice) = self.slices.next() else { return Ok(()) };
            self.slice = slice?;
        }
        let end = self.slice.height().min(self.used + CHUNK_ROWS);
        let ready = self.times.as_mut().map_or(Ok(()), |times| times.reach(end - self.used));
        let broken = |cause: PolarsError| {
            Fault::Broken(cause.to_string()).error(&self.path, format!("row {} or after", self.yielded))
        };
        let lanes = match ready.and_then(|()| Lanes::of(&self.slice, self.used..end).map_err(broken)) {
            Ok(lanes) => lanes,
            Err(error) => {
                self.stop();
                return Err(error);
            }
        };
        let outcome = lanes.append(rows, &mut self.sequence);
        let unsound_row = self.yielded + rows.count() as u64;
        let taken = rows.count() + usize::from(outcome.is_err());
        self.used += taken;
        self.yielded += taken as u64;
        if let Some(times) = &mut self.times {
            times.take(rows.count(), taken);
        }
        outcome.map_err(|Unsound { found, expected }| {
            Defect::new(&self.path, format!("row {unsound_row}"), found).expected(expected).into()
        })
    }

    /// Reads no further: behind a place that cannot be decoded there is nothing.
    fn stop(&mut self) {
        self.slices.stop();
        self.slice = DataFrame::default();
        self.used = 0;
    }
}

impl Source for ParquetSource {
    fn fill(&mut self, rows: &mut Vec<Row>) -> Result<()> {
        rows.clear();
        self.take(rows)
    }

    fn fill_columns(&mut self, columns: &mut Columns) -> Result<()> {
        columns.clear();
        if columns.threads.is_some() {
            self.slices.read_threads();
        }
        self.take(columns)
    }

    fn expected_rows(&self) -> Option<u64> {
        Some(self.rows)
    }

    fn expected_accesses(&self) -> Option<u64> {
        self.slices.accesses()
    }

    fn times(&self) -> Option<&[u64]> {
        self.times.as_ref().map(Times::taken)
    }
}

/// What rows are put into.
trait Rows {
    /// Rows so far.
    fn count(&self) -> usize;
    fn push(&mut self, row: Row);
    /// Appends accesses.
    fn extend(&mut self, accesses: &Lanes<'_>);
}

impl Rows for Vec<Row> {
    fn count(&self) -> usize {
        self.len()
    }

    fn push(&mut self, row: Row) {
        self.push(row);
    }

    fn extend(&mut self, accesses: &Lanes<'_>) {
        Extend::extend(
            self,
            (0..accesses.op.len()).map(|index| accesses.row(index, Op::of_access(accesses.op[index]))),
        );
    }
}

impl Rows for Columns {
    fn count(&self) -> usize {
        self.all().rows()
    }

    fn push(&mut self, row: Row) {
        self.push(&row);
    }

    fn extend(&mut self, accesses: &Lanes<'_>) {
        self.extend(accesses.op, accesses.address, accesses.process, accesses.thread);
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

    /// Appends the rows up to the first unsound one; where it fails, the count of `rows` tells which one that was.
    fn append(&self, rows: &mut impl Rows, sequence: &mut Sequence) -> Result<(), Unsound> {
        let mut start = 0;
        while start < self.op.len() {
            let end = self.op.len().min(start + BATCH_ROWS);
            let batch = self.part(start..end);
            if batch.is_plain(sequence) {
                rows.extend(&batch);
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
        let canonical = Gva::are_canonical(self.address, Level::MAX);
        let process = self.process[0];
        let same = self.process.iter().fold(0, |differ, &other| differ | (other ^ process)) == 0;
        accesses && canonical && same && sequence.continues(process)
    }

    fn row(&self, index: usize, op: Op) -> Row {
        Row {
            op,
            address: self.address[index],
            length: self.length[index],
            process: self.process[index],
            thread: self.thread[index],
        }
    }

    fn append_one_by_one(&self, rows: &mut impl Rows, sequence: &mut Sequence) -> Result<(), Unsound> {
        for (index, &number) in self.op.iter().enumerate() {
            let Some(op) = Op::from_number(number) else {
                return Err(Unsound { found: format!("op {number}"), expected: "an op from 0 (load) to 7 (exit)" });
            };
            let row = self.row(index, op);
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
mod claims;
#[cfg(test)]
mod foreign;
#[cfg(test)]
mod tests;
