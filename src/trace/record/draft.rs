//! Rows that are put together quickly.

use super::wire::MOST_WORDS;
use crate::trace::{Op, Row};

/// The rows of one datagram in the making. Each is written field by field where it stays; to append it to a growing
/// vector would put it together elsewhere first, which takes longer than all the rest.
pub struct Draft {
    rows: Box<[Row]>,
    used: usize,
    process: u32,
    thread: u32,
}

/// The most rows that a word can become: a load and a store, both split.
const MOST_ROWS_OF_A_WORD: usize = 4;

impl Draft {
    pub fn new() -> Draft {
        let empty = Row { op: Op::Load, address: 0, length: 0, process: 0, thread: 0 };
        Draft { rows: vec![empty; MOST_ROWS_OF_A_WORD * MOST_WORDS].into_boxed_slice(), used: 0, process: 0, thread: 0 }
    }

    /// Begins anew, with rows of a process and a thread.
    pub fn clear(&mut self, process: u32, thread: u32) {
        (self.used, self.process, self.thread) = (0, process, thread);
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

    pub fn rows(&self) -> &[Row] {
        &self.rows[..self.used]
    }
}
