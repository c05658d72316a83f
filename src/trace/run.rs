//! Repeated touches of one page, collapsed once for every simulation that follows.
//!
//! A run is exact for everything downstream: only its first access can fault, write first, break copy-on-write
//! or walk, because the others touch the page that the first one left most recent.

use super::{Op, Row};
use crate::address::{Gva, PageSize};

/// Consecutive accesses of one process to one 4 KiB page: all fetches, or loads and stores that either begin with a store
/// or hold none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Of the first access.
    pub address: Gva,
    pub process: u32,
    /// Accesses in the run, at least 1.
    pub count: u32,
    /// Kind of the first access: load, store or fetch.
    pub op: Op,
    /// Index of the first access among those of the chunk.
    pub first: u32,
}

/// Which operations a run goes on with, a bit each, by the one that it begins with.
const fn goes_on_with(op: Op) -> u8 {
    match op {
        Op::Store => 1 << Op::Load as u8 | 1 << Op::Store as u8,
        op => 1 << op as u8,
    }
}

/// The VM, and the copy of the trace in it, that rows belong to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    pub vm: u32,
    pub copy: u32,
}

/// A stretch of a trace: the runs in order, and the calls (map, unmap, protect, fork, exit) between them.
#[derive(Clone, Debug, Default)]
pub struct Chunk {
    pub owner: Owner,
    pub runs: Vec<Run>,
    /// Each call with the number of runs that precede it.
    pub calls: Vec<(usize, Row)>,
    /// Address of each access, where more than the first of a run is needed.
    pub addresses: Vec<Gva>,
}

impl Chunk {
    /// Replaces the content by these rows.
    pub fn collapse(&mut self, rows: &[Row]) {
        self.runs.clear();
        self.calls.clear();
        self.addresses.clear();
        // The run that is open: what it goes on with, its process, its page, its first access.
        let (mut taken, mut process, mut page, mut first) = (0u8, 0, 0, 0);
        for (i, row) in rows.iter().enumerate() {
            let at = Gva::checked(row.address).page(PageSize::Size4K);
            if taken >> row.op as u8 & 1 == 1 && at == page && row.process == process {
                continue;
            }
            // Calls so far lie between rows and accesses.
            let access = (i - self.calls.len()) as u32;
            self.close(taken, access - first);
            if !row.op.is_access() {
                self.calls.push((self.runs.len(), *row));
                (taken, first) = (0, access);
                continue;
            }
            (taken, process, page, first) = (goes_on_with(row.op), row.process, at, access);
            self.runs.push(Run { address: Gva::checked(row.address), process, count: 0, op: row.op, first });
        }
        self.close(taken, (rows.len() - self.calls.len()) as u32 - first);
    }

    /// Keeps the address of each access of these rows, which were just collapsed.
    pub fn keep_addresses(&mut self, rows: &[Row]) {
        let accesses = rows.iter().filter(|row| row.op.is_access());
        self.addresses.extend(accesses.map(|row| Gva::checked(row.address)));
    }

    /// Ends the open run, if there is one, after so many accesses.
    fn close(&mut self, taken: u8, count: u32) {
        if let Some(run) = self.runs.last_mut().filter(|_| taken != 0) {
            run.count = count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(op: Op, address: u64) -> Row {
        Row { op, address, length: 4096, process: 1, thread: 0 }
    }

    #[test]
    fn a_run_ends_at_its_first_store_at_another_page_and_at_a_call() {
        let mut chunk = Chunk::default();
        chunk.collapse(&[
            row(Op::Load, 0x1000),
            row(Op::Load, 0x1008),
            row(Op::Store, 0x1010),
            row(Op::Load, 0x1018),
            row(Op::Load, 0x2000),
            row(Op::Unmap, 0x2000),
            row(Op::Load, 0x2000),
            row(Op::Fetch, 0x2000),
        ]);
        let runs: Vec<_> = chunk.runs.iter().map(|r| (r.op, r.address.get(), r.count)).collect();
        assert_eq!(
            runs,
            [
                (Op::Load, 0x1000, 2),
                (Op::Store, 0x1010, 2),
                (Op::Load, 0x2000, 1),
                (Op::Load, 0x2000, 1),
                (Op::Fetch, 0x2000, 1)
            ]
        );
        assert_eq!(chunk.calls[0].0, 3);
    }
}
