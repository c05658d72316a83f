//! Runs a plan over one trace, in parallel, chunk by chunk; nothing else.

mod feed;
mod infer;
mod plan;
mod reader;
mod timings;
mod watch;

pub use plan::{Cell, Mmu, Passes, Plan, Turns};
pub use timings::Timings;
pub use watch::{Watch, Windows};

use crate::address::PageSize;
use crate::counts::{Counts, Event, Gauge, Gauges};
use crate::error::{Defect, Error, Result};
use crate::guest::{Guest, GuestPages, GuestShape, Inferred, MOST_PROCESSES};
use crate::technique::{GuestNumbers, HostTable, Parts, ShadowTables, Technique};
use crate::tlb::{FirstLevel, SecondLevel, Tlb};
use crate::trace::{Chunk, Op, Owner, Source, Touched};
use crate::walk::{FlatWalker, Misses, NestedWalker, References};
use crate::warnings::Warning;
use feed::{Decoded, Feed};
use plan::{Group, Planned, TableShape, WalkerShape};
use rayon::prelude::*;
use std::sync::Arc;
use std::sync::mpsc::{channel, sync_channel};
use std::time::Duration;
use timings::timed;
use watch::Phase;

/// Chunks decoded ahead of the simulation.
const AHEAD: usize = 4;

/// What a cell came to on one trace.
#[derive(Clone, Debug)]
pub struct Tally {
    pub counts: Counts,
    pub gauges: Gauges,
    /// Why to read them with care, in order.
    pub warnings: Vec<Warning>,
    /// The counts of each interval or window, if any were asked for.
    pub intervals: Vec<Counts>,
    /// The walks' references by table and level; `None` where walks were looked at in windows only.
    pub references: Option<Vec<References>>,
}

enum Table {
    Guest(GuestNumbers),
    Shadow(Box<ShadowTables>),
    Host(HostTable),
}

enum Walker {
    Flat(Box<FlatWalker>),
    Nested(Box<NestedWalker>),
}

/// Opens a trace from its first row.
pub type Open<'a> = dyn Fn() -> Result<Box<dyn Source>> + Sync + 'a;

impl Plan {
    /// Runs every cell over the trace; results are in the order of the cells, and with them where the time went.
    ///
    /// `name` is the trace's, for errors. `watch` says what is counted by itself; calls belong to the access before them. `progress` is told after each chunk how many rows, and
    /// accesses among them, are done, of all copies. Fails as the source does, if the trace holds no access, if an address is
    /// not canonical for the levels of a cell, or if more processes live at once than a tag can tell apart.
    pub fn run(
        &self,
        open: &Open<'_>,
        name: &str,
        watch: Watch,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<(Vec<Tally>, Timings)> {
        let (mut simulations, mut rows, mut accesses, mut timings) = (Vec::new(), 0, 0, Timings::default());
        let inferred = if self.infers_ranges() { infer::inferred(open)?.map(Arc::new) } else { None };
        for (turns, group) in self.groups() {
            let mut simulation = Simulation::new(group, turns, inferred.clone());
            let (levels, every_address) = (group.fewest_guest_levels(), group.needs_every_address());
            let ahead = rayon::current_num_threads() > 1;
            let feed = Feed { open, name, levels, every_address, watch, ahead };
            let mut take = |part: &Decoded| {
                rows += part.rows();
                accesses += part.accesses();
                simulation.take(part, name)?;
                progress(rows, accesses);
                Ok(())
            };
            let decode = match ahead {
                true => beside(|deal| feed.run(turns, deal), take),
                false => feed.run(turns, |part| take(&part).map(|()| part)),
            };
            timings.decode += decode?;
            timings += simulation.timings;
            if simulation.counts()[Event::Accesses] == 0 {
                let found = "the trace holds no load, store or fetch";
                return Err(Defect::new(name, "", found).expected("at least one").into());
            }
            if watch != Watch::Whole {
                simulation.end_stretch();
            }
            simulations.push(simulation);
        }
        Ok((self.cells().iter().map(|&(group, cell)| simulations[group].tally(cell, watch)).collect(), timings))
    }
}

/// Runs `feed` on a thread of its own; `take` gets what it deals out here, and spent parts go back to be filled again.
fn beside(
    feed: impl FnOnce(&mut dyn FnMut(Decoded) -> Result<Decoded>) -> Result<Duration> + Send,
    mut take: impl FnMut(&Decoded) -> Result<()>,
) -> Result<Duration> {
    let stopped = |who: &str| Error::failed("replay a trace", format!("the {who} stopped"));
    std::thread::scope(|scope| {
        let (parts, dealt) = sync_channel(AHEAD);
        let (done, spent) = channel();
        let feed = scope.spawn(move || {
            feed(&mut |part| {
                parts.send(part).map_err(|_| stopped("simulation"))?;
                Ok(spent.try_recv().unwrap_or_default())
            })
        });
        for part in dealt {
            take(&part)?;
            // The feed may be done already and need no more.
            let _ = done.send(part);
        }
        feed.join().map_err(|_| stopped("reader"))?
    })
}

/// Does something with each pass and its shape: side by side, but for one alone, which is not worth waking a thread for.
fn each<T: Send, U: Sync>(passes: &mut [T], shapes: &[U], work: impl Fn(&mut T, &U) + Sync) {
    match (&mut *passes, shapes) {
        ([pass], [shape]) => work(pass, shape),
        _ => passes.par_iter_mut().zip(shapes).for_each(|(pass, shape)| work(pass, shape)),
    }
}

struct Simulation<'a> {
    plan: &'a Group,
    turns: Turns,
    guests: Vec<Guest>,
    tables: Vec<Table>,
    first_levels: Vec<FirstLevel>,
    tlbs: Vec<Tlb>,
    walkers: Vec<Walker>,
    ops: [u64; Op::ALL.len()],
    touched: Touched,
    /// All addresses, or-ed.
    address_bits: u64,
    /// Whether guests with mixed page sizes go by ranges inferred from the accesses.
    inferred: bool,
    phase: Phase,
    /// By cell: its counts when the stretch began.
    starts: Vec<Counts>,
    /// By cell: the counts of each stretch that counts.
    intervals: Vec<Vec<Counts>>,
    timings: Timings,
}

impl<'a> Simulation<'a> {
    fn new(plan: &'a Group, turns: Turns, inferred: Option<Arc<Inferred>>) -> Simulation<'a> {
        let table = |(_, shape): &(usize, TableShape)| match shape {
            TableShape::Guest => Table::Guest(GuestNumbers::default()),
            TableShape::Shadow(shape) => Table::Shadow(Box::new(ShadowTables::new(*shape))),
            TableShape::Host(shape) => Table::Host(HostTable::new(*shape)),
        };
        let walker = |(_, _, shape): &(usize, Option<usize>, WalkerShape)| match shape {
            WalkerShape::Flat(shape) => Walker::Flat(Box::new(FlatWalker::new(*shape))),
            WalkerShape::Nested(shape) => Walker::Nested(Box::new(NestedWalker::new(*shape))),
        };
        let guest = |shape: &GuestShape| Guest::new(*shape, inferred.clone().filter(|_| shape.infer_ranges));
        let tlb = |(first, shape): &(usize, Vec<SecondLevel>)| Tlb::new(&plan.first_levels.list[*first].1, shape);
        Simulation {
            plan,
            turns,
            guests: plan.guests.list.iter().map(guest).collect(),
            tables: plan.tables.list.iter().map(table).collect(),
            first_levels: plan.first_levels.list.iter().map(|(_, key)| FirstLevel::new(key)).collect(),
            tlbs: plan.tlbs.list.iter().map(tlb).collect(),
            walkers: plan.walkers.list.iter().map(walker).collect(),
            ops: Default::default(),
            touched: Touched::default(),
            address_bits: 0,
            inferred: inferred.is_some(),
            phase: Phase::default(),
            starts: vec![Counts::default(); plan.cells.len()],
            intervals: vec![Vec::new(); plan.cells.len()],
            timings: Timings::default(),
        }
    }

    fn take(&mut self, part: &Decoded, name: &str) -> Result<()> {
        if part.begins {
            self.end_stretch();
        }
        self.phase = part.phase;
        for (sum, n) in self.ops.iter_mut().zip(part.ops) {
            *sum += n;
        }
        // Every copy touches what the first one does.
        if part.chunk.owner == Owner::default() {
            for run in &part.chunk.runs {
                self.touched.touch(run.process, run.address.page(PageSize::Size4K));
            }
            self.address_bits |= part.address_bits;
        }
        self.simulate(&part.chunk);
        if self.guests.iter().any(|guest| guest.most_alive() >= MOST_PROCESSES) {
            let found = format!("{MOST_PROCESSES} processes are alive at once");
            let remedy = "fewer processes in the trace, or fewer vms and copies";
            return Err(Defect::new(name, "", found).expected("fewer").remedy(remedy).into());
        }
        Ok(())
    }

    /// Passes of one stage run side by side; a stage begins when the one before it has done the chunk. A stretch that is skipped
    /// misses in no TLB, whose flushes alone then reach the stages behind.
    fn simulate(&mut self, chunk: &Chunk) {
        let skip = self.phase == Phase::Skip;
        let Simulation { plan, guests, tables, first_levels, tlbs, walkers, timings, .. } = self;
        timed(&mut timings.guest, || each(guests, &plan.guests.list, |guest, _| guest.replay(chunk)));
        let guests = &*guests;
        let follow = || {
            each(tables, &plan.tables.list, |table, (guest, _)| {
                let guest = &guests[*guest];
                match table {
                    Table::Guest(table) => table.replay(&guest.steps),
                    Table::Shadow(table) => table.replay(&chunk.runs, &guest.places, &guest.steps),
                    Table::Host(table) => table.replay(chunk.owner.vm, guest.tables(), &guest.steps),
                }
            })
        };
        let look_up = || {
            each(first_levels, &plan.first_levels.list, |first, (guest, _)| {
                let guest = &guests[*guest];
                match skip {
                    true => first.skip(&guest.flushes),
                    false => first.replay(&chunk.runs, &guest.places, &guest.flushes),
                }
            });
            let first_levels = &*first_levels;
            each(tlbs, &plan.tlbs.list, |tlb, (first, _)| {
                let guest = &guests[plan.first_levels.list[*first].0];
                tlb.replay(&first_levels[*first], &chunk.runs, &guest.places, &guest.flushes);
            })
        };
        let (follow, look_up) = (|| timed(&mut timings.tables, follow), || timed(&mut timings.tlb, look_up));
        if plan.tlbs.list.len() > 1 {
            rayon::join(follow, look_up);
        } else {
            follow();
            look_up();
        }
        let tables = &*tables;
        let walk = || {
            each(walkers, &plan.walkers.list, |walker, (tlb, table, _)| {
                let guest = &guests[plan.first_levels.list[plan.tlbs.list[*tlb].0].0];
                let behind = table.and_then(|table| match &tables[table] {
                    Table::Guest(table) => Some(table.behind(guest.tables())),
                    Table::Shadow(table) => Some(table.behind()),
                    Table::Host(table) => table.behind(chunk.owner.vm, guest.tables()),
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
            })
        };
        timed(&mut timings.walk, walk);
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

    fn parts(&self, cell: &Planned) -> Parts<'_> {
        let table = cell.table.map(|table| &self.tables[table]);
        match (&self.walkers[cell.walker], table) {
            (Walker::Nested(walker), Some(Table::Host(table))) => Parts::Ept(walker, table),
            (Walker::Flat(walker), Some(Table::Shadow(tables))) => Parts::Shadow(walker, tables),
            (Walker::Flat(walker), _) if cell.technique == Technique::Pv => Parts::Pv { walker, batch: cell.pv_batch },
            (Walker::Flat(walker), _) => Parts::Native(walker),
            (Walker::Nested(_), _) => unreachable!("the plan gives every nested walker a host table"),
        }
    }

    fn outcome(&self, cell: &Planned) -> (Counts, Gauges) {
        let guest = &self.guests[cell.guest];
        let tlb = self.tlbs[cell.tlb].counts(&self.first_levels[self.plan.tlbs.list[cell.tlb].0]);
        let (mut counts, mut gauges) = self.parts(cell).outcome(guest);
        for part in [&self.counts(), guest.counts(), &tlb] {
            counts += part;
        }
        gauges[Gauge::TouchedBytes] = self.touched.bytes() * self.turns.owners().count() as u64;
        (counts, gauges)
    }

    /// Takes every cell's counts.
    fn end_stretch(&mut self) {
        let ends: Vec<Counts> = self.plan.cells.par_iter().map(|cell| self.outcome(cell).0).collect();
        if self.phase == Phase::Count {
            let stretches = ends.iter().zip(&self.starts).map(|(end, start)| end.since(start));
            self.intervals.iter_mut().zip(stretches).for_each(|(intervals, counts)| intervals.push(counts));
        }
        self.starts = ends;
    }

    fn tally(&self, cell: usize, watch: Watch) -> Tally {
        let intervals = self.intervals[cell].clone();
        let cell = &self.plan.cells[cell];
        let (counts, gauges) = self.outcome(cell);
        let references = (!matches!(watch, Watch::Windows(_))).then(|| self.parts(cell).references());
        Tally { counts, gauges, warnings: self.warnings(cell, &counts), intervals, references }
    }

    fn warnings(&self, cell: &Planned, counts: &Counts) -> Vec<Warning> {
        /// Traces of cache lines have no bits below; user programs' stacks lie above.
        const LINE: u64 = 64;
        const PHYSICAL: u64 = 1 << 36;
        let first = self.plan.tlbs.list[cell.tlb].0;
        let (guest, tlb, key) =
            (&self.plan.guests.list[cell.guest], &self.tlbs[cell.tlb], &self.plan.first_levels.list[first].1);
        let first = &self.first_levels[first];
        let copies = self.turns.owners().count() as u64;
        let pages = match (guest.pages, key.largest) {
            // Of mixed pages, each was faulted in once.
            (GuestPages::Thp, PageSize::Size2M) => counts[Event::GuestFaults],
            (_, PageSize::Size4K) => self.touched.pages() * copies,
            (_, PageSize::Size2M) => self.touched.pages_2m() * copies,
            (_, PageSize::Size1G) => self.touched.pages_1g() * copies,
        };
        let holds = |warning: &Warning| match warning {
            Warning::SinglePage => self.touched.pages() == 1,
            Warning::ShortTrace => pages < 2 * tlb.last_level_entries(first) as u64,
            Warning::NoEviction => tlb.last_level_entries(first) > 0 && !tlb.has_evicted(first),
            Warning::CacheFiltered => self.address_bits.is_multiple_of(LINE),
            Warning::PhysicalAddresses => self.address_bits < PHYSICAL,
            Warning::InferredRanges => self.inferred && guest.infer_ranges,
            // Known where results are priced.
            Warning::Sampled | Warning::AssumedPrices => false,
        };
        Warning::ALL.into_iter().filter(holds).collect()
    }
}
