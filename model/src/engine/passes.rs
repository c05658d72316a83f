//! The walkers behind one name, and what they and the tables come to under a technique.

use super::group::{CellPlan, Group, WalkPass};
use crate::counts::{Counts, Gauges};
use crate::guest::{At, Flush, Guest};
use crate::program::Chunk;
use crate::technique::Virtualize;
use crate::walk::{Follow, Host, Misses, References, Table, Walker};

/// A walker of one dimension or of two.
#[derive(Debug)]
pub enum AnyWalker {
    One(Box<Walker<()>>),
    Two(Box<Walker<Host>>),
}

impl AnyWalker {
    pub fn new(pass: &WalkPass) -> AnyWalker {
        let caches = pass.caches.as_ref();
        match pass.second {
            None => AnyWalker::One(Box::new(Walker::new(pass.first, caches, ()))),
            Some(second) => AnyWalker::Two(Box::new(Walker::new(pass.first, caches, Host::new(second)))),
        }
    }

    pub fn replay(&mut self, misses: &Misses<'_>) {
        match self {
            AnyWalker::One(walker) => misses.replay(walker.as_mut()),
            AnyWalker::Two(walker) => misses.replay(walker.as_mut()),
        }
    }

    fn counts(&self, first: Table) -> Counts {
        match self {
            AnyWalker::One(walker) => walker.counts(first),
            AnyWalker::Two(walker) => walker.counts(first),
        }
    }

    fn references(&self, first: Table) -> Vec<References> {
        match self {
            AnyWalker::One(walker) => walker.references(first),
            AnyWalker::Two(walker) => walker.references(first),
        }
    }
}

impl CellPlan {
    /// What the cell's technique adds to what the guest and the TLB counted, and the page-table memory.
    pub fn outcome(&self, walker: &AnyWalker, table: Option<&dyn Follow>, guest: &Guest) -> (Counts, Gauges) {
        let tables = table.map(Follow::counts).unwrap_or_default();
        let mut counts = walker.counts(self.technique.facts().walks[0]);
        counts += &tables;
        counts += &self.technique.trapped(guest, &tables, self.posted_interrupts);
        (counts, table.map_or_else(|| guest.gauges(), |table| table.gauges(guest)))
    }

    /// The walks' references by table and level.
    pub fn references(&self, walker: &AnyWalker) -> Vec<References> {
        walker.references(self.technique.facts().walks[0])
    }
}

/// A built-in technique, as a cell has it.
#[derive(Debug)]
pub struct BuiltIn {
    cell: CellPlan,
    table: Option<Box<dyn Follow>>,
    walker: AnyWalker,
}

impl BuiltIn {
    pub(super) fn new(cell: CellPlan, group: &Group) -> BuiltIn {
        let table = cell.table.map(|table| group.tables.list[table].build());
        BuiltIn { cell, table, walker: AnyWalker::new(&group.walkers.list[cell.walker]) }
    }
}

impl Virtualize for BuiltIn {
    fn follow(&mut self, chunk: &Chunk, guest: &Guest) {
        if let Some(table) = &mut self.table {
            table.replay(chunk, guest);
        }
    }

    fn flushes(&self) -> Option<&[At<Flush>]> {
        self.table.as_ref()?.flushes()
    }

    fn walk(&mut self, chunk: &Chunk, guest: &Guest, misses: &[u32]) {
        let behind = self.table.as_ref().and_then(|table| table.dimensions(chunk, guest));
        let flushes = self.table.as_ref().and_then(|table| table.flushes()).unwrap_or(&guest.flushes);
        self.walker.replay(&Misses { flushes, ..Misses::new(chunk, guest, misses, behind) });
    }

    fn outcome(&self, guest: &Guest) -> (Counts, Gauges) {
        self.cell.outcome(&self.walker, self.table.as_deref(), guest)
    }
}
