//! Cells that see the same rows in the same order, and share guest memory: the passes that they are made of.
//!
//! Cells share whatever the physics does not tell apart: shadow and host tables by their shape, TLBs by effective pages, geometry
//! and whose flushes they see, walkers by what decides their references.

use super::cell::{Cell, Turns, Warm};
use super::distinct::{Distinct, SharedWays};
use crate::address::PageSize;
use crate::arrays::Geometry;
use crate::guest::{Guest, GuestShape, Inferred};
use crate::technique::{TableShape, Technique};
use crate::tlb::{FirstKey, Layout, SecondLevel};
use crate::walk::{CacheShape, DataPressure, FirstShape, SecondShape};
use std::sync::Arc;

/// A first level of TLBs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FirstPass {
    pub key: FirstKey,
    /// The table whose flushes it sees beside the guest's, if any.
    pub flushes: Option<usize>,
}

/// A second level behind a first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecondPass {
    pub first: usize,
    pub arrays: Vec<SecondLevel>,
}

/// A walker behind a TLB.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WalkPass {
    pub tlb: usize,
    /// The table that it reads, where it has caches: without, references do not depend on which nodes are read.
    pub table: Option<usize>,
    pub first: FirstShape,
    pub second: Option<SecondShape>,
    /// `None`: every reference goes to memory.
    pub caches: Option<CacheShape>,
}

/// A cell by the numbers of the passes that it is made of.
#[derive(Clone, Copy, Debug)]
pub struct CellPlan {
    pub warm: Warm,
    pub technique: Technique,
    pub posted_interrupts: bool,
    /// `None` where nothing reads the guest's own table by numbers.
    pub table: Option<usize>,
    pub tlb: usize,
    pub walker: usize,
}

pub struct Group {
    pub turns: Turns,
    pub guest: GuestShape,
    /// Whether a table asks for each PTE write.
    pub asks_writes: bool,
    pub cells: Vec<CellPlan>,
    pub tables: Distinct<TableShape>,
    pub first_levels: Distinct<FirstPass>,
    pub tlbs: Distinct<SecondPass>,
    pub walkers: Distinct<WalkPass>,
    pub first_ways: SharedWays,
    pub second_ways: SharedWays,
}

impl Group {
    /// The group of a cell, without any.
    pub fn new(cell: &Cell) -> Group {
        Group {
            turns: cell.turns,
            guest: cell.guest(),
            asks_writes: false,
            cells: Vec::new(),
            tables: Distinct::default(),
            first_levels: Distinct::default(),
            tlbs: Distinct::default(),
            walkers: Distinct::default(),
            first_ways: SharedWays::default(),
            second_ways: SharedWays::default(),
        }
    }

    /// The guest memory of its cells.
    pub fn guest_memory(&self, inferred: Option<Arc<Inferred>>) -> Guest {
        let guest = Guest::new(self.guest, inferred);
        if self.asks_writes { guest.telling_writes() } else { guest }
    }

    /// Adds a cell.
    pub fn place(&mut self, cell: &Cell) -> CellPlan {
        let (mmu, machinery) = (&cell.mmu, cell.machinery());
        let sizes = self.guest.pages.sizes();
        // No larger than the guest's own, so that cells which cut nothing share their passes.
        let most = sizes.iter().fold(PageSize::Size4K, |most, size| most.max(*size));
        let (largest, leaves) = (most.min(machinery.largest), most.min(machinery.leaves));
        let is_needed = machinery.table != TableShape::Guest || mmu.caches.is_some();
        let table = is_needed.then(|| self.tables.number(machinery.table));
        self.asks_writes |= machinery.asks_writes;
        let flushes = table.filter(|_| machinery.flushes);
        let first = FirstPass { key: mmu.tlb.first(&sizes, largest, mmu.tags), flushes };
        let first = self.first_levels.number(first);
        let tlb = self.tlbs.number(SecondPass { first, arrays: mmu.tlb.second(&sizes, largest) });
        let second = machinery.second.map(|(pages, levels)| SecondShape {
            pages,
            levels,
            psc: mmu.host_psc,
            nested_tlb: mmu.nested_tlb,
        });
        let walker = self.walkers.number(WalkPass {
            tlb,
            table: table.filter(|_| mmu.caches.is_some()),
            first: FirstShape { leaves, levels: self.guest.levels, psc: mmu.psc, tags: mmu.tags },
            second,
            caches: mmu.caches,
        });
        let (warm, posted_interrupts) = (cell.warm, cell.posted_interrupts);
        CellPlan { warm, technique: cell.technique, posted_interrupts, table, tlb, walker }
    }

    /// Whether TLBs wait for tables, whose flushes they see.
    pub fn tables_flush(&self) -> bool {
        self.first_levels.list.iter().any(|pass| pass.flushes.is_some())
    }

    /// Whether a walker sees more than the first access of a run: where data presses on caches in full, and where no TLB holds
    /// the page, so that all of them walk.
    pub fn needs_every_address(&self) -> bool {
        let presses = |pass: &WalkPass| pass.caches.is_some_and(|caches| caches.pressure == DataPressure::All);
        let walks_again = |pass: &SecondPass| {
            let key = &self.first_levels.list[pass.first].key;
            let (first, second) = (Layout::first(key), Layout::second(&pass.arrays));
            self.sizes(key).any(|size| !first.holds(size) && !second.holds(size))
        };
        self.walkers.list.iter().any(presses) || self.tlbs.list.iter().any(walks_again)
    }

    /// Page sizes of the entries that a first level holds.
    fn sizes(&self, key: &FirstKey) -> impl Iterator<Item = PageSize> {
        let largest = key.largest;
        self.guest.pages.sizes().into_iter().map(move |size| size.min(largest))
    }

    /// Finds the TLBs that differ in nothing but ways, of those that have inclusion and an array for every page.
    pub fn share_ways(&mut self) {
        let first_ways = SharedWays::new(self.first_levels.list.iter().map(|FirstPass { key, flushes }| {
            let layout = Layout::first(key);
            let is_whole = layout.has_inclusion() && self.sizes(key).all(|size| layout.holds(size));
            (0, is_whole.then(|| (layout.sets(), key.largest, key.tags, *flushes)))
        }));
        let second_ways = SharedWays::new(self.tlbs.list.iter().map(|pass| {
            let key = &self.first_levels.list[pass.first].key;
            let (before, layout) = (Layout::first(key), Layout::second(&pass.arrays));
            let is_held = |size| before.holds(size) && layout.holds(size);
            let is_whole = layout.has_inclusion() && self.sizes(key).all(is_held);
            (pass.first, is_whole.then(|| layout.sets()))
        }));
        (self.first_ways, self.second_ways) = (first_ways, second_ways);
    }

    /// The page sizes of all first-level arrays, with the sets for data and for fetches; `None` where an access may find none.
    pub fn arrays(&self) -> Option<Vec<(PageSize, [usize; 2])>> {
        let of = |key: &FirstKey, size| {
            let [data, fetch] = [key.l1d, key.l1i].map(|arrays| arrays[size as usize].map(Geometry::sets));
            Some((size, [data?, fetch?]))
        };
        let keys = self.first_levels.list.iter().map(|pass| &pass.key);
        keys.flat_map(|key| self.sizes(key).map(|size| of(key, size))).collect()
    }
}
