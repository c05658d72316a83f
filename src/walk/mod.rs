//! Walks: the page-table references that a TLB miss makes.
//!
//! *Models:* one-dimensional walks (native, shadow, pv) and two-dimensional ones (ept), with paging-structure caches in both
//! dimensions and a nested TLB.
//! *Does not model:* overlapping walks, speculative walks, accessed-bit updates.
//! *Source:* Bhargava et al., "Accelerating two-dimensional page walks for virtualized systems", ASPLOS 2008.

mod nested;
mod psc;

pub use nested::{NestedShape, NestedWalker};
pub use psc::{Psc, PscShape};

use crate::address::{Level, PageSize};
use crate::counts::{Counts, Event};
use crate::guest::tables::Tables;
use crate::guest::{At, Flush, Place};
use crate::tlb::FlushSchedule;
use crate::trace::Run;

/// A chunk as a walker sees it.
#[derive(Clone, Copy, Debug)]
pub struct Misses<'a> {
    pub runs: &'a [Run],
    pub places: &'a [Place],
    pub flushes: &'a [At<Flush>],
    /// Runs that walk, in order.
    pub misses: &'a [usize],
    pub guest: &'a Tables,
}

impl Misses<'_> {
    /// Calls `walk` for each miss and `flush` for each flush, in program order.
    pub fn replay<W>(self, walker: &mut W, flush: impl Fn(&mut W, &Flush), walk: impl Fn(&mut W, &Run, &Place)) {
        let mut flushes = self.flushes.iter().peekable();
        for &i in self.misses {
            while let Some((_, change)) = flushes.next_if(|(at, _)| *at <= i) {
                flush(walker, change);
            }
            walk(walker, &self.runs[i], &self.places[i]);
        }
        flushes.for_each(|(_, change)| flush(walker, change));
    }
}

/// What decides the references of one-dimensional walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FlatShape {
    /// Leaves are the guest's, cut to this size at most.
    pub largest: PageSize,
    pub levels: Level,
    pub psc: PscShape,
    pub schedule: FlushSchedule,
}

/// Walks one table: the guest's own, or a shadow table.
#[derive(Debug)]
pub struct FlatWalker {
    shape: FlatShape,
    psc: Psc,
    references: u64,
    psc_hits: u64,
}

impl FlatWalker {
    pub fn new(shape: FlatShape) -> FlatWalker {
        FlatWalker { shape, psc: Psc::new(&shape.psc), references: 0, psc_hits: 0 }
    }

    pub fn replay(&mut self, misses: Misses<'_>) {
        let flush = |walker: &mut Self, change: &Flush| flush_guest_psc(&mut walker.psc, walker.shape.schedule, change);
        misses.replay(self, flush, Self::walk);
    }

    #[inline]
    fn walk(&mut self, run: &Run, place: &Place) {
        let (root, leaf) = (self.shape.levels, place.size.min(self.shape.largest).leaf_level());
        let start = self.psc.start(place.slot, run.address.get(), leaf, root);
        self.psc_hits += (start < root) as u64;
        self.references += (start.get() - leaf.get() + 1) as u64;
        self.psc.fill(place.slot, run.address.get(), leaf, start);
    }

    /// The walks' counts, the references under the name of the table that they read.
    pub fn counts(&self, references: Event) -> Counts {
        let mut counts = Counts::default();
        counts[references] = self.references;
        counts[Event::RefsDram] = self.references;
        counts[Event::PscHits] = self.psc_hits;
        counts
    }
}

/// What a flush does to the paging-structure caches of the guest (or shadow) dimension.
fn flush_guest_psc(psc: &mut Psc, schedule: FlushSchedule, flush: &Flush) {
    match *flush {
        Flush::Switch { .. } if !schedule.tags => psc.clear(),
        Flush::Switch { from } if schedule.drop_on_switch => psc.flush(from),
        Flush::Switch { .. } => {}
        Flush::Leaf { slot, .. } | Flush::Process { slot } => psc.flush(slot),
    }
}
