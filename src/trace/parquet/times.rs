//! The column of times, read beside the rows and only where someone asks for it.

use super::TIME;
use super::slice::Slices;
use crate::error::{Error, Result};
use std::collections::VecDeque;

/// The times of a trace's rows, in order. Holds those of about a million rows in memory.
pub struct Times {
    /// Of that column alone.
    slices: Slices,
    /// Decoded and not yet taken.
    decoded: VecDeque<u64>,
    taken: Vec<u64>,
}

impl Times {
    pub fn new(slices: Slices) -> Times {
        Times { slices, decoded: VecDeque::new(), taken: Vec::new() }
    }

    /// Decodes those of the next `count` rows.
    ///
    /// # Errors
    /// [`Error::Input`](crate::error::Error::Input) if they cannot be decoded.
    pub fn reach(&mut self, count: usize) -> Result<()> {
        while self.decoded.len() < count {
            self.advance()?;
        }
        Ok(())
    }

    /// Takes the times of the next `count` rows and leaves out those behind them, as far as `passed` rows go in all. They were
    /// [reached](Times::reach).
    pub fn take(&mut self, count: usize, passed: usize) {
        self.taken.clear();
        self.taken.extend(self.decoded.drain(..passed.min(self.decoded.len())).take(count));
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
        let failed = |cause: &str| Error::failed("read the times of a trace", cause);
        let frame = self.slices.next().ok_or_else(|| failed("there are no more"))??;
        let times = frame.column(TIME).and_then(|column| column.u64()).map_err(|cause| failed(&cause.to_string()))?;
        self.decoded.extend(times.iter().flatten());
        Ok(())
    }
}
