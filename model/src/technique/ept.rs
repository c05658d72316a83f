//! Nested paging (EPT, NPT).
//!
//! *Models:* one host table per VM, with leaves of the host's page size, made when the guest first uses a frame (or before,
//! without a fault); two-dimensional walks.
//! *Does not model:* accessed and dirty bits of the host table, page-modification logs, ballooning, host swapping.
//! *Source:* Intel SDM volume 3C, on VMX support for address translation; Bhargava et al., ASPLOS 2008.

use crate::address::{Gpa, Level, NODE_BYTES, PageSize};
use crate::counts::{Counts, Event, Gauge, Gauges};
use crate::guest::{At, Guest, Step};
use crate::tables::{Entry, NodeId, Tables, index};
use crate::walk::{Behind, NestedWalker, Numbered, Numbers};

/// When host pages are backed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HostBacking {
    /// At first use, by an EPT violation each.
    #[default]
    Lazy,
    /// Before the run; the same nodes, no faults.
    Prealloc,
}

/// What decides the content of a host table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HostShape {
    pub pages: PageSize,
    pub levels: Level,
    pub backing: HostBacking,
}

/// The host tables of all VMs.
#[derive(Debug)]
pub struct HostTable {
    shape: HostShape,
    table: Tables,
    /// By VM; made at the VM's first allocation.
    roots: Vec<NodeId>,
    scratch: Vec<NodeId>,
    guest_numbers: Numbers,
    numbers: Numbers,
    next_number: u64,
    host_faults: u64,
    peak_total: u64,
}

impl HostTable {
    pub fn new(shape: HostShape) -> HostTable {
        let table = Tables::new(shape.levels);
        HostTable {
            shape,
            table,
            roots: Vec::new(),
            scratch: Vec::new(),
            guest_numbers: Numbers::default(),
            numbers: Numbers::default(),
            next_number: 0,
            host_faults: 0,
            peak_total: 0,
        }
    }

    /// Backs what the guest allocated in a chunk.
    pub fn replay(&mut self, vm: u32, guest: &Tables, steps: &[At<Step>]) {
        for (_, step) in steps {
            match *step {
                Step::Start { root: node, .. } | Step::Node { node } => {
                    self.root(vm);
                    self.guest_numbers.assign(node, &mut self.next_number);
                    self.back(vm, guest.node(node).frame, NODE_BYTES);
                }
                Step::Frame { frame, size } => self.back(vm, frame, size.bytes()),
                Step::RowEnd { guest_nodes } => {
                    self.peak_total = self.peak_total.max(guest_nodes + self.table.alive());
                }
                Step::Switch { .. } | Step::Fill | Step::Drop { .. } | Step::End { .. } => {}
            }
        }
    }

    /// The root of a VM. VMs run their first rows in the order of their numbers.
    fn root(&mut self, vm: u32) -> NodeId {
        let vm = vm as usize;
        if vm == self.roots.len() {
            let root = self.table.create_root();
            self.numbers.assign(root, &mut self.next_number);
            self.roots.push(root);
        }
        self.roots[vm]
    }

    /// What walkers with caches read of a VM; `None` before its first allocation.
    pub fn behind<'a>(&'a self, vm: u32, guest: &'a Tables) -> Option<Behind<'a>> {
        let guest = Numbered { tables: guest, numbers: &self.guest_numbers };
        let root = *self.roots.get(vm as usize)?;
        Some(Behind::Nested(guest, Numbered { tables: &self.table, numbers: &self.numbers }, root))
    }

    /// Backs every host page that overlaps these bytes and has no backing yet.
    fn back(&mut self, vm: u32, frame: Gpa, bytes: u64) {
        let root = self.root(vm);
        let (page, level) = (self.shape.pages.bytes(), self.shape.pages.leaf_level());
        let first = frame.get() & !(page - 1);
        for address in (first..frame.get() + bytes).step_by(page as usize) {
            let node = self.table.find_or_create(root, address, level, &mut self.scratch);
            for node in self.scratch.drain(..) {
                self.numbers.assign(node, &mut self.next_number);
            }
            let i = index(address, level);
            if !self.table.entry(node, i).is_present() {
                self.table.insert(node, i, Entry::leaf(Gpa::default()));
                self.host_faults += (self.shape.backing == HostBacking::Lazy) as u64;
            }
        }
    }

    /// Of the guest and of the host tables, in nodes and roots.
    pub fn gauges(&self, guest: &Guest) -> Gauges {
        let mut gauges = guest.gauges();
        gauges[Gauge::PeakHostNodes] = self.table.alive();
        gauges[Gauge::PeakTotalNodes] = self.peak_total;
        gauges[Gauge::EndHostNodes] = self.table.alive();
        gauges[Gauge::HostTables] = self.roots.len() as u64;
        gauges
    }
}

pub(super) fn counts(walker: &NestedWalker, table: &HostTable) -> Counts {
    let mut counts = walker.counts();
    counts[Event::HostFaults] = table.host_faults;
    counts[Event::ExitEptViolation] = table.host_faults;
    counts
}
