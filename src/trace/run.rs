//! Repeated touches of one page, collapsed once for every simulation that follows.
//!
//! A run is exact for everything downstream: only its first access can fault, write first, break copy-on-write
//! or walk, because the others touch the page that the first one left most recent.

use super::{Op, Part, Row};
use crate::address::{Gva, PageSize};
use std::ops::Range;

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
    pub fn collapse(&mut self, rows: Part<'_>) {
        self.runs.clear();
        self.calls.clear();
        self.addresses.clear();
        let mut done = 0;
        for (at, call) in rows.calls() {
            self.collapse_accesses(rows, done..at);
            self.calls.push((self.runs.len(), *call));
            done = at;
        }
        self.collapse_accesses(rows, done..rows.ops.len());
    }

    /// Appends the runs of accesses without calls between them.
    fn collapse_accesses(&mut self, rows: Part<'_>, range: Range<usize>) {
        let keys = rows.addresses[range.clone()].iter().zip(&rows.processes[range.clone()]);
        // Of the run that is open: what it goes on with, its process, its page.
        let (mut taken, mut process, mut page) = (0, 0, 0);
        for ((first, &op), (&address, &owner)) in range.clone().zip(&rows.ops[range.clone()]).zip(keys) {
            let address = Gva::checked(address);
            let at = address.page(PageSize::Size4K);
            if taken >> op & 1 == 1 && at == page && owner == process {
                continue;
            }
            self.close(first);
            let op = Op::of_access(op);
            (taken, process, page) = (goes_on_with(op), owner, at);
            self.runs.push(Run { address, process, count: 0, op, first: first as u32 });
        }
        self.close(range.end);
    }

    /// Ends the last run before an access.
    fn close(&mut self, access: usize) {
        if let Some(run) = self.runs.last_mut() {
            run.count = access as u32 - run.first;
        }
    }

    /// Keeps the address of each access of these rows, which were just collapsed.
    pub fn keep_addresses(&mut self, rows: Part<'_>) {
        self.addresses.extend(rows.addresses.iter().map(|address| Gva::checked(*address)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Columns;

    fn row(op: Op, address: u64) -> Row {
        Row { op, address, length: 4096, process: 1, thread: 0 }
    }

    #[test]
    fn a_run_ends_at_its_first_store_at_another_page_and_at_a_call() {
        let mut chunk = Chunk::default();
        let rows = [
            row(Op::Load, 0x1000),
            row(Op::Load, 0x1008),
            row(Op::Store, 0x1010),
            row(Op::Load, 0x1018),
            row(Op::Load, 0x2000),
            row(Op::Unmap, 0x2000),
            row(Op::Load, 0x2000),
            row(Op::Fetch, 0x2000),
        ];
        chunk.collapse(Columns::of(&rows).all());
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
