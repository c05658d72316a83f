//! Calls: map, unmap, protect, fork, exit.
//!
//! *Models:* what each call does to page tables, frames and translations, leaf by leaf in ascending order.
//! *Does not model:* lazy unmapping, batching of flushes across calls, page tables shared between processes.
//! *Source:* Linux, in outline; it flushes everything above 33 pages (kernel commit a5102476a24b).

use super::{Flush, Guest, GuestPages, Slot, Step};
use crate::address::{Gva, NODE_ENTRIES, PageSize};
use crate::counts::Event;
use crate::program::{Call, Op, Ranges, Row};
use crate::tables::{Leaf, Node, NodeId};

/// An unmap or protect of more leaves than this flushes the process instead of invalidating each.
const MOST_INVALIDATIONS: usize = 33;

impl Guest {
    pub(super) fn call(&mut self, call: &Call) {
        let row = &call.row;
        let slot = self.enter(row.process, call.processor);
        match row.op {
            Op::Load | Op::Store | Op::Fetch => {}
            Op::Map => self.map(slot, row, Ranges::add),
            Op::Unmap => {
                self.change_range(slot, row, Guest::unmap_leaf);
                self.map(slot, row, Ranges::remove);
            }
            Op::Protect => self.change_range(slot, row, Guest::protect_leaf),
            Op::Fork => self.fork(slot, row.length as u32),
            Op::Exit => self.exit(slot, row.process),
        }
        self.end_row();
    }

    /// Applies `change` to every leaf wholly inside the row's range, in ascending order, then invalidates.
    fn change_range(&mut self, slot: Slot, row: &Row, change: fn(&mut Guest, Slot, &Leaf)) {
        let root = self.roots[slot as usize];
        let from = self.tables.linear(Gva::checked(row.address));
        let end = from + row.length;
        let (mut at, mut changed, first_flush) = (from, 0, self.flushes.len());
        let mut nodes = [NodeId::MAX; MOST_INVALIDATIONS];
        while let Some(leaf) = self.tables.next_leaf(root, at, end) {
            if leaf.start < from || leaf.end() > end {
                // Parts of a leaf can be changed only where pages of different sizes are mixed.
                let mixed = self.shape.pages == GuestPages::Thp && leaf.size == PageSize::Size2M;
                at = if mixed { at.max(leaf.start) } else { leaf.end() };
                if mixed {
                    self.split(slot, &leaf);
                }
                continue;
            }
            at = leaf.end();
            change(self, slot, &leaf);
            let start = self.tables.canonical(leaf.start);
            self.step(Step::Drop { slot, start, size: leaf.size });
            changed += 1;
            if changed <= MOST_INVALIDATIONS {
                nodes[changed - 1] = leaf.node;
                self.flush_leaf(slot, start, leaf.size);
            }
        }
        if changed > MOST_INVALIDATIONS {
            self.flushes.truncate(first_flush);
            self.flush_process(slot);
        } else {
            self.counts[Event::Invalidations] += changed as u64;
            nodes[..changed].iter().for_each(|&node| self.tell(Step::Invalidate { slot, node }));
        }
        self.row_changed |= changed > 0;
    }

    fn map(&mut self, slot: Slot, row: &Row, change: fn(&mut Ranges, u64, u64)) {
        if self.shape.pages == GuestPages::Thp {
            let start = self.tables.linear(Gva::checked(row.address));
            change(&mut self.ranges[slot as usize], start, start + row.length);
        }
    }

    /// Replaces a 2M leaf by 512 leaves of 4K that map the same memory.
    fn split(&mut self, slot: Slot, leaf: &Leaf) {
        let node = self.tables.split(leaf);
        self.place_node(node);
        self.step(Step::Node { node });
        self.write(slot, node, NODE_ENTRIES as u32);
        self.write(slot, leaf.node, 1);
        self.counts[Event::Invalidations] += 1;
        let start = self.tables.canonical(leaf.start);
        self.step(Step::Drop { slot, start, size: leaf.size });
        self.flush_leaf(slot, start, leaf.size);
    }

    fn protect_leaf(&mut self, slot: Slot, leaf: &Leaf) {
        self.write(slot, leaf.node, 1);
    }

    fn unmap_leaf(&mut self, slot: Slot, leaf: &Leaf) {
        let frame = self.tables.entry(leaf.node, leaf.index).frame();
        self.frames().release_page(frame, leaf.size);
        self.mapped_bytes -= leaf.size.bytes();
        let mut freed = std::mem::take(&mut self.scratch);
        self.tables.remove(leaf.node, leaf.index, &mut freed);
        self.write(slot, leaf.node, 1);
        if !freed.is_empty() {
            self.recent.forget();
        }
        for node in freed.drain(..) {
            let Node { parent, frame, .. } = *self.tables.node(node);
            self.frames().free_node(frame);
            self.tell(Step::Free { slot, node });
            self.write(slot, parent, 1);
        }
        self.scratch = freed;
    }

    fn flush_process(&mut self, slot: Slot) {
        self.counts[Event::FullFlushes] += 1;
        self.tell(Step::Flush { slot });
        self.flush(Flush::Process { slot, on: self.ran_on[slot as usize] });
    }

    fn fork(&mut self, parent: Slot, child: u32) {
        self.counts[Event::Forks] += 1;
        let child_slot = self.start((self.owner, child));
        self.ranges[child_slot as usize] = self.ranges[parent as usize].clone();
        self.infer(child_slot, child);
        let (parent_root, child_root) = (self.roots[parent as usize], self.roots[child_slot as usize]);
        let mut at = 0;
        while let Some(leaf) = self.tables.next_leaf(parent_root, at, self.tables.span()) {
            at = leaf.end();
            let entry = self.tables.entry(leaf.node, leaf.index);
            let (shared, start) = (entry.copy_on_write(), self.tables.canonical(leaf.start));
            if entry != shared {
                self.tables.rewrite(leaf.node, leaf.index, shared);
                self.write(parent, leaf.node, 1);
                self.step(Step::Drop { slot: parent, start, size: leaf.size });
            }
            let node = self.create_path(child_slot, child_root, start, leaf.size.leaf_level());
            self.tables.insert(node, leaf.index, shared);
            self.write(child_slot, node, 1);
            self.frames().share(entry.frame(), leaf.size);
            self.mapped_bytes += leaf.size.bytes();
        }
        self.flush_process(parent);
    }

    fn exit(&mut self, slot: Slot, process: u32) {
        self.counts[Event::ProcessExits] += 1;
        let root = self.roots[slot as usize];
        let mut at = 0;
        while let Some(leaf) = self.tables.next_leaf(root, at, self.tables.span()) {
            at = leaf.end();
            self.unmap_leaf(slot, &leaf);
        }
        self.tables.free_root(root);
        let frame = self.tables.node(root).frame;
        self.frames().free_node(frame);
        self.flush_process(slot);
        self.step(Step::End { slot });
        self.slots.remove(&(self.owner, process));
        self.free_slots.push(slot);
        self.recent.forget();
        self.shoot_down(slot);
        let latest = self.latest.all_mut().filter(|latest| latest.slot == Some(slot));
        latest.for_each(|latest| latest.slot = None);
        self.entered = None;
        self.row_changed = true;
    }
}
