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

impl Run {
    fn takes(&self, row: &Row) -> bool {
        let same_kind = match self.op {
            Op::Store => row.op != Op::Fetch,
            _ => row.op == self.op,
        };
        let page = Gva::checked(row.address).page(PageSize::Size4K);
        same_kind && self.process == row.process && self.address.page(PageSize::Size4K) == page
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
    /// Address of each access, for those who need more than the first of a run.
    pub addresses: Vec<Gva>,
}

impl Chunk {
    /// Replaces the content by these rows.
    pub fn collapse(&mut self, rows: &[Row]) {
        self.runs.clear();
        self.calls.clear();
        self.addresses.clear();
        let mut open = false;
        for row in rows {
            if !row.op.is_access() {
                self.calls.push((self.runs.len(), *row));
                open = false;
                continue;
            }
            let (address, first) = (Gva::checked(row.address), self.addresses.len() as u32);
            self.addresses.push(address);
            match self.runs.last_mut() {
                Some(run) if open && run.takes(row) => run.count += 1,
                _ => {
                    self.runs.push(Run { address, process: row.process, count: 1, op: row.op, first });
                    open = true;
                }
            }
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
