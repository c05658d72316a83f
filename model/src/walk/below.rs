//! What lies below the first dimension of a walk: nothing, or a host's table that translates every gPA on the way.
//!
//! *Models:* with a second dimension (g+1)(h+1) − 1 references for guest depth g and host depth h without caches: 24 for 4K on 4K
//! with four levels each; guest paging-structure caches that give the next node's host address; a nested TLB for gPA
//! translations; host paging-structure caches, never flushed.
//! *Does not model:* caching of combined translations by gPA, flat nested tables.
//! *Source:* Bhargava et al., ASPLOS 2008.

use super::{Caches, Misses, Psc, PscShape, References, Table, WalkStarts};
use crate::address::{Gpa, Level, PageSize};
use crate::arrays::{Geometry, Packed, tag};
use crate::counts::{Counts, Event};
use crate::tables::index;
use fearless_simd::Simd;
use std::fmt::Debug;

/// What a walk meets below the first dimension: `()` for nothing.
pub trait Below: Debug {
    /// Whether the gPAs of the first dimension are translated at all.
    const TRANSLATES: bool;

    /// Translates the gPA of the first dimension's node of a level, or, without one, of the data.
    fn translate<S: Simd>(
        &mut self,
        simd: S,
        caches: &mut Option<Caches>,
        misses: &Misses<'_>,
        gpa: Gpa,
        node: Option<Level>,
    );

    /// That of another processor: without entries.
    fn another(&self) -> Self;

    /// Its references, and what shortened its walks.
    fn counts(&self) -> Counts;

    /// Its references by level, on the way to each node of the first dimension from `root` down to `lowest`, and to the data.
    fn references(&self, lowest: Level, root: Level) -> Vec<References>;
}

impl Below for () {
    const TRANSLATES: bool = false;

    #[inline(always)]
    fn translate<S: Simd>(&mut self, _: S, _: &mut Option<Caches>, _: &Misses<'_>, _: Gpa, _: Option<Level>) {}

    fn another(&self) {}

    fn counts(&self) -> Counts {
        Counts::default()
    }

    fn references(&self, _: Level, _: Level) -> Vec<References> {
        Vec::new()
    }
}

/// What decides the references of a walk to entries of the second dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SecondShape {
    /// Leaves of the host's table.
    pub pages: PageSize,
    /// Levels of the host's table: 4 or 5.
    pub levels: Level,
    pub psc: PscShape,
    pub nested_tlb: Option<Geometry>,
}

/// The host's table, as walks see it.
#[derive(Debug)]
pub struct Host {
    shape: SecondShape,
    psc: Psc,
    nested_tlb: Packed<1>,
    /// By the level of the guest's node that is translated; the data's are the first.
    starts: [WalkStarts; 1 + Level::MAX.get()],
    nested_tlb_hits: u64,
}

impl Host {
    pub fn new(shape: SecondShape) -> Host {
        Host {
            shape,
            psc: Psc::new(&shape.psc),
            nested_tlb: Packed::new([shape.nested_tlb]),
            starts: Default::default(),
            nested_tlb_hits: 0,
        }
    }

    fn sum(&self, of: impl Fn(&WalkStarts) -> u64) -> u64 {
        self.starts.iter().map(of).sum()
    }
}

impl Below for Host {
    const TRANSLATES: bool = true;

    #[inline(always)]
    fn translate<S: Simd>(
        &mut self,
        simd: S,
        caches: &mut Option<Caches>,
        misses: &Misses<'_>,
        gpa: Gpa,
        node: Option<Level>,
    ) {
        let (vm, page) = (misses.chunk.owner.vm, gpa.page(self.shape.pages));
        if self.nested_tlb.touch(simd, 0, page, tag(vm, page)) {
            self.nested_tlb_hits += 1;
            return;
        }
        let (root, leaf) = (self.shape.levels, self.shape.pages.leaf_level());
        let start = self.psc.start(simd, vm, gpa.get(), leaf, root);
        self.starts[node.map_or(0, Level::get)].count(leaf, start);
        if let (Some(caches), Some((host, host_root))) = (caches, misses.behind.and_then(|behind| behind.second)) {
            // Backed pages stay backed, so the leaf is there.
            let found = host.tables.find(host_root, gpa.get(), leaf);
            debug_assert!(found.is_some(), "a host leaf is gone");
            let Some(mut node) = found else { return };
            let mut numbers = [0; 5];
            for level in Level::range(leaf, start) {
                numbers[level.get() - 1] = host.numbers.get(node);
                node = host.tables.node(node).parent;
            }
            for level in Level::range(leaf, start).rev() {
                caches.reference(simd, numbers[level.get() - 1], index(gpa.get(), level));
            }
        }
    }

    fn another(&self) -> Host {
        Host::new(self.shape)
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        counts[Event::HostRefs] = self.sum(WalkStarts::references);
        counts[Event::HostPscHits] = self.sum(|starts| starts.shortened(self.shape.levels));
        counts[Event::NestedTlbHits] = self.nested_tlb_hits;
        counts[Event::NestedTlbMisses] = if self.shape.nested_tlb.is_some() { self.sum(WalkStarts::total) } else { 0 };
        counts
    }

    fn references(&self, lowest: Level, root: Level) -> Vec<References> {
        let nodes = Level::range(lowest, root).rev().map(Some);
        let stop = |node: Option<Level>| {
            let (leaf, root) = (self.shape.pages.leaf_level(), self.shape.levels);
            self.starts[node.map_or(0, Level::get)].by_level(Table::Host(node), leaf, root)
        };
        nodes.chain([None]).flat_map(stop).collect()
    }
}
