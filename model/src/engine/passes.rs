//! The built-in tables and walkers behind one name each, and the techniques that they make up.

use super::plan::{Group, Planned, TableShape, WalkerShape};
use crate::counts::{Counts, Gauges};
use crate::guest::Guest;
use crate::program::Chunk;
use crate::technique::{GuestNumbers, HostTable, Parts, ShadowTables, Technique, Virtualize};
use crate::walk::{Behind, FlatWalker, Misses, NestedWalker};

#[derive(Debug)]
pub enum Table {
    Guest(GuestNumbers),
    Shadow(Box<ShadowTables>),
    Host(HostTable),
}

#[derive(Debug)]
pub enum Walker {
    Flat(Box<FlatWalker>),
    Nested(Box<NestedWalker>),
}

impl Table {
    pub fn new(shape: &TableShape) -> Table {
        match shape {
            TableShape::Guest => Table::Guest(GuestNumbers::default()),
            TableShape::Shadow(shape) => Table::Shadow(Box::new(ShadowTables::new(*shape))),
            TableShape::Host(shape) => Table::Host(HostTable::new(*shape)),
        }
    }

    pub fn replay(&mut self, chunk: &Chunk, guest: &Guest) {
        match self {
            Table::Guest(table) => table.replay(&guest.steps),
            Table::Shadow(table) => table.replay(&chunk.runs, &guest.places, &guest.steps),
            Table::Host(table) => table.replay(chunk.owner.vm, guest.tables(), &guest.steps),
        }
    }

    /// What walkers with caches read of the VM that runs.
    pub fn behind<'a>(&'a self, chunk: &Chunk, guest: &'a Guest) -> Option<Behind<'a>> {
        match self {
            Table::Guest(table) => Some(table.behind(guest.tables())),
            Table::Shadow(table) => Some(table.behind()),
            Table::Host(table) => table.behind(chunk.owner.vm, guest.tables()),
        }
    }
}

impl Walker {
    pub fn new(shape: &WalkerShape) -> Walker {
        match shape {
            WalkerShape::Flat(shape) => Walker::Flat(Box::new(FlatWalker::new(*shape))),
            WalkerShape::Nested(shape) => Walker::Nested(Box::new(NestedWalker::new(*shape))),
        }
    }

    pub fn replay(&mut self, misses: &Misses<'_>) {
        match self {
            Walker::Flat(walker) => misses.replay(walker.as_mut()),
            Walker::Nested(walker) => misses.replay(walker.as_mut()),
        }
    }
}

impl Planned {
    /// What the technique of a cell comes to.
    pub fn parts<'a>(&self, walker: &'a Walker, table: Option<&'a Table>) -> Parts<'a> {
        match (walker, table) {
            (Walker::Nested(walker), Some(Table::Host(table))) => Parts::Ept(walker, table),
            (Walker::Flat(walker), Some(Table::Shadow(tables))) => Parts::Shadow(walker, tables),
            (Walker::Flat(walker), _) if self.technique == Technique::Pv => Parts::Pv { walker, batch: self.pv_batch },
            (Walker::Flat(walker), _) => Parts::Native(walker),
            (Walker::Nested(_), _) => unreachable!("the plan gives every nested walker a host table"),
        }
    }
}

/// One of the four techniques, as a cell has it.
#[derive(Debug)]
pub struct BuiltIn {
    cell: Planned,
    table: Option<Table>,
    walker: Walker,
}

impl BuiltIn {
    pub(super) fn new(cell: Planned, plan: &Group) -> BuiltIn {
        let (_, _, walker) = &plan.walkers.list[cell.walker];
        let table = cell.table.map(|table| Table::new(&plan.tables.list[table]));
        BuiltIn { cell, table, walker: Walker::new(walker) }
    }
}

impl Virtualize for BuiltIn {
    fn replay(&mut self, chunk: &Chunk, guest: &Guest, misses: &[u32]) {
        if let Some(table) = &mut self.table {
            table.replay(chunk, guest);
        }
        let behind = self.table.as_ref().and_then(|table| table.behind(chunk, guest));
        self.walker.replay(&Misses::new(chunk, guest, misses, behind));
    }

    fn outcome(&self, guest: &Guest) -> (Counts, Gauges) {
        self.cell.parts(&self.walker, self.table.as_ref()).outcome(guest)
    }
}
