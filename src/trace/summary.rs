//! What is in a trace, in a few numbers.

use super::touched::Touched;
use super::{Op, Row};
use crate::address::{Gva, Level};
use std::collections::HashSet;

const FOUR_LEVELS: Level = Level::new(4);

/// Counts over the rows of a trace.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    rows_by_op: [u64; Op::ALL.len()],
    processes: HashSet<u32>,
    threads: HashSet<(u32, u32)>,
    last: Option<(u32, u32)>,
    touched: Touched,
    /// Whether a row has an address that four levels of paging do not reach.
    far: bool,
    times: Option<TimeSpan>,
}

/// Over the times of a trace, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeSpan {
    pub earliest: u64,
    pub latest: u64,
    /// Rows whose time is before that of a row ahead of them.
    pub late: u64,
}

impl Summary {
    /// Takes the next rows.
    pub fn add(&mut self, rows: &[Row]) {
        for row in rows {
            self.rows_by_op[row.op as usize] += 1;
            if self.last != Some((row.process, row.thread)) {
                self.last = Some((row.process, row.thread));
                self.processes.insert(row.process);
                self.threads.insert((row.process, row.thread));
            }
            self.far |= (row.op.is_access() || row.op.is_range()) && Gva::try_new(row.address, FOUR_LEVELS).is_none();
            if row.op.is_access() {
                self.touched.touch(row.process, row.address >> 12);
            }
        }
    }

    /// Takes the times of the next rows.
    pub fn add_times(&mut self, times: &[u64]) {
        for &time in times {
            let all = self.times.get_or_insert(TimeSpan { earliest: time, latest: time, late: 0 });
            all.late += u64::from(time < all.latest);
            all.earliest = all.earliest.min(time);
            all.latest = all.latest.max(time);
        }
    }

    /// Where the trace has times.
    pub fn times(&self) -> Option<TimeSpan> {
        self.times
    }

    pub fn rows(&self) -> u64 {
        self.rows_by_op.iter().sum()
    }

    pub fn rows_of(&self, op: Op) -> u64 {
        self.rows_by_op[op as usize]
    }

    /// Loads, stores and fetches.
    pub fn accesses(&self) -> u64 {
        Op::ALL.into_iter().filter(|op| op.is_access()).map(|op| self.rows_of(op)).sum()
    }

    /// Levels of paging that its addresses need: 4 or 5.
    pub fn levels(&self) -> u8 {
        if self.far { 5 } else { 4 }
    }

    /// Distinct process ids.
    pub fn processes(&self) -> usize {
        self.processes.len()
    }

    /// Distinct pairs of process and thread id.
    pub fn threads(&self) -> usize {
        self.threads.len()
    }

    /// The pages that were accessed.
    pub fn touched(&self) -> &Touched {
        &self.touched
    }
}
