//! Repeated touches of pages, collapsed once for every simulation that follows.
//!
//! A run is exact for everything downstream: only its first access can fault, write first, break copy-on-write
//! or walk, because the others touch pages that are the last touched of their sets, which changes nothing under any policy.

use super::{Op, Part, Processor, Row, Strip, Vcpus};
use crate::address::Gva;
use std::ops::Range;

/// Accesses of one process, one after another, of which all but the first change nothing: by [`Strip`]. Those may be other processors'.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Of the first access.
    pub address: Gva,
    pub process: u32,
    pub processor: Processor,
    /// Accesses in the run, at least 1.
    pub count: u32,
    /// Kind of the first access: load, store or fetch.
    pub op: Op,
    /// Index of the first access among those of the chunk.
    pub first: u32,
}

/// A call, and where it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    pub row: Row,
    pub processor: Processor,
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
    pub calls: Vec<(usize, Call)>,
    /// Address of each access, where more than the first of a run is needed.
    pub addresses: Vec<Gva>,
}

impl Chunk {
    /// Replaces the content by these rows, without what is stripped.
    pub fn collapse(&mut self, rows: Part<'_>, strip: &mut Strip, vcpus: &mut Vcpus) {
        self.runs.clear();
        self.calls.clear();
        self.addresses.clear();
        strip.forget();
        let mut done = 0;
        for (at, call) in rows.calls() {
            self.collapse_accesses(rows, done..at, strip, vcpus);
            let processor = vcpus.of(call.process, call.thread);
            self.calls.push((self.runs.len(), Call { row: *call, processor }));
            strip.call(call.op);
            done = at;
        }
        self.collapse_accesses(rows, done..rows.ops.len(), strip, vcpus);
    }

    /// Appends the runs of accesses without calls between them.
    fn collapse_accesses(&mut self, rows: Part<'_>, mut range: Range<usize>, strip: &mut Strip, vcpus: &mut Vcpus) {
        while !range.is_empty() {
            let (stretch, processor) = vcpus.stretch(rows, range.clone());
            range.start = stretch.end;
            strip.turn_to(processor);
            self.collapse_stretch(rows, stretch, processor, strip);
        }
    }

    /// Appends the runs of accesses on one processor.
    fn collapse_stretch(&mut self, rows: Part<'_>, range: Range<usize>, processor: Processor, strip: &mut Strip) {
        let (ops, addresses, processes) =
            (&rows.ops[..range.end], &rows.addresses[..range.end], &rows.processes[..range.end]);
        let next = |strip: &Strip, at: usize| {
            at + strip.dropped(&ops[at..], &addresses[at..], &processes[at..]).unwrap_or(range.end - at)
        };
        let mut at = next(strip, range.start);
        self.close(at);
        while at < range.end {
            let (op, process, address) = (Op::of_access(ops[at]), processes[at], addresses[at]);
            strip.keep(op, process, address);
            let end = next(strip, at + 1);
            let (address, count) = (Gva::checked(address), (end - at) as u32);
            self.runs.push(Run { address, process, processor, count, op, first: at as u32 });
            at = end;
        }
    }

    /// Ends the last run before an access.
    fn close(&mut self, access: usize) {
        if let Some(run) = self.runs.last_mut() {
            run.count = access as u32 - run.first;
        }
    }

    /// The first runs and calls, and the others.
    pub fn split(&self, runs: usize, calls: usize) -> (Chunk, Chunk) {
        let ((before, after), (earlier, later)) = (self.runs.split_at(runs), self.calls.split_at(calls));
        let first = after.first().map_or(self.addresses.len(), |run| run.first as usize).min(self.addresses.len());
        let (near, far) = self.addresses.split_at(first);
        let moved = |run: &Run| Run { first: run.first - after[0].first, ..*run };
        let head = Chunk { owner: self.owner, runs: before.into(), calls: earlier.into(), addresses: near.into() };
        let tail = Chunk {
            owner: self.owner,
            runs: after.iter().map(moved).collect(),
            calls: later.iter().map(|(at, call)| (at - runs, *call)).collect(),
            addresses: far.into(),
        };
        (head, tail)
    }

    /// Keeps the address of each access of these rows, which were just collapsed.
    pub fn keep_addresses(&mut self, rows: Part<'_>) {
        self.addresses.extend(rows.addresses.iter().map(|address| Gva::checked(*address)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Columns;

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
        chunk.collapse(Columns::of(&rows).all(), &mut Strip::none(), &mut Vcpus::new(1));
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
