//! What backs guest memory: host tables, and which host pages are backed where there are none.
//!
//! *Models:* one host table per VM, with leaves of the host's page size, made when the guest first uses a frame (or before,
//! without a fault).
//! *Does not model:* accessed and dirty bits of the host table, page-modification logs, ballooning, host swapping.
//! *Source:* Intel SDM volume 3C, on VMX support for address translation.

mod backed;

pub use backed::Backed;

use crate::address::{Gpa, Level, NODE_BYTES, PageSize};
use crate::counts::{Counts, Event, Gauge, Gauges};
use crate::guest::{Guest, Step};
use crate::program::Chunk;
use crate::tables::{Entry, NodeId, Numbers, Tables, index};
use crate::walk::{Dimensions, Follow, Numbered};

/// When host pages are backed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HostBacking {
    /// At first use, a host fault each.
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
}

impl Follow for HostTable {
    fn replay(&mut self, chunk: &Chunk, guest: &Guest) {
        let vm = chunk.owner.vm;
        for (_, step) in &guest.steps {
            match *step {
                Step::Start { root: node, .. } | Step::Node { node } => {
                    self.root(vm);
                    self.guest_numbers.assign(node, &mut self.next_number);
                    self.back(vm, guest.tables().node(node).frame, NODE_BYTES);
                }
                Step::Frame { frame, size } => self.back(vm, frame, size.bytes()),
                Step::RowEnd { guest_nodes } => {
                    self.peak_total = self.peak_total.max(guest_nodes + self.table.alive());
                }
                Step::Switch { .. } | Step::Fill | Step::Drop { .. } | Step::End { .. } => {}
                Step::Write { .. } | Step::Free { .. } | Step::Invalidate { .. } | Step::Flush { .. } => {}
            }
        }
    }

    fn dimensions<'a>(&'a self, chunk: &Chunk, guest: &'a Guest) -> Option<Dimensions<'a>> {
        let root = *self.roots.get(chunk.owner.vm as usize)?;
        Some(Dimensions {
            first: Numbered { tables: guest.tables(), numbers: &self.guest_numbers },
            leaves: None,
            second: Some((Numbered { tables: &self.table, numbers: &self.numbers }, root)),
        })
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        counts[Event::HostFaults] = self.host_faults;
        counts[Event::HostClearedBytes] = self.host_faults * self.shape.pages.bytes();
        counts
    }

    fn gauges(&self, guest: &Guest) -> Gauges {
        let mut gauges = guest.gauges();
        gauges[Gauge::PeakHostNodes] = self.table.alive();
        gauges[Gauge::PeakTotalNodes] = self.peak_total;
        gauges[Gauge::EndHostNodes] = self.table.alive();
        gauges[Gauge::HostTables] = self.roots.len() as u64;
        gauges
    }
}
