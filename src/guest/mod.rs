//! Guest memory: accesses and calls become paging events, the same for every technique and every TLB.
//!
//! *Models:* demand paging with one page size, copy-on-write after fork, dirty bits, unmap, protect, exit, and the guest's
//! choice between single invalidations and a full flush.
//! *Does not model:* the guest kernel's own memory, swapping, file pages shared between unrelated processes.
//! *Source:* the x86-64 paging of the Intel SDM volume 3A, chapter 5; Linux flushes everything above 33 pages
//! (kernel commit a5102476a24b).

mod frames;
mod step;
pub mod tables;

pub use step::{At, Flush, Place, Slot, Step};

use crate::address::{Gva, Level, PageSize};
use crate::counts::{Counts, Event, Gauge, Gauges};
use crate::trace::{Chunk, Op, Owner, Row, Run};
use frames::Frames;
use std::collections::{BTreeMap, HashMap};
use tables::{Entry, Leaf, NodeId, Recent, Tables};

/// An unmap or protect of more leaves than this flushes the process instead of invalidating each.
const MOST_INVALIDATIONS: usize = 33;
/// Live processes at once; a TLB's tag has room for no more.
pub const MOST_PROCESSES: usize = 1 << 17;

/// Structure of the guest's paging.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GuestShape {
    pub pages: PageSize,
    pub levels: Level,
}

/// The memory of all guests of one machine, and what the last chunk of a trace did to it.
#[derive(Debug)]
pub struct Guest {
    shape: GuestShape,
    tables: Tables,
    /// By VM.
    frames: Vec<Frames>,
    /// Whose rows the chunk holds.
    owner: Owner,
    slots: HashMap<(Owner, u32), Slot>,
    roots: Vec<NodeId>,
    free_slots: Vec<Slot>,
    /// Process of the row before.
    previous: Option<(Owner, u32)>,
    /// Slot of that process, while it is alive.
    current: Option<Slot>,
    recent: Recent,
    counts: Counts,
    gauges: Gauges,
    mapped_bytes: u64,
    nodes_allocated: u64,
    /// Rows by how many PTEs each wrote.
    batches: BTreeMap<u64, u64>,
    writes_before_row: u64,
    row_changed: bool,
    scratch: Vec<NodeId>,
    pub places: Vec<Place>,
    pub steps: Vec<At<Step>>,
    pub flushes: Vec<At<Flush>>,
}

impl Guest {
    pub fn new(shape: GuestShape) -> Guest {
        Guest {
            shape,
            tables: Tables::new(shape.levels),
            frames: Vec::new(),
            owner: Owner::default(),
            slots: HashMap::new(),
            roots: Vec::new(),
            free_slots: Vec::new(),
            previous: None,
            current: None,
            recent: Recent::default(),
            counts: Counts::default(),
            gauges: Gauges::default(),
            mapped_bytes: 0,
            nodes_allocated: 0,
            batches: BTreeMap::new(),
            writes_before_row: 0,
            row_changed: false,
            scratch: Vec::new(),
            places: Vec::new(),
            steps: Vec::new(),
            flushes: Vec::new(),
        }
    }

    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Most processes alive at once so far.
    pub fn most_alive(&self) -> usize {
        self.roots.len()
    }

    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Nodes allocated in all, roots included.
    pub fn nodes_allocated(&self) -> u64 {
        self.nodes_allocated
    }

    /// Pairs of (PTE writes of a row, rows that wrote so many).
    pub fn batches(&self) -> &BTreeMap<u64, u64> {
        &self.batches
    }

    pub fn gauges(&self) -> Gauges {
        let mut gauges = self.gauges;
        gauges[Gauge::EndGuestNodes] = self.tables.alive();
        gauges[Gauge::GuestTables] = self.slots.len() as u64;
        gauges[Gauge::PeakTotalNodes] = gauges[Gauge::PeakGuestNodes];
        gauges
    }

    /// Replays a chunk. Afterwards `places` has one entry per run, and `steps` and `flushes` say what happened between them.
    pub fn replay(&mut self, chunk: &Chunk) {
        self.tables.recycle();
        self.owner = chunk.owner;
        let vms = self.frames.len().max(self.owner.vm as usize + 1);
        self.frames.resize_with(vms, Frames::default);
        self.places.clear();
        self.steps.clear();
        self.flushes.clear();
        let mut calls = chunk.calls.iter().peekable();
        for run in &chunk.runs {
            while let Some((_, row)) = calls.next_if(|(at, _)| *at == self.places.len()) {
                self.call(row);
            }
            self.access(run);
        }
        for (_, row) in calls {
            self.call(row);
        }
    }

    /// The frames of the VM that runs.
    fn frames(&mut self) -> &mut Frames {
        &mut self.frames[self.owner.vm as usize]
    }

    fn step(&mut self, step: Step) {
        self.steps.push((self.places.len(), step));
    }

    fn flush(&mut self, flush: Flush) {
        self.flushes.push((self.places.len(), flush));
    }

    /// The slot of the row's process, which begins or is switched to if need be.
    #[inline]
    fn enter(&mut self, process: u32) -> Slot {
        match self.current {
            Some(slot) if self.previous == Some((self.owner, process)) => slot,
            current => self.enter_other((self.owner, process), current),
        }
    }

    #[inline(never)]
    fn enter_other(&mut self, process: (Owner, u32), current: Option<Slot>) -> Slot {
        match self.previous {
            Some((before, _)) if before.vm != process.0.vm => {
                self.counts[Event::VmSwitches] += 1;
                // CR3 stays the guest's own: nothing is dropped, but untagged TLBs are emptied.
                self.flush(Flush::Switch { from: Slot::MAX });
            }
            Some(previous) if previous != process => {
                self.counts[Event::Switches] += 1;
                // A process that is gone has nothing left to drop.
                let from = current.unwrap_or(Slot::MAX);
                self.step(Step::Switch { from });
                self.flush(Flush::Switch { from });
            }
            Some(_) | None => {}
        }
        let slot = self.slots.get(&process).copied().unwrap_or_else(|| self.start(process));
        self.previous = Some(process);
        self.current = Some(slot);
        slot
    }

    fn start(&mut self, process: (Owner, u32)) -> Slot {
        let root = self.tables.create_root();
        let slot = self.free_slots.pop().unwrap_or(self.roots.len() as Slot);
        if slot as usize == self.roots.len() {
            self.roots.push(root);
        } else {
            self.roots[slot as usize] = root;
        }
        self.slots.insert(process, slot);
        self.place_node(root);
        self.step(Step::Start { slot, root });
        slot
    }

    fn place_node(&mut self, node: NodeId) {
        let frame = self.frames().take_node();
        self.tables.place_node(node, frame);
        self.nodes_allocated += 1;
        self.row_changed = true;
    }

    #[inline]
    fn access(&mut self, run: &Run) {
        let slot = self.enter(run.process);
        let (size, level) = (self.shape.pages, self.shape.pages.leaf_level());
        let i = run.address.index(level);
        let known = self.recent.find(&self.tables, slot, self.roots[slot as usize], run.address, level);
        let node = match known {
            Some(node) if self.tables.entry(node, i).is_present() => node,
            _ => self.fault(slot, run),
        };
        if run.op == Op::Store && !self.tables.entry(node, i).takes_stores() {
            self.first_store(slot, run, node, i);
        }
        self.places.push(Place { frame: self.tables.entry(node, i).frame(), node, slot, size });
        if self.row_changed {
            self.end_row();
        }
    }

    fn fault(&mut self, slot: Slot, run: &Run) -> NodeId {
        let (root, size) = (self.roots[slot as usize], self.shape.pages);
        self.counts[Event::GuestFaults] += 1;
        let node = self.create_path(root, run.address, size.leaf_level());
        let frame = self.frames().take_page(size);
        self.step(Step::Frame { frame, size });
        let entry = Entry::leaf(frame);
        let entry = if run.op == Op::Store { entry.dirty() } else { entry };
        self.tables.insert(node, run.address.index(size.leaf_level()), entry);
        self.counts[Event::PteWrites] += 1;
        self.mapped_bytes += size.bytes();
        self.step(Step::Fill);
        self.row_changed = true;
        node
    }

    /// The node of `level` on the path; missing ones are allocated and written top-down.
    fn create_path(&mut self, root: NodeId, address: Gva, level: Level) -> NodeId {
        let mut created = std::mem::take(&mut self.scratch);
        let node = self.tables.find_or_create(root, address.get(), level, &mut created);
        for node in created.drain(..) {
            self.place_node(node);
            self.counts[Event::PteWrites] += 1;
            self.step(Step::Node { node });
        }
        self.scratch = created;
        node
    }

    #[inline(never)]
    fn first_store(&mut self, slot: Slot, run: &Run, node: NodeId, i: usize) {
        let (size, entry) = (self.shape.pages, self.tables.entry(node, i));
        if !entry.is_copy_on_write() {
            self.counts[Event::FirstWrites] += 1;
            return self.tables.rewrite(node, i, entry.dirty());
        }
        self.counts[Event::CowFaults] += 1;
        let mut frame = entry.frame();
        if self.frames().leave_to_others(frame, size) {
            frame = self.frames().take_page(size);
            self.step(Step::Frame { frame, size });
        }
        self.tables.rewrite(node, i, Entry::leaf(frame).dirty());
        self.counts[Event::PteWrites] += 1;
        self.counts[Event::Invalidations] += 1;
        let start = run.address.page_start(size);
        self.step(Step::Drop { slot, start, size });
        self.step(Step::Fill);
        self.flush(Flush::Leaf { slot, start, size });
        self.row_changed = true;
    }

    fn call(&mut self, row: &Row) {
        let slot = self.enter(row.process);
        match row.op {
            Op::Load | Op::Store | Op::Fetch | Op::Map => {}
            Op::Unmap => self.change_range(slot, row, Guest::unmap_leaf),
            Op::Protect => self.change_range(slot, row, Guest::protect_leaf),
            Op::Fork => self.fork(slot, row.length as u32),
            Op::Exit => self.exit(slot, row.process),
        }
        self.end_row();
    }

    /// Applies `change` to every leaf wholly inside the row's range, in ascending order, then invalidates.
    fn change_range(&mut self, slot: Slot, row: &Row, change: fn(&mut Guest, &Leaf)) {
        let root = self.roots[slot as usize];
        let from = self.tables.linear(Gva::checked(row.address));
        let end = from + row.length;
        let (mut at, mut changed, first_flush) = (from, 0, self.flushes.len());
        while let Some(leaf) = self.tables.next_leaf(root, at, end) {
            at = leaf.end();
            if leaf.start < from || leaf.end() > end {
                continue;
            }
            change(self, &leaf);
            let start = self.tables.canonical(leaf.start);
            self.step(Step::Drop { slot, start, size: leaf.size });
            changed += 1;
            if changed <= MOST_INVALIDATIONS {
                self.flush(Flush::Leaf { slot, start, size: leaf.size });
            }
        }
        if changed > MOST_INVALIDATIONS {
            self.flushes.truncate(first_flush);
            self.flush_process(slot);
        } else {
            self.counts[Event::Invalidations] += changed as u64;
        }
        self.row_changed |= changed > 0;
    }

    fn protect_leaf(&mut self, _: &Leaf) {
        self.counts[Event::PteWrites] += 1;
    }

    fn unmap_leaf(&mut self, leaf: &Leaf) {
        let frame = self.tables.entry(leaf.node, leaf.index).frame();
        self.frames().release_page(frame, leaf.size);
        self.mapped_bytes -= leaf.size.bytes();
        let mut freed = std::mem::take(&mut self.scratch);
        self.tables.remove(leaf.node, leaf.index, &mut freed);
        self.counts[Event::PteWrites] += 1 + freed.len() as u64;
        if !freed.is_empty() {
            self.recent.forget();
        }
        for node in freed.drain(..) {
            let frame = self.tables.node(node).frame;
            self.frames().free_node(frame);
        }
        self.scratch = freed;
    }

    fn flush_process(&mut self, slot: Slot) {
        self.counts[Event::FullFlushes] += 1;
        self.flush(Flush::Process { slot });
    }

    fn fork(&mut self, parent: Slot, child: u32) {
        let child_slot = self.start((self.owner, child));
        let (parent_root, child_root) = (self.roots[parent as usize], self.roots[child_slot as usize]);
        let mut at = 0;
        while let Some(leaf) = self.tables.next_leaf(parent_root, at, self.tables.span()) {
            at = leaf.end();
            let entry = self.tables.entry(leaf.node, leaf.index);
            let (shared, start) = (entry.copy_on_write(), self.tables.canonical(leaf.start));
            if entry != shared {
                self.tables.rewrite(leaf.node, leaf.index, shared);
                self.counts[Event::PteWrites] += 1;
                self.step(Step::Drop { slot: parent, start, size: leaf.size });
            }
            let node = self.create_path(child_root, start, leaf.size.leaf_level());
            self.tables.insert(node, leaf.index, shared);
            self.counts[Event::PteWrites] += 1;
            self.frames().share(entry.frame(), leaf.size);
            self.mapped_bytes += leaf.size.bytes();
        }
        self.flush_process(parent);
    }

    fn exit(&mut self, slot: Slot, process: u32) {
        let root = self.roots[slot as usize];
        let mut at = 0;
        while let Some(leaf) = self.tables.next_leaf(root, at, self.tables.span()) {
            at = leaf.end();
            self.unmap_leaf(&leaf);
        }
        self.tables.free_root(root);
        let frame = self.tables.node(root).frame;
        self.frames().free_node(frame);
        self.flush_process(slot);
        self.step(Step::End { slot });
        self.slots.remove(&(self.owner, process));
        self.free_slots.push(slot);
        self.recent.forget();
        self.current = None;
        self.row_changed = true;
    }

    /// Settles what is known only when a row is over. The state after an access is told before the run that follows it.
    fn end_row(&mut self) {
        let written = self.counts[Event::PteWrites];
        if written > self.writes_before_row {
            *self.batches.entry(written - self.writes_before_row).or_default() += 1;
            self.writes_before_row = written;
        }
        if std::mem::take(&mut self.row_changed) {
            let guest_nodes = self.tables.alive();
            let peak = &mut self.gauges[Gauge::PeakGuestNodes];
            *peak = guest_nodes.max(*peak);
            let mapped = &mut self.gauges[Gauge::PeakMappedBytes];
            *mapped = self.mapped_bytes.max(*mapped);
            self.step(Step::RowEnd { guest_nodes });
        }
    }
}
