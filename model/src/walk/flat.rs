//! One-dimensional walks, of the guest's own table or of a shadow table.
//!
//! *Models:* 4, 3 or 2 references for 4K, 2M and 1G leaves under four levels, one more under five, fewer where a
//! paging-structure cache lets the walk start lower.
//! *Does not model:* what `walk` does not.
//! *Source:* Intel SDM volume 3A, on paging.

use super::{
    Behind, CacheShape, Caches, Miss, Misses, Numbered, Psc, PscShape, References, Starts, Table, Walk, flush_guest_psc,
};
use crate::address::{Level, PageSize};
use crate::counts::{Counts, Event};
use crate::guest::Flush;
use crate::tables::NodeId;
use crate::tlb::FlushSchedule;
use fearless_simd::Simd;

/// What decides the references of one-dimensional walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FlatShape {
    /// Leaves are the guest's, cut to this size at most.
    pub largest: PageSize,
    /// Levels of the table: 4 or 5.
    pub levels: Level,
    pub psc: PscShape,
    pub schedule: FlushSchedule,
    /// `None`: every reference goes to memory.
    pub caches: Option<CacheShape>,
}

/// Walks one table: the guest's own, or a shadow table.
#[derive(Debug)]
pub struct FlatWalker {
    shape: FlatShape,
    psc: Psc,
    caches: Option<Caches>,
    starts: Starts,
}

impl FlatWalker {
    pub fn new(shape: FlatShape) -> FlatWalker {
        let caches = shape.caches.as_ref().map(Caches::new);
        FlatWalker { shape, psc: Psc::new(&shape.psc), caches, starts: Starts::default() }
    }

    /// The walks' counts, the references under the name of the table that they read.
    pub fn counts(&self, references: Event) -> Counts {
        let mut counts = Counts::default();
        counts[references] = self.starts.references();
        counts[Event::PscHits] = self.starts.shortened(self.shape.levels);
        match &self.caches {
            Some(caches) => caches.count(&mut counts),
            None => counts[Event::RefsDram] = counts[references],
        }
        counts
    }

    /// The references by level of the table that the walks read; nothing where nothing walked.
    pub fn references(&self, table: Table) -> Vec<References> {
        let lowest = self.starts.lowest();
        lowest.into_iter().flat_map(|leaf| self.starts.by_level(table, leaf, self.shape.levels)).collect()
    }
}

impl Walk for FlatWalker {
    fn caches(&mut self) -> Option<&mut Caches> {
        self.caches.as_mut()
    }

    fn flush(&mut self, flush: &Flush) {
        flush_guest_psc(&mut self.psc, self.shape.schedule, flush);
    }

    #[inline(always)]
    fn walk<S: Simd>(&mut self, simd: S, misses: &Misses<'_>, miss: &Miss<'_>) {
        let (slot, address) = (miss.place.slot, miss.address.get());
        let (root, leaf) = (self.shape.levels, miss.place.size.min(self.shape.largest).leaf_level());
        let start = self.psc.start(simd, slot, address, leaf, root);
        self.starts.count(leaf, start);
        if let Some(caches) = &mut self.caches {
            let (numbered, node) = match misses.behind {
                Some(Behind::Guest(numbered)) => (numbered, miss.place.node),
                Some(Behind::Shadow(numbered, leaves)) => (numbered, leaves[miss.run]),
                Some(Behind::Nested(..)) | None => return,
            };
            let path = path(numbered, node, leaf, start);
            for level in Level::range(leaf, start).rev() {
                caches.reference(simd, path[level.get() - 1], miss.address.index(level));
            }
        }
    }
}

/// Numbers of the nodes by level, from a leaf's node up to `start`.
#[inline(always)]
pub(super) fn path(numbered: Numbered<'_>, mut node: NodeId, leaf: Level, start: Level) -> [u64; 5] {
    let mut path = [0; 5];
    for level in Level::range(leaf, start) {
        path[level.get() - 1] = numbered.numbers.get(node);
        node = numbered.tables.node(node).parent;
    }
    path
}
