//! Shadow tables.
//!
//! *Models:* one shadow table per process with leaves of the effective page size, kept by trapping every change of the
//! guest's tables; eager or lazy fill; kept or dropped on a switch; hidden faults; guest nodes that go out of sync; the
//! host's backing of guest memory, inside exits that are taken anyway.
//! *Does not model:* reverse maps, shadow tables of a limited size.
//! *Source:* Adams and Agesen, "A comparison of software and hardware techniques for x86 virtualization", ASPLOS 2006; out of sync:
//! the Linux kernel's documentation of the KVM MMU.

mod sync;

use crate::address::{Gpa, Gva, Level, NODE_BYTES, PageSize};
use crate::backing::{Backed, HostBacking};
use crate::counts::{Counts, Event, Gauge, Gauges};
use crate::guest::{At, Flush, Guest, Place, Slot, Step};
use crate::program::{Chunk, Processors, Run};
use crate::tables::{Entry, NodeId, Numbers, Recent, Tables};
use crate::walk::{Dimensions, Follow, Numbered};
use sync::Unsynced;

/// Whether the exit that maps a guest leaf fills the shadow entry too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Fill {
    /// It fills the entry of the page accessed.
    #[default]
    Eager,
    /// It fills nothing: a hidden fault does.
    Lazy,
}

/// What becomes of a shadow table when its process is switched away from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnSwitch {
    /// It stays as it is.
    #[default]
    Keep,
    /// All but its root goes, with its TLB and paging-structure-cache entries.
    Drop,
}

/// When the VMM learns of the guest's writes to its tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sync {
    /// Each traps.
    #[default]
    Traced,
    /// A leaf node goes out of sync at the first, and comes back in sync when translations are invalidated.
    Lazy,
}

/// What decides the content of shadow tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ShadowShape {
    pub host_pages: PageSize,
    pub host_backing: HostBacking,
    /// The guest's own.
    pub levels: Level,
    pub fill: Fill,
    pub on_switch: OnSwitch,
    pub sync: Sync,
}

/// The shadow tables of all VMs.
#[derive(Debug)]
pub struct ShadowTables {
    shape: ShadowShape,
    tables: Tables,
    /// Root by slot; stale where the process is gone.
    roots: Vec<NodeId>,
    recent: Recent,
    scratch: Vec<NodeId>,
    guest_numbers: Numbers,
    numbers: Numbers,
    next_number: u64,
    /// The shadow leaf's node of each run of the last chunk.
    leaves: Vec<NodeId>,
    /// Where tables are dropped at switches: the guest's flushes of the last chunk, and those of the processes that were left.
    flushes: Vec<At<Flush>>,
    /// `None` where the host backs memory before the run.
    backed: Option<Backed>,
    host_faults: u64,
    /// `None` where every write traps.
    unsynced: Option<Unsynced>,
    hidden_faults: u64,
    guest_nodes: u64,
    peak_nodes: u64,
    peak_total: u64,
}

impl ShadowTables {
    pub fn new(shape: ShadowShape) -> ShadowTables {
        ShadowTables {
            shape,
            tables: Tables::new(shape.levels),
            roots: Vec::new(),
            recent: Recent::default(),
            scratch: Vec::new(),
            guest_numbers: Numbers::default(),
            numbers: Numbers::default(),
            next_number: 0,
            leaves: Vec::new(),
            flushes: Vec::new(),
            backed: (shape.host_backing == HostBacking::Lazy).then(|| Backed::new(shape.host_pages)),
            host_faults: 0,
            unsynced: (shape.sync == Sync::Lazy).then(Unsynced::default),
            hidden_faults: 0,
            guest_nodes: 0,
            peak_nodes: 0,
            peak_total: 0,
        }
    }

    /// Follows a step; true if an exit of it can fill the shadow entry of the access that comes next.
    fn follow(&mut self, vm: u32, guest: &Tables, step: &Step) -> bool {
        if let Some(unsynced) = &mut self.unsynced {
            unsynced.follow(guest, step);
        }
        match *step {
            Step::Start { slot, root } => {
                self.node(vm, guest, root);
                self.start(slot);
            }
            Step::Node { node } => self.node(vm, guest, node),
            Step::Frame { frame, size } => self.back(vm, frame, size.bytes()),
            Step::Drop { slot, start, size } => {
                let from = self.tables.linear(start);
                self.drop_range(slot, from, from + size.bytes());
            }
            Step::Switch { from, .. } if self.drops() && from != Slot::MAX => {
                self.drop_range(from, 0, self.tables.span());
            }
            Step::End { slot } => {
                self.drop_range(slot, 0, self.tables.span());
                self.tables.free_root(self.roots[slot as usize]);
                self.recent.forget();
            }
            Step::RowEnd { guest_nodes } => {
                self.guest_nodes = guest_nodes;
                self.sample();
            }
            Step::Fill => return self.unsynced.as_ref().is_none_or(Unsynced::has_trapped),
            Step::Switch { .. }
            | Step::Write { .. }
            | Step::Free { .. }
            | Step::Invalidate { .. }
            | Step::Flush { .. } => {}
        }
        false
    }

    /// A guest's node is allocated.
    fn node(&mut self, vm: u32, guest: &Tables, node: NodeId) {
        self.guest_numbers.assign(node, &mut self.next_number);
        self.back(vm, guest.node(node).frame, NODE_BYTES);
    }

    fn back(&mut self, vm: u32, frame: Gpa, bytes: u64) {
        if let Some(backed) = &mut self.backed {
            self.host_faults += backed.back(vm, frame, bytes);
        }
    }

    fn drops(&self) -> bool {
        self.shape.on_switch == OnSwitch::Drop
    }

    fn start(&mut self, slot: Slot) {
        let slot = slot as usize;
        if slot >= self.roots.len() {
            self.roots.resize(slot + 1, NodeId::MAX);
        }
        self.roots[slot] = self.tables.create_root();
        self.numbers.assign(self.roots[slot], &mut self.next_number);
    }

    /// Drops every entry of a linear range.
    fn drop_range(&mut self, slot: Slot, from: u64, end: u64) {
        let (root, mut at) = (self.roots[slot as usize], from);
        let mut freed = std::mem::take(&mut self.scratch);
        while let Some(leaf) = self.tables.next_leaf(root, at, end) {
            at = leaf.end();
            self.tables.remove(leaf.node, leaf.index, &mut freed);
        }
        if !freed.is_empty() {
            self.recent.forget();
            freed.clear();
        }
        self.scratch = freed;
    }

    /// The node of the shadow leaf, which is filled if it is missing.
    #[inline]
    fn access(&mut self, run: &Run, place: &Place, filled: bool) -> NodeId {
        let level = place.size.min(self.shape.host_pages).leaf_level();
        let root = self.roots[place.slot as usize];
        match self.recent.find(&self.tables, place.slot, root, run.address, level) {
            Some(node) if self.tables.entry(node, run.address.index(level)).is_present() => node,
            _ => {
                let by_the_same_exit = filled && self.shape.fill == Fill::Eager;
                self.hidden_faults += !by_the_same_exit as u64;
                self.fill(root, run.address, level)
            }
        }
    }

    fn fill(&mut self, root: NodeId, address: Gva, level: Level) -> NodeId {
        let mut created = std::mem::take(&mut self.scratch);
        let node = self.tables.find_or_create(root, address.get(), level, &mut created);
        for node in created.drain(..) {
            self.numbers.assign(node, &mut self.next_number);
        }
        self.scratch = created;
        self.tables.insert(node, address.index(level), Entry::leaf(Default::default()));
        self.sample();
        node
    }

    /// Between rows. In the row of a fault the guest's nodes are counted when the row ends, never before they are there.
    fn sample(&mut self) {
        let nodes = self.tables.alive();
        self.peak_nodes = self.peak_nodes.max(nodes);
        self.peak_total = self.peak_total.max(nodes + self.guest_nodes);
    }
}

impl Follow for ShadowTables {
    fn replay(&mut self, chunk: &Chunk, guest: &Guest) {
        let vm = chunk.owner.vm;
        self.tables.recycle();
        self.leaves.clear();
        let mut steps = guest.steps.iter().peekable();
        for (i, (run, place)) in chunk.runs.iter().zip(&guest.places).enumerate() {
            let mut filled = false;
            while let Some((_, step)) = steps.next_if(|(at, _)| *at <= i) {
                filled |= self.follow(vm, guest.tables(), step);
            }
            let leaf = self.access(run, place, filled);
            self.leaves.push(leaf);
        }
        for (_, step) in steps {
            self.follow(vm, guest.tables(), step);
        }
        if self.drops() {
            self.flushes.clear();
            for &(at, flush) in &guest.flushes {
                self.flushes.push((at, flush));
                if let Flush::Switch { from } = flush
                    && from != Slot::MAX
                {
                    self.flushes.push((at, Flush::Process { slot: from, on: Processors::ALL }));
                }
            }
        }
    }

    fn flushes(&self) -> Option<&[At<Flush>]> {
        self.drops().then_some(&self.flushes)
    }

    fn dimensions<'a>(&'a self, _: &Chunk, _: &'a Guest) -> Option<Dimensions<'a>> {
        let first = Numbered { tables: &self.tables, numbers: &self.numbers };
        Some(Dimensions { first, leaves: Some(&self.leaves), second: None })
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        counts[Event::ExitHiddenFault] = self.hidden_faults;
        counts[Event::HostFaults] = self.host_faults;
        counts[Event::HostClearedBytes] = self.host_faults * self.shape.host_pages.bytes();
        if let Some(unsynced) = &self.unsynced {
            unsynced.count(&mut counts);
        }
        counts
    }

    fn gauges(&self, guest: &Guest) -> Gauges {
        let mut gauges = guest.gauges();
        gauges[Gauge::PeakShadowNodes] = self.peak_nodes;
        gauges[Gauge::PeakTotalNodes] = self.peak_total;
        gauges[Gauge::EndShadowNodes] = self.tables.alive();
        gauges[Gauge::ShadowTables] = gauges[Gauge::GuestTables];
        gauges
    }
}
