//! Walks: the page-table references that a TLB miss makes.
//!
//! *Models:* one-dimensional walks (native, shadow, pv) and two-dimensional ones (ept), with paging-structure caches in both
//! dimensions, a nested TLB, and data caches that hold table entries.
//! *Does not model:* overlapping walks, speculative walks, accessed-bit updates.
//! *Source:* Bhargava et al., "Accelerating two-dimensional page walks for virtualized systems", ASPLOS 2008.

pub mod below;
pub mod caches;
pub mod psc;
mod references;
mod tables;
pub mod walker;

pub use fearless_simd::Simd;

pub use below::{Below, Host, SecondShape};
pub use caches::{CacheShape, Caches, DataPressure, LINE_BYTES};
pub use psc::{Psc, PscShape};
pub use references::{References, Table, WalkStarts};
pub use tables::{Dimensions, Follow, Numbered};
pub use walker::{FirstShape, Walker};

use crate::address::{Gpa, Gva};
use crate::guest::{At, Flush, Guest, Place};
use crate::program::Chunk;
use crate::tables::Tables;
use fearless_simd::{Level as Vectors, dispatch};

/// A chunk as a walker sees it.
#[derive(Clone, Copy, Debug)]
pub struct Misses<'a> {
    pub chunk: &'a Chunk,
    /// By run.
    pub places: &'a [Place],
    pub flushes: &'a [At<Flush>],
    /// Runs that walk, in order; once per access where no TLB holds the page.
    pub misses: &'a [u32],
    pub guest: &'a Tables,
    /// `None` where the walkers have no caches.
    pub behind: Option<Dimensions<'a>>,
}

/// One access that walks.
#[derive(Clone, Copy, Debug)]
pub struct Miss<'a> {
    /// Its run's number in the chunk.
    pub run: usize,
    /// The byte accessed.
    pub address: Gva,
    pub place: &'a Place,
}

impl Miss<'_> {
    /// The gPA of the byte accessed.
    pub fn gpa(&self) -> Gpa {
        self.place.frame.offset(self.address.get() & (self.place.size.bytes() - 1))
    }
}

/// A walker of either dimension.
pub trait Walk {
    /// The data caches that hold its table entries, if it has any: the data of accesses goes there too.
    fn caches(&mut self) -> Option<&mut Caches>;
    /// Follows a change of what is held, or of whose turn it is.
    fn flush<S: Simd>(&mut self, simd: S, flush: &Flush);
    /// Makes one walk, and counts it.
    fn walk<S: Simd>(&mut self, simd: S, misses: &Misses<'_>, miss: &Miss<'_>);
}

impl<'a> Misses<'a> {
    /// The runs of a chunk that walk, once the guest has replayed it.
    pub fn new(chunk: &'a Chunk, guest: &'a Guest, misses: &'a [u32], behind: Option<Dimensions<'a>>) -> Misses<'a> {
        Misses { chunk, places: &guest.places, flushes: &guest.flushes, misses, guest: guest.tables(), behind }
    }

    /// Plays the walks and flushes to a walker in program order, and the data that its caches see.
    pub fn replay(&self, walker: &mut impl Walk) {
        dispatch!(Vectors::new(), simd => self.replay_with(simd, walker));
    }

    #[inline(always)]
    fn replay_with<S: Simd>(&self, simd: S, walker: &mut impl Walk) {
        match walker.caches().map(|caches| caches.pressure) {
            Some(DataPressure::All) => self.replay_all(simd, walker),
            pressure => self.replay_walks(simd, walker, pressure == Some(DataPressure::Walked)),
        }
        if let Some(caches) = walker.caches() {
            caches.settle(simd);
        }
    }

    #[inline(always)]
    fn replay_walks<S: Simd>(&self, simd: S, walker: &mut impl Walk, with_data: bool) {
        let mut flushes = self.flushes.iter().peekable();
        let (mut previous, mut repeats) = (usize::MAX, 0);
        for i in self.misses.iter().map(|&i| i as usize) {
            while let Some((_, change)) = flushes.next_if(|(at, _)| *at <= i) {
                walker.flush(simd, change);
            }
            repeats = if i == previous { repeats + 1 } else { 0 };
            previous = i;
            let miss = self.miss(i, repeats);
            walker.walk(simd, self, &miss);
            if with_data && let Some(caches) = walker.caches() {
                caches.data(simd, self.chunk.owner.vm, miss.gpa());
            }
        }
        flushes.for_each(|(_, change)| walker.flush(simd, change));
    }

    #[inline(always)]
    fn replay_all<S: Simd>(&self, simd: S, walker: &mut impl Walk) {
        let mut flushes = self.flushes.iter().peekable();
        let mut misses = self.misses.iter().peekable();
        for (i, run) in self.chunk.runs.iter().enumerate() {
            while let Some((_, change)) = flushes.next_if(|(at, _)| *at <= i) {
                walker.flush(simd, change);
            }
            for access in 0..run.count as usize {
                let miss = self.miss(i, access);
                if misses.next_if(|at| **at as usize == i).is_some() {
                    walker.walk(simd, self, &miss);
                }
                if let Some(caches) = walker.caches() {
                    caches.data(simd, self.chunk.owner.vm, miss.gpa());
                }
            }
        }
        flushes.for_each(|(_, change)| walker.flush(simd, change));
    }

    /// An access of run `i`, counted from its first.
    fn miss(&self, i: usize, access: usize) -> Miss<'_> {
        let run = &self.chunk.runs[i];
        let address = if access == 0 { run.address } else { self.chunk.addresses[run.first as usize + access] };
        Miss { run: i, address, place: &self.places[i] }
    }
}
