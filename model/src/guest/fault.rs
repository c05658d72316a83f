//! Accesses: faults, first writes, copy-on-write.
//!
//! *Models:* what a guest's kernel does about an access to a page that is not mapped, clean, or shared after a fork.
//! *Does not model:* read-ahead, zero pages, reclaim.
//! *Source:* Linux, in outline, its transparent huge pages included.

use super::{Guest, GuestPages, Place, Slot, Step};
use crate::address::{Gva, Level, PageSize};
use crate::counts::Event;
use crate::program::{Op, Run};
use crate::tables::{Entry, NodeId};

/// A leaf in its node.
#[derive(Clone, Copy)]
struct At {
    node: NodeId,
    index: usize,
    size: PageSize,
}

impl Guest {
    #[inline]
    pub(super) fn access(&mut self, run: &Run) {
        let slot = self.enter(run.process, run.processor);
        let at = match self.find_leaf(slot, run.address) {
            Some(at) => at,
            None => self.fault(slot, run),
        };
        if run.op == Op::Store && !self.tables.entry(at.node, at.index).takes_stores() {
            self.first_store(slot, run, at);
        }
        let frame = self.tables.entry(at.node, at.index).frame();
        self.places.push(Place { frame, node: at.node, slot, size: at.size });
        if self.row_changed {
            self.end_row();
        }
    }

    #[inline]
    fn find_leaf(&mut self, slot: Slot, address: Gva) -> Option<At> {
        let mut size = match self.shape.pages {
            GuestPages::One(size) => size,
            GuestPages::Thp => PageSize::Size2M,
        };
        let level = size.leaf_level();
        let mut index = address.index(level);
        let mut node = self.recent.find(&self.tables, slot, self.roots[slot as usize], address, level)?;
        let mut entry = self.tables.entry(node, index);
        if entry.is_present() && !entry.is_leaf() {
            size = PageSize::Size4K;
            (node, index) = (entry.child(), address.index(size.leaf_level()));
            entry = self.tables.entry(node, index);
        }
        entry.is_present().then_some(At { node, index, size })
    }

    fn fault(&mut self, slot: Slot, run: &Run) -> At {
        let (root, size) = (self.roots[slot as usize], self.size_for(slot, run.address));
        self.counts[Event::GuestFaults] += 1;
        let node = self.create_path(slot, root, run.address, size.leaf_level());
        let frame = self.frames().take_page(size);
        self.counts[Event::ClearedBytes] += size.bytes();
        self.step(Step::Frame { frame, size });
        let entry = Entry::leaf(frame);
        let entry = if run.op == Op::Store { entry.dirty() } else { entry };
        let index = run.address.index(size.leaf_level());
        self.tables.insert(node, index, entry);
        self.write(slot, node, 1);
        self.mapped_bytes += size.bytes();
        self.step(Step::Fill);
        self.row_changed = true;
        At { node, index, size }
    }

    /// The size of the leaf that a fault maps.
    fn size_for(&self, slot: Slot, address: Gva) -> PageSize {
        let huge = PageSize::Size2M;
        match self.shape.pages {
            GuestPages::One(size) => size,
            GuestPages::Thp => {
                let start = self.tables.linear(address.page_start(huge));
                // A node below would hold 4K leaves: a node left without any is freed.
                let node = self.tables.find(self.roots[slot as usize], address.get(), huge.leaf_level());
                let is_free =
                    node.is_none_or(|node| !self.tables.entry(node, address.index(huge.leaf_level())).is_present());
                if is_free && self.ranges[slot as usize].hold(start, start + huge.bytes()) {
                    huge
                } else {
                    PageSize::Size4K
                }
            }
        }
    }

    /// The node of `level` on the path; missing ones are allocated and written top-down.
    pub(super) fn create_path(&mut self, slot: Slot, root: NodeId, address: Gva, level: Level) -> NodeId {
        let mut created = std::mem::take(&mut self.scratch);
        let node = self.tables.find_or_create(root, address.get(), level, &mut created);
        for node in created.drain(..) {
            self.place_node(node);
            self.step(Step::Node { node });
            let parent = self.tables.node(node).parent;
            self.write(slot, parent, 1);
        }
        self.scratch = created;
        node
    }

    #[inline(never)]
    fn first_store(&mut self, slot: Slot, run: &Run, at: At) {
        let (size, entry) = (at.size, self.tables.entry(at.node, at.index));
        if !entry.is_copy_on_write() {
            self.counts[Event::FirstWrites] += 1;
            return self.tables.rewrite(at.node, at.index, entry.dirty());
        }
        self.counts[Event::CowFaults] += 1;
        let mut frame = entry.frame();
        if self.frames().is_shared(frame, size) {
            let copy = self.frames().take_page(size);
            self.frames().release_page(frame, size);
            frame = copy;
            self.counts[Event::CopiedBytes] += size.bytes();
            self.step(Step::Frame { frame, size });
        }
        self.tables.rewrite(at.node, at.index, Entry::leaf(frame).dirty());
        self.write(slot, at.node, 1);
        self.counts[Event::Invalidations] += 1;
        let start = run.address.page_start(size);
        self.step(Step::Drop { slot, start, size });
        self.step(Step::Fill);
        self.tell(Step::Invalidate { slot, node: at.node });
        self.flush_leaf(slot, start, size);
        self.row_changed = true;
    }
}
