//! Two-dimensional walks: every guest-physical address on the way is translated by the host's table.
//!
//! *Models:* (g+1)(h+1) − 1 references for guest depth g and host depth h without caches: 24 for 4K on 4K with four levels
//! each; guest paging-structure caches that give the next node's host address; a nested TLB for gPA translations; host
//! paging-structure caches.
//! *Does not model:* caching of combined translations by gPA, flat nested tables.
//! *Source:* Bhargava et al., ASPLOS 2008, figure 1 and section 4.

use super::{Misses, Psc, PscShape, flush_guest_psc};
use crate::address::{Gpa, Level, PageSize};
use crate::counts::{Counts, Event};
use crate::guest::tables::Tables;
use crate::guest::{Flush, Place};
use crate::tlb::{FlushSchedule, Geometry, Lru, tag};
use crate::trace::Run;

/// The one VM, for the tags of host-dimension structures.
const VM: u32 = 0;

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
}

/// Walks a guest's table through a host's. Host-dimension structures are never flushed.
#[derive(Debug)]
pub struct NestedWalker {
    shape: NestedShape,
    psc: Psc,
    host_psc: Psc,
    nested_tlb: Option<Lru>,
    counts: Counts,
}

impl NestedWalker {
    pub fn new(shape: NestedShape) -> NestedWalker {
        NestedWalker {
            shape,
            psc: Psc::new(&shape.psc),
            host_psc: Psc::new(&shape.host_psc),
            nested_tlb: shape.nested_tlb.map(Lru::new),
            counts: Counts::default(),
        }
    }

    pub fn replay(&mut self, misses: Misses<'_>) {
        let flush = |walker: &mut Self, change: &Flush| flush_guest_psc(&mut walker.psc, walker.shape.schedule, change);
        misses.replay(self, flush, |walker, run, place| walker.walk(misses.guest, run, place));
    }

    fn walk(&mut self, guest: &Tables, run: &Run, place: &Place) {
        let (root, leaf) = (self.shape.guest_levels, place.size.leaf_level());
        let start = self.psc.start(place.slot, run.address.get(), leaf, root);
        self.counts[Event::PscHits] += (start < root) as u64;

        // The nodes from the leaf up to the start: the path is read backwards, then walked downwards.
        let mut path = [Gpa::default(); 5];
        let mut node = place.node;
        for level in Level::range(leaf, start) {
            path[level.get() - 1] = guest.node(node).frame;
            node = guest.node(node).parent;
        }
        for level in Level::range(leaf, start).rev() {
            // A paging-structure cache gives the host address of the node below its entry.
            if level < start || start == root {
                self.translate(path[level.get() - 1]);
            }
            self.counts[Event::GuestRefs] += 1;
        }
        self.translate(place.frame.offset(run.address.get() & (place.size.bytes() - 1)));
        self.psc.fill(place.slot, run.address.get(), leaf, start);
    }

    fn translate(&mut self, gpa: Gpa) {
        let page = gpa.page(self.shape.host_pages);
        if let Some(nested_tlb) = &mut self.nested_tlb {
            if nested_tlb.touch(page, tag(VM, page)) {
                self.counts[Event::NestedTlbHits] += 1;
                return;
            }
            self.counts[Event::NestedTlbMisses] += 1;
        }
        let (root, leaf) = (self.shape.host_levels, self.shape.host_pages.leaf_level());
        let start = self.host_psc.start(VM, gpa.get(), leaf, root);
        self.counts[Event::HostPscHits] += (start < root) as u64;
        self.counts[Event::HostRefs] += (start.get() - leaf.get() + 1) as u64;
        self.host_psc.fill(VM, gpa.get(), leaf, start);
    }

    pub fn counts(&self) -> Counts {
        let mut counts = self.counts;
        counts[Event::RefsDram] = counts.sum(&[Event::GuestRefs, Event::HostRefs]);
        counts
    }
}
