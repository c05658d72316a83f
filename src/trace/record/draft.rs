//! Rows that are put together quickly.

use super::wire::MOST_WORDS;
use crate::trace::parquet::HELD_ROWS;
use crate::trace::{Op, Row};
use std::iter;
use std::time::SystemTime;

/// Rows in the making, up to a row group. Each is written field by field where it stays; to append it to a growing
/// vector would put it together elsewhere first, which takes longer than all the rest.
pub struct Draft {
    rows: Vec<Row>,
    used: usize,
    /// When each datagram came in, in nanoseconds of the system's clock, and how many rows there were.
    came: Vec<(u64, usize)>,
    process: u32,
    thread: u32,
}

/// The most rows that a datagram can become: a word is a load and a store at most, both split; or a process begins or
/// ends.
const MOST_MORE_ROWS: usize = 4 * MOST_WORDS + 1;

impl Draft {
    pub fn new() -> Draft {
        Draft { rows: Vec::with_capacity(HELD_ROWS), used: 0, came: Vec::new(), process: 0, thread: 0 }
    }

    /// Makes room for what one more datagram may become: rows of a process and a thread.
    pub fn begin(&mut self, process: u32, thread: u32) {
        (self.process, self.thread) = (process, thread);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.came.push((now.as_nanos() as u64, self.used));
        let end = self.used + MOST_MORE_ROWS;
        if self.rows.len() < end {
            let empty = Row { op: Op::Load, address: 0, length: 0, process: 0, thread: 0 };
            self.rows.resize(end, empty);
        }
    }

    #[inline(always)]
    pub fn push(&mut self, op: Op, address: u64, length: u64) {
        if let Some(row) = self.rows.get_mut(self.used) {
            row.op = op;
            row.address = address;
            row.length = length;
            row.process = self.process;
            row.thread = self.thread;
            self.used += 1;
        }
    }

    /// Whether the next datagram should find another draft.
    pub fn is_full(&self) -> bool {
        self.used + MOST_MORE_ROWS > HELD_ROWS
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows[..self.used]
    }

    /// The time of each row: when its datagram came in.
    pub fn times(&self) -> Vec<u64> {
        let ends = self.came.iter().skip(1).map(|&(_, rows)| rows).chain([self.used]);
        self.came.iter().zip(ends).flat_map(|(&(time, start), end)| iter::repeat_n(time, end - start)).collect()
    }

    /// Forgets the rows and keeps their memory.
    pub fn clear(&mut self) {
        self.used = 0;
        self.came.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_the_time_of_its_datagram() {
        let mut draft = Draft::new();
        for rows in [2, 0, 3] {
            draft.begin(1, 0);
            (0..rows).for_each(|n| draft.push(Op::Load, n, 8));
        }
        let times = draft.times();
        assert_eq!(times.len(), draft.rows().len());
        assert!(times.is_sorted() && times[0] == times[1] && times[2] == times[4] && times[1] <= times[2]);
        draft.clear();
        assert!(draft.times().is_empty());
    }
}
