//! The column of times, read beside the rows and only where someone asks for it.

use super::form::damaged;
use super::slice::{check_pages, decode};
use super::{GROUP_ROWS, TIME, guarded};
use crate::error::{Defect, Result};
use polars::io::parquet::metadata::FileMetadataRef;
use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};

/// The times of a trace's rows, in order. Holds those of about a million rows in memory.
pub struct Times {
    path: PathBuf,
    file: File,
    metadata: FileMetadataRef,
    /// What is not yet decoded: a row group, the first row in it, how many.
    slices: VecDeque<(usize, usize, usize)>,
    /// Decoded and not yet taken.
    decoded: VecDeque<u64>,
    /// How many were taken.
    row: u64,
    taken: Vec<u64>,
}

impl Times {
    pub fn new(path: &Path, file: File, metadata: FileMetadataRef) -> Times {
        let slices = metadata.row_groups.iter().enumerate().flat_map(|(group, of)| {
            let rows = of.num_rows();
            (0..rows).step_by(GROUP_ROWS).map(move |start| (group, start, GROUP_ROWS.min(rows - start)))
        });
        let (slices, path) = (slices.collect(), path.to_path_buf());
        Times { path, file, metadata, slices, decoded: VecDeque::new(), row: 0, taken: Vec::new() }
    }

    /// Takes the times of the next `count` rows and leaves out those behind them, as far as `passed` rows go in all.
    ///
    /// # Errors
    /// [`Error::Input`](crate::error::Error::Input) if they cannot be decoded.
    pub fn take(&mut self, count: usize, passed: usize) -> Result<()> {
        while self.decoded.len() < passed {
            self.advance()?;
        }
        self.taken.clear();
        self.taken.extend(self.decoded.drain(..passed).take(count));
        self.row += passed as u64;
        Ok(())
    }

    /// Forgets those that were taken.
    pub fn clear(&mut self) {
        self.taken.clear();
    }

    /// Those that were taken last.
    pub fn taken(&self) -> &[u64] {
        &self.taken
    }

    fn advance(&mut self) -> Result<()> {
        let row = self.row + self.decoded.len() as u64;
        let damaged = |cause: String| damaged(&self.path, format!("row {row} or after"), &cause);
        let (group, start, rows) = self.slices.pop_front().ok_or_else(|| damaged("no more times".to_string()))?;
        let column = [TIME.to_string()];
        let frame = guarded(|| {
            if start == 0 {
                check_pages(&self.file, &self.metadata, &column, group)?;
            }
            decode(&self.file, &self.metadata, &column, group, start, rows)
        });
        let frame = frame.map_err(damaged)?;
        let times = frame.column(TIME).and_then(|column| column.u64()).map_err(|cause| damaged(cause.to_string()))?;
        if let Some(null) = times.iter().position(|time| time.is_none()) {
            let place = format!("row {}", row + null as u64);
            let defect = Defect::new(&self.path, place, format!("column `{TIME}` is null"));
            return Err(defect.expected("a value in every row, or no such column").into());
        }
        self.decoded.extend(times.iter().flatten());
        Ok(())
    }
}
