//! The slices of a Parquet file, decoded one after another.

use super::form::damaged;
use super::guard::guarded;
use super::{COLUMNS, HELD_ROWS, LENGTH, THREAD, pages};
use crate::error::{Defect, Result};
use crate::trace::Op;
use polars::io::SerReader;
use polars::io::mmap::ReaderBytes;
use polars::io::parquet::metadata::{FileMetadata, FileMetadataRef};
use polars::io::parquet::read::{ParallelStrategy, ParquetReader};
use polars::prelude::{DataFrame, PolarsResult};
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;

/// Yields the columns of at most [`HELD_ROWS`] rows of one row group at a time, and nothing behind an error.
pub struct Slices {
    path: PathBuf,
    /// The whole file, mapped once.
    bytes: ReaderBytes<'static>,
    metadata: FileMetadataRef,
    /// The same without row groups and notes.
    rest: FileMetadata,
    columns: Vec<String>,
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
    pub fn new(path: PathBuf, bytes: ReaderBytes<'static>, metadata: FileMetadataRef, columns: Vec<String>) -> Slices {
        let rest = FileMetadata { row_groups: Vec::new(), key_value_metadata: None, ..FileMetadata::clone(&metadata) };
        let (lengths_of_calls_only, leaves_out_threads) = (false, false);
        Slices {
            path,
            bytes,
            metadata,
            rest,
            columns,
            lengths_of_calls_only,
            leaves_out_threads,
            next: (0, 0),
            before: 0,
        }
    }

    /// Other columns of the same file, from its first row.
    pub fn again(&self, bytes: ReaderBytes<'static>, columns: Vec<String>) -> Slices {
        Slices::new(self.path.clone(), bytes, self.metadata.clone(), columns)
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

    fn slice(&self, group: usize, start: usize, rows: usize) -> Result<DataFrame> {
        let frame = guarded(|| self.decode(group, start, rows))
            .map_err(|cause| damaged(&self.path, format!("row {} or after", self.before), &cause))?;
        self.refuse_nulls(&frame)?;
        Ok(frame)
    }

    fn decode(&self, group: usize, start: usize, rows: usize) -> Result<DataFrame, String> {
        if start == 0 {
            self.check_pages(group)?;
        }
        let (later, first): (Vec<_>, Vec<_>) =
            self.columns.iter().cloned().partition(|name| self.lengths_of_calls_only && name == LENGTH);
        let mut frame = self.columns_of(first, group, start, rows)?;
        if !later.is_empty() && holds_calls(&frame).map_err(|cause| cause.to_string())? {
            let lengths = self.columns_of(later, group, start, rows)?;
            frame.hstack_mut(lengths.columns()).map_err(|cause| cause.to_string())?;
        }
        Ok(frame)
    }

    /// Whether the pages of a row group hold what the metadata promises.
    fn check_pages(&self, group: usize) -> Result<(), String> {
        let row_group = &self.metadata.row_groups[group];
        for name in &self.columns {
            for column in row_group.columns_under_root_iter(name).into_iter().flatten() {
                pages::check(&self.bytes, column, row_group.num_rows())?;
            }
        }
        Ok(())
    }

    fn columns_of(&self, columns: Vec<String>, group: usize, start: usize, rows: usize) -> Result<DataFrame, String> {
        let row_group = &self.metadata.row_groups[group];
        let mut reader = ParquetReader::new(Cursor::new(&*self.bytes))
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
        let all = self.metadata.row_groups.get(group)?.num_rows();
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
    let ops = frame.column(COLUMNS[0])?.u8()?.cont_slice()?;
    Ok(ops.iter().fold(0, |most, &op| most.max(op)) > Op::Fetch as u8)
}
