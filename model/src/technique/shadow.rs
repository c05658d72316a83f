//! Shadow paging.
//!
//! *Models:* one shadow table per process with leaves of the effective page size, kept by trapping every change of the
//! guest's tables; eager or lazy fill; kept or dropped on a switch; hidden faults.
//! *Does not model:* unsynchronised guest nodes, reverse maps, shadow tables of a limited size.
//! *Source:* Adams and Agesen, "A comparison of software and hardware techniques for x86 virtualization", ASPLOS 2006.

use crate::address::{Gva, Level, PageSize};
use crate::counts::{Counts, Event, Gauge, Gauges};
use crate::guest::{At, Guest, Place, Slot, Step};
use crate::program::Run;
use crate::tables::{Entry, NodeId, Recent, Tables};
use crate::walk::{Behind, FlatWalker, Numbered, Numbers};

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

/// How a VMM keeps shadow tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ShadowPolicy {
    pub fill: Fill,
    pub on_switch: OnSwitch,
}

/// What decides the content of shadow tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ShadowShape {
    pub host_pages: PageSize,
    /// The guest's own.
    pub levels: Level,
    pub policy: ShadowPolicy,
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
            hidden_faults: 0,
            guest_nodes: 0,
            peak_nodes: 0,
            peak_total: 0,
        }
    }

    /// Follows a chunk: the guest's steps, and the first accesses to pages that the shadow tables lack.
    pub fn replay(&mut self, runs: &[Run], places: &[Place], steps: &[At<Step>]) {
        self.tables.recycle();
        self.leaves.clear();
        let mut steps = steps.iter().peekable();
        for (i, (run, place)) in runs.iter().zip(places).enumerate() {
            let mut filled = false;
            while let Some((_, step)) = steps.next_if(|(at, _)| *at <= i) {
                filled |= matches!(step, Step::Fill);
                self.follow(step);
            }
            let leaf = self.access(run, place, filled);
            self.leaves.push(leaf);
        }
        steps.for_each(|(_, step)| self.follow(step));
    }

    fn follow(&mut self, step: &Step) {
        match *step {
            Step::Start { slot, root } => {
                self.guest_numbers.assign(root, &mut self.next_number);
                self.start(slot);
            }
            Step::Node { node } => self.guest_numbers.assign(node, &mut self.next_number),
            Step::Drop { slot, start, size } => {
                let from = self.tables.linear(start);
                self.drop_range(slot, from, from + size.bytes());
            }
            Step::Switch { from } if self.shape.policy.on_switch == OnSwitch::Drop && from != Slot::MAX => {
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
            Step::Switch { .. } | Step::Frame { .. } | Step::Fill => {}
        }
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
                let by_the_same_exit = filled && self.shape.policy.fill == Fill::Eager;
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

    /// What walkers with caches read.
    pub fn behind(&self) -> Behind<'_> {
        Behind::Shadow(Numbered { tables: &self.tables, numbers: &self.numbers }, &self.leaves)
    }

    /// Between rows. In the row of a fault the guest's nodes are counted when the row ends, never before they are there.
    fn sample(&mut self) {
        let nodes = self.tables.alive();
        self.peak_nodes = self.peak_nodes.max(nodes);
        self.peak_total = self.peak_total.max(nodes + self.guest_nodes);
    }

    /// Of the guest and of the shadow tables, in nodes and roots.
    pub fn gauges(&self, guest: &Guest) -> Gauges {
        let mut gauges = guest.gauges();
        gauges[Gauge::PeakShadowNodes] = self.peak_nodes;
        gauges[Gauge::PeakTotalNodes] = self.peak_total;
        gauges[Gauge::EndShadowNodes] = self.tables.alive();
        gauges[Gauge::ShadowTables] = gauges[Gauge::GuestTables];
        gauges
    }
}

pub(super) fn counts(guest: &Guest, walker: &FlatWalker, tables: &ShadowTables) -> Counts {
    let mut counts = walker.counts(Event::ShadowRefs);
    let happened = guest.counts();
    counts[Event::ExitPageFault] = happened.sum(&[Event::GuestFaults, Event::CowFaults]);
    counts[Event::ExitPtWrite] = happened[Event::PteWrites];
    counts[Event::ExitHiddenFault] = tables.hidden_faults;
    counts[Event::ExitDirty] = happened[Event::FirstWrites];
    counts[Event::ExitCr3] = happened[Event::Switches];
    counts[Event::ExitInvlpg] = happened.sum(&[Event::Invalidations, Event::FullFlushes]);
    counts
}
