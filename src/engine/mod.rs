//! Runs a plan over one trace, in parallel, chunk by chunk; nothing else.

mod plan;

pub use plan::{Cell, Mmu, Plan};

use crate::address::{Gva, Level, PageSize};
use crate::counts::{Counts, Event, Gauge, Gauges};
use crate::error::{Defect, Error, Result};
use crate::guest::{Guest, MOST_PROCESSES};
use crate::technique::{GuestNumbers, HostTable, Parts, ShadowTables, Technique};
use crate::tlb::Tlb;
use crate::trace::{Chunk, Op, Row, Source, Touched};
use crate::walk::{FlatWalker, Misses, NestedWalker};
use plan::{Planned, TableShape, WalkerShape};
use rayon::prelude::*;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Chunks decoded ahead of the simulation.
const AHEAD: usize = 4;

enum Table {
    Guest(GuestNumbers),
    Shadow(Box<ShadowTables>),
    Host(HostTable),
}

enum Walker {
    Flat(Box<FlatWalker>),
    Nested(Box<NestedWalker>),
}

/// A stretch of the trace, with how many rows of each operation it holds.
#[derive(Default)]
struct Decoded {
    chunk: Chunk,
    ops: [u64; Op::ALL.len()],
}

impl Plan {
    /// Runs every cell over the trace; results are in the order of the cells.
    ///
    /// `name` is the trace's, for errors. `progress` is told after each chunk how many rows are done. Fails as the source does,
    /// if the trace holds no access, if an address is not canonical for the levels of a cell, or if more processes live at
    /// once than a tag can tell apart.
    pub fn run(
        &self,
        source: Box<dyn Source>,
        name: &str,
        mut progress: impl FnMut(u64),
    ) -> Result<Vec<(Counts, Gauges)>> {
        let mut simulation = Simulation::new(self);
        let levels = self.fewest_guest_levels();
        std::thread::scope(|scope| {
            let (chunks, decoded) = sync_channel(AHEAD);
            let (spent, empty) = sync_channel(AHEAD + 2);
            let reader = scope.spawn(move || decode(source, name, levels, &empty, &chunks));
            let mut rows = 0;
            for part in decoded {
                rows += part.ops.iter().sum::<u64>();
                simulation.replay(&part, name)?;
                progress(rows);
                // The reader may be done already and need no more.
                let _ = spent.send(part);
            }
            reader.join().map_err(|_| Error::failed(format!("read {name}"), "the reader stopped"))?
        })?;
        if simulation.counts()[Event::Accesses] == 0 {
            return Err(Defect::new(name, "", "the trace holds no load, store or fetch")
                .expected("at least one")
                .into());
        }
        Ok(self.cells().map(|cell| simulation.outcome(cell)).collect())
    }
}

/// Reads, checks and collapses the trace ahead of the simulation, into buffers that come back to be used again.
fn decode(
    mut source: Box<dyn Source>,
    name: &str,
    levels: Level,
    empty: &Receiver<Decoded>,
    chunks: &SyncSender<Decoded>,
) -> Result<()> {
    let (mut rows, mut first) = (Vec::new(), 0);
    loop {
        source.fill(&mut rows)?;
        if rows.is_empty() {
            return Ok(());
        }
        if let Some(i) = rows.iter().position(|row| !is_canonical(row, levels)) {
            let found =
                format!("address {:#x} is not canonical for {} levels of paging", rows[i].address, levels.get());
            return Err(Defect::new(name, format!("row {}", first + i as u64), found)
                .expected("bits 47 to 63 all equal")
                .remedy("set guest_levels = 5 if the trace is of a program that uses 57-bit addresses")
                .into());
        }
        first += rows.len() as u64;
        let mut part = empty.try_recv().unwrap_or_default();
        part.ops = Default::default();
        rows.iter().for_each(|row| part.ops[row.op as usize] += 1);
        part.chunk.collapse(&rows);
        if chunks.send(part).is_err() {
            return Ok(()); // The simulation has failed and says so.
        }
    }
}

fn is_canonical(row: &Row, levels: Level) -> bool {
    let last = row.address.wrapping_add(if row.op.is_range() { row.length.saturating_sub(1) } else { 0 });
    Gva::try_new(row.address, levels).is_some() && Gva::try_new(last, levels).is_some()
}

struct Simulation<'a> {
    plan: &'a Plan,
    guests: Vec<Guest>,
    tables: Vec<Table>,
    tlbs: Vec<Tlb>,
    walkers: Vec<Walker>,
    ops: [u64; Op::ALL.len()],
    touched: Touched,
}

impl<'a> Simulation<'a> {
    fn new(plan: &'a Plan) -> Simulation<'a> {
        let table = |(_, shape): &(usize, TableShape)| match shape {
            TableShape::Guest => Table::Guest(GuestNumbers::default()),
            TableShape::Shadow(shape) => Table::Shadow(Box::new(ShadowTables::new(*shape))),
            TableShape::Host(shape) => Table::Host(HostTable::new(*shape)),
        };
        let walker = |(_, _, shape): &(usize, Option<usize>, WalkerShape)| match shape {
            WalkerShape::Flat(shape) => Walker::Flat(Box::new(FlatWalker::new(*shape))),
            WalkerShape::Nested(shape) => Walker::Nested(Box::new(NestedWalker::new(*shape))),
        };
        Simulation {
            plan,
            guests: plan.guests.list.iter().map(|shape| Guest::new(*shape)).collect(),
            tables: plan.tables.list.iter().map(table).collect(),
            tlbs: plan.tlbs.list.iter().map(|(_, key)| Tlb::new(key)).collect(),
            walkers: plan.walkers.list.iter().map(walker).collect(),
            ops: Default::default(),
            touched: Touched::default(),
        }
    }

    fn replay(&mut self, part: &Decoded, name: &str) -> Result<()> {
        for (sum, n) in self.ops.iter_mut().zip(part.ops) {
            *sum += n;
        }
        for run in &part.chunk.runs {
            self.touched.touch(run.process, run.address.page(PageSize::Size4K));
        }
        self.simulate(&part.chunk);
        if self.guests.iter().any(|guest| guest.most_alive() >= MOST_PROCESSES) {
            let found = format!("{MOST_PROCESSES} processes are alive at once");
            return Err(Defect::new(name, "", found).expected("fewer").into());
        }
        Ok(())
    }

    /// Passes of one stage run side by side; a stage begins when the one before it has done the chunk.
    fn simulate(&mut self, chunk: &Chunk) {
        let Simulation { plan, guests, tables, tlbs, walkers, .. } = self;
        guests.par_iter_mut().for_each(|guest| guest.replay(chunk));
        let guests = &*guests;
        rayon::join(
            || {
                tables.par_iter_mut().zip(&plan.tables.list).for_each(|(table, (guest, _))| {
                    let guest = &guests[*guest];
                    match table {
                        Table::Guest(table) => table.replay(&guest.steps),
                        Table::Shadow(table) => table.replay(&chunk.runs, &guest.places, &guest.steps),
                        Table::Host(table) => table.replay(guest.tables(), &guest.steps),
                    }
                })
            },
            || {
                tlbs.par_iter_mut().zip(&plan.tlbs.list).for_each(|(tlb, (guest, _))| {
                    let guest = &guests[*guest];
                    tlb.replay(&chunk.runs, &guest.places, &guest.flushes);
                })
            },
        );
        let tables = &*tables;
        walkers.par_iter_mut().zip(&plan.walkers.list).for_each(|(walker, (tlb, table, _))| {
            let guest = &guests[plan.tlbs.list[*tlb].0];
            let behind = table.and_then(|table| match &tables[table] {
                Table::Guest(table) => Some(table.behind(guest.tables())),
                Table::Shadow(table) => Some(table.behind()),
                Table::Host(table) => table.behind(guest.tables()),
            });
            let misses = Misses {
                chunk,
                places: &guest.places,
                flushes: &guest.flushes,
                misses: &tlbs[*tlb].misses,
                guest: guest.tables(),
                behind,
            };
            match walker {
                Walker::Flat(walker) => misses.replay(walker.as_mut()),
                Walker::Nested(walker) => misses.replay(walker.as_mut()),
            }
        });
    }

    /// What the trace alone decides.
    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        counts[Event::Loads] = self.ops[Op::Load as usize];
        counts[Event::Stores] = self.ops[Op::Store as usize];
        counts[Event::Fetches] = self.ops[Op::Fetch as usize];
        counts[Event::Accesses] = counts.sum(&[Event::Loads, Event::Stores, Event::Fetches]);
        counts
    }

    fn outcome(&self, cell: &Planned) -> (Counts, Gauges) {
        let (guest, tlb) = (&self.guests[cell.guest], &self.tlbs[cell.tlb]);
        let table = cell.table.map(|table| &self.tables[table]);
        let parts = match (&self.walkers[cell.walker], table) {
            (Walker::Nested(walker), Some(Table::Host(table))) => Parts::Ept(walker, table),
            (Walker::Flat(walker), Some(Table::Shadow(tables))) => Parts::Shadow(walker, tables),
            (Walker::Flat(walker), _) if cell.technique == Technique::Pv => Parts::Pv { walker, batch: cell.pv_batch },
            (Walker::Flat(walker), _) => Parts::Native(walker),
            (Walker::Nested(_), _) => unreachable!("the plan gives every nested walker a host table"),
        };
        let (mut counts, mut gauges) = parts.outcome(guest);
        for part in [&self.counts(), guest.counts(), tlb.counts()] {
            counts += part;
        }
        gauges[Gauge::TouchedBytes] = self.touched.pages() * PageSize::Size4K.bytes();
        (counts, gauges)
    }
}
