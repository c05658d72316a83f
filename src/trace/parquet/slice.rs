//! The slices of a Parquet file, decoded one after another.

use super::fault::Fault;
use super::guard::guarded;
use super::opened::Opened;
use super::values::{Misfit, fit};
use super::{COLUMNS, HELD_ROWS, LENGTH, THREAD, ops, pages};
use crate::error::{Defect, Error, Result};
use crate::trace::Op;
use polars::io::SerReader;
use polars::io::parquet::metadata::FileMetadata;
use polars::io::parquet::read::{ParallelStrategy, ParquetReader};
use polars::prelude::{DataFrame, PolarsError, PolarsResult};
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;

/// Yields the columns of at most [`HELD_ROWS`] rows of one row group at a time, and nothing behind an error.
pub struct Slices {
    path: PathBuf,
    opened: Arc<Opened>,
    /// Its metadata without row groups.
    rest: FileMetadata,
    columns: Vec<String>,
    /// Whether row groups are held against their checksums: by whoever reads the rows, not again by who reads beside.
    checks: bool,
    /// Whether lengths are read only where they mean something: with calls.
    lengths_of_calls_only: bool,
    /// Whether the file has threads that are not read.
    leaves_out_threads: bool,
    /// The next slice: its row group and the first row in it. No group: at the end.
    next: (usize, usize),
    /// Rows before the next slice.
    before: u64,
}

impl Slices {
    pub fn new(path: PathBuf, opened: Opened, columns: Vec<String>) -> Slices {
        let rest = FileMetadata { row_groups: Vec::new(), ..FileMetadata::clone(&opened.metadata) };
        Slices {
            path,
            opened: Arc::new(opened),
            rest,
            columns,
            checks: true,
            lengths_of_calls_only: false,
            leaves_out_threads: false,
            next: (0, 0),
            before: 0,
        }
    }

    /// Another column of the same file, from its first row.
    pub fn beside(&self, column: &str) -> Slices {
        Slices {
            path: self.path.clone(),
            opened: Arc::clone(&self.opened),
            rest: self.rest.clone(),
            columns: vec![column.to_string()],
            checks: false,
            lengths_of_calls_only: false,
            leaves_out_threads: false,
            next: (0, 0),
            before: 0,
        }
    }

    /// Accesses among all rows; `None` where ops cannot be decoded. Only those of row groups that may hold calls are.
    pub fn accesses(&self) -> Option<u64> {
        let (mut ops, mut accesses) = (self.beside(COLUMNS[0]), 0);
        while let Some(group) = self.opened.metadata.row_groups.get(ops.next.0) {
            let column = group.columns_under_root_iter(COLUMNS[0])?.next()?;
            accesses += if ops::are_accesses(self.opened.bytes(), column, group.num_rows()) {
                ops.next.0 += 1;
                group.num_rows()
            } else {
                let slice = ops.next()?.ok()?;
                numbers(&slice).ok()?.iter().filter(|op| **op <= Op::Fetch as u8).count()
            } as u64;
        }
        Some(accesses)
    }

    pub fn leave_out_what_no_replay_needs(&mut self) {
        self.leaves_out_threads = self.columns.iter().any(|column| column == THREAD);
        self.columns.retain(|column| column != THREAD);
        self.lengths_of_calls_only = true;
    }

    /// Reads threads again, which some replays do need.
    pub fn read_threads(&mut self) {
        if std::mem::take(&mut self.leaves_out_threads) {
            self.columns.push(THREAD.to_string());
        }
    }

    /// Reads no further.
    pub fn stop(&mut self) {
        self.next = (usize::MAX, 0);
    }

    fn slice(&self, group: usize, start: usize, rows: usize) -> Result<DataFrame> {
        if start == 0 && self.checks {
            self.opened.check_group(group).map_err(|fault| self.fault(&fault))?;
        }
        let (later, first): (Vec<_>, Vec<_>) =
            self.columns.iter().cloned().partition(|name| self.lengths_of_calls_only && name == LENGTH);
        if start == 0 {
            self.check_pages(&first, group)?;
        }
        let mut frame = self.columns_of(first, group, start, rows)?;
        let broken = |cause: PolarsError| self.fault(&Fault::Broken(cause.to_string()));
        if !later.is_empty() && holds_calls(&frame).map_err(broken)? {
            self.check_pages(&later, group)?;
            let lengths = self.columns_of(later, group, start, rows)?;
            frame.hstack_mut(lengths.columns()).map_err(broken)?;
        }
        Ok(frame)
    }

    fn fault(&self, fault: &Fault) -> Error {
        fault.error(&self.path, format!("row {} or after", self.before))
    }

    /// Some columns of a slice, as a trace has them.
    fn columns_of(&self, columns: Vec<String>, group: usize, start: usize, rows: usize) -> Result<DataFrame> {
        let broken = |cause: String| self.fault(&Fault::Broken(cause));
        let mut frame = guarded(|| self.decode(columns, group, start, rows)).map_err(broken)?;
        self.refuse_nulls(&frame)?;
        fit(&mut frame).map_err(|cause| broken(cause.to_string()))?.map_err(|Misfit { row, found, expected }| {
            Defect::new(&self.path, format!("row {}", self.before + row as u64), found).expected(expected)
        })?;
        Ok(frame)
    }

    /// Whether the pages of a row group hold what the metadata promises.
    fn check_pages(&self, columns: &[String], group: usize) -> Result<()> {
        let row_group = &self.opened.metadata.row_groups[group];
        for name in columns {
            for column in row_group.columns_under_root_iter(name).into_iter().flatten() {
                pages::check(self.opened.bytes(), column, row_group.num_rows()).map_err(|fault| self.fault(&fault))?;
            }
        }
        Ok(())
    }

    fn decode(&self, columns: Vec<String>, group: usize, start: usize, rows: usize) -> Result<DataFrame, String> {
        let row_group = &self.opened.metadata.row_groups[group];
        let mut reader = ParquetReader::new(Cursor::new(self.opened.bytes()))
            .with_columns(Some(columns))
            .with_slice(Some((start, rows)))
            .read_parallel(ParallelStrategy::None)
            .set_rechunk(true);
        // The reader walks every row group before a slice, so it is shown only the one that it needs.
        reader.set_metadata(Arc::new(FileMetadata {
            num_rows: row_group.num_rows(),
            row_groups: vec![row_group.clone()],
            ..self.rest.clone()
        }));
        let frame = reader.finish().map_err(|error| error.to_string())?;
        // A damaged file may yield columns of different lengths in one frame.
        match frame.columns().iter().find(|column| column.len() != rows) {
            Some(column) => {
                Err(format!("{} rows in column `{}` where {rows} are promised", column.len(), column.name()))
            }
            None => Ok(frame),
        }
    }

    fn refuse_nulls(&self, frame: &DataFrame) -> Result<()> {
        let Some(column) = frame.columns().iter().find(|column| column.null_count() > 0) else {
            return Ok(());
        };
        let first = column.is_null().iter().position(|null| null == Some(true)).unwrap_or_default();
        let found = format!("column `{}` is null", column.name());
        Err(Defect::new(&self.path, format!("row {}", self.before + first as u64), found)
            .expected("a value in every row")
            .into())
    }
}

impl Iterator for Slices {
    type Item = Result<DataFrame>;

    fn next(&mut self) -> Option<Result<DataFrame>> {
        let (group, start) = std::mem::replace(&mut self.next, (usize::MAX, 0));
        let all = self.opened.metadata.row_groups.get(group)?.num_rows();
        let rows = all.saturating_sub(start).min(HELD_ROWS);
        let slice = self.slice(group, start, rows);
        if slice.is_ok() {
            self.next = if start + rows == all { (group + 1, 0) } else { (group, start + rows) };
            self.before += rows as u64;
        }
        Some(slice)
    }
}

/// Whether any op is no access, or none at all.
fn holds_calls(frame: &DataFrame) -> PolarsResult<bool> {
    Ok(numbers(frame)?.iter().fold(0, |most, &op| most.max(op)) > Op::Fetch as u8)
}

/// Ops.
fn numbers(frame: &DataFrame) -> PolarsResult<&[u8]> {
    frame.column(COLUMNS[0])?.u8()?.cont_slice()
}
