//! Two-dimensional walks: every guest-physical address on the way is translated by the host's table.
//!
//! *Models:* (g+1)(h+1) − 1 references for guest depth g and host depth h without caches: 24 for 4K on 4K with four levels
//! each; guest paging-structure caches that give the next node's host address; a nested TLB for gPA translations; host
//! paging-structure caches.
//! *Does not model:* caching of combined translations by gPA, flat nested tables.
//! *Source:* Bhargava et al., ASPLOS 2008.

use super::flat::path;
use super::{
    Behind, CacheShape, Caches, Miss, Misses, Psc, PscShape, References, Starts, Table, Walk, flush_guest_psc,
};
use crate::address::{Gpa, Level, PageSize};
use crate::arrays::{Geometry, Packed, tag};
use crate::counts::{Counts, Event};
use crate::guest::Flush;
use crate::tables::index;
use crate::tlb::FlushSchedule;
use fearless_simd::Simd;

/// What decides the references of two-dimensional walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NestedShape {
    pub guest_levels: Level,
    pub host_levels: Level,
    pub host_pages: PageSize,
    pub psc: PscShape,
    pub host_psc: PscShape,
    pub nested_tlb: Option<Geometry>,
    pub schedule: FlushSchedule,
    /// `None`: every reference goes to memory.
    pub caches: Option<CacheShape>,
}

/// Walks a guest's table through a host's. Host-dimension structures are never flushed.
#[derive(Debug)]
pub struct NestedWalker {
    shape: NestedShape,
    psc: Psc,
    host_psc: Psc,
    nested_tlb: Packed<1>,
    caches: Option<Caches>,
    guest: Starts,
    /// By the level of the guest node that is translated; the data's are the first.
    host: [Starts; 1 + Level::MAX.get()],
    nested_tlb_hits: u64,
}

impl NestedWalker {
    pub fn new(shape: NestedShape) -> NestedWalker {
        NestedWalker {
            shape,
            psc: Psc::new(&shape.psc),
            host_psc: Psc::new(&shape.host_psc),
            nested_tlb: Packed::new([shape.nested_tlb]),
            caches: shape.caches.as_ref().map(Caches::new),
            guest: Starts::default(),
            host: Default::default(),
            nested_tlb_hits: 0,
        }
    }

    /// Translates the gPA of the guest node of a level, or, at 0, of the data.
    #[inline(always)]
    fn translate<S: Simd>(&mut self, simd: S, misses: &Misses<'_>, gpa: Gpa, level: usize) {
        let (vm, page) = (misses.chunk.owner.vm, gpa.page(self.shape.host_pages));
        if self.nested_tlb.touch(simd, 0, page, tag(vm, page)) {
            self.nested_tlb_hits += 1;
            return;
        }
        let (root, leaf) = (self.shape.host_levels, self.shape.host_pages.leaf_level());
        let start = self.host_psc.start(simd, vm, gpa.get(), leaf, root);
        self.host[level].count(leaf, start);
        if let (Some(caches), Some(Behind::Nested(_, host, host_root))) = (&mut self.caches, misses.behind)
            && let Some(node) = host.tables.find(host_root, gpa.get(), leaf)
        {
            let path = path(host, node, leaf, start);
            for level in Level::range(leaf, start).rev() {
                caches.reference(simd, path[level.get() - 1], index(gpa.get(), level));
            }
        }
    }

    /// The walks' references, by table and by where they were found, and the hits of what shortened them.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        let host = |of: &dyn Fn(&Starts) -> u64| self.host.iter().map(of).sum();
        counts[Event::GuestRefs] = self.guest.references();
        counts[Event::HostRefs] = host(&Starts::references);
        counts[Event::PscHits] = self.guest.shortened(self.shape.guest_levels);
        counts[Event::HostPscHits] = host(&|starts| starts.shortened(self.shape.host_levels));
        counts[Event::NestedTlbHits] = self.nested_tlb_hits;
        counts[Event::NestedTlbMisses] = if self.shape.nested_tlb.is_some() { host(&Starts::total) } else { 0 };
        match &self.caches {
            Some(caches) => caches.count(&mut counts),
            None => counts[Event::RefsDram] = counts.sum(&[Event::GuestRefs, Event::HostRefs]),
        }
        counts
    }

    /// The references by level: of the guest's table, then of the host's on the way to each guest node and to the data; nothing
    /// where nothing walked.
    pub fn references(&self) -> Vec<References> {
        let Some(lowest) = self.guest.lowest() else { return Vec::new() };
        let (root, host_leaf) = (self.shape.guest_levels, self.shape.host_pages.leaf_level());
        let nodes = Level::range(lowest, root).rev().map(Some);
        let host = nodes.chain([None]).flat_map(|node| {
            let starts = &self.host[node.map_or(0, Level::get)];
            starts.by_level(Table::Host(node), host_leaf, self.shape.host_levels)
        });
        self.guest.by_level(Table::Guest, lowest, root).chain(host).collect()
    }
}

impl Walk for NestedWalker {
    fn caches(&mut self) -> Option<&mut Caches> {
        self.caches.as_mut()
    }

    fn flush(&mut self, flush: &Flush) {
        flush_guest_psc(&mut self.psc, self.shape.schedule, flush);
    }

    #[inline(always)]
    fn walk<S: Simd>(&mut self, simd: S, misses: &Misses<'_>, miss: &Miss<'_>) {
        let (slot, address) = (miss.place.slot, miss.address.get());
        let (root, leaf) = (self.shape.guest_levels, miss.place.size.leaf_level());
        let start = self.psc.start(simd, slot, address, leaf, root);
        self.guest.count(leaf, start);

        // The nodes from the leaf up to the start: the path is read backwards, then walked downwards.
        let mut frames = [Gpa::default(); 5];
        let mut node = miss.place.node;
        for level in Level::range(leaf, start) {
            frames[level.get() - 1] = misses.guest.node(node).frame;
            node = misses.guest.node(node).parent;
        }
        let numbers = match misses.behind {
            Some(Behind::Nested(guest, ..)) => path(guest, miss.place.node, leaf, start),
            _ => [0; 5],
        };
        for level in Level::range(leaf, start).rev() {
            // A paging-structure cache gives the host address of the node below its entry.
            if level < start || start == root {
                self.translate(simd, misses, frames[level.get() - 1], level.get());
            }
            if let Some(caches) = &mut self.caches {
                caches.reference(simd, numbers[level.get() - 1], miss.address.index(level));
            }
        }
        self.translate(simd, misses, miss.gpa(), 0);
    }
}
