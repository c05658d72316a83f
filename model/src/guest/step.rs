//! What guest memory tells the stages after it, in program order.

use super::Slot;
use crate::address::{Gpa, Gva, PageSize};
use crate::program::{PerProcessor, Processor, Processors};
use crate::tables::NodeId;

/// Where one run of accesses found its translation.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The frame of the leaf.
    pub frame: Gpa,
    /// The node that holds the leaf.
    pub node: NodeId,
    pub slot: Slot,
    pub size: PageSize,
}

/// A change of the guest's tables or frames, told before the run at the position that goes with it.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// The processor leaves one process for another, which may not have begun yet.
    Switch { from: Slot, to: Option<Slot> },
    /// A process begins, with the root of its table.
    Start { slot: Slot, root: NodeId },
    /// A node other than a root is allocated.
    Node { node: NodeId },
    /// A data frame is allocated, and cleared by the guest.
    Frame { frame: Gpa, size: PageSize },
    /// The leaf of the run that follows is mapped or rewritten because of its access.
    Fill,
    /// A leaf is removed or rewritten: what a shadow table holds of it goes.
    Drop { slot: Slot, start: Gva, size: PageSize },
    /// A process is gone.
    End { slot: Slot },
    /// A row that changed tables is over; so many guest nodes are alive.
    RowEnd { guest_nodes: u64 },
    /// Entries of a node are written, so many times. Told if asked for, as are the steps below.
    Write { slot: Slot, node: NodeId, times: u32 },
    /// A node is left empty and freed.
    Free { slot: Slot, node: NodeId },
    /// The translation of a leaf in this node is invalidated.
    Invalidate { slot: Slot, node: NodeId },
    /// All translations of a process are flushed.
    Flush { slot: Slot },
}

/// A change that TLBs and paging-structure caches follow, told before the run at the position that goes with it.
#[derive(Clone, Copy, Debug)]
pub enum Flush {
    /// What follows, runs and switches, is of this processor; in the beginning, of processor 0.
    Turn { processor: Processor },
    /// The processor leaves this process for another.
    Switch { from: Slot },
    /// One leaf's translation goes from these processors, which are all that may have it.
    Leaf { slot: Slot, start: Gva, size: PageSize, on: Processors },
    /// All of a process's translations go from these processors, which are all that may have any.
    Process { slot: Slot, on: Processors },
}

/// What each processor has one of, and what flushes act on.
pub trait Flushed {
    /// That of another processor, empty.
    fn another(&self) -> Self;

    /// Lets go of what is flushed on its processor.
    fn flush(&mut self, flush: &Flush);
}

impl<T: Flushed> PerProcessor<T> {
    /// Follows a change: turns to another processor, or flushes where that acts.
    pub fn follow(&mut self, flush: &Flush) {
        match *flush {
            Flush::Turn { processor } => self.turn_to(processor, T::another),
            Flush::Switch { .. } => self.now_mut().flush(flush),
            Flush::Leaf { on, .. } | Flush::Process { on, .. } => self.of(on).for_each(|it| it.flush(flush)),
        }
    }
}

/// Something with its position: the number of runs of the chunk that precede it.
pub type At<T> = (usize, T);
