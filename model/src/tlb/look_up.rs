//! The seam for TLBs of one's own kind.

use super::{FirstKey, FirstLevel, SecondLevel, Tlb};
use crate::address::Gva;
use crate::counts::{Counts, Event};
use crate::guest::{At, Flush, Guest, Place};
use crate::program::{Chunk, Op, Run};

/// Where a TLB found a translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    FirstLevel,
    SecondLevel,
    /// The access walks.
    Nowhere,
}

/// A TLB of any kind: one's own, or [`TwoLevels`].
pub trait LookUp {
    /// Looks one access up and, if it is found nowhere, holds the page that it walks to, if such pages are held at all. `place`
    /// is the guest's page, its frame and its process. Loads that follow a store at the same page may be shown as stores.
    fn look_up(&mut self, op: Op, address: Gva, place: &Place) -> Found;

    /// Lets go of what the guest's kernel flushes.
    fn flush(&mut self, flush: &Flush);
}

/// Plays a chunk that the guest has replayed, and the flushes in it, to a TLB, access by access, and adds hits and walks to the
/// counts. Returns the runs that walk, in order, once for each access that does.
pub fn look_up(
    tlb: &mut impl LookUp,
    chunk: &Chunk,
    guest: &Guest,
    flushes: &[At<Flush>],
    counts: &mut Counts,
) -> Vec<u32> {
    let (mut misses, mut flushes) = (Vec::new(), flushes.iter().peekable());
    for (i, (run, place)) in chunk.runs.iter().zip(&guest.places).enumerate() {
        while let Some((_, flush)) = flushes.next_if(|(at, _)| *at <= i) {
            tlb.flush(flush);
        }
        for _ in 0..run.count {
            match tlb.look_up(run.op, run.address, place) {
                Found::FirstLevel => counts[Event::L1Hits] += 1,
                Found::SecondLevel => counts[Event::L2Hits] += 1,
                Found::Nowhere => {
                    counts[Event::Walks] += 1;
                    misses.push(i as u32);
                }
            }
        }
    }
    flushes.for_each(|(_, flush)| tlb.flush(flush));
    misses
}

/// The built-in TLB, access by access: a first level and the second behind it.
#[derive(Debug)]
pub struct TwoLevels {
    first: FirstLevel,
    second: Tlb,
}

impl TwoLevels {
    /// Both levels, empty.
    pub fn new(first: &FirstKey, second: &[SecondLevel]) -> TwoLevels {
        TwoLevels { first: FirstLevel::new(first), second: Tlb::new(first, second) }
    }
}

impl LookUp for TwoLevels {
    fn look_up(&mut self, op: Op, address: Gva, place: &Place) -> Found {
        let (runs, places) = ([Run { address, process: 0, processor: 0, count: 1, op, first: 0 }], [*place]);
        self.first.replay(&runs, &places, &[]);
        self.second.replay(&self.first, &runs, &places, &[]);
        match (&self.first.misses[..], &self.second.misses[..]) {
            ([], _) => Found::FirstLevel,
            (_, []) => Found::SecondLevel,
            (_, _) => Found::Nowhere,
        }
    }

    fn flush(&mut self, flush: &Flush) {
        let flushes = [(0, *flush)];
        self.first.replay(&[], &[], &flushes);
        self.second.replay(&self.first, &[], &[], &flushes);
    }
}
