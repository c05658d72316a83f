//! Guest nodes whose leaves the shadow table does not follow for now.
//!
//! *Models:* a node of 4K leaves goes out of sync at the first write that traps; further writes to its leaves cost no exit. It comes
//! back in sync when the process is switched to or flushed, or a leaf of it is invalidated.
//! *Does not model:* a limit to such nodes; nodes that several tables share.
//! *Source:* the Linux kernel's documentation of the KVM MMU, on synchronized and unsynchronized pages.

use crate::address::{Level, PageSize};
use crate::arrays::Slot;
use crate::counts::{Counts, Event};
use crate::guest::Step;
use crate::tables::{NodeId, Tables};
use std::collections::BTreeSet;

#[derive(Debug, Default)]
pub struct Unsynced {
    nodes: BTreeSet<(Slot, NodeId)>,
    /// Whether the last write trapped.
    has_trapped: bool,
    exits: u64,
    unsyncs: u64,
    resyncs: u64,
}

impl Unsynced {
    /// Whether the last PTE write trapped.
    pub fn has_trapped(&self) -> bool {
        self.has_trapped
    }

    pub fn follow(&mut self, guest: &Tables, step: &Step) {
        match *step {
            Step::Write { slot, node, times } => self.write(guest.node(node).level, slot, node, times.into()),
            Step::Free { slot, node } => _ = self.nodes.remove(&(slot, node)),
            Step::Invalidate { slot, node } => self.resyncs += self.nodes.remove(&(slot, node)) as u64,
            Step::Switch { to: Some(slot), .. } | Step::Flush { slot } => self.sync(slot),
            Step::Switch { to: None, .. } | Step::Start { .. } | Step::Node { .. } | Step::Frame { .. } => {}
            Step::Fill | Step::Drop { .. } | Step::End { .. } | Step::RowEnd { .. } => {}
        }
    }

    fn write(&mut self, level: Level, slot: Slot, node: NodeId, times: u64) {
        if level > PageSize::Size4K.leaf_level() {
            self.has_trapped = true;
            self.exits += times;
        } else {
            self.has_trapped = self.nodes.insert((slot, node));
            self.exits += self.has_trapped as u64;
            self.unsyncs += self.has_trapped as u64;
        }
    }

    /// Brings back all nodes of a process.
    fn sync(&mut self, slot: Slot) {
        let all = (slot, NodeId::MIN)..=(slot, NodeId::MAX);
        self.resyncs += self.nodes.extract_if(all, |_| true).count() as u64;
    }

    /// Adds the exits for writes, and nodes that went out of sync and came back.
    pub fn count(&self, counts: &mut Counts) {
        counts[Event::ExitPtWrite] += self.exits;
        counts[Event::Unsyncs] += self.unsyncs;
        counts[Event::Resyncs] += self.resyncs;
    }
}
