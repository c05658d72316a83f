//! The tables that walks read, dimension by dimension, and what keeps them.

use crate::counts::{Counts, Gauges};
use crate::guest::{At, Flush, Guest};
use crate::program::Chunk;
use crate::tables::{NodeId, Numbers, Tables};

/// Tables as the data caches see them: nodes with their numbers.
#[derive(Clone, Copy, Debug)]
pub struct Numbered<'a> {
    pub tables: &'a Tables,
    pub numbers: &'a Numbers,
}

/// The tables behind the references of the VM that runs.
#[derive(Clone, Copy, Debug)]
pub struct Dimensions<'a> {
    /// The first: the guest's own table, or a shadow of it.
    pub first: Numbered<'a>,
    /// The leaf's node of each run, where the first is not the guest's own.
    pub leaves: Option<&'a [NodeId]>,
    /// The second, which translates the gPAs of the first, with the VM's root.
    pub second: Option<(Numbered<'a>, NodeId)>,
}

/// Tables that a technique keeps: they follow what the guest does, and may flush.
pub trait Follow: std::fmt::Debug + Send + Sync {
    /// Follows a chunk that the guest has replayed.
    fn replay(&mut self, chunk: &Chunk, guest: &Guest);

    /// The flushes of the last chunk, the guest's and its own in program order; `None` if it never has any of its own.
    fn flushes(&self) -> Option<&[At<Flush>]> {
        None
    }

    /// What walkers with caches read; `None` before the VM's first allocation.
    fn dimensions<'a>(&'a self, chunk: &Chunk, guest: &'a Guest) -> Option<Dimensions<'a>>;

    /// What it counts itself; what follows from that by the technique's traps is not in it.
    fn counts(&self) -> Counts {
        Counts::default()
    }

    /// Of the guest's tables and of these, in nodes and roots.
    fn gauges(&self, guest: &Guest) -> Gauges {
        guest.gauges()
    }
}
