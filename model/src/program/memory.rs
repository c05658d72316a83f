//! Rows that a program holds in memory.

use super::check::{self, Sequence};
use super::{CHUNK_ROWS, Row, Source};
use crate::error::{Defect, Result};

/// A trace made by code. Its rows are checked as those of a file are.
#[derive(Debug)]
pub struct MemorySource {
    rows: Vec<Row>,
    next: usize,
    chunk: usize,
    sequence: Sequence,
}

impl MemorySource {
    /// Yields these rows; unsound ones are an error when their turn comes.
    pub fn new(rows: Vec<Row>) -> MemorySource {
        MemorySource { rows, next: 0, chunk: CHUNK_ROWS, sequence: Sequence::default() }
    }

    /// Yields at most so many rows at a time, at least 1. Results do not depend on it.
    pub fn in_chunks_of(mut self, rows: usize) -> MemorySource {
        self.chunk = rows.clamp(1, CHUNK_ROWS);
        self
    }
}

impl Source for MemorySource {
    fn fill(&mut self, rows: &mut Vec<Row>) -> Result<()> {
        rows.clear();
        let end = self.rows.len().min(self.next + self.chunk);
        for (i, row) in self.rows.iter().enumerate().take(end).skip(self.next) {
            check::row(row).and_then(|()| self.sequence.check(row)).map_err(|unsound| {
                Defect::new("rows in memory", format!("row {i}"), unsound.found).expected(unsound.expected)
            })?;
            rows.push(*row);
        }
        self.next = end;
        Ok(())
    }

    fn expected_rows(&self) -> Option<u64> {
        Some(self.rows.len() as u64)
    }

    fn expected_accesses(&self) -> Option<u64> {
        Some(self.rows.iter().filter(|row| row.op.is_access()).count() as u64)
    }
}
