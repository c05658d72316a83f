//! What a program did: rows of memory accesses and address-space calls, in program order, and what of them a replay needs.

pub mod check;
mod columns;
mod memory;
mod processors;
mod ranges;
mod row;
mod run;
mod strip;
pub mod touched;

pub use columns::{Columns, Part};
pub use memory::MemorySource;
pub use processors::{MOST_PROCESSORS, PerProcessor, Processor, Processors, Vcpus};
pub use ranges::Ranges;
pub use row::{Op, Row};
pub use run::{Call, Chunk, Owner, Run};
pub use strip::Strip;
pub use touched::Touched;

use crate::error::Result;

/// The most rows that one [`Source::fill`] yields: 16 Ki rows of 32 bytes, so that a chunk stays in the L2 cache.
pub const CHUNK_ROWS: usize = 1 << 14;

/// Something that yields the rows of a trace in program order. Every row is sound by the rules of [`check`].
pub trait Source: Send {
    /// Clears `rows` and fills it with the next rows, at most [`CHUNK_ROWS`]; leaves it empty at the end.
    fn fill(&mut self, rows: &mut Vec<Row>) -> Result<()>;

    /// The same for a replay, which needs no length of an access, and threads only where there is a column for them.
    fn fill_columns(&mut self, columns: &mut Columns) -> Result<()> {
        columns.refill(|rows| self.fill(rows))
    }

    /// Rows in all, where known beforehand.
    fn expected_rows(&self) -> Option<u64>;

    /// Accesses in all, where known beforehand.
    fn expected_accesses(&self) -> Option<u64> {
        None
    }

    /// The time of each row that the last [`Source::fill`] yielded, in nanoseconds; `None` if the trace has none.
    fn times(&self) -> Option<&[u64]> {
        None
    }
}
